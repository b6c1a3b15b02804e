"""What a report of a changed condition has changed, in words."""

from collections.abc import Iterator, Mapping
from typing import Any

from referrals.web import paths
from referrals.web.presenters.problems import ProblemPage


def changed_page(referral: Mapping[str, Any], data: Mapping[str, Any], tiers: Mapping[str, str]) -> ProblemPage:
    """`data` is that of the event by which the facts were updated; empty where no fact has changed."""
    title = f"Reported: {referral['reference']}"
    said = tuple(_said(referral, data, tiers))
    return ProblemPage(200, title, said, "Back to the referral", paths.referral(referral["id"]), "check")


def _said(referral: Mapping[str, Any], data: Mapping[str, Any], tiers: Mapping[str, str]) -> Iterator[str]:
    changes = tuple(data.get("changes") or ())
    yield from changes
    tier = (referral.get("priority") or {}).get("tier")
    if tier and not any(change.startswith("The priority") for change in changes):
        yield f"The priority stays {tier} {tiers.get(tier, '')}."
    if data.get("center_confirms"):
        yield "The center has to confirm that it still answers."
    owner, center = ((referral.get(part) or {}).get("name") for part in ("owner", "center"))
    yield f"{' and '.join(name for name in (owner or 'The network', center) if name)} will be told."
