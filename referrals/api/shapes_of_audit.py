"""What is answered of the audit, field by field."""

from marshmallow import fields as plain

from referrals.api.shape_parts import maybe, there
from referrals.boundary.schemas.fields import Body, Id, Instant, Items, Part, Whole


class AuditNameOut(Body):
    id = there(Id)
    name = maybe(plain.String)


class AuditActorOut(Body):
    """A person, a partner system, or both: a system that acted in the name of a person. Neither: the service itself."""

    user = maybe(Part, AuditNameOut)
    client = maybe(Part, AuditNameOut)
    organization = maybe(Part, AuditNameOut)


class AuditEntryOut(Body):
    """Who did what to which rows. `detail` holds codes, such as the endpoint that was denied; never what was sent."""

    number = there(Whole, 1, 2**63 - 1)
    at = there(Instant)
    actor = there(Part, AuditActorOut)
    action = there(plain.String)
    entity = there(plain.String)
    ids = there(Items, plain.String())
    request_id = maybe(plain.String)
    detail = there(plain.Dict)
