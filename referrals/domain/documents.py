"""Files that travel with a referral: which forms are taken, what a file may be called, and when it is handed out."""

import codecs
import re
import unicodedata
from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType

from referrals.domain.errors import FieldError, Invalid


class ScanState(StrEnum):
    WAITING = "waiting"
    CLEAN = "clean"
    QUARANTINED = "quarantined"
    NOT_SCANNED = "not_scanned"


# What nobody has called harmful. A file that waits for the scanner is handed out when the scanner has seen it.
HANDED_OUT = frozenset({ScanState.CLEAN, ScanState.NOT_SCANNED})

PLAIN_TEXT = "text/plain"
# How a form of file is told from its first bytes: where they stand, and what they are. No archive is among them:
# what lies in one is not known until it is unpacked, and nothing is unpacked here.
MAGICS: tuple[tuple[int, bytes, str], ...] = (
    (0, b"%PDF-", "application/pdf"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"II*\x00", "image/tiff"),
    (0, b"MM\x00*", "image/tiff"),
    (128, b"DICM", "application/dicom"),
)
HEAD = max(place + len(magic) for place, magic, _ in MAGICS)

# What a name of each form ends with, the usual one first.
ENDINGS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "application/pdf": (".pdf",),
        "image/png": (".png",),
        "image/jpeg": (".jpg", ".jpeg"),
        "image/tiff": (".tif", ".tiff"),
        "application/dicom": (".dcm",),
        PLAIN_TEXT: (".txt",),
    }
)
TAKEN = "PDF, PNG, JPEG, TIFF, DICOM or plain text in UTF-8"

LONGEST_NAME = 150
UNNAMED = "document"
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f]")
_FORBIDDEN = str.maketrans(dict.fromkeys('<>:"|?*', "_"))
_SPACES = frozenset({"Zs", "Zl", "Zp"})


class WrongForm(Invalid):
    """The bytes are of none of the forms that are taken, whatever the file is called."""

    code = "unsupported_media_type"

    def __init__(self) -> None:
        message = f"Send {TAKEN}. Save a file of a word processor as PDF first."
        super().__init__([FieldError("/file", self.code, message)])
        self.message = message


class TooLarge(Invalid):
    """The file is larger than one may be."""

    code = "too_large"

    def __init__(self, limit: int) -> None:
        message = f"A file may have {size_words(limit)} at most."
        super().__init__([FieldError("/file", self.code, message)])
        self.message = message


def media_type_of(chunks: Iterable[bytes]) -> str | None:
    """What the bytes are; what a file is called or its sender says of it decides nothing."""
    head, writing = b"", _Writing()
    for chunk in chunks:
        head += chunk[: max(0, HEAD - len(head))]
        writing.read(chunk)
        if len(head) >= HEAD and not writing.is_so:
            break
    writing.read(b"", final=True)
    return _by_magic(head) or (PLAIN_TEXT if writing.is_so else None)


def _by_magic(head: bytes) -> str | None:
    return next((form for place, magic, form in MAGICS if head[place : place + len(magic)] == magic), None)


class _Writing:
    """Whether bytes that come in pieces are text that people write, in UTF-8."""

    def __init__(self) -> None:
        self.is_so = True
        self._decoder = codecs.getincrementaldecoder("utf-8")()

    def read(self, chunk: bytes, *, final: bool = False) -> None:
        try:
            self.is_so = self.is_so and not _CONTROL.search(self._decoder.decode(chunk, final))
        except UnicodeDecodeError:
            self.is_so = False


def safe_name(sent: str | None) -> str:
    """The last part of the name, without signs that nobody sees or that mean something to a file system."""
    last = (sent or "").replace("\\", "/").rpartition("/")[2]
    signs = (_shown(sign) for sign in unicodedata.normalize("NFC", last))
    name = " ".join("".join(signs).translate(_FORBIDDEN).split()).strip(". ")
    return _shortened(name) or UNNAMED


def _shown(sign: str) -> str:
    category = unicodedata.category(sign)
    if category in _SPACES or sign in "\t\n\r":
        return " "
    return "" if category.startswith("C") else sign


def _shortened(name: str) -> str:
    stem, dot, ending = name.rpartition(".")
    if len(name) <= LONGEST_NAME or not dot or len(ending) > 10:
        return name[:LONGEST_NAME].strip()
    return f"{stem[: LONGEST_NAME - len(ending) - 1].strip()}.{ending}"


def name_to_save(name: str, media_type: str) -> str:
    """The name as it is handed out: it always ends as its form does, so that no machine takes it for another."""
    endings = ENDINGS[media_type]
    return name if name.lower().endswith(endings) else name + endings[0]


def size_words(size: int) -> str:
    """ "812 bytes", "47 KB", "3.4 MB"."""
    if size < 1024:
        return f"{size} bytes" if size != 1 else "1 byte"
    if size < 1 << 20:
        return f"{size / 1024:.0f} KB"
    megabytes = f"{size / (1 << 20):.1f}".removesuffix(".0")
    return f"{megabytes} MB"
