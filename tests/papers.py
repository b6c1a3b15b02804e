"""Files to attach, and how a partner sends one."""

from io import BytesIO
from typing import Any

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
# The first bytes of each form that is taken, and what it is.
FORMS = {
    "report.pdf": (PDF, "application/pdf"),
    "scan.png": (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "image/png"),
    "scan.jpeg": (b"\xff\xd8\xff\xe0\x00\x10JFIF", "image/jpeg"),
    "scan.tif": (b"II*\x00\x08\x00\x00\x00", "image/tiff"),
    "slice.dcm": (b"\x00" * 128 + b"DICM\x02\x00", "application/dicom"),
    "letter.txt": ("Dear colleague, the margin is free: 3 µm.\n".encode(), "text/plain"),
}


def form(content: bytes = PDF, name: str = "report.pdf", **fields: Any) -> dict[str, Any]:
    """What a test client sends as multipart."""
    sent = {"kind": "pathology", **fields}
    return {"data": {**{key: value for key, value in sent.items() if value}, "file": (BytesIO(content), name)}}
