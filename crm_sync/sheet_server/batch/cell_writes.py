"""updateCells, repeatCell, appendCells: CellData written under a field mask."""

from __future__ import annotations

from crm_sync.sheet_server import cells
from crm_sync.sheet_server.api_error import ApiError, invalid
from crm_sync.sheet_server.batch.context import Batch, Handler
from crm_sync.sheet_server.cell_data import cell_mask, putter
from crm_sync.sheet_server.grid import Area, Row
from crm_sync.sheet_server.masks import Mask
from crm_sync.sheet_server.workbook import Json, Sheet


def update_cells(batch: Batch, request: Json) -> None:
    """Writes rows of cells; cells of the range that the rows leave out lose the masked fields."""
    mask = cell_mask(request.get("fields", ""))
    rows = request.get("rows", [])
    if "range" in request:
        area = batch.editable(request["range"])
        sheet = batch.sheet(area.sheet_id)
        width = max((len(row.get("values", ())) for row in rows), default=0)
        if len(rows) > area.height:
            raise _beyond("row", area.bottom)
        if width > area.width:
            raise _beyond("column", area.right)
    elif "start" in request:
        sheet, area = _block_at(batch, request["start"], rows)
    else:
        raise invalid("Must specify either 'start' or 'range'.")
    _write_rows(batch, sheet, area, rows, mask)


def _block_at(batch: Batch, start: Json, rows: list[Json]) -> tuple[Sheet, Area]:
    sheet = batch.sheet(start.get("sheetId", 0))
    top, left = start.get("rowIndex", 0), start.get("columnIndex", 0)
    check_coordinate(sheet, top, left)
    width = max((len(row.get("values", ())) for row in rows), default=0)
    if top + len(rows) > sheet.row_count:
        raise _beyond("row", sheet.row_count)
    if left + width > sheet.column_count:
        raise _beyond("column", sheet.column_count)
    batch.check_cells(Area(sheet.id, top, top + len(rows), left, left + width))
    # Without a range nothing beyond the given cells is cleared: short rows stay short.
    return sheet, Area(sheet.id, top, top + len(rows), left, -1)


def check_coordinate(sheet: Sheet, row: int, column: int) -> None:
    """ApiError 400 when a GridCoordinate is not on the grid."""
    for name, index, count in (
        ("row", row, sheet.row_count),
        ("column", column, sheet.column_count),
    ):
        if index < 0:
            raise invalid(f"GridCoordinate.{name}Index[{index}] must be >= 0")
        if index >= count:
            raise invalid(
                f"GridCoordinate.{name}Index[{index}] is after last {name} in grid[{count - 1}]"
            )


def _beyond(side: str, end: int) -> ApiError:
    return invalid(
        f"Attempting to write {side}: {end}, beyond the last requested {side} of: {end - 1}"
    )


def _write_rows(batch: Batch, sheet: Sheet, area: Area, rows: list[Json], mask: Mask) -> None:
    batch.touch()
    clear = putter({}, mask)
    for down in range(area.bottom - area.top):
        values = rows[down].get("values", ()) if down < len(rows) else ()
        width = len(values) if area.right < 0 else area.width
        index = area.top + down
        line: Row | None = sheet.rows[index]
        if line is None and not any(values):
            continue
        line = sheet.edit(index)
        held = line.cells
        for across in range(width):
            column = area.left + across
            before = held[column] if column < len(held) else None
            data = values[across] if across < len(values) else None
            if data is None and before is None:
                continue
            after = putter(data, mask)(before) if data else clear(before)
            batch.note_formula(after)
            line.put(column, after)


def repeat_cell(batch: Batch, request: Json) -> None:
    """Writes one cell into all cells of a range; formulas shift with the place."""
    mask = cell_mask(request.get("fields", ""))
    area = batch.editable(request.get("range", {}))
    sheet = batch.sheet(area.sheet_id)
    data = request.get("cell", {})
    put = putter(data, mask)
    batch.touch()
    is_clearing = put(None) is None
    for index in range(area.top, area.bottom):
        row = sheet.rows[index]
        if is_clearing and (row is None or len(row.cells) <= area.left):
            continue
        line = sheet.edit(index)
        held = line.cells
        for column in range(area.left, area.right):
            before = held[column] if column < len(held) else None
            if before is None and is_clearing:
                continue
            after = put(before)
            if after is not None and after.formula and "userEnteredValue" in mask:
                batch.workbook.has_formulas = True
                down, across = index - area.top, column - area.left
                moved = cells.shifted(after.formula, down, across, batch.workbook.locale)
                after = after.with_value(None, moved)
            line.put(column, after)


def append_cells(batch: Batch, request: Json) -> None:
    """Writes rows after the last row that holds a value, growing the sheet where needed."""
    mask = cell_mask(request.get("fields", ""))
    sheet = batch.sheet(request.get("sheetId", 0))
    rows = request.get("rows", [])
    top = last_row_with_data(sheet) + 1
    width = max((len(row.get("values", ())) for row in rows), default=0)
    if width > sheet.column_count:
        raise _beyond("column", sheet.column_count)
    batch.check_cells(Area(sheet.id, top, top + len(rows), 0, width))
    missing = top + len(rows) - sheet.row_count
    if missing > 0:
        sheet.rows.extend([None] * missing)
        batch.check_size()
    _write_rows(batch, sheet, Area(sheet.id, top, top + len(rows), 0, -1), rows, mask)


def last_row_with_data(sheet: Sheet) -> int:
    """The index of the last row in which a cell has a value or formula; -1 if there is none."""
    for index in range(sheet.row_count - 1, -1, -1):
        row = sheet.rows[index]
        if row is not None and any(
            cell is not None and (cell.value is not None or cell.formula is not None)
            for cell in row.cells
        ):
            return index
    return -1


KINDS: dict[str, Handler] = {
    "updateCells": update_cells,
    "repeatCell": repeat_cell,
    "appendCells": append_cells,
}
