"""values.append: which table is found, and where it writes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.contract.sheet_server.book import Book

GUIDE = [
    ["x", "y", "z"],
    ["x", "y", "z"],
    [],
    ["", "x", "y"],
    ["", "", "y", "z"],
    ["", "x", "y", "z"],
]


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    made = Book(tmp_path / "append.sheets", rows=10, columns=6)
    yield made
    made.library.close()


def append(book: Book, range_: str, values: list[list[Any]], **params: Any) -> tuple[Any, Any]:
    wanted = {"valueInputOption": "USER_ENTERED", **params}
    answer, _ = book.api.values_append(book.id, range_, wanted, {"values": values})
    return answer.get("tableRange"), answer["updates"]["updatedRange"]


# https://developers.google.com/workspace/sheets/api/guides/values#append-values
@pytest.mark.parametrize(
    ("range_", "table", "written"),
    [
        ("Sheet1", "Sheet1!B4:D6", "Sheet1!B7"),
        ("B4", "Sheet1!B4:D6", "Sheet1!B7"),
        ("C5:D5", "Sheet1!B4:D6", "Sheet1!B7"),
        ("B2:D4", "Sheet1!B4:D6", "Sheet1!B7"),
        ("A3:F10", "Sheet1!B4:D6", "Sheet1!B7"),
        ("A1", "Sheet1!A1:C2", "Sheet1!A3"),
        ("E4", None, "Sheet1!E4"),
        ("A4", None, "Sheet1!A4"),
    ],
)
def test_the_tables_of_the_guide_are_found(
    book: Book, range_: str, table: str | None, written: str
) -> None:
    book.write("A1", GUIDE)
    assert append(book, range_, [["new"]]) == (table, written)


def test_a_gap_in_the_row_makes_two_tables_and_the_last_one_wins(book: Book) -> None:
    book.write("A1", [["a", "", "c"]])
    assert append(book, "Sheet1", [[1, 2, 3]]) == ("Sheet1!C1", "Sheet1!C2:E2")
    assert append(book, "Sheet1!A1", [[1, 2, 3]]) == ("Sheet1!A1", "Sheet1!A2:C2")


def test_an_empty_sheet_is_written_from_its_first_cell(book: Book) -> None:
    assert append(book, "Sheet1", [["a"]]) == (None, "Sheet1!A1")
    assert append(book, "Sheet1", [["b"]]) == ("Sheet1!A1", "Sheet1!A2")


def test_the_grid_grows_for_what_is_appended(book: Book) -> None:
    book.write("A1", [["x"]] * 10)
    assert append(book, "Sheet1", [list("abcdefgh")] * 2) == ("Sheet1!A1:A10", "Sheet1!A11:H12")
    grid = book.sheet()["properties"]["gridProperties"]
    assert grid == {"rowCount": 12, "columnCount": 8}


def test_inserted_rows_push_down_what_lies_below(book: Book) -> None:
    book.write("A1", [["a"], [], ["total", "=A1"]])
    below = append(book, "A1", [["b"], ["=A3"]], insertDataOption="INSERT_ROWS")
    assert below == ("Sheet1!A1", "Sheet1!A2:A3")
    assert book.formulas() == [["a"], ["b"], ["=A3"], [], ["total", "=A1"]]
