"""copyPaste and cutPaste, with every paste type."""

from __future__ import annotations

from collections.abc import Callable

from crm_sync.sheet_server import cells, formula
from crm_sync.sheet_server.api_error import invalid
from crm_sync.sheet_server.batch.cell_writes import check_coordinate
from crm_sync.sheet_server.batch.context import Batch, Handler
from crm_sync.sheet_server.batch.spans import copy_merges, copy_rules
from crm_sync.sheet_server.grid import EMPTY, Area, Cell, Marks, make_cell
from crm_sync.sheet_server.workbook import Json, Sheet

Block = list[list[Cell | None]]
# Gives the cell that results from pasting one over another.
Merge = Callable[[Cell, Cell], Cell | None]


def _marks(
    source: Marks | None, target: Marks | None, format: bool, validation: bool
) -> Marks | None:
    if format and validation:
        return source
    source, target = source or Marks(), target or Marks()
    return Marks(
        source.format if format else target.format,
        source.validation if validation else target.validation,
        source.other if format else target.other,
    )


def _without_borders(source: Cell, target: Cell) -> Cell | None:
    marks = source.marks
    kept = (target.marks.format or {}).get("borders") if target.marks else None
    if (marks is not None and marks.format and "borders" in marks.format) or kept:
        marks = marks or Marks()
        kept_format = {key: item for key, item in (marks.format or {}).items() if key != "borders"}
        if kept:
            kept_format["borders"] = kept
        marks = Marks(kept_format, marks.validation, marks.other)
    return make_cell(source.value, source.formula, marks, source.note)


_PASTES: dict[str, Merge] = {
    "PASTE_NORMAL": lambda source, target: source,
    "PASTE_VALUES": lambda source, target: make_cell(source.value, None, target.marks, target.note),
    "PASTE_FORMULA": lambda source, target: make_cell(
        source.value, source.formula, target.marks, target.note
    ),
    "PASTE_FORMAT": lambda source, target: make_cell(
        target.value, target.formula, _marks(source.marks, target.marks, True, True), target.note
    ),
    "PASTE_DATA_VALIDATION": lambda source, target: make_cell(
        target.value, target.formula, _marks(source.marks, target.marks, False, True), target.note
    ),
    "PASTE_NO_BORDERS": _without_borders,
    "PASTE_CONDITIONAL_FORMATTING": lambda source, target: target,
}


def copy_paste(batch: Batch, request: Json) -> None:
    """Copies a range over another, repeating it where the destination is larger."""
    source = batch.area(request.get("source", {}))
    target = batch.area(request.get("destination", {}))
    kind = request.get("pasteType", "PASTE_NORMAL")
    turned = request.get("pasteOrientation") == "TRANSPOSE"
    batch.calculate()
    block = _read(batch.sheet(source.sheet_id), source, batch.workbook.has_formulas)
    offset = (source.top, source.left)
    if turned:
        block = [list(line) for line in zip(*block, strict=True)]
    if not source.height or not source.width:
        return
    height, width = len(block), len(block[0])
    sheet = batch.sheet(target.sheet_id)
    area = Area(
        sheet.id,
        target.top,
        target.top + max(height, target.height),
        target.left,
        target.left + max(width, target.width),
    )
    _check_room(sheet, area)
    _paste(batch, sheet, area, block, kind, None if turned else offset)
    if kind in ("PASTE_NORMAL", "PASTE_NO_BORDERS") and not turned:
        copy_merges(batch.sheet(source.sheet_id), source, sheet, area)
    elif kind == "PASTE_CONDITIONAL_FORMATTING":
        copy_rules(batch.sheet(source.sheet_id), source, sheet, area)


def _read(sheet: Sheet, area: Area, has_formulas: bool) -> Block:
    """The cells of an area; those that an array formula fills count as plain values."""
    block: Block = []
    for row in sheet.rows[area.top : area.bottom]:
        line = [] if row is None else row.cells[area.left : area.right]
        line.extend([None] * (area.width - len(line)))
        block.append([_plain(cell) for cell in line] if has_formulas else line)
    return block


def _formulas_in(block: Block) -> bool:
    return any(cell is not None and cell.formula is not None for line in block for cell in line)


def _plain(cell: Cell | None) -> Cell | None:
    return cell.with_value(cell.value) if cell is not None and cell.formula == "" else cell


def _check_room(sheet: Sheet, area: Area) -> None:
    if area.bottom > sheet.row_count or area.right > sheet.column_count:
        raise invalid(
            f"The pasted range would end at row {area.bottom}, column {area.right}, "
            f"beyond the grid: max rows: {sheet.row_count}, max columns: {sheet.column_count}"
        )


def _paste(
    batch: Batch,
    sheet: Sheet,
    area: Area,
    block: Block,
    kind: str,
    origin: tuple[int, int] | None,
) -> None:
    """Puts a block over an area; formulas shift by their way from `origin`, if there is one."""
    moves = origin is not None and kind in ("PASTE_NORMAL", "PASTE_FORMULA", "PASTE_NO_BORDERS")
    origin = origin or (0, 0)
    batch.check_cells(area)
    if kind == "PASTE_VALUES" or not _formulas_in(block):
        batch.touch_plainly(sheet)
    else:
        batch.touch()
    merge = _PASTES[kind]
    plain = kind == "PASTE_NORMAL"
    height, width = len(block), len(block[0])
    for index in range(area.top, area.bottom):
        given = block[(index - area.top) % height]
        row = sheet.rows[index]
        if row is None and not any(given):
            continue
        row = sheet.edit(index)
        held = row.cells
        for column in range(area.left, area.right):
            across = (column - area.left) % width
            source = given[across]
            before = held[column] if column < len(held) else None
            if source is None and before is None:
                continue
            after = source if plain else merge(source or EMPTY, before or EMPTY)
            if moves and after is not None and after.formula:
                down = index - (origin[0] + (index - area.top) % height)
                right = column - (origin[1] + across)
                after = after.with_value(
                    None, cells.shifted(after.formula, down, right, batch.workbook.locale)
                )
            row.put(column, after)


def cut_paste(batch: Batch, request: Json) -> None:
    """Moves a range; whatever the paste type, nothing stays in the source."""
    source = batch.editable(request.get("source", {}))
    start = request.get("destination", {})
    sheet = batch.sheet(start.get("sheetId", 0))
    top, left = start.get("rowIndex", 0), start.get("columnIndex", 0)
    check_coordinate(sheet, top, left)
    target = Area(sheet.id, top, top + source.height, left, left + source.width)
    _check_room(sheet, target)
    kind = request.get("pasteType", "PASTE_NORMAL")
    batch.calculate()
    origin_sheet = batch.sheet(source.sheet_id)
    block = _read(origin_sheet, source, batch.workbook.has_formulas)
    for row, column, _ in list(origin_sheet.cells(source)):
        origin_sheet.put(row, column, None)
    if sheet is not origin_sheet:
        block = [[_qualified(batch, cell, origin_sheet) for cell in line] for line in block]
    if block and block[0]:
        _paste(batch, sheet, target, block, kind, None)
    batch.follow_now(_move(origin_sheet, source, sheet, target))


def _qualified(batch: Batch, cell: Cell | None, origin: Sheet) -> Cell | None:
    """A formula that moves to another sheet goes on meaning the cells of its old one."""
    if cell is None or not cell.formula:
        return cell
    text = formula.qualify(cell.formula, origin.title, batch.workbook.locale)
    return cell.with_value(cell.value, text)


def _move(origin: Sheet, source: Area, sheet: Sheet, target: Area) -> formula.CellsMoved:
    return formula.CellsMoved(
        origin.title,
        (source.top, source.bottom),
        (source.left, source.right),
        sheet.title,
        target.top - source.top,
        target.left - source.left,
    )


KINDS: dict[str, Handler] = {"copyPaste": copy_paste, "cutPaste": cut_paste}
