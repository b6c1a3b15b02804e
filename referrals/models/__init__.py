"""Rows: what the service remembers. No behavior beyond turning into a domain value."""

from referrals.models import assessment, diagnosis, door, organization, patient, referral, trail, user
from referrals.models.base import Base

__all__ = ["Base", "assessment", "diagnosis", "door", "organization", "patient", "referral", "trail", "user"]
