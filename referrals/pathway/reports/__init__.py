"""Reads what each report is worked out from: lean columns, in a number of statements that never grows."""
