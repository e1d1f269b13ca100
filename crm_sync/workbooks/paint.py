"""Notes and backgrounds of cells, read and written; merged cells, read.

https://developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets/cells#CellFormat
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, Final

from crm_sync.core.batch import Paint
from crm_sync.core.marks import CellLook
from crm_sync.core.merged_cells import Merge
from crm_sync.core.shown_cells import ShownCell
from crm_sync.workbooks.answers import Malformed
from crm_sync.workbooks.cells import Json

COLOUR: Final = "userEnteredFormat.backgroundColorStyle"
LOOK_FIELDS: Final = (
    f"sheets(properties.sheetId,data(startRow,startColumn,rowData.values(note,{COLOUR})))"
)
SHOWN_FIELDS: Final = (
    "sheets(properties.sheetId,data(startRow,startColumn,"
    "rowData.values(formattedValue,effectiveFormat.numberFormat.type)))"
)
MERGE_FIELDS: Final = "sheets(properties.sheetId,merges)"
# Beyond so many pieces one whole sheet is the smaller question.
_MOST_RANGES: Final = 200


def ranges_of(rows: Mapping[int, Sequence[tuple[int, int]]]) -> list[Json]:
    """The data filters for these rows (start, end excluded) of these sheets."""
    filters = []
    for sheet_id, runs in sorted(rows.items()):
        if not runs or len(runs) > _MOST_RANGES:
            filters.append({"gridRange": {"sheetId": sheet_id}})
        else:
            filters += [
                {"gridRange": {"sheetId": sheet_id, "startRowIndex": start, "endRowIndex": end}}
                for start, end in runs
            ]
    return filters


def cell_looks(answer: Mapping[str, Any]) -> dict[tuple[int, int, int], CellLook]:
    """What the Spreadsheet message shows of notes and backgrounds. Raises Malformed."""
    try:
        looks = {place: _look(cell) for place, cell in _cells(answer)}
    except (TypeError, AttributeError, ValueError) as exc:
        raise Malformed("notes and colours") from exc
    return {place: look for place, look in looks.items() if look != CellLook()}


def shown_cells(answer: Mapping[str, Any]) -> dict[tuple[int, int, int], ShownCell]:
    """What the Spreadsheet message shows of cells that have a number format. Raises Malformed."""
    try:
        return {
            place: ShownCell(
                str(cell.get("formattedValue", "")),
                str(cell["effectiveFormat"]["numberFormat"]["type"]),
            )
            for place, cell in _cells(answer)
            if "type" in cell.get("effectiveFormat", {}).get("numberFormat", {})
        }
    except (TypeError, AttributeError, ValueError, KeyError) as exc:
        raise Malformed("shown numbers") from exc


def _cells(answer: Mapping[str, Any]) -> Iterator[tuple[tuple[int, int, int], Mapping[str, Any]]]:
    """The cells of the grid data that hold anything asked for, with sheet id, row and column."""
    for sheet in answer.get("sheets", ()):
        sheet_id = int(sheet.get("properties", {}).get("sheetId", 0))
        for block in sheet.get("data", ()):
            top, left = int(block.get("startRow", 0)), int(block.get("startColumn", 0))
            for row, data in enumerate(block.get("rowData", ()), top):
                for column, cell in enumerate(data.get("values", ()), left):
                    if cell:
                        yield (sheet_id, row, column), cell


def merged_cells(answer: Mapping[str, Any]) -> dict[int, tuple[Merge, ...]]:
    """The merges that the Spreadsheet message names. Raises Malformed."""
    try:
        return {
            int(sheet.get("properties", {}).get("sheetId", 0)): tuple(
                Merge(
                    int(span.get("startRowIndex", 0)),
                    int(span["endRowIndex"]),
                    int(span.get("startColumnIndex", 0)),
                    int(span["endColumnIndex"]),
                )
                for span in sheet.get("merges", ())
            )
            for sheet in answer.get("sheets", ())
        }
    except (KeyError, TypeError, AttributeError, ValueError) as exc:
        raise Malformed("merges") from exc


def _look(cell: Mapping[str, Any]) -> CellLook:
    style = cell.get("userEnteredFormat", {}).get("backgroundColorStyle", {})
    return CellLook(str(cell.get("note", "")).replace("\r\n", "\n"), _colour(style))


def _colour(style: Mapping[str, Any]) -> str:
    if "themeColor" in style:
        return f"theme:{style['themeColor']}"
    rgb = style.get("rgbColor")
    if rgb is None:
        return ""
    parts = (round(float(rgb.get(name, 0)) * 255) for name in ("red", "green", "blue"))
    return "#" + "".join(f"{part:02x}" for part in parts)


def _style(colour: str) -> Json:
    if colour.startswith("theme:"):
        return {"themeColor": colour.removeprefix("theme:")}
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return {"rgbColor": dict(zip(("red", "green", "blue"), parts, strict=True))}


def paint_requests(sheet_id: int, paints: Iterable[Paint]) -> Iterator[Json]:
    """Requests that set these looks; cells below one another go into one."""
    ordered = sorted(paints, key=lambda each: (each.column, _fields(each), each.row))
    for _, column in groupby(ordered, key=lambda each: (each.column, _fields(each))):
        run: list[Paint] = []
        for paint in column:
            if run and paint.row != run[-1].row + 1:
                yield _painted(sheet_id, run)
                run = []
            run.append(paint)
        yield _painted(sheet_id, run)


def _painted(sheet_id: int, run: Sequence[Paint]) -> Json:
    first = run[0]
    start = {"sheetId": sheet_id, "rowIndex": first.row, "columnIndex": first.column}
    rows = [{"values": [_data(paint)]} for paint in run]
    return {"updateCells": {"start": start, "rows": rows, "fields": _fields(first)}}


def _fields(paint: Paint) -> str:
    named = (("note", paint.note), (COLOUR, paint.colour))
    return ",".join(name for name, value in named if value is not None)


def _data(paint: Paint) -> Json:
    data: Json = {}
    if paint.note:
        data["note"] = paint.note
    if paint.colour:
        data["userEnteredFormat"] = {"backgroundColorStyle": _style(paint.colour)}
    return data
