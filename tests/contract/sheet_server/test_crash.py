"""Kills, crowds and defects: what was acknowledged is on disk, whole, and counted once."""

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import requests

from crm_sync.sheet_server.faults import FaultKind
from crm_sync.sheet_server.server import SheetServer
from tests.contract.sheet_server.local_client import Http
from tests.contract.sheet_server.test_server import foreground

RAW = {"valueInputOption": "RAW"}
NUMBERS_OF_A_LOST_BATCH = 2
"""Its own, and that of the change by which the others go on after it."""


def write_until_killed(
    url: str, book: str, acknowledged: list[int], enough: threading.Event
) -> None:
    """Writes a number into a row and its twin cell, one batch after another."""
    with closing(Http(url, "t")) as http:
        for number in range(1, 10_000):
            values = [[number]]
            data = [
                {"range": f"A{number}", "values": values},
                {"range": f"B{number}", "values": values},
            ]
            body = {"valueInputOption": "RAW", "data": data}
            try:
                answer = http.ask("POST", f"/v4/spreadsheets/{book}/values:batchUpdate", body)
            except requests.RequestException:
                return
            assert answer.status_code == 200
            acknowledged.append(number)
            if number >= 20:
                enough.set()


@pytest.mark.parametrize("run", range(3))
def test_killed_server_has_every_acknowledged_batch_and_no_half_of_one(
    tmp_path: Path, run: int
) -> None:
    data, acknowledged, enough = tmp_path / "office.sheets", list[int](), threading.Event()
    with foreground(data) as (process, url):
        with closing(Http(url, "t")) as http:
            book = http.create("Killed")
        writer = threading.Thread(target=write_until_killed, args=(url, book, acknowledged, enough))
        writer.start()
        assert enough.wait(20)
        process.kill()
        writer.join(20)
    with SheetServer(data, token="t") as server, closing(Http(server.url, "t")) as http:
        params = {"valueRenderOption": "UNFORMATTED_VALUE"}
        rows = http.json("GET", f"/v4/spreadsheets/{book}/values/A1:B1000", params=params)["values"]
        fields = {"fields": "version"}
        version = int(http.json("GET", f"/drive/v3/files/{book}", params=fields)["version"])
    assert len(rows) in (len(acknowledged), len(acknowledged) + 1)
    assert rows == [[number, number] for number in range(1, len(rows) + 1)]
    # The number of a batch that was noted, but not kept, is given to no other.
    assert version in (1 + len(rows), 1 + len(rows) + NUMBERS_OF_A_LOST_BATCH)


def test_crowd_of_writers_loses_nothing_and_counts_right(server: Any, ann: Http) -> None:
    book = ann.create("Crowd")
    token = server.token_for("ann@example.com")

    def write(person: int) -> None:
        with closing(Http(server.url, token)) as own:
            for row in range(1, 11):
                cell = f"/v4/spreadsheets/{book}/values/{chr(65 + person)}{row}"
                own.json("PUT", cell, {"values": [[person * 100 + row]]}, params=RAW)

    with ThreadPoolExecutor(8) as crowd:
        list(crowd.map(write, range(8)))
    params = {"valueRenderOption": "UNFORMATTED_VALUE"}
    rows = ann.json("GET", f"/v4/spreadsheets/{book}/values/A1:H10", params=params)["values"]
    assert rows == [[person * 100 + row for person in range(8)] for row in range(1, 11)]
    fields = {"fields": "version"}
    assert ann.json("GET", f"/drive/v3/files/{book}", params=fields) == {"version": "81"}


def test_defect_looks_like_google_s_failure_and_is_logged(
    server: Any, ann: Http, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise ZeroDivisionError

    for path, status in [("/v4/spreadsheets/x", "INTERNAL"), ("/drive/v3/files", None)]:
        server.forget_requests()
        server.fault(FaultKind.STAFF, run=fail)
        with caplog.at_level(logging.ERROR, "crm_sync.sheet_server"):
            answer = ann.ask("GET", path)
        error = answer.json()["error"]
        assert (answer.status_code, error["code"], error.get("status")) == (500, 500, status)
        assert [seen.status for seen in server.requests] == [500]
    assert caplog.records[0].exc_info is not None
    assert caplog.records[0].exc_info[0] is ZeroDivisionError
    assert ann.ask("GET", "/drive/v3/files").status_code == 200
