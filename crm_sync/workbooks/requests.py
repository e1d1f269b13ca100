"""A batch as ONE body for spreadsheets.batchUpdate: first what was there is copied, then written.

https://developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets/request
A batch is applied in the order of its requests, and all of it or nothing.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Final

from crm_sync.core.batch import JOURNAL_TITLE, Batch, GeneratedTab, NewTab, Put, SheetBatch
from crm_sync.core.blocks import Block
from crm_sync.core.stamp import WIDTH
from crm_sync.core.values import Cell
from crm_sync.workbooks.cells import (
    NUMBER_FORMAT,
    VALUE,
    Json,
    cell_data,
    number_format,
    shaded,
    shown_data,
)
from crm_sync.workbooks.drawing import drawing_requests
from crm_sync.workbooks.dressing import dressing_requests
from crm_sync.workbooks.fence import fence_requests
from crm_sync.workbooks.journal import NOT_COPIED, Layout, Run, layout, watched_rows
from crm_sync.workbooks.labels import label_requests
from crm_sync.workbooks.new_tabs import highlight_requests, list_requests, new_tab_requests
from crm_sync.workbooks.paint import paint_requests
from crm_sync.workbooks.rectangles import rectangles

MOST_REQUESTS: Final = 95_000
"""Google refuses a batch of 100,000 requests (airbytehq/airbyte#42904)."""

JOURNAL_FIELDS: Final = f"sheets.data.rowData.values.{VALUE}"
"""The fields of a spreadsheet that show the journal's cells, and nothing more."""

_REFUSED_COPY: Final = re.compile(r"requests\[(\d+)\]\.copyPaste")
_GENERATED_FIELDS: Final = (
    f"{VALUE},userEnteredFormat(numberFormat,textFormat,backgroundColor,wrapStrategy,"
    "verticalAlignment),dataValidation"
)
# From here on a format for a whole column is shorter than one for each cell.
_ROWS_FOR_A_COLUMN_FORMAT: Final = 3


def swap_body(batch: Batch, uncopied: Container[Run] = ()) -> Json:
    """The body that writes a batch and, if rows are watched, asks for the journal. Of the runs of
    watched rows all are copied but the `uncopied` ones.
    """
    plan = layout(watched_rows(batch))
    body: Json = {"requests": list(_requests(batch, plan, uncopied))}
    if plan.copied:
        body["includeSpreadsheetInResponse"] = True
        body["responseIncludeGridData"] = True
        body["responseRanges"] = [f"'{JOURNAL_TITLE}'"]
    return body


def swap_fields(body: Json) -> str:
    """The mask for the answer to such a body."""
    if "responseRanges" not in body:
        return "spreadsheetId"
    return f"spreadsheetId,updatedSpreadsheet.{JOURNAL_FIELDS}"


def refused_run(batch: Batch, body: Json, message: str) -> Run | None:
    """The run of watched rows that Google refused to copy, told by the message of its refusal:
    "Invalid requests[7].copyPaste: ...". None if something else was refused.
    """
    named = _REFUSED_COPY.search(message)
    if named is None:
        return None
    source = body["requests"][int(named[1])]["copyPaste"]["source"]
    place = (source["sheetId"], source["startRowIndex"])
    plan = layout(watched_rows(batch))
    return next((run for run in plan.runs if (run.sheet_id, run.start) == place), None)


def new_journal_body(new: NewTab) -> Json:
    """A body that only makes the journal tab."""
    return {"requests": list(new_tab_requests(new, None, journal=True))}


def _requests(batch: Batch, plan: Layout, uncopied: Container[Run]) -> Iterator[Json]:
    grids = {tab.sheet_id: tab.grid for tab in batch.generated}
    for new in batch.new_tabs:
        is_journal = new.sheet_id == batch.journal_id
        yield from new_tab_requests(new, grids.get(new.sheet_id), journal=is_journal)
    for new in batch.new_tabs:
        yield from list_requests(new)
    widths = {sheet.sheet_id: sheet.width for sheet in batch.sheets}
    yield from fence_requests(batch.journal_id, batch.after, batch.operation)
    yield from _journal_reset(batch, plan, max(widths.values(), default=1))
    for run in plan.runs:
        if run in uncopied:
            continue
        yield _copy(run, batch.journal_id, run.at, widths[run.sheet_id], "PASTE_VALUES")
        below = plan.formulas_at(run)
        yield _copy(run, batch.journal_id, below, widths[run.sheet_id], "PASTE_FORMULA")
    for sheet in batch.sheets:
        yield from _sheet_requests(sheet)
    # Columns that the tab gains are there only now.
    yield from label_requests(batch)
    for new in batch.new_tabs:
        yield from highlight_requests(new)
    for tab in batch.generated:
        yield from _generated_requests(tab)
    for look in batch.looks:
        yield from dressing_requests(look)
    yield from drawing_requests(batch.drawings)


def _journal_reset(batch: Batch, plan: Layout, width: int) -> Iterator[Json]:
    """Cuts the journal down to one cell, so that nothing old stays, makes it as large as needed and
    stamps it. Title and hiding are put right as well: the answer is asked for by the title.
    """
    stamp = replace(batch.stamp, operation=batch.operation)
    yield _grid(batch.journal_id, 1, 1, {"title": JOURNAL_TITLE, "hidden": True})
    yield _grid(batch.journal_id, plan.row_count, max(width, WIDTH))
    if plan.copied:
        yield {
            "repeatCell": {
                "range": _cells(batch.journal_id, 1, 1 + plan.copied, 0, 1),
                "cell": cell_data(NOT_COPIED),
                "fields": VALUE,
            }
        }
    yield {
        "updateCells": {
            "start": {"sheetId": batch.journal_id, "rowIndex": 0, "columnIndex": 0},
            "rows": [{"values": [cell_data(text) for text in stamp.cells if text]}],
            "fields": VALUE,
        }
    }


def _grid(sheet_id: int, rows: int, columns: int, properties: Json | None = None) -> Json:
    more = properties or {}
    fields = ",".join([*more, "gridProperties(rowCount,columnCount)"])
    grid = {"rowCount": rows, "columnCount": columns}
    return {
        "updateSheetProperties": {
            "properties": {"sheetId": sheet_id, "gridProperties": grid, **more},
            "fields": fields,
        }
    }


def _copy(run: Run, journal_id: int, at: int, width: int, paste: str) -> Json:
    return {
        "copyPaste": {
            "source": _cells(run.sheet_id, run.start, run.end, 0, width),
            # One cell: a larger destination is filled by repeating what is copied.
            "destination": _cells(journal_id, at, at + 1, 0, 1),
            "pasteType": paste,
        }
    }


def _cells(sheet_id: int, top: int, bottom: int, left: int, right: int) -> Json:
    return {
        "sheetId": sheet_id,
        "startRowIndex": top,
        "endRowIndex": bottom,
        "startColumnIndex": left,
        "endColumnIndex": right,
    }


def _sheet_requests(sheet: SheetBatch) -> Iterator[Json]:
    if sheet.column_count and sheet.right_end > sheet.column_count:
        missing = sheet.right_end - sheet.column_count
        grown = {"sheetId": sheet.sheet_id, "dimension": "COLUMNS", "length": missing}
        yield {"appendDimension": grown}
    yield from _put_requests(sheet.sheet_id, sheet.puts)
    for block in sheet.blocks:
        yield from _block_requests(sheet, block)
    yield from paint_requests(sheet.sheet_id, sheet.paints)
    if sheet.inserted_rows:
        yield from _insert_requests(sheet)
    for start, end in reversed(_neighbours(_after_insert(sheet, row) for row in sheet.deletes)):
        yield {"deleteDimension": {"range": _rows(sheet.sheet_id, start, end)}}


def _put_requests(sheet_id: int, puts: Iterable[Put], top: int = 0) -> Iterator[Json]:
    for block in rectangles(puts):
        each_cell = block.formatted
        if block.formatted and len(block.rows) >= _ROWS_FOR_A_COLUMN_FORMAT:
            patterns = [block.pattern_of_column(index) for index in range(block.width)]
            if None not in patterns:
                each_cell = False
                place = (top + block.row, block.column, len(block.rows))
                yield from _column_formats(sheet_id, place, patterns)
        rows = [[_put_data(put, formatted=each_cell) for put in row] for row in block.rows]
        yield _update(sheet_id, (top + block.row, block.column), rows, formatted=each_cell)


def _block_requests(sheet: SheetBatch, block: Block) -> Iterator[Json]:
    """As those of puts: one for neighbouring rows and columns, and for each format of a column."""
    for start, end in _stretches(block.rows):
        for first, last in _stretches([item.column for item in block.fillings]):
            fillings = block.fillings[first:last]
            for formatted, group in groupby(
                fillings, lambda item: sheet.patterns.get(item.column) is not None
            ):
                mine = list(group)
                place = (block.rows[start], mine[0].column, end - start)
                patterns = [sheet.patterns.get(item.column) for item in mine]
                each_cell = formatted and end - start < _ROWS_FOR_A_COLUMN_FORMAT
                if formatted and not each_cell:
                    yield from _column_formats(sheet.sheet_id, place, patterns)
                columns = [
                    _column(item.after[start:end], pattern if each_cell else None)
                    for item, pattern in zip(mine, patterns, strict=True)
                ]
                rows = list(zip(*columns, strict=True))
                yield _update(sheet.sheet_id, place[:2], rows, formatted=each_cell)


def _column(cells: Sequence[Cell], pattern: str | None) -> list[Json]:
    """The CellData of a column. Many rows get the same text."""
    if len(set(cells)) > len(cells) // 2 or not all(isinstance(cell, str) for cell in cells):
        return [_data(cell, pattern) for cell in cells]
    known = {cell: _data(cell, pattern) for cell in set(cells)}
    return [known[cell] for cell in cells]


def _stretches(numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    """The places from which and up to which numbers follow one another."""
    start = 0
    for place in range(1, len(numbers) + 1):
        if place == len(numbers) or numbers[place] != numbers[place - 1] + 1:
            yield start, place
            start = place


def _update(
    sheet_id: int, place: tuple[int, int], rows: Sequence[Sequence[Json]], *, formatted: bool
) -> Json:
    return {
        "updateCells": {
            "start": {"sheetId": sheet_id, "rowIndex": place[0], "columnIndex": place[1]},
            "rows": [{"values": row} for row in rows],
            "fields": f"{VALUE},{NUMBER_FORMAT}" if formatted else VALUE,
        }
    }


def _column_formats(
    sheet_id: int, place: tuple[int, int, int], patterns: Sequence[str | None]
) -> Iterator[Json]:
    """A format for each of the columns from a row and a column on, so many rows down."""
    first, left, height = place
    for column, pattern in enumerate(patterns, start=left):
        if pattern is not None:
            yield {
                "repeatCell": {
                    "range": _cells(sheet_id, first, first + height, column, column + 1),
                    "cell": {"userEnteredFormat": {"numberFormat": number_format(pattern)}},
                    "fields": NUMBER_FORMAT,
                }
            }


def _put_data(put: Put, *, formatted: bool) -> Json:
    return _data(put.cell, put.pattern if formatted else None, formula=put.formula)


def _data(cell: Cell, pattern: str | None, *, formula: bool = False) -> Json:
    data = cell_data(cell, formula=formula)
    if pattern is not None:
        data["userEnteredFormat"] = {"numberFormat": number_format(pattern)}
    return data


def _insert_requests(sheet: SheetBatch) -> Iterator[Json]:
    at = sheet.insert_at
    if at >= sheet.row_count:
        # Rows are inserted even here, before one more blank row: somebody may have grown the tab
        # since it was read, and rows that are merely appended would leave ours on top of theirs.
        missing = at - sheet.row_count + 1
        grown = {"sheetId": sheet.sheet_id, "dimension": "ROWS", "length": missing}
        yield {"appendDimension": grown}
    yield {
        "insertDimension": {
            "range": _rows(sheet.sheet_id, at, at + sheet.inserted_rows),
            # The first row below the headings must not look like them.
            "inheritFromBefore": at > 1,
        }
    }
    yield from _put_requests(sheet.sheet_id, sheet.inserts, at)


def _after_insert(sheet: SheetBatch, row: int) -> int:
    return row + sheet.inserted_rows if row >= sheet.insert_at else row


def _neighbours(rows: Iterable[int]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for row in sorted(set(rows)):
        if runs and runs[-1][1] == row:
            runs[-1] = (runs[-1][0], row + 1)
        else:
            runs.append((row, row + 1))
    return runs


def _rows(sheet_id: int, start: int, end: int) -> Json:
    return {"sheetId": sheet_id, "dimension": "ROWS", "startIndex": start, "endIndex": end}


def _generated_requests(tab: GeneratedTab) -> Iterator[Json]:
    rows = max(len(tab.grid.rows), tab.old_rows, 1)
    columns = max(tab.grid.width, tab.old_columns, 1)
    least_rows, least_columns = max(rows, tab.reach[0]), max(columns, tab.reach[1])
    if least_rows > tab.row_count or least_columns > tab.column_count:
        size = max(least_rows, tab.row_count), max(least_columns, tab.column_count)
        yield _grid(tab.sheet_id, *size)
    yield {
        "updateCells": {
            # What the rows do not cover of the range is cleared.
            "range": _cells(tab.sheet_id, 0, rows, 0, columns),
            "rows": [
                {
                    "values": [
                        shaded(shown_data(cell, tab.moments), tab.shades.get((number, column)))
                        for column, cell in enumerate(row)
                    ]
                }
                for number, row in enumerate(tab.grid.rows)
            ],
            "fields": _GENERATED_FIELDS,
        }
    }
