"""The grey columns of Clients."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from crm_sync.core.records import Record
from crm_sync.reports.book import Book
from crm_sync.reports.derived import (
    DERIVED_FIELDS,
    current_agreements,
    derived_client_fields,
    last_contacts,
    last_updates,
    next_actions,
)
from tests.unit.reports.build import agreement, book, contact, sale

NOW = datetime(2026, 3, 15, 9, 0)
LABELS = {"in_progress": "In progress", "fulfilled": "Fulfilled"}


def test_every_client_has_every_derived_field_empty_ones_too() -> None:
    clients = {"C1": {"full_name": "Anna"}, "C2": {"full_name": "Boris"}}
    found = derived_client_fields(
        book(
            clients,
            {"A1": agreement(due_date="2026-03-20")},
            {"K1": contact("2026-03-13 14:05")},
        ),
        NOW,
        LABELS,
    )
    assert found == {
        "C1": {
            "last_contact_at": "2026-03-13 14:05",
            "next_action_at": "2026-03-20",
            "current_agreement": "A1 · Tea · In progress",
            "updated_at": None,
        },
        "C2": dict.fromkeys(DERIVED_FIELDS),
    }


def test_single_fields_agree_with_all_of_them() -> None:
    of = book(
        agreements={"A1": agreement(due_date="2026-03-20")}, contacts={"K1": contact("2026-03-13")}
    )
    assert next_actions(of, NOW) == {"C1": "2026-03-20"}
    assert last_contacts(of, NOW) == {"C1": "2026-03-13"}


def test_derived_fields_do_not_move_within_a_day() -> None:
    of = book(
        agreements={"A1": agreement(next_call_at="2026-03-15 12:00")},
        contacts={"K1": contact("2026-03-15 18:00")},
    )
    morning = derived_client_fields(of, NOW, LABELS)
    assert derived_client_fields(of, NOW.replace(hour=23, minute=59), LABELS) == morning


def test_current_agreement_is_the_latest_open_one() -> None:
    agreements = {
        "A1": agreement(agreed_at="2026-02-01", subject="First"),
        "A2": agreement(agreed_at="2026-03-01", subject="Second"),
        "A3": sale("C1", "2026-03-10", "5", subject="Done"),
    }
    line = current_agreements(book(agreements=agreements), LABELS)
    assert line == {"C1": "A2 · Second · In progress"}


def test_current_agreement_without_an_open_one_is_the_last_closed() -> None:
    agreements = {
        "A1": sale("C1", "2026-03-10", "5", agreed_at="2026-01-01"),
        "A2": sale("C1", "2026-02-10", "5", agreed_at="2026-02-01"),
        "A3": sale("C1", "2026-03-12", "-5", status="refund", refund_of="A1"),
    }
    line = current_agreements(book(agreements=agreements), LABELS)
    assert line == {"C1": "A1 · Tea · Fulfilled"}


def test_closing_one_agreement_and_opening_another_shows_the_other() -> None:
    agreements = {"A1": agreement(subject="Old")}
    assert "Old" in current_agreements(book(agreements=agreements), LABELS)["C1"]
    agreements = {
        "A1": sale("C1", "2026-03-14", "5", subject="Old"),
        "A2": agreement(agreed_at="2026-02-20", subject="New"),
    }
    assert "New" in current_agreements(book(agreements=agreements), LABELS)["C1"]


def test_long_subject_is_cut_and_unknown_status_shown_by_its_key() -> None:
    agreements = {"A1": agreement(subject="x" * 500, status="odd")}
    line = current_agreements(book(agreements=agreements), LABELS)["C1"]
    assert line == f"A1 · {'x' * 79}… · odd"


def test_client_was_updated_when_anything_about_it_was_in_the_zone_of_the_company() -> None:
    def stamped(client: str, at: str, *, archived: bool = False) -> Record:
        return Record("X1", {"client": client}, archived=archived, updated_at=at)

    of = Book(
        {
            "clients": {
                "C1": Record("C1", {}, updated_at="2026-03-01T10:00:00.000+00:00"),
                "C2": Record("C2", {}, updated_at="2026-03-01T10:00:00.000+00:00"),
                "C3": Record("C3", {}, updated_at="2026-03-01T10:00:00.000+00:00"),
            },
            "contacts": {"K1": stamped("C1", "2026-03-28T23:30:59.000+00:00", archived=True)},
            "agreements": {"A1": stamped("C3", "2026-03-02T10:00:00.000+00:00")},
        },
        "RUB",
    )
    assert last_updates(of, UTC) == {
        "C1": "2026-03-28 23:30",
        "C2": "2026-03-01 10:00",
        "C3": "2026-03-02 10:00",
    }
    # Summer time begins in the night to 29 March 2026.
    berlin = last_updates(of, ZoneInfo("Europe/Berlin"))
    assert berlin == {
        "C1": "2026-03-29 00:30",
        "C2": "2026-03-01 11:00",
        "C3": "2026-03-02 11:00",
    }
