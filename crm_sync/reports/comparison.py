"""Comparison of periods: like with like, and a flag instead of a percent that would mislead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from crm_sync.reports.book import Book
from crm_sync.reports.measures import Figures, History, Metric
from crm_sync.reports.periods import PeriodKind, Window, Windows, windows
from crm_sync.reports.sales import Dimension, Omitted, Sales, sales_of

ENOUGH = 5
"""With fewer sales on either side (for the rhythm: gaps), a percent says little."""

_ADDITIVE = frozenset({Metric.COUNT, Metric.SUM})


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
    """

    value: str | None
    label: str
    now: Figures
    previous: Figures | None
    last_year: Figures | None
    whole_previous: Figures | None


@dataclass(frozen=True)
class Comparison:
    """A whole comparison: lines by value follow the total."""

    windows: Windows
    as_of: date
    currency: str
    dimension: Dimension
    total: Line
    lines: tuple[Line, ...]
    omitted: Omitted

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
    """The period of `as_of` (that day included) against the previous one and last year's.

    Lines are ordered by their sum now, largest first, then by label; the unspecified one is last.
    A value without any sale in any window has no line.
    """
    compared = windows(kind, as_of)
    return compare(sales_of(book, as_of, compared.all), book, compared, dimension)


def compare(sales: Sales, book: Book, compared: Windows, dimension: Dimension) -> Comparison:
    """The comparison of these windows, for any of which `sales` may hold sales."""
    history = History(sales.sales)
    parts = history.figures_by(set(compared.all), dimension)
    values = {value for by_value in parts.values() for value in by_value}
    labels = labels_of(book, dimension)
    lines = [
        _line(
            value,
            labels.get(value, value),
            {window: by_value.get(value, Figures()) for window, by_value in parts.items()},
            sales.first_day,
            compared,
        )
        for value in values
    ]
    lines.sort(key=lambda line: (line.value == "", -line.now.sum, line.label, line.value))
    totals = history.figures(parts)
    return Comparison(
        windows=compared,
        as_of=compared.current.end,
        currency=book.base_currency,
        dimension=dimension,
        total=_line(None, "", totals, sales.first_day, compared),
        lines=tuple(lines),
        omitted=sales.omitted,
    )


def labels_of(book: Book, dimension: Dimension) -> Mapping[str, str]:
    """The names of a dimension's values, for those that are ids."""
    tables = {
        Dimension.PRODUCT_GROUP: "product_groups",
        Dimension.CAMPAIGN: "campaigns",
        Dimension.OWNER: "employees",
        Dimension.BRANCH: "branches",
    }
    return book.names(tables[dimension]) if dimension in tables else {}


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


def _line(
    value: str | None,
    label: str,
    by_window: Mapping[Window, Figures],
    first_day: date | None,
    compared: Windows,
) -> Line:
    def of(window: Window | None) -> Figures | None:
        if window is None or first_day is None or window.end < first_day:
            return None
        return by_window[window]

    return Line(
        value=value,
        label=label,
        now=by_window[compared.current],
        previous=of(compared.previous),
        last_year=of(compared.last_year),
        whole_previous=of(compared.whole_previous),
    )
