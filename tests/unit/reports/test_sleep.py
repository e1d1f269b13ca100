"""When silence becomes too long, by each customer's own rhythm."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from crm_sync.reports.book import Book
from crm_sync.reports.customers import Customer, client_base
from crm_sync.reports.history import History
from crm_sync.reports.intake import sales_of
from crm_sync.reports.purchases import purchases_of
from crm_sync.reports.sleep import USUAL_SLEEP, Reactivation, Sleep, State, is_seasonal, limits
from tests.unit.reports.build import GOLDEN, Rows, agreement, book, contact, golden, sale

AS_OF = date(2026, 3, 15)


def customers(of: Book, as_of: date = AS_OF) -> dict[str, Customer]:
    return dict(client_base(of, History(sales_of(of), as_of)).by_client())


def state(of: Book, as_of: str, client: str = "C1") -> State:
    return customers(of, date.fromisoformat(as_of))[client].state


def bought(*days: str, **values: str) -> Rows:
    return {f"A{number}": sale("C1", day, "100", **values) for number, day in enumerate(days)}


@pytest.mark.parametrize(
    ("client", "day", "expected"),
    [
        ("C1", "2026-03-15", State.ACTIVE),
        ("C1", "2026-04-27", State.ACTIVE),
        # Three springs long: by silence alone C1 would cool from here on.
        ("C1", "2026-04-28", State.OUT_OF_SEASON),
        ("C2", "2026-03-15", State.COOLING),
        ("C2", "2026-03-20", State.COOLING),
        ("C2", "2026-03-21", State.SLEEPING),
        ("C3", "2026-03-15", State.ACTIVE),
        ("C4", "2026-03-05", State.SLEEPING),
        ("C4", "2026-03-06", State.LOST),
        ("C4", "2026-03-15", State.LOST),
    ],
)
def test_golden_customers_fall_asleep_on_their_days(client: str, day: str, expected: State) -> None:
    assert state(golden(), day, client) is expected


def test_golden_customer_would_sleep_after_sixty_days_but_for_the_season() -> None:
    for day, silent in (("2026-05-12", State.COOLING), ("2026-05-13", State.SLEEPING)):
        found = customers(golden(), date.fromisoformat(day))["C1"]
        assert (found.silent, found.state) == (silent, State.OUT_OF_SEASON)


def test_golden_rhythm_is_the_median_that_a_long_sleep_does_not_move() -> None:
    found = customers(golden())["C1"]
    assert found.purchases is not None
    assert found.purchases.gaps == [31, 28, 308, 30, 30]
    assert (found.rhythm, found.days) == (30, 2)
    assert customers(golden())["C2"].rhythm is None


@pytest.mark.parametrize(
    ("rhythm", "cooling", "sleeping", "lost"),
    [
        (Decimal(30), 45, 60, 365),
        # Cooling has no floor, sleeping has.
        (Decimal(4), 6, 30, 365),
        (Decimal("30.5"), Decimal("45.75"), 61, 365),
        # Both are capped, lost is not.
        (Decimal(200), 300, 365, 800),
        (Decimal(300), 365, 365, 1200),
        (None, 60, 90, 365),
    ],
)
def test_limits_follow_the_rhythm(
    rhythm: Decimal | None, cooling: Decimal, sleeping: int, lost: int
) -> None:
    assert limits(rhythm, 90, USUAL_SLEEP) == (cooling, sleeping, lost)


def test_rhythm_needs_three_dates_not_three_purchases() -> None:
    twice = bought("2026-01-01", "2026-01-01", "2026-01-11")
    assert customers(book(agreements=twice))["C1"].rhythm is None
    thrice = bought("2026-01-01", "2026-01-11", "2026-01-21")
    assert customers(book(agreements=thrice))["C1"].rhythm == 10


def test_days_between_calls_that_somebody_set_go_before_the_rhythm_with_few_dates_too() -> None:
    clients: Rows = {"C1": {"full_name": "Anna", "touch_every_days": 20}}
    of = book(clients, bought("2026-03-01"))
    assert customers(of)["C1"].rhythm == 20
    assert state(of, "2026-03-31") is State.ACTIVE
    assert state(of, "2026-04-01") is State.COOLING
    assert state(of, "2026-04-10") is State.COOLING
    assert state(of, "2026-04-11") is State.SLEEPING


def test_default_is_that_of_the_last_purchases_group_or_of_the_group_above_it() -> None:
    groups: Rows = {
        "G1": {"name": "Tea", "sleep_after_days": 30},
        "G2": {"name": "Green", "parent": "G1"},
        "G3": {"name": "Cups"},
    }
    agreements = {
        "A1": sale("C1", "2026-01-01", "1", product_group="G3"),
        "A2": sale("C1", "2026-01-02", "1", product_group="G2"),
    }
    of = book(agreements=agreements, product_groups=groups)
    assert customers(of)["C1"].limits.sleeping == 30
    agreements["A3"] = sale("C1", "2026-01-02", "1", product_group="G3")
    of = book(agreements=agreements, product_groups=groups)
    assert customers(of)["C1"].limits.sleeping == 90


def test_groups_that_stand_above_each_other_in_a_circle_have_the_default() -> None:
    groups: Rows = {"G1": {"parent": "G2"}, "G2": {"parent": "G1"}}
    of = book(agreements=bought("2026-01-01", product_group="G1"), product_groups=groups)
    assert customers(of)["C1"].limits.sleeping == 90


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        ({"agreements": {"A9": agreement()}}, State.OPEN_AGREEMENT),
        ({"contacts": {"K1": contact("2026-03-20", status="planned")}}, State.NEXT_STEP),
        ({"contacts": {"K1": contact("2026-03-15", status="planned")}}, State.NEXT_STEP),
        # What is overdue is no plan.
        ({"contacts": {"K1": contact("2026-03-14", status="planned")}}, State.SLEEPING),
        ({"clients": {"C1": {"do_not_contact": 1}}}, State.DO_NOT_CONTACT),
    ],
)
def test_exempt_customer_shows_the_reason_instead(others: dict[str, Rows], expected: State) -> None:
    agreements = {**bought("2025-12-01"), **others.pop("agreements", {})}
    of = book(agreements=agreements, **others)
    found = customers(of)["C1"]
    assert (found.state, found.silent) == (expected, State.SLEEPING)
    assert found.to_call == (expected is State.SLEEPING)


def test_active_customer_shows_the_reason_too() -> None:
    of = book(agreements={**bought("2026-03-10"), "A9": agreement()})
    assert state(of, "2026-03-15") is State.OPEN_AGREEMENT


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (("2024-12-10", "2026-01-12"), True),
        (("2024-11-30", "2025-12-01", "2026-01-31"), True),
        (("2024-11-30", "2025-12-01", "2026-02-01"), False),
        (("2024-03-10", "2025-05-10"), True),
        (("2024-03-10", "2025-06-10"), False),
        # One winter is two calendar years, one spring is not.
        (("2025-12-31", "2026-01-01"), True),
        (("2025-03-10", "2025-05-10"), False),
        (("2024-02-29", "2025-02-28"), True),
    ],
)
def test_seasonal_is_who_buys_in_three_adjacent_months_of_several_years(
    days: tuple[str, ...], expected: bool
) -> None:
    ordinals = [date.fromisoformat(day).toordinal() for day in days]
    assert is_seasonal(ordinals) is expected


def test_seasonal_buyer_is_out_of_season_instead_of_cooling_or_sleeping() -> None:
    of = book(agreements=bought("2024-12-10", "2025-12-10"))
    assert state(of, "2026-02-01") is State.ACTIVE
    assert state(of, "2026-02-09") is State.OUT_OF_SEASON
    assert state(of, "2026-06-01") is State.OUT_OF_SEASON
    assert state(of, "2026-12-11") is State.LOST


def test_fully_refunded_purchase_is_none_from_the_day_of_the_refund_on() -> None:
    agreements = {
        **bought("2026-01-01", "2026-03-01"),
        "A9": sale("C1", "2026-03-10", "-100", refund_of="A1"),
    }
    of = book(agreements=agreements)
    assert customers(of, date(2026, 3, 9))["C1"].last == date(2026, 3, 1)
    found = customers(of, date(2026, 3, 10))["C1"]
    assert found.last == date(2026, 1, 1)
    assert found.purchases is not None
    assert (found.purchases.count, found.purchases.sum) == (1, 100)


def test_purchase_in_a_currency_without_a_rate_is_a_purchase_of_unknown_worth() -> None:
    agreements = {
        "A1": sale("C1", "2026-01-01", "100"),
        "A2": sale("C1", "2026-02-01", "100", currency="USD", product_group="G1"),
        "A3": sale("C1", "2026-02-01", "50"),
        "A4": sale("C1", "2026-03-01", "100", currency="USD"),
    }
    found = customers(book(agreements=agreements))["C1"].purchases
    assert found is not None
    assert [date.fromordinal(day).month for day in found.dates] == [1, 2, 3]
    assert (found.count, found.recent_count, found.sum) == (4, 4, 150)
    assert found.groups == ["", "", ""]


def test_supplier_is_judged_by_the_last_contact() -> None:
    clients: Rows = {
        "C1": {"kind": "supplier"},
        "C2": {"kind": "partner", "touch_every_days": 10},
        "C3": {"kind": "partner"},
    }
    contacts = {
        "K1": contact("2025-12-01"),
        "K2": contact("2026-03-01", client="C2"),
        "K3": contact("2026-03-10", client="C2", status="no_answer"),
    }
    found = customers(book(clients, contacts=contacts))
    assert {key: (each.days, each.state) for key, each in found.items()} == {
        "C1": (104, State.SLEEPING),
        "C2": (14, State.ACTIVE),
    }


def test_reactivation_is_a_purchase_that_ended_a_sleep_of_its_time() -> None:
    def reactivated(agreements: Rows) -> list[str]:
        of = book(agreements=agreements)
        purchases = purchases_of(History(sales_of(of), date(2026, 12, 31)), 365)
        found = Sleep(of).reactivations(purchases)
        assert all(isinstance(each, Reactivation) for each in found)
        return [
            date.fromordinal(each.day).isoformat() for each in Sleep(of).reactivations(purchases)
        ]

    # 90 days of silence are not yet sleep, 91 are.
    assert reactivated(bought("2026-01-01", "2026-04-01")) == []
    assert reactivated(bought("2026-01-01", "2026-04-02")) == ["2026-04-02"]
    # Of the golden customer the long gap is one, though the rhythm was known by two gaps then.
    golden_days = [str(row["fulfilled_at"]) for row in GOLDEN.values() if row["client"] == "C1"]
    assert reactivated(bought(*golden_days)) == ["2026-01-12"]
    # A seasonal buyer never slept.
    assert reactivated(bought("2024-12-10", "2025-01-10", "2025-12-10")) == []
