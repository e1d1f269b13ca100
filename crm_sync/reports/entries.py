"""Records as reports see them: typed, with money as decimals and dates as dates.

Ids refer to records of other tables, "" means empty. A *moment* is canonical local text,
"2026-03-10 14:05", or "2026-03-10" without a time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

OPEN_TYPES = frozenset({"open", "on_hold"})
SUPPLIER_ONLY = ("supplier",)


class Client(NamedTuple):
    """A client. `kinds` are customer, supplier, partner; one without any counts as a customer."""

    id: str
    name: str
    kinds: tuple[str, ...]
    phone: str
    status: str
    owner: str
    branch: str
    source: str
    touch_every_days: int | None
    do_not_contact: bool
    archived: bool

    @property
    def is_customer(self) -> bool:
        """True for one who buys from us, whatever else they do."""
        return not self.kinds or "customer" in self.kinds


class Touch(NamedTuple):
    """A contact with a client. `at` and `next_step_at` are moments; `unanswered` is what
    the client began and nobody took up, `missed` such a call.
    """

    id: str
    client: str
    at: str
    held: bool
    planned: bool
    unanswered: bool
    channel: str
    direction: str
    reason: str
    outcome: str
    summary: str
    agreement: str
    next_step: str
    next_step_at: str
    employee: str
    campaign: str

    @property
    def missed(self) -> bool:
        """True for a call by the client that nobody took."""
        return self.unanswered and self.channel == "call"


@dataclass(frozen=True, slots=True)
class Agreement:
    """An agreement. `type` is that of its status: open, on_hold, won or lost.

    `due_date` and `next_call_at` are moments. `currency` is never empty: an agreement without one
    is in the book's base currency. `obligor` is us, client or both.
    """

    id: str
    client: str
    subject: str
    status: str
    type: str
    obligor: str
    amount: Decimal | None
    currency: str
    product_group: str
    campaign: str
    agreed_at: date | None
    due_date: str
    next_call_at: str
    fulfilled_at: date | None
    lost_reason: str
    owner: str
    refund_of: str

    @property
    def open(self) -> bool:
        """True while something is still to be done; "on hold" is open too."""
        return self.type in OPEN_TYPES


@dataclass(frozen=True, slots=True)
class Employee:
    """Someone on the staff. `hired` and `left` are the first and the last day of work."""

    id: str
    name: str
    role: str
    branch: str
    hired: date | None
    left: date | None
    archived: bool


@dataclass(frozen=True, slots=True)
class Campaign:
    """An offer or an advertising campaign. `currency` is never empty."""

    id: str
    name: str
    type: str
    start: date | None
    end: date | None
    budget: Decimal | None
    currency: str
    plan_count: int | None
    plan_sum: Decimal | None
    archived: bool


@dataclass(frozen=True, slots=True)
class Status:
    """A status of clients, contacts or agreements. `probability` is in percent; `max_days` 0
    means that nobody minds how long it lasts; `order` is its place among the others.
    """

    key: str
    type: str
    probability: int
    max_days: int
    order: int
