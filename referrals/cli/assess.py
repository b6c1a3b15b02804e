"""`assess`: judges one case from a file and stores nothing."""

import json
from collections.abc import Mapping
from typing import IO, Any

import click
from flask.cli import with_appcontext
from rich.console import Console
from rich.table import Table
from sqlalchemy import select

from referrals.boundary import clock, strict_json
from referrals.boundary.answers import priority_answer
from referrals.boundary.schemas.fields import load
from referrals.boundary.schemas.packet import Case
from referrals.cli.terminal import open_database, refusals
from referrals.domain.assessment import Assessment, assess as judge
from referrals.domain.case import case_from
from referrals.domain.errors import FieldError, Invalid, gathered, refuse_unless_clean
from referrals.domain.packet import faults
from referrals.domain.policy import Policy, default_policy
from referrals.models.organization import Network
from referrals.pathway.chart import undescribed
from referrals.pathway.rules import policy_version

NOTICE = "Demonstration content: no clinician has signed these lists, thresholds and targets."
VERDICTS = {"met": "met", "not_met": "not met", "unknown": "not known yet"}


@click.command("assess")
@click.argument("file", type=click.File("rb"))
@click.option("--policy", "version", metavar="V", help="A version of the priority policy; the default one else.")
@click.option("--json", "as_json", is_flag=True, help="Answer as POST /assess does.")
@with_appcontext
def assess(file: IO[bytes], version: str | None, as_json: bool) -> None:
    """Judge the case in FILE (the shape of POST /assess): its tier, with the reasons."""
    with refusals():
        verdict = judged(read(strict_json.read_object(file.read()), version), version)
    told = priority_answer(verdict.to_json(), due_at=None)
    if as_json:
        click.echo(json.dumps({"priority": told}, ensure_ascii=False, indent=2))
    else:
        show(Console(highlight=False), told)


def read(sent: Mapping[str, Any], version: str | None) -> dict[str, Any]:
    """The case, or everything that is wrong with it, its policy's name included."""

    def unknown_policy(sound: Mapping[str, Any]) -> list[FieldError]:
        found: list[FieldError] = []
        with gathered(found):
            policy_of(version or sound.get("policy"))
        return found

    return load(Case(), sent, today=clock.now().date(), also=unknown_policy)


def judged(sent: Mapping[str, Any], version: str | None) -> Assessment:
    today = clock.now().date()
    found = faults(sent, today, submitting=False, by_client=False)
    found += undescribed(sent["diagnosis"], found)
    policy = default_policy()
    with gathered(found):
        policy = policy_of(version or sent.get("policy"))
    refuse_unless_clean(found)
    return judge(case_from(sent, today), policy)


def policy_of(version: str | None) -> Policy:
    """The default policy is in the package, so that judging needs no database; others are kept in one."""
    default = default_policy()
    if version in (None, default.version):
        return default
    with open_database().reading() as session:
        for network in session.scalars(select(Network.id).order_by(Network.id)).all():
            if found := policy_version(session, network, str(version)):
                return found
    raise Invalid([FieldError("/policy", "unknown", "There is no such version of the policy.")])


def show(console: Console, told: Mapping[str, Any]) -> None:
    provisional = ", provisional" if told["provisional"] else ""
    console.print(f"{told['tier']}  {told['label']}{provisional}  (policy {told['policy']})", style="bold")
    console.print(criteria(told))
    if told["missing"]:
        console.print(f"Between {told['range']['soonest']} and {told['range']['latest']} once this is known:")
        for item in told["missing"]:
            console.print(f"  {item['path']}: could become {', '.join(item['could_change_tier_to'])}")
    for flag in told["flags"]:
        console.print(f"Look at {flag['path'] or 'the whole'}: {flag['message']}")
    console.print(NOTICE, style="dim")


def criteria(told: Mapping[str, Any]) -> Table:
    table = Table("criterion", "verdict", "because", "rule", box=None, pad_edge=False)
    for each in told["criteria"]:
        table.add_row(each["criterion"], VERDICTS[each["verdict"]], each["because"], each["rule"] or "")
    return table
