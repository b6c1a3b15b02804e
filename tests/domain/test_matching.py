"""Which center can answer: each constraint says what excludes, more expertise never ranks lower, order never matters."""

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings, strategies as st

from referrals.domain.centers import Designation, EarlierAnswer, OfferStatus, Service
from referrals.domain.compared import why_first
from referrals.domain.distance import Point, distance_words, km_between
from referrals.domain.matching import PLACE, Candidate, Needs, Weight, judge_center, out_of_question, rank
from referrals.domain.vocabulary import DeclineOfferReason, Tier, VerdictWord

NOW = datetime(2026, 11, 23, 15, tzinfo=UTC)
MET, NOT, UNKNOWN = VerdictWord.MET, VerdictWord.NOT_MET, VerdictWord.UNKNOWN
NEEDS = Needs(
    tier=Tier.P2, family="sarcoma", family_label="Sarcoma", rare=NOT, complex=NOT, resistant=NOT, under_18=False,
    due_at=NOW + timedelta(days=7), language="en",
)  # fmt: skip
CENTER = Candidate(
    id=UUID(int=1), code="summit", name="Summit", is_active=True, is_paused=False, designation=None,
    services=frozenset({Service.ADULTS}), languages=frozenset(), expertise=0.5, free_places=1, free_week=NOW.date(),
    expected_at=NOW + timedelta(days=3),
)  # fmt: skip


REMOTE = frozenset({Service.ADULTS, Service.REMOTE})


@pytest.mark.parametrize(
    ("center", "needs", "code", "weight"),
    [
        ({"is_active": False}, {}, "center_is_active", Weight.EXCLUDES),
        ({"is_paused": True}, {}, "center_is_active", Weight.EXCLUDES),
        ({"expertise": 0.29}, {}, "expertise", Weight.EXCLUDES),
        ({"expertise": 0.59}, {"rare": MET}, "expertise", Weight.EXCLUDES),
        ({"expertise": 0.59}, {"rare": UNKNOWN}, "expertise", Weight.UNKNOWN),
        ({}, {"family": None}, "expertise", Weight.UNKNOWN),
        ({}, {"complex": MET}, "multidisciplinary_team", Weight.EXCLUDES),
        ({}, {"complex": UNKNOWN}, "multidisciplinary_team", Weight.UNKNOWN),
        ({}, {"under_18": True}, "age", Weight.EXCLUDES),
        ({}, {"under_18": None}, "age", Weight.UNKNOWN),
        ({}, {"consents": False}, "consent_covers_center", Weight.EXCLUDES),
        ({}, {"consent_centers": frozenset({"harbor"})}, "consent_covers_center", Weight.EXCLUDES),
        ({}, {"within_km": 50}, "distance", Weight.UNKNOWN),
        ({"km": 50.1}, {"within_km": 50}, "distance", Weight.EXCLUDES),
        ({"km": 50.1, "services": REMOTE}, {"within_km": 50, "remote": False}, "distance", Weight.EXCLUDES),
        ({"in_conflict": True}, {}, "conflict", Weight.EXCLUDES),
        ({}, {"first_opinion": UUID(int=1)}, "first_opinion", Weight.EXCLUDES),
        ({"free_week": None}, {}, "place_is_left", Weight.EXCLUDES),
        ({"expected_at": NOW + timedelta(days=8)}, {}, "in_time", Weight.LATE),
    ],
)
def test_each_constraint_says_what_stands_against_a_center(center, needs, code, weight):
    assert judge_center(CENTER, NEEDS).findings == ()
    found = judge_center(replace(CENTER, **center), replace(NEEDS, **needs)).findings
    assert [(finding.code, finding.weight) for finding in found] == [(code, weight)]


@pytest.mark.parametrize(
    ("center", "needs", "term", "points"),
    [
        ({"expertise": 0.85}, {}, "expertise", 468),
        ({"services": frozenset({Service.ADULTS, Service.TRIALS})}, {"resistant": MET}, "trials", 200),
        ({"open_trials": 2}, {"resistant": MET}, "trials", 200),
        ({"services": frozenset({Service.TRIALS}), "open_trials": 0}, {"resistant": MET}, "trials", 0),
        ({"open_trials": 2}, {}, "trials", 0),
        ({"designation": Designation.COMPREHENSIVE}, {"complex": MET}, "comprehensive", 150),
        ({"km": 0.0}, {}, "distance", 40),
        ({"km": 300.0}, {}, "distance", 15),
        ({"km": 9000.0}, {}, "distance", 0),
        ({}, {}, "distance", 0),
        ({"languages": frozenset({"en"})}, {}, "language", 60),
        ({"expected_at": NOW + timedelta(days=9)}, {}, "late", -12),
        ({"expected_at": NOW + timedelta(days=900)}, {}, "late", -400),
        ({"expertise": 0.5}, {"rare": UNKNOWN}, "unknown", -100),
    ],
)
def test_each_preference_is_worth_what_the_policy_says(center, needs, term, points):
    assert judge_center(replace(CENTER, **center), replace(NEEDS, **needs)).terms[term] == points


def test_an_answer_from_afar_needs_no_journey_and_one_near_enough_is_near_enough():
    far, near = replace(CENTER, km=900.0, services=REMOTE), replace(CENTER, km=50.0)
    assert judge_center(far, replace(NEEDS, within_km=50)).findings == ()
    assert judge_center(near, replace(NEEDS, within_km=50, remote=False)).findings == ()


@pytest.mark.parametrize(
    ("excluded", "ended"),
    [
        ({"is_active": False}, {"is_active": True}),
        ({"is_paused": True}, {"is_paused": False}),
        ({"expertise": 0.2}, {"expertise": 0.3}),
        ({"services": frozenset()}, {"services": frozenset({Service.ADULTS})}),
        ({"km": 500.0}, {"km": 499.0}),
        ({"km": 500.0}, {"services": REMOTE}),
        ({"in_conflict": True}, {"in_conflict": False}),
        ({"free_week": None}, {"free_week": NOW.date()}),
        *(
            ({"earlier": (EarlierAnswer(status, reason, NOW.date()),)}, {"free_week": NOW.date() + timedelta(days=7)})
            for status, reason in (
                (OfferStatus.LAPSED, None),
                (OfferStatus.DECLINED, DeclineOfferReason.CAPACITY),
                (OfferStatus.DECLINED, DeclineOfferReason.OTHER),
            )
        ),
        (
            {"earlier": (EarlierAnswer(OfferStatus.DECLINED, DeclineOfferReason.INCOMPLETE, NOW.date()),)},
            {"earlier": (EarlierAnswer(OfferStatus.DECLINED, DeclineOfferReason.INCOMPLETE, NOW.date(), True),)},
        ),
    ],
)
def test_an_exclusion_ends_when_its_reason_ends(excluded, ended):
    needs = replace(NEEDS, within_km=499)
    kept_out = replace(CENTER, **{"km": 1.0} | excluded)
    assert judge_center(kept_out, needs).excluded
    assert not judge_center(replace(kept_out, **ended), needs).excluded


@pytest.mark.parametrize("reason", [DeclineOfferReason.EXPERTISE, DeclineOfferReason.CONFLICT])
def test_a_no_for_want_of_expertise_or_for_a_conflict_is_for_good(reason):
    answer = EarlierAnswer(OfferStatus.DECLINED, reason, NOW.date(), item_arrived=True)
    again = replace(CENTER, earlier=(answer,), free_week=NOW.date() + timedelta(days=70))
    assert judge_center(again, NEEDS).excluded


def test_the_first_is_first_for_the_terms_that_set_it_apart():
    first = replace(CENTER, expertise=0.8, open_trials=1, km=400.0)
    second = replace(CENTER, code="harbor", name="Harbor", expertise=0.6, open_trials=0, km=200.0)
    ranked, _ = rank([second, first], replace(NEEDS, resistant=MET))
    assert why_first(ranked, "sarcoma") == (
        "Ahead of Harbor: more expertise in sarcoma (+110), open trials (+200); Harbor would be closer (-10)."
    )
    assert ranked[0].score - ranked[1].score == 110 + 200 - 10
    assert why_first(rank([CENTER, replace(CENTER, code="z")], NEEDS)[0]).startswith("Level with Summit")
    assert why_first(ranked[:1]) == "No other center can be asked."
    assert why_first(()) == ""


def test_a_great_circle_joins_two_places_and_is_said_in_tens():
    boston, houston = Point(42.3601, -71.0589), Point(29.7604, -95.3698)
    assert km_between(boston, houston) == pytest.approx(2583, rel=0.005)
    assert km_between(boston, boston) == 0
    assert km_between(Point(0, 0), Point(0, 180)) == pytest.approx(20015, abs=1)
    assert [distance_words(km) for km in (4.9, 5, 316)] == [
        "less than 10 km away",
        "about 10 km away",
        "about 320 km away",
    ]


def test_what_must_not_count_has_no_place_in_what_is_judged():
    told = {field.name for kind in (Needs, Candidate) for field in fields(kind)}
    forbidden = {"patient", "sex", "payer", "postal_code", "organization", "clinician", "birth_date", "who"}
    assert not {name for name in told if forbidden & set(name.split("_"))}
    called = {"id", "code", "name"}  # what a center is called orders only those that are level
    assert called <= told


SERVED = [frozenset({Service.ADULTS}) | more for more in (
    frozenset(), frozenset({Service.TRIALS}), frozenset({Service.REMOTE}), frozenset({Service.MULTIDISCIPLINARY_TEAM}),
    frozenset({Service.PEDIATRICS, Service.MULTIDISCIPLINARY_TEAM}),
)]  # fmt: skip
CENTERS = st.lists(
    st.builds(
        replace,
        st.just(CENTER),
        code=st.text("abcdef", min_size=1, max_size=4),
        expertise=st.sampled_from([0.0, 0.2, 0.4, 0.6, 0.8, 1.0]),
        is_paused=st.booleans(),
        in_conflict=st.booleans(),
        languages=st.sampled_from([frozenset(), frozenset({"en"})]),
        services=st.sampled_from(SERVED),
        km=st.sampled_from([None, 10.0, 300.0]),
        open_trials=st.sampled_from([None, 0, 3]),
        expected_at=st.sampled_from([NOW, NOW + timedelta(days=9)]),
    ),
    max_size=8,
    unique_by=lambda center: center.code,
)
VERDICTS = st.sampled_from([MET, NOT, UNKNOWN])
WANTED = st.builds(
    replace,
    st.just(NEEDS),
    rare=VERDICTS,
    complex=VERDICTS,
    resistant=VERDICTS,
    under_18=st.sampled_from([True, False, None]),
    within_km=st.sampled_from([None, 100]),
    remote=st.booleans(),
)


def place_of(center, others, needs):
    """From the front; beyond everybody where it is excluded."""
    ranked, _ = rank([*others, center], needs)
    return next((number for number, fit in enumerate(ranked) if fit.center is center), len(others) + 1)


@settings(max_examples=20)
@given(CENTERS, WANTED, st.randoms())
def test_the_order_is_total_and_holds_only_those_who_can_answer(centers, needs, chance):
    ranked, excluded = rank(centers, needs)
    shuffled = list(centers)
    chance.shuffle(shuffled)
    assert rank(shuffled, needs) == (ranked, excluded)
    assert sorted(fit.center.code for fit in (*ranked, *excluded)) == sorted(each.code for each in centers)
    assert all(fit.of(Weight.EXCLUDES) for fit in excluded)
    for fit in ranked:
        center = fit.center
        assert not any([fit.excluded, center.is_paused, center.in_conflict])
        assert needs.rare != MET or center.expertise >= 0.6
        assert needs.complex != MET or center.has(Service.MULTIDISCIPLINARY_TEAM)
        assert not needs.under_18 or center.has(Service.PEDIATRICS)
    renamed = [replace(each, name=f"{number}", id=UUID(int=99 - number)) for number, each in enumerate(centers)]
    assert [fit.center.code for fit in rank(renamed, needs)[0]] == [fit.center.code for fit in ranked]


@settings(max_examples=20)
@given(CENTERS, WANTED)
def test_what_excludes_a_center_for_all_that_ask_alike_excludes_it_for_each_of_them(centers, needs):
    for center in centers:
        against = {finding.code for finding in judge_center(center, needs).of(Weight.EXCLUDES)} - {PLACE}
        assert against or not out_of_question(center.seen_by((), None, False), needs.in_common)


@settings(max_examples=20)
@given(CENTERS, WANTED, st.floats(0, 1), st.floats(0, 1), st.sampled_from(list(Service)))
def test_more_expertise_or_one_more_service_trial_or_language_never_ranks_lower(others, needs, one, other, service):
    less = replace(CENTER, code="own", expertise=min(one, other))
    better = [
        replace(less, expertise=max(one, other)),
        replace(less, services=less.services | {service}),
        replace(less, open_trials=1),
        replace(less, languages=frozenset({"en"})),
    ]
    before = place_of(less, others, needs)
    assert all(place_of(more, others, needs) <= before for more in better)


@settings(max_examples=20)
@given(CENTERS, WANTED)
def test_what_is_unknown_never_excludes_and_a_resistant_cancer_lifts_those_with_trials(centers, needs):
    settled = replace(needs, rare=NOT, complex=NOT, under_18=None, within_km=None)
    unknown = replace(settled, rare=UNKNOWN, complex=UNKNOWN)
    codes = [{fit.center.code for fit in rank(centers, each)[0]} for each in (settled, unknown)]
    assert codes[0] == codes[1]
    trying, idle = replace(CENTER, code="y", open_trials=1), replace(CENTER, code="x", open_trials=0)
    for resistant in (MET, NOT):
        ranked, _ = rank([trying, idle], replace(NEEDS, resistant=resistant))
        assert ranked[0].center is (trying if resistant == MET else idle)
