"""What is counted of sales: how many, for how much, to how many buyers, how often."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


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
        return median(self.gaps)

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


NO_FIGURES = Figures()
"""What comes of no sales at all."""


def median(values: Iterable[Decimal | int]) -> Decimal | None:
    """The middle one, or the mean of the two in the middle; None of nothing."""
    found: Sequence[Decimal | int] = sorted(values)
    half, odd = divmod(len(found), 2)
    if odd:
        return Decimal(found[half])
    return (Decimal(found[half - 1]) + found[half]) / 2 if found else None
