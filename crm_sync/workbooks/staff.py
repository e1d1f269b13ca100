"""A person with the workbook open, for demonstrations: plain gspread, typing as people type."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import gspread
from google.oauth2.credentials import Credentials
from gspread.utils import ValueInputOption, rowcol_to_a1

HOSTS = ("https://sheets.googleapis.com", "https://www.googleapis.com")


class StaffHand:
    """Types, sorts and deletes in one workbook of a local server, through gspread's own methods."""

    def __init__(self, url: str, token: str, spreadsheet_id: Callable[[], str]) -> None:
        self._client = gspread.Client(
            Credentials(token),
            http_client=_mapped(url),
        )
        self._id = spreadsheet_id
        self._book: gspread.Spreadsheet | None = None

    def find(self, tab: str, heading: str, text: str) -> int:
        """The row whose cell under the heading holds this text. Raises LookupError."""
        grid = self._sheet(tab).get_all_values()
        column = grid[0].index(heading)
        for number, row in enumerate(grid[1:], start=2):
            if row[column] == text:
                return number
        raise LookupError(f"{tab}: no row with {text!r} under {heading!r}")

    def type(self, tab: str, row: int, cells: Mapping[str, str]) -> None:
        """Types into cells of a row, by heading."""
        sheet = self._sheet(tab)
        headings = sheet.row_values(1)
        sheet.batch_update(
            [
                {
                    "range": rowcol_to_a1(row, headings.index(heading) + 1),
                    "values": [[text]],
                }
                for heading, text in cells.items()
            ],
            value_input_option=ValueInputOption.user_entered,
        )

    def add(self, tab: str, cells: Mapping[str, str]) -> int:
        """Types a new row below the last one; gives its number."""
        row = len(self._sheet(tab).get_all_values()) + 1
        self.type(tab, row, cells)
        return row

    def sort(self, tab: str, heading: str) -> None:
        """Sorts the tab by a column, A to Z."""
        sheet = self._sheet(tab)
        grid = sheet.get_all_values()
        column = grid[0].index(heading) + 1
        sheet.sort((column, "asc"), range=f"A2:{rowcol_to_a1(len(grid), len(grid[0]))}")

    def delete(self, tab: str, row: int) -> None:
        """Deletes a row."""
        self._sheet(tab).delete_rows(row)

    def _sheet(self, tab: str) -> gspread.Worksheet:
        if self._book is None:
            self._book = self._client.open_by_key(self._id())
        return self._book.worksheet(tab)


def _mapped(url: str) -> Any:
    class Mapped(gspread.HTTPClient):
        def request(self, method: str, endpoint: str, *args: Any, **kwargs: Any) -> Any:
            for host in HOSTS:
                endpoint = endpoint.replace(host, url)
            return super().request(method, endpoint, *args, **kwargs)

    return Mapped
