"""Proves the invariants of the service on the rows as they are, and names each row that breaks one."""
