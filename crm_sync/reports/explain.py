"""Where a number of a report comes from: the very records behind it, and how they make it.

The law: `worked_out(explanation)` is the explained value, to the last digit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Protocol, assert_never

from crm_sync.reports.history import History
from crm_sync.reports.measures import Metric, median
from crm_sync.reports.periods import Window
from crm_sync.reports.sales import Dimension


class Rule(StrEnum):
    """How a number is made: of the amounts of its records, or of other numbers.

    `GROWTH` of a and b is (a - b) / |b|, `GIVEN` a number that was typed by someone, `LIMITED` the
    first one, but no less than the second and no more than the third.
    """

    SUM = "sum"
    MEAN = "mean"
    MEDIAN = "median"
    DIFFERENCE = "difference"
    RATIO = "ratio"
    PRODUCT = "product"
    GROWTH = "growth"
    GIVEN = "given"
    LIMITED = "limited"


@dataclass(frozen=True)
class Part:
    """A record behind a number, and what it adds to it. `note` says what else is to be known, in
    data (another record's id), not in words.
    """

    table: str
    id: str
    amount: Decimal
    day: date | None = None
    client: str = ""
    note: str = ""


@dataclass(frozen=True)
class Explanation:
    """A number unrounded, None where there is none to show; its records, or the numbers that it is
    made of. `what` names it in data ("sum", "plan"), for a heading.
    """

    what: str
    value: Decimal | None
    rule: Rule
    parts: tuple[Part, ...] = ()
    of: tuple[Explanation, ...] = ()


class Trace(Protocol):
    """What stands behind a cell; followed only when somebody asks."""

    def explain(self) -> Explanation:
        """The whole of it."""


@dataclass(frozen=True, eq=False)
class FigureTrace:
    """Behind a figure of sales in a window; `value` is of the dimension, "" without one."""

    history: History
    window: Window
    metric: Metric
    dimension: Dimension | None = None
    value: str = ""

    def explain(self) -> Explanation:
        match self.metric:
            case Metric.COUNT:
                return self._listed(self._purchases(Decimal(1)))
            case Metric.SUM:
                return self._listed(self._amounts())
            case Metric.AVERAGE:
                return self._ratio(Metric.SUM, Metric.COUNT)
            case Metric.PER_BUYER:
                return self._ratio(Metric.COUNT, Metric.BUYERS)
            case Metric.BUYERS:
                return self._listed(self._buyers(only_new=False))
            case Metric.NEW:
                return self._listed(self._buyers(only_new=True))
            case Metric.RHYTHM:
                parts = tuple(self._gaps())
                value = median(part.amount for part in parts)
                return Explanation(self.metric, value, Rule.MEDIAN, parts)
            case _:
                assert_never(self.metric)

    def _listed(self, parts: Iterator[Part]) -> Explanation:
        found = tuple(parts)
        value = sum((part.amount for part in found), Decimal(0))
        return Explanation(self.metric, value, Rule.SUM, found)

    def _ratio(self, upper: Metric, lower: Metric) -> Explanation:
        of = tuple(
            FigureTrace(self.history, self.window, metric, self.dimension, self.value)
            for metric in (upper, lower)
        )
        return Worked(self.metric, Rule.RATIO, of).explain()

    def _amounts(self) -> Iterator[Part]:
        for sale in self.history.sales_in(self.window, self.dimension, self.value):
            yield Part("agreements", sale.id, sale.amount, sale.day, sale.client)

    def _purchases(self, amount: Decimal) -> Iterator[Part]:
        for sale in self.history.sales_in(self.window, self.dimension, self.value):
            if sale.counts:
                yield Part("agreements", sale.id, amount, sale.day, sale.client)

    def _buyers(self, *, only_new: bool) -> Iterator[Part]:
        seen: set[str] = set()
        first = self.history.first_days
        for part in self._purchases(Decimal(1)):
            is_new = part.day is not None and first[part.client] == part.day.toordinal()
            if part.client not in seen and (is_new or not only_new):
                seen.add(part.client)
                yield Part("clients", part.client, part.amount, part.day, part.client, part.id)

    def _gaps(self) -> Iterator[Part]:
        for sale, days in self.history.gaps_in(self.window, self.dimension, self.value):
            yield Part("agreements", sale.id, Decimal(days), sale.day, sale.client)


@dataclass(frozen=True, eq=False)
class Worked:
    """Behind a number made of other numbers."""

    what: str
    rule: Rule
    of: tuple[Trace, ...]

    def explain(self) -> Explanation:
        of = tuple(trace.explain() for trace in self.of)
        value = work_out(self.rule, [each.value for each in of])
        return Explanation(self.what, value, self.rule, of=of)


@dataclass(frozen=True, eq=False)
class Given:
    """Behind a number that stands somewhere as it is: in a plan, a rule, a setting."""

    what: str
    value: Decimal | None

    def explain(self) -> Explanation:
        return Explanation(self.what, self.value, Rule.GIVEN)


@dataclass(frozen=True, eq=False)
class Listed:
    """Behind a number made of the amounts of records; `parts` gives them when asked."""

    what: str
    parts: Callable[[], tuple[Part, ...]]
    rule: Rule = Rule.SUM

    def explain(self) -> Explanation:
        parts = self.parts()
        value = work_out(self.rule, [part.amount for part in parts])
        return Explanation(self.what, value, self.rule, parts)


def ones(parts: Iterable[Part]) -> tuple[Part, ...]:
    """The same records, each counted once."""
    return tuple(replace(part, amount=Decimal(1)) for part in parts)


def worked_out(explanation: Explanation) -> Decimal | None:
    """The number made anew from what is listed."""
    if explanation.rule is Rule.GIVEN:
        return explanation.value
    if explanation.of:
        return work_out(explanation.rule, [worked_out(each) for each in explanation.of])
    return work_out(explanation.rule, [part.amount for part in explanation.parts])


def work_out(rule: Rule, values: list[Decimal | None]) -> Decimal | None:
    """The number that a rule makes of others, None if they make none. Those that are missing are
    left out of sums, means and medians; nothing else can do without.
    """
    known = [value for value in values if value is not None]
    match rule:
        case Rule.SUM:
            return sum(known, Decimal(0))
        case Rule.MEAN:
            return sum(known, Decimal(0)) / len(known) if known else None
        case Rule.MEDIAN:
            return median(known)
        case Rule.GIVEN:
            return known[0] if known else None
        case Rule.DIFFERENCE | Rule.RATIO | Rule.PRODUCT | Rule.GROWTH | Rule.LIMITED:
            return _of_all(rule, known) if known and len(known) == len(values) else None
        case _:
            assert_never(rule)


def _of_all(rule: Rule, values: list[Decimal]) -> Decimal | None:
    first, *others = values
    if rule is Rule.LIMITED:
        least, most = others
        return min(max(first, least), most)
    if rule is Rule.PRODUCT:
        for other in others:
            first *= other
        return first
    (other,) = others
    if rule is Rule.DIFFERENCE:
        return first - other
    if other == 0:
        return None
    return first / other if rule is Rule.RATIO else (first - other) / abs(other)
