"""The languages of a letter: its sentences from a catalog, its dates from the calendar of its readers."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from gettext import NullTranslations
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.dates import format_date
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

from referrals.domain.letters import Language

# English is what the code says; every other language has a catalog here.
CATALOGS = Path(__file__).parent / "translations"


@dataclass(frozen=True)
class Tongue:
    """`gettext` is called by that name because the messages are looked for by it."""

    language: Language
    zone: ZoneInfo
    catalog: NullTranslations

    def gettext(self, message: str) -> str:
        return self.catalog.gettext(message)

    def day(self, at: datetime) -> str:
        """ "November 25, 2026", "25 de noviembre de 2026": the day it was where the network is."""
        return format_date(at.astimezone(self.zone), format="long", locale=self.language)


def tongue(language: Language, zone: ZoneInfo) -> Tongue:
    return Tongue(language, zone, NullTranslations() if language is Language.ENGLISH else _catalog(language))


@lru_cache
def _catalog(language: Language) -> NullTranslations:
    """Read from what people write, so that no compiled copy can be older than it."""
    with (CATALOGS / f"{language}.po").open("rb") as written:
        catalog = read_po(written, locale=language)
    compiled = BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return Translations(compiled)
