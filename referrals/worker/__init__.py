"""The clock's door: small jobs that may run any number of times, from any number of workers at once."""
