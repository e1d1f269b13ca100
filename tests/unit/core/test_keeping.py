"""Which backups are kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from crm_sync.core.keeping import KeepRule, outdated

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
MOMENTS = st.lists(
    st.integers(0, 60 * 24 * 700).map(lambda minutes: NOON - timedelta(minutes=minutes)),
    max_size=80,
)
RULES = st.builds(
    KeepRule,
    last=st.integers(0, 3),
    hourly=st.integers(0, 5),
    daily=st.integers(0, 5),
    weekly=st.integers(0, 5),
    monthly=st.integers(0, 5),
)


def test_a_year_of_backups_every_ten_minutes_leaves_a_few_dozen() -> None:
    moments = [NOON - timedelta(minutes=10 * number) for number in range(6 * 24 * 365)]
    kept = sorted(set(moments) - set(outdated(moments, KeepRule())))
    assert len(kept) < 60
    assert kept[-1] == NOON
    assert kept[0] < NOON - timedelta(days=300)


def test_newest_of_each_day_is_the_one_that_stays() -> None:
    moments = [datetime(2026, 3, day, hour, tzinfo=UTC) for day in (8, 9, 10) for hour in (9, 17)]
    rule = KeepRule(last=0, hourly=0, daily=2, weekly=0, monthly=0)
    kept = sorted(set(moments) - set(outdated(moments, rule)))
    assert kept == [datetime(2026, 3, day, 17, tzinfo=UTC) for day in (9, 10)]


@given(MOMENTS, RULES)
def test_dropping_twice_drops_no_more(moments: list[datetime], rule: KeepRule) -> None:
    kept = set(moments) - set(outdated(moments, rule))
    assert outdated(kept, rule) == ()


@given(MOMENTS, RULES)
def test_newest_is_kept_whenever_anything_is(moments: list[datetime], rule: KeepRule) -> None:
    kept = set(moments) - set(outdated(moments, rule))
    assert not kept or max(kept) == max(moments)


@given(MOMENTS, MOMENTS)
def test_what_is_dropped_stays_dropped_when_newer_ones_come(
    older: list[datetime], younger: list[datetime]
) -> None:
    rule = KeepRule()
    later = [moment + timedelta(days=800) for moment in younger]
    assert set(outdated(older, rule)) <= set(outdated([*older, *later], rule))
