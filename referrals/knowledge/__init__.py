"""Knows: the published tables that the rules and the forms read, each with its source (README.md), loaded when first asked."""
