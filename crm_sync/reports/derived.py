"""The grey columns of Clients: what the engine computes from contacts and agreements.

All values are canonical and depend on the day alone, not on the hour, so that a store without
changes gives the same ones in every run of a day.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, tzinfo
from functools import lru_cache

from crm_sync.core.values import Scalar
from crm_sync.reports.book import Book
from crm_sync.reports.entries import Agreement
from crm_sync.reports.steps import last_held, open_steps

DERIVED_FIELDS = ("last_contact_at", "next_action_at", "current_agreement", "updated_at")

_LONGEST_SUBJECT = 80


def derived_client_fields(
    book: Book, now: datetime, labels: Mapping[str, str]
) -> dict[str, dict[str, Scalar]]:
    """Each client's derived fields by client id: every client, every field, None where there is
    nothing to show. `now` is the company's local time, in whose zone `updated_at` is shown;
    `labels` show the keys of agreements' statuses.
    """
    last = last_held(book, now.date())
    steps = open_steps(book, last)
    current = current_agreements(book, labels)
    updated = last_updates(book, now.tzinfo)
    return {
        client: {
            "last_contact_at": last[client].at if client in last else None,
            "next_action_at": steps[client].at if client in steps else None,
            "current_agreement": current.get(client),
            "updated_at": updated.get(client),
        }
        for client in book.tables.get("clients", {})
    }


def next_actions(book: Book, now: datetime) -> dict[str, str]:
    """The moment of the next action by client id, for clients that have one."""
    steps = open_steps(book, last_held(book, now.date()))
    return {client: step.at for client, step in steps.items()}


def last_contacts(book: Book, now: datetime) -> dict[str, str]:
    """The moment of the last held contact by client id, for clients that had one."""
    return {client: touch.at for client, touch in last_held(book, now.date()).items()}


def last_updates(book: Book, zone: tzinfo | None) -> dict[str, str]:
    """When anything about a client was last changed, by client id, as canonical local moments to
    the minute: the client itself, a contact or an agreement, archived ones too.
    """
    latest = {key: record.updated_at for key, record in book.tables.get("clients", {}).items()}
    for table in ("contacts", "agreements"):
        for record in book.tables.get(table, {}).values():
            client = str(record.values.get("client") or "")
            if client in latest and record.updated_at > latest[client]:
                latest[client] = record.updated_at
    return {client: _local(stamp, zone) for client, stamp in latest.items() if stamp}


@lru_cache(1 << 12)
def _local(stamp: str, zone: tzinfo | None) -> str:
    at = datetime.fromisoformat(stamp)
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    return at.astimezone(zone or UTC).strftime("%Y-%m-%d %H:%M")


def current_agreements(book: Book, labels: Mapping[str, str]) -> dict[str, str]:
    """What is agreed right now, by client id: "A-000045 · Delivery of tea · In progress".

    It is the latest open agreement, else the last one that was closed; refunds are neither.
    """
    chosen: dict[str, tuple[tuple[bool, date, str], Agreement]] = {}
    for agreement in book.agreements.values():
        if agreement.refund_of:
            continue
        rank = _rank(agreement)
        known = chosen.get(agreement.client)
        if known is None or rank > known[0]:
            chosen[agreement.client] = (rank, agreement)
    return {client: _line(agreement, labels) for client, (_, agreement) in chosen.items()}


def _rank(agreement: Agreement) -> tuple[bool, date, str]:
    opened = agreement.agreed_at or date.min
    day = opened if agreement.open else agreement.fulfilled_at or opened
    return agreement.open, day, agreement.id


def _line(agreement: Agreement, labels: Mapping[str, str]) -> str:
    subject = agreement.subject
    if len(subject) > _LONGEST_SUBJECT:
        subject = subject[: _LONGEST_SUBJECT - 1].rstrip() + "…"
    label = labels.get(agreement.status, agreement.status)
    return " · ".join(part for part in (agreement.id, subject, label) if part)
