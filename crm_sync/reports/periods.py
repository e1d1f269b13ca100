"""Periods of the calendar, and the windows that a fair comparison sets against each other."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import assert_never

_DAY = timedelta(days=1)
_MONTHS = {"month": 1, "quarter": 3, "half": 6, "year": 12}


class PeriodKind(StrEnum):
    """How long a period is. A week is an ISO week, from Monday."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    HALF = "half"
    YEAR = "year"


@dataclass(frozen=True, order=True)
class Window:
    """Days from `start` to `end`, both included. A window never is empty."""

    start: date
    end: date

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.end - self.start).days + 1

    def __contains__(self, day: date) -> bool:
        return self.start <= day <= self.end


@dataclass(frozen=True)
class Windows:
    """What is compared: `current` up to the asked day, with the same stretch of the `previous`
    period and of the `last_year`. `whole_previous` is the previous period in full. `last_year` is
    None for an ISO week 53 in whose year before there was none.
    """

    kind: PeriodKind | None
    current: Window
    previous: Window
    last_year: Window | None
    whole_previous: Window

    @property
    def all(self) -> tuple[Window, ...]:
        """Every window there is."""
        found = (self.current, self.previous, self.last_year, self.whole_previous)
        return tuple(window for window in found if window is not None)


def period(kind: PeriodKind, day: date) -> Window:
    """The whole period of this kind that the day lies in."""
    match kind:
        case PeriodKind.DAY:
            return Window(day, day)
        case PeriodKind.WEEK:
            monday = day - timedelta(days=day.weekday())
            return Window(monday, monday + 6 * _DAY)
        case PeriodKind.MONTH | PeriodKind.QUARTER | PeriodKind.HALF | PeriodKind.YEAR:
            months = _MONTHS[kind]
            start = date(day.year, (day.month - 1) // months * months + 1, 1)
            return Window(start, _last_day(start.year, start.month + months - 1))
        case _:
            assert_never(kind)


def windows(kind: PeriodKind, as_of: date) -> Windows:
    """The windows as of a day, which is included.

    A period that is over is set against whole calendar periods. One that is not over is set
    against as many days of the previous one (at most all of them), and against the same month and
    day of last year (29 February: 28 February), an ISO week against the same week number.
    """
    whole = period(kind, as_of)
    current = Window(whole.start, as_of)
    before = period(kind, whole.start - _DAY)
    complete = as_of == whole.end
    end = before.end if complete else min(before.start + (current.days - 1) * _DAY, before.end)
    return Windows(
        kind=kind,
        current=current,
        previous=Window(before.start, end),
        last_year=_year_before(kind, whole, as_of),
        whole_previous=before,
    )


def custom_windows(start: date, end: date) -> Windows:
    """The windows of any stretch of days: as many days just before it, and the same days of the
    year before.
    """
    current = Window(start, end)
    previous = Window(start - current.days * _DAY, start - _DAY)
    return Windows(
        kind=None,
        current=current,
        previous=previous,
        last_year=Window(_same_day(start), _same_day(end)),
        whole_previous=previous,
    )


def _year_before(kind: PeriodKind, whole: Window, as_of: date) -> Window | None:
    if kind is PeriodKind.WEEK:
        year, week, _ = as_of.isocalendar()
        try:
            monday = date.fromisocalendar(year - 1, week, 1)
        except ValueError:
            return None
        return Window(monday, monday + (as_of - whole.start))
    start = _same_day(whole.start)
    if as_of == whole.end:
        return period(kind, start)
    return Window(start, _same_day(as_of))


def _same_day(day: date) -> date:
    """The same month and day one year before."""
    last = _last_day(day.year - 1, day.month)
    return last.replace(day=min(day.day, last.day))


def _last_day(year: int, month: int) -> date:
    return date(year, month, calendar.monthrange(year, month)[1])
