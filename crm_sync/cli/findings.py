"""Problems, conflicts and changes in the words and values of their readers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import assert_never

from crm_sync.cli.grids import text_of
from crm_sync.core.findings import Clash, Conflict, Problem
from crm_sync.core.grid import cell_name
from crm_sync.core.plan import Op
from crm_sync.core.schema import Kind
from crm_sync.core.values import N_, Cell, Scalar, cell_text
from crm_sync.messages import Messages
from crm_sync.reports import cells
from crm_sync.reports.findings import SOURCES, Reader
from crm_sync.services.application import Application
from crm_sync.services.result import PlannedChange
from crm_sync.services.review import reader

NOTHING = "—"


@dataclass(frozen=True)
class Teller:
    """Tells findings to people: labels for keys, names for ids, local time."""

    app: Application
    messages: Messages

    @cached_property
    def reader(self) -> Reader:
        """How values are read; the store's records are loaded when it is first needed."""
        return reader(self.app)

    def conflict(self, found: Conflict, number: int | None = None) -> str:
        """A conflict in a line: number, record, column, what each side says."""
        say = self.messages.text
        head = say(N_("Conflict {number}"), number=number) if number else say(N_("Conflict"))
        if found.clash is Clash.DELETE_EDIT:
            what = say(N_("archived in the store, edited in the sheet."))
        elif found.clash is Clash.EDIT_DELETE:
            what = say(N_("changed in the store, its row deleted in the sheet."))
        else:
            what = say(
                N_("store “{ours}”, sheet “{theirs}”."),
                ours=self.value(found.table, found.field, found.ours),
                theirs=self.value(found.table, found.field, found.theirs),
            )
        return f"{head}: {self.place(found)}: {what}"

    def place(self, found: Conflict) -> str:
        """Where a conflict is: tab, record, column."""
        parts = (
            self.reader.tab(found.table),
            self.record(found.table, found.record_id),
            self.reader.heading(found.table, found.field) if found.field else "",
        )
        return ", ".join(part for part in parts if part)

    def sides(self, found: Conflict) -> tuple[tuple[str, str], ...]:
        """What was, what the store holds and what the sheet holds, each under its name."""
        say = self.messages.text
        ours = self.value(found.table, found.field, found.ours)
        theirs = self.value(found.table, found.field, found.theirs)
        match found.clash:
            case Clash.DELETE_EDIT:
                ours = say(N_("archived"))
            case Clash.EDIT_DELETE:
                theirs = say(N_("row deleted"))
            case Clash.FORMULA:
                theirs = say(N_("{value} (a formula)"), value=theirs)
            case Clash.EDIT_EDIT:
                pass
            case _:
                assert_never(found.clash)
        base = self.value(found.table, found.field, found.base)
        return (
            (say(N_("Was")), base),
            (say(N_("In the store")), ours),
            (say(N_("In the sheet")), theirs),
        )

    def problem(self, found: Problem) -> str:
        """A problem in a line: where, what, why, what to do."""
        where = self.reader.tab(found.table)
        if found.row is not None:
            # A column alone has no name here: without a row the record says where.
            number = str(found.row + 1)
            place = number if found.column is None else cell_name(found.row, found.column)
            where = f"{where}!{place}"
        elif found.record_id:
            where = f"{where}, {self.record(found.table, found.record_id)}"
        heading = self.reader.heading(found.table, found.field) if found.field else ""
        what = self.messages.text(found.message, **found.params)
        remedy = self.messages.text(found.remedy, **found.params) if found.remedy else ""
        if found.typed and found.field and found.typed not in what:
            what = self.messages.text(N_("“{typed}”: {what}"), typed=found.typed, what=what)
        head = f"{where} {heading}".strip()
        return f"{head}: {what} {remedy}".strip()

    def change(self, change: PlannedChange) -> str:
        """A change of a dry run in a line: where to, which record, what becomes what."""
        say = self.messages.text
        side = say(N_("store")) if change.side == "store" else say(N_("sheet"))
        head = f"{side}: {self.reader.tab(change.table)}, {self._named(change)}"
        action = say(_ACTIONS[change.op])
        details = ", ".join(self._pairs(change))
        return f"{head}: {action}" + (f": {details}" if details else "")

    def _named(self, change: PlannedChange) -> str:
        label = self.app.tab(change.table).table.label
        new = change.fields.get(label) if change.op == Op.CREATE else None
        return cell_text(new[1]) if new else self.record(change.table, change.record_id)

    def _pairs(self, change: PlannedChange) -> Iterator[str]:
        if change.op == Op.CREATE:
            return
        for name, (was, becomes) in change.fields.items():
            old, new = self._shown(change, name, was), self._shown(change, name, becomes)
            yield f"{self.reader.heading(change.table, name)} “{old}” → “{new}”"

    def _shown(self, change: PlannedChange, name: str, value: Cell) -> str:
        if change.side == "store" and not isinstance(value, float):
            return self.value(change.table, name, value)
        column = self.app.tab(change.table).by_field.get(name)
        kind = column.field.kind if column else Kind.TEXT
        return text_of(cells.shown(value, kind), self.messages) or NOTHING

    def record(self, table: str, record_id: str) -> str:
        """A record as people call it: "Around the Horn (C-000045)"."""
        return text_of(self.reader.record(table, record_id), self.messages)

    def value(self, table: str, field: str, value: Scalar) -> str:
        """A canonical value as it would stand in its column, an empty one as a dash."""
        return text_of(self.reader.value(table, field, value), self.messages) or NOTHING

    def time(self, stamp: str) -> str:
        """A UTC time as the company's, to the minute."""
        return text_of(self.reader.time(stamp), self.messages)

    def source(self, source: str) -> str:
        """Where a change came from: "sheet:office" is a workbook."""
        kind, _, name = source.partition(":")
        template = SOURCES.get(kind)
        return self.messages.text(template, name=name) if template else source


_ACTIONS = {
    Op.CREATE.value: N_("new"),
    Op.UPDATE.value: N_("change"),
    Op.ARCHIVE.value: N_("archive"),
    Op.RESTORE.value: N_("restore"),
    "add": N_("new row"),
    "change": N_("change"),
    "remove": N_("take the row out"),
}
