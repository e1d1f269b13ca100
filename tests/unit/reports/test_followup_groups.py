"""The groups of the list that are not of a step's day, holidays, and the time of branches."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from crm_sync.messages import Messages
from crm_sync.reports.book import Book
from crm_sync.reports.catalogue import Request
from crm_sync.reports.digest import digest
from crm_sync.reports.followup_groups import FollowUp, Group, ListTerms
from crm_sync.reports.followups import followups, of_branch, of_employee
from crm_sync.reports.followups_grid import followups_grid
from crm_sync.reports.status_days import status_days
from crm_sync.reports.workdays import CalendarDay, WorkCalendar
from tests.unit.reports.build import STATUSES, Rows, agreement, book, contact, sale, say

# A Wednesday.
NOW = datetime(2026, 3, 18, 12, 0)


def told(of: Book, terms: ListTerms | None = None, now: datetime = NOW) -> list[tuple[str, str]]:
    return [(line.client, line.group.value) for line in followups(of, now, terms)]


def what(line: FollowUp) -> str:
    return str(followups_grid((line,), say).rows[1][5].value)


def call(at: str, **values: str | None) -> dict[str, str | int | None]:
    return contact(at, status="no_answer", direction="in", channel="call", **values)


def test_missed_call_is_listed_until_it_is_returned() -> None:
    missed = {"K1": call("2026-03-17 10:00"), "K2": call("2026-03-17 09:00", summary="about tea")}
    (line,) = followups(book(contacts=missed), NOW)
    assert (line.group, line.at, line.overdue_days) == (Group.MISSED_CALL, "2026-03-17 09:00", 1)
    assert (line.record, what(line)) == ("K2", "Call back: about tea")
    tried = {"K3": contact("2026-03-17 11:00", status="no_answer", direction="out")}
    assert told(book(contacts={**missed, **tried})) == [("C1", "missed_call")]
    written = {"K3": contact("2026-03-17 11:00", channel="email")}
    assert told(book(contacts={**missed, **written})) == []
    before = {"K3": contact("2026-03-17 09:30", channel="email")}
    (line,) = followups(book(contacts={**missed, **before}), NOW)
    assert line.at == "2026-03-17 10:00"


def test_call_back_that_is_planned_stands_for_the_missed_call() -> None:
    contacts = {
        "K1": call("2026-03-17 10:00"),
        "K2": contact("2026-03-19 10:00", status="planned"),
    }
    assert told(book(contacts=contacts)) == [("C1", "tomorrow")]


def test_contact_planned_before_the_missed_call_does_not_return_it() -> None:
    contacts = {
        "K1": call("2026-03-17 10:00"),
        "K2": contact("2026-03-17 09:00", status="planned"),
    }
    assert told(book(contacts=contacts)) == [("C1", "overdue"), ("C1", "missed_call")]
    contacts["K2"]["contact_at"] = "2026-03-17"
    assert told(book(contacts=contacts)) == [("C1", "overdue")]


def test_missed_call_about_an_agreement_is_for_who_has_the_agreement() -> None:
    of = book(
        {"C1": {"full_name": "Anna", "owner": "E1"}},
        {"A1": agreement(owner="E2", next_call_at="2026-04-30")},
        {"K1": call("2026-03-17 10:00", agreement="A1")},
    )
    (line,) = followups(of, NOW)
    assert (line.group, line.owner, line.agreement) == (Group.MISSED_CALL, "E2", "A1")


@pytest.mark.parametrize(
    "values",
    [
        {"direction": "out"},
        {"channel": "email"},
        {"status": "held"},
        {"status": "planned"},
        {"status": "rescheduled"},
        {"status": "cancelled"},
    ],
)
def test_only_the_clients_own_call_that_nobody_took_is_missed(values: dict[str, str]) -> None:
    statuses = {**STATUSES, "S-011": {"entity": "contact", "key": "cancelled", "type": "lost"}}
    of = book(contacts={"K1": call("2026-03-18 10:00") | values}, statuses=statuses)
    assert ("C1", "missed_call") not in told(of)


def test_missed_call_may_be_given_some_hours() -> None:
    of = book(contacts={"K1": call("2026-03-18 10:30")})
    assert told(of, ListTerms(missed_after_hours=2)) == []
    assert told(of, ListTerms(missed_after_hours=1)) == [("C1", "missed_call")]


CLIENT_STATUSES: Rows = {
    **STATUSES,
    "S-002": {"entity": "agreement", "key": "in_progress", "type": "open", "max_days": 14},
    "S-020": {"entity": "client", "key": "inquired", "type": "open", "max_days": 10},
    "S-021": {"entity": "client", "key": "served", "type": "won"},
    "S-022": {"entity": "client", "key": "lost", "type": "lost", "max_days": 1},
}


def test_open_client_without_a_step_is_listed_also_without_an_agreement() -> None:
    clients: Rows = {
        "C1": {"full_name": "Anna", "status": "inquired", "owner": "E1"},
        "C2": {"full_name": "Boris", "status": "served"},
        "C3": {"full_name": "Clara", "status": "lost"},
        "C4": {"full_name": "Dora", "status": "inquired"},
    }
    of = book(
        clients,
        contacts={"K1": contact("2026-04-30", client="C4", status="planned")},
        statuses=CLIENT_STATUSES,
        employees={"E1": {"name": "Petrov", "branch": "B1"}},
    )
    (line,) = followups(of, NOW)
    assert (line.client, line.group, line.agreement) == ("C1", Group.NO_NEXT_STEP, "")
    assert (line.owner, line.branch, what(line)) == ("Petrov", "B1", "None")


def stuck(days: int, **values: str) -> list[tuple[str, str]]:
    since = {("agreements", "A1"): date.fromordinal(NOW.toordinal() - days)}
    of = book(agreements={"A1": agreement(**values)}, statuses=CLIENT_STATUSES)
    return told(of, ListTerms(status_since=since))


def test_stuck_is_longer_in_a_status_than_it_allows_with_nothing_planned() -> None:
    assert stuck(14) == [("C1", "no_next_step")]
    assert stuck(15) == [("C1", "no_next_step"), ("C1", "stuck")]
    # 0 or nothing: nobody minds.
    assert stuck(15, status="on_hold") == [("C1", "no_next_step")]
    assert stuck(15, status="declined") == []
    assert stuck(15, due_date="2026-06-01") == []


def test_stuck_line_tells_the_status_and_how_long() -> None:
    since = {("agreements", "A1"): date(2026, 2, 16), ("clients", "C1"): date(2026, 2, 1)}
    of = book(
        {"C1": {"full_name": "Anna", "status": "inquired"}},
        {"A1": agreement()},
        statuses=CLIENT_STATUSES,
    )
    lines = followups(of, NOW, ListTerms(status_since=since))
    assert [line.group for line in lines] == [Group.NO_NEXT_STEP, Group.STUCK]
    # The client has been too long in its status by 35 days, the agreement by 16.
    assert (lines[1].overdue_days, what(lines[1])) == (35, "45 days in “inquired”")
    del since["clients", "C1"]
    lines = followups(of, NOW, ListTerms(status_since=since))
    assert (lines[1].overdue_days, what(lines[1])) == (16, "30 days in “in_progress”: Tea")


def test_days_in_a_status_count_from_its_last_change_in_the_zone_of_the_company() -> None:
    changes = [
        ("agreements", "A1", "2026-02-28T22:30:00.000+00:00"),
        ("agreements", "A1", "2026-02-20T22:30:00"),
        ("clients", "C1", "2026-02-28T20:30:00Z"),
    ]
    assert status_days(changes, ZoneInfo("Europe/Moscow")) == {
        ("agreements", "A1"): date(2026, 3, 1),
        ("clients", "C1"): date(2026, 2, 28),
    }


def sleepers(**others: Rows) -> list[FollowUp]:
    agreements = {
        "A1": sale("C1", "2025-12-17", "70"),
        "A2": sale("C2", "2025-12-01", "100"),
        "A3": sale("C3", "2025-12-18", "100"),
    } | others.pop("agreements", {})
    clients: Rows = {key: {"full_name": key} for key in ("C1", "C2", "C3")}
    return list(followups(book(clients, agreements, **others), NOW))


def test_sleeping_customers_are_listed_from_the_day_after_their_threshold() -> None:
    found = sleepers()
    assert [(line.client, line.group, line.overdue_days) for line in found] == [
        ("C2", Group.SLEEPING, 17),
        ("C1", Group.SLEEPING, 1),
    ]
    assert (found[1].amount, found[1].currency) == (Decimal(70), "RUB")
    assert what(found[1]) == "Silent for 91 days"


def test_sleeping_customer_with_a_rhythm_tells_it() -> None:
    more = {f"A{n}": sale("C1", f"2025-{n:02}-17", "1") for n in range(4, 12)}
    found = [line for line in sleepers(agreements=more) if line.client == "C1"]
    assert what(found[0]) == "Silent for 91 days, usually 30.5"
    russian = followups_grid(found[:1], Messages("ru").text).rows[1][5].value
    assert str(russian).endswith("обычно 30,5")


@pytest.mark.parametrize(
    ("day", "listed"), [("2026-03-18", False), ("2026-02-17", False), ("2026-02-16", True)]
)
def test_contact_keeps_a_sleeping_customer_off_the_list_for_a_month(day: str, listed: bool) -> None:
    found = sleepers(contacts={"K1": contact(day)})
    assert ("C1" in [line.client for line in found]) is listed


def test_call_without_an_answer_keeps_nobody_off_the_list() -> None:
    found = sleepers(contacts={"K1": contact("2026-03-18", status="no_answer")})
    assert "C1" in [line.client for line in found]


SUPPLIERS: Rows = {
    "C1": {"full_name": "Mill", "kind": "supplier"},
    "C2": {"full_name": "Shop", "kind": "customer; supplier"},
    "C3": {"full_name": "Anna", "kind": "customer"},
}


@pytest.mark.parametrize("client", ["C1", "C2"])
@pytest.mark.parametrize("obligor", ["client", "both"])
def test_supplier_who_owes_us_and_is_late_has_a_group_of_its_own(client: str, obligor: str) -> None:
    due = {"A1": agreement(client=client, due_date="2026-03-16", obligor=obligor, amount="5")}
    (line,) = followups(book(SUPPLIERS, due), NOW)
    assert (line.group, line.overdue_days, line.agreement) == (Group.SUPPLIER_LATE, 2, "A1")


def test_what_we_owe_and_what_a_customer_owes_is_overdue_and_no_suppliers_matter() -> None:
    due = {
        "A1": agreement(client="C1", due_date="2026-03-16", obligor="us"),
        "A2": agreement(client="C3", due_date="2026-03-16", obligor="client"),
        "A3": agreement(client="C2", next_call_at="2026-03-16", obligor="client"),
    }
    assert told(book(SUPPLIERS, due)) == [("C1", "overdue"), ("C2", "overdue"), ("C3", "overdue")]


def test_supplier_who_is_not_late_yet_is_listed_by_its_day() -> None:
    due = {
        "A1": agreement(client="C1", due_date="2026-03-18", obligor="client"),
        "A2": agreement(client="C1", due_date="2026-03-10", obligor="client"),
    }
    assert told(book(SUPPLIERS, due)) == [("C1", "today"), ("C1", "supplier_late")]


def test_groups_stand_in_their_order() -> None:
    clients: Rows = {f"C{n}": {"full_name": "x"} for n in range(1, 9)} | {
        "C9": {"full_name": "Mill", "kind": "supplier"}
    }
    agreements = {
        "A1": agreement(client="C1", due_date="2026-03-17"),
        "A2": agreement(client="C2", due_date="2026-03-18"),
        "A3": agreement(client="C3", due_date="2026-03-19"),
        "A4": agreement(client="C4", due_date="2026-03-20"),
        "A7": agreement(client="C7"),
        "A8": sale("C8", "2025-10-01", "1"),
        "A9": agreement(client="C9", due_date="2026-03-01", obligor="client"),
    }
    of = book(
        clients,
        agreements,
        {"K5": call("2026-03-18 09:00", client="C5")},
        statuses=CLIENT_STATUSES,
    )
    terms = ListTerms(status_since={("agreements", "A7"): date(2026, 1, 1)})
    assert told(of, terms) == [
        ("C1", "overdue"),
        ("C2", "today"),
        ("C3", "tomorrow"),
        ("C4", "this_week"),
        ("C5", "missed_call"),
        ("C7", "no_next_step"),
        ("C7", "stuck"),
        ("C8", "sleeping"),
        ("C9", "supplier_late"),
    ]
    assert [line.priority for line in followups(of, NOW, terms)] == [1, 2, 3, 3, 1, 2, 2, 3, 1]


HOLIDAYS = WorkCalendar(
    (
        CalendarDay(date(2026, 3, 16), False),
        CalendarDay(date(2026, 3, 17), False),
        CalendarDay(date(2026, 3, 18), False, "B1"),
    )
)


def test_day_of_a_holiday_moves_to_the_next_workday_in_the_list_only() -> None:
    of = book(agreements={"A1": agreement(next_call_at="2026-03-16 18:00")})
    (line,) = followups(of, NOW, ListTerms(HOLIDAYS))
    assert (line.group, line.at, line.overdue_days) == (Group.TODAY, "2026-03-18 18:00", 0)
    assert of.agreements["A1"].next_call_at == "2026-03-16 18:00"


def test_holiday_of_a_branch_is_none_elsewhere() -> None:
    clients: Rows = {"C1": {"full_name": "x", "branch": "B1"}, "C2": {"full_name": "y"}}
    due = {
        "A1": agreement(client="C1", due_date="2026-03-18"),
        "A2": agreement(client="C2", due_date="2026-03-18"),
    }
    assert told(book(clients, due), ListTerms(HOLIDAYS)) == [("C2", "today"), ("C1", "tomorrow")]


def test_plain_weekend_stays_but_is_passed_over_by_a_holiday_before_it() -> None:
    calendar = WorkCalendar((CalendarDay(date(2026, 3, 20), False),))
    due = {
        "A1": agreement(due_date="2026-03-21"),
        "A2": agreement(client="C2", due_date="2026-03-20"),
    }
    clients: Rows = {"C1": {"full_name": "x"}, "C2": {"full_name": "y"}}
    assert told(book(clients, due), ListTerms(calendar)) == [("C1", "this_week")]
    assert calendar.after_holiday(date(2026, 3, 20)) == date(2026, 3, 23)


def test_earliest_step_is_told_after_the_holidays_have_moved_it() -> None:
    due = {
        "A1": agreement(due_date="2026-03-16"),
        "A2": agreement(next_call_at="2026-03-18 09:00"),
    }
    calendar = WorkCalendar(tuple(CalendarDay(date(2026, 3, n), False) for n in (16, 17, 18)))
    (line,) = followups(book(agreements=due), NOW, ListTerms(calendar))
    assert line.at == "2026-03-19"


def test_calendar_that_knows_no_end_of_holidays_moves_nothing() -> None:
    calendar = WorkCalendar((CalendarDay(date(2026, 3, 16), False),), frozenset(range(7)))
    assert calendar.after_holiday(date(2026, 3, 16)) == date(2026, 3, 16)


FAR_EAST = {"B1": ZoneInfo("Asia/Vladivostok")}


def test_today_is_that_of_the_branch() -> None:
    clients: Rows = {
        "C1": {"full_name": "x", "owner": "E1"},
        "C2": {"full_name": "y"},
        "C3": {"full_name": "z", "branch": "B1"},
    }
    due = {f"A{n}": agreement(client=f"C{n}", due_date="2026-03-19") for n in (1, 2, 3)}
    of = book(clients, due, employees={"E1": {"name": "Petrov", "branch": "B1"}})
    # 18:00 in Moscow is the next day's 1:00 in Vladivostok.
    evening = datetime(2026, 3, 18, 18, 0, tzinfo=ZoneInfo("Europe/Moscow"))
    terms = ListTerms(zones=FAR_EAST)
    assert told(of, terms, evening) == [("C1", "today"), ("C3", "today"), ("C2", "tomorrow")]
    # Without a zone nobody knows how far away the branch is.
    naive = evening.replace(tzinfo=None)
    assert {group for _, group in told(of, terms, naive)} == {"tomorrow"}


def test_contact_of_the_branchs_today_has_been_held() -> None:
    of = book(
        {"C1": {"full_name": "x", "branch": "B1"}},
        {"A1": agreement(due_date="2026-03-18")},
        {"K1": contact("2026-03-19 00:30")},
    )
    evening = datetime(2026, 3, 18, 18, 0, tzinfo=ZoneInfo("Europe/Moscow"))
    assert told(of, None, evening) == [("C1", "today")]
    assert told(of, ListTerms(zones=FAR_EAST), evening) == [("C1", "no_next_step")]


def test_contact_held_after_the_companys_midnight_counts_in_branches_that_are_behind() -> None:
    of = book(
        {"C1": {"full_name": "x", "branch": "B1"}},
        {"A1": agreement(due_date="2026-03-18")},
        {"K1": contact("2026-03-19 00:10")},
    )
    night = datetime(2026, 3, 19, 0, 30, tzinfo=ZoneInfo("Europe/Moscow"))
    behind = ListTerms(zones={"B1": ZoneInfo("Europe/Kaliningrad")})
    assert told(of, behind, night) == [("C1", "no_next_step")]


def test_contact_of_tomorrow_is_not_held_because_it_is_tomorrow_elsewhere() -> None:
    evening = datetime(2026, 3, 18, 18, 0, tzinfo=ZoneInfo("Europe/Moscow"))
    # Mistyped, it hides neither the step nor the contact that was held.
    contacts = {"K1": contact("2026-03-19 10:00"), "K2": contact("2026-03-10 10:00")}
    of = book(agreements={"A1": agreement(due_date="2026-03-17")}, contacts=contacts)
    (line,) = followups(of, evening, ListTerms(zones=FAR_EAST))
    assert (line.group, line.last_contact_at) == (Group.OVERDUE, "2026-03-10 10:00")


def test_branch_of_who_has_none_is_that_of_the_clients_own_employee() -> None:
    employees: Rows = {"E1": {"name": "Petrov", "branch": "B1"}, "E2": {"name": "Ivanov"}}
    of = book({"C1": {"owner": "E1", "branch": "B2"}}, employees=employees)
    client = of.clients["C1"]
    assert [of.branch_of(client, key) for key in ("E1", "E2", "")] == ["B1", "B1", "B1"]
    assert of.branch_of(None, "E2") == ""


def test_as_of_a_day_every_branch_is_at_the_end_of_that_day() -> None:
    clients: Rows = {"C1": {"full_name": "x", "branch": "B1"}, "C2": {"full_name": "y"}}
    due = {f"A{n}": agreement(client=f"C{n}", due_date="2026-03-18") for n in (1, 2)}
    later = datetime(2026, 5, 1, 12, 0, tzinfo=ZoneInfo("Europe/Moscow"))
    moment = Request(later, date(2026, 3, 18)).moment
    found = told(book(clients, due), ListTerms(zones=FAR_EAST), moment)
    assert found == [("C1", "today"), ("C2", "today")]
    assert Request(later, date(2026, 5, 1)).moment == later


def test_clocks_that_are_changed_move_no_day() -> None:
    # In Berlin 2:00 on 29 March 2026 is 3:00: the hour does not exist, the day does.
    of = book(agreements={"A1": agreement(next_call_at="2026-03-29 02:30")})
    before = datetime(2026, 3, 29, 0, 30, tzinfo=UTC).astimezone(ZoneInfo("Europe/Berlin"))
    after = datetime(2026, 3, 29, 1, 30, tzinfo=UTC).astimezone(ZoneInfo("Europe/Berlin"))
    terms = ListTerms(zones={"B1": ZoneInfo("Europe/Berlin")})
    assert told(of, terms, before) == [("C1", "today")]
    assert told(of, terms, after) == [("C1", "overdue")]


def test_lists_of_an_employee_and_of_a_branch_are_parts_of_the_whole() -> None:
    clients: Rows = {f"C{n}": {"full_name": "x"} for n in (1, 2, 3)}
    due = {
        "A1": agreement(client="C1", due_date="2026-03-18", owner="E1"),
        "A2": agreement(client="C2", due_date="2026-03-18", owner="E2"),
        "A3": agreement(client="C3", due_date="2026-03-18"),
    }
    employees: Rows = {"E1": {"name": "Petrov", "branch": "B1"}, "E2": {"name": "Ivanov"}}
    lines = followups(book(clients, due, employees=employees), NOW)
    assert [line.client for line in of_employee(lines, "E1")] == ["C1"]
    assert [line.client for line in of_branch(lines, "B1")] == ["C1"]
    assert [line.client for line in of_employee(lines, "")] == ["C3"]


def test_digest_is_a_heading_for_each_group_and_a_line_for_each_client() -> None:
    clients: Rows = {
        "C1": {"full_name": "Anna", "phone": "+79123456789"},
        "C2": {"full_name": "Boris"},
    }
    due = {
        "A1": agreement(client="C1", due_date="2026-03-16"),
        "A2": agreement(client="C2"),
    }
    assert digest(followups(book(clients, due), NOW), say) == (
        "Overdue: 1\n- 2026-03-16 · Anna · +79123456789 · Due: Tea\n\n"
        "No next step: 1\n- Boris · Tea"
    )
    assert digest((), say) == ""
