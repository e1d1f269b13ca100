"""Calls at random, of every method of both APIs: refused or done, never a failure or damage."""

import logging
import random
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from crm_sync.sheet_server.server import SheetServer
from tests.contract.sheet_server.local_client import Http
from tests.contract.sheet_server.made_up import furnished
from tests.contract.sheet_server.made_up_calls import CallInventor

CALLS = 2500
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


def furnished_book(http: Http) -> str:
    """A spreadsheet with something of everything."""
    body = {"sheets": SHEETS, "properties": {"locale": "ru_RU"}}
    book = str(http.json("POST", "/v4/spreadsheets", body)["spreadsheetId"])
    http.json("POST", f"/v4/spreadsheets/{book}:batchUpdate", {"requests": furnished()})
    return book


def shown(http: Http) -> list[Any]:
    """Every file and every cell that the server holds."""
    files = http.json("GET", "/drive/v3/files?pageSize=1000&fields=files(*)")["files"]
    books = [one["id"] for one in files if one["mimeType"].endswith("apps.spreadsheet")]
    whole = "/v4/spreadsheets/{}?includeGridData=true"
    return [files, *(http.json("GET", whole.format(book)) for book in books)]


@pytest.fixture
def no_traceback(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    with caplog.at_level(logging.WARNING):
        yield
    assert caplog.records == []


@pytest.mark.usefixtures("no_traceback")
def test_calls_at_random_meet_no_failure_and_leave_the_file_whole(tmp_path: Path) -> None:
    data, inventor = tmp_path / "office.sheets", CallInventor(random.Random(20261123))
    seen: Counter[int] = Counter()
    with SheetServer(data, token="T") as server, closing(Http(server.url, "T")) as http:
        for number in range(CALLS):
            if number % 500 == 0:
                book = furnished_book(http)
            call = inventor.call(book)
            answer = http.ask(call.method, call.path, call.body, data=call.data)
            assert answer.status_code < 500, (call, answer.text)
            seen[answer.status_code] += 1
        before = shown(http)
    assert min(seen[200], seen[400], seen[404]) > CALLS / 20, seen
    with closing(sqlite3.connect(data)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    with SheetServer(data, token="T") as server, closing(Http(server.url, "T")) as http:
        assert shown(http) == before
