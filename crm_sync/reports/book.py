"""The records of a store as reports read them: typed, with money as decimals and dates as dates.

A value that cannot be read (some SQLite client wrote it by hand) counts as empty here: it is the
sync run that says so in Problems.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import cached_property

from crm_sync.core.records import Record
from crm_sync.core.values import Scalar

OPEN_TYPES = frozenset({"open", "on_hold"})


@dataclass(frozen=True, slots=True)
class Client:
    """A client. `kinds` are customer, supplier, partner; `owner` and `branch` are record ids."""

    id: str
    name: str
    kinds: tuple[str, ...]
    phone: str
    email: str
    owner: str
    branch: str
    source: str
    do_not_contact: bool
    archived: bool


@dataclass(frozen=True, slots=True)
class Touch:
    """A contact with a client. `at` and `next_step_at` are canonical moments
    ("2026-03-10 14:05", or "2026-03-10" without a time), "" when empty.
    """

    id: str
    client: str
    at: str
    held: bool
    planned: bool
    channel: str
    reason: str
    outcome: str
    summary: str
    agreement: str
    next_step: str
    next_step_at: str
    employee: str


@dataclass(frozen=True, slots=True)
class Agreement:
    """An agreement. `type` is that of its status: open, on_hold, won or lost.

    `due_date` and `next_call_at` are canonical moments, "" when empty. `currency` is never empty:
    an agreement without one is in the book's base currency.
    """

    id: str
    client: str
    subject: str
    status: str
    type: str
    amount: Decimal | None
    currency: str
    product_group: str
    campaign: str
    agreed_at: date | None
    due_date: str
    next_call_at: str
    fulfilled_at: date | None
    owner: str
    refund_of: str

    @property
    def open(self) -> bool:
        """True while something is still to be done; "on hold" is open too."""
        return self.type in OPEN_TYPES


@dataclass(frozen=True)
class Book:
    """All that reports are made of. `tables` gives the records of each table by id; a missing
    table is an empty one. `base_currency` is an ISO 4217 code.

    Archived contacts and agreements are left out everywhere; archived clients stay, marked, for
    past sales to them are still sales.
    """

    tables: Mapping[str, Mapping[str, Record]]
    base_currency: str

    @cached_property
    def clients(self) -> Mapping[str, Client]:
        """Clients by id, archived ones too."""
        return {key: _client(record) for key, record in self._records("clients").items()}

    @cached_property
    def touches(self) -> tuple[Touch, ...]:
        """Contacts that are not archived, in the store's order."""
        types = self.status_types("contact")
        records = self._records("contacts").values()
        return tuple(_touch(record, types) for record in records if not record.archived)

    @cached_property
    def agreements(self) -> Mapping[str, Agreement]:
        """Agreements that are not archived, by id."""
        types = self.status_types("agreement")
        records = self._records("agreements").items()
        return {
            key: _agreement(record, types, self.base_currency)
            for key, record in records
            if not record.archived
        }

    def status_types(self, entity: str) -> Mapping[str, str]:
        """Status key -> open, on_hold, won or lost, for one entity ("agreement", "contact")."""
        types = {}
        for record in self._records("statuses").values():
            if record.values.get("entity") == entity:
                key = _text(record.values, "key") or record.id
                types[key] = _text(record.values, "type") or "open"
        return types

    def names(self, table: str) -> Mapping[str, str]:
        """Record id -> name, for employees, branches, product groups and campaigns."""
        return {
            key: _text(record.values, "name") or key for key, record in self._records(table).items()
        }

    def _records(self, table: str) -> Mapping[str, Record]:
        return self.tables.get(table, {})


def _client(record: Record) -> Client:
    values = record.values
    return Client(
        id=record.id,
        name=_text(values, "full_name"),
        kinds=tuple(filter(None, _text(values, "kind").split("; "))),
        phone=_text(values, "phone"),
        email=_text(values, "email"),
        owner=_text(values, "owner"),
        branch=_text(values, "branch"),
        source=_text(values, "source"),
        do_not_contact=values.get("do_not_contact") == 1,
        archived=record.archived,
    )


def _touch(record: Record, types: Mapping[str, str]) -> Touch:
    values = record.values
    status = _text(values, "status") or "held"
    # "held" is the model's own word; a company's further words for it have the type won.
    held = status == "held" or types.get(status) == "won"
    return Touch(
        id=record.id,
        client=_text(values, "client"),
        at=_moment(values, "contact_at"),
        held=held,
        # Not "on_hold": the hour of a rescheduled contact is past, its next step has the new one.
        planned=not held and types.get(status) == "open",
        channel=_text(values, "channel"),
        reason=_text(values, "reason"),
        outcome=_text(values, "outcome"),
        summary=_text(values, "summary"),
        agreement=_text(values, "agreement"),
        next_step=_text(values, "next_step"),
        next_step_at=_moment(values, "next_step_at"),
        employee=_text(values, "employee"),
    )


def _agreement(record: Record, types: Mapping[str, str], base_currency: str) -> Agreement:
    values = record.values
    status = _text(values, "status")
    return Agreement(
        id=record.id,
        client=_text(values, "client"),
        subject=_text(values, "subject"),
        status=status,
        # Better listed once too often than forgotten: an unknown status counts as open.
        type=types.get(status, "open"),
        amount=_decimal(values, "amount"),
        currency=_text(values, "currency").upper() or base_currency,
        product_group=_text(values, "product_group"),
        campaign=_text(values, "campaign"),
        agreed_at=_date(values, "agreed_at"),
        due_date=_moment(values, "due_date"),
        next_call_at=_moment(values, "next_call_at"),
        fulfilled_at=_date(values, "fulfilled_at"),
        owner=_text(values, "owner"),
        refund_of=_text(values, "refund_of"),
    )


def _text(values: Mapping[str, Scalar], name: str) -> str:
    value = values.get(name)
    return "" if value is None else str(value)


def _moment(values: Mapping[str, Scalar], name: str) -> str:
    text = _text(values, name)
    if text:
        try:
            datetime.fromisoformat(text)
        except ValueError:
            return ""
    return text


def _date(values: Mapping[str, Scalar], name: str) -> date | None:
    text = _text(values, name)
    try:
        return date.fromisoformat(text[:10]) if text else None
    except ValueError:
        return None


def _decimal(values: Mapping[str, Scalar], name: str) -> Decimal | None:
    text = _text(values, name)
    try:
        number = Decimal(text) if text else None
    except InvalidOperation:
        return None
    return number if number is None or number.is_finite() else None
