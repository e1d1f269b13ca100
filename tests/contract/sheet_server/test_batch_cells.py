"""batchUpdate requests that write, copy and dress cells."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.contract.sheet_server.book import Book, area

RED = {"red": 1}
NO_FIELDS = (
    "updateCells: At least one field must be listed in 'fields'. (Use '*' to indicate all fields.)"
)
BOLD = {"userEnteredFormat": {"textFormat": {"bold": True}}}


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    made = Book(tmp_path / "cells.sheets", rows=10, columns=6)
    yield made
    made.library.close()


def text(value: str) -> dict[str, Any]:
    return {"userEnteredValue": {"stringValue": value}}


def update(range_: dict[str, Any], fields: str, *rows: list[dict[str, Any]]) -> dict[str, Any]:
    body = {"range": range_, "fields": fields, "rows": [{"values": row} for row in rows]}
    return {"updateCells": body}


def copy(source: dict[str, Any], to: dict[str, Any], kind: str = "PASTE_NORMAL") -> dict[str, Any]:
    return {"copyPaste": {"source": source, "destination": to, "pasteType": kind}}


def test_cells_of_the_range_that_the_rows_leave_out_lose_the_masked_fields(book: Book) -> None:
    book.write("A1", [["a", "b", "c"], ["d", "e", "f"], ["g"]])
    book.batch(update(area("0:2", "0:2"), "note", [{"note": "n"}]))
    book.batch(update(area("0:2", "0:2"), "userEnteredValue", [text("x")]))
    assert book.read() == [["x", "", "c"], ["", "", "f"], ["g"]]
    assert book.cells("A1", "note") == [[{"note": "n"}]]


def test_from_a_start_short_rows_stay_short(book: Book) -> None:
    book.write("A1", [["a", "b", "c"], ["d", "e", "f"]])
    start = {"rowIndex": 0, "columnIndex": 1}
    rows = [{"values": [text("x"), text("y")]}, {"values": [text("z")]}]
    book.batch({"updateCells": {"start": start, "rows": rows, "fields": "userEnteredValue"}})
    assert book.read() == [["a", "x", "y"], ["d", "z", "f"]]


def test_each_kind_of_value_is_stored_as_it_is(book: Book) -> None:
    values: list[dict[str, Any]] = [
        {"userEnteredValue": {"numberValue": 43831.0}},
        {"userEnteredValue": {"boolValue": False}},
        {"userEnteredValue": {"stringValue": "=1+1"}},
        {"userEnteredValue": {"formulaValue": "=1+1"}},
        {"userEnteredValue": {"stringValue": ""}},
    ]
    book.batch(update(area("0:1", "0:5"), "userEnteredValue", values))
    assert book.cells("A1:E1", "userEnteredValue") == [values[:4]]
    assert book.read() == [[43831, False, "=1+1", 2]]


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        (
            update(area("0:1", "0:1"), "note", [{}], [{}]),
            "updateCells: Attempting to write row: 1, beyond the last requested row of: 0",
        ),
        (
            update(area("0:1", "0:1"), "note", [{}, {}]),
            "updateCells: Attempting to write column: 1, beyond the last requested column of: 0",
        ),
        (
            {"updateCells": {"start": {"rowIndex": 10}, "rows": [{}], "fields": "note"}},
            "updateCells: GridCoordinate.rowIndex[10] is after last row in grid[9]",
        ),
        (
            update(area("0:1", "0:1"), "", [{}]),
            NO_FIELDS,
        ),
        (
            update(area("0:1", "0:1", sheet_id=9), "note", [{}]),
            "updateCells: No grid with id: 9",
        ),
        (
            {"repeatCell": {"range": area("10:11"), "cell": {}, "fields": "note"}},
            "repeatCell: GridRange.startRowIndex[10] is after last row in grid[9]",
        ),
    ],
)
def test_a_write_that_does_not_fit_is_refused_with_its_place(
    book: Book, request_: dict[str, Any], message: str
) -> None:
    good = update(area("0:1", "0:1"), "userEnteredValue", [text("x")])
    assert book.refused(good, request_) == f"Invalid requests[1].{message}"
    assert book.read() == []


def test_a_format_is_merged_under_its_mask_and_reset_where_it_is_missing(book: Book) -> None:
    def repeat(cell: dict[str, Any], fields: str) -> None:
        book.batch({"repeatCell": {"range": area("0:1", "0:1"), "cell": cell, "fields": fields}})

    def shown() -> Any:
        return book.cells("A1", "userEnteredFormat")

    repeat(BOLD, "userEnteredFormat.textFormat.bold")
    repeat({"userEnteredFormat": {"backgroundColor": RED}}, "userEnteredFormat(backgroundColor)")
    assert shown() == [
        [
            {
                "userEnteredFormat": {
                    "textFormat": {"bold": True},
                    "backgroundColor": RED,
                    "backgroundColorStyle": {"rgbColor": RED},
                }
            }
        ]
    ]
    repeat({}, "userEnteredFormat/backgroundColor")
    assert shown() == [[BOLD]]
    repeat({}, "userEnteredFormat")
    assert shown() == []


def test_the_format_shown_has_the_default_beneath_the_own(book: Book) -> None:
    book.write("A1", [["x"]])
    book.batch({"repeatCell": {"range": area("0:1", "0:1"), "cell": BOLD, "fields": "*"}})
    book.write("A1", [["x"]])
    shown = book.cells("A1", "effectiveFormat")[0][0]["effectiveFormat"]
    assert shown["textFormat"]["bold"] is True
    assert shown["textFormat"]["fontSize"] == 10
    assert shown["verticalAlignment"] == "BOTTOM"


def test_a_repeated_formula_shifts_with_its_place(book: Book) -> None:
    cell = {"userEnteredValue": {"formulaValue": "=A1*$B$1"}}
    request = {"range": area("0:2", "2:4"), "cell": cell, "fields": "userEnteredValue"}
    book.batch({"repeatCell": request})
    assert book.formulas("C1:D2") == [["=A1*$B$1", "=B1*$B$1"], ["=A2*$B$1", "=B2*$B$1"]]


def test_a_copy_repeats_the_source_over_a_larger_destination(book: Book) -> None:
    book.write("A1", [["a", "b"]])
    book.batch(copy(area("0:1", "0:2"), area("2:4", "0:5")))
    assert book.read()[2:] == [["a", "b", "a", "b", "a"]] * 2


def test_a_copy_fills_more_than_a_smaller_destination(book: Book) -> None:
    book.write("A1", [["a", "b"], ["c", "d"]])
    book.batch(copy(area("0:2", "0:2"), area("4:5", "3:4")))
    assert book.read("D5:E6") == [["a", "b"], ["c", "d"]]


def test_a_copy_may_overlap_its_source(book: Book) -> None:
    book.write("A1", [["a"], ["b"], ["c"]])
    book.batch(copy(area("0:3", "0:1"), area("1:4", "0:1")))
    assert book.read() == [["a"], ["a"], ["b"], ["c"]]


def test_a_copy_can_turn_rows_into_columns(book: Book) -> None:
    book.write("A1", [["a", "b"], ["c", "d"], ["e", "f"]])
    request = copy(area("0:3", "0:2"), area("4:5", "0:1"))
    request["copyPaste"]["pasteOrientation"] = "TRANSPOSE"
    book.batch(request)
    assert book.read("A5:C6") == [["a", "c", "e"], ["b", "d", "f"]]


@pytest.mark.parametrize(
    ("kind", "after"),
    [
        ("PASTE_NORMAL", {"value": {"formulaValue": "=B3"}, "format": True, "rule": True}),
        ("PASTE_VALUES", {"value": {"stringValue": "src"}, "format": False, "rule": False}),
        ("PASTE_FORMULA", {"value": {"formulaValue": "=B3"}, "format": False, "rule": False}),
        ("PASTE_FORMAT", {"value": {"stringValue": "dst"}, "format": True, "rule": True}),
        ("PASTE_DATA_VALIDATION", {"value": {"stringValue": "dst"}, "format": False, "rule": True}),
        ("PASTE_NO_BORDERS", {"value": {"formulaValue": "=B3"}, "format": True, "rule": True}),
        (
            "PASTE_CONDITIONAL_FORMATTING",
            {"value": {"stringValue": "dst"}, "format": False, "rule": False},
        ),
    ],
)
def test_each_paste_type_pastes_its_part(book: Book, kind: str, after: dict[str, Any]) -> None:
    rule = {"condition": {"type": "BOOLEAN"}}
    source = {"userEnteredValue": {"formulaValue": "=B1"}, "dataValidation": rule, **BOLD}
    book.write("B1", [["src"]])
    book.batch(
        update(area("0:1", "0:1"), "*", [source]),
        update(area("2:3", "0:1"), "*", [{**text("dst"), "note": "mine"}]),
        copy(area("0:1", "0:1"), area("2:3", "0:1"), kind),
    )
    (cell,) = book.cells("A3", "userEnteredValue", "userEnteredFormat", "dataValidation")[0]
    assert cell["userEnteredValue"] == after["value"]
    assert ("userEnteredFormat" in cell, "dataValidation" in cell) == (
        after["format"],
        after["rule"],
    )


def test_a_copy_to_another_sheet_keeps_values_and_notes(book: Book) -> None:
    book.batch(
        {"addSheet": {"properties": {"sheetId": 7, "title": "J", "hidden": True}}},
        update(area("0:1", "0:1"), "*", [{**text("x"), "note": "n"}]),
        copy(area("0:1"), area("4:5", sheet_id=7)),
    )
    assert book.cells("J!A5", "userEnteredValue", "note") == [[{**text("x"), "note": "n"}]]


def test_a_cut_leaves_nothing_and_references_follow(book: Book) -> None:
    book.write("A1", [["x", "=A1", "=A1&B1"]])
    to = {"rowIndex": 4, "columnIndex": 2}
    book.batch({"cutPaste": {"source": area("0:1", "0:2"), "destination": to}})
    assert book.formulas() == [["", "", "=C5&D5"], [], [], [], ["", "", "x", "=C5"]]
    assert book.read("C1") == [["xx"]]


def test_the_answer_shows_the_state_after_all_requests(book: Book) -> None:
    book.write("A1", [["old"]])
    body = {
        "requests": [
            {"addSheet": {"properties": {"sheetId": 7, "title": "journal"}}},
            copy(area("0:1", "0:1"), area("0:1", "1:2", sheet_id=7)),
            update(area("0:1", "0:1"), "userEnteredValue", [text("new")]),
        ],
        "includeSpreadsheetInResponse": True,
        "responseIncludeGridData": True,
        "responseRanges": ["journal!A1:B1", "Sheet1!A1"],
    }
    answer, changed = book.api.batch_update(
        book.id, body, cell_fields=frozenset({"userEnteredValue"})
    )
    assert changed
    sheets = answer["updatedSpreadsheet"]["sheets"]
    assert [sheet["properties"]["title"] for sheet in sheets] == ["Sheet1", "journal"]
    assert [sheet["data"][0]["rowData"] for sheet in sheets] == [
        [{"values": [text("new")]}],
        [{"values": [{}, text("old")]}],
    ]


def test_find_and_replace_counts_what_it_changed(book: Book) -> None:
    book.write("A1", [["cat", "concat"], ["dog", '=CONCAT("cat",1)'], ["Cat 12", 12]])
    (reply,) = book.batch({"findReplace": {"find": "cat", "replacement": "cow", "sheetId": 0}})
    assert reply["findReplace"] == {
        "valuesChanged": 3,
        "rowsChanged": 2,
        "sheetsChanged": 1,
        "occurrencesChanged": 3,
    }
    pattern = {"find": r"(\d)(\d)", "replacement": "$2$1", "searchByRegex": True}
    book.batch({"findReplace": {**pattern, "allSheets": True}})
    assert book.read() == [["cow", "concow"], ["dog", "cat1"], ["cow 21", 21]]


def test_a_validation_rule_covers_its_range_and_nothing_takes_it_away(book: Book) -> None:
    rule = {
        "condition": {"type": "ONE_OF_LIST", "values": [{"userEnteredValue": "y"}]},
        "strict": True,
    }
    book.batch({"setDataValidation": {"range": area("0:2", "0:1"), "rule": rule}})
    assert book.cells("A1:B2", "dataValidation") == [[{"dataValidation": rule}]] * 2
    book.batch({"setDataValidation": {"range": area("0:1", "0:1")}})
    assert book.cells("A1:B2", "dataValidation") == [[], [{"dataValidation": rule}]]


def test_borders_are_drawn_around_and_between(book: Book) -> None:
    line = {"style": "SOLID"}
    request = {"range": area("0:2", "0:2"), "top": line, "innerVertical": line}
    book.batch({"updateBorders": request})
    sides = [
        [sorted(cell.get("userEnteredFormat", {}).get("borders", {})) for cell in row]
        for row in book.cells("A1:B2", "userEnteredFormat")
    ]
    assert sides == [[["right", "top"], ["left", "top"]], [["right"], ["left"]]]
    book.batch({"updateBorders": {"range": area("0:2", "0:2"), "top": {"style": "NONE"}}})
    (first, _) = book.cells("A1:B1", "userEnteredFormat")[0]
    assert list(first["userEnteredFormat"]["borders"]) == ["right"]


@pytest.mark.parametrize(
    ("typed", "filled"),
    [
        ([1, 2], [3, 4, 5]),
        ([1], [1, 1, 1]),
        (["2026-01-31"], ["2026-02-01", "2026-02-02", "2026-02-03"]),
        (["a", "b"], ["a", "b", "a"]),
        (["item 8"], ["item 9", "item 10", "item 11"]),
        (["=A1"], ["=A2", "=A3", "=A4"]),
    ],
)
def test_a_series_goes_on_down(book: Book, typed: list[Any], filled: list[Any]) -> None:
    book.write("B1", [[value] for value in typed])
    source = {"source": area(f"0:{len(typed)}", "1:2"), "dimension": "ROWS", "fillLength": 3}
    book.batch({"autoFill": {"sourceAndDestination": source}})
    first = len(typed) + 1
    shown = "FORMULA" if str(typed[0]).startswith("=") else "FORMATTED_VALUE"
    column = book.read(f"B{first}:B{first + 2}", valueRenderOption=shown)
    assert [str(row[0]) for row in column] == [str(value) for value in filled]


def test_pasted_text_is_taken_as_typed(book: Book) -> None:
    paste = {"coordinate": {"rowIndex": 1}, "data": "a,1.5\n2020-01-01,=1+1", "delimiter": ","}
    book.batch({"pasteData": paste})
    assert book.formulas() == [[], ["a", 1.5], [43831, "=1+1"]]
    page = "<table><tr><td>x</td><th>y</th></tr><tr><td>1</td></tr></table>"
    book.batch({"pasteData": {"coordinate": {"rowIndex": 5}, "data": page, "html": True}})
    assert book.read()[5:] == [["x", "y"], [1]]


def test_split_trimmed_and_deduplicated_text(book: Book) -> None:
    book.write("A1", [[" a,  b ,3"], ["c;d"], [" A,b,3"]], "RAW")
    split = {"source": area("0:3", "0:1"), "delimiterType": "COMMA"}
    replies = book.batch(
        {"textToColumns": split},
        {"trimWhitespace": {"range": area("0:3", "0:3")}},
        {"deleteDuplicates": {"range": area("0:3", "0:3")}},
    )
    assert replies == [
        {},
        {"trimWhitespace": {}},
        {"deleteDuplicates": {"duplicatesRemovedCount": 1}},
    ]
    assert book.read() == [["a", "b", 3], ["c;d"]]


def test_rich_text_goes_with_the_text_that_it_dressed(book: Book) -> None:
    runs = [{"startIndex": 1, "format": {"bold": True}}]
    rich = {**text("rich"), "textFormatRuns": runs}
    fields = ("userEnteredValue", "textFormatRuns")
    book.batch(update(area("0:1", "0:3"), "userEnteredValue,textFormatRuns", [rich] * 3))
    assert book.cells("A1", *fields) == [[rich]]
    book.write("A1", [["plain"]])
    book.batch(update(area("0:1", "1:2"), "userEnteredValue", [text("plain")]))
    book.batch(update(area("0:1", "2:3"), "note", [{"note": "n"}]))
    assert book.cells("A1:C1", *fields) == [[text("plain"), text("plain"), rich]]
