"""What is counted of sales: how many, for how much, to how many buyers, how often."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from itertools import pairwise
from operator import attrgetter
from typing import NamedTuple, Protocol, TypeVar

from crm_sync.reports.periods import Window
from crm_sync.reports.sales import Dimension, Sale

# A client buys tea every month whoever sells it, but tea and cups have rhythms of their own.
_OWN_RHYTHM = frozenset({Dimension.PRODUCT_GROUP, Dimension.CAMPAIGN})


class Metric(StrEnum):
    """A figure of a set of sales. `RHYTHM` is the median of days between a client's purchases."""

    COUNT = "count"
    SUM = "sum"
    AVERAGE = "average"
    RHYTHM = "rhythm"
    PER_BUYER = "per_buyer"
    BUYERS = "buyers"
    NEW = "new"


@dataclass(frozen=True)
class Figures:
    """The figures of one set of sales, never rounded here.

    `new` are buyers whose first purchase ever it was. `gaps` are the days between a client's
    purchases on two following dates of purchase, the later one in the window; in order of size.
    """

    count: int = 0
    sum: Decimal = Decimal(0)
    buyers: int = 0
    new: int = 0
    gaps: tuple[int, ...] = ()

    @property
    def average(self) -> Decimal | None:
        """Sum by count, None where nothing was sold."""
        return self.sum / self.count if self.count else None

    @property
    def per_buyer(self) -> Decimal | None:
        """Purchases by buyer, None without buyers."""
        return Decimal(self.count) / self.buyers if self.buyers else None

    @property
    def median_gap(self) -> Decimal | None:
        """The median of the gaps in days, None without any."""
        half, odd = divmod(len(self.gaps), 2)
        if odd:
            return Decimal(self.gaps[half])
        return Decimal(self.gaps[half - 1] + self.gaps[half]) / 2 if self.gaps else None

    @property
    def mean_gap(self) -> Decimal | None:
        """The mean of the gaps in days, None without any."""
        return Decimal(sum(self.gaps)) / len(self.gaps) if self.gaps else None

    def value(self, metric: Metric) -> Decimal | None:
        """One of the figures; None where there is no such figure."""
        match metric:
            case Metric.COUNT:
                return Decimal(self.count)
            case Metric.SUM:
                return self.sum
            case Metric.AVERAGE:
                return self.average
            case Metric.RHYTHM:
                return self.median_gap
            case Metric.PER_BUYER:
                return self.per_buyer
            case Metric.BUYERS:
                return Decimal(self.buyers)
            case Metric.NEW:
                return Decimal(self.new)

    def events(self, metric: Metric) -> int:
        """How many events the figure rests on: gaps for the rhythm, else sales."""
        return len(self.gaps) if metric is Metric.RHYTHM else self.count


class Gap(NamedTuple):
    """The days since a client's date of purchase before this one. `value` is of the dimension."""

    day: date
    value: str
    days: int


@dataclass(frozen=True)
class History:
    """All sales up to a day, in order of day, and what only the whole of them tells."""

    sales: tuple[Sale, ...]

    @cached_property
    def first_days(self) -> Mapping[str, date]:
        """The date of each client's first purchase ever."""
        first: dict[str, date] = {}
        for sale in self.sales:
            if sale.counts:
                first.setdefault(sale.client, sale.day)
        return first

    def figures(self, windows: Iterable[Window]) -> dict[Window, Figures]:
        """The figures of all sales in each window."""
        parts = self._parts(windows, lambda sale: "", own_rhythm=False)
        return {window: found.get("", Figures()) for window, found in parts.items()}

    def figures_by(
        self, windows: Iterable[Window], dimension: Dimension
    ) -> dict[Window, dict[str, Figures]]:
        """The figures of each window by value of the dimension, "" included; values without any
        sale in the window are left out.

        Counts and sums add up to those of `figures`. Buyers, new ones and gaps need not: one
        client buys many things. By product group or campaign each value has gaps of its own; by
        any other dimension a gap between any purchases counts to the value of the later one.
        """
        value_of = attrgetter(dimension.value)
        return self._parts(windows, value_of, own_rhythm=dimension in _OWN_RHYTHM)

    def _parts(
        self, windows: Iterable[Window], value_of: Callable[[Sale], str], *, own_rhythm: bool
    ) -> dict[Window, dict[str, Figures]]:
        asked = tuple(windows)
        since = min((window.start for window in asked), default=date.max)
        gaps = sorted(self._gaps(value_of, since, own_rhythm=own_rhythm))
        found = {}
        for window in asked:
            sales: dict[str, list[Sale]] = defaultdict(list)
            for sale in _within(self.sales, window):
                sales[value_of(sale)].append(sale)
            days: dict[str, list[int]] = defaultdict(list)
            for gap in _within(gaps, window):
                days[gap.value].append(gap.days)
            found[window] = {
                value: self._measured(part, days[value]) for value, part in sales.items()
            }
        return found

    def _gaps(
        self, value_of: Callable[[Sale], str], since: date, *, own_rhythm: bool
    ) -> Iterator[Gap]:
        bought: dict[tuple[str, str], dict[date, set[str]]] = defaultdict(dict)
        for sale in self.sales:
            if sale.counts:
                value = value_of(sale)
                by_day = bought[sale.client, value if own_rhythm else ""]
                by_day.setdefault(sale.day, set()).add(value)
        for by_day in bought.values():
            for earlier, later in pairwise(by_day):
                for value in by_day[later] if later >= since else ():
                    yield Gap(later, value, (later - earlier).days)

    def _measured(self, sales: list[Sale], gaps: list[int]) -> Figures:
        counted = [sale for sale in sales if sale.counts]
        return Figures(
            count=len(counted),
            sum=sum((sale.amount for sale in sales), Decimal(0)),
            buyers=len({sale.client for sale in counted}),
            new=len({each.client for each in counted if self.first_days[each.client] == each.day}),
            gaps=tuple(sorted(gaps)),
        )


class _Dated(Protocol):
    @property
    def day(self) -> date: ...


_D = TypeVar("_D", bound=_Dated)


def _within(dated: Sequence[_D], window: Window) -> Sequence[_D]:
    """Those of the window, of a sequence in order of day."""
    start = bisect_left(dated, window.start, key=attrgetter("day"))
    return dated[start : bisect_right(dated, window.end, start, key=attrgetter("day"))]
