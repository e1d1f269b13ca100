"""Rows, sheets and workbooks as bytes for the data file, and back.

A row is JSON `[height, hidden, [cell...]]`. A cell is null, its plain value, or a list
`[value, formula, mark, note]` cut at the end; an error value is `{"t": type, "m": message}`.
"""

from __future__ import annotations

import zlib
from array import array
from operator import sub
from typing import Any

import orjson

from crm_sync.sheet_server.formatting.error_value import ErrorType, ErrorValue
from crm_sync.sheet_server.grid import Cell, Column, Marks, Row, Value
from crm_sync.sheet_server.workbook import Json, Sheet, Workbook

dump = orjson.dumps
parse = orjson.loads


class MarkTable:
    """Numbers for the marks of a workbook, equal ones sharing a number."""

    def __init__(self) -> None:
        self._by_id: dict[int, Marks] = {}
        self._by_blob: dict[bytes, int] = {}
        self._by_object: dict[Marks, int] = {}
        self._new: list[tuple[int, bytes]] = []

    def restore(self, id: int, blob: bytes) -> None:
        """Takes a saved entry back."""
        marks = Marks(*parse(blob))
        self._by_id[id] = marks
        self._by_blob[blob] = id
        self._by_object[marks] = id

    def number(self, marks: Marks) -> int:
        """The number of these marks; a new one is kept for `take_new`."""
        found = self._by_object.get(marks)
        if found is None:
            content = [marks.format, marks.validation, marks.other]
            blob = orjson.dumps(content, option=orjson.OPT_SORT_KEYS)
            found = self._by_blob.get(blob)
            if found is None:
                found = len(self._by_id) + 1
                self._by_id[found] = marks
                self._by_blob[blob] = found
                self._new.append((found, blob))
            self._by_object[marks] = found
        return found

    def marks(self, id: int) -> Marks:
        """The marks of a number."""
        return self._by_id[id]

    def take_new(self) -> list[tuple[int, bytes]]:
        """Numbers and bytes of the marks met since the last call."""
        new, self._new = self._new, []
        if len(self._by_object) > 2 * len(self._by_id) + 1000:
            # Equal marks of cells that are long gone are not to be kept for ever.
            self._by_object = {marks: number for number, marks in self._by_id.items()}
        return new


def encode_row(row: Row, marks: MarkTable) -> bytes:
    """The row as bytes."""
    # Most cells are a value and nothing else: they are kept out of a call.
    cells = [
        None
        if cell is None
        else cell.value
        if cell.marks is None
        and cell.formula is None
        and cell.note is None
        and cell.value.__class__ is not ErrorValue
        else _encode_cell(cell, marks)
        for cell in row.cells
    ]
    return dump([row.size, row.hidden, cells])


def _encode_cell(cell: Cell, marks: MarkTable) -> Any:
    value = cell.value
    encoded: Any = value
    if isinstance(value, ErrorValue):
        encoded = {"t": value.type.name, "m": value.message}
    if cell.note is not None:
        mark = None if cell.marks is None else marks.number(cell.marks)
        return [encoded, cell.formula, mark, cell.note]
    if cell.marks is not None:
        return [encoded, cell.formula, marks.number(cell.marks)]
    if cell.formula is not None:
        return [encoded, cell.formula]
    return encoded


def decode_row(key: int, blob: bytes, marks: MarkTable) -> Row:
    """The row of these bytes."""
    size, hidden, cells = parse(blob)
    return Row(key, [_decode_cell(cell, marks) for cell in cells], size, hidden)


def _decode_cell(cell: Any, marks: MarkTable) -> Cell | None:
    if cell is None:
        return None
    if not isinstance(cell, list):
        return Cell(_decode_value(cell))
    formula = cell[1] if len(cell) > 1 else None
    mark = marks.marks(cell[2]) if len(cell) > 2 and cell[2] is not None else None
    return Cell(_decode_value(cell[0]), formula, mark, cell[3] if len(cell) > 3 else None)


def _decode_value(value: Any) -> Value:
    if isinstance(value, dict):
        return ErrorValue(ErrorType[value["t"]], value["m"])
    decoded: Value = value
    return decoded


def workbook_head(workbook: Workbook) -> bytes:
    """Everything of a workbook but sheets and metadata."""
    return dump(
        {
            "properties": workbook.properties,
            "namedRanges": workbook.named_ranges,
        }
    )


def read_workbook_head(id: str, blob: bytes) -> Workbook:
    """The workbook of these bytes, without sheets."""
    head = parse(blob)
    workbook = Workbook(id, head["properties"])
    workbook.named_ranges = head["namedRanges"]
    return workbook


def sheet_head(sheet: Sheet) -> bytes:
    """Properties, parts and columns of a sheet."""
    head: Json = {
        "properties": sheet.properties,
        "parts": sheet.parts,
        "columns": _runs(sheet.columns),
        "nextKey": sheet.next_key,
    }
    return dump(head)


def _runs(columns: list[Column]) -> list[list[Any]]:
    runs: list[list[Any]] = []
    for column in columns:
        if runs and runs[-1][1:] == [column.size, column.hidden]:
            runs[-1][0] += 1
        else:
            runs.append([1, column.size, column.hidden])
    return runs


def layout(sheet: Sheet) -> bytes:
    """Keys of the rows in their order, 0 for an untouched row, as compressed differences."""
    keys = [0 if row is None else row.key for row in sheet.rows]
    steps = array("q", map(sub, keys, [0, *keys]))
    return zlib.compress(steps.tobytes(), 1)


def read_sheet(id: int, head: bytes, layout: bytes, rows: dict[int, Row]) -> Sheet:
    """The sheet of these bytes, with its rows, by key, in their places."""
    parts = parse(head)
    columns = [
        Column(size, hidden) for count, size, hidden in parts["columns"] for _ in range(count)
    ]
    steps = array("q")
    steps.frombytes(zlib.decompress(layout))
    placed: list[Row | None] = []
    key = 0
    for step in steps:
        key += step
        placed.append(rows[key] if key else None)
    sheet = Sheet(id, parts["properties"], placed, columns)
    sheet.parts = parts["parts"]
    sheet.next_key = parts["nextKey"]
    return sheet
