"""A workbook as the API prints it: the Spreadsheet message, with or without grid data."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from crm_sync.sheet_server import cells
from crm_sync.sheet_server.conditional import ConditionalFormats
from crm_sync.sheet_server.filtering import hidden_rows
from crm_sync.sheet_server.formats import effective_format
from crm_sync.sheet_server.formatting import ErrorValue
from crm_sync.sheet_server.grid import Area, Cell, Value
from crm_sync.sheet_server.guard import Caller, seen_by
from crm_sync.sheet_server.metadata import printed_entries
from crm_sync.sheet_server.workbook import (
    DEFAULT_COLUMN_WIDTH,
    DEFAULT_ROW_HEIGHT,
    PARTS,
    Json,
    Sheet,
    Workbook,
)

CELL_FIELDS = frozenset(
    {
        "userEnteredValue",
        "effectiveValue",
        "formattedValue",
        "userEnteredFormat",
        "effectiveFormat",
        "hyperlink",
        "note",
        "textFormatRuns",
        "dataValidation",
        "pivotTable",
        "dataSourceTable",
        "dataSourceFormula",
        "chipRuns",
    }
)


ANYBODY = Caller()


@dataclass(frozen=True, slots=True)
class GridView:
    """What to print for whom: areas (None: whole sheets), grid data or not, fields of cells.

    `today` is the day on the spreadsheet's clock: filters may ask for it.
    """

    today: date
    areas: list[Area] | None = None
    with_data: bool = False
    fields: frozenset[str] = CELL_FIELDS
    caller: Caller = ANYBODY


def spreadsheet(workbook: Workbook, view: GridView) -> Json:
    """The Spreadsheet message; with areas only the sheets that they lie on."""
    answer: Json = {"spreadsheetId": workbook.id, "properties": workbook.properties, "sheets": []}
    for place, sheet in enumerate(workbook.sheets):
        areas = [sheet.area]
        if view.areas is not None:
            areas = [area for area in view.areas if area.sheet_id == sheet.id]
            if not areas:
                continue
        answer["sheets"].append(_sheet(workbook, sheet, place, areas, view))
    if workbook.named_ranges:
        answer["namedRanges"] = list(workbook.named_ranges.values())
    answer["spreadsheetUrl"] = f"https://docs.google.com/spreadsheets/d/{workbook.id}/edit"
    own = [entry for entry in workbook.metadata_by_id() if entry[1]["location"].get("spreadsheet")]
    if own:
        answer["developerMetadata"] = printed_entries(own)
    return answer


def sheet_properties(sheet: Sheet, place: int) -> Json:
    """The SheetProperties as printed, with index and grid size."""
    held = sheet.properties
    grid = {"rowCount": sheet.row_count, "columnCount": sheet.column_count}
    answer: Json = {
        "sheetId": sheet.id,
        "title": held["title"],
        "index": place,
        "sheetType": held.get("sheetType", "GRID"),
        "gridProperties": {**grid, **_without(held.get("gridProperties", {}), grid)},
    }
    for name in ("hidden", "tabColor", "rightToLeft", "tabColorStyle"):
        if name in held:
            answer[name] = held[name]
    return answer


def _without(given: Json, names: Iterable[str]) -> Json:
    return {key: value for key, value in given.items() if key not in names}


def _sheet(workbook: Workbook, sheet: Sheet, place: int, areas: list[Area], view: GridView) -> Json:
    answer: Json = {"properties": sheet_properties(sheet, place)}
    if view.with_data:
        answer["data"] = [grid_data(workbook, sheet, area, view) for area in areas]
    for name in PARTS:
        if name == "rowGroups":
            entries = [
                (entry_id, entry)
                for entry_id, entry in workbook.metadata_by_id()
                if entry["location"].get("sheetId") == sheet.id
            ]
            if entries:
                answer["developerMetadata"] = printed_entries(entries)
        if name in sheet.parts:
            answer[name] = sheet.parts[name]
    if "protectedRanges" in answer:
        answer["protectedRanges"] = [
            seen_by(entry, view.caller) for entry in answer["protectedRanges"]
        ]
    return answer


def grid_data(workbook: Workbook, sheet: Sheet, area: Area, view: GridView) -> Json:
    """The GridData of an area: cells up to the last one that holds something, sizes of all."""
    answer: Json = {}
    if area.top:
        answer["startRow"] = area.top
    if area.left:
        answer["startColumn"] = area.left
    printer = CellPrinter(workbook, sheet, view)
    lines: list[Json] = []
    for index in range(area.top, area.bottom):
        row = sheet.rows[index]
        given = [] if row is None else row.cells[area.left : area.right]
        values = [
            {} if cell is None else printer.cell(cell, index, area.left + across)
            for across, cell in enumerate(given)
        ]
        while values and not values[-1]:
            values.pop()
        lines.append({"values": values} if values else {})
    while lines and not lines[-1]:
        lines.pop()
    if lines:
        answer["rowData"] = lines
    answer["rowMetadata"] = _row_metadata(workbook, sheet, area, view.today)
    answer["columnMetadata"] = _column_metadata(workbook, sheet, area)
    return answer


def _row_metadata(workbook: Workbook, sheet: Sheet, area: Area, today: date) -> list[Json]:
    held = _dimension_metadata(workbook, sheet, "ROWS")
    hidden = hidden_rows(workbook, sheet, today)
    answer = []
    for index in range(area.top, area.bottom):
        row = sheet.rows[index]
        entry: Json = {}
        if index in hidden:
            entry["hiddenByFilter"] = True
        if row is not None and row.hidden:
            entry["hiddenByUser"] = True
        size = None if row is None else row.size
        entry["pixelSize"] = DEFAULT_ROW_HEIGHT if size is None else size
        if index in held:
            entry["developerMetadata"] = held[index]
        answer.append(entry)
    return answer


def _column_metadata(workbook: Workbook, sheet: Sheet, area: Area) -> list[Json]:
    held = _dimension_metadata(workbook, sheet, "COLUMNS")
    answer = []
    for index in range(area.left, area.right):
        column = sheet.columns[index]
        entry: Json = {"hiddenByUser": True} if column.hidden else {}
        entry["pixelSize"] = DEFAULT_COLUMN_WIDTH if column.size is None else column.size
        if index in held:
            entry["developerMetadata"] = held[index]
        answer.append(entry)
    return answer


def _dimension_metadata(workbook: Workbook, sheet: Sheet, dimension: str) -> dict[int, list[Json]]:
    found: dict[int, list[Json]] = {}
    for entry_id, entry in workbook.metadata_by_id():
        where = entry["location"].get("dimensionRange")
        if where and where["sheetId"] == sheet.id and where["dimension"] == dimension:
            found.setdefault(where["startIndex"], []).extend(printed_entries([(entry_id, entry)]))
    return found


def extended_value(value: Value) -> Json:
    """The ExtendedValue of a value that is there."""
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, str):
        return {"stringValue": value}
    if isinstance(value, ErrorValue):
        return {"errorValue": value.as_json()}
    return {"numberValue": value}


class CellPrinter:
    """Prints CellData of one sheet with the wanted fields."""

    def __init__(self, workbook: Workbook, sheet: Sheet, view: GridView) -> None:
        self.workbook = workbook
        self.fields = view.fields
        self.rules = ConditionalFormats(workbook, sheet, view.today)
        self.locale = workbook.locale

    def cell(self, cell: Cell, row: int, column: int) -> Json:
        """The CellData; empty when none of the wanted fields is set."""
        answer = self._content(cell)
        marks = cell.marks
        fields = self.fields
        if marks is not None and marks.format and "userEnteredFormat" in fields:
            answer["userEnteredFormat"] = marks.format
        if "effectiveFormat" in fields and (cell.value is not None or marks is not None):
            base = effective_format(self.workbook, cell)
            answer["effectiveFormat"] = self.rules.over(base, cell, row, column)
        if "hyperlink" in fields and (link := cells.hyperlink(cell)) is not None:
            answer["hyperlink"] = link
        if cell.note is not None and "note" in fields:
            answer["note"] = cell.note
        if marks is not None:
            if marks.validation is not None and "dataValidation" in fields:
                answer["dataValidation"] = marks.validation
            if marks.other is not None:
                answer.update((key, item) for key, item in marks.other.items() if key in fields)
        return answer

    def _content(self, cell: Cell) -> Json:
        fields = self.fields
        value = cell.value
        answer: Json = {}
        if "userEnteredValue" in fields:
            if cell.formula:
                answer["userEnteredValue"] = {"formulaValue": cell.formula}
            elif value is not None and cell.formula is None:
                answer["userEnteredValue"] = extended_value(value)
        if value is not None:
            if "effectiveValue" in fields:
                answer["effectiveValue"] = extended_value(value)
            if "formattedValue" in fields:
                answer["formattedValue"] = cells.shown(cell, self.locale)
        return answer
