"""What comes with a file."""

from referrals.boundary.schemas.fields import Body, Bytes, words_of
from referrals.domain.vocabulary import DocumentKind


class NewDocument(Body):
    """One file and what it is; sent as a form."""

    file = Bytes(required=True)
    kind = words_of(DocumentKind, required=True)
