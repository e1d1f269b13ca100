"""batchUpdate requests that move rows and columns, and all that hangs on them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.contract.sheet_server.book import Book, area, lines

BOLD = {"userEnteredFormat": {"textFormat": {"bold": True}}}


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    made = Book(tmp_path / "rows.sheets", rows=10, columns=6)
    yield made
    made.library.close()


def insert(dimension: str, start: int, end: int, before: bool = False) -> dict[str, Any]:
    span = lines(dimension, start, end)
    return {"insertDimension": {"range": span, "inheritFromBefore": before}}


def delete(dimension: str, start: int, end: int) -> dict[str, Any]:
    return {"deleteDimension": {"range": lines(dimension, start, end)}}


def move(dimension: str, start: int, end: int, to: int) -> dict[str, Any]:
    source = lines(dimension, start, end)
    return {"moveDimension": {"source": source, "destinationIndex": to}}


def size(book: Book) -> tuple[int, int]:
    grid = book.sheet()["properties"]["gridProperties"]
    return grid["rowCount"], grid["columnCount"]


def test_rows_and_columns_are_inserted_and_deleted(book: Book) -> None:
    book.write("A1", [["a", "b", "c"], ["d", "e", "f"], ["g", "h", "i"]])
    book.batch(insert("ROWS", 1, 3), insert("COLUMNS", 1, 2))
    assert book.read() == [["a", "", "b", "c"], [], [], ["d", "", "e", "f"], ["g", "", "h", "i"]]
    assert size(book) == (12, 7)
    book.batch(delete("ROWS", 0, 3), delete("COLUMNS", 0, 2))
    assert book.read() == [["e", "f"], ["h", "i"]]
    assert size(book) == (9, 5)


def test_new_rows_take_the_format_of_those_after_or_before(book: Book) -> None:
    cell = {"range": area("2:3", "0:1"), "cell": BOLD, "fields": "userEnteredFormat"}
    book.batch({"repeatCell": cell})
    book.write("A3", [["x"]])
    book.batch(insert("ROWS", 2, 3))
    book.batch(insert("ROWS", 4, 5, before=True))
    shown = book.cells("A1:A10", "userEnteredFormat", "userEnteredValue")
    assert shown == [
        [],
        [],
        [BOLD],
        [{"userEnteredValue": {"stringValue": "x"}, **BOLD}],
        [BOLD],
    ]


REFUSED = {
    "Cannot delete a row that doesn't exist. "
    "Tried to delete row index 10 but there are only 10 rows.": delete("ROWS", 10, 11),
    "Cannot delete a column that doesn't exist. "
    "Tried to delete column index 7 but there are only 6 columns.": delete("COLUMNS", 5, 8),
    "You can't delete all the rows on the sheet.": delete("ROWS", 0, 10),
    "DimensionRange indexes must be >= 0": delete("ROWS", -1, 1),
    "No grid with id: 4": {"deleteDimension": {"range": lines("ROWS", 0, 1, sheet_id=4)}},
    "length[0] must be > 0": {"appendDimension": {"dimension": "ROWS"}},
    "This action would increase the number of cells in the workbook above the limit of "
    "10000000 cells.": {"appendDimension": {"dimension": "ROWS", "length": 2_000_000}},
    "range.startIndex[10] must be less than the grid size[10] "
    "if inheritFromBefore is false.": insert("ROWS", 10, 11),
}


@pytest.mark.parametrize("message", REFUSED)
def test_what_cannot_be_done_to_rows_is_refused(book: Book, message: str) -> None:
    request = REFUSED[message]
    assert book.refused(request) == f"Invalid requests[0].{next(iter(request))}: {message}"
    assert size(book) == (10, 6)


def test_not_all_rows_that_scroll_can_go(book: Book) -> None:
    frozen = {"sheetId": 0, "gridProperties": {"frozenRowCount": 2}}
    fields = "gridProperties.frozenRowCount"
    book.batch({"updateSheetProperties": {"properties": frozen, "fields": fields}})
    assert book.refused(delete("ROWS", 2, 10)) == (
        "Invalid requests[0].deleteDimension: "
        "Sorry, it is not possible to delete all non-frozen rows."
    )
    book.batch(delete("ROWS", 1, 4))
    assert book.sheet()["properties"]["gridProperties"] == {
        "rowCount": 7,
        "columnCount": 6,
        "frozenRowCount": 1,
    }


@pytest.mark.parametrize(
    ("start", "end", "to", "order"),
    [(0, 1, 3, "BCAD"), (2, 4, 0, "CDAB"), (1, 3, 4, "ADBC"), (1, 2, 1, "ABCD"), (1, 2, 2, "ABCD")],
)
def test_moved_rows_and_columns_lie_before_the_destination(
    book: Book, start: int, end: int, to: int, order: str
) -> None:
    book.write("A1", [[letter] for letter in "ABCD"])
    book.write("F1", [["=A1"], ["=A2"], ["=A3"], ["=A4"]])
    book.batch(move("ROWS", start, end, to))
    assert [row[0] for row in book.read()] == list(order)
    assert [row[5] for row in book.read()] == list(order)
    book.batch(delete("COLUMNS", 5, 6))
    book.write("A1", [list("ABCD")] + [[""]] * 3)
    book.batch(move("COLUMNS", start, end, to))
    assert book.read() == [list(order)]


def test_everything_that_names_a_range_follows_its_rows(book: Book) -> None:
    span = area("2:5", "0:3")
    rule = {"ranges": [span], "booleanRule": {"condition": {"type": "NOT_BLANK"}}}
    spot = {"dimensionRange": lines("ROWS", 3, 4)}
    entry = {"metadataId": 9, "metadataKey": "k", "visibility": "DOCUMENT", "location": spot}
    book.batch(
        {"mergeCells": {"range": area("3:5", "0:1")}},
        {"addProtectedRange": {"protectedRange": {"protectedRangeId": 1, "range": span}}},
        {"addNamedRange": {"namedRange": {"namedRangeId": "n", "name": "ours", "range": span}}},
        {"addConditionalFormatRule": {"rule": rule}},
        {"setBasicFilter": {"filter": {"range": span}}},
        {"createDeveloperMetadata": {"developerMetadata": entry}},
    )
    book.batch(insert("ROWS", 0, 2), insert("ROWS", 5, 6))
    follows = area("4:8", "0:3")
    sheet = book.sheet()
    assert sheet["merges"] == [area("6:8", "0:1")]
    assert sheet["protectedRanges"][0]["range"] == follows
    assert sheet["conditionalFormats"][0]["ranges"] == [follows]
    assert sheet["basicFilter"]["range"] == follows
    assert book.api.get(book.id, [], False)["namedRanges"][0]["range"] == follows
    where = book.api.metadata_get(book.id, "9")["location"]["dimensionRange"]
    assert where == {"dimension": "ROWS", "startIndex": 6, "endIndex": 7}
    book.batch(delete("ROWS", 4, 8))
    assert set(book.sheet()) == {"properties"}
    assert "namedRanges" not in book.api.get(book.id, [], False)
    assert (
        book.api.metadata_search(book.id, {"dataFilters": [{"developerMetadataLookup": {}}]}) == {}
    )


def test_row_metadata_goes_with_a_moved_row_and_stays_in_a_sort(book: Book) -> None:
    book.write("A1", [["c"], ["a"], ["b"]])
    spot = {"dimensionRange": lines("ROWS", 0, 1)}
    entry = {"metadataId": 9, "metadataKey": "k", "visibility": "DOCUMENT", "location": spot}
    book.batch({"createDeveloperMetadata": {"developerMetadata": entry}})

    def row() -> int:
        return int(book.api.metadata_get(book.id, "9")["location"]["dimensionRange"]["startIndex"])

    specs = [{"dimensionIndex": 0, "sortOrder": "ASCENDING"}]
    book.batch({"sortRange": {"range": area("0:3", "0:1"), "sortSpecs": specs}})
    assert (book.read(), row()) == ([["a"], ["b"], ["c"]], 0)
    book.batch(move("ROWS", 0, 1, 3))
    assert (book.read(), row()) == ([["b"], ["c"], ["a"]], 2)


def test_formulas_follow_their_cells(book: Book) -> None:
    book.write("A1", [[1], [2], [3]])
    book.write("C1", [["=SUM(A1:A3)", "=A2", "=A$3", "=Sheet1!A3"]])
    book.batch(insert("ROWS", 1, 2))
    assert book.formulas("C1:F1") == [["=SUM(A1:A4)", "=A3", "=A$4", "=Sheet1!A4"]]
    book.batch(delete("ROWS", 2, 3), insert("COLUMNS", 0, 1))
    assert book.formulas("D1:G1") == [["=SUM(B1:B3)", "=#REF!", "=B$3", "=Sheet1!B3"]]
    assert book.read("D1:G1") == [[4, "#REF!", 3, 3]]


def test_a_formula_written_after_an_insert_in_one_batch_is_left_alone(book: Book) -> None:
    book.write("A1", [["=A5"]])
    cell = {"userEnteredValue": {"formulaValue": "=A5"}}
    book.batch(
        insert("ROWS", 1, 2),
        {"repeatCell": {"range": area("0:1", "1:2"), "cell": cell, "fields": "userEnteredValue"}},
        insert("ROWS", 1, 2),
    )
    assert book.formulas("A1:B1") == [["=A7", "=A6"]]


def test_sorting_moves_whole_rows_with_formulas_notes_and_formats(book: Book) -> None:
    book.write("A1", [["b", 1, "=B1*10"], ["a", 2, "=B2*10"], ["", 3, "=B3*10"]])
    start = {"rowIndex": 0, "columnIndex": 0}
    noted = {"note": "of b", **BOLD}
    book.batch(
        {
            "updateCells": {
                "start": start,
                "rows": [{"values": [noted]}],
                "fields": "note,userEnteredFormat",
            }
        },
        {"sortRange": {"range": area("0:10", "0:3"), "sortSpecs": [{"dimensionIndex": 0}]}},
    )
    assert book.formulas() == [["a", 2, "=B1*10"], ["b", 1, "=B2*10"], ["", 3, "=B3*10"]]
    assert book.read("C1:C3") == [[20], [10], [30]]
    assert book.cells("A1:A3", "note", "userEnteredFormat") == [[], [noted]]


def test_mixed_values_sort_by_kind_and_blanks_last_in_both_orders(book: Book) -> None:
    book.write("A1", [["b"], [True], [""], [10], ["A"], [2], ["=1/0"], [False], ["a"]])

    def order(direction: str) -> list[Any]:
        spec = {"dimensionIndex": 0, "sortOrder": direction}
        book.batch({"sortRange": {"range": area("0:9", "0:1"), "sortSpecs": [spec]}})
        return [row[0] if row else "" for row in book.read()]

    up = [2, 10, "a", "A", "b", False, True, "#DIV/0!"]
    assert order("ASCENDING") == up
    assert order("DESCENDING") == up[::-1]


def test_cells_are_pushed_down_and_drawn_up_within_their_columns(book: Book) -> None:
    book.write("A1", [["a", "x"], ["b", "y"], ["c", "z", "=A3"]])
    span = {"range": area("1:2", "0:1"), "shiftDimension": "ROWS"}
    book.batch({"insertRange": span})
    assert book.formulas() == [["a", "x"], ["", "y"], ["b", "z", "=A4"], ["c"]]
    book.batch({"deleteRange": span})
    assert book.formulas() == [["a", "x"], ["b", "y"], ["c", "z", "=A3"]]
    aside = {"range": area("0:1", "0:2"), "shiftDimension": "COLUMNS"}
    book.batch({"insertRange": aside})
    assert book.read("A1:D1") == [["", "", "a", "x"]]


def test_dimensions_are_sized_hidden_and_shown(book: Book) -> None:
    for dimension, name in (("ROWS", "rowMetadata"), ("COLUMNS", "columnMetadata")):
        book.batch(
            {
                "updateDimensionProperties": {
                    "range": lines(dimension, 1, 2),
                    "properties": {"pixelSize": 50, "hiddenByUser": True},
                    "fields": "pixelSize,hiddenByUser",
                }
            }
        )
        shown = book.api.get(book.id, ["A1:B2"], True)["sheets"][0]["data"][0][name]
        default = {"pixelSize": 21 if dimension == "ROWS" else 100}
        assert shown == [default, {"hiddenByUser": True, "pixelSize": 50}]


def test_groups_nest_join_and_come_apart(book: Book) -> None:
    def group(kind: str, start: int, end: int) -> list[tuple[int, int, int]]:
        (reply,) = book.batch({kind: {"range": lines("COLUMNS", start, end)}})
        return [
            (held["range"]["startIndex"], held["range"]["endIndex"], held["depth"])
            for held in reply[kind].get("dimensionGroups", [])
        ]

    assert group("addDimensionGroup", 1, 4) == [(1, 4, 1)]
    assert group("addDimensionGroup", 2, 5) == [(1, 5, 1), (2, 4, 2)]
    assert group("deleteDimensionGroup", 2, 4) == [(1, 5, 1)]
    assert group("deleteDimensionGroup", 2, 4) == [(1, 2, 1), (4, 5, 1)]
    assert book.sheet()["properties"]["gridProperties"]["columnGroupControlAfter"] is True


def test_merging_keeps_the_first_value_and_swallows_merges_within(book: Book) -> None:
    book.write("A1", [["a", "b"], ["c", "d"]])
    rows = {"range": area("0:2", "0:2"), "mergeType": "MERGE_ROWS"}
    book.batch({"mergeCells": rows})
    assert book.sheet()["merges"] == [area("0:1", "0:2"), area("1:2", "0:2")]
    assert book.read() == [["a"], ["c"]]
    assert book.refused({"unmergeCells": {"range": area("0:1", "0:1")}}) == (
        "Invalid requests[0].unmergeCells: "
        "You must select all cells in a merged range to merge or unmerge them."
    )
    book.batch({"mergeCells": {"range": area("0:2", "0:2")}})
    assert book.sheet()["merges"] == [area("0:2", "0:2")]
    book.batch({"unmergeCells": {"range": area("", "")}})
    assert "merges" not in book.sheet()


def test_the_criteria_of_a_filter_follow_their_columns(book: Book) -> None:
    blank = {"condition": {"type": "NOT_BLANK"}}
    filter_ = {"range": area("0:5", "0:4"), "criteria": {"1": blank, "2": blank}}
    book.batch({"setBasicFilter": {"filter": filter_}})
    book.batch(insert("COLUMNS", 0, 1), delete("COLUMNS", 3, 4))
    assert book.sheet()["basicFilter"] == {
        "range": area("0:5", "1:4"),
        "criteria": {"2": blank},
        "filterSpecs": [{"columnIndex": 2, "filterCriteria": blank}],
    }
