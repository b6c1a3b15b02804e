"""Decides the four criteria, one module each; every rule answers with its reasons."""
