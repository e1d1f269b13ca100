"""Plain gspread over real HTTP: what it does with Google it does here."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import gspread
import pytest

from tests.contract.sheet_server.local_client import gspread_by_key, gspread_by_token


@contextmanager
def closing_session(client: gspread.Client) -> Iterator[gspread.Client]:
    try:
        yield client
    finally:
        client.http_client.session.close()


@pytest.fixture
def token_client(server: Any) -> Iterator[gspread.Client]:
    with closing_session(gspread_by_token(server.url, server.token)) as client:
        yield client


@pytest.fixture
def key_client(server: Any, tmp_path: Path) -> Iterator[gspread.Client]:
    key_file = tmp_path / "key.json"
    server.create_service_account(key_file)
    with closing_session(gspread_by_key(server.url, key_file)) as client:
        yield client


@pytest.fixture(params=["token", "key"])
def client(
    request: pytest.FixtureRequest, token_client: gspread.Client, key_client: gspread.Client
) -> gspread.Client:
    return token_client if request.param == "token" else key_client


def test_created_book_opens_by_key_title_and_url(client: gspread.Client) -> None:
    title = f"Clients {uuid.uuid4()}"
    book = client.create(title)
    assert client.open_by_key(book.id).title == title
    assert client.open(title).id == book.id
    assert client.open_by_url(book.url).id == book.id
    assert [sheet.title for sheet in book.worksheets()] == ["Sheet1"]
    client.del_spreadsheet(book.id)
    with pytest.raises(gspread.SpreadsheetNotFound):
        client.open_by_key(book.id)


def test_values_written_are_read_in_one_batch(client: gspread.Client) -> None:
    sheet = client.create("Values").sheet1
    sheet.update([["Name", "Phone"], ["Анна", "+7 916 123-45-67"]], "A1")
    sheet.batch_update([{"range": "D1", "values": [[1.5]]}, {"range": "D2", "values": [[True]]}])
    assert sheet.batch_get(
        ["A1:B2", "D1:D2"], value_render_option=gspread.utils.ValueRenderOption.unformatted
    ) == [
        [["Name", "Phone"], ["Анна", "+7 916 123-45-67"]],
        [[1.5], [True]],
    ]


def test_batch_update_renames_the_book_in_drive_too(client: gspread.Client) -> None:
    book = client.create("Old name")
    book.update_title("New name")
    assert book.title == "New name"
    assert client.get_file_drive_metadata(book.id)["name"] == "New name"


def test_batch_update_is_all_or_nothing(client: gspread.Client) -> None:
    book = client.create("Atomic")
    requests = [
        {"addSheet": {"properties": {"title": "Contacts"}}},
        {"deleteSheet": {"sheetId": 12345}},
    ]
    with pytest.raises(gspread.exceptions.APIError) as caught:
        book.batch_update({"requests": requests})
    assert caught.value.code == 400
    assert [sheet.title for sheet in book.worksheets()] == ["Sheet1"]


def test_sheets_are_added_formatted_and_deleted(client: gspread.Client) -> None:
    book = client.create("Tabs")
    tab = book.add_worksheet("Agreements", rows=50, cols=5)
    tab.format("A1:E1", {"textFormat": {"bold": True}})
    tab.freeze(rows=1)
    again = book.worksheet("Agreements")
    assert (again.row_count, again.col_count, again.frozen_row_count) == (50, 5, 1)
    book.del_worksheet(again)
    assert [sheet.title for sheet in book.worksheets()] == ["Sheet1"]


def test_share_gives_a_role_and_unshare_takes_it(
    key_client: gspread.Client, person: Callable[[str], Any]
) -> None:
    book = key_client.create("Shared")
    ann = person("ann@example.com")
    assert ann.ask("GET", f"/v4/spreadsheets/{book.id}").status_code == 403
    book.share("ann@example.com", perm_type="user", role="reader", notify=False)
    assert ann.ask("GET", f"/v4/spreadsheets/{book.id}").status_code == 200
    shared = [line for line in book.list_permissions() if line["role"] == "reader"]
    assert [(line["emailAddress"], line["type"]) for line in shared] == [
        ("ann@example.com", "user")
    ]
    assert book.remove_permissions("ann@example.com") == [shared[0]["id"]]
    assert ann.ask("GET", f"/v4/spreadsheets/{book.id}").status_code == 403


def test_list_shows_own_and_shared_books_newest_first(
    key_client: gspread.Client, person: Callable[[str], Any]
) -> None:
    ann = person("ann-list@example.com")
    hidden = ann.create("Hidden")
    given = ann.create("Given")
    email = key_client.http_client.auth.service_account_email
    ann.share(given, email, "writer")
    own = key_client.create("Own")
    assert [file["id"] for file in key_client.list_spreadsheet_files()] == [own.id, given]
    assert [file["id"] for file in key_client.list_spreadsheet_files("Given")] == [given]
    assert hidden not in [book.id for book in key_client.openall()]


def test_list_within_a_folder(client: gspread.Client) -> None:
    folder = client.http_client.request(
        "post",
        "https://www.googleapis.com/drive/v3/files",
        json={"name": "Branch", "mimeType": "application/vnd.google-apps.folder"},
    ).json()["id"]
    book = client.create("Inside", folder_id=folder)
    assert [file["id"] for file in client.list_spreadsheet_files(folder_id=folder)] == [book.id]


def test_long_lists_come_in_pages(person: Callable[[str], Any]) -> None:
    reader = person("pages@example.com")
    made = {reader.create(f"Book {number}") for number in range(5)}
    token, found, pages = "", [], 0
    while token is not None:
        params = {"pageSize": 2, "pageToken": token, "fields": "nextPageToken,files(id)"}
        answer = reader.json("GET", "/drive/v3/files", params=params)
        found += [file["id"] for file in answer["files"]]
        token, pages = answer.get("nextPageToken"), pages + 1
    assert (pages, len(found), set(found)) == (3, 5, made)


def test_export_csv_is_the_first_sheet_as_shown(client: gspread.Client) -> None:
    book = client.create("Export")
    book.sheet1.update([["a1", 'b "2"'], ["x,y", "line\nbreak"]], "A1")
    assert book.export(gspread.utils.ExportFormat.CSV) == (b'a1,"b ""2"""\r\n"x,y","line\nbreak"')
    assert book.export(gspread.utils.ExportFormat.TSV) == b'a1\tb "2"\r\nx,y\tline break'


def test_copy_takes_cells_and_none_of_the_sharing(key_client: gspread.Client) -> None:
    book = key_client.create("Original")
    book.sheet1.update([["kept"]], "A1")
    book.share("bob@example.com", perm_type="user", role="writer", notify=False)
    copied = key_client.copy(book.id, copy_comments=False)
    assert copied.title == "Copy of Original"
    assert copied.sheet1.acell("A1").value == "kept"
    assert [line["role"] for line in copied.list_permissions()] == ["owner"]
    copied.sheet1.update([["changed"]], "A1")
    assert book.sheet1.acell("A1").value == "kept"


def test_private_book_is_a_permission_error(
    key_client: gspread.Client, person: Callable[[str], Any]
) -> None:
    private = person("ann@example.com").create("Private")
    with pytest.raises(PermissionError):
        key_client.open_by_key(private)
