"""Journeys go through the doors: the partners of the API tests drive them."""

from tests.api.conftest import app, coordinator, db, hillcrest, lakeside, lead, partner, stranger, world

__all__ = ["app", "coordinator", "db", "hillcrest", "lakeside", "lead", "partner", "stranger", "world"]
