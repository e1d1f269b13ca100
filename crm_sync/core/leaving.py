"""Rows and the scope of their workbook: what leaves, what must wait, what does not belong here.

A record that left the scope is no delete. Its row is merged for the last time, and taken out once
every workbook that shows the record has it: make before break.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from crm_sync.core.findings import Notice, Problem, Severity
from crm_sync.core.plan import Op, RowDelete
from crm_sync.core.records import AWAITED, Base, Record
from crm_sync.core.rows import SheetRow, equals_base, likeness
from crm_sync.core.values import N_, Cell, Scalar
from crm_sync.core.view import View
from crm_sync.core.work import Merged, TabWork, cell_write, whole_row

SAME = 0.8
"""From this likeness on, a row with the id of an archived record is that record, moved here."""

_MOST_NAMED = 5


def in_scope(work: TabWork, record_id: str, row: SheetRow, merged: Merged | None) -> Merged | None:
    """The merge of one row as the scope of its workbook has it; what belongs here is unchanged."""
    view, record = work.view, work.records.get(record_id)
    if view is None or record is None:
        return merged
    values = _after(record, merged)
    if record_id not in work.bases:
        # What the row itself says counts for an archived record alone: to type an id and a name
        # must not be a way to see what a colleague has.
        ours = view.shows(values if record.archived else record.values)
        return merged if ours else _brought(work, view, record, row, merged)
    if record.archived or view.shows(values):
        return merged
    return _leaving(work, view, row, merged or Merged(record_id), values)


def suspects(work: TabWork, known: Sequence[tuple[str, SheetRow]]) -> tuple[str, ...]:
    """The records with a row that may have to leave: the scope does not show them as they are, or
    their row was edited. Where else they stand must be known before the tab is planned.
    """
    if work.view is None:
        return ()
    found = []
    for record_id, row in known:
        record, base = work.records.get(record_id), work.bases.get(record_id)
        if record is None or base is None or record.archived:
            continue
        if not work.view.shows(record.values) or not equals_base(work.tab, row, base):
            found.append(record_id)
    return tuple(found)


def departed(work: TabWork, record: Record) -> bool:
    """True if the absence of this record's row is not to be judged: the scope does not show it, so
    that a run before this one has taken it out, or would have.
    """
    return work.view is not None and not work.view.shows(record.values)


def belongs(work: TabWork, record: Record) -> bool:
    """True if this workbook is to show the record."""
    return work.view is None or work.view.shows(record.values)


def told(work: TabWork, leaving: Sequence[str], entering: int) -> tuple[Notice, ...]:
    """What people should know of rows that left, and of a scope that was changed."""
    notices = []
    if leaving:
        named = ", ".join(sorted(leaving)[:_MOST_NAMED])
        more = "…" if len(leaving) > _MOST_NAMED else ""
        notices.append(
            Notice(
                work.tab.table.name,
                "LEFT",
                N_(
                    "{tab}: rows that this workbook no longer shows were taken out: {count} "
                    "({ids}). Nothing was deleted."
                ),
                {"tab": work.tab.title, "count": str(len(leaving)), "ids": named + more},
            )
        )
    if work.view is not None and work.view.changed and entering:
        notices.append(
            Notice(
                work.tab.table.name,
                "ENTERED",
                N_("{tab}: the scope shows other rows than before; rows that come in: {count}."),
                {"tab": work.tab.title, "count": str(entering)},
            )
        )
    return tuple(notices)


def _after(record: Record, merged: Merged | None) -> Mapping[str, Scalar]:
    change = merged.change if merged is not None else None
    return {**record.values, **change.values} if change is not None else record.values


def _leaving(
    work: TabWork, view: View, row: SheetRow, merged: Merged, values: Mapping[str, Scalar]
) -> Merged:
    """Out of the sheet, unless it is still needed there: another workbook has yet to take it in, or
    what staff typed is in no store.
    """
    refused = any(item.severity is Severity.REJECT for item in merged.problems)
    waits = not view.may_leave(merged.record_id, values)
    if waits or refused or merged.conflicts or row.standing or row.own_hits:
        return replace(merged, waits=waits)
    cells: tuple[Cell, ...] = whole_row(work, row)
    return Merged(
        merged.record_id,
        change=merged.change,
        delete=RowDelete(row.number, merged.record_id, cells),
        forget=True,
        left=True,
    )


def _brought(
    work: TabWork, view: View, record: Record, row: SheetRow, merged: Merged | None
) -> Merged:
    """A row with the id of a record that this workbook does not show. If the record is gone from
    its own workbook, the row was moved here, and the record becomes one of ours; else the row may
    be a copy, or somebody may only have typed the id: it shows nothing and takes nothing.
    """
    change = merged.change if merged is not None else None
    said = {name: work.codecs[name].format(record.values.get(name)) for name in work.bound_names}
    gone = record.archived and change is not None and change.op is Op.RESTORE
    if merged is None or change is None or not gone or not _same(work, row, record, said):
        return Merged(record.id, problems=[_foreign(work, record, row)], held=True)
    claimed = view.claim({**record.values, **change.values})
    merged.change = replace(change, values={**change.values, **claimed})
    merged.writes = [write for write in merged.writes if write.field not in claimed]
    for name, value in claimed.items():
        if name in work.bound_names:
            merged.writes.append(
                cell_write(work, row, name, record.id, work.codecs[name].format(value))
            )
    if merged.base is not None:
        merged.base = _agreed(work, merged.base, claimed)
    return merged


def _same(work: TabWork, row: SheetRow, record: Record, said: Mapping[str, Cell]) -> bool:
    return likeness(work.tab, row, Base(record.id, record.values, said, AWAITED)) >= SAME


def _agreed(work: TabWork, base: Base, claimed: Mapping[str, Scalar]) -> Base:
    values, cells = dict(base.values), dict(base.cells)
    for name, value in claimed.items():
        if name in work.bound_names:
            values[name] = value
            cells[name] = work.codecs[name].format(value)
    return replace(base, values=values, cells=cells)


def _foreign(work: TabWork, record: Record, row: SheetRow) -> Problem:
    return Problem(
        work.tab.table.name,
        "V12",
        Severity.REJECT,
        N_("The id {id} belongs to a record that this workbook does not show."),
        N_(
            "If the row was moved here, delete it in the workbook that it comes from; if it is a "
            "new record, type “new” into its id cell."
        ),
        record_id=record.id,
        row=row.number,
        column=work.binding.columns["id"],
        typed=row.id,
        params={"id": record.id},
    )
