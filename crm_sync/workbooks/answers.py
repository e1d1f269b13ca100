"""What Google answers, as values: whole tabs, outlines, and rows of the journal.

JSON of Google leaves out what has its default value: a sheetId of 0, hidden=false, empty lists.
"""

from __future__ import annotations

import json as standard_json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
import orjson

from crm_sync.core.batch import PreImage
from crm_sync.core.grid import TabRead
from crm_sync.core.prints import prints_of
from crm_sync.core.values import N_, Cell
from crm_sync.errors import ShapeError, WorkbookGone
from crm_sync.ports import Outline, SheetOutline
from crm_sync.workbooks.cells import Json
from crm_sync.workbooks.formulas import moved_back
from crm_sync.workbooks.journal import NOT_COPIED, Layout, Run
from crm_sync.workbooks.raw_rows import ANSWER, RawRows, ValueRange, ValuesAnswer, cut

_SPREADSHEET_TYPE: Final = "application/vnd.google-apps.spreadsheet"
Rows = tuple[tuple[Cell, ...], ...]

_RANGE: Final = re.compile(
    r"(?P<title>.+)!(?:[A-Z]+\d+:)?(?P<column>[A-Z]+)(?P<row>\d+)", re.DOTALL
)
# As the values of cells print them: ErrorType of ExtendedValue.
_ERRORS: Final[Mapping[str, str]] = {
    "ERROR": "#ERROR!",
    "NULL_VALUE": "#NULL!",
    "DIVIDE_BY_ZERO": "#DIV/0!",
    "VALUE": "#VALUE!",
    "REF": "#REF!",
    "NAME": "#NAME?",
    "NUM": "#NUM!",
    "N_A": "#N/A",
    "LOADING": "Loading...",
}


class Malformed(Exception):
    """The answer is JSON, but not the message that was asked for."""


def version(answer: Mapping[str, Any]) -> int:
    """The version in a Drive file that is a spreadsheet in use. Raises WorkbookGone for one in the
    bin, ShapeError for an Excel file, Malformed.
    """
    if answer.get("trashed"):
        raise WorkbookGone(
            N_("The workbook lies in the bin of Google Drive."),
            N_("Open https://drive.google.com/drive/trash and restore it within 30 days."),
        )
    try:
        if answer["mimeType"] != _SPREADSHEET_TYPE:
            raise office_file()
        return int(answer["version"])
    except (KeyError, TypeError, ValueError) as exc:
        raise Malformed("files.get") from exc


def modified(answer: Mapping[str, Any]) -> datetime:
    """The modifiedTime of a Drive file. Raises Malformed."""
    try:
        return datetime.fromisoformat(answer["modifiedTime"])
    except (KeyError, TypeError, ValueError) as exc:
        raise Malformed("files.get") from exc


def office_file() -> ShapeError:
    """The error for a workbook that is an uploaded Excel file."""
    return ShapeError(
        N_("The workbook is an Excel file, not a Google spreadsheet."),
        N_("Open it, choose File, Save as Google Sheets, and put the new id into config.toml."),
    )


def outline(answer: Mapping[str, Any]) -> Outline:
    """The Spreadsheet message of spreadsheets.get without cells. Raises Malformed."""
    try:
        properties = answer["properties"]
        sheets = [sheet["properties"] for sheet in answer.get("sheets", ())]
        return Outline(
            str(answer["spreadsheetId"]),
            str(properties.get("title", "")),
            str(properties["locale"]),
            str(properties["timeZone"]),
            tuple(
                _sheet_outline(sheet) for sheet in sorted(sheets, key=lambda s: s.get("index", 0))
            ),
            tuple(
                int(chart["chartId"])
                for sheet in answer.get("sheets", ())
                for chart in sheet.get("charts", ())
            ),
        )
    except (KeyError, TypeError, AttributeError, ValueError) as exc:
        raise Malformed("spreadsheets.get") from exc


def _sheet_outline(properties: Mapping[str, Any]) -> SheetOutline:
    # A sheet that is one large chart has no grid.
    grid = properties.get("gridProperties", {})
    return SheetOutline(
        int(properties.get("sheetId", 0)),
        str(properties["title"]),
        int(grid.get("rowCount", 0)),
        int(grid.get("columnCount", 0)),
    )


def value_ranges(body: bytes, wanted: Sequence[int]) -> dict[int, TabRead]:
    """The tabs of a values:batchGetByDataFilter by sheet id, without formulas; their rows are
    parsed when someone looks at them. Raises Malformed if one is missing or another came.
    """
    try:
        tabs = {}
        for matched in _values_answer(body).value_ranges:
            for data_filter in matched.data_filters:
                sheet_id = int(data_filter["gridRange"].get("sheetId", 0))
                tabs[sheet_id] = _tab(sheet_id, matched.value_range)
    except (msgspec.MsgspecError, KeyError, TypeError, AttributeError, ValueError) as exc:
        raise Malformed("values") from exc
    if tabs.keys() != set(wanted):
        raise Malformed("values of other sheets")
    return tabs


def _values_answer(body: bytes) -> ValuesAnswer:
    try:
        return ANSWER.decode(body)
    except msgspec.DecodeError:
        return ANSWER.decode(without_lone_surrogates(body))


def without_lone_surrogates(body: bytes) -> bytes:
    """The JSON with U+FFFD for half a character, which a cell may hold and nothing else can store.
    Raises Malformed if it is no JSON.
    """
    try:
        text = standard_json.dumps(standard_json.loads(body), ensure_ascii=False)
        whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return orjson.dumps(orjson.loads(whole))
    except ValueError as exc:
        raise Malformed("not JSON") from exc


def may_hold_formulas(body: bytes) -> bool:
    """False if no text in the body begins with "="."""
    return (b"=" in body and b'"=' in body) or b"\\u003d" in body


def _tab(sheet_id: int, value_range: ValueRange) -> TabRead:
    place = _RANGE.fullmatch(value_range.range)
    if place is None:
        raise Malformed("range")
    title = place["title"]
    if title.startswith("'"):
        title = title[1:-1].replace("''", "'")
    rows = RawRows(value_range.values)
    width = _column_number(place["column"])
    prints = prints_of(rows.raw)
    return TabRead(sheet_id, title, int(place["row"]), width, rows, prints=prints)


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def _trimmed(rows: Iterable[tuple[Cell, ...]]) -> Rows:
    """Rows without trailing blanks, without trailing blank rows."""
    kept = [row if not row or row[-1] is not None else cut(row) for row in rows]
    while kept and not kept[-1]:
        kept.pop()
    return tuple(kept)


def formulas_in(tab: TabRead) -> list[str]:
    """The cells of a tab read with FORMULA that begin with "=": formulas, or text like them."""
    return [cell for row in tab.rows for cell in row if isinstance(cell, str) and cell[:1] == "="]


def told_apart(entered: TabRead, shown: TabRead) -> TabRead | None:
    """One tab out of what was entered and what is shown; None if it changed between the readings.

    Text that begins with "=" on both sides is text. What is shown where nothing was entered
    spilled from a formula above or beside it: it belongs to that formula and is marked like one.
    """
    if (entered.title, entered.row_count, entered.column_count) != (
        shown.title,
        shown.row_count,
        shown.column_count,
    ):
        return None
    formulas: dict[tuple[int, int], str] = {}
    anchors: list[int] = []
    for row in range(max(len(entered.rows), len(shown.rows))):
        typed = entered.rows[row] if row < len(entered.rows) else ()
        seen = shown.rows[row] if row < len(shown.rows) else ()
        if typed == seen and not _begins_formula(typed):
            continue
        for column in range(max(len(typed), len(seen))):
            before = typed[column] if column < len(typed) else None
            after = seen[column] if column < len(seen) else None
            if isinstance(before, str) and before[:1] == "=":
                if after != before:
                    formulas[row, column] = before
                    anchors.append(column)
            elif not _equal(before, after):
                if before is not None or not any(anchor <= column for anchor in anchors):
                    return None
                formulas[row, column] = ""
    return TabRead(
        shown.sheet_id, shown.title, shown.row_count, shown.column_count, shown.rows, formulas
    )


def _begins_formula(row: Sequence[Cell]) -> bool:
    return any(isinstance(cell, str) and cell[:1] == "=" for cell in row)


def _equal(left: Cell, right: Cell) -> bool:
    return left == right and isinstance(left, bool) == isinstance(right, bool)


def grid_tabs(answer: Mapping[str, Any], wanted: Sequence[int]) -> dict[int, TabRead]:
    """The tabs of a spreadsheets:getByDataFilter with grid data, by sheet id. Raises Malformed."""
    try:
        tabs = {}
        for sheet in answer.get("sheets", ()):
            properties = _sheet_outline(sheet["properties"])
            tabs[properties.sheet_id] = _grid_tab(properties, _row_data(sheet))
    except (KeyError, TypeError, AttributeError, ValueError) as exc:
        raise Malformed("grid data") from exc
    if tabs.keys() != set(wanted):
        raise Malformed("grid data of other sheets")
    return tabs


def grid_tab(properties: Mapping[str, Any], rows: Sequence[Json]) -> TabRead:
    """The tab of a sheet's properties and those of its rows that were asked for, from the top."""
    return _grid_tab(_sheet_outline(properties), rows)


def _grid_tab(sheet: SheetOutline, rows: Sequence[Json]) -> TabRead:
    cells: list[tuple[Cell, ...]] = []
    formulas: dict[tuple[int, int], str] = {}
    for number, row in enumerate(rows):
        values = row.get("values", ())
        cells.append(tuple(_plain(data.get("effectiveValue")) for data in values))
        for column, data in enumerate(values):
            formula = _formula(data, spilled="effectiveValue" in data)
            if formula is not None:
                formulas[number, column] = formula
    return TabRead(
        sheet.sheet_id, sheet.title, sheet.row_count, sheet.column_count, _trimmed(cells), formulas
    )


def _formula(data: Mapping[str, Any], *, spilled: bool = False) -> str | None:
    entered = data.get("userEnteredValue")
    if entered is None:
        return "" if spilled else None
    text = entered.get("formulaValue")
    return None if text is None else str(text)


def _plain(value: Mapping[str, Any] | None) -> Cell:
    """The cell that an ExtendedValue stands for."""
    if not value:
        return None
    kind, content = next(iter(value.items()))
    if kind == "errorValue":
        return _ERRORS.get(content.get("type", ""), "#ERROR!")
    if kind in ("stringValue", "numberValue", "boolValue"):
        cell: Cell = content
        return None if cell == "" else cell
    raise Malformed(f"a cell with {kind}")


def _row_data(sheet: Mapping[str, Any]) -> list[Json]:
    data = sheet.get("data") or [{}]
    rows: list[Json] = data[0].get("rowData", [])
    return rows


def operation_in(rows: Sequence[Json]) -> str:
    """The operation id in the journal's first cell, "" if it holds none. Raises Malformed."""
    try:
        cells = rows[0].get("values", ()) if rows else ()
        return str(_plain(cells[0].get("userEnteredValue")) or "") if cells else ""
    except (TypeError, AttributeError) as exc:
        raise Malformed("journal") from exc


def pre_images(
    rows: Sequence[Json], plan: Layout, watched: Iterable[tuple[int, int]]
) -> tuple[PreImage, ...]:
    """The watched rows out of the journal's RowData, in order of sheet and row, without those of
    runs that were not copied whole.
    """
    wanted = set(watched)
    try:
        return tuple(
            PreImage(run.sheet_id, row, _values(rows, copy), dict(_texts(rows, below, below - row)))
            for run in plan.runs
            if _whole(rows, run)
            for row, copy, below in zip(
                range(run.start, run.end),
                range(run.at, run.at + run.length),
                range(plan.formulas_at(run), plan.formulas_at(run) + run.length),
                strict=True,
            )
            if (run.sheet_id, row) in wanted
        )
    except (TypeError, AttributeError, StopIteration) as exc:
        raise Malformed("journal") from exc


def _whole(rows: Sequence[Json], run: Run) -> bool:
    first = (_values(rows, number)[:1] for number in range(run.at, run.at + run.length))
    return (NOT_COPIED,) not in first


def _values(rows: Sequence[Json], number: int) -> tuple[Cell, ...]:
    if number >= len(rows):
        return ()
    return cut([_plain(data.get("userEnteredValue")) for data in rows[number].get("values", ())])


def _texts(rows: Sequence[Json], number: int, moved: int) -> Iterator[tuple[int, str]]:
    if number < len(rows):
        for column, data in enumerate(rows[number].get("values", ())):
            formula = _formula(data)
            if formula is not None:
                yield column, moved_back(formula, moved)
