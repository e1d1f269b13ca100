"""The looks of a workbook as Google tells them: formats and rules of cells, protected ranges,
conditional formats, notes of headings.

https://developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any, Final

import msgspec

from crm_sync.core.binding import SEARCHED_ROWS
from crm_sync.core.drift import (
    CellForm,
    FoundBook,
    FoundHighlight,
    FoundProtection,
    FoundTab,
    Run,
    is_ours,
)
from crm_sync.core.looks import Rule, RuleKind
from crm_sync.ports import SheetOutline
from crm_sync.workbooks.answers import Malformed, grid_tab
from crm_sync.workbooks.cells import Json
from crm_sync.workbooks.http_client import parsed

FIRST_ROWS: Final = 1000
LAST_ROWS: Final = 200
"""Of a longer tab, the first and the last rows are looked at: what staff change by accident, they
change in a whole column, or where they look.
"""

HEAD_FIELDS: Final = (
    "properties(locale,timeZone),"
    "sheets(properties(sheetId,title,gridProperties(rowCount,columnCount,frozenRowCount)),"
    "protectedRanges(protectedRangeId,range,description,warningOnly),"
    "conditionalFormats(ranges,booleanRule.condition),"
    "data.rowData.values(effectiveValue,note))"
)
CELL_FIELDS: Final = (
    "sheets(properties.sheetId,data(startRow,startColumn,"
    "rowData.values(userEnteredFormat.numberFormat.type,dataValidation.condition)))"
)
_KINDS: Final = {
    "ONE_OF_LIST": RuleKind.LIST,
    "ONE_OF_RANGE": RuleKind.RANGE,
    "BOOLEAN": RuleKind.CHECKBOX,
}


def head_filters(sheets: Sequence[SheetOutline]) -> list[Json]:
    """The data filters of the rows in which headings are looked for."""
    return [_rows(sheet.sheet_id, 0, min(SEARCHED_ROWS, sheet.row_count)) for sheet in sheets]


def cell_filters(sheets: Sequence[SheetOutline]) -> list[Json]:
    """The data filters of the rows whose looks are compared."""
    return [
        _rows(sheet.sheet_id, start, end) for sheet in sheets for start, end in seen_rows(sheet)
    ]


def seen_rows(sheet: SheetOutline) -> tuple[tuple[int, int], ...]:
    """The spans of rows of a sheet that are looked at."""
    count = sheet.row_count
    if count <= FIRST_ROWS + LAST_ROWS:
        return ((0, count),)
    return ((0, FIRST_ROWS), (count - LAST_ROWS, count))


class _Properties(msgspec.Struct, rename="camel"):
    sheet_id: int = 0


class _Block(msgspec.Struct, rename="camel"):
    start_row: int = 0
    start_column: int = 0
    row_data: list[msgspec.Raw] = []


class _Sheet(msgspec.Struct):
    properties: _Properties
    data: list[_Block] = []


class _Cells(msgspec.Struct):
    sheets: list[_Sheet]


_CELLS: Final = msgspec.json.Decoder(_Cells)


def found_book(head: Json, cells: bytes, sheets: Sequence[SheetOutline]) -> FoundBook:
    """The looks out of the two answers, `cells` as it came. Raises Malformed if a sheet is missing
    in one.
    """
    try:
        tabs = {int(item["properties"].get("sheetId", 0)): _tab(item) for item in head["sheets"]}
        runs = {item.properties.sheet_id: _runs(item.data) for item in _CELLS.decode(cells).sheets}
        properties = head["properties"]
        return FoundBook(
            str(properties["locale"]),
            str(properties["timeZone"]),
            {
                sheet.sheet_id: replace(
                    tabs[sheet.sheet_id], runs=runs[sheet.sheet_id], seen=seen_rows(sheet)
                )
                for sheet in sheets
            },
        )
    except (msgspec.MsgspecError, KeyError, TypeError, AttributeError, ValueError) as exc:
        raise Malformed("looks") from exc


def _rows(sheet_id: int, start: int, end: int) -> Json:
    return {"gridRange": {"sheetId": sheet_id, "startRowIndex": start, "endRowIndex": end}}


def _tab(sheet: Mapping[str, Any]) -> FoundTab:
    rows = [row for data in sheet.get("data", ()) for row in data.get("rowData", ())]
    notes = {
        (number, column): str(cell["note"])
        for number, row in enumerate(rows)
        for column, cell in enumerate(row.get("values", ()))
        if cell.get("note")
    }
    properties = sheet["properties"]
    return FoundTab(
        grid_tab(properties, rows),
        int(properties.get("gridProperties", {}).get("frozenRowCount", 0)),
        notes,
        protections=tuple(_protections(sheet.get("protectedRanges", ()))),
        highlights=tuple(_highlights(sheet.get("conditionalFormats", ()))),
    )


def _protections(ranges: Sequence[Mapping[str, Any]]) -> Iterator[FoundProtection]:
    for held in ranges:
        area = held.get("range", {})
        if is_ours(str(held.get("description", ""))) and "startRowIndex" not in area:
            end = area.get("endColumnIndex")
            yield FoundProtection(
                int(held["protectedRangeId"]),
                int(area.get("startColumnIndex", 0)),
                None if end is None else int(end),
                not held.get("warningOnly", False),
            )


def _highlights(rules: Sequence[Mapping[str, Any]]) -> Iterator[FoundHighlight]:
    for index, rule in enumerate(rules):
        condition = rule.get("booleanRule", {}).get("condition", {})
        if condition.get("type") == "CUSTOM_FORMULA":
            (area, *_) = rule["ranges"]
            yield FoundHighlight(
                index,
                str(condition["values"][0].get("userEnteredValue", "")),
                int(area.get("startColumnIndex", 0)),
                int(area.get("startRowIndex", 0)),
            )


def _runs(blocks: Sequence[_Block]) -> dict[int, tuple[Run, ...]]:
    """The runs of cells that look alike, by column. Neighbouring rows whose bytes are the same,
    nearly all, are read once.
    """
    found: dict[int, list[Run]] = {}
    for block in blocks:
        top = block.start_row
        for raw, alike in groupby(block.row_data, bytes):
            bottom = top + len(list(alike))
            for column, cell in enumerate(parsed(raw).get("values", ()), block.start_column):
                look = _look(cell)
                runs = found.setdefault(column, [])
                if runs and runs[-1].bottom == top and runs[-1].look == look:
                    runs[-1] = Run(runs[-1].top, bottom, look)
                else:
                    runs.append(Run(top, bottom, look))
            top = bottom
    return {column: tuple(runs) for column, runs in found.items()}


def _look(cell: Mapping[str, Any]) -> CellForm:
    shown = cell.get("userEnteredFormat", {}).get("numberFormat", {}).get("type", "")
    kind = "" if shown == "NUMBER_FORMAT_TYPE_UNSPECIFIED" else str(shown)
    condition = cell.get("dataValidation", {}).get("condition")
    return CellForm(kind, _rule(condition) if condition else None)


def _rule(condition: Mapping[str, Any]) -> Rule:
    values = tuple(str(item.get("userEnteredValue", "")) for item in condition.get("values", ()))
    return Rule(_KINDS.get(condition.get("type", ""), RuleKind.OTHER), values)
