"""Whatever is asked, the server answers as an API does, and a refused batch changes nothing."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from crm_sync.sheet_server import schema
from crm_sync.sheet_server.api_error import ApiError
from crm_sync.sheet_server.sheets_api import SheetsApi
from crm_sync.sheet_server.storage import Library
from tests.contract.sheet_server.local_client import Http
from tests.contract.sheet_server.made_up import Inventor, furnished

KINDS = sorted(schema.field_names("Request"))
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
SHEETS = [
    {
        "properties": {
            "sheetId": sheet_id,
            "title": f"Tab {sheet_id}",
            "gridProperties": {"rowCount": 12, "columnCount": 8},
        }
    }
    for sheet_id in (0, 5)
]
ROWS = [["Name", "Phone", "Sum", "=C1"], ["Анна", "+7 916", 1.5, "=SUM(C1:C3)"], ["", 2, True]]


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    found = Library(tmp_path / "made-up.sheets", lambda: NOW)
    yield found
    found.close()


def _workbook(api: SheetsApi) -> str:
    answer, _ = api.create({"sheets": SHEETS})
    file_id = str(answer["spreadsheetId"])
    for title in ("Tab 0", "Tab 5"):
        api.values_update(
            file_id, f"'{title}'!A1", {"valueInputOption": "USER_ENTERED"}, {"values": ROWS}
        )
    api.batch_update(file_id, {"requests": furnished()})
    return file_id


def _stored(library: Library) -> list[Any]:
    """Everything that the data file holds."""
    tables = ("workbook", "sheet", "sheet_row", "mark", "metadata")
    return [library.connection.execute(f"SELECT * FROM {table}").fetchall() for table in tables]


@pytest.mark.parametrize("kind", KINDS)
def test_no_request_of_any_kind_breaks_the_server(kind: str, library: Library) -> None:
    dice = random.Random(kind)
    api = SheetsApi(library, random.Random(1))
    file_id = ""
    for number in range(60):
        if number % 20 == 0:
            file_id = _workbook(api)
        ids = [sheet.id for sheet in library.workbook(file_id).sheets]
        request = Inventor(dice, ids).request(kind)
        _ask(api, library, file_id, [request])


def test_a_refused_batch_leaves_every_byte_as_it_was(library: Library) -> None:
    dice = random.Random(20261123)
    api = SheetsApi(library, random.Random(1))
    file_id = _workbook(api)
    refused = 0
    for _ in range(150):
        ids = [sheet.id for sheet in library.workbook(file_id).sheets]
        inventor = Inventor(dice, ids)
        requests = [inventor.request(dice.choice(KINDS)) for _ in range(dice.choice((2, 3, 5)))]
        refused += not _ask(api, library, file_id, requests)
    assert refused > 50


def _ask(api: SheetsApi, library: Library, file_id: str, requests: list[Any]) -> bool:
    """Whether the batch was taken; one that was not must have left no trace."""
    before = _stored(library)
    shown = api.get(file_id, [], True)
    refused = None
    try:
        api.batch_update(file_id, {"requests": requests, "includeSpreadsheetInResponse": True})
    except ApiError as error:
        refused = error
    after = api.get(file_id, [], True)
    if refused is None:
        return True
    assert 400 <= refused.code < 500, refused.message
    assert refused.message
    assert _stored(library) == before
    assert after == shown
    return False


def test_what_is_stored_is_what_is_shown(library: Library, tmp_path: Path) -> None:
    dice = random.Random(7)
    api = SheetsApi(library, random.Random(1))
    file_id = _workbook(api)
    for _ in range(120):
        ids = [sheet.id for sheet in library.workbook(file_id).sheets]
        _ask(api, library, file_id, [Inventor(dice, ids).request(dice.choice(KINDS))])
    shown = api.get(file_id, [], True)
    library.close()
    library.__init__(tmp_path / "made-up.sheets", lambda: NOW)  # type: ignore[misc]
    assert SheetsApi(library).get(file_id, [], True) == shown


VALUE_METHODS = (
    ("PUT", "/values/{range}?valueInputOption={option}", "ValueRange"),
    ("POST", "/values/{range}:append?valueInputOption={option}", "ValueRange"),
    ("POST", "/values/{range}:clear", "ClearValuesRequest"),
    ("POST", "/values:batchUpdate", "BatchUpdateValuesRequest"),
    ("POST", "/values:batchClear", "BatchClearValuesRequest"),
    ("POST", "/values:batchGetByDataFilter", "BatchGetValuesByDataFilterRequest"),
    ("POST", "/values:batchUpdateByDataFilter", "BatchUpdateValuesByDataFilterRequest"),
    ("POST", "/values:batchClearByDataFilter", "BatchClearValuesByDataFilterRequest"),
    ("POST", ":getByDataFilter", "GetSpreadsheetByDataFilterRequest"),
    ("POST", ":batchUpdate", "BatchUpdateSpreadsheetRequest"),
    ("POST", "/developerMetadata:search", "SearchDeveloperMetadataRequest"),
    ("POST", "/sheets/0:copyTo", "CopySheetToAnotherSpreadsheetRequest"),
)


@pytest.mark.parametrize(("method", "path", "message"), VALUE_METHODS)
def test_no_body_of_any_method_gets_a_server_error(
    method: str, path: str, message: str, owner: Http
) -> None:
    dice = random.Random(path)
    file_id = owner.json("POST", "/v4/spreadsheets", {"sheets": SHEETS})["spreadsheetId"]
    inventor = Inventor(dice, [0, 5])
    for _ in range(40):
        target = path.format(
            range=quote(dice.choice(("Tab 0!A1", "Tab 5", "A1:B2", "1:1", "nope", "'x", "Z99:1"))),
            option=dice.choice(("RAW", "USER_ENTERED", "", "NOPE")),
        )
        body = inventor.message(message, 0)
        answer = owner.ask(method, f"/v4/spreadsheets/{file_id}{target}", body)
        assert answer.status_code < 500, (target, body, answer.text)


@pytest.mark.parametrize("number", range(5))
def test_no_description_of_a_new_spreadsheet_gets_a_server_error(number: int, owner: Http) -> None:
    inventor = Inventor(random.Random(number), [0, 5])
    for _ in range(10):
        body = inventor.message("Spreadsheet", 1)
        answer = owner.ask("POST", "/v4/spreadsheets", body)
        assert answer.status_code < 500, (body, answer.text)
