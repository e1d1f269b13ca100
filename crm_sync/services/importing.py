"""Takes records out of a file into the store: first as a plan, then in one transaction."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from crm_sync.core.adoption import Fit, Told, fit
from crm_sync.core.duplicates import parts_of, strong_fields
from crm_sync.core.findings import Problem, Severity
from crm_sync.core.grid import TabRead
from crm_sync.core.plan import Op, StoreChange
from crm_sync.core.records import Record
from crm_sync.core.rows import id_in
from crm_sync.core.schema import FilledBy, Kind, Tab
from crm_sync.core.values import N_, Cell, Scalar, Unreadable, cell_text, is_blank
from crm_sync.errors import NotFound, ShapeError
from crm_sync.ports import Binding, RunReport
from crm_sync.services.application import Application
from crm_sync.services.backup import drop_outdated
from crm_sync.services.entry import Author, Form, column_of, no_column
from crm_sync.services.world import World, load_world

ID = "id"
Synonyms = Mapping[str, Mapping[str, Sequence[str]]]


@dataclass(frozen=True)
class Wanted:
    """What somebody said of a file: its table ("" to be told by its headings), what headings are,
    the field by which records are known again ("" for the usual ones), what is allowed over the
    limits.
    """

    table: str = ""
    headings: Told = field(default_factory=dict)
    key: str = ""
    allowed: frozenset[str] = frozenset()


class Fate(StrEnum):
    """What becomes of a row."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    REFUSED = "refused"


@dataclass(frozen=True)
class Row:
    """A row of the file by its number there, from 1. `record` is the one that it is, None for a new
    one; `values` are those that are set; `problems` all that is wrong.
    """

    number: int
    fate: Fate
    record: Record | None
    values: Mapping[str, Scalar]
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Excess:
    """More changes in one field than the limits let pass unasked; `allow` goes ahead."""

    field: str
    count: int
    known: int
    allow: str


@dataclass(frozen=True)
class ImportPlan:
    """What importing a table would do."""

    tab: Tab
    found: Fit
    rows: tuple[Row, ...]
    excess: tuple[Excess, ...]
    world: World

    def count(self, fate: Fate) -> int:
        """How many rows have this fate."""
        return sum(row.fate is fate for row in self.rows)


def plan_import(
    app: Application, tables: Sequence[TabRead], synonyms: Synonyms, wanted: Wanted
) -> ImportPlan:
    """What comes of the table that fits best. Raises NotFound, ShapeError."""
    found = _fitting(app, tables, synonyms, wanted)
    tab = next(tab for tab in app.whole if tab.table.name == found.table)
    world = load_world(app, Binding("", ""))
    rows = tuple(_Rows(world, tab, found, _key(tab, found, wanted.key)).all())
    return ImportPlan(tab, found, rows, _excess(app, tab, rows, wanted.allowed), world)


def carry_in(app: Application, plan: ImportPlan, name: str, author: Author) -> int:
    """Makes the changes of a plan in one transaction, as a run that can be undone; gives its
    number. Call it with the lease. The store is copied before.
    """
    assert not plan.excess
    now, table = app.clock.now(), plan.tab.table
    new = [row for row in plan.rows if row.fate is Fate.NEW]
    run = app.store.journal.start_run(f"import {name}", now)
    newest = next(iter(app.store.backups.all()), None)
    if newest is None or newest.sequence != app.store.records.sequence():
        app.store.backups.make(now, f"run {run}")
        if app.backup_rule is not None:
            drop_outdated(app, app.backup_rule)
    ids = iter(app.store.records.mint(table, len(new)) if new else ())
    changes = []
    for row in plan.rows:
        if row.fate is Fate.NEW:
            changes.append(StoreChange(Op.CREATE, table.name, next(ids), row.values))
        elif row.fate is Fate.CHANGED and row.record is not None:
            version = row.record.version
            changes.append(StoreChange(Op.UPDATE, table.name, row.record.id, row.values, version))
    with app.store.transaction():
        app.store.records.apply(changes, source=f"import:{name}", by=author.by, at=now, run=run)
    counts = {"created": len(new), "updated": plan.count(Fate.CHANGED)}
    report = RunReport(f"import {name}", "synced", json.dumps(counts))
    app.store.journal.finish_run(run, report, app.clock.now())
    return run


def refused_rows(plan: ImportPlan) -> Iterator[tuple[Row, tuple[str, ...]]]:
    """The rows that are refused, each with its cells as they stand in the file."""
    for row in plan.rows:
        if row.fate is Fate.REFUSED:
            cells = plan.found.read.rows[row.number - 1]
            yield row, tuple(cell_text(cell) for cell in cells)


def _fitting(
    app: Application, tables: Sequence[TabRead], synonyms: Synonyms, wanted: Wanted
) -> Fit:
    if wanted.table and wanted.table not in {tab.table.name for tab in app.whole}:
        raise NotFound(
            N_("There is no table “{table}”."),
            N_("There are: {tables}."),
            table=wanted.table,
            tables=", ".join(tab.table.name for tab in app.whole),
        )
    if not any(table.rows for table in tables):
        raise ShapeError(
            N_("There is nothing in the file."),
            N_("Perhaps it was saved empty, or another one is meant: look into it."),
        )
    fits = (
        fit(tab, synonyms.get(tab.table.name, {}), read, wanted.headings)
        for read in tables
        for tab in app.whole
        if wanted.table in ("", tab.table.name)
    )
    best = max((each for each in fits if each), key=lambda each: each.score, default=None)
    if best is None or not (best.taken or best.joined):
        raise ShapeError(
            N_("No heading in the file names a field that is known."),
            N_('Say what the columns are: --table clients --map "Tel.=phone"'),
        )
    return best


def _key(tab: Tab, found: Fit, named: str) -> str:
    column = column_of(tab, named) if named else None
    if not named or (column is not None and column.field.kind is Kind.ID):
        return ""
    if column is None or column.field.derived:
        raise no_column(tab, named, (item.field for item in tab.columns))
    if column.field.name not in found.taken:
        raise ShapeError(
            N_("No column of the file holds “{column}”, by which records are to be known."),
            N_('Say which one does: --map "HEADING={field}"'),
            column=column.heading,
            field=column.field.name,
        )
    return column.field.name


class _Rows:
    """Reads the rows of a file, each against the records as the rows before it leave them."""

    def __init__(self, world: World, tab: Tab, found: Fit, key: str) -> None:
        self._world, self._tab, self._found, self._key = world, tab, found, key
        self._form = Form(world, tab)
        self._records = world.records[tab.table.name]
        self._keys = [key] if key else [item.name for item in strong_fields(tab.table)]
        self._holders: dict[tuple[str, str], set[str]] = {}
        self._rows: dict[tuple[str, str], int] = {}
        self._taken: dict[str, int] = {}
        self._alike: dict[tuple[tuple[str, Scalar], ...], Record] = {}
        self._fields = tuple(
            name
            for name in (*found.taken, *(("full_name",) if found.joined else ()))
            if name != ID and tab.by_field[name].field.filled_by is FilledBy.STAFF
        )
        for record in self._records.values():
            if not record.archived:
                self._know(record)

    def all(self) -> Iterator[Row]:
        """Every row below the headings that holds anything."""
        read = self._found.read
        for number in range(self._found.header_row + 1, len(read.rows)):
            typed = self._typed(number)
            if any(not is_blank(cell) for cell in typed.values()):
                yield self._row(number + 1, typed)

    def _typed(self, number: int) -> dict[str, Cell]:
        read = self._found.read
        typed = {name: read.cell(number, column) for name, column in self._found.taken.items()}
        if self._found.joined and "full_name" not in self._found.taken:
            parts = (cell_text(read.cell(number, at)).strip() for at in self._found.joined)
            typed["full_name"] = " ".join(part for part in parts if part) or None
        return typed

    def _row(self, number: int, typed: Mapping[str, Cell]) -> Row:
        given = {name: typed[name] for name in self._fields if not is_blank(typed[name])}
        named = id_in(typed.get(ID))
        record, fault = self._known(named, given)
        if fault is not None:
            return Row(number, Fate.REFUSED, record, {}, (fault,))
        read = self._form.read(given, record)
        problems = (*read.problems, *self._repeated(record, read.values, by_id=bool(named)))
        if any(item.severity is Severity.REJECT for item in problems):
            return Row(number, Fate.REFUSED, record, read.values, problems)
        if record is None:
            same = self._alike.get(self._print(read.values))
            if same is not None:
                return Row(number, Fate.SAME, same, {}, problems)
            self._claim(read.values, number)
            self._alike.setdefault(self._print(read.values), Record("", read.values))
            return Row(number, Fate.NEW, None, read.values, problems)
        self._taken[record.id] = number
        self._claim(read.values, number)
        fate = Fate.CHANGED if read.values else Fate.SAME
        return Row(number, fate, record, read.values, problems)

    def _known(
        self, record_id: str, given: Mapping[str, Cell]
    ) -> tuple[Record | None, Problem | None]:
        """The record that a row is, by its id or else by its keys; None for a new one. No value of
        a row may go into one record when another of its values is a second record's key.
        """
        record = None
        if record_id:
            record = self._records.get(record_id)
            if record is not None and not record.archived:
                return record, None
            message = N_("There is no record “{typed}” in use.")
            remedy = N_("Empty the cell for a new record, or correct the id.")
            return None, self._fault("V07", message, remedy, ID, record_id)
        named = ""
        for name in self._keys:
            value = self._form.codecs[name].parse(given.get(name))
            if value is None or isinstance(value, Unreadable):
                continue
            for part in parts_of(self._tab.table.by_name[name], value):
                ids = self._holders.get((name, part), set())
                if record is None and len(ids) == 1:
                    record, named = self._records[min(ids)], part
                elif record is None and ids:
                    message = N_("Several records have “{typed}”: {records}.")
                    remedy = N_("Put the id of the right one into the row, or merge them.")
                    several = ", ".join(sorted(ids))
                    return None, self._fault("V12", message, remedy, name, part, records=several)
                elif record is not None and ids and record.id not in ids:
                    return None, self._torn(record, named, self._records[min(ids)], name, part)
        return record, None

    def _torn(self, record: Record, named: str, other: Record, name: str, typed: str) -> Problem:
        """What says that a row is of one record by a key and of another by a second one."""
        label = self._tab.table.label
        return self._fault(
            "V12",
            N_("{record} has “{named}”, but “{typed}” is what {other} has."),
            N_(
                "Put the id of the right one into the row, or merge: crm-sync merge {keep} {merged}"
            ),
            name,
            typed,
            named=named,
            record=_called(record, label),
            other=_called(other, label),
            keep=record.id,
            merged=other.id,
        )

    def _repeated(
        self, record: Record | None, values: Mapping[str, Scalar], *, by_id: bool
    ) -> Iterator[Problem]:
        """What says that a row is of the record of a row before it, or takes a key of its."""
        same = N_("Row {row} is of the same record, with other values.")
        other = N_("Row {row} is of another record, and has “{typed}”, too.")
        if record is not None and values and record.id in self._taken:
            before, name, typed, message = self._taken[record.id], "", "", same
        elif by_id or (record is None and self._print(values) in self._alike):
            return
        else:
            before, name, typed = next(self._claimed(values), (0, "", ""))
            message = same if record is None else other
        if before:
            remedy = N_("Leave one of the two rows in the file.")
            if message is other:
                remedy = N_("Leave it in one of the two, or put the id of its record into this.")
            yield self._fault("V12", message, remedy, name, typed, row=str(before))

    def _claimed(self, values: Mapping[str, Scalar]) -> Iterator[tuple[int, str, str]]:
        """The rows before that put one of these keys into their record, with field and key."""
        for name, part in self._keys_of(values):
            if row := self._rows.get((name, part)):
                yield row, name, part

    def _claim(self, values: Mapping[str, Scalar], row: int) -> None:
        for key in self._keys_of(values):
            self._rows.setdefault(key, row)

    def _keys_of(self, values: Mapping[str, Scalar]) -> Iterator[tuple[str, str]]:
        for name in self._keys:
            for part in parts_of(self._tab.table.by_name[name], values.get(name)):
                yield name, part

    def _know(self, record: Record) -> None:
        for key in self._keys_of(record.values):
            self._holders.setdefault(key, set()).add(record.id)
        self._alike.setdefault(self._print(record.values), record)

    def _print(self, values: Mapping[str, Scalar]) -> tuple[tuple[str, Scalar], ...]:
        """By what a record without a key of its own is known again: all that the file tells."""
        return tuple((name, values.get(name)) for name in self._fields)

    def _fault(
        self, code: str, message: str, remedy: str, name: str, typed: str, **facts: str
    ) -> Problem:
        return Problem(
            self._tab.table.name,
            code,
            Severity.REJECT,
            message,
            remedy,
            field=name,
            typed=typed,
            params={"typed": typed, **facts},
        )


def _called(record: Record, label: str) -> str:
    return f"{record.values.get(label) or '?'} ({record.id})"


def _excess(
    app: Application, tab: Tab, rows: Sequence[Row], allowed: frozenset[str]
) -> tuple[Excess, ...]:
    known = app.store.records.count(tab.table)[0]
    limits = app.limits
    changed = Counter(
        name
        for row in rows
        if row.fate is Fate.CHANGED and row.record is not None
        for name in row.values
        if row.record.values.get(name) is not None
    )
    return tuple(
        Excess(name, count, known, allow)
        for name, count in sorted(changed.items())
        if (allow := f"{tab.table.name}:{name}:{count}") not in allowed
        and count > limits.column_rows
        and count > limits.column_share * known
    )
