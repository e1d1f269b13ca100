"""The data file: what is saved, what a rollback leaves, and that little is written for little."""

import random
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from crm_sync.sheet_server.api_error import ApiError
from crm_sync.sheet_server.storage import Library
from tests.contract.sheet_server.book import NOW, Book, area, lines


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    made = Book(tmp_path / "stored.sheets", rows=30, columns=6)
    yield made
    made.library.close()


def rows_written(book: Book, *requests: dict[str, Any]) -> int:
    """How many row blobs a batch writes."""
    before = dict(_rows(book))
    book.batch(*requests)
    return sum(before.get(key) != cells for key, cells in _rows(book))


def _rows(book: Book) -> list[tuple[tuple[int, int], bytes]]:
    found = book.library.connection.execute("SELECT sheet, key, cells FROM sheet_row")
    return [((sheet, key), cells) for sheet, key, cells in found]


def test_the_file_is_for_its_owner_only(book: Book) -> None:
    assert stat.S_IMODE(book.path.stat().st_mode) == 0o600


def test_all_that_a_cell_holds_comes_back(book: Book) -> None:
    rich = {
        "userEnteredValue": {"formulaValue": "=1/0"},
        "userEnteredFormat": {"numberFormat": {"type": "DATE", "pattern": "dd.mm.yyyy"}},
        "note": "заметка",
        "dataValidation": {"condition": {"type": "BOOLEAN"}},
        "textFormatRuns": [{"startIndex": 1, "format": {"bold": True}}],
    }
    start = {"rowIndex": 3, "columnIndex": 2}
    book.batch({"updateCells": {"start": start, "rows": [{"values": [rich]}], "fields": "*"}})
    book.write("A1", [["text", 1, 1.5, True, "31.12.2026"]])
    shown = book.api.get(book.id, [], True)
    assert book.reopened().api.get(book.id, [], True) == shown


def test_metadata_comes_in_one_order_before_and_after(book: Book) -> None:
    places: list[dict[str, Any]] = [
        {"spreadsheet": True},
        {"sheetId": 0},
        {"dimensionRange": lines("ROWS", 0, 1)},
    ]
    ids = iter((9, 8, 7, 3, 2, 1))
    for place in places * 2:
        entry = {"metadataId": next(ids), "metadataKey": "k", "visibility": "DOCUMENT"}
        held = {"developerMetadata": {**entry, "location": place}}
        book.batch({"createDeveloperMetadata": held})
    shown = book.api.get(book.id, [], True)

    assert [entry["metadataId"] for entry in shown["developerMetadata"]] == [3, 9]
    assert book.reopened().api.get(book.id, [], True) == shown


def test_a_row_inserted_above_leaves_the_other_rows_unwritten(book: Book) -> None:
    book.write("A1", [[f"row {number}"] for number in range(30)])
    insert = {"range": lines("ROWS", 0, 1), "inheritFromBefore": False}
    assert rows_written(book, {"insertDimension": insert}) == 0
    assert rows_written(book, {"deleteDimension": {"range": lines("ROWS", 3, 5)}}) == 0
    cell = {"rowIndex": 4, "columnIndex": 0}
    value = {"userEnteredValue": {"stringValue": "x"}}
    update = {"start": cell, "rows": [{"values": [value]}], "fields": "userEnteredValue"}
    assert rows_written(book, {"updateCells": update}) == 1
    values = book.read()
    assert book.reopened().read() == values


def test_a_rolled_back_transaction_leaves_the_workbook_as_it_was(book: Book) -> None:
    book.write("A1", [["kept"]])

    def half() -> None:
        with book.library.transaction():
            book.write("A1", [["lost"]])
            book.library.create_workbook("1new", "New")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        half()
    assert book.read() == [["kept"]]
    with pytest.raises(ApiError, match="not found"):
        book.library.workbook("1new")
    assert book.reopened().read() == [["kept"]]


def test_a_refusal_within_a_transaction_takes_nothing_else_with_it(book: Book) -> None:
    with book.library.transaction():
        book.write("A1", [["a"]])
        book.refused({"deleteSheet": {"sheetId": 0}})
        book.write("B1", [["b"]])
    assert book.reopened().read() == [["a", "b"]]


def test_a_deleted_workbook_leaves_nothing_behind(book: Book) -> None:
    book.write("A1", [["x"]])
    cell = {"userEnteredFormat": {"textFormat": {"bold": True}}}
    book.batch({"repeatCell": {"range": area("0:1"), "cell": cell, "fields": "*"}})
    book.library.delete_workbook(book.id)
    for table in ("workbook", "sheet", "sheet_row", "mark", "metadata"):
        count = book.library.connection.execute(f"SELECT count(*) FROM {table}").fetchone()
        assert count == (0,)


def test_formats_that_are_equal_are_stored_once(book: Book) -> None:
    cell = {"userEnteredFormat": {"textFormat": {"bold": True}}}
    for column in range(5):
        span = area("0:30", f"{column}:{column + 1}")
        book.batch({"repeatCell": {"range": span, "cell": cell, "fields": "userEnteredFormat"}})
    count = book.library.connection.execute("SELECT count(*) FROM mark").fetchone()
    assert count == (1,)


WRITER = """
import sys
from pathlib import Path
from tests.contract.sheet_server.book import Book
from crm_sync.sheet_server.storage import Library
book = Book(Path(sys.argv[1]), rows=500, columns=4)
print(book.id, flush=True)
for number in range(10**6):
    book.write("A1", [[number] * 4] * 500, "RAW")
    print(number, flush=True)
"""


def test_a_killed_writer_leaves_whole_batches_and_all_that_it_answered(tmp_path: Path) -> None:
    path = tmp_path / "killed.sheets"
    dice = random.Random()
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    with process:
        file_id = process.stdout.readline().strip()
        for _ in range(dice.randrange(2, 12)):
            process.stdout.readline()
        process.kill()
        answered = [int(line) for line in process.stdout.read().split()]
    with closing(Library(path, lambda: NOW)) as library:
        rows = library.workbook(file_id).sheets[0].rows
        values = {cell.value for row in rows if row for cell in row.cells if cell}
        assert len(values) == 1
        (number,) = values
        assert isinstance(number, int)
        assert number >= max(answered, default=0)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
