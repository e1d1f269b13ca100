"""Which records a workbook shows: by branch, by employee, by kind and by status of the client.

Contacts and agreements follow their client, whoever made them: one rule, so that handing a client
over hands over all that belongs to it. Reference tables stand in every workbook.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from crm_sync.core.records import Record
from crm_sync.core.values import Scalar

Values = Mapping[str, Scalar]
Records = Mapping[str, Mapping[str, Record]]
"""Records by table and id."""

FOLLOWERS = frozenset({"contacts", "agreements"})
"""The tables whose records are shown where their client is."""

_STAFF_FIELD = {"contacts": "employee", "agreements": "owner"}


@dataclass(frozen=True)
class Scope:
    """A filter over clients. Each part lists what it lets through, in the order of the
    configuration: ids of branches and employees, keys of kinds and statuses. An empty part lets
    everything through; a client must pass all of them.
    """

    branch: tuple[str, ...] = ()
    employee: tuple[str, ...] = ()
    kind: tuple[str, ...] = ()
    status: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        """True if nothing is left out."""
        return not (self.branch or self.employee or self.kind or self.status)

    def shows(self, table: str, values: Values, records: Records) -> bool:
        """True if a record of the table with these values belongs in the workbook. `records` are
        those that it refers to: clients, and employees for the branch of a client that names none.
        """
        if self.whole:
            return True
        if table == "clients":
            return self._client(values, records)
        if table not in FOLLOWERS:
            return True
        client = records["clients"].get(str(values.get("client")))
        return client is not None and self._client(client.values, records)

    def _client(self, values: Values, records: Records) -> bool:
        kinds = str(values.get("kind") or "").split("; ")
        return (
            _passes(self.employee, values.get("owner"))
            and _passes(self.status, values.get("status"))
            and _passes(self.branch, branch_of(values, records))
            and (not self.kind or any(kind in self.kind for kind in kinds))
        )

    def claim(self, table: str, values: Values, records: Records) -> dict[str, Scalar]:
        """What must be set in a record with these values to make it one of this workbook's."""
        if table != "clients":
            return {}
        changed: dict[str, Scalar] = {}
        if not _passes(self.employee, values.get("owner")):
            changed["owner"] = self.employee[0]
        if not _passes(self.branch, branch_of({**values, **changed}, records)):
            changed["branch"] = self.branch[0]
        if not _passes(self.status, values.get("status")):
            changed["status"] = self.status[0]
        kinds = str(values.get("kind") or "").split("; ")
        if self.kind and not any(kind in self.kind for kind in kinds):
            changed["kind"] = self.kind[0]
        return changed

    def starts(self, table: str, defaults: Values, records: Records) -> dict[str, Scalar]:
        """What blank cells of a new row take, so that who adds a record in this workbook finds it
        there. `defaults` are the values that they would take elsewhere.
        """
        if table == "clients":
            return self.claim(table, defaults, records)
        field = _STAFF_FIELD.get(table)
        return {field: self.employee[0]} if field and len(self.employee) == 1 else {}


def branch_of(values: Values, records: Records) -> Scalar:
    """The branch of a client: its own or, where it names none, its owner's."""
    own = values.get("branch")
    if own is not None:
        return own
    owner = records["employees"].get(str(values.get("owner")))
    return owner.values.get("branch") if owner is not None else None


def _passes(wanted: tuple[str, ...], value: Scalar) -> bool:
    return not wanted or value in wanted
