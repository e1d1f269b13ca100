"""Reading and writing plain values of a range, with all render and input options."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from crm_sync.sheet_server import cells
from crm_sync.sheet_server.a1 import Reference, beyond_grid, cells_name, column_name, range_name
from crm_sync.sheet_server.api_error import invalid
from crm_sync.sheet_server.collector import without_cycle_search
from crm_sync.sheet_server.formatting import ErrorValue
from crm_sync.sheet_server.grid import Area, Cell, Row
from crm_sync.sheet_server.workbook import Sheet, Workbook

Grid = list[list[Any]]

MAX_TEXT = 50_000


class Rendering:
    """How values are shown: the API's valueRenderOption, dateTimeRenderOption, majorDimension."""

    __slots__ = ("dates", "major", "values")

    def __init__(
        self,
        values: str = "FORMATTED_VALUE",
        dates: str = "SERIAL_NUMBER",
        major: str = "ROWS",
    ) -> None:
        self.values = values or "FORMATTED_VALUE"
        self.dates = dates or "SERIAL_NUMBER"
        self.major = major or "ROWS"


def read_range(workbook: Workbook, area: Area, rendering: Rendering) -> dict[str, Any]:
    """The ValueRange of an area: normalised range and values, none when all cells are empty."""
    sheet = workbook.sheet(area.sheet_id)
    assert sheet is not None
    answer: dict[str, Any] = {
        "range": range_name(sheet.title, area),
        "majorDimension": rendering.major,
    }
    values = read_values(workbook, sheet, area, rendering)
    if values:
        answer["values"] = values
    return answer


@without_cycle_search()
def read_values(workbook: Workbook, sheet: Sheet, area: Area, rendering: Rendering) -> Grid:
    """The values of an area, by rows or columns, with empty ones cut at the end.

    The lines may be kept for the next reader: they are not to be changed.
    """
    plain = rendering.dates != "FORMATTED_STRING" and (
        rendering.values == "UNFORMATTED_VALUE"
        or (rendering.values == "FORMULA" and not workbook.has_formulas)
    )
    locale = workbook.locale
    render = _unformatted if plain else _line_renderer(rendering, locale)
    grid: Grid = []
    for row in sheet.rows[area.top : area.bottom]:
        if row is None:
            grid.append([])
        elif area.left or area.right < len(row.cells):
            grid.append(render(row.cells[area.left : area.right]))
        elif plain:
            if row.plain is None:
                row.plain = render(row.cells)
            grid.append(row.plain)
        elif rendering.values == "FORMATTED_VALUE":
            if row.shown is None or row.shown[0] != locale:
                row.shown = (locale, render(row.cells))
            grid.append(row.shown[1])
        else:
            grid.append(render(row.cells))
    while grid and not grid[-1]:
        grid.pop()
    return _columns(grid) if rendering.major == "COLUMNS" else grid


def _line_renderer(rendering: Rendering, locale: str) -> Callable[[list[Cell | None]], list[Any]]:
    if rendering.values == "FORMATTED_VALUE":
        return _formatted(locale)
    if rendering.values == "FORMULA" and rendering.dates != "FORMATTED_STRING":
        return _with_formulas
    render = _cell_renderer(rendering, locale)

    def line(given: list[Cell | None]) -> list[Any]:
        rendered = ["" if cell is None else render(cell) for cell in given]
        return _cut(rendered, given)

    return line


def _formatted(locale: str) -> Callable[[list[Cell | None]], list[Any]]:
    """Shows the cells of a line; what many cells have in common is found out once."""
    texts = cells.CellTexts(locale).line

    def line(given: list[Cell | None]) -> list[Any]:
        shown = texts(given)
        return shown if shown and shown[-1] != "" else _cut(shown, given)

    return line


def keep_texts(rows: Iterable[Row], locale: str) -> None:
    """Finds out now what rows show, so that whoever reads them first need not wait for it."""
    render = _formatted(locale)
    for row in rows:
        row.shown = (locale, render(row.cells))


def _with_formulas(given: list[Cell | None]) -> list[Any]:
    line = [
        "" if cell is None else cell.formula or ("" if (value := cell.value) is None else value)
        for cell in given
    ]
    if ErrorValue in set(map(type, line)):
        line = [value.text if value.__class__ is ErrorValue else value for value in line]
    return _cut(line, given)


def _unformatted(given: list[Cell | None]) -> list[Any]:
    line = ["" if cell is None or (value := cell.value) is None else value for cell in given]
    if ErrorValue in set(map(type, line)):
        line = [value.text if value.__class__ is ErrorValue else value for value in line]
    return _cut(line, given)


def _cut(line: list[Any], given: list[Cell | None]) -> list[Any]:
    """Without the empty cells at the end; a formula that gives an empty text is not empty."""
    end = len(line)
    while end and line[end - 1] == "":
        cell = given[end - 1]
        if cell is not None and (cell.formula is not None or cell.value is not None):
            break
        end -= 1
    return line if end == len(line) else line[:end]


def _cell_renderer(rendering: Rendering, locale: str) -> Callable[[Cell], Any]:
    def unformatted(cell: Cell) -> Any:
        value = cell.value
        if isinstance(value, ErrorValue):
            return value.text
        if rendering.dates == "FORMATTED_STRING" and cells.is_moment(cell):
            return cells.shown(cell, locale)
        return "" if value is None else value

    def formula(cell: Cell) -> Any:
        return cell.formula or unformatted(cell)

    return formula if rendering.values == "FORMULA" else unformatted


def _columns(grid: Grid) -> Grid:
    width = max((len(line) for line in grid), default=0)
    columns: Grid = []
    for column in range(width):
        line = [row[column] if column < len(row) else "" for row in grid]
        while line and line[-1] == "":
            line.pop()
        columns.append(line)
    while columns and not columns[-1]:
        columns.pop()
    return columns


class Written:
    """What one write covered: its area, and which rows and columns got a value."""

    __slots__ = ("area", "cells", "columns", "rows")

    def __init__(self, area: Area, rows: set[int], columns: set[int], cells: int) -> None:
        self.area = area
        self.rows = rows
        self.columns = columns
        self.cells = cells


class Writer:
    """Puts values into a draft as the API's valueInputOption says.

    `check` may refuse, by raising, the areas that are to be written.
    """

    def __init__(
        self,
        workbook: Workbook,
        option: str,
        today: date,
        check: Callable[[Area], None] = lambda area: None,
    ) -> None:
        self.workbook = workbook
        self._check = check
        self.typed = option == "USER_ENTERED"
        self.locale = workbook.locale
        self.today = today

    def write(self, reference: Reference, values: Grid, major: str) -> Written:
        """Writes a block at the reference; null leaves a cell alone, an empty text empties it."""
        grid = by_rows(values) if major == "COLUMNS" else values
        area = _block(reference, grid)
        return self.write_block(reference.sheet, area, grid)

    def write_block(self, sheet: Sheet, area: Area, grid: Grid) -> Written:
        """Writes rows of values with their first one at the area's corner."""
        self._check(area)
        rows: set[int] = set()
        columns: set[int] = set()
        count = 0
        for down, line in enumerate(grid):
            index = area.top + down
            if sheet.rows[index] is None and all(value is None or value == "" for value in line):
                filled = [column for column, value in enumerate(line) if value is not None]
            else:
                filled = self._write_line(sheet.edit(index), area.left, line, down)
            if filled:
                rows.add(index)
                columns.update(area.left + column for column in filled)
                count += len(filled)
        return Written(area, rows, columns, count)

    def _write_line(self, row: Row, left: int, line: list[Any], down: int) -> list[int]:
        filled = []
        for across, value in enumerate(line):
            if value is None:
                continue
            column = left + across
            before = row.cells[column] if column < len(row.cells) else None
            row.put(column, self._cell(before, value, down, across))
            filled.append(across)
        return filled

    def _cell(self, before: Cell | None, value: Any, down: int, across: int) -> Cell | None:
        kind = value.__class__
        if kind is str:
            if len(value) > MAX_TEXT:
                raise too_long()
            if self.typed:
                after = cells.enter(before, value, self.locale, self.today)
                if after is not None and after.formula is not None:
                    self.workbook.has_formulas = True
                return after
            return cells.put_raw(before, value)
        if kind is int or kind is float or kind is bool:
            return cells.put_raw(before, value)
        name = "list_value" if kind is list else "struct_value"
        shown = json.dumps(value, ensure_ascii=False)
        raise invalid(f"Invalid values[{down}][{across}]: {name} {shown}")


def too_long() -> Exception:
    """The 400 for a text that no cell can hold."""
    return invalid(
        f"Your input contains more than the maximum of {MAX_TEXT} characters in a single cell."
    )


def by_rows(columns: Grid) -> Grid:
    """Columns of values as rows, with null where a column is too short."""
    height = max((len(column) for column in columns), default=0)
    return [
        [column[row] if row < len(column) else None for column in columns] for row in range(height)
    ]


def _block(reference: Reference, grid: Grid) -> Area:
    """The area that the values cover. ApiError 400 if it leaves the range or the grid."""
    sheet = reference.sheet
    given = reference.area()
    bottom = given.top + max(1, len(grid))
    right = given.left + max(1, max((len(line) for line in grid), default=0))
    if not reference.single:
        _check_within(reference, given, bottom, right)
    if bottom > sheet.row_count or right > sheet.column_count:
        raise beyond_grid(sheet, cells_name(given.top, bottom, given.left, right))
    return Area(sheet.id, given.top, bottom, given.left, right)


def _check_within(reference: Reference, given: Area, bottom: int, right: int) -> None:
    name = range_name(reference.sheet.title, given)
    start = f"Requested writing within range [{name}], but tried writing to"
    if reference.bottom is not None and bottom > given.bottom:
        raise invalid(f"{start} row [{given.bottom + 1}]")
    if reference.right is not None and right > given.right:
        raise invalid(f"{start} column [{column_name(given.right)}]")


def clear_values(sheet: Sheet, area: Area) -> None:
    """Empties the cells of an area; formats, notes and validation stay."""
    for row, column, cell in list(sheet.cells(area)):
        if cell.value is not None or cell.formula is not None:
            sheet.put(row, column, cell.written(None))
