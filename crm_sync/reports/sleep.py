"""Sleeping customers by their own rhythm: when silence becomes too long, and who is exempt."""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import NamedTuple

from crm_sync.reports import fields
from crm_sync.reports.book import Book
from crm_sync.reports.measures import median
from crm_sync.reports.purchases import Purchases
from crm_sync.reports.steps import last_held, unsatisfied_steps


class State(StrEnum):
    """How a customer stands. The last three say why someone is exempt from sleeping."""

    ACTIVE = "active"
    COOLING = "cooling"
    SLEEPING = "sleeping"
    LOST = "lost"
    OUT_OF_SEASON = "out_of_season"
    DO_NOT_CONTACT = "do_not_contact"
    OPEN_AGREEMENT = "open_agreement"
    NEXT_STEP = "next_step"


@dataclass(frozen=True)
class SleepTerms:
    """The company's settings. A customer with a rhythm is cooling after more than `cooling` rhythms
    of silence, sleeping after more than `sleeping` of them and no less than `floor` days, both no
    later than after `cap` days, and lost after more than `lost` rhythms and no less than `cap`
    days. One without sleeps after `default_days` (or those of the product group), and cools after
    the share `cooling_share` of them. A rhythm needs `own_dates` dates of purchase.
    """

    cooling: Decimal = Decimal("1.5")
    sleeping: Decimal = Decimal(2)
    lost: Decimal = Decimal(4)
    floor: int = 30
    cap: int = 365
    default_days: int = 90
    cooling_share: Fraction = Fraction(2, 3)
    own_dates: int = 3
    season_months: int = 3


class Limits(NamedTuple):
    """After more than so many days of silence a customer is cooling, sleeping, lost."""

    cooling: Decimal | Fraction
    sleeping: Decimal
    lost: Decimal

    def state(self, days: int) -> State:
        """The state after so many days."""
        if days > self.lost:
            return State.LOST
        if days > self.sleeping:
            return State.SLEEPING
        return State.COOLING if days > self.cooling else State.ACTIVE


USUAL_SLEEP = SleepTerms()
"""What holds where the company has settled nothing else."""


class Reactivation(NamedTuple):
    """A purchase that ended a sleep: who, on which day (an ordinal)."""

    client: str
    day: int


def limits(rhythm: Decimal | None, default_days: int, terms: SleepTerms) -> Limits:
    """The limits of a customer with this rhythm, or of one without."""
    cap = Decimal(terms.cap)
    if rhythm is None:
        return Limits(terms.cooling_share * default_days, Decimal(default_days), cap)
    sleeping = max(terms.sleeping * rhythm, Decimal(terms.floor))
    return Limits(
        min(terms.cooling * rhythm, cap), min(sleeping, cap), max(cap, terms.lost * rhythm)
    )


def is_seasonal(dates: Sequence[int], months: int = 3) -> bool:
    """True for purchases (ordinals) in two calendar years or more, all within so many adjacent
    months of the year; December and January are adjacent.
    """
    seen = set(map(_month, dates))
    bought = {month for _, month in seen}
    if len(bought) > months or len({year for year, _ in seen}) < 2:
        return False
    spans = ({(first + n) % 12 for n in range(months)} for first in bought)
    return any(bought <= span for span in spans)


@lru_cache(1 << 14)
def _month(day: int) -> tuple[int, int]:
    """The year of an ordinal, and its month from 0."""
    found = date.fromordinal(day)
    return found.year, found.month - 1


def _twice_median(ordered: Sequence[int]) -> int:
    half, odd = divmod(len(ordered), 2)
    return 2 * ordered[half] if odd else ordered[half - 1] + ordered[half]


@dataclass(frozen=True)
class Sleep:
    """Who sleeps, by the records of a book and the terms of the company."""

    book: Book
    terms: SleepTerms = USUAL_SLEEP

    def rhythm(self, client: str, gaps: Iterable[int], dates: int) -> Decimal | None:
        """Days between purchases as they are usual for a client: those that somebody has set, else
        the median of its own gaps, None with too few dates.
        """
        known = self.book.clients.get(client)
        if known is not None and known.touch_every_days:
            return Decimal(known.touch_every_days)
        return median(gaps) if dates >= self.terms.own_dates else None

    def limits(self, client: str, purchases: Purchases) -> Limits:
        """The limits of a client who has bought."""
        rhythm = self.rhythm(client, purchases.gaps, len(purchases.dates))
        return self.limits_by(rhythm, purchases)

    def limits_by(self, rhythm: Decimal | None, purchases: Purchases) -> Limits:
        """The limits of a client with this rhythm who has bought."""
        key = rhythm, self.default_days(purchases.groups[-1])
        if key not in self._limits:
            self._limits[key] = limits(*key, self.terms)
        return self._limits[key]

    def in_season(self, silent: State, purchases: Purchases) -> State:
        """The state by silence alone, or that of a seasonal buyer who is not expected to buy."""
        if silent in (State.COOLING, State.SLEEPING) and self.is_seasonal(purchases):
            return State.OUT_OF_SEASON
        return silent

    def is_seasonal(self, purchases: Purchases) -> bool:
        """True for one who buys only at one time of the year."""
        return is_seasonal(purchases.dates, self.terms.season_months)

    def default_days(self, group: str) -> int:
        """After how many days a client without a rhythm sleeps, by the product group of its last
        purchase: the group's own number, else that of the nearest group above it, else the default.
        """
        seen: set[str] = set()
        while group in self._groups and group not in seen:
            seen.add(group)
            days, group = self._groups[group]
            if days:
                return days
        return self.terms.default_days

    def exemptions(self, as_of: date) -> Mapping[str, State]:
        """Why clients are exempt on a day, by client: they do not want to be contacted, something
        is under way with them, or the next step is set for that day or later.
        """
        found: dict[str, State] = {}
        today = as_of.isoformat()
        for client, step in unsatisfied_steps(self.book, last_held(self.book, as_of)):
            if step.at[:10] >= today:
                found[client] = State.NEXT_STEP
        for agreement in self.book.open_agreements:
            found[agreement.client] = State.OPEN_AGREEMENT
        for client, each in self.book.clients.items():
            if each.do_not_contact:
                found[client] = State.DO_NOT_CONTACT
        return found

    def reactivations(self, purchases: Mapping[str, Purchases]) -> Iterator[Reactivation]:
        """The purchases of clients who were sleeping or lost on the morning of that day, as they
        were known then.
        """
        terms, clients = self.terms, self.book.clients
        upper, lower = terms.sleeping.as_integer_ratio()
        for client, each in purchases.items():
            known = clients.get(client)
            own = (known and known.touch_every_days) or 0
            gaps: list[int] = []
            for number, (earlier, later) in enumerate(pairwise(each.dates), 1):
                silent = later - earlier
                # Whole numbers, for there may be a million of them: twice the rhythm is one.
                twice = 2 * own or (_twice_median(gaps) if number >= terms.own_dates else 0)
                if not twice:
                    slept = silent > self.default_days(each.groups[number - 1])
                else:
                    long = silent > terms.floor and 2 * silent * lower > upper * twice
                    slept = long or silent > terms.cap
                if slept and not is_seasonal(each.dates[:number], terms.season_months):
                    yield Reactivation(client, later)
                insort(gaps, silent)

    @cached_property
    def _limits(self) -> dict[tuple[Decimal | None, int], Limits]:
        return {}

    @cached_property
    def _groups(self) -> Mapping[str, tuple[int | None, str]]:
        return {
            key: (
                fields.integer(record.values, "sleep_after_days"),
                fields.text(record.values, "parent"),
            )
            for key, record in self.book.records("product_groups").items()
        }
