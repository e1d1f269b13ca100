"""A tab as a read-only web page: its shown values with their looks, without scripts.

Everything that comes from the spreadsheet is escaped; looks are written by this module from
numbers and known words, never copied.
"""

from __future__ import annotations

import html
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

from crm_sync.sheet_server.a1 import column_name
from crm_sync.sheet_server.grid import Area
from crm_sync.sheet_server.ranges import bounded
from crm_sync.sheet_server.sheet_looks import Looks
from crm_sync.sheet_server.spreadsheets import GridView, grid_data
from crm_sync.sheet_server.workbook import Json, Sheet, Workbook

_NUMBER_WIDTH = 46
_FIELDS = frozenset({"formattedValue", "effectiveValue", "effectiveFormat", "hyperlink", "note"})
_MOST_CELLS = 40_000
_FEWEST_ROWS, _MOST_ROWS = 20, 1000
_SAFE_LINKS = frozenset({"http", "https", "mailto"})

_Span = tuple[int, int]
_COVERED: _Span = (0, 0)


@dataclass(frozen=True, slots=True)
class TabTable:
    """The HTML table of some rows of a tab; rows are counted from zero, half-open.

    `used` is how many rows the tab has, up to its last one that holds something.
    """

    html: str
    style: str
    first: int
    end: int
    used: int


def tab_table(workbook: Workbook, sheet: Sheet, first: int, today: date) -> TabTable:
    """The table of a tab from a row on: frozen rows first, then as many as fit on a page."""
    used, width = _used(sheet)
    height = max(_FEWEST_ROWS, min(_MOST_ROWS, _MOST_CELLS // max(1, width)))
    start = min(max(0, first), max(0, used - 1))
    end = min(used, start + height)
    frozen = sheet.properties.get("gridProperties", {}).get("frozenRowCount", 0)
    head = Area(sheet.id, 0, min(frozen, used), 0, width)
    body = Area(sheet.id, max(start, head.bottom), end, 0, width)
    writer = _TableWriter(workbook, sheet, GridView(today, with_data=True, fields=_FIELDS))
    return TabTable(writer.table(head, body), writer.looks.style(), start, end, used)


def _used(sheet: Sheet) -> tuple[int, int]:
    """How many rows and columns reach to the last cell that holds something, merges included."""
    height = width = 0
    for index, row in enumerate(sheet.rows):
        if row is not None and row.cells:
            height, width = index + 1, max(width, len(row.cells))
    for merge in sheet.part("merges"):
        area = bounded(sheet, merge)
        if area.top < height and area.left < width:
            height, width = max(height, area.bottom), max(width, area.right)
    return height, width


class _TableWriter:
    """Writes the rows of one tab."""

    def __init__(self, workbook: Workbook, sheet: Sheet, view: GridView) -> None:
        self._workbook = workbook
        self._sheet = sheet
        self._view = view
        self._merges = [bounded(sheet, merge) for merge in sheet.part("merges")]
        self.looks = Looks(workbook.properties["defaultFormat"])

    def table(self, head: Area, body: Area) -> str:
        """Column letters and frozen rows as the head, which stays in view, then the rows."""
        shown = grid_data(self._workbook, self._sheet, body._replace(bottom=body.top), self._view)
        metadata = shown["columnMetadata"]
        columns = [index for index, one in enumerate(metadata) if not one.get("hiddenByUser")]
        widths = "".join(
            f'<col style="width:{metadata[index]["pixelSize"]}px">' for index in columns
        )
        letters = "".join(f"<th>{column_name(index)}</th>" for index in columns)
        total = 46 + sum(metadata[index]["pixelSize"] for index in columns)
        return (
            f'<table style="width:{total}px">\n<colgroup><col class="n">{widths}</colgroup>\n'
            f'<thead>\n<tr><th class="n"></th>{letters}</tr>\n{self._rows(head, columns)}</thead>\n'
            f"<tbody>\n{self._rows(body, columns)}</tbody>\n</table>"
        )

    def _rows(self, area: Area, columns: list[int]) -> str:
        if area.bottom <= area.top:
            return ""
        data = grid_data(self._workbook, self._sheet, area, self._view)
        lines = [one.get("values", []) for one in data.get("rowData", [])]
        lines += [[]] * (area.height - len(lines))
        heights = data["rowMetadata"]
        rows = [
            index
            for index in range(area.top, area.bottom)
            if not (heights[index - area.top].keys() & {"hiddenByUser", "hiddenByFilter"})
        ]
        spans = self._spans(rows, columns)
        written = []
        for index in rows:
            line: list[Json] = lines[index - area.top]
            cells = [
                self._cell(line, column, spans.get((index, column), (1, 1)))
                for column in columns
                if spans.get((index, column)) != _COVERED
            ]
            size = heights[index - area.top]["pixelSize"]
            written.append(
                f'<tr style="height:{size}px"><th>{index + 1}</th>{"".join(cells)}</tr>\n'
            )
        return "".join(written)

    def _spans(self, rows: list[int], columns: list[int]) -> dict[tuple[int, int], _Span]:
        """How many visible rows and columns each cell of a merge spans; covered ones span none."""
        spans: dict[tuple[int, int], _Span] = {}
        for merge in self._merges:
            inside_rows = [row for row in rows if merge.top <= row < merge.bottom]
            inside_columns = [one for one in columns if merge.left <= one < merge.right]
            if not inside_rows or not inside_columns:
                continue
            for row in inside_rows:
                for column in inside_columns:
                    spans[row, column] = _COVERED
            spans[inside_rows[0], inside_columns[0]] = (len(inside_rows), len(inside_columns))
        return spans

    def _cell(self, line: list[Json], column: int, span: _Span) -> str:
        cell = line[column] if column < len(line) else {}
        next_is_free = column + 1 >= len(line) or "formattedValue" not in line[column + 1]
        classes = self.looks.classes(cell, next_is_free)
        attributes = f' class="{classes}"' if classes else ""
        if span != (1, 1):
            attributes += f' rowspan="{span[0]}" colspan="{span[1]}"'
        if "note" in cell:
            attributes += f' title="{html.escape(cell["note"])}"'
        return f"<td{attributes}>{_content(cell)}</td>"


def _content(cell: Json) -> str:
    text = html.escape(cell.get("formattedValue", ""))
    link = cell.get("hyperlink")
    if link and urlsplit(link).scheme.lower() in _SAFE_LINKS:
        safe = html.escape(link)
        return f'<a href="{safe}" rel="noopener noreferrer" target="_blank">{text}</a>'
    return text
