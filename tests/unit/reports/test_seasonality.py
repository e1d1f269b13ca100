"""Seasons of the year, their change in this one, and the hours of the week."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_sync.core.charts import ChartKind, chart_data
from crm_sync.core.values import Cell
from crm_sync.reports.history import History
from crm_sync.reports.hours import NO_HOUR, hours
from crm_sync.reports.intake import sales_of
from crm_sync.reports.measures import Metric
from crm_sync.reports.periods import Window
from crm_sync.reports.report import Report, explain
from crm_sync.reports.seasonality import (
    Month,
    Number,
    Quality,
    Seasonality,
    full_months,
    plan_split,
    seasonality,
)
from crm_sync.reports.seasonality_grid import seasonality_report
from tests.unit.reports.build import Rows, book, contact, explained, golden, sale, say


def monthly(first: Month, amounts: list[int | None]) -> History:
    """One sale a month for these amounts, none where there is none, as of the end of the last."""
    agreements: Rows = {}
    month = first
    for number, amount in enumerate(amounts):
        if amount is not None:
            day = date(month.year, month.month, 7).isoformat()
            agreements[f"A{number:03}"] = sale(f"C{number}", day, str(amount))
        month = month.plus(1)
    return History(sales_of(book({}, agreements)), month.plus(-1).window.end)


def of_sums(history: History) -> Seasonality:
    (found,) = seasonality(history, [Metric.SUM])
    return found


def rounded(numbers: Mapping[int, Number]) -> dict[int, float]:
    return {month: round(float(each.value), 3) for month, each in numbers.items()}


FLAT = [100] * 11 + [200]


@pytest.mark.parametrize("years", [2, 3, 5])
def test_flat_year_with_a_double_december(years: int) -> None:
    found = of_sums(monthly(Month(2020, 1), FLAT * years))
    assert found.norms[12].value == pytest.approx(Decimal(24) / 13)
    assert rounded(found.norms) == {**dict.fromkeys(range(1, 12), 0.923), 12: 1.846}
    assert round(sum(each.value for each in found.norms.values()), 12) == 12
    assert found.quality is Quality.ENOUGH


def test_norm_is_the_median_that_one_promotion_does_not_move() -> None:
    promoted = list(FLAT)
    promoted[4] = 500
    found = of_sums(monthly(Month(2021, 1), [*FLAT, *FLAT, *promoted, *FLAT, *FLAT]))
    indexes = [each.value for month, each in found.indexes.items() if month.month == 5]
    assert max(indexes) > 3
    assert found.norms[5].value < 1


def test_year_that_only_grows_shows_no_change() -> None:
    history = monthly(Month(2024, 1), FLAT * 2 + [amount * 3 for amount in FLAT[:5]])
    found = of_sums(history)
    assert rounded(found.current) == dict.fromkeys(range(1, 6), 0.923)
    assert all(abs(each.value) < Decimal("1e-20") for each in found.changes.values())


def test_change_tells_which_month_of_this_year_is_unlike_the_others() -> None:
    found = of_sums(monthly(Month(2024, 1), [100] * 24 + [100, 100, 250]))
    assert rounded(found.current) == {1: 0.667, 2: 0.667, 3: 1.667}
    assert rounded(found.changes) == {1: -0.333, 2: -0.333, 3: 0.667}


@pytest.mark.parametrize(
    ("months", "quality", "has_norms"),
    [
        (11, Quality.TOO_SHORT, False),
        (12, Quality.PRELIMINARY, True),
        (23, Quality.PRELIMINARY, True),
        (24, Quality.ENOUGH, True),
    ],
)
def test_seasons_need_two_years(months: int, quality: Quality, has_norms: bool) -> None:
    found = of_sums(monthly(Month(2024, 1), [100] * months))
    assert (found.quality, bool(found.norms)) == (quality, has_norms)


def test_only_complete_calendar_years_count_while_there_are_less_than_three() -> None:
    found = of_sums(monthly(Month(2023, 7), [50] * 6 + FLAT + [70] * 5))
    assert {month.year for month in found.indexes} == {2024}
    none = of_sums(monthly(Month(2024, 2), [100] * 22))
    assert (none.quality, dict(none.norms)) == (Quality.PRELIMINARY, {})


def test_from_three_years_on_growth_is_no_season() -> None:
    grown = [100 + 10 * number for number in range(36)]
    found = of_sums(monthly(Month(2023, 1), grown))
    # A straight line divided by its own mean around is one.
    assert rounded(found.norms) == dict.fromkeys(range(1, 13), 1.0)
    assert min(found.indexes) == Month(2023, 7)
    assert max(found.indexes) == Month(2025, 6)
    two = of_sums(monthly(Month(2023, 1), grown[:35]))
    assert two.norms[1].value < two.norms[12].value


def test_month_of_the_first_sale_counts_as_full_and_the_last_one_when_it_is_over() -> None:
    agreements = {"A1": sale("C1", "2026-01-31", "1"), "A2": sale("C1", "2026-03-01", "1")}
    sales = sales_of(book(agreements=agreements))
    assert full_months(History(sales, date(2026, 3, 30))) == (Month(2026, 1), Month(2026, 2))
    assert full_months(History(sales, date(2026, 3, 31)))[-1] == Month(2026, 3)
    assert full_months(History(sales, date(2026, 1, 30))) == ()
    assert full_months(History(sales_of(book({})), date(2026, 1, 30))) == ()


def test_month_without_sales_is_a_zero_but_has_no_average_and_no_rhythm() -> None:
    amounts: list[int | None] = [*FLAT, *FLAT]
    amounts[5] = None
    history = monthly(Month(2024, 1), amounts)
    count, sum_, average, rhythm = seasonality(history)
    june = Month(2024, 6)
    assert (count.values[june].value, sum_.indexes[june].value) == (0, 0)
    assert june not in average.values
    # The mean is that of the eleven others.
    assert average.indexes[Month(2024, 1)].value == pytest.approx(Decimal(1100) / 1200)
    assert rhythm.values == {}
    assert rhythm.norms == {}


def test_year_without_any_sum_has_no_indexes() -> None:
    found = of_sums(monthly(Month(2023, 1), [0] * 12 + FLAT))
    assert {month.year for month in found.indexes} == {2024}
    assert dict(of_sums(monthly(Month(2023, 1), [0] * 24)).norms) == {}


def test_plan_is_split_as_the_norms_weigh_the_months() -> None:
    found = of_sums(monthly(Month(2024, 1), FLAT * 2))
    parts = plan_split(Decimal(1300), found.norms)
    assert round(parts[12], 12) == 200
    assert round(sum(parts.values()), 12) == 1300
    assert set(plan_split(Decimal(1200), {}).values()) == {Decimal(100)}


def plain_norms(values: list[int], first_month: int) -> list[Fraction | None]:
    """Norms January to December from first principles, in exact fractions."""
    indexes: list[list[Fraction]] = [[] for _ in range(12)]
    months = [(first_month + n) % 12 for n in range(len(values))]
    if len(values) >= 36:
        for n in range(6, len(values) - 6):
            window = values[n - 6 : n + 7]
            mean = Fraction(window[0] + window[12] + 2 * sum(window[1:12]), 24)
            if mean > 0:
                indexes[months[n]].append(values[n] / mean)
    elif len(values) >= 12:
        start = (12 - first_month) % 12
        for n in range(start, len(values) - 11, 12):
            year = values[n : n + 12]
            if sum(year) > 0:
                for month, value in enumerate(year):
                    indexes[month].append(Fraction(value * 12, sum(year)))
    medians = [median(own) if own else None for own in indexes]
    known = [each for each in medians if each is not None]
    total = sum(known)
    if not total:
        return [None] * 12
    return [None if each is None else each * len(known) / total for each in medians]


@given(
    values=st.lists(st.integers(0, 4).map(lambda n: n * 100), min_size=1, max_size=60),
    first=st.integers(0, 11),
)
def test_norms_are_those_of_a_plain_computation(values: list[int], first: int) -> None:
    # The month of the first sale is the first of all.
    history = monthly(Month(2020, first + 1), [*values])
    found = of_sums(history).norms
    for month, expected in enumerate(plain_norms(values, first), 1):
        if expected is None:
            assert month not in found
        else:
            assert abs(Fraction(found[month].value) - expected) < Fraction(1, 10**20)


def report() -> Report:
    amounts: list[int | None] = [*FLAT, *FLAT, 100, None, 300]
    history = monthly(Month(2024, 1), amounts)
    of = book(
        contacts={
            "K1": contact("2026-03-02 10:59"),
            "K2": contact("2026-03-09 10:00"),
            "K3": contact("2026-03-01"),
            "K4": contact("2026-03-02 10:00", status="planned"),
            "K5": contact("2026-03-02 23:00", status="no_answer", direction="in", channel="call"),
            "K6": contact("2026-02-28 10:00"),
        }
    )
    tables = {**history.sales.book.tables, "contacts": of.tables["contacts"]}
    full = type(of)({**tables, "statuses": of.tables["statuses"]}, "RUB")
    told = History(sales_of(full), history.as_of)
    march = Window(date(2026, 3, 1), date(2026, 3, 31))
    return seasonality_report(seasonality(told), say, hours(full, told, march), history=told)


def rows(of: Report) -> list[list[Cell]]:
    return [[shown.value for shown in row] for row in of.grid.rows]


def test_tab_shows_years_indexes_norm_and_change_of_each_metric() -> None:
    found = rows(report())
    assert found[0] == ["Seasonality", 46112]
    assert [row[0] for row in found if len(row) == 1] == [
        "Number of sales",
        "Sum of sales, RUB",
        "Average sale, RUB",
        "Days between purchases (median)",
    ]
    top = found.index(["Sum of sales, RUB"]) + 1
    assert found[top] == [
        "Month",
        "2024",
        "2025",
        "2026",
        "Index 2024",
        "Index 2025",
        "Index 2026",
        "Norm",
        "This year",
        "Change",
        "Remarks",
    ]
    assert found[top + 1] == [
        "January",
        100,
        100,
        100,
        0.923,
        0.923,
        None,
        0.923,
        0.692,
        -0.231,
        None,
    ]
    assert found[top + 2][3] == 0
    assert found[top + 12][:4] == ["December", 200, 200, None]
    assert found[top + 13] == ["Total", 1300, 1300, 400, 12, 12, None, 12, None]


def test_hours_of_the_week_count_contacts_that_came_about_or_were_missed() -> None:
    found = rows(report())
    top = next(n for n, row in enumerate(found) if row[:1] == ["Contacts by weekday and hour"]) + 1
    monday, sunday = found[top + 1], found[top + 7]
    assert (monday[0], monday[1 + 10], monday[1 + 23], sum(int(n or 0) for n in monday[1:26])) == (
        "Monday",
        2,
        1,
        3,
    )
    assert (sunday[0], sunday[1 + NO_HOUR]) == ("Sunday", 1)
    # The seventh of March 2026 is a Saturday.
    assert found[top + 6][-1] == 1


def test_numbers_of_the_tab_are_explained() -> None:
    made = report()
    assert explained(made) > 300
    top = rows(made).index(["Sum of sales, RUB"]) + 3
    norm = explain(made, f"H{top}")
    assert norm is not None
    assert [each.what for each in norm.of] == ["median", "mean"]


def test_charts_show_two_years_the_norm_and_heat() -> None:
    made = report()
    kinds = [chart.kind for chart in made.charts]
    assert kinds.count(ChartKind.HEAT) == 2
    line = next(
        chart for chart in made.charts if chart.kind is ChartKind.LINE and len(chart.series) == 2
    )
    assert chart_data(line, made.grid).labels[0] == "January"


def test_store_without_sales_has_no_seasons() -> None:
    history = History(sales_of(book({})), date(2026, 3, 31))
    made = seasonality_report(seasonality(history), say, history=history)
    assert explained(made) == 0
    assert "less than a year: no seasons yet" in rows(made)[4]


def test_golden_sales_are_too_few_for_more_than_a_preliminary_season() -> None:
    history = History(sales_of(golden()), date(2026, 3, 15))
    found = of_sums(history)
    # 2025 has all its months; 2026 has two.
    assert (found.quality, found.years) == (Quality.PRELIMINARY, (2025, 2026))
    assert rounded(found.norms)[12] == round(5000 * 12 / 13400, 3)
    assert set(found.current) == {1, 2}
