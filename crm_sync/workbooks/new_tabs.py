"""Requests that make a tab: headings, widths, formats, lists to choose from, warnings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import Final, TypeVar

from crm_sync.core.batch import NewTab
from crm_sync.core.grid import Grid
from crm_sync.core.schema import Column, FilledBy, Tab
from crm_sync.workbooks.cells import BLUE, GREY, NUMBER_FORMAT, WHITE, Json, number_format

_BACKGROUND: Final = {FilledBy.STAFF: WHITE, FilledBy.ENGINE: GREY, FilledBy.SYSTEM: BLUE}
_HEADING_FIELDS: Final = (
    "userEnteredValue,note,"
    "userEnteredFormat(textFormat.bold,backgroundColor,wrapStrategy,numberFormat)"
)
T = TypeVar("T")
K = TypeVar("K")


def new_tab_requests(new: NewTab, grid: Grid | None, *, journal: bool) -> Iterator[Json]:
    """Requests that make one tab. `grid` is what a generated tab will show, for its widths."""
    columns = len(new.tab.columns) if new.tab else grid.width if grid else 1
    frozen = 1 if new.tab else grid.frozen if grid else 0
    properties = {
        "sheetId": new.sheet_id,
        "title": new.title,
        "hidden": new.hidden,
        "gridProperties": {
            "rowCount": max(new.rows, frozen + 1),
            "columnCount": max(new.columns, columns),
            "frozenRowCount": frozen,
        },
    }
    if new.exists:
        fields = "title,hidden,gridProperties(rowCount,columnCount,frozenRowCount)"
        yield {"updateSheetProperties": {"properties": properties, "fields": fields}}
    else:
        yield {"addSheet": {"properties": properties}}
    if journal:
        # Not a warning but a lock: staff have nothing to do there.
        yield _protection({"sheetId": new.sheet_id}, warning=False)
    if new.tab is not None:
        yield from _record_tab(new.sheet_id, new.tab)
    elif grid is not None:
        yield from _widths(new.sheet_id, grid.widths)


def _record_tab(sheet_id: int, tab: Tab) -> Iterator[Json]:
    yield {
        "updateCells": {
            "start": {"sheetId": sheet_id, "rowIndex": 0, "columnIndex": 0},
            "rows": [{"values": [_heading(column) for column in tab.columns]}],
            "fields": _HEADING_FIELDS,
        }
    }
    yield from _widths(sheet_id, [column.width for column in tab.columns])
    for start, end, hidden in _runs(tab.columns, lambda column: column.hidden):
        if hidden:
            yield _dimension(sheet_id, start, end, {"hiddenByUser": True}, "hiddenByUser")
    for start, end, pattern in _runs(tab.columns, lambda column: column.pattern):
        if pattern is not None:
            yield {
                "repeatCell": {
                    "range": _below_heading(sheet_id, start, end),
                    "cell": {"userEnteredFormat": {"numberFormat": number_format(pattern)}},
                    "fields": NUMBER_FORMAT,
                }
            }
    for index, column in enumerate(tab.columns):
        if column.dropdown and column.labels:
            yield _dropdown(_below_heading(sheet_id, index, index + 1), column)
    for start, end, ours in _runs(
        tab.columns, lambda column: column.field.filled_by is not FilledBy.STAFF
    ):
        if ours:
            span = {"sheetId": sheet_id, "startColumnIndex": start, "endColumnIndex": end}
            yield _protection(span, warning=True)


def _heading(column: Column) -> Json:
    data: Json = {
        "userEnteredValue": {"stringValue": column.heading},
        "userEnteredFormat": {
            "textFormat": {"bold": True},
            "backgroundColor": _BACKGROUND[column.field.filled_by],
            "wrapStrategy": "WRAP",
        },
    }
    return {**data, "note": column.note} if column.note else data


def _dropdown(cells: Json, column: Column) -> Json:
    # Not strict: what staff type besides is read, and named as a problem if it will not do.
    keys = column.field.choices or tuple(column.labels)
    labels = [column.labels[key] for key in keys if key in column.labels]
    condition = {
        "type": "ONE_OF_LIST",
        "values": [{"userEnteredValue": label} for label in labels],
    }
    rule = {"condition": condition, "strict": False, "showCustomUi": True}
    return {"setDataValidation": {"range": cells, "rule": rule}}


def _widths(sheet_id: int, widths: Sequence[int]) -> Iterator[Json]:
    for start, end, width in _runs(widths, int):
        yield _dimension(sheet_id, start, end, {"pixelSize": width}, "pixelSize")


def _dimension(sheet_id: int, start: int, end: int, properties: Json, fields: str) -> Json:
    span = {"sheetId": sheet_id, "dimension": "COLUMNS", "startIndex": start, "endIndex": end}
    return {
        "updateDimensionProperties": {"range": span, "properties": properties, "fields": fields}
    }


def _below_heading(sheet_id: int, start: int, end: int) -> Json:
    return {
        "sheetId": sheet_id,
        "startRowIndex": 1,
        "startColumnIndex": start,
        "endColumnIndex": end,
    }


def _protection(cells: Json, *, warning: bool) -> Json:
    protected = {"range": cells, "description": "crm-sync", "warningOnly": warning}
    return {"addProtectedRange": {"protectedRange": protected}}


def _runs(items: Sequence[T], key: Callable[[T], K]) -> Iterator[tuple[int, int, K]]:
    """Neighbours with an equal key, as (start, end, key)."""
    start = 0
    for value, group in groupby(items, key):
        end = start + sum(1 for _ in group)
        yield start, end, value
        start = end
