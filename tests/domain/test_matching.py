"""Which center can answer: each constraint says what excludes, more expertise never ranks lower, order never matters."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings, strategies as st

from referrals.domain.centers import Designation, Service
from referrals.domain.matching import Candidate, Needs, Weight, judge_center, rank
from referrals.domain.vocabulary import Tier, VerdictWord

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
        ({"designation": Designation.COMPREHENSIVE}, {"complex": MET}, "comprehensive", 150),
        ({"languages": frozenset({"en"})}, {}, "language", 60),
        ({"expected_at": NOW + timedelta(days=9)}, {}, "late", -12),
        ({"expected_at": NOW + timedelta(days=900)}, {}, "late", -400),
        ({"expertise": 0.5}, {"rare": UNKNOWN}, "unknown", -100),
    ],
)
def test_each_preference_is_worth_what_the_policy_says(center, needs, term, points):
    assert judge_center(replace(CENTER, **center), replace(NEEDS, **needs)).terms[term] == points


CENTERS = st.lists(
    st.builds(
        replace,
        st.just(CENTER),
        code=st.text("abcdef", min_size=1, max_size=4),
        expertise=st.sampled_from([0.0, 0.2, 0.4, 0.6, 0.8, 1.0]),
        is_paused=st.booleans(),
        languages=st.sampled_from([frozenset(), frozenset({"en"})]),
    ),
    max_size=8,
    unique_by=lambda center: center.code,
)


@settings(max_examples=50)
@given(CENTERS, st.randoms())
def test_the_order_is_total_and_the_excluded_never_stand_in_it(centers, chance):
    ranked, excluded = rank(centers, NEEDS)
    shuffled = list(centers)
    chance.shuffle(shuffled)
    assert rank(shuffled, NEEDS) == (ranked, excluded)
    assert {fit.center.code for fit in ranked} | {fit.center.code for fit in excluded} == {
        each.code for each in centers
    }
    assert not any(fit.excluded for fit in ranked)
    assert all(fit.of(Weight.EXCLUDES) for fit in excluded)


@settings(max_examples=50)
@given(CENTERS, st.floats(0, 1), st.floats(0, 1))
def test_more_expertise_never_ranks_lower(others, one, other):
    def place(level: float) -> int:
        own = replace(CENTER, code="own", expertise=level)
        ranked, _ = rank([*others, own], NEEDS)
        return next((number for number, fit in enumerate(ranked) if fit.center is own), len(others) + 1)

    assert place(max(one, other)) <= place(min(one, other))
