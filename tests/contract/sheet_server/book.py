"""A spreadsheet under test, spoken to as a client would, without HTTP in between."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from crm_sync.sheet_server.api_error import ApiError
from crm_sync.sheet_server.guard import Caller
from crm_sync.sheet_server.sheets_api import SheetsApi
from crm_sync.sheet_server.storage import Library

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


class Book:
    """One spreadsheet in a library of its own; its first sheet is `Sheet1` with id 0."""

    def __init__(self, path: Path, rows: int = 20, columns: int = 8, **properties: Any) -> None:
        self.path = path
        self.library = Library(path, lambda: NOW)
        self.api = SheetsApi(self.library, random.Random(1))
        grid = {"rowCount": rows, "columnCount": columns}
        sheet = {"sheetId": 0, "title": "Sheet1", "gridProperties": grid}
        body = {"properties": {"title": "Book", **properties}, "sheets": [{"properties": sheet}]}
        answer, _ = self.api.create(body)
        self.id = str(answer["spreadsheetId"])

    def reopened(self) -> Book:
        """The same spreadsheet read again from its file."""
        self.library.close()
        self.library = Library(self.path, lambda: NOW)
        self.api = SheetsApi(self.library, random.Random(2))
        return self

    def acting_for(self, email: str, owner: str) -> SheetsApi:
        """The API as a person other than the owner may use it."""
        return self.api.acting_for(Caller(email, owner))

    def write(self, range_: str, values: list[list[Any]], option: str = "USER_ENTERED") -> Any:
        """The answer to values.update."""
        return self.api.values_update(
            self.id, range_, {"valueInputOption": option}, {"values": values}
        )[0]

    def read(self, range_: str = "Sheet1", **params: str) -> list[list[Any]]:
        """The values of a range, unformatted unless asked otherwise."""
        params.setdefault("valueRenderOption", "UNFORMATTED_VALUE")
        values: list[list[Any]] = self.api.values_get(self.id, range_, params).get("values", [])
        return values

    def formulas(self, range_: str = "Sheet1") -> list[list[Any]]:
        """The values of a range, formulas as such."""
        return self.read(range_, valueRenderOption="FORMULA")

    def batch(self, *requests: dict[str, Any]) -> list[dict[str, Any]]:
        """The replies to a batchUpdate."""
        answer, _ = self.api.batch_update(self.id, {"requests": list(requests)})
        replies: list[dict[str, Any]] = answer["replies"]
        return replies

    def refused(self, *requests: dict[str, Any]) -> str:
        """The message with which a batchUpdate is refused."""
        with pytest.raises(ApiError) as caught:
            self.batch(*requests)
        assert (caught.value.code, caught.value.status) == (400, "INVALID_ARGUMENT")
        return caught.value.message

    def sheet(self, place: int = 0, **options: Any) -> dict[str, Any]:
        """One sheet as spreadsheets.get prints it."""
        sheets: list[dict[str, Any]] = self.api.get(self.id, [], False)["sheets"]
        return sheets[place]

    def cells(self, range_: str, *fields: str) -> list[list[dict[str, Any]]]:
        """CellData of a range with these fields, row by row."""
        shown = self.api.get(self.id, [range_], True, frozenset(fields))
        rows = shown["sheets"][0]["data"][0].get("rowData", [])
        return [row.get("values", []) for row in rows]


def area(rows: str, columns: str = "", sheet_id: int = 0) -> dict[str, Any]:
    """A GridRange out of `"1:3"` (rows 1 and 2, zero-based) and `"0:2"`; a side may be empty."""
    held: dict[str, Any] = {"sheetId": sheet_id} if sheet_id else {}
    for side, span in (("Row", rows), ("Column", columns)):
        start, _, end = span.partition(":")
        if start:
            held[f"start{side}Index"] = int(start)
        if end:
            held[f"end{side}Index"] = int(end)
    return held


def lines(dimension: str, start: int, end: int, sheet_id: int = 0) -> dict[str, Any]:
    """A DimensionRange."""
    return {"sheetId": sheet_id, "dimension": dimension, "startIndex": start, "endIndex": end}
