"""Rows: what the service remembers. No behavior beyond turning into a domain value."""

from referrals.models import (
    assessment,
    contact,
    diagnosis,
    door,
    letter,
    opinion,
    organization,
    patient,
    referral,
    trail,
    user,
)
from referrals.models.base import Base

__all__ = [
    "Base",
    "assessment",
    "contact",
    "diagnosis",
    "door",
    "letter",
    "opinion",
    "organization",
    "patient",
    "referral",
    "trail",
    "user",
]
