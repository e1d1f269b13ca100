"""Every number of every report, on stores made by chance: what is listed behind it makes it."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_sync.core.grid import Style
from crm_sync.core.values import Cell, Scalar
from crm_sync.reports.book import Book
from crm_sync.reports.catalogue import Beyond, Findings, Request, View, make_report
from crm_sync.reports.names import REPORTS
from crm_sync.reports.parameters import Question
from crm_sync.reports.periods import PeriodKind
from crm_sync.reports.report import Report
from crm_sync.reports.sales import Basis, Dimension
from tests.unit.reports.build import Rows, book, explained, say

FIRST, DAYS = date(2023, 3, 1), 1150
NUMBERS = frozenset({Style.MONEY, Style.PERCENT, Style.INTEGER, Style.PLAIN})
BEYOND = Beyond(status_since={("clients", "C1"): date(2025, 1, 1)})
GIVEN: Mapping[str, frozenset[str]] = {
    # What somebody typed or set, days, scores and ranks: nothing lies behind them.
    "followups": frozenset(),
    "comparison": frozenset({"Days", "Working days"}),
    "plans": frozenset({"Plan", "Working days passed"}),
    "kpi": frozenset({"Plan", "Salary"}),
    "customers": frozenset(
        {"Days since", "Days between purchases", "Sleeps after, days", "R", "F", "M"}
    ),
    "campaigns": frozenset({"Budget", "Planned sales", "Planned sum"}),
    "summary": frozenset({"Plan"}),
    "seasonality": frozenset(),
}


def moment(chance: random.Random, day: date) -> str:
    hours = f" {chance.randrange(24):02}:{chance.choice(['00', '30', '59'])}"
    return day.isoformat() + chance.choice(["", hours])


def world(seed: int) -> Book:
    """A store in which everything that reports read stands."""
    chance = random.Random(seed)
    people, owners = ["C1", "C2", "C3", "C4", "gone"], ["E1", "E2", None]
    agreements: Rows = {}
    for number in range(chance.choice([0, 1, 30, 50])):
        day = FIRST + timedelta(chance.randrange(DAYS))
        status = chance.choice(["fulfilled"] * 6 + ["in_progress", "on_hold", "declined", "draft"])
        amount = Decimal(chance.randrange(0, 90_000)) / 100
        row: dict[str, Scalar] = {
            "client": chance.choice(people),
            "subject": "Tea",
            "status": status,
            "amount": chance.choice([str(amount), str(amount), None]),
            "currency": chance.choice(["RUB", None, "USD"]),
            "product_group": chance.choice(["G1", "G2", None]),
            "campaign": chance.choice(["P1", "P2", None]),
            "owner": chance.choice(owners),
            "agreed_at": (day - timedelta(chance.randrange(9))).isoformat(),
            "due_date": chance.choice([None, day.isoformat()]),
            "fulfilled_at": day.isoformat() if status == "fulfilled" else None,
            "paid_amount": chance.choice([None, str(amount)]),
        }
        agreements[f"A{number}"] = row
        if status == "fulfilled" and chance.random() < 0.15 and amount:
            back = chance.choice([amount, (amount / 3).quantize(Decimal("0.01"))])
            day += timedelta(chance.randrange(90))
            more = {"status": "refund", "refund_of": f"A{number}", "amount": str(-back)}
            agreements[f"B{number}"] = row | more | {"fulfilled_at": day.isoformat()}
    contacts: Rows = {}
    for number in range(chance.randrange(25)):
        day = FIRST + timedelta(DAYS - chance.randrange(120))
        contacts[f"K{number}"] = {
            "client": chance.choice(people),
            "contact_at": moment(chance, day),
            "channel": chance.choice(["call", "email"]),
            "direction": chance.choice(["in", "out"]),
            "reason": "inquiry",
            "status": chance.choice(["held", "held", "no_answer", "planned"]),
            "next_step_at": chance.choice([None, moment(chance, day + timedelta(20))]),
            "employee": chance.choice(owners),
            "campaign": chance.choice(["P1", None]),
        }
    return book(people_of(chance), agreements, contacts, **lists(chance))


def people_of(chance: random.Random) -> Rows:
    return {
        f"C{number}": {
            "full_name": f"Client {number}",
            "kind": chance.choice(["customer", "customer; supplier", "supplier", None]),
            "owner": chance.choice(["E1", None]),
            "source": chance.choice(["Site", None]),
            "touch_every_days": chance.choice([None, None, 20]),
        }
        for number in range(1, 5)
    }


def lists(chance: random.Random) -> dict[str, Rows]:
    plans: Rows = {
        "L1": {"period": "2026", "scope": "company", "metric": "sum", "value": "9000"},
        "L2": {"period": "2026-04", "scope": "company", "metric": "sum", "value": "700"},
        "L3": {"period": "2026-04", "scope": "employee", "scope_id": "E1", "value": "300"},
        "L4": {"period": "2026-04", "scope": "branch", "scope_id": "B1", "value": "10"},
        "L5": {
            "period": "2026-04",
            "scope": "group",
            "scope_id": "G1",
            "metric": "count",
            "value": "0",
        },
    }
    return {
        "branches": {"B1": {"name": "North"}},
        "employees": {
            "E1": {"name": "Petrov", "branch": "B1", "hired": "2026-04-08"},
            "E2": {"name": "Ivanova"},
        },
        "product_groups": {"G1": {"name": "Tea"}, "G2": {"name": "Tea"}},
        "campaigns": {
            "P1": {"name": "Spring", "start": "2026-01-01", "budget": "100", "plan_sum": "999"},
            "P2": {"name": "Nothing"},
        },
        "rates": {"R1": {"date": "2026-03-30", "currency": "USD", "rate": "90.0501"}},
        "sales_plan": {key: row for key, row in plans.items() if chance.random() < 0.8},
        "standards": {"T1": {"hours": 24}},
        "kpi_rules": {
            "U1": {"metric": "sum", "weight": "60", "least": "10", "target": "500"},
            "U2": {"metric": "count", "weight": "30", "target": "2"},
            "U3": {"metric": "cycle", "weight": "20", "lower_is_better": 1, "target": "3"},
        },
        "bonus_terms": {
            "N1": {"employee": "E1", "salary": "50000", "share": "20", "grid": "50 0.7; 100 1"},
            "N2": {
                "employee": "E2",
                "kind": "sales",
                "rate": "3.3",
                "basis": chance.choice(list(Basis)),
            },
        },
        "paid_bonuses": {
            "Z1": {"employee": "E2", "month": "2026-03", "bonus": "12.34", "correction": "-1"},
        },
    }


def unexplained(name: str, report: Report) -> list[tuple[int, int, Cell]]:
    """The numbers that nothing stands behind and that nobody has given."""
    found: list[tuple[int, int, Cell]] = []
    given_columns: dict[int, bool] = {}
    for number, row in enumerate(report.grid.rows):
        label = str(row[0].value) if row else ""
        for column, cell in enumerate(row):
            if cell.style is Style.HEADER:
                given_columns[column] = str(cell.value) in GIVEN[name]
            is_given = given_columns.get(column, False) or label in GIVEN[name]
            is_number = isinstance(cell.value, int | float) and cell.style in NUMBERS
            if is_number and (number, column) not in report.behind and not is_given:
                found.append((number, column, cell.value))
    return found


@settings(max_examples=8)
@given(
    seed=st.integers(0, 10**6),
    day=st.dates(date(2026, 4, 1), date(2026, 4, 30)),
    kind=st.sampled_from(PeriodKind),
    dimension=st.sampled_from(Dimension),
)
@pytest.mark.parametrize("name", REPORTS)
def test_every_number_of_every_report_is_made_by_what_is_listed_behind_it(
    name: str, seed: int, day: date, kind: PeriodKind, dimension: Dimension
) -> None:
    now = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    question = Question(period=kind, dimensions=(dimension,))
    request = Request(now=now, as_of=day, question=question)
    found = Findings(world(seed), request, BEYOND)
    report = make_report(name, found, View(say))

    explained(report)
    assert unexplained(name, report) == []
