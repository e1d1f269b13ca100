"""Sales as they were known on a day, and what only the whole of them tells: who was new, and how
many days lie between a client's purchases.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from itertools import chain, compress, islice, repeat
from typing import NamedTuple, TypeAlias

from crm_sync.reports.measures import Figures
from crm_sync.reports.periods import Window
from crm_sync.reports.sales import Dimension, Sale, Sales

# A client buys tea every month whoever sells it, but tea and cups have rhythms of their own.
_OWN_RHYTHM = frozenset({Dimension.PRODUCT_GROUP, Dimension.CAMPAIGN})


_Numbers: TypeAlias = list[int] | defaultdict[int, int]
_MOST_BUYERS = 5_000_000
"""Beyond so many a list with a place for each would be too large."""


class Gap(NamedTuple):
    """Days between two dates of purchase of a client; `sale` is one of the later date."""

    sale: Sale
    days: int


_Row = tuple[str, int, bool, str, int, int]
"""Value, units, whether it counts, client, day, days since the purchase before."""


@dataclass(slots=True)
class _Day:
    """The sales of one value on one day: its buyers, and the gaps that it ends. Two purchases of a
    client on one day are one date.
    """

    count: int = 0
    units: int = 0
    new: int = 0
    buyers: list[str] = field(default_factory=list)
    gaps: list[int] = field(default_factory=list)


@dataclass(frozen=True, eq=False)
class History:
    """The sales known on a day: later ones do not exist yet, nor do later refunds. A sale that was
    taken back in full by then counts for nothing but the sums, which keep every row.
    """

    sales: Sales
    as_of: date

    def __len__(self) -> int:
        return bisect_right(self.sales.days, self.as_of.toordinal())

    @cached_property
    def counts(self) -> Sequence[bool]:
        """Which of the known sales are purchases."""
        known = list(islice(self.sales.plain, len(self)))
        if self.sales.refunded:
            today = self.as_of.toordinal()
            gone = {key for key, day in self.sales.refunded.items() if day <= today}
            for number, key in enumerate(islice(self.sales.ids, len(known))):
                if key in gone:
                    known[number] = False
        return known

    @cached_property
    def first_days(self) -> Mapping[str, int]:
        """The ordinal of each client's first purchase ever."""
        known, days, buyers = len(self), self.sales.days, self.sales.buyer_of
        first = [0] * len(self.sales.buyers)
        counted = self.counts[::-1]
        for buyer, day in zip(
            compress(reversed(buyers[:known]), counted),
            compress(reversed(days[:known]), counted),
            strict=True,
        ):
            first[buyer] = day
        pairs = zip(self.sales.buyers, first, strict=True)
        return {client: day for client, day in pairs if day}

    @cached_property
    def gaps(self) -> Sequence[int]:
        """For each known sale the days since the client's date of purchase before that one, 0 for
        none.
        """
        return self._gaps(self.sales.buyer_of, len(self.sales.buyers))

    def gaps_by(self, dimension: Dimension | None) -> Sequence[int]:
        """The same where each product group or campaign has a rhythm of its own."""
        if dimension not in _OWN_RHYTHM:
            return self.gaps
        if dimension not in self._own_gaps:
            column = self.sales.column(dimension)
            values = {value: number for number, value in enumerate(dict.fromkeys(column))}
            of_values = map(values.__getitem__, column)
            each = len(values)
            pairs = zip(self.sales.buyer_of, of_values, strict=True)
            buyers = (buyer * each + value for buyer, value in pairs)
            self._own_gaps[dimension] = self._gaps(buyers, len(self.sales.buyers) * each)
        return self._own_gaps[dimension]

    def figures(self, window: Window) -> Figures:
        """The figures of all sales in a window."""
        return self.figures_by(window, None).get("", Figures())

    def figures_by(self, window: Window, dimension: Dimension | None) -> Mapping[str, Figures]:
        """The figures of a window by value of the dimension, "" included; values without any sale
        in the window are left out. Without a dimension all sales have the value "".

        Counts and sums add up to those of `figures`. Buyers, new ones and gaps need not: one
        client buys many things. By product group or campaign each value has gaps of its own; by
        any other dimension a gap between any purchases counts to the value of the later one.
        """
        key = window, dimension
        if key not in self._measured:
            parts: dict[str, list[_Day]] = {}
            first, last = window.start.toordinal(), window.end.toordinal()
            days = self._days
            for day in days[bisect_left(days, first) : bisect_right(days, last)]:
                for value, sold in self._sold_on(day, dimension).items():
                    parts.setdefault(value, []).append(sold)
            self._measured[key] = {value: self._figures(own) for value, own in parts.items()}
        return self._measured[key]

    def sales_in(self, window: Window, dimension: Dimension | None, value: str) -> Iterator[Sale]:
        """The sales of one value in a window, refunds and sales taken back among them."""
        rows = self._rows(window, dimension)
        for number, row in zip(self.numbers(window), rows, strict=True):
            if row[0] == value:
                yield self.sales.sale(number, counts=row[2])

    def valued(self, window: Window, dimension: Dimension | None) -> Iterator[tuple[str, Sale]]:
        """All sales of a window, each with its value of the dimension."""
        rows = self._rows(window, dimension)
        for number, row in zip(self.numbers(window), rows, strict=True):
            yield row[0], self.sales.sale(number, counts=row[2])

    def gaps_in(self, window: Window, dimension: Dimension | None, value: str) -> Iterator[Gap]:
        """The gaps of one value in a window, each once."""
        dates: dict[str, int] = {}
        rows = self._rows(window, dimension)
        for number, row in zip(self.numbers(window), rows, strict=True):
            own, _, counts, client, day, gap = row
            if own == value and counts and dates.get(client) != day:
                dates[client] = day
                if gap:
                    yield Gap(self.sales.sale(number, counts=True), gap)

    def numbers(self, window: Window) -> range:
        """The numbers of the known sales of a window."""
        found = self.sales.range(window)
        return range(found.start, max(found.start, min(found.stop, len(self))))

    def _rows(self, window: Window, dimension: Dimension | None) -> Iterator[_Row]:
        sales, numbers = self.sales, self.numbers(window)
        part = slice(numbers.start, numbers.stop)
        return zip(
            sales.column(dimension)[part] if dimension else repeat("", len(numbers)),
            sales.units[part],
            self.counts[part],
            sales.clients[part],
            sales.days[part],
            self.gaps_by(dimension)[part],
            strict=True,
        )

    def _gaps(self, buyers: Iterable[int], number: int) -> Sequence[int]:
        """The gaps where each sale has a buyer with one of so many numbers."""
        latest: _Numbers = [0] * number if number <= _MOST_BUYERS else defaultdict(int)
        ended: _Numbers = [0] * number if number <= _MOST_BUYERS else defaultdict(int)
        found = []
        for buyer, day, counts in zip(buyers, self.sales.days, self.counts, strict=False):
            if not counts:
                found.append(0)
                continue
            before = latest[buyer]
            if before != day:
                ended[buyer] = day - before if before else 0
                latest[buyer] = day
            found.append(ended[buyer])
        return found

    def _figures(self, days: Sequence[_Day]) -> Figures:
        return Figures(
            count=sum(day.count for day in days),
            sum=self.sales.amount(sum(day.units for day in days)),
            buyers=len(set().union(*(day.buyers for day in days))),
            new=sum(day.new for day in days),
            gaps=tuple(sorted(chain.from_iterable(day.gaps for day in days))),
        )

    def _sold_on(self, day: int, dimension: Dimension | None) -> Mapping[str, _Day]:
        """The sales of a day by value. Windows overlap, so each day is added up once for all."""
        key = day, dimension
        if key not in self._by_day:
            on = date.fromordinal(day)
            rows: dict[str, list[_Row]] = {}
            for row in self._rows(Window(on, on), dimension):
                rows.setdefault(row[0], []).append(row)
            self._by_day[key] = {value: self._day(day, own) for value, own in rows.items()}
        return self._by_day[key]

    def _day(self, day: int, rows: Sequence[_Row]) -> _Day:
        _, units, counts, clients, _, gaps = zip(*rows, strict=True)
        # All purchases of a client on one day end the same gap.
        bought = dict(zip(compress(clients, counts), compress(gaps, counts), strict=True))
        return _Day(
            count=sum(counts),
            units=sum(units),
            new=list(map(self.first_days.get, bought)).count(day),
            buyers=list(bought),
            gaps=list(filter(None, bought.values())),
        )

    @cached_property
    def _days(self) -> Sequence[int]:
        """The days that have known sales, in order."""
        return list(dict.fromkeys(islice(self.sales.days, len(self))))

    @cached_property
    def _by_day(self) -> dict[tuple[int, Dimension | None], Mapping[str, _Day]]:
        return {}

    @cached_property
    def _measured(self) -> dict[tuple[Window, Dimension | None], Mapping[str, Figures]]:
        return {}

    @cached_property
    def _own_gaps(self) -> dict[Dimension | None, Sequence[int]]:
        return {}
