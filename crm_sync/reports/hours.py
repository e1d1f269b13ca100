"""On which weekdays and at which hours contacts fall, and on which weekdays sales."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import compress

from crm_sync.reports.book import Book
from crm_sync.reports.entries import Touch
from crm_sync.reports.explain import Part
from crm_sync.reports.history import History
from crm_sync.reports.periods import Window

NO_HOUR = 24
"""Stands for a contact whose hour nobody noted."""


@dataclass(frozen=True)
class Hours:
    """How many contacts there were by weekday (Monday is 0) and hour of the wall clock, held or
    missed, in a window; `NO_HOUR` counts those without an hour. `sales` by weekday.
    """

    window: Window
    contacts: Counter[tuple[int, int]]
    sales: Counter[int]


def hours(book: Book, history: History, window: Window) -> Hours:
    """The counts of a window of days."""
    contacts = Counter(weekday_and_hour(touch) for touch in touches_in(book, window))
    numbers = history.numbers(window)
    part = slice(numbers.start, numbers.stop)
    sales: Counter[int] = Counter()
    by_day = Counter(compress(history.sales.days[part], history.counts[part]))
    for day, number in by_day.items():
        sales[date.fromordinal(day).weekday()] += number
    return Hours(window, contacts, sales)


def touches_in(book: Book, window: Window) -> Iterator[Touch]:
    """The contacts of a window that came about, or that the client tried in vain."""
    for touch in book.touches:
        took_place = touch.at and (touch.held or touch.missed)
        if took_place and date.fromisoformat(touch.at[:10]) in window:
            yield touch


def weekday_and_hour(touch: Touch) -> tuple[int, int]:
    """When a contact was."""
    hour = int(touch.at[11:13]) if len(touch.at) > 10 else NO_HOUR
    return date.fromisoformat(touch.at[:10]).weekday(), hour


def touch_parts(touches: Iterator[Touch]) -> tuple[Part, ...]:
    """The contacts as what stands behind their number."""
    return tuple(
        Part("contacts", each.id, Decimal(1), date.fromisoformat(each.at[:10]), each.client)
        for each in touches
    )
