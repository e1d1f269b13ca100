"""Periods of the calendar and the windows of a fair comparison."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_sync.reports.periods import PeriodKind, Window, custom_windows, period, windows


def window(text: str) -> Window | None:
    if not text:
        return None
    start, end = text.split("..")
    return Window(date.fromisoformat(start), date.fromisoformat(end))


@pytest.mark.parametrize(
    ("kind", "day", "expected"),
    [
        ("day", "2026-03-15", "2026-03-15..2026-03-15"),
        ("week", "2026-03-15", "2026-03-09..2026-03-15"),
        ("week", "2027-01-01", "2026-12-28..2027-01-03"),
        ("month", "2024-02-10", "2024-02-01..2024-02-29"),
        ("month", "2026-12-31", "2026-12-01..2026-12-31"),
        ("quarter", "2026-03-15", "2026-01-01..2026-03-31"),
        ("quarter", "2026-12-01", "2026-10-01..2026-12-31"),
        ("half", "2026-06-30", "2026-01-01..2026-06-30"),
        ("half", "2026-07-01", "2026-07-01..2026-12-31"),
        ("year", "2026-07-01", "2026-01-01..2026-12-31"),
    ],
)
def test_period_is_the_calendars(kind: str, day: str, expected: str) -> None:
    assert period(PeriodKind(kind), date.fromisoformat(day)) == window(expected)


@pytest.mark.parametrize(
    ("kind", "as_of", "current", "previous", "last_year", "whole"),
    [
        # A period that is not over is set against as many days.
        (
            "month",
            "2026-03-15",
            "2026-03-01..2026-03-15",
            "2026-02-01..2026-02-15",
            "2025-03-01..2025-03-15",
            "2026-02-01..2026-02-28",
        ),
        # At most all of them.
        (
            "month",
            "2026-03-30",
            "2026-03-01..2026-03-30",
            "2026-02-01..2026-02-28",
            "2025-03-01..2025-03-30",
            "2026-02-01..2026-02-28",
        ),
        # One that is over, against the whole calendar period.
        (
            "month",
            "2026-02-28",
            "2026-02-01..2026-02-28",
            "2026-01-01..2026-01-31",
            "2025-02-01..2025-02-28",
            "2026-01-01..2026-01-31",
        ),
        (
            "month",
            "2025-02-28",
            "2025-02-01..2025-02-28",
            "2025-01-01..2025-01-31",
            "2024-02-01..2024-02-29",
            "2025-01-01..2025-01-31",
        ),
        (
            "month",
            "2024-02-28",
            "2024-02-01..2024-02-28",
            "2024-01-01..2024-01-28",
            "2023-02-01..2023-02-28",
            "2024-01-01..2024-01-31",
        ),
        (
            "month",
            "2024-02-29",
            "2024-02-01..2024-02-29",
            "2024-01-01..2024-01-31",
            "2023-02-01..2023-02-28",
            "2024-01-01..2024-01-31",
        ),
        (
            "month",
            "2026-01-31",
            "2026-01-01..2026-01-31",
            "2025-12-01..2025-12-31",
            "2025-01-01..2025-01-31",
            "2025-12-01..2025-12-31",
        ),
        (
            "quarter",
            "2026-03-15",
            "2026-01-01..2026-03-15",
            "2025-10-01..2025-12-13",
            "2025-01-01..2025-03-15",
            "2025-10-01..2025-12-31",
        ),
        (
            "quarter",
            "2024-02-29",
            "2024-01-01..2024-02-29",
            "2023-10-01..2023-11-29",
            "2023-01-01..2023-02-28",
            "2023-10-01..2023-12-31",
        ),
        (
            "half",
            "2026-08-01",
            "2026-07-01..2026-08-01",
            "2026-01-01..2026-02-01",
            "2025-07-01..2025-08-01",
            "2026-01-01..2026-06-30",
        ),
        # In a leap year the previous and the same days of last year differ by one.
        (
            "year",
            "2024-03-15",
            "2024-01-01..2024-03-15",
            "2023-01-01..2023-03-16",
            "2023-01-01..2023-03-15",
            "2023-01-01..2023-12-31",
        ),
        (
            "day",
            "2024-02-29",
            "2024-02-29..2024-02-29",
            "2024-02-28..2024-02-28",
            "2023-02-28..2023-02-28",
            "2024-02-28..2024-02-28",
        ),
        (
            "week",
            "2026-03-11",
            "2026-03-09..2026-03-11",
            "2026-03-02..2026-03-04",
            "2025-03-10..2025-03-12",
            "2026-03-02..2026-03-08",
        ),
        # Week 1 against week 1, not 364 days back, which would be week 2 of 2020.
        (
            "week",
            "2021-01-10",
            "2021-01-04..2021-01-10",
            "2020-12-28..2021-01-03",
            "2019-12-30..2020-01-05",
            "2020-12-28..2021-01-03",
        ),
        # 2026 has a week 53, 2025 has none.
        (
            "week",
            "2027-01-01",
            "2026-12-28..2027-01-01",
            "2026-12-21..2026-12-25",
            "",
            "2026-12-21..2026-12-27",
        ),
    ],
)
def test_windows_compare_like_with_like(
    kind: str, as_of: str, current: str, previous: str, last_year: str, whole: str
) -> None:
    found = windows(PeriodKind(kind), date.fromisoformat(as_of))
    assert found.current == window(current)
    assert found.previous == window(previous)
    assert found.last_year == window(last_year)
    assert found.whole_previous == window(whole)


def test_quarter_to_date_counts_its_days() -> None:
    found = windows(PeriodKind.QUARTER, date(2026, 3, 15))
    assert (found.current.days, found.previous.days) == (74, 74)


def test_chosen_days_are_set_against_as_many_just_before() -> None:
    found = custom_windows(date(2024, 2, 20), date(2024, 2, 29))
    assert found.current == window("2024-02-20..2024-02-29")
    assert found.previous == window("2024-02-10..2024-02-19")
    assert found.last_year == window("2023-02-20..2023-02-28")
    assert found.whole_previous == found.previous


days = st.dates(min_value=date(1990, 1, 1), max_value=date(2090, 12, 31))


@given(kind=st.sampled_from(PeriodKind), as_of=days)
def test_windows_lie_in_whole_periods_and_do_not_meet(kind: PeriodKind, as_of: date) -> None:
    found = windows(kind, as_of)
    assert found.current.end == as_of
    assert found.current.start == period(kind, as_of).start
    assert found.previous.end < found.current.start
    assert (found.whole_previous.end - found.current.start).days == -1
    assert found.previous.start == found.whole_previous.start
    assert found.previous.end <= found.whole_previous.end
    if as_of != period(kind, as_of).end:
        most = found.whole_previous.days
        assert found.previous.days == min(found.current.days, most)
    if found.last_year is not None:
        assert found.last_year.end < found.current.start
        assert abs(found.last_year.days - found.current.days) <= 1
