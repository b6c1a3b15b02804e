"""What decides: plain Python, standard library only. No clock, no database, no request reaches it."""
