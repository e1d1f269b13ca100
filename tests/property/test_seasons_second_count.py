"""Seasons, campaigns and the summary a second time, from the definitions alone."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from statistics import median
from typing import TypeVar

import pytest

from crm_sync.reports.activity import Activity
from crm_sync.reports.campaigns import campaign_lines
from crm_sync.reports.history import History
from crm_sync.reports.intake import sales_of
from crm_sync.reports.measures import Figures, Metric
from crm_sync.reports.periods import Window
from crm_sync.reports.sales import Dimension
from crm_sync.reports.seasonality import METRICS, Number, seasonality
from crm_sync.reports.summary import summary
from tests.property.test_reports_second_count import FIRST, SMALL, known, plain

BOOK, ROWS = SMALL
NOTHING = Figures()
Month = tuple[int, int]
Key = TypeVar("Key")


def days_of(month: Month) -> Window:
    return Window(date(*month, 1), date(*month, monthrange(*month)[1]))


def shifted(month: Month, by: int) -> Month:
    year, number = divmod(month[0] * 12 + month[1] - 1 + by, 12)
    return year, number + 1


def measured(as_of: date, window: Window) -> Figures:
    return plain(ROWS, as_of, window, None).get("", NOTHING)


def indexes_of(values: Mapping[Month, Fraction], months: list[Month]) -> dict[Month, Fraction]:
    found = {}
    if len(months) >= 36:
        for month in months:
            around = [shifted(month, by) for by in range(-6, 7)]
            if all(each in values for each in around):
                mean = sum(values[each] for each in around[1:-1])
                mean += (values[around[0]] + values[around[-1]]) / 2
                found[month] = values[month] / (mean / 12)
        return found
    for year in {month[0] for month in months} if len(months) >= 12 else ():
        whole = [(year, number) for number in range(1, 13)]
        own = [values[month] for month in whole if month in values]
        if set(whole) <= set(months):
            found |= {m: values[m] * len(own) / sum(own, Fraction(0)) for m in whole if m in values}
    return found


def plainly(numbers: Mapping[Key, Number]) -> dict[Key, Decimal]:
    return {key: round(each.value, 12) for key, each in numbers.items()}


def roundly(numbers: Mapping[Key, Fraction]) -> dict[Key, Decimal]:
    return {
        key: round(Decimal(each.numerator) / each.denominator, 12) for key, each in numbers.items()
    }


@pytest.mark.parametrize(
    "as_of", [date(2024, 9, 30), date(2025, 5, 31), date(2026, 2, 28), date(2027, 1, 31)]
)
def test_seasons_are_those_of_the_definitions(as_of: date) -> None:
    months = [(FIRST.year, FIRST.month)]
    while days_of(shifted(months[-1], 1)).end <= as_of:
        months.append(shifted(months[-1], 1))
    figures = {month: measured(as_of, days_of(month)) for month in months}
    for season in seasonality(History(sales_of(BOOK), as_of)):
        told = {month: each.value(season.metric) for month, each in figures.items()}
        values = {month: Fraction(each) for month, each in told.items() if each is not None}
        indexes = indexes_of(values, months)
        norms = {
            number: Fraction(median(own))
            for number in range(1, 13)
            if (own := [index for month, index in indexes.items() if month[1] == number])
        }
        level = sum(norms.values(), Fraction(0)) / (len(norms) or 1)
        norms = {number: each / level for number, each in norms.items()}
        current = {m[1]: v for m, v in values.items() if m[0] == as_of.year and m[1] in norms}
        # A year without a sale has no level that its months could be held against.
        current = current if sum(current.values()) else {}
        if current:
            by = sum(current.values(), Fraction(0)) / sum(norms[number] for number in current)
            current = {number: each / by for number, each in current.items()}
        assert plainly(season.values) == roundly(values)
        assert plainly(season.indexes) == roundly(indexes)
        assert plainly(season.norms) == roundly(norms)
        assert plainly(season.current) == roundly(current)
        changes = {number: each - norms[number] for number, each in current.items()}
        assert plainly(season.changes) == roundly(changes)
    assert {season.metric for season in seasonality(History(sales_of(BOOK), as_of))} == set(METRICS)


def test_campaigns_and_their_total_are_those_of_plain_loops() -> None:
    as_of = date(2026, 2, 28)
    ever = Window(date(1, 1, 1), as_of)
    total, *lines = campaign_lines(Activity(History(sales_of(BOOK), as_of)))

    assert total.figures == measured(as_of, ever)
    found = {line.name: line.figures for line in lines}
    assert found == plain(ROWS, as_of, ever, Dimension.CAMPAIGN)


@pytest.mark.parametrize("as_of", [date(2024, 2, 29), date(2025, 12, 31), date(2026, 1, 1)])
def test_months_days_and_movers_of_the_summary_are_those_of_plain_loops(as_of: date) -> None:
    found = summary(Activity(History(sales_of(BOOK), as_of)))
    last = as_of.year, as_of.month
    for number, each in enumerate(found.months, -11):
        window = days_of(shifted(last, number))
        window = Window(window.start, min(window.end, as_of))
        assert each.total.now == measured(as_of, window)
    amounts = [(client, day, amount) for _, client, day, amount, *_ in known(ROWS, as_of)]
    for told in found.days:
        so_far = [
            amount
            for _, day, amount in amounts
            if last == (day.year, day.month) and day <= told.day
        ]
        assert told.sum == (sum(so_far, Decimal(0)) if told.day <= as_of else None)
    changes: dict[str, Decimal] = {}
    for client, day, amount in amounts:
        same_day = (day.month, day.day) <= (as_of.month, as_of.day)
        if same_day and day.year in (as_of.year, as_of.year - 1):
            sign = 1 if day.year == as_of.year else -1
            changes[client] = changes.get(client, Decimal(0)) + sign * amount
    rising = sorted((each for each in changes.values() if each > 0), reverse=True)[:10]
    falling = sorted(each for each in changes.values() if each < 0)[:10]
    assert [each.change for each in found.rising] == rising
    assert [each.change for each in found.falling] == falling
    year = found.year.total.now.value(Metric.SUM)
    assert year == measured(as_of, Window(date(as_of.year, 1, 1), as_of)).sum
