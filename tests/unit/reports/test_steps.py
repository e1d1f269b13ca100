"""When a client's next step is due, and which contact satisfies it."""

from __future__ import annotations

from datetime import date

import pytest

from crm_sync.reports.book import Book
from crm_sync.reports.steps import Source, Step, last_held, open_steps
from tests.unit.reports.build import agreement, book, contact

TODAY = date(2026, 3, 15)


def steps(of: Book) -> dict[str, Step]:
    return open_steps(of, last_held(of, TODAY))


def test_earliest_of_next_call_due_date_and_next_step_is_next() -> None:
    sources = {
        "agreements": {"A1": agreement(next_call_at="2026-03-18 11:00", due_date="2026-03-20")},
        "contacts": {"K1": contact("2026-03-02", next_step_at="2026-03-19")},
    }
    assert steps(book(**sources)) == {"C1": Step("2026-03-18 11:00", Source.NEXT_CALL, "A1")}
    sources["contacts"]["K1"]["next_step_at"] = "2026-03-17"
    assert steps(book(**sources)) == {"C1": Step("2026-03-17", Source.NEXT_STEP, "K1")}
    sources["agreements"]["A1"]["due_date"] = "2026-03-16"
    assert steps(book(**sources)) == {"C1": Step("2026-03-16", Source.DUE, "A1")}


def test_day_without_a_time_comes_before_its_hours() -> None:
    both = {"A1": agreement(next_call_at="2026-03-18 09:00", due_date="2026-03-18")}
    assert steps(book(agreements=both))["C1"].at == "2026-03-18"


def test_planned_contact_is_a_step_itself() -> None:
    planned = {"K1": contact("2026-03-16 10:00", status="planned")}
    assert steps(book(contacts=planned)) == {"C1": Step("2026-03-16 10:00", Source.PLANNED, "K1")}


@pytest.mark.parametrize("status", ["no_answer", "rescheduled"])
def test_contact_that_did_not_come_about_still_sets_its_next_step(status: str) -> None:
    contacts = {"K1": contact("2026-03-10", status=status, next_step_at="2026-03-16")}
    assert steps(book(contacts=contacts)) == {"C1": Step("2026-03-16", Source.NEXT_STEP, "K1")}


@pytest.mark.parametrize("status", ["fulfilled", "declined"])
def test_closed_agreement_asks_for_nothing(status: str) -> None:
    closed = {"A1": agreement(status=status, next_call_at="2026-03-18", due_date="2026-03-18")}
    assert steps(book(agreements=closed)) == {}


@pytest.mark.parametrize("status", ["draft", "on_hold", "invented by hand"])
def test_agreement_on_hold_or_of_unknown_status_still_asks(status: str) -> None:
    waiting = {"A1": agreement(status=status, due_date="2026-03-18")}
    assert steps(book(agreements=waiting))["C1"].record == "A1"


def test_archived_agreement_and_contact_ask_for_nothing() -> None:
    gone = book(
        agreements={"A1": agreement(due_date="2026-03-18")},
        contacts={"K1": contact("2026-03-02", next_step_at="2026-03-19")},
        archived=["A1", "K1"],
    )
    assert steps(gone) == {}


@pytest.mark.parametrize(
    ("held", "satisfied"),
    [
        ("2026-03-09 18:00", False),
        ("2026-03-10", True),
        ("2026-03-10 08:00", True),
        ("2026-03-10 16:00", True),
        ("2026-03-14", True),
    ],
)
@pytest.mark.parametrize("due", ["2026-03-10", "2026-03-10 14:00"])
def test_step_is_satisfied_by_a_contact_held_on_its_day_or_later(
    due: str, held: str, satisfied: bool
) -> None:
    called = book(agreements={"A1": agreement(next_call_at=due)}, contacts={"K1": contact(held)})
    assert (steps(called) == {}) is satisfied


def test_contact_does_not_satisfy_the_step_that_it_sets_for_the_same_day() -> None:
    contacts = {"K1": contact("2026-03-10 09:00", next_step_at="2026-03-10 15:00")}
    assert steps(book(contacts=contacts))["C1"].record == "K1"
    contacts["K0"] = contact("2026-03-10 08:00")
    assert steps(book(contacts=contacts))["C1"].record == "K1"
    contacts["K2"] = contact("2026-03-10 14:50")
    assert steps(book(contacts=contacts)) == {}


def test_call_by_which_it_was_agreed_does_not_satisfy_the_agreement() -> None:
    same_day = agreement(agreed_at="2026-03-10", next_call_at="2026-03-10 17:00")
    called = {"K1": contact("2026-03-10 09:00")}
    assert steps(book(agreements={"A1": same_day}, contacts=called))["C1"].record == "A1"


def test_contact_at_the_hour_of_the_step_or_after_it_satisfies_it_on_the_day_it_was_set() -> None:
    same_day = {"A1": agreement(agreed_at="2026-03-10", next_call_at="2026-03-10 17:00")}
    early = {"K1": contact("2026-03-10 16:59")}
    assert steps(book(agreements=same_day, contacts=early))["C1"].record == "A1"
    called = {"K1": contact("2026-03-10 17:00")}
    assert steps(book(agreements=same_day, contacts=called)) == {}
    # A contact that sets a step for its own hour has not taken it.
    own = {"K1": contact("2026-03-10 17:00", next_step_at="2026-03-10 17:00")}
    assert steps(book(contacts=own))["C1"].record == "K1"


def test_contact_that_nobody_answered_satisfies_nothing() -> None:
    tried = {"K1": contact("2026-03-11", status="no_answer")}
    due = {"A1": agreement(next_call_at="2026-03-10")}
    assert steps(book(agreements=due, contacts=tried))["C1"].record == "A1"


def test_contact_of_another_client_satisfies_nothing() -> None:
    other = {"K1": contact("2026-03-11", client="C2")}
    due = {"A1": agreement(next_call_at="2026-03-10")}
    assert steps(book(agreements=due, contacts=other))["C1"].record == "A1"


def test_contact_said_to_be_held_in_days_to_come_does_not_silence_the_client() -> None:
    mistyped = {"K1": contact("2027-03-11")}
    due = {"A1": agreement(next_call_at="2026-03-10")}
    found = book(agreements=due, contacts=mistyped)
    assert last_held(found, TODAY) == {}
    assert steps(found)["C1"].record == "A1"


def test_last_contact_is_the_latest_that_was_held() -> None:
    contacts = {
        "K1": contact("2026-03-10 09:00"),
        "K2": contact("2026-03-12 09:00", status="no_answer"),
        "K3": contact("2026-03-10"),
        "K4": contact("2026-03-09 23:00"),
    }
    # An hour that was not noted may be any: the contact counts as the last of its day.
    assert last_held(book(contacts=contacts), TODAY)["C1"].id == "K3"


def test_moment_that_cannot_be_read_is_no_step() -> None:
    scribbled = {"A1": agreement(next_call_at="soon", due_date="2026-13-40")}
    assert steps(book(agreements=scribbled)) == {}
