"""mergeCells and unmergeCells."""

from __future__ import annotations

from crm_sync.sheet_server.api_error import invalid
from crm_sync.sheet_server.batch.context import Batch, Handler
from crm_sync.sheet_server.grid import Area
from crm_sync.sheet_server.ranges import bounded
from crm_sync.sheet_server.workbook import Json, Sheet

_PARTLY = "You must select all cells in a merged range to merge or unmerge them."


def as_range(area: Area) -> Json:
    """The area as a GridRange with all its bounds, without sheetId for the sheet 0."""
    held: Json = {"sheetId": area.sheet_id} if area.sheet_id else {}
    held.update(
        startRowIndex=area.top,
        endRowIndex=area.bottom,
        startColumnIndex=area.left,
        endColumnIndex=area.right,
    )
    return held


def without_merges(sheet: Sheet, area: Area) -> list[Json]:
    """The sheet's merges outside of the area. ApiError 400 if it cuts one of them."""
    left = []
    for merge in sheet.part("merges"):
        held = bounded(sheet, merge)
        if not area.meets(held):
            left.append(merge)
        elif not area.covers(held):
            raise invalid(_PARTLY)
    return left


def merge_cells(batch: Batch, request: Json) -> None:
    """Merges a range, or each of its rows or columns; the values of covered cells are lost."""
    area = batch.editable(request.get("range", {}))
    sheet = batch.sheet(area.sheet_id)
    merges = without_merges(sheet, area)
    for block in _blocks(area, request.get("mergeType", "MERGE_ALL")):
        if block.height * block.width < 2:
            continue
        merges.append(as_range(block))
        for row, column, cell in list(sheet.cells(block)):
            if (row, column) != (block.top, block.left):
                sheet.put(row, column, cell.with_value(None))
    sheet.set_part("merges", merges)
    batch.touch()


def _blocks(area: Area, kind: str) -> list[Area]:
    if kind == "MERGE_ROWS":
        return [area._replace(top=row, bottom=row + 1) for row in range(area.top, area.bottom)]
    if kind == "MERGE_COLUMNS":
        columns = range(area.left, area.right)
        return [area._replace(left=column, right=column + 1) for column in columns]
    return [area]


def unmerge_cells(batch: Batch, request: Json) -> None:
    """Splits all merges within a range."""
    area = batch.editable(request.get("range", {}))
    sheet = batch.sheet(area.sheet_id)
    sheet.set_part("merges", without_merges(sheet, area))


KINDS: dict[str, Handler] = {"mergeCells": merge_cells, "unmergeCells": unmerge_cells}
