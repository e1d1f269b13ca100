"""Comparison of periods: like with like, and a flag instead of a percent that would mislead."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from crm_sync.reports.book import Book
from crm_sync.reports.history import History
from crm_sync.reports.intake import sales_of
from crm_sync.reports.measures import NO_FIGURES, Figures, Metric
from crm_sync.reports.periods import PeriodKind, Window, Windows, windows
from crm_sync.reports.sales import Dimension, LeftOut, Omission, left_out

ENOUGH = 5
"""With fewer sales on either side (for the rhythm: gaps), a percent says little."""

_ADDITIVE = frozenset({Metric.COUNT, Metric.SUM})
_MISSED = frozenset({LeftOut.NO_RATE, LeftOut.NOT_DONE})
_TABLES = {
    Dimension.PRODUCT_GROUP: "product_groups",
    Dimension.CAMPAIGN: "campaigns",
    Dimension.OWNER: "employees",
    Dimension.BRANCH: "branches",
}


class Flag(StrEnum):
    """Why a percent is missing, or is not to be trusted (`LOW_N`)."""

    BOTH_ZERO = "both_zero"
    NEW = "new"
    NEG_BASE = "neg_base"
    NO_HISTORY = "no_history"
    NO_WEEK = "no_week"
    LOW_N = "low_n"


@dataclass(frozen=True)
class Delta:
    """How a figure changed: by how much and by what share (0.8 is 80 %), both unrounded, None
    where that would say nothing.
    """

    change: Decimal | None = None
    share: Decimal | None = None
    flags: tuple[Flag, ...] = ()


@dataclass(frozen=True)
class Line:
    """One row of the comparison: the total (`value` is None) or one value of the dimension, "" if
    not specified. Figures are None for a window without history, or that does not exist.
    `left_out` agreements of the current window are in no figure: without a rate, or not done yet.
    """

    value: str | None
    label: str
    now: Figures
    previous: Figures | None
    last_year: Figures | None
    whole_previous: Figures | None
    left_out: int = 0


@dataclass(frozen=True)
class Comparison:
    """A whole comparison: lines by value follow the total. `left_out` counts the agreements of the
    current window that are in no figure, by reason.
    """

    windows: Windows
    as_of: date
    currency: str
    dimension: Dimension
    total: Line
    lines: tuple[Line, ...]
    left_out: Mapping[LeftOut, int]
    history: History = field(repr=False, compare=False)

    def against_previous(self, line: Line, metric: Metric) -> Delta:
        """The change of a line's figure since the previous period."""
        return delta(metric, line.now, line.previous)

    def against_last_year(self, line: Line, metric: Metric) -> Delta:
        """The change of a line's figure since the same period of last year."""
        if self.windows.last_year is None:
            return Delta(flags=(Flag.NO_WEEK,))
        return delta(metric, line.now, line.last_year)

    def share(self, line: Line, metric: Metric) -> Decimal | None:
        """The line's part in the total, None for figures that do not add up and for a total that is
        not positive.
        """
        part, whole = line.now.value(metric), self.total.now.value(metric)
        if metric not in _ADDITIVE or part is None or whole is None or whole <= 0:
            return None
        return part / whole

    def contribution(self, line: Line, metric: Metric) -> Decimal | None:
        """How much of the total's growth came from this line, in shares of the previous total."""
        base = self.total.previous.value(metric) if self.total.previous else None
        change = self.against_previous(line, metric).change
        if metric not in _ADDITIVE or base is None or base <= 0 or change is None:
            return None
        return change / base


def comparison(
    book: Book,
    as_of: date,
    kind: PeriodKind = PeriodKind.MONTH,
    dimension: Dimension = Dimension.PRODUCT_GROUP,
) -> Comparison:
    """The period of `as_of` (that day included) against the previous one and last year's."""
    return compare(History(sales_of(book), as_of), windows(kind, as_of), dimension)


def compare(
    history: History, compared: Windows, dimension: Dimension, *, in_lines: bool = True
) -> Comparison:
    """The comparison of these windows, as the sales were known on the history's day; without
    `in_lines` the total alone.

    Lines are ordered by their sum now, largest first, then by label; the unspecified one is last.
    A value without any sale in any window, and none left out of the current one, has no line.
    """
    sales = history.sales
    asked = set(compared.all)
    divided = asked if in_lines else set[Window]()
    parts = {window: history.figures_by(window, dimension) for window in divided}
    rows = _missed(sales.omissions, compared.current, dimension, sales.book)
    absent = Counter(value for value, _ in rows)
    values = {value for by_value in parts.values() for value in by_value}
    values |= absent.keys() if in_lines else set()
    labels = labels_of(sales.book, dimension, values)
    lines = [
        _line(
            (value, labels.get(value, value), absent[value]),
            {window: by_value.get(value, NO_FIGURES) for window, by_value in parts.items()},
            sales.first_day,
            compared,
        )
        for value in values
    ]
    lines.sort(key=lambda line: (line.value == "", -line.now.sum, line.label, line.value))
    totals = {window: history.figures(window) for window in asked}
    return Comparison(
        windows=compared,
        as_of=history.as_of,
        currency=sales.book.base_currency,
        dimension=dimension,
        total=_line((None, "", absent.total()), totals, sales.first_day, compared),
        lines=tuple(lines),
        left_out=left_out(sales.omissions, compared.current),
        history=history,
    )


def labels_of(book: Book, dimension: Dimension, values: Iterable[str]) -> Mapping[str, str]:
    """The names of a dimension's values, for those that are ids; where two have one name, the id
    stands behind it.
    """
    if dimension not in _TABLES:
        return {}
    names = book.names(_TABLES[dimension])
    shown = {value: names.get(value, value) for value in values}
    times = Counter(shown.values())
    return {
        value: f"{name} ({value})" if times[name] > 1 else name for value, name in shown.items()
    }


def delta(metric: Metric, now: Figures, before: Figures | None) -> Delta:
    """The change of one figure. `before` is None for a window that lies before all sales."""
    if before is None:
        return Delta(flags=(Flag.NO_HISTORY,))
    current, base = now.value(metric), before.value(metric)
    # A missing average, or a fall from nothing to below zero: there is no change to speak of.
    if current is None or base is None or (base == 0 and current < 0):
        return Delta()
    change = current - base
    if base < 0:
        return Delta(change, flags=(Flag.NEG_BASE,))
    if base == 0:
        return Delta(change, flags=(Flag.BOTH_ZERO if current == 0 else Flag.NEW,))
    few = min(now.events(metric), before.events(metric)) < ENOUGH
    return Delta(change, change / base, (Flag.LOW_N,) if few else ())


def missed(compared: Comparison, line: Line) -> Iterator[Omission]:
    """The agreements that `left_out` of the line counts."""
    sales = compared.history.sales
    window, dimension = compared.windows.current, compared.dimension
    for value, omission in _missed(sales.omissions, window, dimension, sales.book):
        if line.value in (None, value):
            yield omission


def _missed(
    omissions: Iterable[Omission], window: Window, dimension: Dimension, book: Book
) -> Iterator[tuple[str, Omission]]:
    """The agreements of the window that should perhaps be in a figure but are not, each with its
    value.
    """
    first, last = window.start.toordinal(), window.end.toordinal()
    for each in omissions:
        if each.why in _MISSED and each.day is not None and first <= each.day <= last:
            yield _value(each, dimension, book), each


def _value(omission: Omission, dimension: Dimension, book: Book) -> str:
    client = book.clients.get(omission.client)
    if dimension is Dimension.KIND:
        return "; ".join(client.kinds) if client else ""
    if dimension is Dimension.SOURCE:
        return client.source if client else ""
    return str(getattr(omission, dimension.value))


def _line(
    named: tuple[str | None, str, int],
    by_window: Mapping[Window, Figures],
    first_day: date | None,
    compared: Windows,
) -> Line:
    def of(window: Window | None) -> Figures | None:
        if window is None or first_day is None or window.end < first_day:
            return None
        return by_window[window]

    value, label, absent = named
    return Line(
        value=value,
        label=label,
        now=by_window[compared.current],
        previous=of(compared.previous),
        last_year=of(compared.last_year),
        whole_previous=of(compared.whole_previous),
        left_out=absent,
    )
