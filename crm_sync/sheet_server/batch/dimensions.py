"""Rows and columns: insert, delete, move, append, size and hide."""

from __future__ import annotations

from typing import TypeVar

from crm_sync.sheet_server import cells, formula
from crm_sync.sheet_server.api_error import invalid
from crm_sync.sheet_server.batch.context import Batch, Handler
from crm_sync.sheet_server.formula.moves import Dimension
from crm_sync.sheet_server.grid import Area, Cell, Column, Marks, make_cell
from crm_sync.sheet_server.guard import check_sheet
from crm_sync.sheet_server.intervals import Deleted, Inserted, Moved, Shift
from crm_sync.sheet_server.masks import Mask, apply_mask, parse_mask
from crm_sync.sheet_server.structure import shift_structures
from crm_sync.sheet_server.workbook import MAX_COLUMNS, Json, Sheet

T = TypeVar("T")


def dimension_span(batch: Batch, given: Json) -> tuple[Sheet, bool, int, int]:
    """Sheet, whether it is about rows, start and end of a DimensionRange that is given whole."""
    sheet = batch.sheet(given.get("sheetId", 0))
    dimension = given.get("dimension")
    if dimension is None:
        raise invalid("No dimension specified.")
    rows = dimension == "ROWS"
    count = sheet.row_count if rows else sheet.column_count
    start, end = given.get("startIndex", 0), given.get("endIndex", count)
    if start < 0 or end < 0:
        raise invalid("DimensionRange indexes must be >= 0")
    if end <= start:
        raise invalid(f"range.endIndex[{end}] must be greater than range.startIndex[{start}]")
    return sheet, rows, start, end


def lines_area(sheet: Sheet, rows: bool, start: int, end: int) -> Area:
    """The cells of whole rows or columns."""
    whole = sheet.area
    return whole._replace(top=start, bottom=end) if rows else whole._replace(left=start, right=end)


def _name(rows: bool) -> str:
    return "row" if rows else "column"


def check_exists(sheet: Sheet, rows: bool, end: int, verb: str) -> None:
    """ApiError 400 when a span ends behind the last row or column."""
    count = sheet.row_count if rows else sheet.column_count
    if end > count:
        name = _name(rows)
        raise invalid(
            f"Cannot {verb} a {name} that doesn't exist. "
            f"Tried to {verb} {name} index {end - 1} but there are only {count} {name}s."
        )


def follow(batch: Batch, sheet: Sheet, rows: bool, shift: Shift) -> None:
    """Lets ranges and formulas follow rows or columns that have moved."""
    dimension: Dimension = "ROWS" if rows else "COLUMNS"
    shift_structures(batch.workbook, sheet, dimension, shift)
    batch.follow(_change(sheet.title, dimension, shift))


def _change(title: str, dimension: Dimension, shift: Shift) -> formula.Change:
    if isinstance(shift, Inserted):
        return formula.Inserted(title, dimension, shift.at, shift.count)
    if isinstance(shift, Deleted):
        return formula.Deleted(title, dimension, shift.start, shift.end)
    return formula.Moved(title, dimension, shift.start, shift.end, shift.to)


def insert_dimension(batch: Batch, request: Json) -> None:
    """Puts empty rows or columns in; they take the format of those before or after."""
    sheet, rows, start, end = dimension_span(batch, request.get("range", {}))
    before = request.get("inheritFromBefore", False)
    count = sheet.row_count if rows else sheet.column_count
    if before and start == 0:
        raise invalid(
            "inheritFromBefore cannot be true if inserting at the beginning of the sheet."
        )
    if start > count or (start == count and not before):
        limit = "less than or equal to" if before else "less than"
        suffix = "true" if before else "false"
        raise invalid(
            f"range.startIndex[{start}] must be {limit} the grid size[{count}] "
            f"if inheritFromBefore is {suffix}."
        )
    insert_lines(batch, sheet, rows, start, end - start, start - 1 if before else start)


def insert_lines(
    batch: Batch, sheet: Sheet, rows: bool, at: int, count: int, like: int | None
) -> None:
    """Puts rows or columns in; `like` is the one (before the insertion) whose format they take."""
    check_sheet(batch.workbook, batch.caller, sheet)
    grown = (sheet.column_count if rows else sheet.row_count) * count
    _check_growth(batch, sheet, rows, count, grown)
    if rows:
        _insert_rows(sheet, at, count, like)
    else:
        _insert_columns(sheet, at, count, like)
    follow(batch, sheet, rows, Inserted(at, count))


def _check_growth(batch: Batch, sheet: Sheet, rows: bool, count: int, grown: int) -> None:
    if not rows and sheet.column_count + count > MAX_COLUMNS:
        raise invalid(
            f"This action would increase the number of columns above the limit of {MAX_COLUMNS}."
        )
    batch.check_size(grown)


def _like(cell: Cell | None) -> Cell | None:
    """An empty cell dressed as this one."""
    if cell is None or cell.marks is None:
        return None
    return make_cell(None, None, Marks(cell.marks.format, cell.marks.validation), None)


def _insert_rows(sheet: Sheet, at: int, count: int, like: int | None) -> None:
    model = sheet.rows[like] if like is not None else None
    sheet.rows[at:at] = [None] * count
    if model is None:
        return
    dressed = [_like(cell) for cell in model.cells]
    for index in range(at, at + count):
        if any(dressed) or model.size is not None:
            row = sheet.edit(index)
            row.cells = dressed.copy()
            row.size = model.size
            row.trim()


def _insert_columns(sheet: Sheet, at: int, count: int, like: int | None) -> None:
    model = sheet.columns[like] if like is not None else Column()
    sheet.columns[at:at] = [Column(model.size)] * count
    for index, row in enumerate(sheet.rows):
        if row is None:
            continue
        dressed = _like(row.cells[like]) if like is not None and like < len(row.cells) else None
        if at < len(row.cells) or dressed is not None:
            line = sheet.edit(index)
            line.cells.extend([None] * (at - len(line.cells)))
            line.cells[at:at] = [dressed] * count
            line.trim()


def delete_dimension(batch: Batch, request: Json) -> None:
    """Takes rows or columns out, with all that they hold."""
    sheet, rows, start, end = dimension_span(batch, request.get("range", {}))
    check_exists(sheet, rows, end, "delete")
    batch.check_cells(lines_area(sheet, rows, start, end))
    delete_lines(batch, sheet, rows, start, end)


def delete_lines(batch: Batch, sheet: Sheet, rows: bool, start: int, end: int) -> None:
    """Takes rows or columns out. ApiError 400 if nothing would be left that can scroll."""
    name = _name(rows)
    count = sheet.row_count if rows else sheet.column_count
    if end - start >= count:
        raise invalid(f"You can't delete all the {name}s on the sheet.")
    grid = sheet.properties.get("gridProperties", {})
    frozen_name = "frozenRowCount" if rows else "frozenColumnCount"
    frozen = grid.get(frozen_name, 0)
    gone = max(0, min(end, frozen) - start)
    if frozen and count - (end - start) <= frozen - gone:
        raise invalid(f"Sorry, it is not possible to delete all non-frozen {name}s.")
    if rows:
        del sheet.rows[start:end]
    else:
        _delete_columns(sheet, start, end)
    if gone:
        left = {key: item for key, item in grid.items() if key != frozen_name}
        if frozen - gone:
            left[frozen_name] = frozen - gone
        sheet.properties = {**sheet.properties, "gridProperties": left}
    follow(batch, sheet, rows, Deleted(start, end))


def _delete_columns(sheet: Sheet, start: int, end: int) -> None:
    del sheet.columns[start:end]
    for index, row in enumerate(sheet.rows):
        if row is not None and start < len(row.cells):
            line = sheet.edit(index)
            del line.cells[start:end]
            line.trim()


def move_dimension(batch: Batch, request: Json) -> None:
    """Moves rows or columns, with sizes and metadata, to before another one."""
    sheet, rows, start, end = dimension_span(batch, request.get("source", {}))
    check_exists(sheet, rows, end, "move")
    batch.check_cells(lines_area(sheet, rows, start, end))
    to = request.get("destinationIndex", 0)
    count = sheet.row_count if rows else sheet.column_count
    if to < 0 or to > count:
        raise invalid(f"destinationIndex[{to}] must be between 0 and {count}.")
    if start <= to <= end:
        return
    move = Moved(start, end, to)
    if rows:
        sheet.rows = _rearranged(sheet.rows, move)
    else:
        sheet.columns = _rearranged(sheet.columns, move)
        for index, row in enumerate(sheet.rows):
            if row is not None and len(row.cells) > min(start, to):
                line = sheet.edit(index)
                padded = line.cells + [None] * (count - len(line.cells))
                line.cells = _rearranged(padded, move)
                line.trim()
    follow(batch, sheet, rows, move)


def _rearranged(items: list[T], move: Moved) -> list[T]:
    block = items[move.start : move.end]
    rest = items[: move.start] + items[move.end :]
    at = move.to if move.to <= move.start else move.to - len(block)
    return rest[:at] + block + rest[at:]


def append_dimension(batch: Batch, request: Json) -> None:
    """Adds rows or columns at the end."""
    sheet = batch.sheet(request.get("sheetId", 0))
    length = request.get("length", 0)
    if "dimension" not in request:
        raise invalid("No dimension specified.")
    if length < 1:
        raise invalid(f"length[{length}] must be > 0")
    rows = request["dimension"] == "ROWS"
    resize(batch, sheet, rows, (sheet.row_count if rows else sheet.column_count) + length)


def resize(batch: Batch, sheet: Sheet, rows: bool, count: int) -> None:
    """Gives the grid so many rows or columns, cutting or growing it at its end."""
    present = sheet.row_count if rows else sheet.column_count
    if count < present:
        delete_lines(batch, sheet, rows, count, present)
    elif count > present:
        across = sheet.column_count if rows else sheet.row_count
        _check_growth(batch, sheet, rows, count - present, (count - present) * across)
        if rows:
            sheet.rows.extend([None] * (count - present))
        else:
            sheet.columns.extend([Column()] * (count - present))


def update_dimension_properties(batch: Batch, request: Json) -> None:
    """Sets size and hiding of rows or columns."""
    if "range" not in request:
        raise invalid("No range specified.")
    sheet, rows, start, end = dimension_span(batch, request["range"])
    mask = parse_mask(request.get("fields", ""), "DimensionProperties")
    given = request.get("properties", {})
    if given.get("pixelSize", 0) < 0:
        raise invalid("pixelSize must not be negative.")
    check_exists(sheet, rows, end, "update")
    check_sheet(batch.workbook, batch.caller, sheet)
    for index in range(start, end):
        if rows:
            row = sheet.edit(index)
            row.size, row.hidden = _measured(row.size, row.hidden, given, mask)
        else:
            column = sheet.columns[index]
            sheet.columns[index] = Column(*_measured(column.size, column.hidden, given, mask))


def _measured(size: int | None, hidden: bool, given: Json, mask: Mask) -> tuple[int | None, bool]:
    after = apply_mask({"pixelSize": size, "hiddenByUser": hidden}, given, mask)
    return after.get("pixelSize"), bool(after.get("hiddenByUser"))


def auto_resize_dimensions(batch: Batch, request: Json) -> None:
    """Fits the width of columns to their texts; rows go back to their own height."""
    if "dimensions" not in request:
        raise invalid("No dimensions specified.")
    sheet, rows, start, end = dimension_span(batch, request["dimensions"])
    check_exists(sheet, rows, end, "resize")
    batch.calculate()
    if rows:
        for index in range(start, end):
            row = sheet.rows[index]
            if row is not None and row.size is not None:
                sheet.edit(index).size = None
        return
    for index in range(start, end):
        width = cells.fitting_width(batch.workbook, sheet, index)
        if width is not None:
            sheet.columns[index] = Column(width, sheet.columns[index].hidden)


KINDS: dict[str, Handler] = {
    "insertDimension": insert_dimension,
    "deleteDimension": delete_dimension,
    "moveDimension": move_dimension,
    "appendDimension": append_dimension,
    "updateDimensionProperties": update_dimension_properties,
    "autoResizeDimensions": auto_resize_dimensions,
}
