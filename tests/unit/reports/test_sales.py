"""Which agreements are sales, which count, and which are left out and said so."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from crm_sync.reports.periods import Window
from crm_sync.reports.sales import Dimension, Omitted, Sales, sales_of
from tests.unit.reports.build import Rows, agreement, book, sale

AS_OF = date(2026, 3, 15)
MARCH = Window(date(2026, 3, 1), AS_OF)


def sales(agreements: Rows, clients: Rows | None = None, **others: Rows) -> Sales:
    return sales_of(book(clients, agreements, **others), AS_OF, [MARCH])


def test_only_won_agreements_up_to_the_day_are_sales() -> None:
    found = sales(
        {
            "A1": sale("C1", "2026-03-15", "10"),
            "A2": sale("C1", "2026-03-16", "20"),
            "A3": sale("C1", "2026-03-10", "30", status="declined"),
            "A4": agreement(amount="40", fulfilled_at="2026-03-10"),
        }
    )
    assert [each.id for each in found.sales] == ["A1"]


def test_archived_agreement_is_no_sale_but_an_archived_clients_sale_is() -> None:
    agreements = {"A1": sale("C1", "2026-03-10", "10"), "A2": sale("C2", "2026-03-10", "20")}
    clients: Rows = {"C1": {"kind": "customer"}, "C2": {"kind": "customer"}}
    found = sales_of(book(clients, agreements, archived=["A2", "C1"]), AS_OF)
    assert [each.id for each in found.sales] == ["A1"]


def test_sales_are_in_order_of_day_and_id() -> None:
    found = sales(
        {
            "A3": sale("C1", "2026-03-10", "10"),
            "A1": sale("C1", "2026-03-11", "10"),
            "A2": sale("C1", "2026-03-10", "10"),
        }
    )
    assert [each.id for each in found.sales] == ["A2", "A3", "A1"]
    assert found.first_day == date(2026, 3, 10)


@pytest.mark.parametrize("amount", ["0", None])
def test_sale_for_nothing_counts(amount: str | None) -> None:
    (only,) = sales({"A1": sale("C1", "2026-03-10", amount, currency=None)}).sales
    assert (only.counts, only.amount) == (True, Decimal(0))


def test_agreement_without_a_currency_is_in_the_base_one() -> None:
    found = sales({"A1": sale("C1", "2026-03-10", "10", currency=None)})
    assert (len(found.sales), found.omitted) == (1, Omitted())


def test_other_currencies_undated_and_suppliers_are_left_out_and_counted() -> None:
    clients: Rows = {
        "C1": {"kind": "customer"},
        "C2": {"kind": "supplier"},
        "C3": {"kind": "customer; supplier"},
    }
    found = sales(
        {
            "A1": sale("C1", "2026-03-10", "10", currency="USD"),
            "A2": sale("C1", "2025-03-10", "10", currency="USD"),
            "A3": sale("C1", "2026-03-10", "10", fulfilled_at=None),
            "A4": sale("C2", "2026-03-10", "10"),
            "A5": sale("C2", "2026-03-10", "10", currency="USD"),
            "A6": sale("C3", "2026-03-10", "10"),
            "A7": sale("C2", "2025-03-10", "10"),
        },
        clients,
    )
    assert [each.id for each in found.sales] == ["A6"]
    # A2 and A7 lie outside the window that is looked at.
    assert found.omitted == Omitted(other_currency=1, undated=1, suppliers=2)


def test_refund_lowers_the_sum_and_takes_a_fully_refunded_sale_out_of_the_count() -> None:
    agreements = {
        "A1": sale("C1", "2026-03-01", "100"),
        "A2": sale("C1", "2026-03-05", "-60", status="refund", refund_of="A1"),
    }
    kept = sales(agreements).sales
    assert [(each.amount, each.counts) for each in kept] == [(100, True), (-60, False)]
    agreements["A3"] = sale("C1", "2026-03-06", "-40", status="refund", refund_of="A1")
    gone = sales(agreements).sales
    assert [(each.amount, each.counts) for each in gone] == [
        (100, False),
        (-60, False),
        (-40, False),
    ]


def test_negative_amount_that_names_no_sale_lowers_the_sum_and_does_not_count() -> None:
    (only,) = sales({"A1": sale("C1", "2026-03-10", "-5")}).sales
    assert (only.amount, only.counts) == (-5, False)


def test_report_of_an_earlier_day_does_not_know_of_a_later_refund() -> None:
    agreements = {
        "A1": sale("C1", "2026-03-01", "100"),
        "A2": sale("C1", "2026-03-20", "-100", status="refund", refund_of="A1"),
    }
    (only,) = sales(agreements).sales
    assert only.counts


def test_values_of_the_dimensions_come_from_agreement_employee_and_client() -> None:
    clients: Rows = {
        "C1": {"kind": "customer; partner", "source": "Site", "branch": "B1", "owner": "E1"}
    }
    found = sales(
        {
            "A1": sale("C1", "2026-03-10", "1", product_group="G1", campaign="P1", owner="E2"),
            "A2": sale("C1", "2026-03-11", "1"),
            "A3": sale("gone", "2026-03-12", "1"),
        },
        clients,
        employees={"E1": {"name": "Petrov"}, "E2": {"name": "Ivanov", "branch": "B2"}},
    )
    assert [tuple(each.value(dimension) for dimension in Dimension) for each in found.sales] == [
        ("G1", "P1", "E2", "B2", "customer; partner", "Site"),
        ("", "", "", "B1", "customer; partner", "Site"),
        ("", "", "", "", "", ""),
    ]


def test_amount_or_date_that_cannot_be_read_counts_as_empty() -> None:
    found = sales(
        {
            "A1": sale("C1", "2026-03-10", "a lot"),
            "A2": sale("C1", "2026-03-10", "NaN"),
            "A3": sale("C1", "last week", "5"),
        }
    )
    assert [(each.id, each.amount) for each in found.sales] == [("A1", 0), ("A2", 0)]
    assert found.omitted.undated == 1
