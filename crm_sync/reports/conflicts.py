"""The Conflicts tab: what was changed on both sides, with all three values and the way out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import assert_never

from crm_sync.core.findings import Clash, Conflict
from crm_sync.core.grid import Grid, Shown
from crm_sync.core.values import N_
from crm_sync.reports import cells
from crm_sync.reports.findings import Reader, WaitingConflict, place

Places = Mapping[tuple[str, str], tuple[int, Mapping[str, int]]]
"""(table, record id) -> its zero-based row, and the zero-based column of each field."""

_COLUMNS = (
    (N_("No."), 50),
    (N_("Tab"), 110),
    (N_("Cell"), 60),
    (N_("Record"), 220),
    (N_("Column"), 130),
    (N_("Was"), 160),
    (N_("In the store"), 160),
    (N_("Changed there"), 130),
    (N_("By"), 130),
    (N_("In the sheet"), 160),
    (N_("Since"), 130),
    (N_("How to decide"), 420),
)


def conflicts_grid(conflicts: Sequence[WaitingConflict], reader: Reader, places: Places) -> Grid:
    """One row a conflict, in order of its number, which `crm-sync review` takes; a single remark
    if there is none. `places` tells where the records stand in the workbook; those that are not
    there have no cell.
    """
    heading = tuple(cells.header(reader.say(name)) for name, _ in _COLUMNS)
    told = sorted(conflicts, key=lambda each: each.id)
    rows = [heading, *(_row(each, reader, places) for each in told)]
    if not told:
        remark = N_("No conflicts: the sheet and the store say the same.")
        rows.append((cells.note(reader.say(remark)),))
    return Grid(tuple(rows), tuple(width for _, width in _COLUMNS))


def _row(each: WaitingConflict, reader: Reader, places: Places) -> tuple[Shown, ...]:
    conflict = each.conflict
    table, field = conflict.table, conflict.field
    ours, theirs = _sides(conflict, reader)
    return (
        cells.integer(each.id),
        cells.text(reader.tab(table)),
        _cell(conflict, places),
        reader.record(table, conflict.record_id),
        cells.text(reader.heading(table, field)),
        reader.value(table, field, conflict.base),
        ours,
        reader.time(each.ours_at),
        cells.text(each.ours_by),
        theirs,
        reader.time(each.opened_at),
        cells.text(_way_out(each, reader)),
    )


def _cell(conflict: Conflict, places: Places) -> Shown:
    known = places.get((conflict.table, conflict.record_id))
    if known is None:
        return cells.BLANK
    row, columns = known
    return place(row, columns.get(conflict.field))


def _sides(conflict: Conflict, reader: Reader) -> tuple[Shown, Shown]:
    """What stands in the store and in the sheet; a side that deleted the record says so."""
    table, field = conflict.table, conflict.field
    ours = reader.value(table, field, conflict.ours)
    theirs = reader.value(table, field, conflict.theirs)
    if conflict.clash is Clash.DELETE_EDIT:
        ours = cells.text(reader.say(N_("archived")))
    elif conflict.clash is Clash.EDIT_DELETE:
        theirs = cells.text(reader.say(N_("row deleted")))
    return ours, theirs


def _way_out(each: WaitingConflict, reader: Reader) -> str:
    return reader.say(_advice(each.conflict.clash), number=each.id)


def _advice(clash: Clash) -> str:
    match clash:
        case Clash.EDIT_EDIT:
            return N_(
                "Both sides changed this cell. To keep the store's value type it into the cell; "
                "to decide otherwise: crm-sync conflicts resolve {number}"
            )
        case Clash.DELETE_EDIT:
            return N_(
                "The record was archived in the store while its row was edited here. "
                "To decide: crm-sync conflicts resolve {number}"
            )
        case Clash.EDIT_DELETE:
            return N_(
                "The row was deleted here while the record was changed in the store. "
                "To decide: crm-sync conflicts resolve {number}"
            )
        case Clash.FORMULA:
            return N_(
                "A formula stands in this cell and is never overwritten. Put a value in its place, "
                "or decide: crm-sync conflicts resolve {number}"
            )
        case _:
            assert_never(clash)
