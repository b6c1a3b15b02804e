"""The step table, read against an independent transcription of the design."""

from itertools import product

import pytest

from referrals.domain.errors import Forbidden, NotAllowedNow
from referrals.domain.lifecycle import (
    ENDED,
    ENDING_STEPS,
    OPEN,
    STATUSES,
    STEPS,
    Situation,
    Status,
    Target,
    center_is_working,
    is_interested,
    next_action,
    open_steps,
    take,
    unmet_proviso,
    waiting_on,
)
from referrals.domain.people import Party
from referrals.domain.step_words import STEP_WORDS
from referrals.domain.vocabulary import AskedParty


def words(text):
    return set(text.split())


ANY_OPEN = (
    "draft submitted in_triage information_requested ready offered accepted in_review opinion_issued acknowledged"
)
AFTER_DRAFT_BEFORE_OPINION = "submitted in_triage information_requested ready offered accepted in_review"
ASKING = "in_triage ready offered accepted in_review"

# step: one "from → to : who" a line. "(center)" and "(no center)" is whether a center works behind a question,
# "(flagged)" whether a withdrawal was asked for.
TABLE = {
    "submit": ["draft → submitted : R"],
    "claim": ["submitted → in_triage : C L"],
    "release": ["in_triage → submitted : C L"],
    "request-information": [f"{ASKING} → ask : C L K S"],
    "answer-information": [f"information_requested {ASKING} → resume : R C"],
    "proceed-without": ["information_requested → resume : C L K S"],
    "update-facts": [f"{AFTER_DRAFT_BEFORE_OPINION} → same : R C S"],
    "complete-triage": ["in_triage → ready : C L"],
    "decline": ["submitted in_triage ready information_requested → declined : L C"],
    "contest": ["declined → in_triage : R"],
    "offer": ["ready → offered : C"],
    "accept": ["offered → accepted : K S"],
    "decline-offer": ["offered → ready : K S"],
    "lapse": ["offered → ready : T"],
    "withdraw-offer": ["offered → ready : C"],
    "start-review": ["accepted → in_review : K S"],
    "change-specialist": ["in_review → same : K S"],
    "return": ["accepted in_review information_requested (center) → ready : K S"],
    "recall": ["accepted in_review information_requested (center) → ready : C L"],
    "interim-advice": ["in_review → same : S"],
    "undo": ["accepted ready → offered : K S"],
    "extend": ["information_requested → same : C L"],
    "sign-opinion": ["in_review → opinion_issued : S"],
    "amend-opinion": ["opinion_issued acknowledged closed → opinion_issued : S"],
    "acknowledge": ["opinion_issued → acknowledged : R"],
    "close": ["acknowledged → closed : R C", "opinion_issued → closed : L"],
    "withdraw": ["draft submitted in_triage ready offered information_requested (no center) → withdrawn : R"],
    "request-withdrawal": ["accepted in_review information_requested (center) (not flagged) → same : R C"],
    "confirm-withdrawal": ["accepted in_review information_requested (center) (flagged) → withdrawn : K S C"],
    "cancel": [f"{ANY_OPEN} → cancelled : C L"],
    "change-clinician": [f"{ANY_OPEN} → same : R C"],
    "join": [f"{ANY_OPEN} → same : R C"],
    "mark-error": [f"{ANY_OPEN} closed declined withdrawn cancelled → entered_in_error : A"],
    "reopen": ["closed withdrawn cancelled → same : R C"],
    "reassess": [f"{ANY_OPEN} → same : T C L"],
    "override": [f"{ANY_OPEN} → same : T C L"],
    "assign-owner": [f"{ANY_OPEN} → same : T C L"],
}

# The steps that api.md gives a body to; `lapse` is the clock's alone.
STEPS_OF_THE_API = words("""
    submit claim release complete-triage confirm-withdrawal reassess undo accept override assign-owner change-clinician
    join update-facts request-information answer-information proceed-without extend decline contest reopen
    interim-advice offer decline-offer return withdraw-offer recall mark-error start-review change-specialist
    sign-opinion amend-opinion acknowledge close withdraw request-withdrawal cancel
""")

SITUATIONS = [
    Situation(resume, flagged)
    for resume, flagged in product([None, Status.IN_TRIAGE, Status.ACCEPTED, Status.IN_REVIEW], [False, True])
]


def expected(step, status, party, situation, blocking):
    """What the transcription says: a status, "forbidden" or "not now"."""
    lines = [parse(line) for line in TABLE[step]]
    mine = [line for line in lines if party in line[2]]
    if not mine:
        return "forbidden"
    for sources, target, _, conditions in mine:
        if status in sources and all(holds(condition, status, situation) for condition in conditions):
            return landing(target, status, situation, blocking or step == "proceed-without")
    return "not now"


def parse(line):
    path, _, who = line.partition(" : ")
    left, _, target = path.partition(" → ")
    conditions = [name for name in ("(center)", "(no center)", "(flagged)", "(not flagged)") if name in left]
    for name in conditions:
        left = left.replace(name, "")
    return left.split(), target, who.split(), conditions


def holds(condition, status, situation):
    where = situation.resume if status == "information_requested" else status
    works = where in ("accepted", "in_review")
    return {
        "(center)": works,
        "(no center)": not works,
        "(flagged)": situation.withdrawal_requested,
        "(not flagged)": not situation.withdrawal_requested,
    }[condition]


def landing(target, status, situation, blocking):
    if target == "same" or (target in ("ask", "resume") and not blocking):
        return status
    return {"ask": "information_requested", "resume": situation.resume}.get(target, target)


def taken(step, status, party, situation, blocking):
    try:
        return take(step, status, {party}, situation, blocking=blocking)
    except Forbidden:
        return "forbidden"
    except NotAllowedNow as refusal:
        return "not now" if (refusal.step, refusal.status) == (step, status) else "refused in another's name"


@pytest.mark.parametrize(("step", "status"), list(product(sorted(TABLE), Status)))
def test_a_step_is_taken_exactly_as_the_table_says(step, status):
    for party, situation, blocking in product(Party, SITUATIONS, [False, True]):
        if situation.resume is None and (blocking or step == "proceed-without"):
            continue
        assert taken(step, status, party, situation, blocking) == expected(step, status, party, situation, blocking)


@pytest.mark.parametrize(("status", "party", "situation"), list(product(Status, Party, SITUATIONS)))
def test_a_step_is_offered_exactly_when_it_may_be_taken(status, party, situation):
    remembered = Situation(situation.resume or Status.READY, situation.withdrawal_requested)
    offered = {rule.name for rule in open_steps(status, {party}, remembered)}
    possible = {name for name in STEPS if taken(name, status, party, remembered, False) not in ("forbidden", "not now")}
    assert offered == possible


def test_the_steps_are_those_of_the_api_and_the_lapse_of_an_offer():
    assert set(STEPS) == set(TABLE) == STEPS_OF_THE_API | {"lapse"}


def test_somebody_who_never_takes_the_step_is_told_so_before_the_status_is_looked_at():
    with pytest.raises(Forbidden, match="taken by a coordinator or a clinical lead"):
        take("claim", Status.CLOSED, {Party.R})


def test_nobody_at_all_takes_no_step():
    for name in STEPS:
        with pytest.raises(Forbidden):
            take(name, Status.DRAFT, frozenset())


def test_of_several_parties_any_one_is_enough():
    assert take("close", Status.OPINION_ISSUED, {Party.C, Party.L}) == Status.CLOSED


def test_an_answer_cannot_return_to_a_status_that_nobody_remembered():
    with pytest.raises(ValueError, match="remembered"):
        take("proceed-without", Status.INFORMATION_REQUESTED, {Party.C})


def reached_from(status):
    seen, frontier = {status}, [status]
    while frontier:
        here = frontier.pop()
        for name, situation in product(STEPS, (Situation(Status.READY), Situation(Status.IN_REVIEW, True))):
            after = next((s for p in Party if (s := taken(name, here, p, situation, True)) in set(Status)), None)
            if after is not None and after not in seen:
                seen.add(after)
                frontier.append(after)
    return seen


@pytest.mark.parametrize("status", sorted(OPEN))
def test_every_living_referral_can_reach_an_answer_and_an_end(status):
    assert reached_from(status) >= {Status.CLOSED, Status.CANCELLED, Status.ENTERED_IN_ERROR}


def test_every_status_can_be_reached_from_a_draft():
    assert reached_from(Status.DRAFT) == set(Status)


@pytest.mark.parametrize("status", Status)
def test_the_step_that_is_awaited_is_open_to_the_party_whose_turn_it_is(status):
    turn = {"referrer": {Party.R}, "third_party": {Party.C}, "coordinator": {Party.C}, "center": {Party.K, Party.S}}
    awaited = next_action(status)
    assert (awaited is None) == (status in ENDED)
    if awaited is not None:
        parties = turn[waiting_on(status)]
        assert awaited in {rule.name for rule in open_steps(status, parties, Situation(Status.READY))}


def test_a_withdrawal_that_was_asked_for_is_what_the_center_must_answer():
    assert next_action(Status.IN_REVIEW, withdrawal_requested=True) == "confirm-withdrawal"
    assert next_action(Status.READY, withdrawal_requested=True) == "offer"


@pytest.mark.parametrize(
    ("status", "turn", "core"),
    [
        ("draft", "referrer", "draft"),
        ("submitted", "coordinator", "open"),
        ("in_triage", "coordinator", "open"),
        ("information_requested", "referrer", "action_required"),
        ("ready", "coordinator", "open"),
        ("offered", "center", "open"),
        ("accepted", "center", "open"),
        ("in_review", "center", "in_review"),
        ("opinion_issued", "referrer", "answered"),
        ("acknowledged", "referrer", "answered"),
        ("closed", None, "closed"),
        ("declined", None, "ended"),
        ("withdrawn", None, "ended"),
        ("cancelled", None, "ended"),
        ("entered_in_error", None, "ended"),
    ],
)
def test_each_status_says_whose_turn_it_is_and_what_partners_see(status, turn, core):
    assert (waiting_on(Status(status)), STATUSES[Status(status)].core_status) == (turn, core)


def test_no_status_was_left_out():
    assert set(STATUSES) == set(Status)
    assert (
        {s for s in Status if s not in OPEN} == ENDED == words("closed declined withdrawn cancelled entered_in_error")
    )


@pytest.mark.parametrize("asked", AskedParty)
def test_a_blocking_question_makes_it_the_turn_of_whoever_was_asked(asked):
    turn = "referrer" if asked == "referrer" else "third_party"
    assert waiting_on(Status.INFORMATION_REQUESTED, asked) == turn
    assert waiting_on(Status.READY, asked) == "coordinator"


def test_a_question_hides_whether_a_center_is_working_behind_it():
    assert center_is_working(Status.INFORMATION_REQUESTED, Status.IN_REVIEW)
    assert not center_is_working(Status.INFORMATION_REQUESTED, Status.OFFERED)
    assert not center_is_working(Status.INFORMATION_REQUESTED)
    assert not center_is_working(Status.READY, Status.IN_REVIEW)


NEED_A_PERSON = words(
    "claim assign-owner override decline start-review change-specialist interim-advice sign-opinion amend-opinion "
    "acknowledge mark-error"
)


def test_a_system_must_name_a_person_for_the_steps_of_the_list_and_those_only_a_lead_or_administrator_takes():
    assert {name for name, rule in STEPS.items() if rule.person_required} == NEED_A_PERSON
    assert all(rule.person_required for rule in STEPS.values() if rule.parties <= {Party.L, Party.A})


@pytest.mark.parametrize("name", sorted(STEPS))
def test_every_step_has_a_button_an_explanation_and_a_line_for_the_timeline(name):
    rule = STEPS[name]
    assert rule.label
    assert rule.explains.endswith(".")
    assert rule.happened
    assert not any(
        word in f"{rule.label} {rule.explains}".lower() for word in ("invalid", "breach", "reject", "please")
    )


def test_no_two_buttons_carry_the_same_words():
    assert len({words.label for words in STEP_WORDS.values()}) == len(STEP_WORDS) == len(STEPS)


def test_the_ending_steps_are_those_that_lead_to_an_end():
    ends = {name for name, rule in STEPS.items() if rule.target in ENDED} | {"request-withdrawal"}
    assert set(ENDING_STEPS) == ends


def test_every_status_is_explained_in_plain_words():
    labels = [facts.label for facts in STATUSES.values()]
    assert len(set(labels)) == len(labels)
    assert all(facts.meaning.endswith(".") for facts in STATUSES.values())


@pytest.mark.parametrize(
    ("step", "status", "parties", "holding", "unmet"),
    [
        ("decline", "submitted", "C", [], "reason_is_administrative"),
        ("decline", "submitted", "C", ["reason_is_administrative"], None),
        ("decline", "submitted", "L", [], None),
        ("decline", "submitted", "CL", [], None),
        ("recall", "in_review", "C", [], "due_time_passed"),
        ("recall", "in_review", "L", [], None),
        ("confirm-withdrawal", "accepted", "C", [], "two_working_days_passed"),
        ("confirm-withdrawal", "accepted", "K", [], None),
        ("proceed-without", "information_requested", "K", [], "asked_by_own_center"),
        ("proceed-without", "information_requested", "S", ["asked_by_own_center"], None),
        ("proceed-without", "information_requested", "C", [], None),
        ("update-facts", "in_review", "S", [], "reading_it"),
        ("update-facts", "in_review", "R", [], None),
        ("claim", "submitted", "C", [], None),
    ],
)
def test_some_parties_take_a_step_only_where_their_proviso_holds(step, status, parties, holding, unmet):
    acting = {Party(letter) for letter in parties}
    assert unmet_proviso(STEPS[step], Status(status), acting, holding) == unmet


GUARDS = {
    "submit": "complete_enough",
    "claim": "not_interested",
    "release": "not_interested",
    "request-information": "not_interested has_items has_due_time no_blocking_request item_could_matter",
    "answer-information": "request_is_open required_items_answered source_named",
    "proceed-without": "not_interested reason_per_item",
    "complete-triage": "not_interested assessment_is_current overrides_allowed",
    "decline": "not_interested",
    "contest": "within_14_days",
    "offer": "not_interested center_is_active center_fits place_is_left consent_covers_center in_time unknown_acknowledged",
    "accept": "offer_is_own",
    "decline-offer": "offer_is_own",
    "lapse": "respond_by_passed",
    "start-review": "specialist_is_of_center",
    "change-specialist": "specialist_is_of_center",
    "undo": "own_answer within_10_minutes no_step_since",
    "extend": "not_interested not_extended_before",
    "sign-opinion": "questions_answered axes_judged identity_confirmed",
    "amend-opinion": "questions_answered axes_judged",
    "acknowledge": "version_is_latest",
    "close": "outcomes_recorded attempts_documented",
    "cancel": "duplicate_is_living deceased_once_signed",
    "change-clinician": "clinician_is_active consent_covers_clinician",
    "join": "clinician_is_active consent_covers_clinician",
    "mark-error": "second_person no_signed_opinion",
    "override": "not_interested override_allowed",
    "assign-owner": "owner_is_active owner_not_interested",
}


@pytest.mark.parametrize("name", sorted(STEPS))
def test_each_step_is_guarded_by_what_the_design_asks(name):
    assert set(STEPS[name].guards) == words(GUARDS.get(name, ""))


def test_an_interested_party_is_guarded_against_in_every_step_of_triage():
    triage = words("claim release request-information proceed-without complete-triage decline offer extend override")
    assert {name for name, rule in STEPS.items() if "not_interested" in rule.guards} == triage


def test_a_member_of_the_referring_preferred_or_first_opinion_organization_is_interested():
    assert is_interested({"network", "summit"}, ["lakeside", None, "summit"])
    assert not is_interested({"network"}, ["lakeside", "summit", None])
    assert not is_interested({None}, [None])


def test_reopening_leaves_the_old_referral_as_it_is():
    assert STEPS["reopen"].target is Target.NEW_DRAFT
    assert take("reopen", Status.WITHDRAWN, {Party.R}) == Status.WITHDRAWN
