"""Days on which people work: weekdays, but for the days that the calendar names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import NamedTuple

from crm_sync.reports.periods import Window

_DAY = timedelta(days=1)
_LONGEST_HOLIDAY = 60


class CalendarDay(NamedTuple):
    """A day that is not as its weekday says: a holiday, or a Saturday that is worked. `branch` is
    "" for the whole company.
    """

    day: date
    workday: bool
    branch: str = ""


@dataclass(frozen=True)
class WorkCalendar:
    """Which days are worked. A branch's own entry for a day goes before the company's, and any
    entry before the weekday; `weekend` holds weekdays, Monday being 0.
    """

    days: tuple[CalendarDay, ...] = ()
    weekend: frozenset[int] = frozenset({5, 6})

    def is_workday(self, day: date, branch: str = "") -> bool:
        """True if the branch works on that day."""
        named = self._named(day, branch)
        return day.weekday() not in self.weekend if named is None else named

    def is_holiday(self, day: date, branch: str = "") -> bool:
        """True if the calendar names the day as one off; a plain weekend is no holiday."""
        return self._named(day, branch) is False

    def after_holiday(self, day: date, branch: str = "") -> date:
        """The day itself, or the next workday if it is a holiday. A calendar without a workday in
        two months moves nothing.
        """
        if not self.is_holiday(day, branch):
            return day
        ahead = (day + number * _DAY for number in range(1, _LONGEST_HOLIDAY))
        return next((later for later in ahead if self.is_workday(later, branch)), day)

    def workdays(self, window: Window, branch: str = "") -> int:
        """How many days of the window are worked."""
        first = window.start
        return sum(self.is_workday(first + n * _DAY, branch) for n in range(window.days))

    def _named(self, day: date, branch: str) -> bool | None:
        own = self._by_day.get((day, branch))
        return self._by_day.get((day, "")) if own is None else own

    @cached_property
    def _by_day(self) -> Mapping[tuple[date, str], bool]:
        return {(each.day, each.branch): each.workday for each in self.days}


WEEKDAYS = WorkCalendar()
"""Monday to Friday, no holidays."""
