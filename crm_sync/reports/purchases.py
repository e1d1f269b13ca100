"""What each client has bought, and when: the ground of rhythm, sleep and RFM."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import compress, pairwise

from crm_sync.reports.history import History
from crm_sync.reports.periods import Window


@dataclass(slots=True)
class Purchases:
    """One client's purchases. `dates` are the ordinals of distinct days, in order, `groups` the
    product group of the last purchase of each. `sum` counts refunds too. `recent_count` and
    `recent_sum` are of the last days asked for.
    """

    dates: list[int] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    count: int = 0
    sum: Decimal = Decimal(0)
    recent_count: int = 0
    recent_sum: Decimal = Decimal(0)

    @property
    def gaps(self) -> list[int]:
        """The days between dates of purchase, in order."""
        return [later - earlier for earlier, later in pairwise(self.dates)]


def purchases_of(history: History, recent_days: int) -> dict[str, Purchases]:
    """Purchases by client, for clients who have bought (and not taken back) anything. Sales in a
    currency without a rate have a date, but add nothing to a sum.
    """
    since = history.as_of.toordinal() - recent_days + 1
    found = _dated(history, since)
    rest = history.sales.unpriced
    if rest is not None and rest.ids:
        for client, more in _dated(History(rest, history.as_of), since).items():
            own = found.setdefault(client, Purchases())
            _merge(own, more, _later(client, own, more, history))
    sums = _sums(history, since)
    for client, each in found.items():
        whole, recent = sums.get(client, (0, 0))
        each.sum = history.sales.amount(whole)
        each.recent_sum = history.sales.amount(recent)
    return dict(found)


def _dated(history: History, since: int) -> dict[str, Purchases]:
    sales, counted = history.sales, history.counts
    made: list[Purchases | None] = [None] * len(sales.buyers)
    rows = zip(sales.buyer_of, sales.days, sales.product_groups, strict=True)
    for buyer, day, group in compress(rows, counted):
        own = made[buyer]
        if own is None:
            own = made[buyer] = Purchases()
        dates = own.dates
        if dates and dates[-1] == day:
            own.groups[-1] = group
        else:
            dates.append(day)
            own.groups.append(group)
        own.count += 1
        own.recent_count += day >= since
    pairs = zip(sales.buyers, made, strict=True)
    return {client: own for client, own in pairs if own is not None}


def _later(client: str, own: Purchases, more: Purchases, history: History) -> set[int]:
    """The days on which both have purchases, and that of `more` is the last one: of purchases on
    one day that is the one with the highest id.
    """
    rest = history.sales.unpriced
    shared = set(own.dates) & set(more.dates)
    if rest is None or not shared:
        return set()
    both = History(rest, history.as_of), history
    return {
        day for day in shared if _last_id(both[0], client, day) > _last_id(both[1], client, day)
    }


def _last_id(history: History, client: str, ordinal: int) -> str:
    day, sales = date.fromordinal(ordinal), history.sales
    numbers = history.numbers(Window(day, day))
    own = (each for each in numbers if sales.clients[each] == client and history.counts[each])
    return max(sales.ids[each] for each in own)


def _merge(own: Purchases, more: Purchases, later: set[int]) -> None:
    by_day = dict(zip(more.dates, more.groups, strict=True))
    pairs = zip(own.dates, own.groups, strict=True)
    by_day.update((day, group) for day, group in pairs if day not in later)
    own.dates = sorted(by_day)
    own.groups = [by_day[day] for day in own.dates]
    own.count += more.count
    own.recent_count += more.recent_count


def _sums(history: History, since: int) -> Mapping[str, tuple[int, int]]:
    """Units by client: of all time, and since a day."""
    sales, known = history.sales, len(history)
    first = min(bisect_left(sales.days, since), known)

    def summed(start: int, end: int) -> list[int]:
        found = [0] * len(sales.buyers)
        for buyer, units in zip(sales.buyer_of[start:end], sales.units[start:end], strict=True):
            found[buyer] += units
        return found

    recent, earlier = summed(first, known), summed(0, first)
    return {
        client: (before + late, late)
        for client, before, late in zip(sales.buyers, earlier, recent, strict=True)
    }
