"""What campaigns cost and what came back."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from crm_sync.core.charts import chart_data
from crm_sync.core.values import Cell
from crm_sync.reports.activity import Activity
from crm_sync.reports.book import Book
from crm_sync.reports.campaigns import CampaignLine, Stage, campaign_lines, campaigns_report
from crm_sync.reports.currency import Rate, Rates
from crm_sync.reports.history import History
from crm_sync.reports.intake import sales_of
from tests.unit.reports.build import Rows, book, contact, explained, sale, say

AS_OF = date(2026, 3, 15)
CAMPAIGNS: Rows = {
    "P1": {
        "name": "Spring",
        "type": "ad",
        "start": "2026-03-01",
        "end": "2026-03-31",
        "budget": "400",
        "plan_count": "5",
        "plan_sum": "2000",
    },
    "P2": {"name": "Winter", "start": "2026-01-01", "end": "2026-02-28", "budget": "0"},
    "P3": {"name": "Summer", "start": "2026-06-01", "budget": "10", "currency": "USD"},
    "P4": {"name": "Old"},
    "P5": {"name": "Forgotten"},
}
AGREEMENTS: Rows = {
    "A1": sale("C1", "2026-03-02", "600", campaign="P1"),
    "A2": sale("C2", "2026-03-10", "400", campaign="P1"),
    # Sold under it after it was over: it still names it.
    "A3": sale("C1", "2026-03-11", "50", campaign="P2"),
    "A4": sale("C1", "2026-03-12", "-100", campaign="P1", refund_of="A1"),
    "A5": sale("C1", "2026-03-12", "7"),
    "A6": sale("C1", "2026-03-12", "3", campaign="P9"),
    "A7": sale("C1", "2026-03-12", "1", campaign="P4"),
    "A8": sale("C1", "2026-03-16", "999", campaign="P1"),
}


def activity() -> Activity:
    of = book(
        {"C1": {"full_name": "Anna"}, "C2": {"full_name": "Boris"}},
        AGREEMENTS,
        {"K1": contact("2026-03-03", campaign="P1"), "K2": contact("2026-03-03")},
        archived=["P4", "P5"],
        campaigns=CAMPAIGNS,
    )
    return Activity(History(sales_of(of), AS_OF))


def lines(rates: Rates | None = None) -> dict[str, CampaignLine]:
    return {each.name: each for each in campaign_lines(activity(), rates or Rates())}


def test_campaigns_stand_below_the_total_the_latest_first() -> None:
    found = campaign_lines(activity())
    assert [(each.name, each.is_total) for each in found] == [
        ("", True),
        ("Summer", False),
        ("Spring", False),
        ("Winter", False),
        ("Old", False),
        ("P9", False),
        ("", False),
    ]


def test_sales_count_to_the_campaign_that_they_name() -> None:
    spring = lines()["Spring"]
    assert (spring.figures.count, spring.figures.sum, spring.figures.buyers) == (2, 900, 2)
    assert (spring.profit, spring.of_plan) == (Decimal("1.25"), Decimal("0.45"))
    assert (spring.contacts.value, spring.stage) == (1, Stage.RUNNING)


def test_budget_of_nothing_has_no_return() -> None:
    found = lines()
    assert (found["Winter"].budget, found["Winter"].profit) == (0, None)
    assert (found["Old"].budget, found["Old"].profit) == (None, None)


def test_stages_go_by_the_dates() -> None:
    found = lines()
    assert (found["Summer"].stage, found["Winter"].stage) == (Stage.PLANNED, Stage.OVER)
    assert found["Old"].stage is None


def test_budget_in_another_currency_is_converted_or_unknown() -> None:
    assert lines()["Summer"].budget is None
    rates = Rates((Rate(date(2026, 3, 13), "USD", Decimal(90)),))
    assert lines(rates)["Summer"].budget == 900


def test_rows_add_up_to_the_total() -> None:
    total, *rest = campaign_lines(activity())
    assert sum(each.figures.count for each in rest) == total.figures.count == 6
    assert sum(each.figures.sum for each in rest) == total.figures.sum == 961
    assert total.budget == 400


def rows(found: tuple[CampaignLine, ...]) -> list[list[Cell]]:
    grid = campaigns_report(found, activity(), say).grid
    return [[shown.value for shown in row] for row in grid.rows]


def test_tab_shows_cost_sales_and_return() -> None:
    found = rows(campaign_lines(activity()))
    assert [row[0] for row in found[1:]] == [
        "Total",
        "Summer",
        "Spring",
        "Winter",
        "Old",
        "P9",
        "(not specified)",
    ]
    assert found[3] == [
        "Spring",
        "ad",
        46082,
        46112,
        "running",
        400,
        2,
        5,
        900,
        2000,
        0.45,
        450,
        2,
        2,
        0,
        1,
        1.25,
    ]


def test_numbers_of_the_tab_are_explained_and_drawn() -> None:
    made = campaigns_report(campaign_lines(activity()), activity(), say)
    assert explained(made) >= 7 * 6
    (chart,) = made.charts
    assert chart_data(chart, made.grid).labels[:2] == ("Summer", "Spring")


def test_company_without_campaigns_or_sales_has_a_total_of_nothing() -> None:
    of = Activity(History(sales_of(book({})), AS_OF))
    assert isinstance(of.book, Book)
    (total,) = campaign_lines(of)
    assert (total.figures.count, total.budget) == (0, None)
    assert campaigns_report((total,), of, say).charts == ()
