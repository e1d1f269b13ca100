"""What gspread's own suite does with cells, done live: every reading and writing method."""

import re
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import gspread
import pytest
from gspread import Cell, Worksheet
from gspread.exceptions import APIError, GSpreadException
from gspread.utils import DateTimeOption, TableDirection, ValueInputOption, ValueRenderOption

from tests.contract.sheet_server.local_client import gspread_by_token

TYPED = ValueInputOption.user_entered
SHOWN, PLAIN, FORMULA = (
    ValueRenderOption.formatted,
    ValueRenderOption.unformatted,
    ValueRenderOption.formula,
)


@pytest.fixture(scope="module")
def client(server: Any) -> Iterator[gspread.Client]:
    made = gspread_by_token(server.url, server.token)
    with closing(made.http_client.session):
        yield made


@pytest.fixture
def sheet(client: gspread.Client) -> Worksheet:
    return client.create("Suite").sheet1


def filled(sheet: Worksheet, rows: list[list[Any]], typed: bool = False) -> list[list[Any]]:
    """Resizes the sheet to the rows and writes them as a list of cells, as the suite does."""
    sheet.resize(len(rows), max(map(len, rows)))
    cells = [
        Cell(row, column, value)
        for row, line in enumerate(rows, 1)
        for column, value in enumerate(line, 1)
    ]
    sheet.update_cells(cells, TYPED if typed else ValueInputOption.raw)
    return rows


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("plain words", "plain words"),
        (42, "42"),
        ("0042", "42"),
        (42.01, "42.01"),
        ("2,000,000.01", "2,000,000.01"),
        ("= 1 / 1024", "0.0009765625"),
        ("Артур", "Артур"),
        ("Iñtërnâtiônàlizætiøn", "Iñtërnâtiônàlizætiøn"),
        ("two\nlines", "two\nlines"),
    ],
)
def test_a_cell_shows_what_was_typed_as_google_shows_it(
    sheet: Worksheet, typed: Any, shown: str
) -> None:
    sheet.update_cell(1, 2, typed)
    assert sheet.acell("B1").value == shown
    sheet.update_acell("C4", typed)
    assert sheet.cell(4, 3).value == shown


def test_numeric_value_is_the_number_behind_a_shown_text(sheet: Worksheet) -> None:
    for typed, number in (("= 1 / 1024", 1 / 1024), ("2,000,000.01", 2000000.01), ("word", None)):
        sheet.update_acell("A1", typed)
        assert sheet.acell("A1").numeric_value == number


def test_a_range_gives_the_same_cells_however_it_is_named(sheet: Worksheet) -> None:
    filled(sheet, [["", "Hi", "Mom", ""], ["My", "Name", "is", "bon"], [""], ["1", "2", "3", "4"]])

    def triples(*name: Any) -> list[tuple[int, int, str]]:
        return [(cell.row, cell.col, cell.value) for cell in sheet.range(*name)]

    whole = triples("A1:D4")
    assert [value for _, _, value in whole[:8]] == ["", "Hi", "Mom", "", "My", "Name", "is", "bon"]
    assert triples() == triples("D4:A1") == triples("A1:D") == triples(1, 1, 4, 4) == whole
    assert [cell.address for cell in sheet.range("A2:A4")] == ["A2", "A3", "A4"]
    assert sheet.get_all_cells() == sheet.range("A1:D4")


def test_cells_far_from_each_other_are_written_without_touching_those_between(
    sheet: Worksheet,
) -> None:
    rows = filled(sheet, [[f"{row}.{column}" for column in range(4)] for row in range(6)])
    answer = sheet.update_cells([Cell(1, 1, "first"), Cell(6, 4, "last")])
    assert answer == {
        "spreadsheetId": sheet.spreadsheet_id,
        "updatedRange": "Sheet1!A1:D6",
        "updatedRows": 2,
        "updatedColumns": 2,
        "updatedCells": 2,
    }
    rows[0][0], rows[5][3] = "first", "last"
    assert sheet.get_all_values() == rows


def test_rows_are_padded_and_blank_ones_inside_kept(sheet: Worksheet) -> None:
    rows = filled(sheet, [["A1", "B1", "", "D1"], ["", "b2", "", ""], [""] * 4, ["A4", "", "", ""]])
    assert sheet.get_all_values() == rows
    assert sheet.get("A1:D4") == [["A1", "B1", "", "D1"], ["", "b2"], [], ["A4"]]
    assert sheet.get("A1:D4", pad_values=True) == rows
    assert sheet.get("A1:E5", maintain_size=True) == [[*row, ""] for row in rows] + [[""] * 5]
    assert sheet.get_all_values(major_dimension="COLUMNS")[0] == ["A1", "", "", "A4"]
    sheet.update_title("D3")
    assert sheet.get_all_values() == rows
    assert sheet.get("A1").range == "'D3'!A1"


def test_values_come_with_their_range_and_direction(sheet: Worksheet) -> None:
    sheet.update([["A1", "B1", "", "D1"], ["", "b2"], [], ["A4", "B4", "", "D4"]], "A1")
    got = sheet.get("A1:D4")
    assert (got.range, got.major_dimension, got.first()) == ("Sheet1!A1:D4", "ROWS", "A1")
    first, last = sheet.batch_get(["A1:B1", "B4:D4"])
    assert (first, first.range) == ([["A1", "B1"]], "Sheet1!A1:B1")
    assert (last, last.range) == ([["B4", "", "D4"]], "Sheet1!B4:D4")
    assert sheet.batch_get(["A1:A4"], major_dimension="COLUMNS") == [[["A1", "", "", "A4"]]]
    assert sheet.get("E1:E2").first("nothing") == "nothing"
    assert sheet.row_values(2) == ["", "b2"]
    assert sheet.col_values(2) == ["B1", "b2", "", "B4"]


def test_batch_update_writes_and_clears_many_ranges(sheet: Worksheet) -> None:
    parts = [
        {"range": "A1:D1", "values": [["A1", "B1", "", "D1"]]},
        {"range": "A4:D4", "values": [["A4", "B4", "", "D4"]]},
    ]
    answer = sheet.batch_update(parts)
    assert {name: count for name, count in answer.items() if name.startswith("total")} == {
        "totalUpdatedRows": 2,
        "totalUpdatedColumns": 4,
        "totalUpdatedCells": 8,
        "totalUpdatedSheets": 1,
    }
    assert [each["updatedRange"] for each in answer["responses"]] == [
        "Sheet1!A1:D1",
        "Sheet1!A4:D4",
    ]
    assert sheet.get("A1:D4") == [["A1", "B1", "", "D1"], [], [], ["A4", "B4", "", "D4"]]
    assert sheet.batch_clear(["A1:B1", "A4:D4"])["clearedRanges"] == [
        "Sheet1!A1:B1",
        "Sheet1!A4:D4",
    ]
    assert sheet.get_all_values() == [["", "", "", "D1"]]
    assert sheet.clear()["clearedRange"] == "Sheet1!A1:Z1000"
    assert sheet.get_all_values() == [[]]


@pytest.mark.parametrize(
    ("render", "moments", "expected"),
    [
        (SHOWN, DateTimeOption.serial_number, [["2", "2020-01-01", "string", "53"], ["1.5"]]),
        (SHOWN, DateTimeOption.formatted_string, [["2", "2020-01-01", "string", "53"], ["1.5"]]),
        (PLAIN, DateTimeOption.serial_number, [[2, 43831, "string", 53], [1.5]]),
        (PLAIN, DateTimeOption.formatted_string, [[2, "2020-01-01", "string", 53], [1.5]]),
        (FORMULA, DateTimeOption.serial_number, [["=4/2", 43831, "string", 53], ["=3/2"]]),
    ],
)
def test_values_are_rendered_as_asked(
    sheet: Worksheet, render: Any, moments: Any, expected: list[list[Any]]
) -> None:
    sheet.update([["=4/2", "2020-01-01", "string", 53], ["=3/2"]], "A1", value_input_option=TYPED)
    got = sheet.get_values(
        value_render_option=render, date_time_render_option=moments, pad_values=False
    )
    assert got == expected


def test_records_are_read_with_each_option(sheet: Worksheet) -> None:
    keys = ["A1", "B1", "", "D1"]
    filled(sheet, [keys, [1, "b2", 1.45, ""], [""] * 4, ["A4", 0.4, "", 4]])
    expected = [
        dict(zip(keys, line, strict=True))
        for line in ([1, "b2", 1.45, ""], [""] * 4, ["A4", 0.4, "", 4])
    ]
    assert sheet.get_all_records() == expected
    assert sheet.get_all_records(empty2zero=True)[1] == dict.fromkeys(keys, 0)
    assert sheet.get_all_records(default_blank=None)[1] == dict.fromkeys(keys)
    sheet.insert_rows([[""], [""]], 1)
    assert sheet.get_all_records(head=3) == expected


def test_records_keep_the_rendering_of_keys_and_values(sheet: Worksheet) -> None:
    filled(
        sheet,
        [["=4/2", "2020-01-01", "string", 53], ["=3/2", 0.12, "1999-01-02", "3_2_1"]],
        typed=True,
    )
    assert sheet.get_all_records() == [
        {"2": 1.5, "2020-01-01": 0.12, "string": "1999-01-02", "53": "3_2_1"}
    ]
    assert sheet.get_all_records(
        value_render_option=PLAIN, allow_underscores_in_numeric_literals=True
    ) == [{2: 1.5, 43831: 0.12, "string": 36162, 53: 321}]
    assert sheet.get_all_records(value_render_option=FORMULA) == [
        {"=4/2": "=3/2", 43831: 0.12, "string": 36162, 53: "3_2_1"}
    ]


@pytest.mark.parametrize(
    "header", [["A1", "faff", "C3", "faff"], ["A1", "B1", "", ""], ["", "", "", ""]]
)
def test_doubled_headers_are_refused_unless_they_are_expected(
    sheet: Worksheet, header: list[str]
) -> None:
    filled(sheet, [header, [1, "b2", 1.45, ""], ["A4", 0.4, "", 4]])
    with pytest.raises(GSpreadException):
        sheet.get_all_records()
    lines = ([1, "b2", 1.45, ""], ["A4", 0.4, "", 4])
    assert sheet.get_all_records(expected_headers=[]) == [
        dict(zip(header, line, strict=True)) for line in lines
    ]


def test_short_rows_read_as_records_are_padded(sheet: Worksheet) -> None:
    sheet.resize(2, 4)
    sheet.update([["A1", "B1", "C1"], [1, 2]], "A1:C2")
    assert sheet.get_all_records() == [{"A1": 1, "B1": 2, "C1": ""}]
    sheet.update([["A1", "B1"], [1, 2, 3, 4]], "A1:D2")
    assert sheet.get("A1:D2") == [["A1", "B1", "C1"], ["1", "2", "3", "4"]]


def test_found_cells_are_those_that_match(sheet: Worksheet) -> None:
    sheet.update([["camel", "xa_Bx"], ["CAMEL", "yc_Dy"], ["camel", ""]], "J2")
    assert [cell.address for cell in sheet.findall("camel")] == ["J2", "J4"]
    found = sheet.find("CAMEL")
    assert found is not None
    assert (found.row, found.col) == (3, 10)
    assert sheet.findall("camel", in_column=11) == []
    assert [cell.value for cell in sheet.findall(re.compile("[a-z]_[A-Z]"))] == ["xa_Bx", "yc_Dy"]
    folded = sheet.find("Camel", case_sensitive=False)
    assert folded is not None
    assert folded.address == "J2"
    assert sheet.find("nowhere") is None


def test_appended_rows_go_below_the_table_that_was_found(sheet: Worksheet) -> None:
    first = sheet.append_row(["a", "", "c"])
    assert first["updates"]["updatedRange"] == "Sheet1!A1:C1"
    assert "tableRange" not in first
    second = sheet.append_row(["a", "", "c"])
    assert (second["tableRange"], second["updates"]["updatedRange"]) == (
        "Sheet1!C1",
        "Sheet1!C2:E2",
    )
    assert sheet.row_values(2) == ["", "", "a", "", "c"]
    third = sheet.append_row(["x", "", "z"], table_range="A1")
    assert third["updates"]["updatedRange"].startswith("Sheet1!A")
    rows = sheet.append_rows([["1"], ["2"]], insert_data_option="INSERT_ROWS")
    assert rows["updates"]["updatedRows"] == 2


def test_inserted_rows_and_columns_push_the_others_away(sheet: Worksheet) -> None:
    filled(sheet, [["a", "b"], ["c", "=1+1"]], typed=True)
    sheet.insert_row(["n", "m", "o"], 2)
    assert sheet.get_all_values() == [["a", "b", ""], ["n", "m", "o"], ["c", "2", ""]]
    assert sheet.acell("B3", value_render_option=FORMULA).value == "=1+1"
    sheet.insert_cols([["p", "q"], ["r", "s"]], 2)
    assert sheet.col_values(2) == ["p", "q"]
    assert sheet.get_all_values() == [
        ["a", "p", "r", "b", ""],
        ["n", "q", "s", "m", "o"],
        ["c", "", "", "2", ""],
    ]
    sheet.delete_rows(2)
    sheet.delete_columns(2, 3)
    assert sheet.get_all_values() == [["a", "b"], ["c", "2"]]
    with pytest.raises(GSpreadException):
        sheet.insert_row(["n"], 1, inherit_from_before=True)


def test_sort_orders_texts_and_leaves_frozen_rows(sheet: Worksheet) -> None:
    rows = filled(
        sheet,
        [
            ["Apple", "2012", "4"],
            ["Banana", "2013", "3"],
            ["Canada", "2007", "1"],
            ["Dinosaur", "2013", "6"],
            ["Elephant", "2019", "2"],
        ],
    )
    sheet.sort((3, "asc"), range="A1:C5")
    assert sheet.get_all_values() == sorted(rows, key=lambda row: int(row[2]))
    sheet.sort((1, "des"), range="A1:C5")
    assert sheet.get_all_values() == sorted(rows, reverse=True)
    sheet.sort((2, "asc"), (3, "asc"))
    ordered = sorted(rows, key=lambda row: (row[1], int(row[2])))
    assert sheet.get_all_values() == ordered
    sheet.freeze(rows=1)
    sheet.sort((3, "des"))
    assert sheet.get_all_values() == [
        ordered[0],
        *sorted(ordered[1:], key=lambda row: int(row[2]), reverse=True),
    ]


def test_copied_and_cut_ranges_land_where_they_were_sent(sheet: Worksheet) -> None:
    sheet.update([["A1"], ["A2"]], "A1:A2")
    assert sheet.copy_range("A1:A2", "B1:B2")["replies"] == [{}]
    assert sheet.get_values("B1:B2") == [["A1"], ["A2"]]
    assert sheet.cut_range("A1:A2", "C1")["replies"] == [{}]
    assert sheet.get_all_values() == [["", "A1", "A1"], ["", "A2", "A2"]]


def test_a_table_is_expanded_from_its_corner(sheet: Worksheet) -> None:
    sheet.update([["", "B1", "C1", "", "E1"], ["", "B2", "C2", "", "E2"], ["", "", "", "", "E3"]])
    assert sheet.expand("B1") == [["B1", "C1"], ["B2", "C2"]]
    assert sheet.expand("B1", TableDirection.right) == [["B1", "C1"]]
    assert sheet.expand("E1", TableDirection.down) == [["E1"], ["E2"], ["E3"]]


def test_merged_cells_read_empty_but_for_the_first(sheet: Worksheet) -> None:
    rows = [["1", "", "", ""], ["", "", "title", ""], ["", "", "2", ""], ["num", "val", "", "0"]]
    filled(sheet, rows)
    sheet.merge_cells("A1:B2")
    sheet.batch_merge([{"range": "C2:D2"}, {"range": "C3:C4"}])
    combined = [
        ["1", "1", "", ""],
        ["1", "1", "title", "title"],
        ["", "", "2", ""],
        ["num", "val", "2", "0"],
    ]
    assert sheet.get_values() == rows
    assert sheet.get_values(combine_merged_cells=True) == combined
    sheet.define_named_range("C2:D4", "Part")
    assert sheet.get_values("Part", combine_merged_cells=True) == [
        line[2:] for line in combined[1:]
    ]
    assert sheet.get("Part").range == "Sheet1!C2:D4"
    sheet.unmerge_cells("A1:B2")
    sheet.unmerge_cells("C2:D4")
    assert "merges" not in sheet.spreadsheet.fetch_sheet_metadata()["sheets"][0]


def test_swapped_arguments_are_refused_as_google_refuses_them(sheet: Worksheet) -> None:
    with pytest.raises(APIError) as caught:
        sheet.spreadsheet.values_update(
            "A1", params={"valueInputOption": "RAW"}, body={"values": "X"}
        )
    message = (
        "Invalid value at 'data.values' (type.googleapis.com/google.protobuf.ListValue), \"X\""
    )
    assert (caught.value.code, caught.value.error["message"]) == (400, message)
