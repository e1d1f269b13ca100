"""Scores and segments of customers, and the tab that shows them."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from crm_sync.core.charts import ChartKind, chart_data
from crm_sync.core.values import Cell, Scalar
from crm_sync.reports.customers import BaseTerms, ClientBase, client_base
from crm_sync.reports.customers_grid import customers_report
from crm_sync.reports.explain import Rule
from crm_sync.reports.history import History
from crm_sync.reports.intake import sales_of
from crm_sync.reports.report import Report
from crm_sync.reports.rfm import USUAL_RFM, FixedScores, RfmTerms, Scores, Segment, segment
from crm_sync.reports.sleep import State
from tests.unit.reports.build import Rows, book, contact, explained, golden, sale, say

AS_OF = date(2026, 3, 15)


def base(
    agreements: Rows, clients: Rows | None = None, terms: BaseTerms | None = None
) -> ClientBase:
    keys = {str(row["client"]) for row in agreements.values()}
    of = book(clients or {key: {"full_name": key} for key in keys}, agreements)
    return client_base(of, History(sales_of(of), AS_OF), terms or BaseTerms())


def test_score_counts_those_with_a_strictly_worse_value() -> None:
    # Ten customers who bought 1 to 10 days ago, each for as much as the next.
    agreements = {
        f"A{n}": sale(f"C{n:02}", (AS_OF - timedelta(n)).isoformat(), "100") for n in range(1, 11)
    }
    found = base(agreements).customers
    assert [each.scores and each.scores.recency for each in found] == [5, 5, 4, 4, 3, 3, 2, 2, 1, 1]
    # Equal values have equal scores, and nobody is worse.
    assert {each.scores and each.scores[1:] for each in found} == {(1, 1)}


def test_only_purchases_of_the_last_365_days_are_ranked() -> None:
    agreements = {
        "A1": sale("C1", "2025-03-16", "10"),
        "A2": sale("C2", "2025-03-15", "10"),
        "A3": sale("C3", "2026-03-15", "10"),
        "A4": sale("C3", "2026-03-16", "10"),
    }
    found = base(agreements).by_client()
    assert found["C1"].scores == Scores(1, 1, 1)
    assert found["C2"].scores is None
    assert found["C2"].segment is State.SLEEPING
    purchases = found["C3"].purchases
    assert purchases is not None
    assert (found["C3"].scores, purchases.count) == (Scores(3, 1, 1), 1)


def test_refund_lowers_the_money_but_a_part_of_it_not_the_frequency() -> None:
    agreements = {
        "A1": sale("C1", "2026-03-01", "100"),
        "A2": sale("C1", "2026-03-02", "-30", refund_of="A1"),
        "A3": sale("C2", "2026-03-01", "80"),
    }
    found = base(agreements).by_client()
    purchases = found["C1"].purchases
    assert purchases is not None
    assert (purchases.recent_count, purchases.recent_sum) == (1, 70)
    assert found["C1"].scores == Scores(1, 1, 1)
    assert found["C2"].scores == Scores(1, 1, 3)


def test_only_customers_who_are_not_archived_are_ranked() -> None:
    clients: Rows = {
        "C1": {"kind": "customer"},
        "C2": {"kind": "partner"},
        "C3": {"kind": "customer"},
        "C4": {"kind": "customer; supplier"},
        "C5": {"kind": "customer"},
    }
    agreements = {f"A{n}": sale(f"C{n}", "2026-03-01", "1") for n in (1, 2, 3, 4)} | {
        "A6": sale("gone", "2026-03-01", "1")
    }
    of = book(clients, agreements, archived=["C3"])
    found = client_base(of, History(sales_of(of), AS_OF))
    assert [each.client.id for each in found.customers] == ["C1", "C4"]
    assert found.never_bought == 1


@pytest.mark.parametrize(
    ("scores", "since_first", "expected"),
    [
        ((4, 4, 4), 10, Segment.CHAMPION),
        ((5, 5, 3), 10, Segment.NEW),
        ((1, 1, 1), 60, Segment.NEW),
        ((1, 1, 1), 61, Segment.ORDINARY),
        ((1, 4, 1), 61, Segment.LOYAL),
        ((5, 4, 3), 61, Segment.LOYAL),
        ((2, 3, 5), 61, Segment.AT_RISK),
        ((3, 3, 5), 61, Segment.ORDINARY),
        ((4, 3, 5), 61, Segment.PROMISING),
    ],
)
def test_first_segment_that_holds_is_the_customers(
    scores: tuple[int, int, int], since_first: int, expected: Segment
) -> None:
    assert segment(Scores(*scores), since_first, USUAL_RFM) is expected


def test_fixed_scores_are_taken_while_customers_are_few() -> None:
    fixed = FixedScores(
        (240, 120, 60, 30), (2, 3, 6, 12), (Decimal(10), Decimal(100), Decimal(1000), Decimal(9999))
    )
    agreements = {
        "A1": sale("C1", "2026-02-13", "60"),
        "A2": sale("C1", "2026-02-13", "40"),
        "A3": sale("C2", "2025-07-18", "9.99"),
    }
    few = base(agreements, terms=BaseTerms(rfm=RfmTerms(fixed=fixed)))
    assert [each.scores for each in few.customers] == [(5, 2, 3), (2, 1, 1)]
    many = base(agreements, terms=BaseTerms(rfm=RfmTerms(fixed=fixed, enough=2)))
    assert [each.scores for each in many.customers] == [(3, 3, 3), (1, 1, 1)]


def report() -> Report:
    return customers_report(client_base(golden(), History(sales_of(golden()), AS_OF)), say)


def rows(of: Report) -> list[list[Cell]]:
    return [[shown.value for shown in row] for row in of.grid.rows]


def test_tab_lists_whom_to_call_first() -> None:
    found = rows(report())
    top = next(number for number, row in enumerate(found) if row and row[0] == "Client")
    assert [(row[0], row[11], row[12]) for row in found[top + 1 :]] == [
        ("C2", "ordinary", "cooling"),
        ("C1", "loyal", "active"),
        ("C3", "newcomer", "active"),
        ("C4", "lost", "lost"),
    ]


def test_row_holds_all_that_is_known_of_a_customer() -> None:
    clients: Rows = {
        "C1": {"full_name": "Anna", "phone": "+79123456789", "owner": "E1", "kind": "customer"}
    }
    agreements = {
        "A1": sale("C1", "2024-01-01", "100.5"),
        "A2": sale("C1", "2025-04-01", "200"),
        "A3": sale("C1", "2025-12-01", "300"),
    }
    of = book(
        clients,
        agreements,
        {"K1": contact("2026-01-10 12:00")},
        employees={"E1": {"name": "Petrov"}},
    )

    def show(table: str, field: str, value: Scalar) -> Cell:
        return f"{table}.{field}: {value}"

    made = customers_report(client_base(of, History(sales_of(of), AS_OF)), say, show)
    assert rows(made)[-1] == [
        "Anna",
        "Petrov",
        45992,
        104,
        2,
        500,
        350,
        365,
        1,
        1,
        1,
        "ordinary",
        "active",
        46032.5,
        None,
        None,
        None,
        3,
        600.5,
        "C1",
    ]
    late = customers_report(client_base(of, History(sales_of(of), date(2027, 1, 1))), say, show)
    row = rows(late)[-1]
    assert row[11:13] == ["sleeping", "sleeping"]
    assert row[15:17] == ["silent for 396 days, usually 350", "clients.phone: +79123456789"]


def test_numbers_of_the_tab_are_explained_and_charts_show_them() -> None:
    made = report()
    assert explained(made) >= 4 * 4
    pie, heat = made.charts
    data = chart_data(pie, made.grid)
    assert dict(zip(data.labels, data.values[0][1], strict=True))["lost"] == 1
    assert heat.kind is ChartKind.HEAT
    assert sum(value or 0 for value in chart_data(heat, made.grid).values[0][1]) == 3


def test_rhythm_that_somebody_set_is_explained_as_such() -> None:
    of = book(
        {"C1": {"full_name": "Anna", "touch_every_days": 20}},
        {"A1": sale("C1", "2026-03-01", "1", currency="USD")},
    )
    made = customers_report(client_base(of, History(sales_of(of), AS_OF)), say)
    assert explained(made) == 45
    assert Rule.GIVEN in {trace.explain().rule for trace in made.behind.values()}


def test_empty_store_has_an_empty_base() -> None:
    of = book({})
    made = customers_report(client_base(of, History(sales_of(of), AS_OF)), say)
    assert rows(made)[-1][0] == "Client"
