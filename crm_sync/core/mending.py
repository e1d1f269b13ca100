"""Puts right what writes of ours have hit: cells of other rows, or under other headings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from crm_sync.core.merging import TabWork, cell_write
from crm_sync.core.plan import CellWrite, TabPlan
from crm_sync.core.rows import ID, SheetRow
from crm_sync.core.values import same_cell


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
