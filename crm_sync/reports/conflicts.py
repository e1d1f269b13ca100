"""The Conflicts tab: what was changed on both sides, with all three values and the way out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import assert_never

from crm_sync.core.findings import Clash, Conflict
from crm_sync.core.grid import Grid, Shown
from crm_sync.core.values import N_
from crm_sync.reports import cells
from crm_sync.reports.decisions import (
    DECISION,
    LABELS,
    NO_ANSWERS,
    NUMBER,
    VALUE,
    Answers,
    choices_of,
)
from crm_sync.reports.findings import Reader, WaitingConflict, place

Places = Mapping[tuple[str, str], tuple[int, Mapping[str, int]]]
"""(table, record id) -> its zero-based row, and the zero-based column of each field."""

_COLUMNS = (
    (NUMBER, 50),
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
    (DECISION, 150),
    (VALUE, 160),
)


def conflicts_grid(
    conflicts: Sequence[WaitingConflict],
    reader: Reader,
    places: Places,
    answers: Answers = NO_ANSWERS,
) -> Grid:
    """One row a conflict, in order of its number, which `crm-sync conflicts resolve` takes too; a
    single remark if there is none. `places` tells where the records stand in the workbook; those
    that are not there have no cell. `answers` are what stays in the cells for decisions.
    """
    heading = tuple(cells.header(reader.say(name)) for name, _ in _COLUMNS)
    told = sorted(conflicts, key=lambda each: each.id)
    rows = [heading, *(_row(each, reader, places, answers) for each in told)]
    if not told:
        remark = N_("No conflicts: the sheet and the store say the same.")
        rows.append((cells.note(reader.say(remark)),))
    return Grid(tuple(rows), tuple(width for _, width in _COLUMNS))


def _row(
    each: WaitingConflict, reader: Reader, places: Places, answers: Answers
) -> tuple[Shown, ...]:
    conflict = each.conflict
    choices = [reader.say(LABELS[choice]) for choice in choices_of(conflict)]
    table, field = conflict.table, conflict.field
    ours, theirs = _sides(conflict, reader)
    return (
        cells.integer(each.id),
        cells.text(reader.tab(table)),
        _cell(conflict, places, reader),
        reader.record(table, conflict.record_id),
        cells.text(reader.heading(table, field)),
        reader.value(table, field, conflict.base),
        ours,
        reader.time(each.ours_at),
        cells.text(reader.source(each.ours_by)),
        theirs,
        reader.time(each.opened_at),
        cells.text(answers.advice(each.id, reader.say(_advice(conflict.clash)))),
        answers.decision(each.id, choices),
        answers.value(each.id, open_=conflict.clash is Clash.EDIT_EDIT),
    )


def _cell(conflict: Conflict, places: Places, reader: Reader) -> Shown:
    known = places.get((conflict.table, conflict.record_id))
    if known is None:
        return cells.BLANK
    row, columns = known
    return place(row, columns.get(conflict.field), reader.sheets.get(conflict.table))


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


def _advice(clash: Clash) -> str:
    match clash:
        case Clash.EDIT_EDIT:
            return N_(
                "Both sides changed this cell. Choose whose value stays, or type another one; "
                "the next sync carries it out."
            )
        case Clash.DELETE_EDIT:
            return N_(
                "The record was archived in the store while its row was edited here. “Keep mine” "
                "brings it back, “Take the store's” takes the row away."
            )
        case Clash.EDIT_DELETE:
            return N_(
                "The row was deleted here while the record was changed in the store. “Keep mine” "
                "archives the record, “Take the store's” brings the row back."
            )
        case Clash.FORMULA:
            return N_(
                "A formula stands in this cell and is never overwritten. “Keep mine” takes its "
                "result into the store; to have the store's value, clear the cell, and after the "
                "next sync choose “Take the store's” here."
            )
        case _:
            assert_never(clash)
