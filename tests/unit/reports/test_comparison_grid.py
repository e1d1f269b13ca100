"""The Comparison tab, cell by cell, and what stands behind its numbers."""

from __future__ import annotations

from datetime import date

import pytest

from crm_sync.core.charts import chart_data
from crm_sync.core.grid import Grid, Style
from crm_sync.core.values import Cell
from crm_sync.reports.comparison import compare, comparison
from crm_sync.reports.comparison_grid import Layout, comparison_grid, comparison_report
from crm_sync.reports.history import History
from crm_sync.reports.intake import sales_of
from crm_sync.reports.measures import Metric
from crm_sync.reports.periods import PeriodKind, windows
from crm_sync.reports.report import explain
from crm_sync.reports.restated import restated
from crm_sync.reports.sales import Dimension
from crm_sync.reports.workdays import CalendarDay, WorkCalendar
from tests.unit.reports.build import GOLDEN, book, explained, golden, sale, say

AS_OF = date(2026, 3, 15)
MONEY = (Metric.SUM, Metric.COUNT, Metric.AVERAGE)


def values(grid: Grid) -> list[list[Cell]]:
    return [[shown.value for shown in row] for row in grid.rows]


def block(grid: Grid, title: str) -> list[list[Cell]]:
    """Headings and rows of a block."""
    rows = values(grid)
    first = rows.index([title]) + 1
    last = next((n for n in range(first, len(rows)) if not rows[n]), len(rows))
    return rows[first:last]


def test_comparison_grid_of_the_golden_sales() -> None:
    grid = comparison_grid(comparison(golden(), AS_OF), say)
    few = "previous: few sales; year ago: few sales"
    assert values(grid)[:7] == [
        ["Comparison of periods: month"],
        ["Period", "From", "To", "Days", "Working days"],
        ["Now", 46082, 46096, 15, 10],
        ["Previous", 46054, 46068, 15, 10],
        ["Year ago", 45717, 45731, 15, 10],
        ["Previous in full", 46054, 46081, 28, 20],
        [],
    ]
    money = [2700, 1500, 1200, 0.8, 1200, 1500, 1.25, 1500, 1, 0.8, few, 0]
    assert block(grid, "Sum of sales, RUB") == [
        [
            "Product group",
            "Now",
            "Previous",
            "Change",
            "Change, %",
            "Year ago",
            "Change in a year",
            "Change in a year, %",
            "Previous in full",
            "Share",
            "Part in growth",
            "Remarks",
            "Not included",
        ],
        ["Total", *money],
        ["(not specified)", *money],
    ]
    titles = [row[0] for row in values(grid) if len(row) == 1]
    assert titles[1:] == [
        "Number of sales",
        "Sum of sales, RUB",
        "Average sale, RUB",
        "Days between purchases (median)",
        "Purchases by buyer",
        "Buyers",
        "New buyers",
    ]


def test_rhythm_shows_median_mean_and_how_many_gaps_there_are() -> None:
    grid = comparison_grid(comparison(golden(), AS_OF, PeriodKind.YEAR), say)
    heading, total, _ = block(grid, "Days between purchases (median)")
    assert heading[-4:] == [
        "Mean now",
        "Number of gaps now",
        "Previous number of gaps",
        "Number of gaps a year ago",
    ]
    assert total[1:4] == [30, 29.5, 0.5]
    assert total[-4:] == [122.67, 3, 2, 2]


def test_numbers_bear_their_styles() -> None:
    grid = comparison_grid(comparison(golden(), AS_OF), say, MONEY)
    assert [shown.style for shown in grid.rows[2]] == [
        Style.TEXT,
        Style.DATE,
        Style.DATE,
        Style.INTEGER,
        Style.INTEGER,
    ]
    total = grid.rows[9]
    assert (total[0].style, total[1].style, total[4].style, total[11].style) == (
        Style.TOTAL,
        Style.MONEY,
        Style.PERCENT,
        Style.TEXT,
    )
    counts = grid.rows[14]
    assert (counts[0].value, counts[1].style) == ("Total", Style.INTEGER)


def test_window_that_does_not_exist_has_no_dates() -> None:
    grid = comparison_grid(comparison(golden(), date(2027, 1, 1), PeriodKind.WEEK), say)
    assert values(grid)[4] == ["Year ago", "that year had no such week"]


def test_what_is_left_out_is_counted_below_and_beside_its_value() -> None:
    agreements = {
        "A1": sale("C1", "2026-03-02", "10", currency="USD", product_group="G1"),
        "A2": sale("C1", "2026-03-02", "10", fulfilled_at=None),
        "A3": sale("C1", "2026-03-02", "10", fulfilled_at=None),
        "A4": sale("C1", "2026-03-02", "10", status="draft", product_group="G1"),
        "A5": sale("C1", "2026-03-02", "10", product_group="G2"),
        "A6": sale("C1", "2026-02-20", "10", currency="USD", product_group="G3"),
    }
    grid = comparison_grid(comparison(book(agreements=agreements), AS_OF), say)
    assert values(grid)[-4:] == [
        [],
        ["Not included, no rate for their currency: 1"],
        ["Not included, dated but not done yet: 1"],
        ["Not included, done but without a date: 2"],
    ]
    assert [(row[0], row[1], row[12]) for row in block(grid, "Sum of sales, RUB")[1:]] == [
        ("Total", 10, 2),
        ("G2", 10, 0),
        ("G1", 0, 2),
    ]


@pytest.mark.parametrize(
    ("dimension", "label"),
    [
        (Dimension.KIND, "customer; partner"),
        (Dimension.SOURCE, "Site"),
        (Dimension.OWNER, "E1"),
        (Dimension.CAMPAIGN, "P1"),
    ],
)
def test_what_is_left_out_stands_beside_its_value(dimension: Dimension, label: str) -> None:
    of = book(
        {"C1": {"kind": "customer; partner", "source": "Site"}},
        {"A1": sale("C1", "2026-03-02", "9", currency="USD", owner="E1", campaign="P1")},
    )
    grid = comparison_grid(comparison(of, AS_OF, dimension=dimension), say)
    assert [row[0] for row in block(grid, "Sum of sales, RUB")] == [
        block(grid, "Sum of sales, RUB")[0][0],
        "Total",
        label,
    ]


def test_cents_and_percents_are_rounded_half_away_from_zero() -> None:
    agreements = {
        "A1": sale("C1", "2026-03-02", "0.125"),
        "A2": sale("C1", "2026-02-02", "2000"),
        "A3": sale("C1", "2025-03-02", "-0.125"),
    }
    grid = comparison_grid(comparison(book(agreements=agreements), AS_OF), say)
    total = block(grid, "Sum of sales, RUB")[1]
    assert (total[1], total[5]) == (0.13, -0.13)
    assert total[4] == -1.0


def test_kinds_are_shown_as_people_read_them() -> None:
    of = book({"C1": {"kind": "customer; partner"}}, {"A1": sale("C1", "2026-03-02", "9")})
    found = comparison(of, AS_OF, dimension=Dimension.KIND)
    report = comparison_report([found], say, lambda table, field, value: f"<{value}>")
    assert block(report.grid, "Buyers")[2][0] == "<customer; partner>"


def test_values_of_one_name_are_told_apart() -> None:
    of = book(
        agreements={
            "A1": sale("C1", "2026-03-02", "9", product_group="G1"),
            "A2": sale("C1", "2026-03-02", "8", product_group="G2"),
        },
        product_groups={"G1": {"name": "Tea"}, "G2": {"name": "Tea"}},
    )
    assert [line.label for line in comparison(of, AS_OF).lines] == ["Tea (G1)", "Tea (G2)"]


def test_several_dimensions_follow_each_other_and_split_one_total() -> None:
    history = History(sales_of(golden()), AS_OF)
    compared = windows(PeriodKind.MONTH, AS_OF)
    both = [compare(history, compared, each) for each in (Dimension.OWNER, Dimension.SOURCE)]
    rows = values(comparison_report(both, say, layout=Layout((Metric.SUM,))).grid)
    assert [row[0] for row in rows if "Now" in row[1:]] == ["Responsible", "Where they heard of us"]
    totals = [row for row in rows if row and row[0] == "Total"]
    assert len(totals) == 2
    assert totals[0] == totals[1]


def test_working_days_are_those_of_the_calendar() -> None:
    calendar = WorkCalendar((CalendarDay(date(2026, 3, 9), False),))
    found = comparison(golden(), AS_OF)
    rows = values(comparison_report([found], say, layout=Layout(calendar=calendar)).grid)
    assert rows[2] == ["Now", 46082, 46096, 15, 9]


def test_chart_sets_now_against_before_for_the_largest_values() -> None:
    agreements = {
        f"A{n}": sale("C1", "2026-03-02", str(n), product_group=f"G{n:02}") for n in range(1, 21)
    }
    report = comparison_report([comparison(book(agreements=agreements), AS_OF)], say)
    (chart,) = report.charts
    data = chart_data(chart, report.grid)
    assert data.labels == tuple(f"G{n:02}" for n in range(20, 5, -1))
    assert [name for name, _ in data.values] == ["Now", "Previous", "Year ago"]
    assert data.values[0][1] == tuple(float(n) for n in range(20, 5, -1))
    assert set(data.values[1][1]) == {None}


def test_every_number_is_explained_by_the_records_behind_it() -> None:
    reports = [comparison_report([comparison(golden(), AS_OF, kind)], say) for kind in PeriodKind]
    assert sum(explained(report) for report in reports) > 500


def test_explanation_of_a_sum_lists_its_sales() -> None:
    report = comparison_report([comparison(golden(), AS_OF)], say, layout=Layout((Metric.SUM,)))
    found = explain(report, " b10 ")
    assert found is not None
    assert [(part.id, part.client, part.amount) for part in found.parts] == [
        ("A9", "C3", 700),
        ("A6", "C1", 2000),
    ]
    assert explain(report, "A10") is None
    assert explain(report, "ZZ99") is None
    with pytest.raises(ValueError, match="10B"):
        explain(report, "10B")


def test_figures_of_past_days_that_have_changed_since_are_listed() -> None:
    earlier = comparison(golden(), AS_OF)
    late = {
        **GOLDEN,
        "A90": sale("C1", "2026-02-03", "10"),
        "A91": sale("C1", "2025-03-20", "10"),
        "A92": sale("C1", "2026-03-02", "10"),
    }
    later = comparison(book(agreements=late), AS_OF)
    found = restated(earlier, later, date(2026, 3, 14))
    assert [
        (each.window.start.isoformat(), each.window.days, each.value, each.metric.value)
        for each in found
    ] == [
        ("2026-02-01", 15, None, "count"),
        ("2026-02-01", 15, None, "sum"),
        ("2026-02-01", 15, "", "count"),
        ("2026-02-01", 15, "", "sum"),
        ("2026-02-01", 28, None, "count"),
        ("2026-02-01", 28, None, "sum"),
        ("2026-02-01", 28, "", "count"),
        ("2026-02-01", 28, "", "sum"),
    ]
    assert (found[1].was, found[1].now) == (1500, 1510)
    rows = values(comparison_report([later], say, layout=Layout(restated=found)).grid)
    assert rows[-9] == ["Changed after the fact: 8"]
    assert rows[-7] == ["Total", 46054, 46068, "Sum of sales, RUB", 1500, 1510]
    assert restated(earlier, comparison(golden(), AS_OF), AS_OF) == ()
    days = {each.window.days for each in restated(earlier, later, date(2026, 2, 27))}
    assert days == {15}
