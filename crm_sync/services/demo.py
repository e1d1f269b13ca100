"""A working day of a trading company, played on real data: staff in the sheet, a manager in the
store.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from crm_sync.core.grid import Grid
from crm_sync.core.plan import Op, StoreChange
from crm_sync.core.values import N_, Cell, Scalar
from crm_sync.demo_data.load import TABLES, DemoData
from crm_sync.ports import Binding, OpenConflict, OpenProblem
from crm_sync.reports.followups import followups
from crm_sync.services.application import Application
from crm_sync.services.publish import report_grids
from crm_sync.services.result import RunResult
from crm_sync.services.sync import sync
from crm_sync.services.world import World, load_world

WORKBOOK = "office"


class Staff(Protocol):
    """A person with the workbook open. Rows are numbered as in the sheet: 1 is the heading row."""

    def find(self, tab: str, heading: str, text: str) -> int:
        """The row whose cell under the heading holds this text."""

    def type(self, tab: str, row: int, cells: Mapping[str, str]) -> None:
        """Types into cells of a row, by heading."""

    def add(self, tab: str, cells: Mapping[str, str]) -> int:
        """Types a new row below the last one; gives its number."""

    def sort(self, tab: str, heading: str) -> None:
        """Sorts the tab by a column, A to Z."""

    def delete(self, tab: str, row: int) -> None:
        """Deletes a row."""


@dataclass(frozen=True)
class Scene:
    """What happens before the next run: a title, and what each person does."""

    title: str
    deeds: tuple[tuple[str, Mapping[str, str]], ...] = ()


@dataclass(frozen=True)
class Waiting:
    """What waits for someone's decision or correction at the end of the day."""

    conflicts: tuple[OpenConflict, ...]
    problems: tuple[OpenProblem, ...]


@dataclass(frozen=True)
class Shown:
    """A report at the end of the day."""

    name: str
    grid: Grid


Event = Scene | RunResult | Waiting | Shown


@dataclass
class Day:
    """One day at the company. `events` plays it; each event is over when it is handed out."""

    app: Application
    staff: Staff
    data: DemoData
    ids: dict[tuple[str, str], str] = field(default_factory=dict)

    def events(self) -> Iterator[Event]:
        """The day in order: the base moves in, staff and manager work, the sync runs."""
        yield Scene(
            N_(
                "A trading company moves in: {clients} clients, {agreements} agreements, "
                "{contacts} contacts."
            ),
            (self._move_in(),),
        )
        yield sync(self.app, WORKBOOK)
        yield Scene(N_("Morning. Staff work in the spreadsheet…"), tuple(self._staff_works()))
        yield Scene(
            N_("… while the manager works in the store, on some of the same clients."),
            tuple(self._manager_works()),
        )
        yield sync(self.app, WORKBOOK)
        yield Scene(N_("Nobody touches anything, and the scheduler runs once more."))
        yield sync(self.app, WORKBOOK)
        yield Scene(N_("Evening. What waits for a person:"))
        findings = self.app.store.findings
        yield Waiting(findings.conflicts(WORKBOOK), findings.problems(WORKBOOK))
        titles = {
            "followups": N_("Whom to call, made from the store:"),
            "comparison": N_("How this month compares, made from the store:"),
        }
        grids = report_grids(self.app, self._world())
        for name, title in titles.items():
            yield Scene(title)
            yield Shown(name, grids[name])

    def _move_in(self) -> tuple[str, Mapping[str, str]]:
        """Puts the company's records into the store, in one transaction."""
        changes = []
        for name in TABLES:
            rows = self.data.rows[name]
            table = self.app.tab(name).table
            for row, record_id in zip(
                rows, self.app.store.records.mint(table, len(rows)), strict=True
            ):
                self.ids[name, row.key] = record_id
            for row in rows:
                values = {key: self._value(name, key, value) for key, value in row.values.items()}
                changes.append(StoreChange(Op.CREATE, name, self.ids[name, row.key], values))
        with self.app.store.transaction():
            self.app.store.records.apply(
                changes, source="import:northwind", by="", at=self.app.clock.now()
            )
        counts = {name: str(len(self.data.rows[name])) for name in TABLES}
        return N_("manager: puts the old base into the store."), counts

    def _value(self, table: str, name: str, value: Scalar) -> Scalar:
        """The value with the key of another row made into its id."""
        item = self.app.tab(table).table.by_name[name]
        if item.refers_to is None or item.entity is not None:
            return value
        return self.ids[item.refers_to, str(value)]

    def _staff_works(self) -> Iterator[tuple[str, Mapping[str, str]]]:
        """What staff do in the sheet, each deed told after it was done."""
        clients, agreements = self.app.tab("clients").title, self.app.tab("agreements").title
        new = {"full_name": N_("Daisy Tea House"), "phone": "8 (912) 345-67-89", "city": N_("Perm")}
        cells = {name: self.app.say(text) for name, text in new.items()}
        row = self.staff.add(clients, self._headed("clients", cells))
        yield (
            N_("staff: type a new client in row {row}: {name}, {phone}."),
            {"row": str(row), "name": cells["full_name"], "phone": cells["phone"]},
        )
        yield self._types("clients", "Alfreds Futterkiste", "phone", "+49 30 0074399")
        yield self._types("clients", "Around the Horn", "city", "Manchester")
        yield self._types("clients", "Berglunds snabbköp", "contact_person", "Karin Larsson")
        contact = self._calls()
        if contact is not None:
            yield contact
        self.staff.sort(clients, self._heading("clients", "city"))
        yield N_("staff: sort the tab {tab} by city."), {"tab": clients}
        gone = "Svensk Sjöföda AB"
        self.staff.delete(
            clients, self.staff.find(clients, self._heading("clients", "full_name"), gone)
        )
        yield N_("staff: delete the row of {name}."), {"name": gone}
        yield self._leaves_bad_date(agreements)

    def _types(
        self, table: str, name: str, field_name: str, text: str
    ) -> tuple[str, Mapping[str, str]]:
        tab = self.app.tab(table)
        heading = self._heading(table, field_name)
        row = self.staff.find(tab.title, self._heading(table, tab.table.label), name)
        self.staff.type(tab.title, row, {heading: text})
        return (
            N_("staff: {name}, {heading}: type “{text}”."),
            {"name": name, "heading": heading, "text": text},
        )

    def _calls(self) -> tuple[str, Mapping[str, str]] | None:
        """A call to the first client of the follow-up list, typed as people type it."""
        world = self._world()
        waiting = followups(world.book(), world.now.replace(tzinfo=None))
        if not waiting:
            return None
        name = world.name("clients", waiting[0].client)
        now = self.app.local_now() - timedelta(minutes=20)
        cells = {
            "client": name,
            "contact_at": f"{now:%Y-%m-%d %H:%M}",
            "reason": self._reason("service"),
            "summary": self.app.say(N_("All is well; they ask for the new price list.")),
        }
        self.staff.add(self.app.tab("contacts").title, self._headed("contacts", cells))
        return N_("staff: call {name} and note the contact; the name alone will do."), {
            "name": name
        }

    def _reason(self, key: str) -> str:
        """A reason as the drop-down of the Contacts tab shows it."""
        found = next(
            item
            for item in self.app.statuses
            if item.get("entity") == "reason" and item.get("key") == key
        )
        return str(found.get(self.app.language))

    def _leaves_bad_date(self, title: str) -> tuple[str, Mapping[str, str]]:
        world = self._world()
        open_ones = sorted(
            agreement.id for agreement in world.book().agreements.values() if agreement.open
        )
        heading = self._heading("agreements", "due_date")
        text = self.app.say(N_("tomorrow"))
        row = self.staff.find(title, self._heading("agreements", "id"), open_ones[0])
        self.staff.type(title, row, {heading: text})
        return (
            N_("staff: {name}, {heading}: type “{text}”."),
            {"name": open_ones[0], "heading": heading, "text": text},
        )

    def _manager_works(self) -> Iterator[tuple[str, Mapping[str, str]]]:
        """What the manager changes in the store at the same time."""
        note = self.app.say(N_("Wants a call before each delivery"))
        yield self._changes("Alfreds Futterkiste", "note", note)
        yield self._changes("Around the Horn", "city", "Liverpool")
        yield self._changes("Chop-suey Chinese", "phone", "+41310765500")

    def _changes(self, name: str, field_name: str, value: Cell) -> tuple[str, Mapping[str, str]]:
        record = next(
            item
            for item in self._world().records["clients"].values()
            if item.values.get("full_name") == name
        )
        change = StoreChange(
            Op.UPDATE, "clients", record.id, {field_name: str(value)}, record.version
        )
        with self.app.store.transaction():
            self.app.store.records.apply([change], source="cli", by="", at=self.app.clock.now())
        return (
            N_("manager: {name}, {heading}: set to “{text}”."),
            {
                "name": name,
                "heading": self._heading("clients", field_name),
                "text": str(value),
            },
        )

    def _headed(self, table: str, cells: Mapping[str, str]) -> dict[str, str]:
        return {self._heading(table, name): text for name, text in cells.items()}

    def _heading(self, table: str, field_name: str) -> str:
        return self.app.tab(table).by_field[field_name].heading

    def _world(self) -> World:
        return load_world(self.app, Binding(WORKBOOK, ""))
