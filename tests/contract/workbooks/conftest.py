"""A workbook behind real HTTP, and the staff who work in it at the same time."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gspread
import pytest
import stamina

from crm_sync.core.batch import JOURNAL_TITLE, Batch, NewTab, PreImage, Put, SheetBatch
from crm_sync.core.values import Cell
from crm_sync.sheet_server.faults import StaffAction
from crm_sync.sheet_server.server import SheetServer
from crm_sync.workbooks import Connection, GoogleWorkbook, GoogleWorkbooks, load_key
from tests.contract.sheet_server.local_client import Http, gspread_by_token

JOURNAL = 900
OWNER_TOKEN = "owner-token"
HEADINGS = ("ID", "Name", "Phone", "Sum")
ANNA = ("C-1", "Anna", "+79160000001", 100)
BORIS = ("C-2", "Boris", "+79160000002", 200.5)
VERA = ("C-3", "Vera", "+79160000003", 300)
CLIENTS = (ANNA, BORIS, VERA)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SheetServer]:
    """One server for a test module; each test makes its own workbook on it."""
    data: Path = tmp_path_factory.mktemp("server") / "office.sheets"
    with SheetServer(data, token=OWNER_TOKEN) as running:
        yield running


@pytest.fixture(autouse=True)
def calm(server: SheetServer) -> Iterator[None]:
    """Waits take no time, staff actions succeeded, faults do not reach the next test."""
    with stamina.set_testing(True, attempts=10, cap=True):
        yield
    server.clear_faults()
    server.limit()
    server.check_staff()
    server.forget_staff()


@pytest.fixture(scope="module")
def key(server: SheetServer, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The key of a service account of the server."""
    path: Path = tmp_path_factory.mktemp("key") / "key.json"
    server.create_service_account(path)
    return load_key(path)


@pytest.fixture
def workbooks(server: SheetServer, key: dict[str, str]) -> GoogleWorkbooks:
    """The workbooks of a configuration with one of the name "office"."""
    return GoogleWorkbooks({"office": Connection(key, server.url)})


@dataclass
class Office:
    """A workbook with one tab, as we and as the staff see it."""

    server: SheetServer
    workbook: GoogleWorkbook
    staff: gspread.Worksheet
    sheet_id: int = 0

    def swap(self, *watched: int, operation: str = "op", **changes: Any) -> tuple[PreImage, ...]:
        """Writes a batch for the one tab."""
        return self.workbook.swap(self.batch(*watched, operation=operation, **changes))

    def batch(self, *watched: int, operation: str = "op", **changes: Any) -> Batch:
        """A batch for the one tab, which is 20 rows tall."""
        sheet = SheetBatch(self.sheet_id, 20, len(HEADINGS), watched, **changes)
        return Batch(operation, JOURNAL, (sheet,))

    def rows(self) -> tuple[tuple[Cell, ...], ...]:
        """The tab as it stands."""
        return self.workbook.read([self.sheet_id])[self.sheet_id].rows

    def asked(self, action: Callable[[], Any]) -> list[tuple[str, str]]:
        """What was asked of the server by an action: method and the end of the path."""
        self.server.forget_requests()
        action()
        return [
            (seen.method, seen.path.rpartition("/")[2].replace(self.workbook.spreadsheet_id, "ID"))
            for seen in self.server.requests
        ]

    def meanwhile(self, *requests: dict[str, Any], nth: int = 1) -> None:
        """Lets staff do this to the workbook just before our next write reaches it."""
        path = f"/v4/spreadsheets/{self.workbook.spreadsheet_id}:batchUpdate"
        action = StaffAction("POST", path, {"requests": list(requests)})
        self.server.before(action, path=":batchUpdate$", nth=nth)


def typed(row: int, column: int, value: Cell) -> dict[str, Any]:
    """The request by which a person's typing reaches the workbook."""
    kind = {str: "stringValue", bool: "boolValue"}.get(type(value), "numberValue")
    if isinstance(value, str) and value.startswith("="):
        kind = "formulaValue"
    return {
        "updateCells": {
            "start": {"sheetId": 0, "rowIndex": row, "columnIndex": column},
            "rows": [{"values": [{"userEnteredValue": {kind: value}}]}],
            "fields": "userEnteredValue",
        }
    }


def rows_moved(kind: str, start: int, end: int) -> dict[str, Any]:
    """insertDimension or deleteDimension of rows."""
    span = {"sheetId": 0, "dimension": "ROWS", "startIndex": start, "endIndex": end}
    return {kind: {"range": span}}


@pytest.fixture
def office(
    server: SheetServer, key: dict[str, str], workbooks: GoogleWorkbooks
) -> Iterator[Office]:
    """A workbook that its owner shares with us: headings, three clients, room for 20 rows, and
    the journal tab.
    """
    with closing(Http(server.url, OWNER_TOKEN)) as owner:
        made = owner.json(
            "POST",
            "/v4/spreadsheets",
            {
                "properties": {
                    "title": "Office",
                    "locale": "ru_RU",
                    "timeZone": "Europe/Moscow",
                },
                "sheets": [{"properties": {"sheetId": 0, "title": "Sheet1"}}],
            },
        )
        owner.share(made["spreadsheetId"], key["client_email"], "writer")
    workbook = workbooks.open("office", made["spreadsheetId"])
    cells = (HEADINGS, *CLIENTS)
    puts = tuple(
        Put(row, column, cell) for row, line in enumerate(cells) for column, cell in enumerate(line)
    )
    journal = NewTab(JOURNAL, JOURNAL_TITLE, hidden=True)
    first = NewTab(0, "Clients", rows=20, columns=4, exists=True)
    batch = Batch("setup", JOURNAL, (SheetBatch(0, 20, 4, puts=puts),), (journal, first))
    workbook.swap(batch)
    client = gspread_by_token(server.url, OWNER_TOKEN)
    with closing(client.http_client.session):
        yield Office(server, workbook, client.open_by_key(workbook.spreadsheet_id).sheet1)
