"""Reading and writing values: ranges, options, counts, and what is refused."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from crm_sync.sheet_server.api_error import ApiError
from tests.contract.sheet_server.book import Book

RAW = {"valueInputOption": "RAW"}


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    made = Book(tmp_path / "values.sheets", rows=10, columns=4)
    yield made
    made.library.close()


def refusal(ask: Callable[[], Any]) -> str:
    with pytest.raises(ApiError) as caught:
        ask()
    assert caught.value.code == 400
    return caught.value.message


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("Sheet1", "Sheet1!A1:D10"),
        ("'Sheet1'", "Sheet1!A1:D10"),
        ("sheet1!b2", "Sheet1!B2"),
        ("A1:C", "Sheet1!A1:C10"),
        ("A:A", "Sheet1!A1:A10"),
        ("2:3", "Sheet1!A2:D3"),
        ("A2:2", "Sheet1!A2:D2"),
        ("D4:A1", "Sheet1!A1:D4"),
        ("$B$2:$C$3", "Sheet1!B2:C3"),
        ("A1:A1", "Sheet1!A1"),
        ("Sheet1!C3:Z99", "Sheet1!C3:D10"),
        ("R2C3:R4C4", "Sheet1!C2:D4"),
        ("ours", "Sheet1!B1:C3"),
        ("'Sheet1'!ours", "Sheet1!B1:C3"),
    ],
)
def test_the_range_is_answered_in_its_normal_form(book: Book, asked: str, answered: str) -> None:
    named = {
        "name": "ours",
        "range": {"endRowIndex": 3, "startColumnIndex": 1, "endColumnIndex": 3},
    }
    book.batch({"addNamedRange": {"namedRange": named}})
    assert book.api.values_get(book.id, asked, {})["range"] == answered


@pytest.mark.parametrize(
    ("title", "written"),
    [
        ("Clients", "Clients"),
        ("_x1", "_x1"),
        ("D3", "'D3'"),
        ("R1C1", "'R1C1'"),
        ("My tab", "'My tab'"),
        ("Клиенты", "'Клиенты'"),
        ("Jon's", "'Jon''s'"),
        ("2024", "'2024'"),
        ("a!b", "'a!b'"),
    ],
)
def test_a_title_is_quoted_unless_it_is_a_plain_word(book: Book, title: str, written: str) -> None:
    properties = {"sheetId": 0, "title": title}
    book.batch({"updateSheetProperties": {"properties": properties, "fields": "title"}})
    quoted = "'" + title.replace("'", "''") + "'"
    for asked in (quoted, f"'{title}'", f"{quoted}!A1:D10"):
        assert book.api.values_get(book.id, asked, {})["range"] == f"{written}!A1:D10"


@pytest.mark.parametrize("text", ["Nope", "Nope!A1", "'Sheet1'!A1:[5", "A1:B2:C3", "Sheet1!", ""])
def test_what_is_no_range_is_refused_with_its_text(book: Book, text: str) -> None:
    message = refusal(lambda: book.api.values_get(book.id, text, {}))
    assert message == f"Unable to parse range: {text}"


def test_a_title_like_a_cell_means_a_cell_of_the_first_sheet(book: Book) -> None:
    book.batch({"addSheet": {"properties": {"title": "CRM26"}}})
    message = refusal(lambda: book.api.values_get(book.id, "CRM26", {}))
    assert message == "Range (Sheet1!CRM26) exceeds grid limits. Max rows: 10, max columns: 4"


def test_empty_cells_at_the_ends_are_cut_and_those_within_are_not(book: Book) -> None:
    book.write("A1", [["A1", "B1", "", "D1"], ["", "b2", ""], [], ["", "", "x"]])
    assert book.read() == [["A1", "B1", "", "D1"], ["", "b2"], [], ["", "", "x"]]
    assert book.read(majorDimension="COLUMNS") == [["A1"], ["B1", "b2"], ["", "", "", "x"], ["D1"]]
    assert "values" not in book.api.values_get(book.id, "A8:D10", {})


def test_values_are_shown_as_the_render_options_say(book: Book) -> None:
    book.write("A1", [["=4/2", "2020-01-01", "string", 53]])
    options: list[dict[str, str]] = [
        {"valueRenderOption": "FORMATTED_VALUE"},
        {"valueRenderOption": "UNFORMATTED_VALUE"},
        {"valueRenderOption": "UNFORMATTED_VALUE", "dateTimeRenderOption": "FORMATTED_STRING"},
        {"valueRenderOption": "FORMULA"},
    ]
    assert [book.read(**option)[0] for option in options] == [
        ["2", "2020-01-01", "string", "53"],
        [2, 43831, "string", 53],
        [2, "2020-01-01", "string", 53],
        ["=4/2", 43831, "string", 53],
    ]


def test_raw_values_are_stored_as_they_are(book: Book) -> None:
    values = [["=1+2", "2020-01-01", "0042", "'x"], [1.0, 1.45, True, 2**60]]
    book.write("A1", values, "RAW")
    assert book.read() == [["=1+2", "2020-01-01", "0042", "'x"], [1, 1.45, True, float(2**60)]]


def test_an_error_reads_as_its_text_in_every_option(book: Book) -> None:
    book.write("A1", [["=1/0", "=NA()"]])
    for option in ("FORMATTED_VALUE", "UNFORMATTED_VALUE"):
        assert book.read(valueRenderOption=option) == [["#DIV/0!", "#N/A"]]
    assert book.cells("A1", "effectiveValue")[0][0]["effectiveValue"]["errorValue"]["type"] == (
        "DIVIDE_BY_ZERO"
    )


def test_a_formula_with_an_empty_text_is_not_an_empty_cell(book: Book) -> None:
    book.write("A1", [["x", '=""']])
    assert book.read() == [["x", ""]]


def test_null_leaves_a_cell_alone_and_an_empty_text_empties_it(book: Book) -> None:
    book.write("A1", [["a", "b"], ["c", "d"]])
    answer = book.write("A1:D3", [[None, ""], [], [None, None, "z"]])
    assert answer == {
        "spreadsheetId": book.id,
        "updatedRange": "Sheet1!A1:C3",
        "updatedRows": 2,
        "updatedColumns": 2,
        "updatedCells": 2,
    }
    assert book.read() == [["a"], ["c", "d"], ["", "", "z"]]


def test_short_rows_count_only_their_cells(book: Book) -> None:
    answer = book.write("B2", [["a", "b"], [1, 2, 3]])
    assert (answer["updatedRange"], answer["updatedCells"]) == ("Sheet1!B2:D3", 5)


def test_columns_are_written_down(book: Book) -> None:
    body = {"majorDimension": "COLUMNS", "values": [["a", "b"], ["c"]]}
    answer, _ = book.api.values_update(book.id, "A1:B2", RAW, body)
    assert (answer["updatedRange"], answer["updatedCells"]) == ("Sheet1!A1:B2", 3)
    assert book.read() == [["a", "c"], ["b"]]


def test_what_was_written_is_shown_if_asked(book: Book) -> None:
    params = {**RAW, "includeValuesInResponse": True}
    answer, _ = book.api.values_update(book.id, "A1", params, {"values": [[1.5]]})
    assert answer["updatedData"] == {
        "range": "Sheet1!A1",
        "majorDimension": "ROWS",
        "values": [["1.5"]],
    }


def test_writing_beyond_the_range_or_the_grid_is_refused(book: Book) -> None:
    def message(range_: str, values: list[list[Any]]) -> str:
        return refusal(lambda: book.write(range_, values))

    within = "Requested writing within range [Sheet1!A1:B2], but tried writing to"
    assert message("A1:B2", [[1, 2, 3]]) == f"{within} column [C]"
    assert message("A1:B2", [[1], [2], [3]]) == f"{within} row [3]"
    limits = "exceeds grid limits. Max rows: 10, max columns: 4"
    assert message("C1", [[1, 2, 3]]) == f"Range (Sheet1!C1:E1) {limits}"
    assert message("A11", [[1]]) == f"Range (Sheet1!A11) {limits}"
    assert book.read() == []


def test_several_blocks_are_written_all_or_none(book: Book) -> None:
    data = [{"range": "A1:B1", "values": [["a", "b"]]}, {"range": "C1:C2", "values": [[1], [2]]}]
    answer, _ = book.api.values_batch_update(book.id, {**RAW, "data": data})
    assert answer == {
        "spreadsheetId": book.id,
        "totalUpdatedRows": 2,
        "totalUpdatedColumns": 3,
        "totalUpdatedCells": 4,
        "totalUpdatedSheets": 1,
        "responses": [
            {
                "spreadsheetId": book.id,
                "updatedRange": "Sheet1!A1:B1",
                "updatedRows": 1,
                "updatedColumns": 2,
                "updatedCells": 2,
            },
            {
                "spreadsheetId": book.id,
                "updatedRange": "Sheet1!C1:C2",
                "updatedRows": 2,
                "updatedColumns": 1,
                "updatedCells": 2,
            },
        ],
    }
    data = [{"range": "A1", "values": [["z"]]}, {"range": "Nope!A1", "values": [["z"]]}]
    message = refusal(lambda: book.api.values_batch_update(book.id, {**RAW, "data": data}))
    assert message == "Invalid data[1]: Unable to parse range: Nope!A1"
    assert book.read()[0] == ["a", "b", 1]


@pytest.mark.parametrize(
    ("params", "body", "message"),
    [
        ({}, {"values": [[1]]}, "'valueInputOption' is required but not specified"),
        (RAW, {"values": [[{"a": 1}]]}, 'Invalid values[0][0]: struct_value {"a": 1}'),
        (RAW, {"values": [[1], [[2]]]}, "Invalid values[1][0]: list_value [2]"),
        (
            RAW,
            {"values": [["x" * 50_001]]},
            "Your input contains more than the maximum of 50000 characters in a single cell.",
        ),
        (
            RAW,
            {"values": [5]},
            "Invalid value at 'data.values[0]' (type.googleapis.com/google.protobuf.ListValue), 5",
        ),
    ],
)
def test_a_body_that_cannot_be_written_is_refused(
    book: Book, params: dict[str, Any], body: dict[str, Any], message: str
) -> None:
    assert refusal(lambda: book.api.values_update(book.id, "A1", params, body)) == message
    assert book.read() == []


def test_clearing_takes_values_and_leaves_formats_notes_and_validation(book: Book) -> None:
    rule = {"condition": {"type": "BOOLEAN"}}
    data = {
        "userEnteredValue": {"numberValue": 1},
        "userEnteredFormat": {"textFormat": {"bold": True}},
        "note": "n",
        "dataValidation": rule,
    }
    start = {"rowIndex": 0, "columnIndex": 0}
    book.batch({"updateCells": {"start": start, "rows": [{"values": [data]}], "fields": "*"}})
    answer, _ = book.api.values_clear(book.id, "A1:B2")
    assert answer == {"spreadsheetId": book.id, "clearedRange": "Sheet1!A1:B2"}
    cell = book.cells("A1", "userEnteredValue", "userEnteredFormat", "note", "dataValidation")
    assert cell == [
        [
            {
                "userEnteredFormat": {"textFormat": {"bold": True}},
                "note": "n",
                "dataValidation": rule,
            }
        ]
    ]
    book.write("A1", [["new"]])
    assert book.cells("A1", "note", "userEnteredValue") == [
        [{"userEnteredValue": {"stringValue": "new"}, "note": "n"}]
    ]


def test_a_typed_number_keeps_the_format_of_its_cell(book: Book) -> None:
    money = {"userEnteredFormat": {"numberFormat": {"type": "NUMBER", "pattern": "0.000"}}}
    book.batch(
        {
            "repeatCell": {
                "range": {"endRowIndex": 1},
                "cell": money,
                "fields": "userEnteredFormat.numberFormat",
            }
        }
    )
    book.write("A1", [[2, "3.5", "10%"]])
    assert book.read(valueRenderOption="FORMATTED_VALUE") == [["2.000", "3.500", "0.100"]]
