"""What each client has bought, and when: the ground of rhythm, sleep and RFM."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import pairwise

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
    found: defaultdict[str, Purchases] = defaultdict(Purchases)
    sales = history.sales
    rows = zip(history.counts, sales.clients, sales.days, sales.product_groups, strict=False)
    for counts, client, day, group in rows:
        if not counts:
            continue
        own = found[client]
        own.count += 1
        own.recent_count += day >= since
        if own.dates and own.dates[-1] == day:
            own.groups[-1] = group
        else:
            own.dates.append(day)
            own.groups.append(group)
    return found


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
    whole: defaultdict[str, int] = defaultdict(int)
    recent: defaultdict[str, int] = defaultdict(int)
    pairs = zip(sales.clients[:known], sales.days[:known], sales.units[:known], strict=True)
    for client, day, units in pairs:
        whole[client] += units
        if day >= since:
            recent[client] += units
    return {client: (units, recent.get(client, 0)) for client, units in whole.items()}
