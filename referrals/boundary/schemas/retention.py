"""What is sent to set a legal hold, and to lift it."""

from referrals.boundary.schemas.break_glass import Reason
from referrals.boundary.schemas.fields import LINE, Body, Words
from referrals.domain.retention import LONGEST_REASON

HoldSent = Body.from_dict(
    {"reference": Words(LINE, required=True), "reason": Reason(LONGEST_REASON, required=True)}, name="HoldSent"
)
LiftSent = Body.from_dict({"reason": Reason(LONGEST_REASON, required=True)}, name="LiftSent")
