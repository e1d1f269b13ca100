"""One connection to the store's file: how it is set up, its transactions, its errors."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from itertools import chain, islice
from pathlib import Path
from typing import Any, TypeVar

import sqlite_utils

from crm_sync.core.values import N_
from crm_sync.errors import StoreError
from crm_sync.store.columns import columns_of
from crm_sync.store.failures import told_plainly

# Two connections that write and checkpoint at once may lose a commit in WAL mode before this
# release ("WAL-reset bug"): https://www.sqlite.org/releaselog/3_51_3.html
_WAL_IS_SAFE_SINCE = (3, 51, 3)

MOST_PARAMETERS = 900
"""How many a statement may have: SQLite takes 999 at least."""

Row = tuple[Any, ...]
Made = TypeVar("Made")


def journal_mode(version: tuple[int, int, int]) -> str:
    """The journal mode that a store may use with this release of SQLite: "wal" or "delete"."""
    return "wal" if version >= _WAL_IS_SAFE_SINCE else "delete"


class Connection:
    """A connection to one store. Everything that touches the file goes through it, so that all
    errors come out as StoreError.

    `raw` has isolation level None: sqlite3 opens no transaction by itself. sqlite-utils 4 works
    with that; what it refuses is a connection made with `autocommit=True` or `False`.
    """

    def __init__(self, path: Path, *, busy_seconds: float) -> None:
        self.path = path
        with self.told_plainly():
            self.raw = sqlite3.connect(path, timeout=busy_seconds, isolation_level=None)
        self.db = sqlite_utils.Database(self.raw, recursive_triggers=False, execute_plugins=False)
        try:
            self._set_up()
        except BaseException:
            self.raw.close()
            raise

    def _set_up(self) -> None:
        # FULL does not sync the folder after the journal is unlinked: a power cut could bring the
        # journal back, and with it roll back a commit that was already acknowledged.
        self.run("PRAGMA synchronous = EXTRA")
        self.run("PRAGMA foreign_keys = ON")
        self.run("PRAGMA secure_delete = ON")
        self.run("PRAGMA recursive_triggers = OFF")

    def use_safe_journal(self) -> None:
        """Puts the file into the journal mode that this release of SQLite may use. It stays so for
        everybody who opens the file: call it only once the file is known to be a store.
        """
        self.run(f"PRAGMA journal_mode = {journal_mode(sqlite3.sqlite_version_info[:3])}")

    def told_plainly(self) -> AbstractContextManager[None]:
        """Turns errors of SQLite into StoreError."""
        return told_plainly(self.path)

    def table(self, name: str) -> sqlite_utils.db.Table:
        """A table as sqlite-utils sees it: columns, indexes, triggers; empty if it is not there."""
        return self.db.table(name)

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
        """All rows of a query. Bytes that are not UTF-8 come out as U+FFFD."""
        return self.read(sql, parameters, tuple)

    def read(
        self, sql: str, parameters: Sequence[object], make: Callable[[Row], Made]
    ) -> list[Made]:
        """What `make` makes of each row of a query, so that the rows of a large table need not be
        held all at once. Bytes that are not UTF-8 come out as U+FFFD.
        """
        return self._leniently(lambda: [make(row) for row in self.raw.execute(sql, parameters)])

    def _leniently(self, read: Callable[[], Made]) -> Made:
        with self.told_plainly():
            try:
                return read()
            except sqlite3.OperationalError as exc:
                if getattr(exc, "sqlite_errorcode", None) is not None:
                    raise
            # The only error without a code is "Could not decode to UTF-8"; decoding in Python is
            # slow, so it is done for such rows alone.
            self.raw.text_factory = _lenient_text
            try:
                return read()
            finally:
                self.raw.text_factory = str

    def each(self, sql: str, parameters: Sequence[object] = ()) -> Iterator[Row]:
        """The rows of a query one after the other, for what is too much to be held at once."""
        with self.told_plainly():
            yield from self.raw.execute(sql, parameters)

    def columns(self, table: str, wanted: Sequence[str]) -> list[list[Any]]:
        """The values of these expressions in all rows of a table, a list each, in the order in
        which the rows lie. Bytes that are not UTF-8 come out as U+FFFD.
        """
        with self.one_view():
            return self._leniently(lambda: columns_of(self.raw, table, wanted))

    @contextmanager
    def one_view(self) -> Iterator[None]:
        """All that is read inside is as it was at one moment."""
        if self.raw.in_transaction:
            yield
            return
        self.run("BEGIN")
        try:
            yield
        finally:
            self._roll_back()

    def read_some(
        self,
        sql: str,
        parameters: Sequence[object],
        keys: Iterable[str],
        make: Callable[[Row], Made],
    ) -> list[Made]:
        """What `make` makes of each row of a query whose `{places}` stand for some of the keys: it
        is asked as often as it takes to ask for all of them. The keys are the last parameters.
        """
        found: list[Made] = []
        asked = sorted(keys)
        for start in range(0, len(asked), MOST_PARAMETERS):
            some = asked[start : start + MOST_PARAMETERS]
            found += self.read(
                sql.format(places=", ".join("?" * len(some))), (*parameters, *some), make
            )
        return found

    def value(self, sql: str, parameters: Sequence[object] = ()) -> Any:
        """The first column of the first row, None without a row."""
        found = self.rows(sql, parameters)
        return found[0][0] if found else None

    def run(self, sql: str, parameters: Sequence[object] = ()) -> sqlite3.Cursor:
        """Runs one statement."""
        with self.told_plainly():
            return self.raw.execute(sql, parameters)

    def run_many(self, sql: str, rows: Iterable[Sequence[object]]) -> int:
        """Runs one statement for each row; the number of rows that it changed."""
        with self.told_plainly():
            return self.raw.executemany(sql, rows).rowcount

    def insert(
        self, into: str, row: str, rows: Iterable[Sequence[object]], conflict: str = ""
    ) -> None:
        """Inserts many rows, as `insertions` says."""
        for sql, parameters in insertions(into, row, rows, conflict):
            self.run(sql, parameters)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commits all writes inside together, or none. Raises StoreError within another one."""
        if self.raw.in_transaction:
            raise StoreError(
                N_("The store {path} is asked for a transaction within a transaction."),
                N_("This is a fault of crm-sync; please report it."),
                path=str(self.path),
            )
        self.run("BEGIN IMMEDIATE")
        try:
            yield
            self.run("COMMIT")
        except BaseException:
            self._roll_back()
            raise

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Joins the open transaction, or makes one for the writes inside."""
        if self.raw.in_transaction:
            yield
        else:
            with self.transaction():
                yield

    def close(self) -> None:
        """Closes the file; an open transaction is rolled back."""
        with self.told_plainly():
            self.raw.close()

    def _roll_back(self) -> None:
        # After a full disk SQLite has rolled back already; a failing rollback is done by the next
        # opening, and must not hide the error that led here.
        if self.raw.in_transaction:
            with suppress(sqlite3.Error):
                self.raw.execute("ROLLBACK")


def insertions(
    into: str, row: str, rows: Iterable[Sequence[object]], conflict: str = ""
) -> Iterator[tuple[str, Row]]:
    """Statements that insert these rows, with their parameters: `into`, which ends before VALUES,
    then `row`, which has a `?` for each value, as many times as one may hold, then what is done in
    a `conflict`. For each statement SQLite opens the table and all its indexes, so that one for
    each row would take a third to a half longer.
    """
    most = max(MOST_PARAMETERS // row.count("?"), 1)
    rest = iter(rows)
    while some := list(islice(rest, most)):
        values = ", ".join([row] * len(some))
        yield f"{into} VALUES {values}{conflict}", tuple(chain.from_iterable(some))


def _lenient_text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")
