"""The keys that the settings name; in production none is made by itself, and none that others may read is used."""

from config import Settings
from referrals.models.keys import KeyFolder, Keys

FOLDER = "keys"


def keys_of(settings: Settings) -> Keys:
    folder = settings.key_dir or settings.data_dir / FOLDER
    return Keys(settings.secret_key, KeyFolder(folder, is_strict=settings.in_production))
