"""Which agreements are sales, which count, and which are left out and said so."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from crm_sync.reports.amounts import Exact, exact
from crm_sync.reports.book import READ, Book
from crm_sync.reports.currency import Rate, Rates
from crm_sync.reports.history import History
from crm_sync.reports.intake import AgreementRow, sales_from, sales_of
from crm_sync.reports.periods import Window
from crm_sync.reports.sales import Basis, Dimension, LeftOut, Sale, Sales, left_out
from tests.unit.reports.build import Rows, agreement, book, by_field, sale

AS_OF = date(2026, 3, 15)
EVER = Window(date(1999, 1, 1), date(2099, 12, 31))
MARCH = Window(date(2026, 3, 1), AS_OF)


def listed(sales: Sales, as_of: date = AS_OF) -> list[Sale]:
    return list(History(sales, as_of).sales_in(EVER, None, ""))


def sales(agreements: Rows, clients: Rows | None = None, **others: Rows) -> list[Sale]:
    return listed(sales_of(book(clients, agreements, **others)))


def test_only_won_agreements_up_to_the_day_are_sales() -> None:
    found = sales(
        {
            "A1": sale("C1", "2026-03-15", "10"),
            "A2": sale("C1", "2026-03-16", "20"),
            "A3": sale("C1", "2026-03-10", "30", status="declined"),
            "A4": agreement(amount="40", fulfilled_at="2026-03-10"),
        }
    )
    assert [each.id for each in found] == ["A1"]


def test_archived_agreement_is_no_sale_but_an_archived_clients_sale_is() -> None:
    agreements = {"A1": sale("C1", "2026-03-10", "10"), "A2": sale("C2", "2026-03-10", "20")}
    clients: Rows = {"C1": {"kind": "customer"}, "C2": {"kind": "customer"}}
    found = listed(sales_of(book(clients, agreements, archived=["A2", "C1"])))
    assert [each.id for each in found] == ["A1"]


def test_sales_are_in_order_of_day_and_id() -> None:
    agreements = {
        "A3": sale("C1", "2026-03-10", "10"),
        "A1": sale("C1", "2026-03-11", "10"),
        "A2": sale("C1", "2026-03-10", "10"),
    }
    assert [each.id for each in sales(agreements)] == ["A2", "A3", "A1"]
    assert sales_of(book(agreements=agreements)).first_day == date(2026, 3, 10)


@pytest.mark.parametrize("amount", ["0", None])
def test_sale_for_nothing_counts(amount: str | None) -> None:
    (only,) = sales({"A1": sale("C1", "2026-03-10", amount, currency=None)})
    assert (only.counts, only.amount) == (True, Decimal(0))


def test_agreement_without_a_currency_is_in_the_base_one() -> None:
    found = sales_of(book(agreements={"A1": sale("C1", "2026-03-10", "10", currency=None)}))
    assert (len(listed(found)), found.omissions) == (1, ())


def test_what_is_in_no_figure_is_counted_by_reason() -> None:
    clients: Rows = {
        "C1": {"kind": "customer"},
        "C2": {"kind": "supplier"},
        "C3": {"kind": "customer; supplier"},
    }
    found = sales_of(
        book(
            clients,
            {
                "A1": sale("C1", "2026-03-10", "10", currency="USD"),
                "A2": sale("C1", "2025-03-10", "10", currency="USD"),
                "A3": sale("C1", "2026-03-10", "10", fulfilled_at=None),
                "A4": sale("C2", "2026-03-10", "10"),
                "A5": sale("C2", "2026-03-10", "10", currency="USD"),
                "A6": sale("C3", "2026-03-10", "10"),
                "A7": sale("C2", "2025-03-10", "10"),
                "A8": sale("C1", "2026-03-10", "10", status="draft"),
                "A9": sale("C1", "2026-03-10", "10", status="declined"),
            },
        )
    )
    assert [each.id for each in listed(found)] == ["A6"]
    # A2 and A7 lie outside the window that is looked at.
    assert left_out(found.omissions, MARCH) == {
        LeftOut.NO_RATE: 1,
        LeftOut.SUPPLIER: 2,
        LeftOut.UNDATED: 1,
        LeftOut.NOT_DONE: 1,
    }


def test_refund_lowers_the_sum_and_takes_a_fully_refunded_sale_out_of_the_count() -> None:
    agreements = {
        "A1": sale("C1", "2026-03-01", "100"),
        "A2": sale("C1", "2026-03-05", "-60", status="refund", refund_of="A1"),
    }
    kept = sales(agreements)
    assert [(each.amount, each.counts) for each in kept] == [(100, True), (-60, False)]
    agreements["A3"] = sale("C1", "2026-03-06", "-40", status="refund", refund_of="A1")
    gone = sales(agreements)
    assert [(each.amount, each.counts) for each in gone] == [
        (100, False),
        (-60, False),
        (-40, False),
    ]


def test_negative_amount_that_names_no_sale_lowers_the_sum_and_does_not_count() -> None:
    (only,) = sales({"A1": sale("C1", "2026-03-10", "-5")})
    assert (only.amount, only.counts) == (-5, False)


def test_report_of_an_earlier_day_does_not_know_of_a_later_refund() -> None:
    agreements = {
        "A1": sale("C1", "2026-03-01", "100"),
        "A2": sale("C1", "2026-03-20", "-100", status="refund", refund_of="A1"),
    }
    (only,) = sales(agreements)
    assert only.counts
    known = listed(sales_of(book(agreements=agreements)), date(2026, 3, 20))
    assert [each.counts for each in known] == [False, False]


CLIENTS: Rows = {
    "C1": {"kind": "customer; partner", "source": "Site", "branch": "B1", "owner": "E1"}
}
EMPLOYEES: Rows = {"E1": {"name": "Petrov"}, "E2": {"name": "Ivanov", "branch": "B2"}}


def values(agreements: Rows) -> list[tuple[str, ...]]:
    found = sales_of(book(CLIENTS, agreements, employees=EMPLOYEES))
    return list(zip(*(found.column(dimension) for dimension in Dimension), strict=True))


def test_values_of_the_dimensions_come_from_agreement_employee_and_client() -> None:
    assert values(
        {
            "A1": sale("C1", "2026-03-10", "1", product_group="G1", campaign="P1", owner="E2"),
            "A2": sale("C1", "2026-03-11", "1"),
            "A3": sale("gone", "2026-03-12", "1"),
        }
    ) == [
        ("G1", "P1", "E2", "B2", "customer; partner", "Site"),
        ("", "", "", "B1", "customer; partner", "Site"),
        ("", "", "", "", "", ""),
    ]


def test_values_at_close_go_before_those_of_today() -> None:
    today = {"product_group": "G1", "owner": "E1"}
    closed = {"group_at_close": "G2", "owner_at_close": "E2"}
    assert values(
        {
            "A1": sale("C1", "2026-03-10", "1", **today, **closed),
            "A2": sale("C1", "2026-03-11", "1", **today, **closed, branch_at_close="B3"),
        }
    ) == [
        ("G2", "", "E2", "B2", "customer; partner", "Site"),
        ("G2", "", "E2", "B3", "customer; partner", "Site"),
    ]


def test_amount_or_date_that_cannot_be_read_counts_as_empty() -> None:
    found = sales_of(
        book(
            agreements={
                "A1": sale("C1", "2026-03-10", "a lot"),
                "A2": sale("C1", "2026-03-10", "NaN"),
                "A3": sale("C1", "last week", "5"),
            }
        )
    )
    assert [(each.id, each.amount) for each in listed(found)] == [("A1", 0), ("A2", 0)]
    assert [(each.id, each.why) for each in found.omissions] == [("A3", LeftOut.UNDATED)]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("48500.5", (485005, 1)),
        ("-0.05", (-5, 2)),
        ("0", (0, 0)),
        (7, (7, 0)),
        ("1E+3", (1000, 0)),
        ("1.5e-3", (15, 4)),
        (None, None),
        ("", None),
        ("1.2.3", None),
        ("Infinity", None),
        ("1e999", None),
    ],
)
def test_amount_is_read_to_the_last_digit(
    typed: str | int | None, expected: tuple[int, int] | None
) -> None:
    assert exact(typed) == (Exact(*expected) if expected else None)


def test_sums_are_exact_where_floating_numbers_are_not() -> None:
    agreements = {f"A{n}": sale("C1", "2026-03-10", "0.1") for n in range(3)}
    agreements["A9"] = sale("C1", "2026-03-10", "100000000000000.001")
    assert sum(each.amount for each in sales(agreements)) == Decimal("100000000000000.301")


RATES = Rates(
    (
        Rate(date(2026, 3, 1), "USD", Decimal("90.1234")),
        Rate(date(2026, 3, 9), "USD", Decimal(91)),
        Rate(date(2026, 3, 1), "EUR", Decimal(100)),
    )
)


@pytest.mark.parametrize(
    ("day", "rate"),
    [
        ("2026-02-28", None),
        ("2026-03-01", "90.1234"),
        ("2026-03-08", "90.1234"),
        ("2026-03-09", "91"),
        ("2026-03-16", "91"),
        ("2026-03-17", None),
    ],
)
def test_rate_is_the_last_known_and_at_most_a_week_old(day: str, rate: str | None) -> None:
    assert RATES.on("usd", date.fromisoformat(day)) == (Decimal(rate) if rate else None)


def test_other_currencies_are_summed_at_the_rate_of_their_day() -> None:
    of = book(
        agreements={
            "A1": sale("C1", "2026-03-08", "10.01", currency="usd"),
            "A2": sale("C1", "2026-03-08", "1", currency="GBP"),
            "A3": sale("C1", "2026-03-09", "1"),
            "A4": sale("C1", "2026-03-09", "0", currency="GBP"),
        }
    )
    found = sales_of(of, rates=RATES)
    assert [(each.id, each.amount) for each in listed(found)] == [
        ("A1", Decimal("902.135234")),
        ("A3", 1),
        ("A4", 0),
    ]
    assert found.unpriced is not None
    assert [each.id for each in listed(found.unpriced)] == ["A2"]


def test_full_refund_is_told_in_the_currency_of_the_sale() -> None:
    # The rate fell meanwhile: in roubles less went back than had come in.
    agreements = {
        "A1": sale("C1", "2026-03-09", "10", currency="USD"),
        "A2": sale("C1", "2026-03-02", "-10", currency="USD", status="refund", refund_of="A1"),
        "A3": sale("C1", "2026-03-09", "10", currency="USD"),
        "A4": sale("C1", "2026-03-09", "-905", status="refund", refund_of="A3"),
        "A5": sale("C1", "2026-03-09", "10", currency="USD"),
        "A6": sale("C1", "2026-03-09", "-910", status="refund", refund_of="A5"),
    }
    found = listed(sales_of(book(agreements=agreements), rates=RATES))
    assert [each.id for each in found if each.counts] == ["A3"]


def test_basis_says_which_day_and_which_amount_make_a_sale() -> None:
    of = book(
        agreements={
            "A1": sale("C1", "2026-03-10", "100", agreed_at="2026-02-27", paid_amount="40"),
            "A2": sale("C1", "2026-03-11", "50", agreed_at=None),
            "A3": sale("C1", "2026-03-12", "70", paid_amount="0"),
            "A4": sale("C1", "2026-03-13", "70", paid_amount="70", paid_at="2026-03-01"),
            "A5": sale("C1", "2026-03-14", "-40", refund_of="A1"),
        }
    )

    def told(basis: Basis) -> list[tuple[str, str, Decimal, bool]]:
        found = listed(sales_of(of, basis))
        return [(each.id, each.day.isoformat(), each.amount, each.counts) for each in found]

    assert told(Basis.FULFILLED) == [
        ("A1", "2026-03-10", 100, True),
        ("A2", "2026-03-11", 50, True),
        ("A3", "2026-03-12", 70, True),
        ("A4", "2026-03-13", 70, True),
        ("A5", "2026-03-14", -40, False),
    ]
    assert told(Basis.AGREED) == [
        ("A1", "2026-02-27", 100, True),
        ("A3", "2026-03-12", 70, True),
        ("A4", "2026-03-13", 70, True),
        ("A5", "2026-03-14", -40, False),
    ]
    # All that was paid of A1 went back.
    assert told(Basis.PAID) == [
        ("A4", "2026-03-01", 70, True),
        ("A1", "2026-03-10", 40, False),
        ("A5", "2026-03-14", -40, False),
    ]


def test_time_that_says_its_distance_from_utc_is_of_the_companys_day() -> None:
    late = {
        "A1": sale("C1", "2026-02-28T22:30Z", "1"),
        "A2": sale("C1", "2026-02-28 22:30", "1"),
        "A3": sale("C1", "2026-03-01T01:00+05:00", "1"),
    }
    of = Book(book(agreements=late).tables, "RUB", ZoneInfo("Europe/Moscow"))
    assert {each.id: each.day.isoformat() for each in listed(sales_of(of))} == {
        "A1": "2026-03-01",
        "A2": "2026-02-28",
        "A3": "2026-02-28",
    }


def test_rows_of_a_query_make_the_same_sales_as_records() -> None:
    agreements = {
        "A1": sale("C1", "2026-03-10", "10.5", product_group="G1", owner="E2"),
        "A2": sale("C1", "2026-03-11", "-10.5", refund_of="A1", status="refund"),
        "A3": sale("C1", "2026-03-12", "3", status="draft"),
    }
    of = book(CLIENTS, agreements, employees=EMPLOYEES)
    rows = [
        AgreementRow(key, *(values.get(name) for name in AgreementRow._fields[1:]))
        for key, values in agreements.items()
    ]
    without = Book({k: v for k, v in of.tables.items() if k != "agreements"}, "RUB")
    found, same = sales_from(rows, without), sales_of(of)
    assert listed(found) == listed(same)
    assert found.omissions == same.omissions
    assert list(found.branches) == list(same.branches) == ["B2", "B1"]


def test_every_field_of_sales_that_reports_read_is_loaded_for_them() -> None:
    at_close = {"owner_at_close", "group_at_close", "branch_at_close"}
    assert {*READ["agreements"]} == {*AgreementRow._fields[1:]} - at_close


@pytest.mark.parametrize("basis", Basis)
def test_agreements_read_as_columns_make_the_same_sales(basis: Basis) -> None:
    odd: Rows = {
        "A01": sale("C1", "2026-03-10", "10.5", product_group="G1", owner="E2"),
        "A02": sale("C1", "2026-03-10", "-1", refund_of="A01", status="refund"),
        "A03": sale("C1", "2026-03-10", "-9.5", refund_of="A01", status="refund"),
        "A04": sale(
            "C2", "2026-03-10", "1.250", campaign="P1", paid_amount="1", paid_at="2026-03-11"
        ),
        "A05": sale("C1", "2026-03-09", "-3", owner="E1"),
        "A06": sale("C1", "2026-03-09 10:30", "1E+2", owner="E1", owner_at_close="E2"),
        "A07": sale("C1", "2026-03-08", "much", branch_at_close="B7"),
        "A08": sale("C1", "2026-03-08", None, group_at_close="G9", product_group="G1"),
        "A09": sale("C1", "some day", "5"),
        "A10": sale("C1", "2026-03-01", "5", currency="USD"),
        "A11": sale("C1", "2026-03-01", "5", currency="EUR"),
        "A12": sale("C1", "2026-03-01", "5", currency="rub"),
        "A13": sale("C1", "2026-03-12", "3", status="draft"),
        "A14": sale("C1", "2026-03-12", "3", status="declined"),
        "A15": sale("C1", "2026-03-12", "3", status="nobody knows it"),
        "A16": sale("C1", "2026-03-12", "3", status=None),
        "A17": sale("C3", "2026-03-12", "3"),
        "A18": sale("C9", "2026-03-12", "3"),
        "A19": sale("C1", "2026-03-12", "3.5"),
    }
    clients: Rows = {**CLIENTS, "C3": {"kind": "supplier"}}
    of = book(clients, odd, employees=EMPLOYEES, archived={"A19"})
    rates = Rates((Rate(date(2026, 3, 1), "USD", Decimal("81.2345")),))
    found, same = sales_of(by_field(of), basis, rates), sales_of(of, basis, rates)
    assert found.omissions == same.omissions
    assert found.refunded == same.refunded
    for one, other in ((found, same), (found.unpriced, same.unpriced)):
        assert one is not None
        assert other is not None
        for column in (*Dimension, "ids", "days", "clients", "units", "plain"):
            read = [
                each.column(column) if isinstance(column, Dimension) else getattr(each, column)
                for each in (one, other)
            ]
            assert read[0] == read[1], column
        assert one.places == other.places


def test_sales_of_a_kind_are_those_to_its_clients_whatever_else_they_are() -> None:
    clients: Rows = {"C1": {"kind": "customer; partner"}, "C2": {"kind": "customer"}}
    agreements = {
        "A1": sale("C1", "2026-03-10", "1"),
        "A2": sale("C2", "2026-03-09", "1"),
        "A3": sale("C2", "2026-03-09", "1", currency="USD"),
        "A4": sale("C1", "2026-03-09", "1", currency="USD"),
    }
    found = sales_of(book(clients, agreements)).of_kind("partner")
    assert [each.id for each in listed(found)] == ["A1"]
    assert [each.id for each in found.omissions] == ["A4"]
    assert found.unpriced is not None
    assert [each.id for each in listed(found.unpriced)] == ["A4"]
    # The data begin where they begin, whoever bought first.
    assert found.first_day == date(2026, 3, 9)
