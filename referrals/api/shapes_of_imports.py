"""What is answered of imports and of the receipts of their lines, field by field."""

from marshmallow import fields as plain

from referrals.api.shape_parts import maybe, there
from referrals.boundary.schemas.fields import Body, Id, Instant, Part, Whole, words_of
from referrals.domain.imports import ImportFault, ImportForm, ImportStatus, LineOutcome
from referrals.domain.lifecycle import Status
from referrals.domain.vocabulary import Tier

MOST = 2**63


class ImportProgress(Body):
    """How far the file is read: the number of the last line, the byte behind it, and that in percent of all bytes."""

    line = there(Whole, 0, MOST)
    byte = there(Whole, 0, MOST)
    percent = there(Whole, 0, 100)


class ImportCounts(Body):
    """How many lines have a receipt, and how many of each outcome."""

    lines = there(Whole, 0, MOST)
    accepted = there(Whole, 0, MOST)
    identity_check = there(Whole, 0, MOST)
    already_here = there(Whole, 0, MOST)
    refused = there(Whole, 0, MOST)


class ImportSender(Body):
    name = there(plain.String)
    user = maybe(Id)
    client = maybe(Id)


class ImportOut(Body):
    """One file on its way in. `lines` that say something; `fault` where it failed."""

    id = there(Id)
    version = there(Whole, 1, 2**31)
    status = there(words_of, ImportStatus)
    form = there(words_of, ImportForm)
    size = there(Whole, 1, MOST)
    sha256 = there(plain.String)
    lines = there(Whole, 1, MOST)
    progress = there(Part, ImportProgress)
    counts = there(Part, ImportCounts)
    fault = maybe(words_of, ImportFault)
    note = maybe(plain.String)
    asked_at = there(Instant)
    asked_by = there(Part, ImportSender)
    started_at = maybe(Instant)
    finished_at = maybe(Instant)
    receipts = there(plain.String)


class LineReason(Body):
    """One thing that is wrong with a line: where, what, and in words; never the value."""

    pointer = there(plain.String)
    code = there(plain.String)
    message = there(plain.String)


class LineReceiptOut(Body):
    """The receipt of one line. `status` and `tier` as they were when it was read."""

    line = there(Whole, 1, MOST)
    outcome = there(words_of, LineOutcome)
    external_reference = there(plain.String)
    referral = maybe(Id)
    reference = maybe(plain.String)
    status = maybe(words_of, Status)
    tier = maybe(words_of, Tier)
    reasons = there(plain.List, Part(LineReason))
