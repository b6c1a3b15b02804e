"""What is answered of what goes along with a referral: documents and calls."""

from marshmallow import fields as plain

from referrals.api.shape_parts import maybe, there
from referrals.boundary.schemas.fields import Body, Id, Instant, Part, Whole, words_of
from referrals.domain import vocabulary as known
from referrals.domain.documents import ScanState


class ContactOut(Body):
    """One attempt to reach somebody."""

    id = there(Id)
    with_ = there(words_of, known.ContactWith, data_key="with")
    channel = there(words_of, known.Channel)
    outcome = there(words_of, known.ContactOutcome)
    person = maybe(plain.String)
    text = maybe(plain.String)
    at = there(Instant)
    author = there(plain.String)
    organization = there(Id)
    recorded_at = there(Instant)


class Attacher(Body):
    name = there(plain.String)
    user = maybe(Id)
    client = maybe(Id)
    organization = there(Id)


class DocumentOut(Body):
    """What is known of a file; `scan` says whether anybody has looked for harm in it."""

    id = there(Id)
    version = there(Whole, 1, 2**31)
    referral = there(Id)
    kind = there(words_of, known.DocumentKind)
    name = there(plain.String)
    media_type = there(plain.String)
    size = there(Whole, 1, 2**50)
    sha256 = there(plain.String)
    scan = there(words_of, ScanState)
    attached_by = there(Part, Attacher)
    attached_at = there(Instant)
