"""Comments, revisions, changes, about, and the CSV that Drive v2 takes in."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import gspread
import pytest

from tests.contract.sheet_server.local_client import Http, gspread_by_token

ALL = {"fields": "*"}


def write(http: Http, book: str, value: Any = 1) -> None:
    path = f"/v4/spreadsheets/{book}/values/A1?valueInputOption=RAW"
    http.json("PUT", path, {"values": [[value]]})


def test_comment_is_written_answered_resolved_and_deleted(ann: Http, bob: Http) -> None:
    book = ann.create("Discussed")
    ann.share(book, "bob@example.com", "commenter")
    path = f"/drive/v3/files/{book}/comments"
    body = {"content": "Call <them>\ntoday", "anchor": '{"r":"head"}'}
    made = bob.json("POST", path, body, params=ALL)
    assert made["content"] == "Call <them>\ntoday"
    assert made["htmlContent"] == "Call &lt;them&gt;<br>today"
    assert (made["anchor"], made["deleted"], made["replies"]) == ('{"r":"head"}', False, [])
    assert made["author"]["me"] is True
    replies = f"{path}/{made['id']}/replies"
    ann.json("POST", replies, {"content": "Done", "action": "resolve"}, params=ALL)
    seen = ann.json("GET", f"{path}/{made['id']}", params=ALL)
    assert seen["resolved"] is True
    assert [(reply["content"], reply["action"]) for reply in seen["replies"]] == [
        ("Done", "resolve")
    ]
    changed = bob.json("PATCH", f"{path}/{made['id']}", {"content": "Call now"}, params=ALL)
    assert changed["content"] == "Call now"
    assert ann.ask("PATCH", f"{path}/{made['id']}?fields=*", {"content": "x"}).status_code == 403
    bob.json("DELETE", f"{path}/{made['id']}")
    assert ann.json("GET", path, params=ALL)["comments"] == []
    kept = ann.json("GET", path, params={**ALL, "includeDeleted": "true"})["comments"]
    assert [(each["deleted"], "content" in each) for each in kept] == [(True, False)]


def test_reader_reads_comments_but_writes_none(ann: Http, bob: Http) -> None:
    book = ann.create("Read only")
    ann.share(book, "bob@example.com", "reader")
    path = f"/drive/v3/files/{book}/comments"
    assert bob.json("GET", path, params={"fields": "comments"}) == {"comments": []}
    assert bob.ask("POST", f"{path}?fields=*", {"content": "x"}).status_code == 403


def test_comments_and_about_need_fields(ann: Http) -> None:
    book = ann.create("Fields")
    for path in (f"/drive/v3/files/{book}/comments", "/drive/v3/about"):
        error = ann.ask("GET", path).json()["error"]
        assert error["message"] == "The 'fields' parameter is required for this method."
        assert error["errors"][0]["location"] == "fields"


def test_comments_come_in_pages(ann: Http) -> None:
    book = ann.create("Many comments")
    path = f"/drive/v3/files/{book}/comments"
    for number in range(5):
        ann.json("POST", path, {"content": str(number)}, params=ALL)
    found: list[str] = []
    token = ""
    while token is not None:
        params = {**ALL, "pageSize": "2", "pageToken": token}
        page = ann.json("GET", path, params=params)
        found += [comment["content"] for comment in page["comments"]]
        token = page.get("nextPageToken")
    assert sorted(found) == ["0", "1", "2", "3", "4"]


def test_gspread_copies_comments_with_the_book(server: Any, ann: Http) -> None:
    book = ann.create("With comments")
    body = {"content": "Keep me", "anchor": "a"}
    ann.json("POST", f"/drive/v3/files/{book}/comments", body, params=ALL)
    client = gspread_by_token(server.url, server.token_for("ann@example.com"))
    copied = client.copy(book, copy_comments=True)
    client.http_client.session.close()
    fields = {"fields": "comments(content,anchor)"}
    path = f"/drive/v3/files/{copied.id}/comments"
    assert ann.json("GET", path, params=fields) == {"comments": [body]}


def test_edits_of_one_person_in_ten_minutes_are_one_revision(tmp_path: Path) -> None:
    from crm_sync.sheet_server.server import SheetServer

    moment = [datetime(2024, 5, 1, 12, tzinfo=UTC)]
    with SheetServer(tmp_path / "r.sheets", clock=lambda: moment[0]) as server:
        ann = Http(server.url, server.token_for("ann@example.com"))
        bob = Http(server.url, server.token_for("bob@example.com"))
        book = ann.create("Revised")
        ann.share(book, "bob@example.com", "writer")
        for person, minutes in [(ann, 1), (ann, 8), (ann, 3), (bob, 1), (ann, 1)]:
            moment[0] += timedelta(minutes=minutes)
            write(person, book)
        path = f"/drive/v3/files/{book}/revisions"
        fields = {"fields": "revisions(id,modifiedTime,lastModifyingUser(displayName))"}
        revisions = ann.json("GET", path, params=fields)["revisions"]
        assert [
            (each["lastModifyingUser"]["displayName"], each["modifiedTime"][11:16])
            for each in revisions
        ] == [("ann", "12:09"), ("ann", "12:12"), ("bob", "12:13"), ("ann", "12:14")]
        ids = [int(each["id"]) for each in revisions]
        assert ids == sorted(set(ids))
        assert ann.json("GET", f"{path}/head")["id"] == str(ids[-1])
        assert ann.ask("GET", f"{path}/999").status_code == 404
        ann.close()
        bob.close()


def test_changes_tell_each_their_own_files_once(
    ann: Http, bob: Http, person: Callable[[str], Http]
) -> None:
    start = "/drive/v3/changes/startPageToken"
    token = bob.json("GET", start)["startPageToken"]
    mine, theirs = bob.create("Mine"), ann.create("Hers")
    write(bob, mine)
    write(bob, mine, 2)
    answer = bob.json("GET", "/drive/v3/changes", params={"pageToken": token})
    assert answer["changes"] == [
        {
            "kind": "drive#change",
            "type": "file",
            "changeType": "file",
            "time": answer["changes"][0]["time"],
            "removed": False,
            "fileId": mine,
            "file": {
                "kind": "drive#file",
                "id": mine,
                "name": "Mine",
                "mimeType": "application/vnd.google-apps.spreadsheet",
            },
        }
    ]
    after = answer["newStartPageToken"]
    assert bob.json("GET", "/drive/v3/changes", params={"pageToken": after})["changes"] == []
    line = ann.share(theirs, "bob@example.com", "reader")
    shared = bob.json("GET", "/drive/v3/changes", params={"pageToken": after})
    assert [(each["fileId"], each["removed"]) for each in shared["changes"]] == [(theirs, False)]
    ann.json("DELETE", f"/drive/v3/files/{theirs}/permissions/{line}")
    bob.json("DELETE", f"/drive/v3/files/{mine}")
    lost = bob.json("GET", "/drive/v3/changes", params={"pageToken": shared["newStartPageToken"]})
    assert [(each["fileId"], each["removed"]) for each in lost["changes"]] == [
        (theirs, True),
        (mine, True),
    ]
    eve = person("eve@example.com")
    assert eve.json("GET", "/drive/v3/changes", params={"pageToken": token})["changes"] == []


def test_changes_come_in_pages_and_tokens_are_checked(ann: Http) -> None:
    token = ann.json("GET", "/drive/v3/changes/startPageToken")["startPageToken"]
    made = [ann.create(f"Page {number}") for number in range(3)]
    params = {"pageToken": token, "pageSize": "2"}
    first = ann.json("GET", "/drive/v3/changes", params=params)
    assert "newStartPageToken" not in first
    params = {"pageToken": first["nextPageToken"], "pageSize": "2"}
    second = ann.json("GET", "/drive/v3/changes", params=params)
    assert [each["fileId"] for each in first["changes"] + second["changes"]] == made
    assert "nextPageToken" not in second
    bad = ann.ask("GET", "/drive/v3/changes", params={"pageToken": "soon"})
    assert bad.json()["error"]["errors"][0]["location"] == "pageToken"


@pytest.fixture
def client(server: Any) -> Any:
    client = gspread_by_token(server.url, server.token_for("ann@example.com"))
    yield client
    client.http_client.session.close()


def test_imported_csv_is_the_one_sheet_of_the_book(client: gspread.Client, ann: Http) -> None:
    book = client.create("Imported")
    book.add_worksheet("Other", rows=5, cols=5)
    answer = client.import_csv(book.id, 'Имя,Сумма\n"Анна, мл.",1500\n,=1+1\n')
    assert (answer["title"], answer["version"]) == ("Imported", "3")
    again = client.open_by_key(book.id)
    assert [sheet.title for sheet in again.worksheets()] == ["Imported"]
    sheet = again.sheet1
    assert sheet.id != 0
    assert sheet.get(value_render_option="UNFORMATTED_VALUE") == [
        ["Имя", "Сумма"],
        ["Анна, мл.", 1500],
        ["", 2],
    ]
    assert again.timezone == "America/Los_Angeles"


def test_large_csv_grows_the_grid_and_an_empty_one_empties_it(client: gspread.Client) -> None:
    book = client.create("Grid")
    wide = "\n".join(",".join(["x"] * 30) for _ in range(1100))
    client.import_csv(book.id, wide)
    sheet = client.open_by_key(book.id).sheet1
    assert (sheet.row_count, sheet.col_count) == (1100, 30)
    client.import_csv(book.id, "")
    assert client.open_by_key(book.id).sheet1.get() == [[]]


def test_upload_that_is_no_csv_is_refused_and_changes_nothing(ann: Http) -> None:
    book = ann.create("Refused")
    write(ann, book, "kept")
    path = f"/upload/drive/v2/files/{book}"
    for params, media, data in [
        ({"convert": "True"}, "application/pdf", b"%PDF"),
        ({}, "text/csv", b"a,b"),
        ({"convert": "True"}, "text/csv", b"\xff\xfe\x00"),
        ({"convert": "True"}, "text/csv", b'"open'),
        ({"convert": "True"}, "text/csv", b"x" * 50_001),
    ]:
        headers = {"Content-Type": media}
        answer = ann.ask("PUT", path, params=params, headers=headers, data=data)
        assert answer.status_code == 400, (media, data[:20])
        assert answer.json()["error"]["errors"]
    assert ann.json("GET", f"/v4/spreadsheets/{book}/values/A1")["values"] == [["kept"]]
