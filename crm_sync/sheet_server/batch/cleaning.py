"""Requests that tidy text and rows: split, trim, deduplicate, shuffle."""

from __future__ import annotations

import re
from collections import Counter

from crm_sync.sheet_server import cells
from crm_sync.sheet_server.api_error import invalid
from crm_sync.sheet_server.batch.context import Batch, Handler
from crm_sync.sheet_server.batch.dimensions import resize
from crm_sync.sheet_server.batch.sorting import read_line, rearrange_lines
from crm_sync.sheet_server.formatting import ErrorValue
from crm_sync.sheet_server.grid import Area, Value
from crm_sync.sheet_server.workbook import Json, Sheet

_DELIMITERS = {"COMMA": ",", "SEMICOLON": ";", "PERIOD": ".", "SPACE": " "}


def text_to_columns(batch: Batch, request: Json) -> None:
    """Splits the texts of one column over the columns to its right."""
    area = batch.area(request.get("source", {}))
    if area.width != 1:
        raise invalid("The source range must span exactly one column.")
    sheet = batch.sheet(area.sheet_id)
    batch.calculate()
    texts = {
        row: cells.shown(cell, batch.workbook.locale)
        for row, _, cell in sheet.cells(area)
        if isinstance(cell.value, str)
    }
    delimiter = _delimiter(request, list(texts.values()))
    split = {row: [part.strip() for part in text.split(delimiter)] for row, text in texts.items()}
    width = area.left + max((len(parts) for parts in split.values()), default=1)
    if width > sheet.column_count:
        resize(batch, sheet, False, width)
    today = batch.today
    for row, parts in split.items():
        if len(parts) < 2:
            continue
        batch.check_cells(Area(sheet.id, row, row + 1, area.left, area.left + len(parts)))
        for offset, part in enumerate(parts):
            before = sheet.cell(row, area.left + offset)
            after = cells.enter(before, part, batch.workbook.locale, today)
            batch.note_formula(after)
            sheet.put(row, area.left + offset, after)
    batch.touch()


def _delimiter(request: Json, texts: list[str]) -> str:
    kind = request.get("delimiterType", "")
    if kind == "CUSTOM":
        if not request.get("delimiter"):
            raise invalid("A custom delimiter must be specified.")
        return str(request["delimiter"])
    if request.get("delimiter"):
        raise invalid("A delimiter may only be specified if the delimiterType is CUSTOM.")
    if kind in _DELIMITERS:
        return _DELIMITERS[kind]
    if kind != "AUTODETECT":
        raise invalid("A delimiter type must be specified.")
    found = Counter({sign: sum(sign in text for text in texts) for sign in ",;\t| "})
    return found.most_common(1)[0][0]


def trim_whitespace(batch: Batch, request: Json) -> Json:
    """Cuts blanks at the ends of texts and makes one of several within."""
    area = batch.editable(request.get("range", {}))
    sheet = batch.sheet(area.sheet_id)
    changed = 0
    for row, column, cell in list(sheet.cells(area)):
        if cell.formula is not None or not isinstance(cell.value, str):
            continue
        trimmed = re.sub(r"\s+", " ", cell.value).strip()
        if trimmed != cell.value:
            sheet.put(row, column, cell.with_value(trimmed or None))
            changed += 1
    if changed:
        batch.touch()
    return {"cellsChangedCount": changed} if changed else {}


def delete_duplicates(batch: Batch, request: Json) -> Json:
    """Removes rows of a range that repeat an earlier one; the rows below move up."""
    area = batch.editable(request.get("range", {}))
    sheet = batch.sheet(area.sheet_id)
    batch.calculate()
    columns = _compared_columns(area, request.get("comparisonColumns", []))
    seen: set[tuple[object, ...]] = set()
    kept: list[int] = []
    for row in range(area.top, area.bottom):
        key = tuple(_folded(sheet, row, column) for column in columns)
        # Rows without a value are no duplicates of each other: they are the empty end.
        if key in seen and any(part is not None for part in key):
            continue
        seen.add(key)
        kept.append(row)
    removed = area.height - len(kept)
    if removed:
        lines = [(row, read_line(sheet, area, row)) for row in kept]
        rearrange_lines(batch, sheet, area, lines)
    return {"duplicatesRemovedCount": removed} if removed else {}


def _compared_columns(area: Area, given: list[Json]) -> list[int]:
    if not given:
        return list(range(area.left, area.right))
    columns: list[int] = []
    for held in given:
        start, end = held.get("startIndex", area.left), held.get("endIndex", area.right)
        if held.get("dimension") != "COLUMNS" or held.get("sheetId", 0) != area.sheet_id:
            raise invalid("Comparison columns must be columns of the range's sheet.")
        if start < area.left or end > area.right or start > end:
            raise invalid("Comparison columns must lie within the range.")
        columns.extend(range(start, end))
    return columns


def _folded(sheet: Sheet, row: int, column: int) -> object:
    """The value as duplicates compare it: without regard to letter case and format."""
    cell = sheet.cell(row, column)
    value: Value = None if cell is None else cell.value
    if isinstance(value, str):
        return value.casefold()
    if isinstance(value, ErrorValue):
        return value.text
    return (type(value).__name__ == "bool", value) if value is not None else None


def randomize_range(batch: Batch, request: Json) -> None:
    """Puts the rows of a range in random order."""
    area = batch.editable(request.get("range", {}))
    sheet = batch.sheet(area.sheet_id)
    lines = [(row, read_line(sheet, area, row)) for row in range(area.top, area.bottom)]
    batch.shuffle(lines)
    rearrange_lines(batch, sheet, area, lines)


KINDS: dict[str, Handler] = {
    "textToColumns": text_to_columns,
    "trimWhitespace": trim_whitespace,
    "deleteDuplicates": delete_duplicates,
    "randomizeRange": randomize_range,
}
