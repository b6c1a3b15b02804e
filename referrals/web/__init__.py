"""The dashboard door: pages for people, complete without JavaScript."""
