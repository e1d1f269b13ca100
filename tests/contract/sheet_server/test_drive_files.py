"""Drive's files: what they say of themselves and what can be done with them."""

from typing import Any

import pytest

from tests.contract.sheet_server.local_client import Http

SHEET = "application/vnd.google-apps.spreadsheet"
FOLDER = "application/vnd.google-apps.folder"


def listed(http: Http, **params: str) -> list[str]:
    answer = http.json("GET", "/drive/v3/files", params={"fields": "files(id)", **params})
    return [file["id"] for file in answer["files"]]


def test_default_answer_is_kind_id_name_and_type(ann: Http) -> None:
    book = ann.create("Plain")
    plain = {"kind": "drive#file", "id": book, "name": "Plain", "mimeType": SHEET}
    assert ann.json("GET", f"/drive/v3/files/{book}") == plain
    assert ann.json("PATCH", f"/drive/v3/files/{book}", {}) == plain
    copied = ann.json("POST", f"/drive/v3/files/{book}/copy", {"name": None})
    assert copied == {**plain, "id": copied["id"], "name": "Copy of Plain"}
    assert ann.json("GET", "/drive/v3/files", params={"q": "name = 'Plain'"}) == {
        "kind": "drive#fileList",
        "incompleteSearch": False,
        "files": [plain],
    }


def test_whole_file_is_told_to_its_owner(ann: Http) -> None:
    book = ann.create("Whole", description="of all branches", properties={"branch": "north"})
    whole = ann.json("GET", f"/drive/v3/files/{book}", params={"fields": "*"})
    user = {
        "kind": "drive#user",
        "displayName": "ann",
        "me": True,
        "permissionId": whole["owners"][0]["permissionId"],
        "emailAddress": "ann@example.com",
    }
    assert whole["owners"] == [user]
    assert whole["lastModifyingUser"] == user
    assert whole["description"] == "of all branches"
    assert whole["properties"] == {"branch": "north"}
    assert (whole["version"], whole["trashed"], whole["shared"]) == ("1", False, False)
    assert whole["createdTime"] == whole["modifiedTime"]
    assert (
        whole["webViewLink"] == f"https://docs.google.com/spreadsheets/d/{book}/edit?usp=drivesdk"
    )
    assert [line["role"] for line in whole["permissions"]] == ["owner"]
    assert len(book) == 44


def test_reader_sees_neither_sharing_nor_the_owner_s_folder(ann: Http, bob: Http) -> None:
    book = ann.create("Seen")
    ann.share(book, "bob@example.com", "reader")
    whole = bob.json("GET", f"/drive/v3/files/{book}", params={"fields": "*"})
    assert {"permissions", "permissionIds", "parents"}.isdisjoint(whole)
    assert (whole["ownedByMe"], whole["shared"]) == (False, True)
    assert whole["capabilities"]["canEdit"] is False


def test_rename_by_either_api_shows_in_both(ann: Http) -> None:
    book = ann.create("First")
    ann.json("PATCH", f"/drive/v3/files/{book}", {"name": "Second"})
    title = {"fields": "properties.title"}
    assert ann.json("GET", f"/v4/spreadsheets/{book}", params=title) == {
        "properties": {"title": "Second"}
    }
    request = {"updateSpreadsheetProperties": {"properties": {"title": "Third"}, "fields": "title"}}
    ann.json("POST", f"/v4/spreadsheets/{book}:batchUpdate", {"requests": [request]})
    assert ann.json("GET", f"/drive/v3/files/{book}")["name"] == "Third"


def test_spreadsheets_create_makes_a_file(ann: Http) -> None:
    body = {"properties": {"title": "By Sheets", "locale": "ru_RU"}}
    answer = ann.json("POST", "/v4/spreadsheets", body)
    fields = {"fields": "name,mimeType,version,ownedByMe"}
    assert ann.json("GET", f"/drive/v3/files/{answer['spreadsheetId']}", params=fields) == {
        "name": "By Sheets",
        "mimeType": SHEET,
        "version": "1",
        "ownedByMe": True,
    }


def test_trash_hides_from_searches_that_ask_for_it_and_can_be_undone(ann: Http) -> None:
    book = ann.create("Trash me")
    path = f"/drive/v3/files/{book}"
    fields = {"fields": "trashed,trashedTime,trashingUser(emailAddress)"}
    trashed = ann.json("PATCH", path, {"trashed": True}, params=fields)
    assert trashed["trashed"] is True
    assert trashed["trashingUser"] == {"emailAddress": "ann@example.com"}
    query = "name = 'Trash me'"
    assert listed(ann, q=query) == [book]
    assert listed(ann, q=f"{query} and trashed = false") == []
    assert ann.ask("GET", f"/v4/spreadsheets/{book}").status_code == 200
    assert ann.json("PATCH", path, {"trashed": False}, params=fields) == {"trashed": False}
    assert listed(ann, q=f"{query} and trashed = false") == [book]


def test_deleted_file_is_gone_from_both_apis(ann: Http) -> None:
    book = ann.create("Gone")
    ann.json("DELETE", f"/drive/v3/files/{book}")
    assert ann.ask("GET", f"/v4/spreadsheets/{book}").status_code == 404
    assert ann.ask("GET", f"/drive/v3/files/{book}").status_code == 404
    assert ann.ask("DELETE", f"/drive/v3/files/{book}").status_code == 404


def test_folders_hold_files_that_can_be_moved(ann: Http) -> None:
    folder = ann.json("POST", "/drive/v3/files", {"name": "Branch", "mimeType": FOLDER})["id"]
    book = ann.create("Moved")
    parents = {"fields": "parents"}
    before = ann.json("GET", f"/drive/v3/files/{book}", params=parents)["parents"]
    path = f"/drive/v3/files/{book}?addParents={folder}&removeParents={before[0]}"
    assert ann.json("PATCH", path, {}, params=parents) == {"parents": [folder]}
    assert listed(ann, q=f"'{folder}' in parents") == [book]
    assert book not in listed(ann, q="'root' in parents")
    assert ann.json("GET", "/drive/v3/files/root")["mimeType"] == FOLDER
    sheets = ann.ask("GET", f"/v4/spreadsheets/{folder}")
    assert sheets.json()["error"]["status"] == "FAILED_PRECONDITION"


def test_unknown_parent_is_not_found(ann: Http) -> None:
    body = {"name": "x", "mimeType": SHEET, "parents": ["nowhere"]}
    answer = ann.ask("POST", "/drive/v3/files", body)
    assert answer.json()["error"]["message"] == "File not found: nowhere."


def test_ids_can_be_had_beforehand_and_used_once(ann: Http) -> None:
    ids = ann.json("GET", "/drive/v3/files/generateIds?count=2")["ids"]
    assert len(set(ids)) == 2
    body = {"id": ids[0], "name": "Known", "mimeType": SHEET}
    assert ann.json("POST", "/drive/v3/files", body)["id"] == ids[0]
    assert ann.ask("POST", "/drive/v3/files", body).status_code == 409


@pytest.mark.parametrize("path", ["", "/{}/copy"])
def test_an_id_that_is_taken_or_made_up_is_refused(ann: Http, path: str) -> None:
    book = ann.create("First")
    for wanted, status in ((book, 409), ("=SUM(A:A)", 400), ("", 400)):
        body = {"id": wanted, "name": "Second", "mimeType": SHEET}
        answer = ann.ask("POST", "/drive/v3/files" + path.format(book), body)
        assert answer.status_code == status


@pytest.mark.parametrize(
    ("params", "location"),
    [
        ({"pageSize": "0"}, "pageSize"),
        ({"pageSize": "1001"}, "pageSize"),
        ({"pageSize": "many"}, "pageSize"),
        ({"pageToken": "!"}, "pageToken"),
        ({"q": "name ="}, "q"),
        ({"orderBy": "colour"}, "orderBy"),
    ],
)
def test_parameter_that_drive_cannot_read_is_named(
    ann: Http, params: dict[str, str], location: str
) -> None:
    error = ann.ask("GET", "/drive/v3/files", params=params).json()["error"]
    assert (error["code"], error["errors"][0]["location"]) == (400, location)


@pytest.mark.parametrize(
    "body",
    [{"name": 5}, {"trashed": "yes"}, {"parents": "root"}, {"properties": []}, {"parents": [1]}],
)
def test_member_of_a_wrong_type_is_a_400(ann: Http, body: dict[str, Any]) -> None:
    book = ann.create("Types")
    assert ann.ask("PATCH", f"/drive/v3/files/{book}", body).status_code == 400
    assert ann.ask("POST", "/drive/v3/files", body).status_code == 400


def test_unsupported_exports_are_refused(ann: Http) -> None:
    book = ann.create("Exports")
    path = f"/drive/v3/files/{book}/export"
    assert ann.ask("GET", path).json()["error"]["errors"][0]["location"] == "mimeType"
    assert ann.ask("GET", path, params={"mimeType": "image/png"}).status_code == 400
    folder = ann.json("POST", "/drive/v3/files", {"name": "F", "mimeType": FOLDER})["id"]
    answer = ann.ask("GET", f"/drive/v3/files/{folder}/export", params={"mimeType": "text/csv"})
    assert answer.json()["error"]["errors"][0]["reason"] == "fileNotExportable"


def test_copy_can_take_another_name_and_folder(ann: Http) -> None:
    folder = ann.json("POST", "/drive/v3/files", {"name": "Copies", "mimeType": FOLDER})["id"]
    book = ann.create("Source")
    body = {"name": "Target", "parents": [folder]}
    fields = {"fields": "id,name,parents"}
    copied = ann.json("POST", f"/drive/v3/files/{book}/copy", body, params=fields)
    assert (copied["name"], copied["parents"]) == ("Target", [folder])
    title = {"fields": "properties.title"}
    assert ann.json("GET", f"/v4/spreadsheets/{copied['id']}", params=title) == {
        "properties": {"title": "Target"}
    }
