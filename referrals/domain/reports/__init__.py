"""What is measured: each report works its figures out from rows that somebody else has read."""
