"""The records of a store as reports read them: typed, by table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, tzinfo
from functools import cached_property
from typing import Final

from crm_sync.core.columns import Columns
from crm_sync.core.records import Record
from crm_sync.reports import fields
from crm_sync.reports.by_field import clients_of, touches_of
from crm_sync.reports.entries import (
    OPEN_TYPES,
    Agreement,
    Campaign,
    Client,
    Employee,
    Status,
    Touch,
)

READ: Final[Mapping[str, tuple[str, ...]]] = {
    "clients": (
        *("full_name", "kind", "phone", "status", "owner", "branch", "source"),
        *("touch_every_days", "do_not_contact"),
    ),
    "contacts": (
        *("client", "contact_at", "status", "channel", "direction", "reason", "outcome"),
        *("summary", "agreement", "next_step", "next_step_at", "employee", "campaign"),
    ),
    "agreements": (
        *("client", "status", "amount", "currency", "product_group", "campaign", "agreed_at"),
        *("fulfilled_at", "owner", "refund_of", "paid_amount", "paid_at"),
    ),
}
"""The fields that reports read, by table: whoever reads a million records needs no others. Of
agreements that are not won they read more (`not_won`).
"""


def not_won(agreements: Columns, types: Mapping[str, str]) -> list[str]:
    """The ids of those agreements, few of a million; `types` are those of their statuses."""
    statuses = agreements.column("status")
    chosen = {status for status in set(statuses) if types.get(str(status or "")) != "won"}
    rows = zip(agreements.ids, statuses, agreements.archived, strict=True)
    return [key for key, status, archived in rows if status in chosen and not archived]


@dataclass(frozen=True)
class Book:
    """All that reports are made of. `tables` gives the records of each table by id; a missing
    table is an empty one. `base_currency` is an ISO 4217 code; `zone` is the company's, for times
    that some program wrote with their distance from UTC.

    Archived contacts and agreements are left out everywhere; archived clients stay, marked, for
    past sales to them are still sales.
    """

    tables: Mapping[str, Mapping[str, Record]]
    base_currency: str
    zone: tzinfo | None = None

    @cached_property
    def clients(self) -> Mapping[str, Client]:
        """Clients by id, archived ones too."""
        return clients_of(self._columns("clients"))

    @cached_property
    def touches(self) -> tuple[Touch, ...]:
        """Contacts that are not archived, in the store's order."""
        return touches_of(self._columns("contacts"), self.status_types("contact"), self.zone)

    @cached_property
    def last_held(self) -> dict[date, Mapping[str, Touch]]:
        """What `steps.last_held` has found, by day: several reports ask for the same one."""
        return {}

    @cached_property
    def agreements(self) -> Mapping[str, Agreement]:
        """Agreements that are not archived, by id."""
        types = self._agreement_types
        records = self.records("agreements").items()
        return {
            key: _agreement(record, types, self.base_currency, self.zone)
            for key, record in records
            if not record.archived
        }

    @cached_property
    def open_agreements(self) -> tuple[Agreement, ...]:
        """Agreements under which something is still to be done, in the store's order."""
        return self._agreements_of(OPEN_TYPES)

    @cached_property
    def lost_agreements(self) -> tuple[Agreement, ...]:
        """Agreements that came to nothing, in the store's order."""
        return self._agreements_of(frozenset({"lost"}))

    def agreement(self, key: str) -> Agreement | None:
        """One agreement that is not archived, None for an unknown one."""
        # It is nearly always an open one, and to find another one all have to be numbered.
        if not key or key in self._open_by_id:
            return self._open_by_id.get(key)
        record = self.records("agreements").get(key)
        if record is None or record.archived:
            return None
        return _agreement(record, self._agreement_types, self.base_currency, self.zone)

    @cached_property
    def _open_by_id(self) -> Mapping[str, Agreement]:
        return {each.id: each for each in self.open_agreements}

    @cached_property
    def employees(self) -> Mapping[str, Employee]:
        """Employees by id, archived ones too."""
        return {key: _employee(record) for key, record in self.records("employees").items()}

    @cached_property
    def campaigns(self) -> Mapping[str, Campaign]:
        """Campaigns by id, archived ones too."""
        records = self.records("campaigns").items()
        return {key: _campaign(record, self.base_currency) for key, record in records}

    def statuses(self, entity: str) -> Mapping[str, Status]:
        """Statuses by key, for one entity ("agreement", "client", "contact")."""
        found = {}
        for record in self.records("statuses").values():
            values = record.values
            if values.get("entity") == entity:
                key = fields.text(values, "key") or record.id
                found[key] = Status(
                    key=key,
                    type=fields.text(values, "type") or "open",
                    probability=fields.integer(values, "probability") or 0,
                    max_days=fields.integer(values, "max_days") or 0,
                    order=fields.integer(values, "sort_order") or 0,
                )
        return found

    def status_types(self, entity: str) -> Mapping[str, str]:
        """Status key -> open, on_hold, won or lost, for one entity."""
        return {key: status.type for key, status in self.statuses(entity).items()}

    def names(self, table: str) -> Mapping[str, str]:
        """Record id -> name, for employees, branches, product groups and campaigns."""
        return {
            key: fields.text(record.values, "name") or key
            for key, record in self.records(table).items()
        }

    def branch_of(self, client: Client | None, owner: str = "") -> str:
        """The branch of an employee or, where that says nothing, of the client: its owner's, then
        its own. "" if none of them has one.
        """
        branches = self.branches_of_employees
        if client is None:
            return branches.get(owner, "")
        return branches.get(owner) or branches.get(client.owner) or client.branch

    @cached_property
    def branches_of_employees(self) -> Mapping[str, str]:
        """The branch of each employee who has one, by id."""
        return {key: each.branch for key, each in self.employees.items() if each.branch}

    def _agreements_of(self, wanted: frozenset[str]) -> tuple[Agreement, ...]:
        """Few of a million are open or lost: they are found without reading the rest."""
        types, records = self._agreement_types, self.records("agreements")
        found: Iterable[Record]
        if isinstance(records, Columns):
            seen = set(records.column("status"))
            chosen = {each for each in seen if types.get(str(each or ""), "open") in wanted}
            found = records.having("status", chosen)
        else:
            found = (
                record
                for record in records.values()
                if not record.archived
                and types.get(fields.text(record.values, "status"), "open") in wanted
            )
        return tuple(_agreement(record, types, self.base_currency, self.zone) for record in found)

    @cached_property
    def _agreement_types(self) -> Mapping[str, str]:
        return self.status_types("agreement")

    def _columns(self, table: str) -> Columns:
        return Columns.of(self.records(table), READ[table])

    def records(self, table: str) -> Mapping[str, Record]:
        """The records of a table by id."""
        return self.tables.get(table, {})


def _agreement(
    record: Record, types: Mapping[str, str], base_currency: str, zone: tzinfo | None
) -> Agreement:
    values = record.values
    status = fields.text(values, "status")
    return Agreement(
        id=record.id,
        client=fields.text(values, "client"),
        subject=fields.text(values, "subject"),
        status=status,
        # Better listed once too often than forgotten: an unknown status counts as open.
        type=types.get(status, "open"),
        obligor=fields.text(values, "obligor") or "us",
        amount=fields.decimal(values, "amount"),
        currency=fields.text(values, "currency").upper() or base_currency,
        product_group=fields.text(values, "product_group"),
        campaign=fields.text(values, "campaign"),
        agreed_at=fields.day(values, "agreed_at", zone),
        due_date=fields.moment(values, "due_date", zone),
        next_call_at=fields.moment(values, "next_call_at", zone),
        fulfilled_at=fields.day(values, "fulfilled_at", zone),
        lost_reason=fields.text(values, "lost_reason"),
        owner=fields.text(values, "owner"),
        refund_of=fields.text(values, "refund_of"),
    )


def _employee(record: Record) -> Employee:
    values = record.values
    return Employee(
        id=record.id,
        name=fields.text(values, "name") or record.id,
        role=fields.text(values, "role"),
        branch=fields.text(values, "branch"),
        hired=fields.day(values, "hired"),
        left=fields.day(values, "left"),
        archived=record.archived,
    )


def _campaign(record: Record, base_currency: str) -> Campaign:
    values = record.values
    return Campaign(
        id=record.id,
        name=fields.text(values, "name") or record.id,
        type=fields.text(values, "type"),
        start=fields.day(values, "start"),
        end=fields.day(values, "end"),
        budget=fields.decimal(values, "budget"),
        currency=fields.text(values, "currency").upper() or base_currency,
        plan_count=fields.integer(values, "plan_count"),
        plan_sum=fields.decimal(values, "plan_sum"),
        archived=record.archived,
    )
