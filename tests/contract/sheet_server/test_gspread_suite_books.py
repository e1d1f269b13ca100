"""What gspread's own suite does with books and tabs, done live: every method but those of cells."""

import time
import uuid
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import gspread
import pytest
from gspread import Spreadsheet, Worksheet
from gspread.exceptions import APIError, SpreadsheetNotFound, WorksheetNotFound
from gspread.utils import ExportFormat, MergeType, ValidationConditionType

from tests.contract.sheet_server.local_client import gspread_by_token


@pytest.fixture(scope="module")
def client(server: Any) -> Iterator[gspread.Client]:
    made = gspread_by_token(server.url, server.token)
    with closing(made.http_client.session):
        yield made


@pytest.fixture
def book(client: gspread.Client) -> Spreadsheet:
    return client.create(f"Suite {uuid.uuid4()}")


@pytest.fixture
def sheet(book: Spreadsheet) -> Worksheet:
    return book.sheet1


def shown(sheet: Worksheet) -> dict[str, Any]:
    """The sheet as spreadsheets.get shows it now."""
    sheets = sheet.spreadsheet.fetch_sheet_metadata()["sheets"]
    return next(one for one in sheets if one["properties"]["sheetId"] == sheet.id)


def replies(answer: dict[str, Any]) -> Any:
    """The replies of a batchUpdate."""
    return answer["replies"]


def test_books_are_opened_by_title_key_and_address(
    client: gspread.Client, book: Spreadsheet
) -> None:
    assert client.open(book.title).id == client.open_by_url(book.url).id == book.id
    assert [one.id for one in client.openall(book.title)] == [book.id]
    assert len(client.openall()) > 0
    again = client.open_by_key(book.id)
    assert (again.locale, again.timezone) == ("en_US", "Etc/GMT")
    listed = next(one for one in client.list_spreadsheet_files() if one["id"] == book.id)
    assert set(listed) == {"id", "name", "createdTime", "modifiedTime"}
    with pytest.raises(SpreadsheetNotFound):
        client.open("Please don't use this phrase as a name of a sheet.")
    with pytest.raises(SpreadsheetNotFound):
        client.open_by_key("test")


def test_a_renamed_book_shows_so_everywhere(book: Spreadsheet) -> None:
    before = book.get_lastUpdateTime()
    time.sleep(0.002)
    book.update_title("🎊 Updated Title #123 🎉")
    assert book.title == book.fetch_sheet_metadata()["properties"]["title"]
    assert book.title == "🎊 Updated Title #123 🎉"
    assert book.get_lastUpdateTime() > before
    assert book.creationTime <= before
    book.update_timezone("Europe/Paris")
    book.update_locale("fr_FR")
    held = book.fetch_sheet_metadata()["properties"]
    assert (held["timeZone"], held["locale"]) == ("Europe/Paris", "fr_FR")


def test_a_copy_has_the_same_tabs(client: gspread.Client, book: Spreadsheet) -> None:
    book.add_worksheet("Second", 4, 4)
    copied = client.copy(book.id)
    assert copied.fetch_sheet_metadata()["sheets"] == book.fetch_sheet_metadata()["sheets"]


def test_imported_csv_is_the_only_tab(client: gspread.Client, book: Spreadsheet) -> None:
    rows = [["one", "two"], ["three", "four"]]
    client.import_csv(book.id, "\n".join(",".join(row) for row in rows))
    again = client.open_by_key(book.id)
    assert again.sheet1.get_all_values() == rows
    assert [one.title for one in again.worksheets()] == [book.title]


def test_exports_hold_what_is_shown(client: gspread.Client, book: Spreadsheet) -> None:
    book.sheet1.update([["a1", "B2"]], "A1:B2")
    assert bytes(client.export(book.id, ExportFormat.CSV)) == b"a1,B2"
    assert bytes(book.export(ExportFormat.EXCEL))[:2] == b"PK"


def test_a_request_is_answered_within_a_second(client: gspread.Client, book: Spreadsheet) -> None:
    client.set_timeout(1)
    try:
        assert book.fetch_sheet_metadata()["spreadsheetId"] == book.id
    finally:
        client.set_timeout(None)


def test_tabs_are_found_by_index_id_title_and_in_order(book: Spreadsheet) -> None:
    made = book.add_worksheet("🌵 1", 10, 10)
    assert [book.get_worksheet(0).id, book.get_worksheet_by_id(made.id).title] == [0, "🌵 1"]
    assert book.worksheet("🌵 1").id == made.id
    assert [one.id for one in book] == [one.id for one in book.worksheets()] == [0, made.id]
    book.values_update("🌵 1!A1", {"valueInputOption": "RAW"}, {"values": [["🍇", "🍉"], ["🍐"]]})
    assert book.values_get("🌵 1")["values"] == [["🍇", "🍉"], ["🍐"]]
    got = book.values_batch_get(["🌵 1!A:A", "🌵 1!B:B"])["valueRanges"]
    assert [(one["range"], one["values"]) for one in got] == [
        ("'🌵 1'!A1:A10", [["🍇"], ["🍐"]]),
        ("'🌵 1'!B1:B10", [["🍉"]]),
    ]
    made.hide()
    assert [one.id for one in book.worksheets(exclude_hidden=True)] == [0]
    book.del_worksheet(made)
    with pytest.raises(WorksheetNotFound):
        book.worksheet("🌵 1")


def test_tabs_are_reordered_duplicated_and_copied(
    client: gspread.Client, book: Spreadsheet
) -> None:
    second = book.add_worksheet("test_sheet", 100, 100)
    third = book.add_worksheet("test_sheet 2", 100, 100)
    third.update_index(0)
    assert [one.id for one in book.worksheets()] == [third.id, 0, second.id]
    book.reorder_worksheets([second, third, book.sheet1])
    assert [one.index for one in book.worksheets()] == [0, 1, 2]
    assert book.worksheets()[0].id == second.id
    second.update([["x"]], "A1")
    doubled = second.duplicate(insert_sheet_index=1, new_sheet_id=123, new_sheet_name="Doubled")
    assert (doubled.id, doubled.index, doubled.acell("A1").value) == (123, 1, "x")
    other = client.create("Target")
    copied = second.copy_to(other.id)
    assert (copied["title"], copied["index"]) == ("Copy of test_sheet", 1)
    assert other.worksheet("Copy of test_sheet").acell("A1").value == "x"
    book.del_worksheet_by_id(123)
    assert len(book.worksheets()) == 3


def test_a_tab_is_renamed_resized_and_frozen(sheet: Worksheet) -> None:
    sheet.update_title("I'm a new title")
    sheet.add_rows(10)
    sheet.add_cols(10)
    held = shown(sheet)["properties"]
    assert (held["title"], sheet.title) == ("I'm a new title", "I'm a new title")
    assert held["gridProperties"] == {"rowCount": 1010, "columnCount": 36}
    sheet.resize(1000, 26)
    sheet.freeze(rows=2)
    sheet.freeze(cols=1)
    grid = {"rowCount": 1000, "columnCount": 26}
    assert shown(sheet)["properties"]["gridProperties"] == {
        **grid,
        "frozenRowCount": 2,
        "frozenColumnCount": 1,
    }
    sheet.freeze(0, 0)
    assert shown(sheet)["properties"]["gridProperties"] == grid


def test_a_tab_colour_is_rounded_set_and_cleared(sheet: Worksheet) -> None:
    sheet.update_tab_color("#FF0080")
    params = {"fields": "sheets.properties.tabColorStyle"}
    held = sheet.spreadsheet.fetch_sheet_metadata(params)["sheets"][0]["properties"]
    assert held == {"tabColorStyle": {"rgbColor": {"red": 1, "blue": 0.5019608}}}
    assert sheet.get_tab_color() == "#FF0080"
    sheet.clear_tab_color()
    assert sheet.spreadsheet.fetch_sheet_metadata(params) == {"sheets": [{"properties": {}}]}
    assert sheet.tab_color is None


def test_the_only_tab_cannot_be_hidden(sheet: Worksheet) -> None:
    with pytest.raises(APIError, match="You can't hide all the sheets"):
        sheet.hide()
    other = sheet.spreadsheet.add_worksheet("you cannot see me", 2, 2)
    other.hide()
    assert (shown(other)["properties"]["hidden"], other.isSheetHidden) == (True, True)
    other.show()
    assert "hidden" not in shown(other)["properties"]


def test_gridlines_rows_and_columns_are_hidden_and_shown(sheet: Worksheet) -> None:
    sheet.hide_gridlines()
    assert shown(sheet)["properties"]["gridProperties"]["hideGridlines"] is True
    sheet.show_gridlines()
    assert "hideGridlines" not in shown(sheet)["properties"]["gridProperties"]
    for change in (sheet.hide_columns, sheet.unhide_columns, sheet.hide_rows, sheet.unhide_rows):
        assert replies(change(0, 2)) == [{}]
    sheet.hide_rows(1, 2)
    params = {"fields": "sheets.data.rowMetadata.hiddenByUser"}
    data = sheet.spreadsheet.fetch_sheet_metadata(params)["sheets"][0]["data"][0]
    assert data["rowMetadata"][:3] == [{}, {"hiddenByUser": True}, {}]


def test_columns_are_resized_to_their_texts(sheet: Worksheet) -> None:
    sheet.update_acell("A1", "A" * 1024)
    params = {"fields": "sheets.data.columnMetadata"}

    def widths() -> list[int]:
        data = sheet.spreadsheet.fetch_sheet_metadata(params)["sheets"][0]["data"][0]
        return [one["pixelSize"] for one in data["columnMetadata"]]

    assert widths() == [100] * 26
    sheet.columns_auto_resize(0, 1)
    assert widths()[0] > 1000
    assert replies(sheet.rows_auto_resize(0, 1)) == [{}]


def test_rows_and_columns_are_grouped_and_listed(sheet: Worksheet) -> None:
    for dimension in ("columns", "rows"):
        add = getattr(sheet, f"add_dimension_group_{dimension}")
        group = {"range": {"dimension": dimension.upper(), "startIndex": 0, "endIndex": 2}}
        made = replies(add(0, 2))[0]["addDimensionGroup"]["dimensionGroups"]
        assert made == [{**group, "depth": 1}]
        listed = getattr(sheet, f"list_dimension_group_{dimension}")
        assert listed() == [{**group, "depth": 1}]
        getattr(sheet, f"delete_dimension_group_{dimension}")(0, 2)
        assert listed() == []


def test_a_basic_filter_is_set_moved_and_cleared(sheet: Worksheet) -> None:
    sheet.resize(20, 20)
    sheet.set_basic_filter()
    bounds = {"startRowIndex": 0, "startColumnIndex": 0, "endRowIndex": 20, "endColumnIndex": 20}
    assert shown(sheet)["basicFilter"] == {"range": bounds}
    for name in (("B1:C2",), (1, 2, 2, 3)):
        sheet.set_basic_filter(*name)
        assert shown(sheet)["basicFilter"] == {
            "range": {
                "startRowIndex": 0,
                "endRowIndex": 2,
                "startColumnIndex": 1,
                "endColumnIndex": 3,
            }
        }
    sheet.clear_basic_filter()
    assert "basicFilter" not in shown(sheet)


def test_merges_are_listed_row_by_row_or_whole(sheet: Worksheet) -> None:
    sheet.update([[42, 43], [43, 44]], "A1:B2")
    sheet.merge_cells(1, 1, 2, 2, merge_type=MergeType.merge_rows)
    assert len(shown(sheet)["merges"]) == 2
    sheet.merge_cells(1, 1, 2, 2)
    assert shown(sheet)["merges"] == [
        {"startRowIndex": 0, "endRowIndex": 2, "startColumnIndex": 0, "endColumnIndex": 2}
    ]


def test_a_named_range_is_defined_changed_and_deleted(sheet: Worksheet) -> None:
    made = replies(sheet.define_named_range("A1:B2", "Totals"))[0]["addNamedRange"]["namedRange"]
    bounds = {"startRowIndex": 0, "endRowIndex": 2, "startColumnIndex": 0, "endColumnIndex": 2}
    assert (made["name"], made["range"]) == ("Totals", bounds)
    assert sheet.spreadsheet.list_named_ranges() == [made]
    sheet.update([["x"]], "A1")
    assert [cell.value for cell in sheet.spreadsheet.named_range("Totals")] == ["x", "", "", ""]
    renamed = {"namedRangeId": made["namedRangeId"], "name": "Sums"}
    body = {"requests": [{"updateNamedRange": {"namedRange": renamed, "fields": "name"}}]}
    assert replies(sheet.spreadsheet.batch_update(body)) == [{}]
    assert sheet.spreadsheet.list_named_ranges() == [{**made, "name": "Sums"}]
    sheet.delete_named_range(made["namedRangeId"])
    assert sheet.spreadsheet.fetch_sheet_metadata({"fields": "namedRanges"}) == {}


def test_notes_are_written_read_and_cleared(sheet: Worksheet) -> None:
    assert (sheet.get_note("A1"), sheet.get_notes()) == ("", [[]])
    sheet.insert_note("A1", "slim shady")
    sheet.update_note("A1", "the real slim shady")
    assert sheet.get_note("A1") == "the real slim shady"
    sheet.insert_notes({"A1": "one", "B2": "two", "A3": "three", "C3": "four"})
    assert sheet.get_notes() == [["one"], ["", "two"], ["three", "", "four"]]
    assert sheet.get_notes(grid_range="A2:C3") == [["", "two"], ["three", "", "four"]]
    sheet.clear_notes(["A1", "B2:C3"])
    assert sheet.get_notes() == [[], [], ["three"]]
    sheet.clear_note("A3")
    assert sheet.get_notes() == [[]]
    second = sheet.spreadsheet.add_worksheet("Second", 3, 3)
    second.update_notes({"A1": "there"})
    assert (second.get_notes(), sheet.get_notes()) == ([["there"]], [[]])
    with pytest.raises(TypeError):
        sheet.insert_note("A1", 42)  # type: ignore[arg-type]


def test_formats_are_kept_as_they_were_given(sheet: Worksheet) -> None:
    given = {
        "backgroundColor": {"green": 1, "blue": 1},
        "horizontalAlignment": "CENTER",
        "textFormat": {"foregroundColor": {"red": 1, "green": 1}, "fontSize": 12, "bold": True},
    }
    sheet.format("A2:B2", given)
    params = {"ranges": "Sheet1!B2", "fields": "sheets.data.rowData.values.userEnteredFormat"}
    data = sheet.spreadsheet.fetch_sheet_metadata(params)
    (held,) = data["sheets"][0]["data"][0]["rowData"][0]["values"]
    assert held["userEnteredFormat"] == {
        **given,
        "backgroundColorStyle": {"rgbColor": given["backgroundColor"]},
        "textFormat": {
            **given["textFormat"],  # type: ignore[dict-item]
            "foregroundColorStyle": {"rgbColor": {"red": 1, "green": 1}},
        },
    }
    assert replies(sheet.batch_format([{"range": "A1:C1", "format": given}])) == [{}]


def test_protected_ranges_are_added_listed_and_deleted(sheet: Worksheet) -> None:
    answer = replies(sheet.add_protected_range("A1:B2", ["ann@example.com"], description="ours"))
    made = answer[0]["addProtectedRange"]["protectedRange"]
    assert (made["description"], made["requestingUserCanEdit"]) == ("ours", True)
    assert "ann@example.com" in made["editors"]["users"]
    (listed,) = sheet.spreadsheet.list_protected_ranges(sheet.id)
    assert listed["protectedRangeId"] == made["protectedRangeId"]
    assert "ann@example.com" in listed["editors"]["users"]
    warned = replies(sheet.add_protected_range("C1:C2", warning_only=True))
    assert warned[0]["addProtectedRange"]["protectedRange"]["warningOnly"] is True
    sheet.delete_protected_range(made["protectedRangeId"])
    assert len(sheet.spreadsheet.list_protected_ranges(sheet.id)) == 1


def test_validation_rules_are_kept_and_bind_no_program(sheet: Worksheet) -> None:
    sheet.add_validation("A1", ValidationConditionType.number_greater, ["10"], "Over ten", True)
    sheet.add_validation(
        "C2:C3", ValidationConditionType.one_of_list, ["Yes", "No"], "", True, True
    )
    params = {"ranges": "A1:C2", "fields": "sheets.data.rowData.values.dataValidation"}
    rows = sheet.spreadsheet.fetch_sheet_metadata(params)["sheets"][0]["data"][0]["rowData"]
    assert rows[0]["values"] == [
        {
            "dataValidation": {
                "condition": {"type": "NUMBER_GREATER", "values": [{"userEnteredValue": "10"}]},
                "inputMessage": "Over ten",
                "strict": True,
            }
        }
    ]
    assert rows[1]["values"][2]["dataValidation"]["showCustomUi"] is True
    sheet.update([[5]], "A1")
    assert sheet.acell("A1").value == "5"


def test_ownership_is_offered_and_taken(
    client: gspread.Client, book: Spreadsheet, server: Any
) -> None:
    made = book.share("ann@example.com", perm_type="user", role="writer", notify=False).json()
    assert book.transfer_ownership(made["id"]).json()["role"] == "writer"
    held = next(one for one in book.list_permissions() if one["id"] == made["id"])
    assert held["pendingOwner"] is True
    ann = gspread_by_token(server.url, server.token_for("ann@example.com"))
    with closing(ann.http_client.session):
        theirs = ann.open_by_key(book.id)
        assert theirs.accept_ownership(made["id"]).json()["role"] == "owner"
        roles = {one["emailAddress"]: one["role"] for one in theirs.list_permissions()}
        assert roles.pop("ann@example.com") == "owner"
        assert set(roles.values()) == {"writer"}


def test_sharing_is_given_and_taken(book: Spreadsheet) -> None:
    made = book.share("bob@example.com", perm_type="user", role="reader", notify=False).json()
    assert book.remove_permissions("bob@example.com", "reader") == [made["id"]]
    assert [one["role"] for one in book.list_permissions()] == ["owner"]
