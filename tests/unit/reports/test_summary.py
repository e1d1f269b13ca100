"""The summary of twelve months, and where each of its numbers comes from."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from crm_sync.core.charts import ChartKind, chart_data
from crm_sync.core.values import Cell, Scalar
from crm_sync.reports.activity import COMPANY, Activity, Indicator
from crm_sync.reports.book import Book
from crm_sync.reports.customers import client_base
from crm_sync.reports.followups import followups
from crm_sync.reports.history import History
from crm_sync.reports.intake import sales_of
from crm_sync.reports.periods import Window
from crm_sync.reports.plans import Plan
from crm_sync.reports.report import Report
from crm_sync.reports.summary import Day, summary
from crm_sync.reports.summary_grid import Beside, Tabs, summary_report
from tests.unit.reports.build import GOLDEN, STATUSES, Rows, agreement, book, explained, golden, say

AS_OF = date(2026, 3, 15)
PLAN = Plan("2026-03", COMPANY, Indicator.SUM, Decimal(4400))


def activity(of: Book, closed_on: dict[str, date] | None = None) -> Activity:
    return Activity(History(sales_of(of), AS_OF), closed_on or {})


def test_twelve_months_are_compared_with_those_of_last_year() -> None:
    found = summary(activity(golden()))
    assert [each.windows.current.start.isoformat()[:7] for each in found.months] == [
        *(f"2025-{n:02}" for n in range(4, 13)),
        "2026-01",
        "2026-02",
        "2026-03",
    ]
    sums = [int(each.total.now.sum) for each in found.months]
    assert sums == [0, 0, 0, 0, 0, 0, 0, 0, 5000, 1500, 1500, 2700]
    # The last month only as far as it has come.
    assert found.months[-1].windows.last_year == Window(date(2025, 3, 1), date(2025, 3, 15))
    assert found.months[-2].windows.last_year == Window(date(2025, 2, 1), date(2025, 2, 28))
    assert found.year.total.now.sum == 5700


def test_forecast_of_the_month_is_what_is_done_and_what_is_under_way() -> None:
    statuses: Rows = {**STATUSES, "S-002": {**STATUSES["S-002"], "probability": 50}}
    more = {**GOLDEN, "A90": agreement(amount="600", due_date="2026-03-20")}
    found = summary(activity(book(agreements=more, statuses=statuses)), [PLAN]).month
    assert (found.fact.value, found.forecast, found.plan) == (2700, 3000, 4400)
    assert found.expected is not None
    assert round(found.expected, 6) == 2000


def test_plan_of_another_month_or_scope_is_not_looked_at() -> None:
    other = Plan("2026-02", COMPANY, Indicator.SUM, Decimal(1))
    counted = Plan("2026-03", COMPANY, Indicator.COUNT, Decimal(1))
    assert summary(activity(golden()), [other, counted]).month.plan is None


def test_month_by_day_adds_up_and_stops_today() -> None:
    days = summary(activity(golden()), [PLAN]).days
    assert len(days) == 31
    assert days[0] == Day(date(2026, 3, 1), Decimal(0), Decimal(0))
    assert (days[4].sum, days[12].sum, days[14].sum) == (700, 2700, 2700)
    assert (days[15].sum, days[30].plan) == (None, 4400)


def test_clients_who_rise_and_fall_are_told_by_the_same_days_of_last_year() -> None:
    found = summary(activity(golden()))
    assert [(each.client, each.now, each.before) for each in found.rising] == [
        ("C1", 5000, 3000),
        ("C3", 700, 0),
    ]
    assert [(each.client, each.change) for each in found.falling] == [("C4", -400)]


def test_lost_agreements_are_told_by_reason_within_twelve_months() -> None:
    lost = {
        "A50": agreement(status="declined", lost_reason="price", amount="10"),
        "A51": agreement(status="declined", lost_reason="price", amount="20"),
        "A52": agreement(status="declined", amount="5"),
        "A53": agreement(status="declined", lost_reason="late", agreed_at="2025-03-31"),
        "A54": agreement(status="declined", lost_reason="late", agreed_at="2024-03-31"),
    }
    found = summary(activity(book(agreements=lost), {"A54": date(2025, 4, 1)})).lost
    assert [(each.key, each.count.value, each.worth.value) for each in found] == [
        ("price", 2, 30),
        ("", 1, 5),
        ("late", 1, 0),
    ]


def test_open_agreements_stand_in_the_order_of_their_statuses() -> None:
    statuses: Rows = {
        **STATUSES,
        "S-001": {**STATUSES["S-001"], "sort_order": 20},
        "S-002": {**STATUSES["S-002"], "sort_order": 10},
    }
    open_ = {
        "A1": agreement(status="draft", amount="10"),
        "A2": agreement(amount="20"),
        "A3": agreement(amount="5"),
        "A4": agreement(status="invented"),
    }
    found = summary(activity(book(agreements=open_, statuses=statuses))).funnel
    assert [(each.key, each.count.value, each.worth.value) for each in found] == [
        ("in_progress", 2, 25),
        ("draft", 1, 10),
        ("invented", 1, 0),
    ]


def show(table: str, field: str, value: Scalar) -> Cell:
    return f"<{value}>"


def report() -> Report:
    agreements = {
        **GOLDEN,
        "A50": agreement(status="declined", lost_reason="price", amount="10"),
        "A51": agreement(client="C9", due_date="2026-03-10", amount="30", owner="E1"),
    }
    clients: Rows = {f"C{n}": {"full_name": f"C{n}"} for n in (1, 2, 3, 4, 9)}
    of = book(clients, agreements, employees={"E1": {"name": "Petrov"}})
    made = activity(of)
    beside = Beside(client_base(of, made.history), followups(of, datetime(2026, 3, 15, 12, 0)))
    tabs = Tabs({"comparison": "Periods", "plans": "Plans"})
    return summary_report(summary(made, [PLAN]), say, beside, tabs, show)


def rows(of: Report) -> list[list[Cell]]:
    return [[shown.value for shown in row] for row in of.grid.rows]


def test_each_row_of_numbers_says_where_it_comes_from() -> None:
    found = rows(report())
    numbers = [row for row in found if any(isinstance(cell, int | float) for cell in row)]
    assert len(numbers) > 60
    sources = {str(row[9]).partition(":")[0] for row in numbers[1:]}
    assert sources == {"Periods", "Plans", "agreements", "customers", "followups"}


def test_tab_shows_months_forecast_and_counts() -> None:
    found = {str(row[0]): row for row in rows(report()) if row}
    assert found["2026-03"] == [
        "2026-03",
        2700,
        2,
        1350,
        2,
        1,
        1200,
        1.25,
        "few sales",
        "Periods: as of 2026-03-15",
    ]
    assert found["2025-04"][1:9] == [0, 0, None, 0, 0, None, None, "before the first sale"]
    assert found["This year so far"][1] == 5700
    assert found["<in_progress>"][1:3] == [1, 30]
    assert found["<price>"][1:3] == [1, 10]
    assert found["cooling"][1] == 1
    assert found["Overdue"][1] == 1
    assert found["Petrov"][1] == 1


def test_numbers_of_the_summary_are_explained_and_drawn() -> None:
    made = report()
    assert explained(made) > 80
    titles = [chart.title for chart in made.charts]
    assert titles == [
        "Sum by month",
        "Open agreements",
        "Why agreements were lost, in twelve months",
        "Overdue, by employee",
        "Clients who buy more than last year",
        "Clients who buy less than last year",
        "This month by day",
    ]
    line = chart_data(made.charts[0], made.grid)
    assert line.labels[-1] == "2026-03"
    assert line.values[0][1][-1] == 2700
    assert made.charts[2].kind is ChartKind.PIE


def test_empty_store_has_a_summary_of_nothing() -> None:
    made = summary_report(summary(activity(book({}))), say, Beside(), Tabs())
    assert explained(made) > 0
    assert rows(made)[3][0] == "Month"
