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


def period(kind: PeriodKind, day: date, first_month: int = 1) -> Window:
    """The whole period of this kind that the day lies in. The year, and with it halves and
    quarters, begins on the first of `first_month`.
    """
    match kind:
        case PeriodKind.DAY:
            return Window(day, day)
        case PeriodKind.WEEK:
            monday = day - timedelta(days=day.weekday())
            return Window(monday, monday + 6 * _DAY)
        case PeriodKind.MONTH | PeriodKind.QUARTER | PeriodKind.HALF | PeriodKind.YEAR:
            months, shift = _MONTHS[kind], first_month - 1
            since = (day.year * 12 + day.month - 1 - shift) // months * months + shift
            return Window(_first_day(since), _first_day(since + months) - _DAY)
        case _:
            assert_never(kind)


def windows(kind: PeriodKind, as_of: date, first_month: int = 1) -> Windows:
    """The windows as of a day, which is included.

    A period that is over is set against whole calendar periods. One that is not over is set
    against as many days of the previous one (at most all of them), and against the same month and
    day of last year (29 February: 28 February), an ISO week against the same week number.
    """
    whole = period(kind, as_of, first_month)
    current = Window(whole.start, as_of)
    before = period(kind, whole.start - _DAY, first_month)
    complete = as_of == whole.end
    end = before.end if complete else _elapsed(before, current).end
    return Windows(
        kind=kind,
        current=current,
        previous=Window(before.start, end),
        last_year=_year_before(kind, whole, as_of, first_month),
        whole_previous=before,
    )


def custom_windows(start: date, end: date, as_of: date | None = None) -> Windows:
    """The windows of any stretch of days: as many days just before it, and the same month and day
    of the year before. A stretch that is not over `as_of` a day is compared as far as it has come.
    """
    whole = Window(start, end)
    current = whole if as_of is None else Window(start, min(max(as_of, start), end))
    before = Window(start - whole.days * _DAY, start - _DAY)
    return Windows(
        kind=None,
        current=current,
        previous=_elapsed(before, current),
        last_year=Window(same_day_last_year(start), same_day_last_year(current.end)),
        whole_previous=before,
    )


def months_back(day: date, count: int) -> tuple[Window, ...]:
    """As many whole months, the last of which the day lies in, in order."""
    last = day.year * 12 + day.month - 1
    firsts = range(last - count + 1, last + 1)
    return tuple(Window(_first_day(each), _first_day(each + 1) - _DAY) for each in firsts)


def same_day_last_year(day: date) -> date:
    """The same month and day one year before; 28 February for the 29th."""
    last = calendar.monthrange(day.year - 1, day.month)[1]
    return date(day.year - 1, day.month, min(day.day, last))


def _year_before(kind: PeriodKind, whole: Window, as_of: date, first_month: int) -> Window | None:
    if kind is PeriodKind.WEEK:
        year, week, _ = as_of.isocalendar()
        try:
            monday = date.fromisocalendar(year - 1, week, 1)
        except ValueError:
            return None
        return Window(monday, monday + (as_of - whole.start))
    start = same_day_last_year(whole.start)
    if as_of == whole.end:
        return period(kind, start, first_month)
    return Window(start, same_day_last_year(as_of))


def _elapsed(before: Window, current: Window) -> Window:
    """As many days of the earlier period as the current one has had, at most all of them."""
    return Window(before.start, min(before.start + (current.days - 1) * _DAY, before.end))


def _first_day(month: int) -> date:
    """The first day of a month counted from the year 0."""
    return date(month // 12, month % 12 + 1, 1)
