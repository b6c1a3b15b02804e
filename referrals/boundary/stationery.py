"""What every letter of this instance has in common, as its settings say."""

from config import Settings
from referrals.pathway.mail import Stationery


def stationery(settings: Settings) -> Stationery | None:
    """None where mail is off."""
    if not settings.smtp_url:
        return None
    return Stationery(settings.mail_from or "", settings.base_url or "", settings.secret_key)
