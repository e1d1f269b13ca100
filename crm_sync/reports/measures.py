"""What is counted of sales: how many, for how much, how much each on average."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from crm_sync.reports.periods import Window
from crm_sync.reports.sales import Dimension, Sale


class Metric(StrEnum):
    """A figure of a set of sales."""

    COUNT = "count"
    SUM = "sum"
    AVERAGE = "average"


@dataclass(frozen=True)
class Figures:
    """The figures of one set of sales. Sums are exact, never rounded here."""

    count: int = 0
    sum: Decimal = Decimal(0)

    @property
    def average(self) -> Decimal | None:
        """Sum by count, None where nothing was sold."""
        return self.sum / self.count if self.count else None

    def value(self, metric: Metric) -> Decimal | None:
        """One of the figures; None where there is no such figure."""
        match metric:
            case Metric.COUNT:
                return Decimal(self.count)
            case Metric.SUM:
                return self.sum
            case Metric.AVERAGE:
                return self.average


def figures(sales: Iterable[Sale], window: Window) -> Figures:
    """The figures of all sales in the window."""
    return _measured([sale for sale in sales if sale.day in window])


def figures_by(
    sales: Iterable[Sale], window: Window, dimension: Dimension
) -> Mapping[str, Figures]:
    """The figures of the sales in the window by their value of the dimension, "" included. Counts
    and sums add up to those of `figures`.
    """
    parts: dict[str, list[Sale]] = defaultdict(list)
    for sale in sales:
        if sale.day in window:
            parts[sale.values[dimension]].append(sale)
    return {value: _measured(part) for value, part in parts.items()}


def _measured(sales: list[Sale]) -> Figures:
    return Figures(
        count=sum(sale.counts for sale in sales),
        sum=sum((sale.amount for sale in sales), Decimal(0)),
    )
