"""Seasonality: how each month differs from the mean of its year, and whether this year differs from
the others in that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

from crm_sync.reports.explain import FigureTrace, Given, Rule, Trace, Worked, work_out
from crm_sync.reports.history import History
from crm_sync.reports.measures import Metric
from crm_sync.reports.periods import PeriodKind, Window, period

METRICS = (Metric.COUNT, Metric.SUM, Metric.AVERAGE, Metric.RHYTHM)
_YEAR = 12
_ENOUGH = 24
_SMOOTHED = 36
_SIDE = 6
_HALF = Decimal("0.5")


class Quality(StrEnum):
    """How far the indexes can be trusted: by two years of full months, by one, or not at all."""

    ENOUGH = "enough"
    PRELIMINARY = "preliminary"
    TOO_SHORT = "too_short"


class Month(NamedTuple):
    """A month of a year, `month` from 1 to 12."""

    year: int
    month: int

    @property
    def window(self) -> Window:
        """Its days."""
        return period(PeriodKind.MONTH, date(self.year, self.month, 1))

    def plus(self, months: int) -> Month:
        """So many months later, or earlier."""
        year, month = divmod(self.year * _YEAR + self.month - 1 + months, _YEAR)
        return Month(year, month + 1)


class Number(NamedTuple):
    """A number unrounded, and what stands behind it."""

    value: Decimal
    trace: Trace


@dataclass(frozen=True)
class Seasonality:
    """The seasons of one metric. Months without a number are missing from the mappings: of averages
    and rhythms those without sales, of norms and indexes those that cannot be told.

    `values` are of full months, the month of the first sale being one; `indexes` relate a month to
    its year, 1 being a month like any other; `norms` are by month, `current` the indexes of the
    year of `as_of` so far as its norms go, `changes` how much those differ (0.1 is ten percentage
    points).
    """

    metric: Metric
    as_of: date
    quality: Quality
    values: Mapping[Month, Number]
    indexes: Mapping[Month, Number]
    norms: Mapping[int, Number]
    current: Mapping[int, Number]
    changes: Mapping[int, Number]

    @property
    def years(self) -> tuple[int, ...]:
        """The years that have a full month, in order."""
        return tuple(sorted({month.year for month in self.values}))


def seasonality(history: History, metrics: Sequence[Metric] = METRICS) -> tuple[Seasonality, ...]:
    """The seasons of each metric as of the history's day.

    index(y, m) = value / mean of that year's months, in complete years; from 36 full months on
    value / centred mean of twelve months around it, so that growth does not look like a season.
    norm(m) = median of its indexes over the years, rescaled so that the mean norm is 1. This
    year's index(m) = value(m) / (sum of its values / sum of their norms), so that a year that only
    grows has not changed.
    """
    months = full_months(history)
    figures = {month: history.figures(month.window) for month in months}
    found = []
    for metric in metrics:
        values = {}
        for month, each in figures.items():
            value = each.value(metric)
            if value is not None:
                values[month] = Number(value, FigureTrace(history, month.window, metric))
        found.append(_season(metric, history.as_of, _Made(values, months)))
    return tuple(found)


def _season(metric: Metric, as_of: date, made: _Made) -> Seasonality:
    current = made.current(as_of.year)
    return Seasonality(
        metric=metric,
        as_of=as_of,
        quality=_quality(len(made.months)),
        values=made.values,
        indexes=made.indexes,
        norms=made.norms,
        current=current,
        changes={
            month: _number("change", Rule.DIFFERENCE, index, made.norms[month])
            for month, index in current.items()
        },
    )


def full_months(history: History) -> tuple[Month, ...]:
    """The months from that of the first sale to the last one that is over."""
    first = history.sales.first_day
    if first is None or first > history.as_of:
        return ()
    month, found = Month(first.year, first.month), []
    while month.window.end <= history.as_of:
        found.append(month)
        month = month.plus(1)
    return tuple(found)


def plan_split(annual: Decimal, norms: Mapping[int, Number]) -> dict[int, Decimal]:
    """A plan for a year by month, as the norms weigh the months; evenly if a norm is missing."""
    if len(norms) < _YEAR:
        return dict.fromkeys(range(1, _YEAR + 1), annual / _YEAR)
    return {month: annual * norms[month].value / _YEAR for month in sorted(norms)}


def _quality(months: int) -> Quality:
    if months < _YEAR:
        return Quality.TOO_SHORT
    return Quality.ENOUGH if months >= _ENOUGH else Quality.PRELIMINARY


def _number(what: str, rule: Rule, *of: Number) -> Number:
    """The number that a rule makes of others, which is known to be one."""
    trace = Worked(what, rule, tuple(each.trace for each in of))
    found = work_out(rule, [each.value for each in of])
    if found is None:
        raise ArithmeticError(what)
    return Number(found, trace)


@dataclass(frozen=True)
class _Made:
    """Works out indexes and norms."""

    values: Mapping[Month, Number]
    months: Sequence[Month]

    @cached_property
    def indexes(self) -> Mapping[Month, Number]:
        if len(self.months) < _YEAR:
            return {}
        means = self._smoothed() if len(self.months) >= _SMOOTHED else self._yearly()
        return {
            month: _number("index", Rule.RATIO, self.values[month], mean)
            for month, mean in means
            if month in self.values and mean.value > 0
        }

    @cached_property
    def norms(self) -> Mapping[int, Number]:
        medians = {}
        for month in range(1, _YEAR + 1):
            own = [index for key, index in self.indexes.items() if key.month == month]
            if own:
                medians[month] = _number("median", Rule.MEDIAN, *own)
        if not medians:
            return {}
        mean = _number("mean", Rule.MEAN, *medians.values())
        if mean.value <= 0:
            return {}
        return {month: _number("norm", Rule.RATIO, each, mean) for month, each in medians.items()}

    def current(self, year: int) -> dict[int, Number]:
        own = {
            month.month: value
            for month, value in self.values.items()
            if month.year == year and month.month in self.norms
        }
        if not own:
            return {}
        values = _number("sum", Rule.SUM, *own.values())
        norms = _number("sum", Rule.SUM, *(self.norms[month] for month in own))
        if values.value <= 0 or norms.value <= 0:
            return {}
        level = _number("level", Rule.RATIO, values, norms)
        return {month: _number("index", Rule.RATIO, each, level) for month, each in own.items()}

    def _yearly(self) -> Iterator[tuple[Month, Number]]:
        """Each month of a complete year with the mean of that year."""
        for year in sorted({month.year for month in self.months}):
            months = [Month(year, number) for number in range(1, _YEAR + 1)]
            own = [self.values[month] for month in months if month in self.values]
            if own and months[0] >= self.months[0] and months[-1] <= self.months[-1]:
                mean = _number("mean", Rule.MEAN, *own)
                yield from ((month, mean) for month in months)

    def _smoothed(self) -> Iterator[tuple[Month, Number]]:
        """Each month that has six on both sides with the mean of a year around it: the months at
        both ends are one and the same month of the year, and count half.
        """
        for month in self.months:
            around = [month.plus(number) for number in range(-_SIDE, _SIDE + 1)]
            if not all(each in self.values for each in around):
                continue
            half = Number(_HALF, Given("half", _HALF))
            inner = [self.values[each] for each in around[1:-1]]
            ends = [
                _number("half", Rule.PRODUCT, self.values[each], half)
                for each in (around[0], around[-1])
            ]
            total = _number("sum", Rule.SUM, *ends, *inner)
            year = Number(Decimal(_YEAR), Given("months", Decimal(_YEAR)))
            yield month, _number("mean", Rule.RATIO, total, year)
