"""The terminal door: `flask --app wsgi COMMAND`. Exit status 0 on success, 1 on refusals, 2 on wrong use."""
