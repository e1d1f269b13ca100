"""values.append: finding the table in a range and writing below it.

A table is a block of cells that touch each other, corners included, as a rectangle; the guide
https://developers.google.com/workspace/sheets/api/guides/values#append-values has the cases.
"""

from __future__ import annotations

from crm_sync.sheet_server.a1 import Reference
from crm_sync.sheet_server.batch import Batch
from crm_sync.sheet_server.batch.dimensions import insert_lines, resize
from crm_sync.sheet_server.grid import Area, Row
from crm_sync.sheet_server.values import Writer, Written, by_rows
from crm_sync.sheet_server.workbook import Json, Sheet


def append_rows(
    batch: Batch, writer: Writer, reference: Reference, given: Json, option: str
) -> tuple[Area | None, Written]:
    """The table found, if any, and what was written below it; the grid grows where needed."""
    sheet = reference.sheet
    area = reference.area()
    values = given.get("values", [])
    grid = by_rows(values) if given.get("majorDimension") == "COLUMNS" else values
    table = last_table(sheet, area)
    top, left = (area.top, area.left) if table is None else (table.bottom, table.left)
    height = max(1, len(grid))
    width = max(1, max((len(line) for line in grid), default=0))
    if option == "INSERT_ROWS" and grid and top < sheet.row_count:
        insert_lines(batch, sheet, True, top, len(grid), top - 1 if top else None)
    if grid and top + height > sheet.row_count:
        resize(batch, sheet, True, top + height)
    if grid and left + width > sheet.column_count:
        resize(batch, sheet, False, left + width)
    # The formulas to be written now are of the sheet as it has become.
    batch.settle_references()
    target = Area(sheet.id, top, top + height, left, left + width)
    return table, writer.write_block(sheet, target, grid)


def last_table(sheet: Sheet, area: Area) -> Area | None:
    """The table that lies lowest, then rightmost, among those that the area touches."""
    found = tables(sheet)
    touched = [table for table in found if table.meets(area)]
    if not touched:
        return None
    last = max(touched, key=lambda table: (table.bottom, table.right))
    return _with_overlapping(last, found)


def _with_overlapping(table: Area, others: list[Area]) -> Area:
    """The rectangle grown over all blocks that it overlaps."""
    while True:
        joined = table
        for other in others:
            if other.meets(joined):
                joined = Area(
                    joined.sheet_id,
                    min(joined.top, other.top),
                    max(joined.bottom, other.bottom),
                    min(joined.left, other.left),
                    max(joined.right, other.right),
                )
        if joined == table:
            return table
        table = joined


class _Block:
    """Touching cells as their rectangle; `into` is the block that has taken this one over."""

    __slots__ = ("bottom", "into", "left", "right", "top")

    def __init__(self, row: int, left: int, right: int) -> None:
        self.top, self.bottom, self.left, self.right = row, row + 1, left, right
        self.into: _Block | None = None

    def root(self) -> _Block:
        block = self
        while block.into is not None:
            block = block.into
        return block

    def take(self, other: _Block) -> None:
        self.top = min(self.top, other.top)
        self.bottom = max(self.bottom, other.bottom)
        self.left = min(self.left, other.left)
        self.right = max(self.right, other.right)
        other.into = self


def tables(sheet: Sheet) -> list[Area]:
    """The blocks of touching cells of a sheet, each as its rectangle, from the top."""
    blocks: list[_Block] = []
    above: list[tuple[int, int, _Block]] = []
    for index, row in enumerate(sheet.rows):
        here = [] if row is None else [(*run, _Block(index, *run)) for run in _runs(row)]
        for start, end, block in here:
            blocks.append(block)
            for other_start, other_end, other in above:
                mine, theirs = block.root(), other.root()
                if other_start <= end and start <= other_end and mine is not theirs:
                    theirs.take(mine)
        above = here
    return [
        Area(sheet.id, block.top, block.bottom, block.left, block.right)
        for block in blocks
        if block.into is None
    ]


def _runs(row: Row) -> list[tuple[int, int]]:
    """Runs of cells that hold something, half-open."""
    runs: list[tuple[int, int]] = []
    start = -1
    for column, cell in enumerate(row.cells):
        filled = cell is not None and (cell.value is not None or cell.formula is not None)
        if filled and start < 0:
            start = column
        elif not filled and start >= 0:
            runs.append((start, column))
            start = -1
    if start >= 0:
        runs.append((start, len(row.cells)))
    return runs
