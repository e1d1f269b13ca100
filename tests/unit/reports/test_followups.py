"""Whom to call today: groups, order, and who is never listed."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from crm_sync.reports.followup_groups import Group, group_of
from crm_sync.reports.followups import followups
from crm_sync.reports.steps import Source
from tests.unit.reports.build import Rows, agreement, book, contact

# A Wednesday.
NOW = datetime(2026, 3, 18, 12, 0)


@pytest.mark.parametrize(
    ("at", "group"),
    [
        ("2026-03-17", Group.OVERDUE),
        ("2026-03-17 23:59", Group.OVERDUE),
        ("2026-03-18 11:59", Group.OVERDUE),
        ("2026-03-18 12:00", Group.TODAY),
        ("2026-03-18", Group.TODAY),
        ("2026-03-18 23:59:59", Group.TODAY),
        ("2026-03-19", Group.TOMORROW),
        ("2026-03-20 09:00", Group.THIS_WEEK),
        ("2026-03-22", Group.THIS_WEEK),
        ("2026-03-23", None),
        ("2027-03-20", None),
    ],
)
def test_group_goes_by_day_and_by_the_minute_where_there_is_one(
    at: str, group: Group | None
) -> None:
    assert group_of(at, NOW) is group


def test_tomorrow_is_listed_on_a_sunday_though_it_is_of_the_next_week() -> None:
    assert group_of("2026-03-23", datetime(2026, 3, 22, 9)) is Group.TOMORROW


def test_week_goes_on_over_new_year() -> None:
    assert group_of("2027-01-02", datetime(2026, 12, 30, 9)) is Group.THIS_WEEK


def test_line_says_all_that_the_caller_needs() -> None:
    clients: Rows = {
        "C1": {"full_name": "Anna", "phone": "+79123456789", "owner": "E2", "kind": "customer"}
    }
    of = book(
        clients,
        {"A1": agreement(amount="48500.5", currency="usd", next_call_at="2026-03-16 10:00")},
        {"K1": contact("2026-03-13 14:05", outcome="callback", agreement="A1")},
        employees={"E1": {"name": "Petrov"}, "E2": {"name": "Ivanov"}},
    )
    (line,) = followups(of, NOW)
    assert line.group is Group.OVERDUE
    assert (line.overdue_days, line.at, line.source) == (2, "2026-03-16 10:00", Source.NEXT_CALL)
    assert (line.client, line.client_name, line.phone) == ("C1", "Anna", "+79123456789")
    assert (line.what, line.agreement) == ("Tea", "A1")
    assert (line.amount, line.currency) == (Decimal("48500.5"), "USD")
    assert (line.last_contact_at, line.last_outcome) == ("2026-03-13 14:05", "callback")
    assert (line.owner_id, line.owner) == ("E2", "Ivanov")


def test_who_took_the_step_on_is_responsible_before_the_clients_own() -> None:
    of = book(
        {"C1": {"full_name": "Anna", "owner": "E3"}},
        {"A1": agreement(owner="E2", amount="10")},
        {
            "K1": contact(
                "2026-03-10",
                agreement="A1",
                next_step="Send a sample",
                next_step_at="2026-03-18",
                employee="E1",
                reason="offer",
            )
        },
    )
    (line,) = followups(of, NOW)
    assert (line.owner, line.what, line.reason) == ("E1", "Send a sample", "offer")
    assert (line.agreement, line.amount) == ("A1", Decimal(10))


def test_archived_client_and_one_who_wants_no_contact_are_never_listed() -> None:
    clients: Rows = {
        "C1": {"full_name": "Anna"},
        "C2": {"full_name": "Boris", "do_not_contact": 1},
        "C3": {"full_name": "Clara"},
    }
    agreements = {
        "A1": agreement(due_date="2026-03-10"),
        "A2": agreement(client="C2", due_date="2026-03-10"),
        "A3": agreement(client="C3", due_date="2026-03-10"),
        "A4": agreement(client="C2"),
        "A5": agreement(client="gone", due_date="2026-03-10"),
    }
    listed = followups(book(clients, agreements, archived=["C3"]), NOW)
    assert [line.client for line in listed] == ["C1"]


def test_open_agreement_without_any_step_is_listed_last() -> None:
    clients: Rows = {f"C{number}": {"full_name": f"C{number}"} for number in range(1, 5)}
    agreements = {
        "A1": agreement(client="C1", subject="Older", agreed_at="2026-02-01"),
        "A2": agreement(client="C1", subject="Newer"),
        "A3": agreement(client="C2", due_date="2026-03-19"),
        "A4": agreement(client="C3", status="fulfilled"),
        "A5": agreement(client="C4", due_date="2026-05-01"),
    }
    listed = followups(book(clients, agreements), NOW)
    assert [(line.client, line.group, line.what) for line in listed] == [
        ("C2", Group.TOMORROW, "Tea"),
        ("C1", Group.NO_NEXT_STEP, "Newer"),
    ]
    assert listed[1].source is None


def test_satisfied_step_leaves_its_open_agreement_without_one() -> None:
    due = {"A1": agreement(due_date="2026-03-10")}
    assert followups(book(agreements=due), NOW)[0].group is Group.OVERDUE
    called = {"K1": contact("2026-03-17 10:00")}
    (line,) = followups(book(agreements=due, contacts=called), NOW)
    assert line.group is Group.NO_NEXT_STEP


def test_order_is_group_then_days_overdue_then_amount_then_client() -> None:
    clients: Rows = {f"C{number}": {"full_name": "x"} for number in range(1, 9)}
    wanted = [
        ("C5", "2026-03-10", "1"),
        ("C3", "2026-03-16", "900"),
        ("C1", "2026-03-16", "100"),
        ("C2", "2026-03-16", "100"),
        ("C8", "2026-03-16", "0"),
        ("C4", "2026-03-16", None),
        ("C7", "2026-03-18", "5"),
        ("C6", "2026-03-19", "5000"),
    ]
    agreements = {
        f"A{client}": agreement(client=client, due_date=due, amount=amount)
        for client, due, amount in reversed(wanted)
    }
    listed = followups(book(clients, agreements), NOW)
    assert [line.client for line in listed] == [client for client, _, _ in wanted]
    assert [line.overdue_days for line in listed] == [8, 2, 2, 2, 2, 2, 0, 0]


def test_client_has_one_line_for_its_earliest_step() -> None:
    agreements = {
        "A1": agreement(due_date="2026-03-17"),
        "A2": agreement(due_date="2026-03-16"),
        "A3": agreement(due_date="2026-03-18"),
    }
    (line,) = followups(book(agreements=agreements), NOW)
    assert (line.agreement, line.key) == ("A2", "C1|overdue")


def test_zone_of_now_is_not_looked_at() -> None:
    of = book(agreements={"A1": agreement(next_call_at="2026-03-18 12:00")})
    assert followups(of, NOW.replace(tzinfo=UTC)) == followups(of, NOW)


def test_nobody_is_listed_in_an_empty_store() -> None:
    assert followups(book({}), NOW) == ()
