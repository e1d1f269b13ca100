"""Google's own Python client against the local server: only its endpoint is told."""

import json
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from google.oauth2 import service_account
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError

from tests.contract.sheet_server.local_client import SCOPES, Http


@pytest.fixture
def credentials(server: Any, tmp_path: Path) -> service_account.Credentials:
    key_file = tmp_path / "key.json"
    server.create_service_account(key_file)
    return service_account.Credentials.from_service_account_info(
        json.loads(key_file.read_text()), scopes=SCOPES
    )


@pytest.fixture
def sheets(server: Any, credentials: service_account.Credentials) -> Iterator[Any]:
    options = {"api_endpoint": server.url}
    with build(
        "sheets", "v4", credentials=credentials, client_options=options, cache_discovery=False
    ) as service:
        yield service.spreadsheets()


@pytest.fixture
def drive(server: Any, credentials: service_account.Credentials) -> Iterator[Any]:
    options = {"api_endpoint": f"{server.url}/drive/v3/"}
    with build(
        "drive", "v3", credentials=credentials, client_options=options, cache_discovery=False
    ) as service:
        yield service


@pytest.fixture(autouse=True)
def sockets_of_httplib2() -> Iterator[None]:
    # httplib2 leaves closing its sockets to the garbage collector.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        yield


def test_spreadsheet_is_created_written_and_read(sheets: Any) -> None:
    body = {"properties": {"title": "By Google's client"}}
    book = sheets.create(body=body, fields="spreadsheetId").execute()["spreadsheetId"]
    values = sheets.values()
    written = values.update(
        spreadsheetId=book,
        range="A1:B1",
        valueInputOption="RAW",
        body={"values": [["a", 1]]},
    ).execute()
    assert written["updatedCells"] == 2
    got = values.batchGet(
        spreadsheetId=book, ranges=["A1", "B1"], valueRenderOption="UNFORMATTED_VALUE"
    ).execute()
    assert [each["values"] for each in got["valueRanges"]] == [[["a"]], [[1]]]


def test_long_list_of_ranges_is_sent_as_a_post(sheets: Any, server: Any) -> None:
    book = sheets.create(body={}).execute()["spreadsheetId"]
    ranges = [f"Sheet1!A{row}:Z{row}" for row in range(1, 201)]
    server.forget_requests()
    got = sheets.values().batchGet(spreadsheetId=book, ranges=ranges).execute()
    assert len(got["valueRanges"]) == 200
    assert server.requests[-1].method == "POST"


def test_errors_come_with_google_s_details(sheets: Any) -> None:
    book = sheets.create(body={}).execute()["spreadsheetId"]
    with pytest.raises(HttpError) as caught:
        sheets.batchUpdate(spreadsheetId=book, body={"requests": [{"fly": {}}]}).execute()
    assert caught.value.status_code == 400
    assert "Unknown name" in str(caught.value.error_details)


def test_drive_lists_shares_exports_and_follows(drive: Any, sheets: Any, ann: Http) -> None:
    token = drive.changes().getStartPageToken().execute()["startPageToken"]
    book = sheets.create(body={"properties": {"title": "Followed"}}).execute()["spreadsheetId"]
    found = drive.files().list(q="name = 'Followed'", fields="files(id,version)").execute()
    assert found == {"files": [{"id": book, "version": "1"}]}
    permission = {"type": "user", "role": "reader", "emailAddress": "ann@example.com"}
    drive.permissions().create(fileId=book, body=permission, sendNotificationEmail=False).execute()
    assert ann.ask("GET", f"/v4/spreadsheets/{book}").status_code == 200
    assert drive.files().export(fileId=book, mimeType="text/csv").execute() == b""
    changes = drive.changes().list(pageToken=token).execute()
    assert [each["fileId"] for each in changes["changes"]] == [book]
    assert drive.about().get(fields="user(me)").execute() == {"user": {"me": True}}
    drive.files().delete(fileId=book).execute()
    gone = drive.changes().list(pageToken=changes["newStartPageToken"]).execute()["changes"]
    assert [(each["fileId"], each["removed"]) for each in gone] == [(book, True)]


def test_slash_at_the_end_or_before_a_verb_is_no_part_of_the_path(ann: Http) -> None:
    book = ann.create("Slashes")
    assert ann.json("GET", f"/v4/spreadsheets/{book}/")["spreadsheetId"] == book
    body = {"requests": [{"addSheet": {"properties": {"title": "Two"}}}]}
    answer = ann.json("POST", f"/v4/spreadsheets/{book}/:batchUpdate", body)
    assert answer["replies"][0]["addSheet"]["properties"]["title"] == "Two"
