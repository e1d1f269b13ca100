"""batchUpdate requests about sheets, names, protection, metadata and what lies over cells."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from crm_sync.sheet_server.api_error import ApiError
from tests.contract.sheet_server.book import Book, area, lines

PROTECTED = (
    "You are trying to edit a protected cell or object. Please contact the spreadsheet owner "
    "to remove protection if you need to edit."
)
OWNER, EDITOR, OTHER = "owner@example.com", "editor@example.com", "other@example.com"


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    made = Book(tmp_path / "sheets.sheets", rows=10, columns=6)
    yield made
    made.library.close()


def titles(book: Book) -> list[str]:
    return [sheet["properties"]["title"] for sheet in book.api.get(book.id, [], False)["sheets"]]


def set_sheet(fields: str, **properties: Any) -> dict[str, Any]:
    body = {"properties": {"sheetId": 0, **properties}, "fields": fields}
    return {"updateSheetProperties": body}


def test_sheets_are_added_moved_copied_and_deleted(book: Book) -> None:
    book.write("A1", [["x", "=A1"]])
    replies = book.batch(
        {"addSheet": {"properties": {"title": "last", "sheetId": 5}}},
        {"addSheet": {"properties": {"title": "first", "index": 0}}},
        {"duplicateSheet": {"newSheetId": 6, "newSheetName": "copy", "insertSheetIndex": 2}},
    )
    assert titles(book) == ["first", "Sheet1", "copy", "last"]
    assert replies[0]["addSheet"]["properties"] == {
        "sheetId": 5,
        "title": "last",
        "index": 1,
        "sheetType": "GRID",
        "gridProperties": {"rowCount": 1000, "columnCount": 26},
    }
    assert book.formulas("copy") == [["x", "=A1"]]
    book.batch(set_sheet("index", index=4), {"deleteSheet": {"sheetId": 5}})
    assert titles(book) == ["first", "copy", "Sheet1"]


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        (
            {"addSheet": {"properties": {"title": "sheet1"}}},
            'A sheet with the name "sheet1" already exists. Please enter another name.',
        ),
        ({"deleteSheet": {"sheetId": 0}}, "You can't remove all the sheets in a document."),
        ({"deleteSheet": {"sheetId": 5}}, "No sheet with id: 5"),
        (set_sheet("hidden", hidden=True), "You can't hide all the sheets in a document."),
        (set_sheet("title"), "Sheet name cannot be empty."),
        (
            set_sheet("gridProperties.frozenRowCount", gridProperties={"frozenRowCount": 10}),
            "You can't freeze all visible rows on the sheet.",
        ),
        (set_sheet("nope"), "Invalid field: nope"),
    ],
)
def test_what_cannot_be_done_to_a_sheet_is_refused(
    book: Book, request_: dict[str, Any], message: str
) -> None:
    kind = next(iter(request_))
    assert book.refused(request_) == f"Invalid requests[0].{kind}: {message}"


def test_a_renamed_sheet_takes_its_references_along(book: Book) -> None:
    book.batch({"addSheet": {"properties": {"title": "Totals"}}})
    book.write("A1", [[5]])
    book.write("Totals!A1", [["=Sheet1!A1"]])
    book.batch(set_sheet("title", title="My clients"))
    assert book.formulas("Totals!A1") == [["='My clients'!A1"]]
    assert book.read("Totals!A1") == [[5]]


def test_a_smaller_grid_loses_what_lay_beyond(book: Book) -> None:
    book.write("A1", [["a", "b", "c"], ["d"], ["e"]])
    book.batch(set_sheet("gridProperties", gridProperties={"rowCount": 2, "columnCount": 2}))
    assert book.read() == [["a", "b"], ["d"]]
    assert book.sheet()["properties"]["gridProperties"] == {"rowCount": 2, "columnCount": 2}


def test_spreadsheet_properties_are_set_under_their_mask(book: Book) -> None:
    properties = {"title": "New", "locale": "ru_RU", "timeZone": "Europe/Moscow"}
    request = {"properties": properties, "fields": "title,locale"}
    book.batch({"updateSpreadsheetProperties": request})
    shown = book.api.get(book.id, [], False)["properties"]
    assert (shown["title"], shown["locale"], shown["timeZone"]) == ("New", "ru_RU", "Etc/GMT")
    book.write("A1", [["1,5", "31.12.2026"]])
    assert book.read() == [[1.5, 46387]]


def test_a_name_stands_for_its_range_until_it_is_deleted(book: Book) -> None:
    book.write("A1", [[1], [2]])
    named = {"namedRangeId": "7", "name": "numbers", "range": area("0:2", "0:1")}
    book.batch({"addNamedRange": {"namedRange": named}})
    book.write("C1", [["=SUM(numbers)"]])
    assert book.read("C1") == [[3]]
    assert book.refused({"addNamedRange": {"namedRange": {**named, "namedRangeId": "8"}}}) == (
        'Invalid requests[0].addNamedRange: A named range with the name "numbers" already exists.'
    )
    book.batch({"deleteNamedRange": {"namedRangeId": "7"}})
    assert book.read("C1") == [["#NAME?"]]


def protect(book: Book, **members: Any) -> None:
    held = {"protectedRangeId": 3, "range": area("0:5", "0:1"), **members}
    api = book.acting_for(OWNER, OWNER)
    api.batch_update(book.id, {"requests": [{"addProtectedRange": {"protectedRange": held}}]})


def refusal(ask: Callable[[], Any]) -> str | None:
    """The message of a refusal, None if there was none."""
    try:
        ask()
    except ApiError as error:
        return error.message
    return None


def writes(book: Book, email: str, range_: str) -> bool:
    """Whether a person may change a cell; all ways to do it must agree."""
    body, params = {"values": [["x"]]}, {"valueInputOption": "RAW"}
    start = {"rowIndex": int(range_[1:]) - 1, "columnIndex": ord(range_[0]) - 65}
    cell = {"start": start, "rows": [{"values": [{"note": "x"}]}], "fields": "note"}
    api = book.acting_for(email, OWNER)
    refusals = [
        refusal(lambda: api.values_update(book.id, range_, params, body)),
        refusal(lambda: api.values_clear(book.id, range_)),
        refusal(lambda: api.batch_update(book.id, {"requests": [{"updateCells": cell}]})),
    ]
    if refusals == [None] * 3:
        return True
    assert refusals == [PROTECTED, PROTECTED, f"Invalid requests[0].updateCells: {PROTECTED}"]
    return False


def test_only_its_editors_write_into_a_protected_range(book: Book) -> None:
    protect(book, editors={"users": [EDITOR]})
    assert [writes(book, who, "A2") for who in (OWNER, EDITOR, OTHER)] == [True, True, False]
    assert writes(book, OTHER, "B2")


def test_a_warning_keeps_nobody_out_and_has_no_editors(book: Book) -> None:
    held = {"range": area("0:1"), "warningOnly": True, "editors": {"users": [EDITOR]}}
    assert book.refused({"addProtectedRange": {"protectedRange": held}}) == (
        "Invalid requests[0].addProtectedRange: "
        "ProtectedRange is warningOnly. Editors cannot be set on it."
    )
    protect(book, warningOnly=True)
    assert writes(book, OTHER, "A2")


def test_a_protected_sheet_may_leave_ranges_free(book: Book) -> None:
    protect(book, range={}, unprotectedRanges=[area("0:5", "1:2")])
    assert [writes(book, OTHER, cell) for cell in ("A1", "B2", "B6")] == [False, True, False]
    for request in (
        {"deleteDimension": {"range": lines("ROWS", 8, 9)}},
        {"insertDimension": {"range": lines("ROWS", 0, 1)}},
        set_sheet("hidden", hidden=True),
        {"deleteProtectedRange": {"protectedRangeId": 3}},
    ):
        with pytest.raises(ApiError, match="protected"):
            book.acting_for(OTHER, OWNER).batch_update(book.id, {"requests": [request]})


def test_who_may_not_edit_does_not_see_who_may(book: Book) -> None:
    protect(book, editors={"users": [EDITOR]}, description="ids")

    def seen(email: str) -> dict[str, Any]:
        shown = book.acting_for(email, OWNER).get(book.id, [], False)
        found: dict[str, Any] = shown["sheets"][0]["protectedRanges"][0]
        return found

    public = {"protectedRangeId": 3, "range": area("0:5", "0:1"), "description": "ids"}
    assert seen(OTHER) == public
    assert seen(EDITOR) == {
        **public,
        "requestingUserCanEdit": True,
        "editors": {"users": [OWNER, EDITOR]},
    }


def entry(key: str, location: dict[str, Any], **members: Any) -> dict[str, Any]:
    held = {"metadataKey": key, "visibility": "DOCUMENT", "location": location, **members}
    return {"createDeveloperMetadata": {"developerMetadata": held}}


def test_metadata_is_found_by_key_place_and_kind(book: Book) -> None:
    book.write("A3", [["third"]])
    row = {"dimensionRange": lines("ROWS", 2, 3)}
    column = {"dimensionRange": lines("COLUMNS", 1, 2)}
    replies = book.batch(
        entry("id", row, metadataId=1, metadataValue="c-1"),
        entry("id", column, metadataId=2),
        entry("id", {"sheetId": 0}, metadataId=3),
        entry("id", {"spreadsheet": True}, metadataId=4),
    )
    assert replies[0]["createDeveloperMetadata"]["developerMetadata"] == {
        "metadataId": 1,
        "metadataKey": "id",
        "metadataValue": "c-1",
        "location": {
            "locationType": "ROW",
            "dimensionRange": {"dimension": "ROWS", "startIndex": 2, "endIndex": 3},
        },
        "visibility": "DOCUMENT",
    }

    def found(**lookup: Any) -> list[int]:
        body = {"dataFilters": [{"developerMetadataLookup": lookup}]}
        answer = book.api.metadata_search(book.id, body)
        entries = answer.get("matchedDeveloperMetadata", [])
        return [held["developerMetadata"]["metadataId"] for held in entries]

    assert found(metadataKey="id") == [1, 2, 3, 4]
    assert found(metadataKey="id", metadataValue="c-1") == [1]
    assert found(locationType="COLUMN") == [2]
    assert found(metadataLocation=row) == [1, 2, 3]
    assert found(metadataLocation=row, locationMatchingStrategy="EXACT_LOCATION") == [1]
    by_row = {"dataFilters": [{"developerMetadataLookup": {"metadataId": 1}}]}
    answer = book.api.values_batch_get_by_data_filter(book.id, by_row)
    assert answer["valueRanges"][0]["valueRange"] == {
        "range": "Sheet1!A3:F3",
        "majorDimension": "ROWS",
        "values": [["third"]],
    }
    (deleted,) = book.batch({"deleteDeveloperMetadata": {"dataFilter": by_row["dataFilters"][0]}})
    gone = deleted["deleteDeveloperMetadata"]["deletedDeveloperMetadata"]
    assert [held["metadataId"] for held in gone] == [1]
    assert found(metadataKey="id") == [2, 3, 4]
    assert book.refused(entry("id", {"sheetId": 0}, metadataId=3)) == (
        "Invalid requests[0].createDeveloperMetadata: Developer metadata with id 3 already exists."
    )


def test_writing_by_data_filter_goes_where_the_filter_leads(book: Book) -> None:
    book.batch(entry("row", {"dimensionRange": lines("ROWS", 4, 5)}, metadataId=1))
    data = [
        {
            "dataFilter": {"developerMetadataLookup": {"metadataKey": "row"}},
            "values": [["a", "b"]],
        },
        {"dataFilter": {"a1Range": "C1"}, "values": [[1]]},
    ]
    body = {"valueInputOption": "RAW", "data": data}
    answer, _ = book.api.values_batch_update_by_data_filter(book.id, body)
    assert [done["updatedRange"] for done in answer["responses"]] == ["Sheet1!A5:B5", "Sheet1!C1"]
    assert answer["responses"][1]["dataFilter"] == {"a1Range": "C1"}
    assert book.read() == [["", "", 1], [], [], [], ["a", "b"]]


def test_rules_are_listed_replaced_moved_and_deleted_by_index(book: Book) -> None:
    def rule(value: str) -> dict[str, Any]:
        condition = {"type": "TEXT_EQ", "values": [{"userEnteredValue": value}]}
        return {"ranges": [area("0:5", "0:1")], "booleanRule": {"condition": condition}}

    def order() -> list[str]:
        rules = book.sheet().get("conditionalFormats", [])
        return [held["booleanRule"]["condition"]["values"][0]["userEnteredValue"] for held in rules]

    book.batch(
        {"addConditionalFormatRule": {"rule": rule("a"), "index": 0}},
        {"addConditionalFormatRule": {"rule": rule("b"), "index": 1}},
        {"addConditionalFormatRule": {"rule": rule("c"), "index": 0}},
    )
    assert order() == ["c", "a", "b"]
    moved, replaced, deleted = book.batch(
        {"updateConditionalFormatRule": {"index": 0, "newIndex": 2}},
        {"updateConditionalFormatRule": {"index": 1, "rule": rule("x")}},
        {"deleteConditionalFormatRule": {"index": 0}},
    )
    assert moved["updateConditionalFormatRule"] == {"newRule": rule("c"), "newIndex": 2}
    assert replaced["updateConditionalFormatRule"]["oldRule"] == rule("b")
    assert deleted == {"deleteConditionalFormatRule": {"rule": rule("a")}}
    assert order() == ["x", "c"]


def test_charts_slicers_bands_views_and_tables_are_kept(book: Book) -> None:
    span = area("0:5", "0:3")
    book.write("A1", [["Name", "Sum", "Day"]])
    spec = {"title": "Sums", "basicChart": {"chartType": "BAR"}}
    replies = book.batch(
        {"addChart": {"chart": {"chartId": 1, "spec": spec}}},
        {"addSlicer": {"slicer": {"slicerId": 2, "spec": {"dataRange": span}}}},
        {"addBanding": {"bandedRange": {"bandedRangeId": 3, "range": span,
                                        "rowProperties": {"headerColor": {"red": 1}}}}},
        {"addFilterView": {"filter": {"filterViewId": 4, "range": span}}},
        {"addTable": {"table": {"tableId": "5", "name": "T", "range": area("0:5", "0:3")}}},
    )  # fmt: skip
    assert replies[0]["addChart"]["chart"]["position"]["overlayPosition"]["widthPixels"] == 600
    assert replies[3]["addFilterView"]["filter"]["title"] == "Filter 1"
    columns = replies[4]["addTable"]["table"]["columnProperties"]
    assert [column["columnName"] for column in columns] == ["Name", "Sum", "Day"]
    parts = {"charts", "slicers", "bandedRanges", "filterViews", "tables"}
    assert parts <= set(book.sheet())
    assert parts <= set(book.reopened().sheet())
    book.batch(
        {"deleteEmbeddedObject": {"objectId": 1}},
        {"deleteEmbeddedObject": {"objectId": 2}},
        {"deleteBanding": {"bandedRangeId": 3}},
        {"deleteFilterView": {"filterId": 4}},
        {"deleteTable": {"tableId": "5"}},
    )
    assert set(book.sheet()) == {"properties"}
    assert book.read() == []


def test_a_sheet_is_copied_into_another_spreadsheet(book: Book) -> None:
    book.write("A1", [["x", "=A1"]])
    target, _ = book.api.create({"properties": {"title": "Target"}})
    copied, _ = book.api.copy_to(book.id, 0, {"destinationSpreadsheetId": target["spreadsheetId"]})
    assert (copied["title"], copied["index"]) == ("Copy of Sheet1", 1)
    values = book.api.values_get(target["spreadsheetId"], "Copy of Sheet1", {})["values"]
    assert values == [["x", "x"]]


def test_a_spreadsheet_is_made_as_it_is_described(book: Book) -> None:
    cell = {"userEnteredValue": {"numberValue": 5}, "note": "n"}
    sheet = {
        "properties": {"sheetId": 3, "title": "Data", "gridProperties": {"rowCount": 5}},
        "data": [{"startRow": 1, "rowData": [{"values": [cell]}]}],
        "merges": [area("3:5", "0:1")],
    }
    named = {"name": "five", "range": area("1:2", "0:1", sheet_id=3)}
    body = {"properties": {"title": "T", "locale": "de_DE"}, "sheets": [sheet]}
    made, _ = book.api.create({**body, "namedRanges": [{"namedRangeId": "1", **named}]})
    shown = book.api.get(made["spreadsheetId"], ["five"], True, frozenset({"note"}))
    assert shown["properties"]["locale"] == "de_DE"
    assert shown["sheets"][0]["data"][0]["rowData"] == [{"values": [{"note": "n"}]}]
    assert shown["sheets"][0]["merges"] == [area("3:5", "0:1", sheet_id=3)]
    assert shown["namedRanges"] == [{"namedRangeId": "1", **named}]


def test_a_basic_filter_hides_the_rows_that_its_criteria_leave_out(book: Book) -> None:
    book.write("A1", [["Name", "Sum"], ["ann", 5], ["bob", 50], ["", 7], ["Cy", "31.12.2026"]])

    def hidden(criteria: dict[str, Any]) -> list[int]:
        filter_ = {"range": area("0:5", "0:2"), "criteria": criteria}
        book.batch({"setBasicFilter": {"filter": filter_}})
        data = book.api.get(book.id, [], True)["sheets"][0]["data"][0]
        return [index for index, row in enumerate(data["rowMetadata"]) if row.get("hiddenByFilter")]

    def when(kind: str, *values: str) -> dict[str, Any]:
        given = [{"userEnteredValue": value} for value in values]
        return {"condition": {"type": kind, "values": given}}

    assert hidden({"0": {"hiddenValues": ["bob", ""]}}) == [2, 3]
    assert hidden({"1": when("NUMBER_GREATER", "6")}) == [1, 4]
    assert hidden({"0": when("TEXT_CONTAINS", "B"), "1": when("NUMBER_BETWEEN", "1", "60")}) == [
        1,
        3,
        4,
    ]
    assert hidden({"0": {"condition": {"type": "NOT_BLANK"}}}) == [3]
    assert book.sheet()["basicFilter"]["filterSpecs"] == [
        {"filterCriteria": {"condition": {"type": "NOT_BLANK"}}}
    ]
    book.batch({"clearBasicFilter": {}})
    assert "basicFilter" not in book.sheet()


def test_a_conditional_format_shows_in_the_format_of_cells_that_meet_it(book: Book) -> None:
    book.write("A1", [["late"], ["done"]])
    condition = {"type": "TEXT_EQ", "values": [{"userEnteredValue": "LATE"}]}
    look = {"backgroundColor": {"red": 1}}
    rule = {"ranges": [area("", "0:1")], "booleanRule": {"condition": condition, "format": look}}
    book.batch({"addConditionalFormatRule": {"rule": rule}})
    shown = [row[0]["effectiveFormat"] for row in book.cells("A1:A2", "effectiveFormat")]
    white = {"red": 1, "green": 1, "blue": 1}
    assert [format_["backgroundColor"] for format_ in shown] == [{"red": 1}, white]
    assert book.cells("A1", "userEnteredFormat") == []


def test_merges_and_rules_are_copied_with_their_cells(book: Book) -> None:
    rule = {
        "ranges": [area("0:2", "0:2")],
        "booleanRule": {"condition": {"type": "NOT_BLANK"}, "format": {}},
    }
    pair = {"source": area("0:1", "0:2"), "destination": area("4:6", "0:2")}
    book.batch(
        {"mergeCells": {"range": area("0:1", "0:2")}},
        {"addConditionalFormatRule": {"rule": rule}},
        {"copyPaste": {**pair, "pasteType": "PASTE_NORMAL"}},
        {"copyPaste": {**pair, "pasteType": "PASTE_CONDITIONAL_FORMATTING"}},
    )
    assert book.sheet()["merges"] == [area("0:1", "0:2"), area("4:5", "0:2"), area("5:6", "0:2")]
    assert book.sheet()["conditionalFormats"][0]["ranges"] == [
        area("0:2", "0:2"),
        area("4:5", "0:2"),
        area("5:6", "0:2"),
    ]


def test_the_parts_of_a_copied_sheet_lie_on_the_copy(book: Book) -> None:
    blank = {"condition": {"type": "NOT_BLANK"}}
    book.batch(
        {"addProtectedRange": {"protectedRange": {"protectedRangeId": 1, "range": {}}}},
        {"addChart": {"chart": {"chartId": 2, "spec": {"title": "T"}}}},
        {"setBasicFilter": {"filter": {"range": area("0:5", "0:3"), "criteria": {"2": blank}}}},
        entry("k", {"dimensionRange": lines("ROWS", 2, 3)}, metadataId=3),
        {"duplicateSheet": {"newSheetId": 9, "newSheetName": "copy", "insertSheetIndex": 1}},
    )
    copy = book.sheet(1)
    assert copy["protectedRanges"][0]["range"] == {"sheetId": 9}
    assert copy["protectedRanges"][0]["protectedRangeId"] != 1
    anchor = copy["charts"][0]["position"]["overlayPosition"]["anchorCell"]
    assert anchor == {"sheetId": 9}
    assert copy["basicFilter"] == {
        "range": area("0:5", "0:3", sheet_id=9),
        "criteria": {"2": blank},
        "filterSpecs": [{"columnIndex": 2, "filterCriteria": blank}],
    }
    found = book.api.metadata_search(
        book.id, {"dataFilters": [{"developerMetadataLookup": {"metadataKey": "k"}}]}
    )
    places = [
        held["developerMetadata"]["location"]["dimensionRange"]
        for held in found["matchedDeveloperMetadata"]
    ]
    own = {"dimension": "ROWS", "startIndex": 2, "endIndex": 3}
    assert sorted(places, key=len) == [own, {"sheetId": 9, **own}]
    book.batch({"insertDimension": {"range": lines("ROWS", 0, 2, sheet_id=9)}})
    moved = book.sheet(1)["charts"][0]["position"]["overlayPosition"]["anchorCell"]
    assert moved == {"sheetId": 9, "rowIndex": 2}
