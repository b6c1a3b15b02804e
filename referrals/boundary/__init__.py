"""Translates: what two or more doors share."""
