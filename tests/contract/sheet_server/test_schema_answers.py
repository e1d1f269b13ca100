"""Every answer is of the message that Google describes: its types, names and members only."""

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from crm_sync.sheet_server import schema
from crm_sync.sheet_server.api_error import ApiError
from crm_sync.sheet_server.files import SPREADSHEET_TYPE
from crm_sync.sheet_server.office import NewFile
from crm_sync.sheet_server.sheets_api import SheetsApi
from crm_sync.sheet_server.storage import Library
from tests.contract.sheet_server.google_schema import misfits
from tests.contract.sheet_server.local_client import Http
from tests.contract.sheet_server.made_up import PART_ID, Inventor, furnished
from tests.contract.sheet_server.replay import RECORDED

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
KINDS = sorted(schema.field_names("Request"))
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
ROWS = [
    ["Name", "Phone", "Sum", "=C1", "=1/0", '=HYPERLINK("https://example.com","x")'],
    ["Анна", "'+7 916", 1.5, "=SUM(C1:C3)", "31.12.2026", "10%"],
    ["", 2, True, "2026-12-31", "12:30", "$1.50"],
]  # fmt: skip
FURNISHED = [
    *furnished(),
    {"addSlicer": {"slicer": {"slicerId": 4, "spec": {"title": "S", "dataRange": {}}}}},
    {"addProtectedRange": {"protectedRange": {
        "range": {"endRowIndex": 1}, "editors": {"users": ["ann@example.com"]}}}},
    {"setDataValidation": {"range": {"endRowIndex": 2}, "rule": {"strict": True, "condition": {
        "type": "ONE_OF_LIST", "values": [{"userEnteredValue": "a"}]}}}},
    {"repeatCell": {"range": {"endRowIndex": 3}, "fields": "*", "cell": {
        "userEnteredValue": {"stringValue": "rich text"}, "note": "n", "userEnteredFormat": {
            "borders": {"top": {"style": "SOLID"}}, "padding": {"top": 1}, "textRotation": {
                "angle": 45}, "numberFormat": {"type": "DATE"}, "textFormat": {"bold": True}},
        "textFormatRuns": [{"startIndex": 2, "format": {"italic": True}}]}}},
]  # fmt: skip


def workbook(api: SheetsApi) -> str:
    """A spreadsheet with something of everything, and plain cells over the rest."""
    answer, _ = api.create({"sheets": SHEETS})
    file_id = str(answer["spreadsheetId"])
    api.batch_update(file_id, {"requests": FURNISHED})
    for title in ("'Tab 0'!A3", "Tab 5"):
        api.values_update(file_id, title, {"valueInputOption": "USER_ENTERED"}, {"values": ROWS})
    return file_id


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    found = Library(tmp_path / "answers.sheets", lambda: NOW)
    yield found
    found.close()


@pytest.mark.parametrize("kind", KINDS)
def test_replies_to_requests_of_every_kind_are_of_google_s_schema(
    kind: str, library: Library
) -> None:
    dice, api = random.Random(kind), SheetsApi(library, random.Random(1))
    file_id = ""
    # Nothing here is about what is on disk: one commit for all.
    with library.transaction():
        for number in range(20):
            if number % 10 == 0:
                file_id = workbook(api)
            ids = [sheet.id for sheet in library.workbook(file_id).sheets]
            body = {"requests": [Inventor(dice, ids).request(kind)]}
            try:
                answer, _ = api.batch_update(file_id, body)
            except ApiError:
                continue
            assert misfits(answer, "BatchUpdateSpreadsheetResponse") == []
    assert misfits(api.get(file_id, [], True), "Spreadsheet") == []


def test_replies_that_chance_finds_rarely_are_of_google_s_schema(library: Library) -> None:
    api = SheetsApi(library, random.Random(1))
    row = {"sheetId": 5, "dimension": "ROWS", "startIndex": 1, "endIndex": 3}
    requests = [
        {"updateConditionalFormatRule": {"sheetId": 5, "index": 0, "newIndex": 1}},
        {"updateConditionalFormatRule": {"index": 1, "rule": {
            "ranges": [{"sheetId": 5}], "booleanRule": {
                "condition": {"type": "BLANK"}, "format": {"textFormat": {"bold": True}}}}}},
        {"deleteConditionalFormatRule": {"sheetId": 5, "index": 0}},
        {"updateDimensionGroup": {"fields": "collapsed", "dimensionGroup": {
            "range": row, "depth": 1, "collapsed": True}}},
        {"deleteDimensionGroup": {"range": row}},
        {"updateSlicerSpec": {"slicerId": 4, "fields": "title", "spec": {"title": "T"}}},
        {"findReplace": {"find": "a", "replacement": "b", "allSheets": True}},
        {"deleteDuplicates": {"range": {"sheetId": 5}}},
        {"trimWhitespace": {"range": {"sheetId": 5}}},
        {"textToColumns": {"source": {"endColumnIndex": 1}, "delimiterType": "COMMA"}},
        {"updateDeveloperMetadata": {"fields": "metadataValue", "developerMetadata": {
            "metadataValue": "v"}, "dataFilters": [{"developerMetadataLookup": {
            "metadataKey": "k"}}]}},
        {"deleteDeveloperMetadata": {"dataFilter": {"developerMetadataLookup": {
            "metadataKey": "k"}}}},
    ]  # fmt: skip
    answer, _ = api.batch_update(workbook(api), {"requests": requests})
    assert len(answer["replies"]) == len(requests)
    assert misfits(answer, "BatchUpdateSpreadsheetResponse") == []


VALUE_CALLS = [
    ("GET", "/values/A1:F3", None, "ValueRange"),
    ("GET", "/values/A1:F3?majorDimension=COLUMNS&valueRenderOption=FORMULA", None, "ValueRange"),
    ("GET", "/values:batchGet?ranges=A1&ranges=A1:B9", None, "BatchGetValuesResponse"),
    ("GET", "", None, "Spreadsheet"),
    ("GET", "?includeGridData=true", None, "Spreadsheet"),
    ("GET", "?fields=sheets(properties,data/rowData/values/formattedValue)", None, "Spreadsheet"),
    ("POST", ":getByDataFilter", {"dataFilters": [{"a1Range": "A1"}]}, "Spreadsheet"),
    (
        "PUT",
        "/values/A1?valueInputOption=USER_ENTERED&includeValuesInResponse=true",
        {"values": [["1.5", None, "", True]]},
        "UpdateValuesResponse",
    ),
    (
        "POST",
        "/values/A1:append?valueInputOption=RAW&includeValuesInResponse=true",
        {"values": [[1]]},
        "AppendValuesResponse",
    ),
    ("POST", "/values/A9:clear", None, "ClearValuesResponse"),
    ("POST", "/values:batchClear", {"ranges": ["A9", "B9"]}, "BatchClearValuesResponse"),
    (
        "POST",
        "/values:batchUpdate",
        {
            "valueInputOption": "RAW",
            "includeValuesInResponse": True,
            "data": [{"range": "A1", "values": [["x"]]}],
        },
        "BatchUpdateValuesResponse",
    ),
    (
        "POST",
        "/values:batchGetByDataFilter",
        {"dataFilters": [{"gridRange": {"endRowIndex": 2}}]},
        "BatchGetValuesByDataFilterResponse",
    ),
    (
        "POST",
        "/values:batchUpdateByDataFilter",
        {
            "valueInputOption": "RAW",
            "data": [{"dataFilter": {"a1Range": "A1"}, "values": [["y"]]}],
        },
        "BatchUpdateValuesByDataFilterResponse",
    ),
    (
        "POST",
        "/values:batchClearByDataFilter",
        {"dataFilters": [{"a1Range": "A2"}]},
        "BatchClearValuesByDataFilterResponse",
    ),
    ("GET", f"/developerMetadata/{PART_ID}", None, "DeveloperMetadata"),
    (
        "POST",
        "/developerMetadata:search",
        {"dataFilters": [{"developerMetadataLookup": {"metadataKey": "k"}}]},
        "SearchDeveloperMetadataResponse",
    ),
    (
        "POST",
        ":batchUpdate",
        {
            "requests": [{"addSheet": {}}],
            "includeSpreadsheetInResponse": True,
            "responseIncludeGridData": True,
        },
        "BatchUpdateSpreadsheetResponse",
    ),
]


@pytest.fixture(scope="module")
def book(server: Any) -> str:
    """A spreadsheet with something of everything on the running server."""
    return str(server.in_worker(lambda desk: _furnished(desk.office, server.token)))


def _furnished(office: Any, token: str) -> str:
    file_id = workbook(office.sheets)
    office.create(NewFile("Furnished", SPREADSHEET_TYPE, file_id=file_id), office.caller(token))
    return file_id


@pytest.mark.parametrize(("method", "path", "body", "message"), VALUE_CALLS)
def test_answers_of_sheets_are_of_google_s_schema(
    owner: Http, book: str, method: str, path: str, body: Any, message: str
) -> None:
    answer = owner.json(method, f"/v4/spreadsheets/{book}{path}", body)
    assert answer != {}
    assert misfits(answer, message) == []


def test_a_copied_sheet_is_of_google_s_schema(owner: Http, book: str) -> None:
    made = owner.json("POST", "/v4/spreadsheets", {"properties": {"locale": "ru_RU"}})
    assert misfits(made, "Spreadsheet") == []
    body = {"destinationSpreadsheetId": made["spreadsheetId"]}
    copied = owner.json("POST", f"/v4/spreadsheets/{book}/sheets/5:copyTo", body)
    assert misfits(copied, "SheetProperties") == []
    whole = f"/v4/spreadsheets/{made['spreadsheetId']}?includeGridData=true"
    assert misfits(owner.json("GET", whole), "Spreadsheet") == []


DRIVE_CALLS = [
    ("GET", "/files?fields=*", None, "FileList"),
    ("GET", "/files/generateIds?count=3", None, "GeneratedIds"),
    ("GET", "/files/{}?fields=*", None, "File"),
    ("POST", "/files?fields=*", {"name": "Made"}, "File"),
    ("POST", "/files/{}/copy?fields=*", {}, "File"),
    ("PATCH", "/files/{}?fields=*", {"name": "Renamed", "starred": True}, "File"),
    (
        "POST",
        "/files/{}/permissions?fields=*",
        {"type": "user", "role": "writer", "emailAddress": "ann@example.com"},
        "Permission",
    ),
    ("POST", "/files/{}/permissions?fields=*", {"type": "anyone", "role": "reader"}, "Permission"),
    ("GET", "/files/{}/permissions?fields=*", None, "PermissionList"),
    ("POST", "/files/{}/comments?fields=*", {"content": "Why?", "anchor": "{}"}, "Comment"),
    ("GET", "/files/{}/comments?fields=*", None, "CommentList"),
    ("GET", "/files/{}/revisions?fields=*", None, "RevisionList"),
    ("GET", "/changes/startPageToken?fields=*", None, "StartPageToken"),
    ("GET", "/changes?pageToken=1&fields=*", None, "ChangeList"),
    ("GET", "/about?fields=*", None, "About"),
]


@pytest.mark.parametrize(("method", "path", "body", "message"), DRIVE_CALLS)
def test_answers_of_drive_are_of_google_s_schema(
    owner: Http, book: str, method: str, path: str, body: Any, message: str
) -> None:
    answer = owner.json(method, "/drive/v3" + path.format(book), body)
    assert answer != {}
    assert misfits(answer, message, "drive.v3") == []


def test_google_s_own_answers_pass_the_same_check() -> None:
    path = RECORDED / "WorksheetTest.test_auto_resize_columns.json"
    if not path.exists():
        pytest.skip("the recordings in ../shared/sheets_api/recorded are not there")
    books = [
        json.loads(entry["response"]["body"])
        for entry in json.loads(path.read_text(encoding="utf-8"))
        if entry["request"]["method"] == "GET" and "drive" not in entry["request"]["uri"]
    ]
    assert len(books) > 3
    assert [misfits(book, "Spreadsheet") for book in books] == [[] for _ in books]
    assert misfits({"spreadsheetId": 5, "colour": "red"}, "Spreadsheet") != []
