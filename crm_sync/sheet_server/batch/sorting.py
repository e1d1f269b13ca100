"""sortRange: rows of a range in the order of some columns."""

from __future__ import annotations

from typing import Any

from crm_sync.sheet_server import cells
from crm_sync.sheet_server.api_error import invalid
from crm_sync.sheet_server.batch.context import Batch, Handler
from crm_sync.sheet_server.formatting import ErrorValue
from crm_sync.sheet_server.grid import Area, Cell, Value
from crm_sync.sheet_server.ranges import bounded
from crm_sync.sheet_server.workbook import Json, Sheet

Line = list[Cell | None]


def sort_range(batch: Batch, request: Json) -> None:
    """Sorts the rows of a range; whole cells move, and their formulas shift with them."""
    area = batch.editable(request.get("range", {}))
    sort_area(batch, batch.sheet(area.sheet_id), area, request.get("sortSpecs", []))


def sort_area(batch: Batch, sheet: Sheet, area: Area, specs: list[Json]) -> None:
    """Sorts the rows of an area by the specs, the first one counting most; stable."""
    for spec in specs:
        if not area.left <= spec.get("dimensionIndex", 0) < area.right:
            raise invalid(
                f"Sort column index {spec.get('dimensionIndex', 0)} is outside of the range."
            )
    for merge in sheet.part("merges"):
        if bounded(sheet, merge).meets(area):
            raise invalid("You can't sort a range that contains merged cells.")
    batch.calculate()
    lines = [(index, read_line(sheet, area, index)) for index in range(area.top, area.bottom)]
    for spec in reversed(specs):
        lines = _sorted(lines, spec, area.left)
    rearrange_lines(batch, sheet, area, lines)


def rearrange_lines(batch: Batch, sheet: Sheet, area: Area, lines: list[tuple[int, Line]]) -> None:
    """Puts lines, each with the row it comes from, from the top of an area; the rest is emptied."""
    locale = batch.workbook.locale
    for place in range(area.height):
        index = area.top + place
        origin, line = lines[place] if place < len(lines) else (-1, [])
        if index != origin:
            _put_line(sheet, area, index, line, index - origin, locale)
            batch.touch()


def read_line(sheet: Sheet, area: Area, index: int) -> Line:
    """The cells of one row within an area, trailing empty ones cut."""
    row = sheet.rows[index]
    return [] if row is None else row.cells[area.left : area.right]


def _put_line(sheet: Sheet, area: Area, index: int, line: Line, down: int, locale: str) -> None:
    row = sheet.rows[index]
    if row is None and not any(line):
        return
    row = sheet.edit(index)
    for across in range(area.width):
        cell = line[across] if across < len(line) else None
        if cell is not None and cell.formula:
            cell = cell.with_value(cell.value, cells.shifted(cell.formula, down, 0, locale))
        row.put(area.left + across, cell)


def _sorted(lines: list[tuple[int, Line]], spec: Json, left: int) -> list[tuple[int, Line]]:
    """Stable, blanks last in both orders."""
    column = spec.get("dimensionIndex", 0) - left
    colours = _colour_test(spec)
    if colours is not None:
        return sorted(lines, key=lambda item: not colours(_at(item[1], column)))
    filled = [item for item in lines if _value(_at(item[1], column)) is not None]
    blank = [item for item in lines if _value(_at(item[1], column)) is None]
    filled.sort(
        key=lambda item: sort_key(_value(_at(item[1], column))),
        reverse=spec.get("sortOrder") == "DESCENDING",
    )
    return filled + blank


def _at(line: Line, column: int) -> Cell | None:
    return line[column] if column < len(line) else None


def _value(cell: Cell | None) -> Value:
    return None if cell is None or cell.value == "" else cell.value


def sort_key(value: Value) -> tuple[Any, ...]:
    """Ascending order of values: numbers, texts, FALSE, TRUE, errors. Texts without regard to case.

    Source: the order that Sheets shows for a mixed column; the API documents none.
    """
    if isinstance(value, bool):
        return (2, value)
    if isinstance(value, (int, float)):
        return (0, value)
    if isinstance(value, str):
        return (1, value.casefold(), value.swapcase())
    if isinstance(value, ErrorValue):
        return (3,)
    return (4,)


def _colour_test(spec: Json) -> Any:
    """A test for the colour that a spec asks for, or None if it asks for none."""
    for name, path in (
        ("backgroundColor", ("backgroundColor",)),
        ("foregroundColor", ("textFormat", "foregroundColor")),
    ):
        wanted = spec.get(name, (spec.get(f"{name}Style") or {}).get("rgbColor"))
        if wanted is not None:
            return lambda cell, wanted=wanted, path=path: _colour(cell, path) == wanted
    return None


def _colour(cell: Cell | None, path: tuple[str, ...]) -> Any:
    found: Any = cell.marks.format if cell is not None and cell.marks is not None else None
    for name in path:
        found = (found or {}).get(name)
    return found


KINDS: dict[str, Handler] = {"sortRange": sort_range}
