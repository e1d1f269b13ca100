"""Finds out what became of writes whose end no run has seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from crm_sync.core.codecs import Codec
from crm_sync.core.merging import TabWork
from crm_sync.core.plan import StoreChange, passing
from crm_sync.core.records import Base
from crm_sync.core.repairs import CellRepair, Repair, named, typed_over
from crm_sync.core.rows import ID, read_rows
from crm_sync.core.swap import Expected, ExpectedPut
from crm_sync.core.values import Cell, Scalar, Unreadable
from crm_sync.core.verifying import Verdict, in_place
from crm_sync.errors import Overtaken, ShapeError
from crm_sync.ports import Binding, Operation, Workbook
from crm_sync.services.application import JOURNAL, Application
from crm_sync.services.apply import INTENT, Prepared, watched_rows
from crm_sync.services.reading import Reading, TabReading, read_tab, tab_work
from crm_sync.services.watching import NOTHING_LATE, Late, late_in
from crm_sync.services.world import load_world


@dataclass(frozen=True)
class Outstanding:
    """What an earlier write hit by mistake and nobody has put back, and what it met in the tabs
    that it wrote anew, which nobody had read.
    """

    repairs: tuple[Repair, ...] = ()
    late: Late = NOTHING_LATE


def outstanding(
    app: Application, workbook: Workbook, binding: Binding, reading: Reading
) -> Outstanding:
    """What an earlier write left to do. Bases of what it wrote rightly
    are moved, so that later edits of those cells are not taken for a conflict with our own write.

    Only the newest operation that reached the sheet can still owe something: the journal tab
    bears its id, and each write carries the repairs of the one before. Whatever else was left
    undone is simply merged again.
    """
    waiting = app.store.journal.unsettled(binding.workbook)
    landed = [operation for operation in waiting if operation.id == reading.stamp.operation]
    try:
        return _looked_into(app, workbook, binding, reading, landed[0]) if landed else Outstanding()
    except ShapeError:
        return Outstanding()


def _looked_into(
    app: Application,
    workbook: Workbook,
    binding: Binding,
    reading: Reading,
    operation: Operation,
) -> Outstanding:
    intent = INTENT.validate_json(operation.intent)
    journal_id = reading.attached.sheets[JOURNAL]
    standing, images = workbook.journal(journal_id, watched_rows(intent))
    if standing != operation.id:
        raise Overtaken
    verdict = intent.verdict(images)
    _move_bases(app, binding, intent.rows, verdict)
    return Outstanding(intent.debts(verdict), late_in(app, binding, intent, images))


def close_operations(
    app: Application, workbook: str, reading: Reading, prepared: Prepared, *, owing: bool
) -> None:
    """Closes the operations of which nothing can come any more: the one that stands in the workbook
    unless it is `owing`, and those that a later one has overtaken. One that was sent and not seen
    may still land as long as no later one has. Call it within the transaction that moves the bases.
    """
    landed = not prepared.batch.empty
    standing = prepared.batch.operation if landed else reading.stamp.operation
    for operation in app.store.journal.waiting(workbook):
        over = landed or operation == prepared.batch.operation
        if not owing if operation == standing else over:
            app.store.journal.settle(operation, app.clock.now())


def keep_typed_over(app: Application, binding: Binding, run: int, reading: Reading) -> None:
    """Puts into the history what a write of ours hit and staff then typed over, seeing only what we
    had written: each such value becomes the store's for a moment.
    """
    hits = [item for item in reading.repairs if isinstance(item, CellRepair)]
    world = load_world(app, binding) if hits else None
    changes: list[StoreChange] = []
    for tab in app.tabs if world else ():
        mine = [item for item in hits if item.table == tab.table.name]
        found = read_tab(app, tab, reading, frozenset()) if mine else None
        if world and isinstance(found, TabReading):
            rows = tuple(read_rows(tab, found.columns, found.read))
            work = tab_work(found, world)
            standing = in_place(mine, found.read.rows[found.columns.header_row])
            # A row that had lost its id got it by the write that hit the cell.
            standing = [named(item, found.columns.columns[ID]) for item in standing]
            fields = {index: name for name, index in found.columns.columns.items()}
            for hit in typed_over(rows, standing, found.read, fields):
                changes.extend(_passing(app, work, hit, changes))
    if changes:
        with app.store.transaction():
            app.store.records.apply(
                changes,
                source=f"sheet:{binding.workbook}",
                by="",
                at=app.clock.now(),
                run=run,
            )


def _passing(
    app: Application, work: TabWork, hit: CellRepair, before: Sequence[StoreChange]
) -> tuple[StoreChange, ...]:
    """The change to the value that was hit and the one back, unless the history has it already."""
    columns = work.binding.columns
    record = work.records.get(hit.row_id)
    field = next((item.name for item in work.bound if columns[item.name] == hit.column), "")
    if record is None or not field:
        return ()
    value = work.codecs[field].parse(hit.found)
    known = {record.values.get(field)}
    for entry in app.store.records.history(record.id):
        known |= set(entry.changes.get(field, ()))
    if isinstance(value, Unreadable) or value in known:
        return ()
    moved = sum(change.record_id == record.id for change in before)
    return passing(record, work.tab.table.name, field, value, moved)


def _move_bases(
    app: Application, binding: Binding, expected: tuple[Expected, ...], verdict: Verdict
) -> None:
    """Moves the bases of cells that took the store's values over as planned."""
    world = load_world(app, binding)
    with app.store.transaction():
        for tab in app.tabs:
            name = tab.table.name
            codecs = world.codecs(tab)
            staff = {item.name: codecs[item.name] for item in tab.table.staff_fields}
            known = app.store.bases.all(binding.workbook, name)
            moved = {}
            for item in expected:
                key = item.record_id
                holding = [put for put in item.puts if verdict.holds(name, key, put.column)]
                if item.table == name and key in known and holding:
                    moved[key] = _written(known[key], holding, staff)
            app.store.bases.put(binding.workbook, name, moved)


def _written(base: Base, puts: Sequence[ExpectedPut], codecs: Mapping[str, Codec]) -> Base:
    values: dict[str, Scalar] = dict(base.values)
    cells: dict[str, Cell] = dict(base.cells)
    for put in puts:
        if put.field in codecs and not put.mends:
            value = codecs[put.field].parse(put.after)
            if not isinstance(value, Unreadable):
                values[put.field] = value
                cells[put.field] = put.after
    return replace(base, values=values, cells=cells)
