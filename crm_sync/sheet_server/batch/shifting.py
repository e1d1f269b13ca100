"""insertRange and deleteRange: cells pushed down or right, or drawn up or left."""

from __future__ import annotations

from crm_sync.sheet_server import formula
from crm_sync.sheet_server.api_error import invalid
from crm_sync.sheet_server.batch.context import Batch, Handler
from crm_sync.sheet_server.batch.dimensions import delete_lines, insert_lines, resize
from crm_sync.sheet_server.grid import Area, Cell
from crm_sync.sheet_server.ranges import bounded
from crm_sync.sheet_server.workbook import Json, Sheet


def _read_request(batch: Batch, request: Json) -> tuple[Sheet, Area, bool]:
    area = batch.area(request.get("range", {}))
    if "shiftDimension" not in request:
        raise invalid("No shift dimension specified.")
    sheet, down = batch.sheet(area.sheet_id), request["shiftDimension"] == "ROWS"
    moved = (
        area._replace(bottom=sheet.row_count) if down else area._replace(right=sheet.column_count)
    )
    batch.check_cells(moved)
    return sheet, area, down


def insert_range(batch: Batch, request: Json) -> None:
    """Puts empty cells in; those in their way go down (ROWS) or right, into a grown grid."""
    sheet, area, down = _read_request(batch, request)
    if not area.height or not area.width:
        return
    if _is_whole(sheet, area, down):
        insert_lines(batch, sheet, down, *_lines(area, down), None)
        return
    if down:
        _grow(batch, sheet, area, down, area.height)
        _shift(batch, sheet, area._replace(bottom=sheet.row_count - area.height), area.height, 0)
    else:
        _grow(batch, sheet, area, down, area.width)
        _shift(batch, sheet, area._replace(right=sheet.column_count - area.width), 0, area.width)


def _lines(area: Area, down: bool) -> tuple[int, int]:
    return (area.top, area.height) if down else (area.left, area.width)


def _is_whole(sheet: Sheet, area: Area, down: bool) -> bool:
    """Whether the area spans the grid, so that rows or columns themselves come or go."""
    if down:
        return area.left == 0 and area.right == sheet.column_count
    return area.top == 0 and area.bottom == sheet.row_count


def _grow(batch: Batch, sheet: Sheet, area: Area, down: bool, count: int) -> None:
    """Adds as many rows or columns as are needed to lose no cell."""
    if down:
        tail = area._replace(top=max(area.top, sheet.row_count - count), bottom=sheet.row_count)
        last = max((row for row, _, _ in sheet.cells(tail)), default=-1) + 1
        missing = last + count - sheet.row_count
        end = sheet.row_count
    else:
        left = max(area.left, sheet.column_count - count)
        tail = area._replace(left=left, right=sheet.column_count)
        last = max((column for _, column, _ in sheet.cells(tail)), default=-1) + 1
        missing = last + count - sheet.column_count
        end = sheet.column_count
    if last and missing > 0:
        resize(batch, sheet, down, end + missing)


def _shift(batch: Batch, sheet: Sheet, source: Area, down: int, right: int) -> None:
    """Moves the cells of an area; formulas go on meaning the cells that moved."""
    _check_merges(sheet, source)
    held: list[tuple[int, int, Cell]] = list(sheet.cells(source))
    for row, column, _ in held:
        sheet.put(row, column, None)
    for row, column, cell in held:
        if row + down < sheet.row_count and column + right < sheet.column_count:
            sheet.put(row + down, column + right, cell)
    if source.height > 0 and source.width > 0:
        change = formula.CellsMoved(
            sheet.title,
            (source.top, source.bottom),
            (source.left, source.right),
            sheet.title,
            down,
            right,
        )
        batch.follow_now(change)
    batch.touch()


def _check_merges(sheet: Sheet, area: Area) -> None:
    for merge in sheet.part("merges"):
        if bounded(sheet, merge).meets(area):
            raise invalid("You can't insert or delete cells over a merged range.")


def delete_range(batch: Batch, request: Json) -> None:
    """Takes cells out; those below (ROWS) or to the right take their place."""
    sheet, area, up = _read_request(batch, request)
    if not area.height or not area.width:
        return
    if _is_whole(sheet, area, up):
        start, count = _lines(area, up)
        delete_lines(batch, sheet, up, start, start + count)
        return
    _check_merges(sheet, area)
    for row, column, _ in list(sheet.cells(area)):
        sheet.put(row, column, None)
    if up:
        rest = area._replace(top=area.bottom, bottom=sheet.row_count)
        _shift(batch, sheet, rest, -area.height, 0)
    else:
        rest = area._replace(left=area.right, right=sheet.column_count)
        _shift(batch, sheet, rest, 0, -area.width)


KINDS: dict[str, Handler] = {"insertRange": insert_range, "deleteRange": delete_range}
