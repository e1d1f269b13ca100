"""Finds out what became of writes whose end no run has seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from crm_sync.core.codecs import Codec
from crm_sync.core.records import Base
from crm_sync.core.swap import Expected
from crm_sync.core.values import Cell, Scalar, Unreadable
from crm_sync.core.verifying import Repair, Verdict, verify
from crm_sync.errors import ShapeError
from crm_sync.ports import Binding, Operation, Workbook
from crm_sync.reports.answers import Typed
from crm_sync.services.answers import late_answers
from crm_sync.services.application import JOURNAL, Application
from crm_sync.services.apply import INTENT, watched_rows
from crm_sync.services.world import load_world


@dataclass(frozen=True)
class Outstanding:
    """What an earlier write hit by mistake and nobody has put back, and the answers that it met in
    the follow-up list, which nobody had read.
    """

    repairs: tuple[Repair, ...] = ()
    late: tuple[Typed, ...] = ()


def outstanding(app: Application, workbook: Workbook, binding: Binding) -> Outstanding:
    """What an earlier write left to do. Bases of what it wrote rightly
    are moved, so that later edits of those cells are not taken for a conflict with our own write.

    Only the newest operation that reached the sheet can still owe something: the journal tab
    bears its id, and each write carries the repairs of the one before. Whatever else was left
    undone is simply merged again.
    """
    waiting = app.store.journal.unsettled(binding.workbook)
    if not waiting or JOURNAL not in binding.sheets:
        return Outstanding()
    journal_id = binding.sheets[JOURNAL]
    try:
        standing, _ = workbook.journal(journal_id, ())
        landed = [operation for operation in waiting if operation.id == standing]
        return _looked_into(app, workbook, binding, landed[0]) if landed else Outstanding()
    except ShapeError:
        return Outstanding()


def _looked_into(
    app: Application, workbook: Workbook, binding: Binding, operation: Operation
) -> Outstanding:
    intent = INTENT.validate_json(operation.intent)
    _, images = workbook.journal(binding.sheets[JOURNAL], watched_rows(intent))
    verdict = verify(intent.expected, images)
    _move_bases(app, binding, intent.expected, verdict)
    repairs = (*verdict.repairs, *intent.owed)
    return Outstanding(repairs, late_answers(app, intent.watched_list, images))


def _move_bases(
    app: Application, binding: Binding, expected: tuple[Expected, ...], verdict: Verdict
) -> None:
    """Moves the bases of cells that took the store's values over as planned."""
    world = load_world(app, binding)
    with app.store.transaction():
        for tab in app.tabs:
            name = tab.table.name
            if name in verdict.displaced:
                continue
            codecs = world.codecs(tab)
            staff = {item.name: codecs[item.name] for item in tab.table.staff_fields}
            known = app.store.bases.all(binding.workbook, name)
            moved = {
                item.record_id: _written(known[item.record_id], item, staff)
                for item in expected
                if item.table == name
                and item.record_id in known
                and (name, item.record_id) not in verdict.unsettled
            }
            app.store.bases.put(binding.workbook, name, moved)


def _written(base: Base, item: Expected, codecs: Mapping[str, Codec]) -> Base:
    values: dict[str, Scalar] = dict(base.values)
    cells: dict[str, Cell] = dict(base.cells)
    for put in item.puts:
        if put.field in codecs and not put.mends:
            value = codecs[put.field].parse(put.after)
            if not isinstance(value, Unreadable):
                values[put.field] = value
                cells[put.field] = put.after
    return replace(base, values=values, cells=cells)
