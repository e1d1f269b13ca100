"""The hand of a member of staff: acts on a workbook between two requests of anybody else's."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import orjson

from crm_sync.sheet_server.desk import Desk
from crm_sync.sheet_server.faults import StaffAction

MARK = "Mark"
"""The staff's own column that tells one row of the sheet from all others, wherever it goes."""

OWN = "Mine"
"""The staff's own column in which they keep what is nobody else's business."""


class Refused(Exception):
    """The server refused what staff wanted to do."""


@dataclass
class Grid:
    """A tab as staff see it: unformatted cells, and formulas by place; all zero-based."""

    sheet_id: int
    rows: list[list[Any]]
    formulas: dict[tuple[int, int], str]

    @property
    def headings(self) -> list[str]:
        return [str(cell) for cell in self.rows[0]] if self.rows else []

    @property
    def width(self) -> int:
        return max((len(row) for row in self.rows), default=0)

    def column(self, heading: str) -> int:
        return self.headings.index(heading)

    def cell(self, row: int, heading: str) -> Any:
        column = self.column(heading)
        cells = self.rows[row] if row < len(self.rows) else []
        value = cells[column] if column < len(cells) else None
        return None if value == "" else value

    def formula(self, row: int, heading: str) -> str | None:
        return self.formulas.get((row, self.column(heading)))

    def marks(self) -> dict[str, str]:
        """The id that stands in each marked row."""
        return {
            mark: str(self.cell(row, "ID"))
            for row in self.filled()
            if (mark := self.mark(row)) is not None
        }

    def mark(self, row: int) -> str | None:
        """The mark of a row. Anything else that stands there is a slip of ours that is yet to be
        put right.
        """
        found = str(self.cell(row, MARK))
        return found if re.fullmatch(r"(m|first )\d+", found) else None

    def filled(self) -> list[int]:
        """The rows below the headings that hold anything."""
        return [
            number
            for number, row in enumerate(self.rows)
            if number and any(cell not in ("", None) for cell in row)
        ]


class Hand:
    """Staff at one tab of one workbook. Every method is one request, done at once; `desk` is the
    server's own, so a hand works in the server's thread alone.
    """

    def __init__(self, desk: Desk, book: str, sheet_id: int) -> None:
        self.desk = desk
        self.book = book
        self.sheet_id = sheet_id

    def ask(self, method: str, path: str, body: Any = None, **query: str) -> Any:
        """Any call of the API on this workbook."""
        told = {name: (value,) for name, value in query.items()}
        action = StaffAction(method, f"/v4/spreadsheets/{self.book}{path}", body, query=told)
        answer = self.desk.faulty.act(action)
        self.desk.faulty.staff_answers.clear()
        if answer.status >= 400:
            raise Refused(answer.body.decode())
        return orjson.loads(answer.body)

    def batch(self, *requests: dict[str, Any]) -> None:
        self.ask("POST", ":batchUpdate", {"requests": list(requests)})

    def grid(self) -> Grid:
        """The tab as it stands."""
        shown = self._values("UNFORMATTED_VALUE")
        entered = self._values("FORMULA")
        formulas = {
            (number, column): text
            for number, row in enumerate(entered)
            for column, text in enumerate(row)
            if isinstance(text, str) and text.startswith("=")
        }
        return Grid(self.sheet_id, shown, formulas)

    def _values(self, render: str) -> list[list[Any]]:
        body = {
            "dataFilters": [{"gridRange": {"sheetId": self.sheet_id}}],
            "valueRenderOption": render,
            "dateTimeRenderOption": "SERIAL_NUMBER",
        }
        answer = self.ask("POST", "/values:batchGetByDataFilter", body)
        return list(answer["valueRanges"][0]["valueRange"].get("values", []))

    def put(self, row: int, column: int, value: Any) -> None:
        """Types into one cell: text stays text, "=..." is a formula, None blanks."""
        self.put_row(row, {column: value})

    def put_row(self, row: int, values: dict[int, Any]) -> None:
        """Types several cells of one row at once."""
        self.batch(*(self._entered(row, column, values[column]) for column in sorted(values)))

    def _entered(self, row: int, column: int, value: Any) -> dict[str, Any]:
        if value is None:
            entered: dict[str, Any] = {}
        elif isinstance(value, str):
            kind = "formulaValue" if value.startswith("=") else "stringValue"
            entered = {"userEnteredValue": {kind: value}}
        else:
            entered = {"userEnteredValue": {"numberValue": value}}
        start = {"sheetId": self.sheet_id, "rowIndex": row, "columnIndex": column}
        return {
            "updateCells": {
                "start": start,
                "rows": [{"values": [entered]}],
                "fields": "userEnteredValue",
            }
        }

    def delete_row(self, row: int) -> None:
        self.batch({"deleteDimension": {"range": self._rows(row, row + 1)}})

    def insert_rows(self, row: int, count: int) -> None:
        self.batch(
            {
                "insertDimension": {
                    "range": self._rows(row, row + count),
                    "inheritFromBefore": row > 1,
                }
            }
        )

    def move_row(self, row: int, to: int) -> None:
        self.batch({"moveDimension": {"source": self._rows(row, row + 1), "destinationIndex": to}})

    def move_column(self, column: int, to: int) -> None:
        source = {
            "sheetId": self.sheet_id,
            "dimension": "COLUMNS",
            "startIndex": column,
            "endIndex": column + 1,
        }
        self.batch({"moveDimension": {"source": source, "destinationIndex": to}})

    def copy_row(self, row: int, to: int, width: int) -> None:
        self.batch(
            {
                "copyPaste": {
                    "source": self._area(row, row + 1, 0, width),
                    "destination": self._area(to, to + 1, 0, width),
                    "pasteType": "PASTE_NORMAL",
                }
            }
        )

    def cut(self, top: int, bottom: int, to: int, width: int) -> None:
        """Moves the cells of some rows to where another row begins."""
        place = {"sheetId": self.sheet_id, "rowIndex": to, "columnIndex": 0}
        source = self._area(top, bottom, 0, width)
        paste = {"source": source, "destination": place, "pasteType": "PASTE_NORMAL"}
        self.batch({"cutPaste": paste})

    def copy_cells(self, top: int, bottom: int, column: int, to: int) -> None:
        """Copies some cells of a column to another place in it."""
        paste = {
            "source": self._area(top, bottom, column, column + 1),
            "destination": self._area(to, to + bottom - top, column, column + 1),
            "pasteType": "PASTE_NORMAL",
        }
        self.batch({"copyPaste": paste})

    def filter(self, rows: int, width: int, column: int, criteria: dict[str, Any]) -> None:
        """Sets the filter of the tab."""
        told = {"range": self._area(0, rows, 0, width), "criteria": {str(column): criteria}}
        self.batch({"setBasicFilter": {"filter": told}})

    def sort(self, rows: int, left: int, right: int, by: int, *, descending: bool) -> None:
        """Sorts the cells below the headings from column `left` to `right` (excluded)."""
        order = "DESCENDING" if descending else "ASCENDING"
        self.batch(
            {
                "sortRange": {
                    "range": self._area(1, rows, left, right),
                    "sortSpecs": [{"dimensionIndex": by, "sortOrder": order}],
                }
            }
        )

    def _rows(self, start: int, end: int) -> dict[str, Any]:
        return {
            "sheetId": self.sheet_id,
            "dimension": "ROWS",
            "startIndex": start,
            "endIndex": end,
        }

    def _area(self, top: int, bottom: int, left: int, right: int) -> dict[str, Any]:
        return {
            "sheetId": self.sheet_id,
            "startRowIndex": top,
            "endRowIndex": bottom,
            "startColumnIndex": left,
            "endColumnIndex": right,
        }
