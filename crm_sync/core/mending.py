"""Puts right what writes of ours have hit: cells of other rows, rows under other headings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from crm_sync.core.merging import TabWork, cell_write
from crm_sync.core.plan import CellWrite, RowDelete, TabPlan
from crm_sync.core.records import AWAITED, Base, Record
from crm_sync.core.rows import ID, SheetRow
from crm_sync.core.schema import FilledBy
from crm_sync.core.values import Unreadable, cell_text, is_blank, same_cell

_EPOCH: Final = datetime(1899, 12, 30, tzinfo=UTC)
_ZONES: Final = 0.6
"""Days by which the clocks of two places differ at the most: 14 hours."""


def mending_writes(work: TabWork, known: Mapping[int, str], plan: TabPlan) -> Iterator[CellWrite]:
    """Writes that put back the cells that an earlier write hit by mistake, unless the plan writes
    them anyway or their row goes. `known` is row -> record id.
    """
    hit = [row for row in work.rows if row.standing or row.own_hits]
    written = {(write.row, write.column) for write in plan.writes} if hit else set()
    leaving = {delete.row for delete in plan.deletes}
    for row in hit:
        if row.number not in leaving:
            for write in (*_fields(work, row, known), *_own_cells(row)):
                if (write.row, write.column) not in written:
                    yield write


def _fields(work: TabWork, row: SheetRow, known: Mapping[int, str]) -> Iterator[CellWrite]:
    for name, standing in row.standing.items():
        right = known.get(row.number, row.id_cell) if name == ID else row.cells[name]
        formula = row.lost_formulas.get(name)
        if formula is not None or not same_cell(standing, right):
            write = cell_write(work, row, name, row.id, formula or right)
            yield replace(write, formula=formula is not None, mends=True)


def _own_cells(row: SheetRow) -> Iterator[CellWrite]:
    for column, hit in row.own_hits.items():
        yield CellWrite(
            row.number,
            column,
            hit.wrote,
            hit.formula or hit.found,
            "",
            row.id,
            row.standing_id,
            formula=bool(hit.formula),
            mends=True,
        )


def misplaced_rows(work: TabWork) -> tuple[RowDelete, ...]:
    """Rows that we added while staff moved columns: all that a row yet to be seen would show stands
    there, its id too, but not under the headings. They are taken out and added anew.
    """
    waiting = {
        record_id: record
        for record_id, record in work.records.items()
        if not record.archived and _is_awaited(work.bases.get(record_id))
    }
    found = []
    for number in range(work.binding.header_row + 1, len(work.read.rows) if waiting else 0):
        cells = work.read.rows[number]
        for cell in cells:
            if (
                isinstance(cell, str)
                and cell in waiting
                and _misplaced(work, waiting[cell], number)
            ):
                found.append(RowDelete(number, cell, cells))
                break
    return tuple(found)


def _is_awaited(base: Base | None) -> bool:
    return base is None or base.version == AWAITED


def _misplaced(work: TabWork, record: Record, number: int) -> bool:
    """True if the row holds just what the row of this record was to hold, but elsewhere in the row.
    What the engine fills does not count.
    """
    wanted: dict[int, str] = {work.binding.columns[ID]: record.id}
    base = work.bases.get(record.id)
    # The record may have changed since its row was written.
    written = record.values if base is None else base.values
    for item in work.bound:
        value = work.codecs[item.name].normal(written.get(item.name))
        if not isinstance(value, Unreadable) and value is not None:
            shown = work.codecs[item.name].format(value)
            wanted[work.binding.columns[item.name]] = cell_text(shown)
    if all(
        cell_text(work.read.cell(number, column)) == text for column, text in wanted.items()
    ) and not _date_astray(work, record, wanted, number):
        return False
    standing = Counter(cell_text(cell) for cell in work.read.rows[number] if not is_blank(cell))
    engine = sum(item.filled_by is FilledBy.ENGINE for item in work.tab.table.fields)
    expected = Counter(wanted.values())
    return not expected - standing and (standing - expected).total() <= engine


def _date_astray(work: TabWork, record: Record, wanted: Mapping[int, str], number: int) -> bool:
    """True if the time of the record's last change, which the engine writes, stands under a heading
    of staff where the record has nothing, and no number where the engine writes its own.
    """
    places = work.binding.columns
    engine = (item for item in work.tab.table.fields if item.filled_by is FilledBy.ENGINE)
    if not record.updated_at or any(
        isinstance(work.read.cell(number, places[item.name]), float)
        for item in engine
        if item.name in places
    ):
        return False
    changed = (datetime.fromisoformat(record.updated_at) - _EPOCH) / timedelta(days=1)
    blank = (places[item.name] for item in work.bound if places[item.name] not in wanted)
    found = (work.read.cell(number, column) for column in blank)
    # The cell says it in the time of the company's zone.
    return any(
        isinstance(cell, float) and cell % 1 and abs(cell - changed) < _ZONES for cell in found
    )
