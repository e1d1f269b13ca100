"""Which cells differ between two states of a workbook, found by the identity of rows and cells.

Drafts share rows with the workbook that they were drawn from, and cells are never changed once
made: so what is the same object holds the same.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from crm_sync.sheet_server.formula.dependencies import Key
from crm_sync.sheet_server.grid import Cell, Row

if TYPE_CHECKING:
    from crm_sync.sheet_server.workbook import Sheet, Workbook

# Rows of a workbook that was just read belong to nobody and are left alone ever after; a new
# workbook's rows do so too while it is being filled, but it is small.
_MOST_OWNERLESS_ROWS = 20_000
_NO_CELLS: list[Cell | None] = []


class Snapshot:
    """The rows of all sheets at one moment.

    Rows that belong to the draft itself may still be changed in place: of those the cells are
    kept too.
    """

    def __init__(self, workbook: Workbook) -> None:
        self._rows = {sheet.id: sheet.rows.copy() for sheet in workbook.sheets}
        self._own = {sheet.id: _own_cells(sheet) for sheet in workbook.sheets}

    def changed_cells(self, workbook: Workbook, but: Collection[int]) -> Iterator[Key]:
        """The cells of a workbook of the same shape that are not what they were; of the sheets
        `but`, which may have another size, nothing is told.
        """
        for sheet in workbook.sheets:
            if sheet.id not in but:
                yield from self._changed_in(sheet)

    def _changed_in(self, sheet: Sheet) -> Iterator[Key]:
        before = self._rows[sheet.id]
        own = self._own[sheet.id]
        changed = {
            index
            for index, (old, new) in enumerate(zip(before, sheet.rows, strict=True))
            if old is not new
        }
        for index in sorted(changed | own.keys()):
            old_cells = own[index] if index in own else _cells(before[index])
            new_cells = _cells(sheet.rows[index])
            for column in range(max(len(old_cells), len(new_cells))):
                old = old_cells[column] if column < len(old_cells) else None
                new = new_cells[column] if column < len(new_cells) else None
                if old is not new:
                    yield sheet.id, index, column


def _own_cells(sheet: Sheet) -> dict[int, list[Cell | None]]:
    own = {
        index: row.cells
        for index, row in enumerate(sheet.rows)
        if row is not None and row.owner is sheet.owner
    }
    if sheet.owner is None and len(own) > _MOST_OWNERLESS_ROWS:
        return {}
    return {index: cells.copy() for index, cells in own.items()}


def _cells(row: Row | None) -> list[Cell | None]:
    return _NO_CELLS if row is None else row.cells


def all_cells(workbook: Workbook) -> Iterator[tuple[Key, Cell]]:
    """Every cell that holds anything."""
    for sheet in workbook.sheets:
        for index, row in enumerate(sheet.rows):
            if row is not None:
                for column, cell in enumerate(row.cells):
                    if cell is not None:
                        yield (sheet.id, index, column), cell


def shape(workbook: Workbook) -> tuple[object, ...]:
    """What references depend on beside cells and sizes: locale, sheets, named ranges."""
    return (
        workbook.locale,
        sorted((sheet.id, sheet.title) for sheet in workbook.sheets),
        repr(sorted(workbook.named_ranges.items())),
    )


def sizes(workbook: Workbook) -> dict[int, tuple[int, int]]:
    """Rows and columns of each sheet."""
    return {sheet.id: (len(sheet.rows), len(sheet.columns)) for sheet in workbook.sheets}


def holds_formulas(sheet: Sheet) -> bool:
    """Whether a formula stands in the sheet."""
    return any(
        cell is not None and cell.formula is not None
        for row in sheet.rows
        if row is not None
        for cell in row.cells
    )
