"""The library: all workbooks of one data file, in memory as they are used, on disk as saved.

Rows are blobs under a key that never changes, so that inserting or deleting a row writes the
sheet's order and nothing of the other rows. What to write is found by comparing the saved
workbook with the changed one by identity: both share all that did not change.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from crm_sync.sheet_server import encoding
from crm_sync.sheet_server.api_error import not_found
from crm_sync.sheet_server.calculation import calculate, is_stale
from crm_sync.sheet_server.collector import without_cycle_search
from crm_sync.sheet_server.defaults import sheet_properties, spreadsheet_properties
from crm_sync.sheet_server.encoding import MarkTable
from crm_sync.sheet_server.row_changes import RowChanges, row_changes
from crm_sync.sheet_server.values import keep_texts
from crm_sync.sheet_server.workbook import Sheet, Workbook, new_sheet

_SCHEMA = """
CREATE TABLE IF NOT EXISTS workbook (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, head BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS sheet (
    workbook INTEGER NOT NULL, id INTEGER NOT NULL, position INTEGER NOT NULL,
    head BLOB NOT NULL, layout BLOB NOT NULL, PRIMARY KEY (workbook, id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sheet_row (
    workbook INTEGER NOT NULL, sheet INTEGER NOT NULL, key INTEGER NOT NULL,
    cells BLOB NOT NULL, PRIMARY KEY (workbook, sheet, key)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS mark (
    workbook INTEGER NOT NULL, id INTEGER NOT NULL, marks BLOB NOT NULL,
    PRIMARY KEY (workbook, id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS metadata (
    workbook INTEGER NOT NULL, id INTEGER NOT NULL, entry BLOB NOT NULL,
    PRIMARY KEY (workbook, id)
) WITHOUT ROWID;
"""


class _Shelf:
    """A loaded workbook with its number in the file and the marks it has used."""

    def __init__(self, number: int, workbook: Workbook, marks: MarkTable) -> None:
        self.number = number
        self.workbook = workbook
        self.marks = marks


class Library:
    """Workbooks of one SQLite file, by id. Safe for several threads; one writer at a time."""

    def __init__(self, path: Path, clock: Callable[[], datetime]) -> None:
        self.clock = clock
        self.path = path
        self.lock = threading.RLock()
        self.connection = _open(path)
        self._shelves: dict[str, _Shelf] = {}
        self._depth = 0
        self._touched: set[str] = set()

    def close(self) -> None:
        """Closes the file."""
        with self.lock:
            self.connection.close()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All that is written inside is on disk at its end, or, if it raises, none of it is.

        May be nested: the outermost one commits. Holds the library's lock.
        """
        with self.lock, without_cycle_search():
            if self._depth == 0:
                self._touched.clear()
                self.connection.execute("BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield self.connection
            except BaseException:
                self._depth -= 1
                if self._depth == 0:
                    self._undo()
                raise
            self._depth -= 1
            if self._depth == 0:
                self._commit()

    def _commit(self) -> None:
        try:
            self.connection.execute("COMMIT")
        except BaseException:
            self._undo()
            raise

    def _undo(self) -> None:
        if self.connection.in_transaction:
            self.connection.execute("ROLLBACK")
        for file_id in self._touched:
            self._shelves.pop(file_id, None)

    def workbook(self, file_id: str) -> Workbook:
        """The workbook as last saved; never change it, change its draft. ApiError 404 if none."""
        with self.lock:
            shelf = self._shelf(file_id)
            now = self.clock()
            if is_stale(shelf.workbook, now):
                draft = shelf.workbook.draft()
                calculate(draft, now)
                shelf.workbook = draft
            return shelf.workbook

    def create_workbook(
        self,
        file_id: str,
        title: str,
        locale: str = "en_US",
        time_zone: str = "Etc/GMT",
        sheet_title: str = "Sheet1",
    ) -> Workbook:
        """A new, saved workbook with one sheet of id 0, 1000 x 26."""
        workbook = Workbook(file_id, spreadsheet_properties(title, locale, time_zone))
        workbook.sheets = [new_sheet(0, sheet_properties(0, sheet_title))]
        self.add_workbook(workbook)
        return workbook

    def add_workbook(self, workbook: Workbook) -> None:
        """Saves a workbook whose id the library does not hold yet."""
        workbook.calculator = None
        with self.transaction() as connection:
            cursor = connection.execute(
                "INSERT INTO workbook (id, head) VALUES (?, ?)",
                (workbook.id, encoding.workbook_head(workbook)),
            )
            empty = Workbook(workbook.id, {})
            number = int(cursor.lastrowid or 0)
            self._touched.add(workbook.id)
            self._shelves[workbook.id] = _Shelf(number, empty, MarkTable())
            self.save(workbook)

    def delete_workbook(self, file_id: str) -> None:
        """Erases a workbook and all its sheets. ApiError 404 if there is none."""
        with self.transaction() as connection:
            number = self._shelf(file_id).number
            self._touched.add(file_id)
            for table in ("sheet_row", "sheet", "mark", "metadata"):
                connection.execute(f"DELETE FROM {table} WHERE workbook = ?", (number,))
            connection.execute("DELETE FROM workbook WHERE number = ?", (number,))
            del self._shelves[file_id]

    def save(self, workbook: Workbook) -> None:
        """Writes what differs from the saved workbook of this id and puts it in its place."""
        with self.transaction() as connection:
            shelf = self._shelf(workbook.id)
            before = shelf.workbook
            if workbook is before:
                return
            self._touched.add(workbook.id)
            head = encoding.workbook_head(workbook)
            if head != encoding.workbook_head(before):
                connection.execute(
                    "UPDATE workbook SET head = ? WHERE number = ?", (head, shelf.number)
                )
            _save_sheets(connection, shelf, before, workbook)
            _save_metadata(connection, shelf.number, before, workbook)
            _save_marks(connection, shelf)
            shelf.workbook = workbook

    def _shelf(self, file_id: str) -> _Shelf:
        shelf = self._shelves.get(file_id)
        if shelf is None:
            with without_cycle_search():
                shelf = _load(self.connection, file_id)
                # Number formats and links that formulas give are not stored.
                calculate(shelf.workbook, self.clock())
            self._shelves[file_id] = shelf
        return shelf


def _open(path: Path) -> sqlite3.Connection:
    """The data file, made 0600 if it is new. A rollback journal: WAL lost data before 3.51.3."""
    if not path.exists():
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
    connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
    wal = sqlite3.sqlite_version_info >= (3, 51, 3)
    connection.execute(f"PRAGMA journal_mode = {'WAL' if wal else 'DELETE'}")
    connection.execute("PRAGMA synchronous = FULL")
    connection.executescript(_SCHEMA)
    return connection


def _save_sheets(
    connection: sqlite3.Connection, shelf: _Shelf, before: Workbook, after: Workbook
) -> None:
    kept = {sheet.id for sheet in after.sheets}
    for sheet in before.sheets:
        if sheet.id not in kept:
            key = (shelf.number, sheet.id)
            connection.execute("DELETE FROM sheet_row WHERE workbook = ? AND sheet = ?", key)
            connection.execute("DELETE FROM sheet WHERE workbook = ? AND id = ?", key)
    places = {sheet.id: (place, sheet) for place, sheet in enumerate(before.sheets)}
    for place, sheet in enumerate(after.sheets):
        old_place, old = places.get(sheet.id, (-1, None))
        if old is sheet and old_place == place:
            continue
        changes = row_changes([] if old is None else old.rows, sheet.rows)
        _save_sheet(connection, shelf, place, old, sheet, changes)
        _save_rows(connection, shelf, sheet, changes)
        keep_texts(changes.changed, after.locale)


def _save_sheet(
    connection: sqlite3.Connection,
    shelf: _Shelf,
    place: int,
    old: Sheet | None,
    sheet: Sheet,
    changes: RowChanges,
) -> None:
    head = encoding.sheet_head(sheet)
    if old is None:
        connection.execute(
            "INSERT INTO sheet (workbook, id, position, head, layout) VALUES (?, ?, ?, ?, ?)",
            (shelf.number, sheet.id, place, head, encoding.layout(sheet)),
        )
        return
    key = (shelf.number, sheet.id)
    connection.execute(
        "UPDATE sheet SET position = ? WHERE workbook = ? AND id = ? AND position <> ?",
        (place, *key, place),
    )
    if head != encoding.sheet_head(old):
        connection.execute("UPDATE sheet SET head = ? WHERE workbook = ? AND id = ?", (head, *key))
    if changes.is_rearranged:
        connection.execute(
            "UPDATE sheet SET layout = ? WHERE workbook = ? AND id = ?",
            (encoding.layout(sheet), *key),
        )


def _save_rows(
    connection: sqlite3.Connection, shelf: _Shelf, sheet: Sheet, changes: RowChanges
) -> None:
    connection.executemany(
        "INSERT OR REPLACE INTO sheet_row (workbook, sheet, key, cells) VALUES (?, ?, ?, ?)",
        [
            (shelf.number, sheet.id, row.key, encoding.encode_row(row, shelf.marks))
            for row in changes.changed
        ],
    )
    connection.executemany(
        "DELETE FROM sheet_row WHERE workbook = ? AND sheet = ? AND key = ?",
        [(shelf.number, sheet.id, key) for key in changes.gone],
    )


def _save_metadata(
    connection: sqlite3.Connection, number: int, before: Workbook, after: Workbook
) -> None:
    gone = [(number, entry_id) for entry_id in before.metadata if entry_id not in after.metadata]
    connection.executemany("DELETE FROM metadata WHERE workbook = ? AND id = ?", gone)
    connection.executemany(
        "INSERT OR REPLACE INTO metadata (workbook, id, entry) VALUES (?, ?, ?)",
        [
            (number, entry_id, encoding.dump(entry))
            for entry_id, entry in after.metadata.items()
            if before.metadata.get(entry_id) is not entry
        ],
    )


def _save_marks(connection: sqlite3.Connection, shelf: _Shelf) -> None:
    connection.executemany(
        "INSERT INTO mark (workbook, id, marks) VALUES (?, ?, ?)",
        [(shelf.number, mark, blob) for mark, blob in shelf.marks.take_new()],
    )


def _load(connection: sqlite3.Connection, file_id: str) -> _Shelf:
    found = connection.execute(
        "SELECT number, head FROM workbook WHERE id = ?", (file_id,)
    ).fetchone()
    if found is None:
        raise not_found()
    number, head = found
    workbook = encoding.read_workbook_head(file_id, head)
    marks = MarkTable()
    saved_marks = connection.execute("SELECT id, marks FROM mark WHERE workbook = ?", (number,))
    for mark, blob in saved_marks:
        marks.restore(mark, blob)
    sheets = connection.execute(
        "SELECT id, head, layout FROM sheet WHERE workbook = ? ORDER BY position", (number,)
    ).fetchall()
    for sheet_id, sheet_head, layout in sheets:
        rows = connection.execute(
            "SELECT key, cells FROM sheet_row WHERE workbook = ? AND sheet = ?",
            (number, sheet_id),
        )
        decoded = {key: encoding.decode_row(key, blob, marks) for key, blob in rows}
        sheet = encoding.read_sheet(sheet_id, sheet_head, layout, decoded)
        workbook.sheets.append(sheet)
        workbook.has_formulas = workbook.has_formulas or any(
            cell is not None and cell.formula is not None
            for row in decoded.values()
            for cell in row.cells
        )
    entries = connection.execute(
        "SELECT id, entry FROM metadata WHERE workbook = ? ORDER BY id", (number,)
    )
    workbook.metadata = {entry_id: encoding.parse(entry) for entry_id, entry in entries}
    return _Shelf(number, workbook, marks)
