"""Facts of employees, branches, groups and campaigns, and how work is done."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from crm_sync.reports.activity import COMPANY, Activity, Fact, Indicator, Scope, Subject
from crm_sync.reports.book import Book
from crm_sync.reports.discipline import Discipline, Quality
from crm_sync.reports.explain import worked_out
from crm_sync.reports.history import History
from crm_sync.reports.intake import sales_of
from crm_sync.reports.periods import Window
from tests.unit.reports.build import Rows, agreement, book, contact, sale

AS_OF = date(2026, 3, 20)
MARCH = Window(date(2026, 3, 1), date(2026, 3, 31))
FEBRUARY = Window(date(2026, 2, 1), date(2026, 2, 28))
PETROV = Subject(Scope.EMPLOYEE, "E1")
IVANOV = Subject(Scope.EMPLOYEE, "E2")
NORTH = Subject(Scope.BRANCH, "B1")

EMPLOYEES: Rows = {"E1": {"name": "Petrov", "branch": "B1"}, "E2": {"name": "Ivanov"}}


def activity(of: Book, closed_on: dict[str, date] | None = None) -> Activity:
    return Activity(History(sales_of(of), AS_OF), closed_on or {})


def value(found: Fact) -> Decimal | None:
    explained = found.trace.explain()
    assert worked_out(explained) == explained.value == found.value
    return found.value


SOLD = book(
    {"C1": {"full_name": "Anna"}, "C2": {"full_name": "Boris", "owner": "E1"}},
    {
        "A1": sale("C1", "2026-03-02", "100", owner="E1", product_group="G1", campaign="P1"),
        "A2": sale("C2", "2026-03-03", "50", owner="E2", product_group="G1"),
        "A3": sale("C2", "2026-03-04", "-20", owner="E2", refund_of="A2"),
        "A4": sale("C1", "2026-02-02", "10", owner="E1", agreed_at="2026-01-03"),
    },
    employees=EMPLOYEES,
)


@pytest.mark.parametrize(
    ("indicator", "subject", "expected"),
    [
        (Indicator.SUM, COMPANY, 130),
        (Indicator.SUM, PETROV, 100),
        (Indicator.SUM, IVANOV, 30),
        # Ivanov has no branch: his sale is of the branch of Boris's own employee.
        (Indicator.SUM, NORTH, 130),
        (Indicator.SUM, Subject(Scope.GROUP, "G1"), 150),
        (Indicator.SUM, Subject(Scope.CAMPAIGN, "P1"), 100),
        (Indicator.SUM, Subject(Scope.EMPLOYEE, "E9"), 0),
        (Indicator.COUNT, COMPANY, 2),
        (Indicator.NEW, COMPANY, 1),
        (Indicator.NEW, PETROV, 0),
        (Indicator.AVERAGE, COMPANY, 65),
        (Indicator.AVERAGE, Subject(Scope.EMPLOYEE, "E9"), None),
        (Indicator.CYCLE, COMPANY, 0),
        (Indicator.CYCLE, Subject(Scope.EMPLOYEE, "E9"), None),
    ],
)
def test_sales_are_those_of_the_subject(
    indicator: Indicator, subject: Subject, expected: int | None
) -> None:
    assert value(activity(SOLD).fact(indicator, MARCH, subject)) == expected


def test_cycle_is_the_mean_of_days_from_agreement_to_fulfilment() -> None:
    assert value(activity(SOLD).fact(Indicator.CYCLE, FEBRUARY, PETROV)) == 30


CONTACTS: Rows = {
    "K1": contact("2026-03-02 10:00", employee="E1", channel="call", direction="out"),
    "K2": contact("2026-03-03 10:00", employee="E1", channel="call", direction="in"),
    "K3": contact("2026-03-04 10:00", employee="E1", channel="email", direction="out"),
    "K4": contact("2026-03-05 10:00", employee="E2", channel="call"),
    "K5": contact(
        "2026-03-06 10:00", employee="E1", channel="call", direction="in", status="no_answer"
    ),
    "K6": contact(
        "2026-03-05 09:00", employee="E1", channel="call", direction="in", status="no_answer"
    ),
    "K7": contact("2026-03-07 10:00", employee="E1", channel="call", status="planned"),
    "K8": contact("2026-02-28 23:59", employee="E1", channel="call"),
    # Of days to come nobody knows.
    "K9": contact("2026-03-21 10:00", employee="E1", channel="call", client="C2"),
}


@pytest.mark.parametrize(
    ("indicator", "subject", "expected"),
    [
        (Indicator.CONTACTS, COMPANY, 4),
        (Indicator.CONTACTS, PETROV, 3),
        (Indicator.CONTACTS, NORTH, 3),
        (Indicator.CALLS, PETROV, 1),
        (Indicator.CALLS, IVANOV, 1),
        (Indicator.CALLS_IN, PETROV, 1),
        # The one of 5 March was followed by a contact, the one of the 6th was not.
        (Indicator.MISSED, PETROV, 1),
    ],
)
def test_contacts_are_those_of_the_employee(
    indicator: Indicator, subject: Subject, expected: int
) -> None:
    of = activity(book(contacts=CONTACTS, employees=EMPLOYEES))
    assert value(of.fact(indicator, MARCH, subject)) == expected


def test_call_of_a_day_without_an_hour_is_returned_by_a_contact_of_that_day() -> None:
    missed = contact("2026-03-05 09:00", channel="call", direction="in", status="no_answer")
    for at, expected in (("2026-03-05", 0), ("2026-03-05 08:59", 1), ("2026-03-04", 1)):
        of = activity(book(contacts={"K1": missed, "K2": contact(at)}))
        assert value(of.fact(Indicator.MISSED, MARCH)) == expected


def test_what_was_not_bought_from_a_supplier_is_no_lost_sale() -> None:
    clients: Rows = {"C1": {"kind": "supplier"}, "C2": {"kind": "customer; supplier"}}
    lost = {
        "A1": agreement(status="declined", agreed_at="2026-03-02"),
        "A2": agreement(client="C2", status="declined", agreed_at="2026-03-02"),
        "A3": sale("C2", "2026-03-03", "1"),
    }
    found = activity(book(clients, lost)).fact(Indicator.CONVERSION, MARCH)
    assert value(found) == Decimal(1) / 2


def test_contacts_are_those_of_the_campaign_and_of_the_agreements_group() -> None:
    of = activity(
        book(
            agreements={"A1": agreement(product_group="G1")},
            contacts={"K1": contact("2026-03-02", campaign="P1", agreement="A1")},
        )
    )
    for subject in (Subject(Scope.CAMPAIGN, "P1"), Subject(Scope.GROUP, "G1")):
        assert value(of.fact(Indicator.CONTACTS, MARCH, subject)) == 1
        assert value(of.fact(Indicator.CONTACTS, MARCH, subject._replace(id="x"))) == 0


def test_conversion_is_won_of_closed_by_the_day_on_which_it_was_lost() -> None:
    lost = {
        "A5": agreement(status="declined", owner="E1", agreed_at="2026-01-10"),
        "A6": agreement(status="declined", owner="E1", agreed_at="2026-03-10"),
        "A7": agreement(status="declined", owner="E2", agreed_at="2026-03-10"),
        "A8": agreement(owner="E1"),
    }
    tables = {name: dict(rows) for name, rows in SOLD.tables.items()}
    more = book(agreements=lost)
    tables["agreements"] |= more.tables["agreements"]
    of = Book(tables, "RUB")
    assert value(activity(of).fact(Indicator.CONVERSION, MARCH, PETROV)) == Decimal(1) / 2
    closed = {"A5": date(2026, 3, 11)}
    found = activity(of, closed)
    assert value(found.fact(Indicator.CONVERSION, MARCH, PETROV)) == Decimal(1) / 3
    assert value(found.fact(Indicator.CONVERSION, MARCH, NORTH)) == Decimal(2) / 4
    assert value(found.fact(Indicator.CONVERSION, FEBRUARY, IVANOV)) is None
    for scope in (Scope.GROUP, Scope.CAMPAIGN):
        assert value(found.fact(Indicator.CONVERSION, MARCH, Subject(scope, ""))) is not None


def test_reactivated_is_a_customer_who_bought_after_having_slept() -> None:
    of = activity(
        book(
            agreements={
                "A1": sale("C1", "2025-09-01", "1", owner="E1"),
                "A2": sale("C1", "2026-03-02", "1", owner="E2"),
                "A3": sale("C1", "2026-03-02", "1", owner="E2"),
                "A4": sale("C1", "2026-03-09", "1", owner="E1"),
            },
            employees=EMPLOYEES,
        )
    )
    assert value(of.fact(Indicator.REACTIVATED, MARCH, IVANOV)) == 1
    assert value(of.fact(Indicator.REACTIVATED, MARCH, PETROV)) == 0
    assert value(of.fact(Indicator.REACTIVATED, MARCH)) == 1


def test_subjects_are_those_who_sold_or_spoke() -> None:
    of = activity(book(contacts=CONTACTS, employees=EMPLOYEES))
    assert of.subjects(Scope.EMPLOYEE, MARCH) == {"E1", "E2"}
    assert of.subjects(Scope.BRANCH, MARCH) == {"B1", ""}
    assert of.subjects(Scope.GROUP, MARCH) == frozenset()
    assert activity(SOLD).subjects(Scope.GROUP, MARCH) == {"G1", ""}


def test_steps_overdue_and_clients_without_one_are_of_the_day_of_the_report() -> None:
    clients: Rows = {f"C{n}": {"full_name": "x", "owner": "E1"} for n in range(1, 5)}
    agreements = {
        "A1": agreement(client="C1", due_date="2026-03-19", owner="E1"),
        "A2": agreement(client="C2", due_date="2026-03-20", owner="E1"),
        "A3": agreement(client="C3", due_date="2026-03-25", owner="E2"),
        "A4": agreement(client="C4"),
    }
    of = Discipline(activity(book(clients, agreements, employees=EMPLOYEES)))
    assert value(of.fact(Indicator.OVERDUE_STEPS, MARCH, PETROV)) == Decimal(1) / 2
    assert value(of.fact(Indicator.OVERDUE_STEPS, MARCH, IVANOV)) == 0
    assert value(of.fact(Indicator.OVERDUE_STEPS, FEBRUARY, PETROV)) is None
    assert value(of.fact(Indicator.NO_NEXT_STEP, MARCH, PETROV)) == Decimal(1) / 4
    assert value(of.fact(Indicator.NO_NEXT_STEP, MARCH, NORTH)) == Decimal(1) / 4
    assert value(of.fact(Indicator.NO_NEXT_STEP, MARCH, IVANOV)) is None
    assert value(of.fact(Indicator.NO_NEXT_STEP, MARCH, COMPANY)) == Decimal(1) / 4


def test_problems_are_told_for_each_hundred_rows() -> None:
    quality = Quality({"E1": 3, "E2": 1}, {"E1": 40, "E2": 10})
    of = Discipline(activity(book(employees=EMPLOYEES)), quality)
    assert value(of.fact(Indicator.PROBLEMS, MARCH, PETROV)) == Decimal("7.5")
    assert value(of.fact(Indicator.PROBLEMS, MARCH, COMPANY)) == 8
    assert value(of.fact(Indicator.PROBLEMS, MARCH, Subject(Scope.EMPLOYEE, "E9"))) is None


def test_answers_within_the_hours_of_the_standard_are_in_time() -> None:
    asked = {"direction": "in", "channel": "call", "reason": "inquiry", "employee": "E1"}
    missed = {**asked, "status": "no_answer"}
    contacts = {
        "K1": contact("2026-03-02 10:00", **asked),
        "K2": contact("2026-03-03 10:00", client="C2", **missed),
        "K3": contact("2026-03-03 12:00", client="C2"),
        "K4": contact("2026-03-04 10:00", client="C3", **missed),
        "K5": contact("2026-03-04 12:01", client="C3"),
        "K6": contact("2026-03-05 10:00", client="C4", **missed),
        "K7": contact("2026-03-05 10:00", **{**asked, "reason": "order"}),
    }
    of = Discipline(
        activity(book(contacts=contacts, employees=EMPLOYEES)), Quality(hours={"inquiry": 2})
    )
    assert value(of.fact(Indicator.STANDARDS, MARCH, PETROV)) == Decimal(2) / 4
    assert value(of.fact(Indicator.STANDARDS, FEBRUARY, PETROV)) is None
    # Any other indicator is the activity's own.
    assert value(of.fact(Indicator.CONTACTS, MARCH, PETROV)) == 2


def test_nobody_answers_for_clients_whom_the_follow_ups_never_list() -> None:
    clients: Rows = {
        "C1": {"owner": "E1"},
        "C2": {"owner": "E1", "do_not_contact": 1},
        "C3": {"owner": "E1"},
        "C4": {"owner": "E1", "do_not_contact": 1},
    }
    agreements = {
        "A1": agreement(client="C1", due_date="2026-03-25"),
        "A2": agreement(client="C2", due_date="2026-03-10"),
        "A3": agreement(client="C3", due_date="2026-03-10"),
        "A4": agreement(client="C4"),
    }
    of = Discipline(activity(book(clients, agreements, archived=["C3"], employees=EMPLOYEES)))
    assert value(of.fact(Indicator.OVERDUE_STEPS, MARCH, PETROV)) == 0
    assert value(of.fact(Indicator.NO_NEXT_STEP, MARCH, PETROV)) == 0


def test_work_on_a_client_whose_employee_has_no_branch_is_of_the_clients_branch() -> None:
    contacts = {"K1": contact("2026-03-02", direction="in", reason="order", employee="E2")}
    of = book(
        {"C1": {"owner": "E2", "branch": "B1"}},
        {"A1": agreement(due_date="2026-03-10", owner="E2", agreed_at="2026-03-05")},
        contacts,
        employees=EMPLOYEES,
    )
    found = Discipline(activity(of), Quality(hours={"": 2}))
    for indicator in (Indicator.OVERDUE_STEPS, Indicator.STANDARDS):
        assert value(found.fact(indicator, MARCH, NORTH)) == 1
    assert value(found.fact(Indicator.NO_NEXT_STEP, MARCH, NORTH)) == 0


def test_step_of_a_contact_is_for_who_has_its_agreement_if_nobody_had_the_contact() -> None:
    of = book(
        {"C1": {"owner": "E1"}},
        {"A1": agreement(owner="E2", agreed_at="2026-03-01")},
        {"K1": contact("2026-03-02", agreement="A1", next_step_at="2026-03-10")},
        employees=EMPLOYEES,
    )
    found = Discipline(activity(of))
    assert value(found.fact(Indicator.OVERDUE_STEPS, MARCH, IVANOV)) == 1
    assert value(found.fact(Indicator.OVERDUE_STEPS, MARCH, PETROV)) is None


def test_client_of_nobody_without_a_step_is_of_who_has_its_newest_open_agreement() -> None:
    agreements = {
        "A1": agreement(owner="E1", agreed_at="2026-03-02"),
        "A2": agreement(owner="E2", agreed_at="2026-03-01"),
    }
    found = Discipline(activity(book(agreements=agreements, employees=EMPLOYEES)))
    assert value(found.fact(Indicator.NO_NEXT_STEP, MARCH, PETROV)) == 1
    assert value(found.fact(Indicator.NO_NEXT_STEP, MARCH, IVANOV)) is None


def test_answers_after_the_day_of_the_report_and_what_was_asked_later_are_not_known() -> None:
    asked = {"direction": "in", "channel": "call", "reason": "inquiry", "employee": "E1"}
    contacts = {
        "K1": contact("2026-03-20 23:30", **asked, status="no_answer"),
        "K2": contact("2026-03-21 00:10"),
        "K3": contact("2026-03-22 10:00", **asked),
    }
    of = Discipline(
        activity(book(contacts=contacts, employees=EMPLOYEES)), Quality(hours={"inquiry": 2})
    )
    assert value(of.fact(Indicator.STANDARDS, MARCH, PETROV)) is None


def test_message_that_nobody_took_up_waits_for_an_answer_as_a_call_does() -> None:
    asked = {"direction": "in", "reason": "inquiry", "employee": "E1", "status": "no_answer"}
    contacts = {
        "K1": contact("2026-03-02 10:00", channel="email", **asked),
        "K2": contact("2026-03-02 11:00"),
        "K3": contact("2026-03-03 10:00", channel="site", **asked),
    }
    of = Discipline(
        activity(book(contacts=contacts, employees=EMPLOYEES)), Quality(hours={"inquiry": 2})
    )
    assert value(of.fact(Indicator.STANDARDS, MARCH, PETROV)) == Decimal(1) / 2
