"""Two small tables, changes for them, and a store to put them in."""

import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from crm_sync.core.plan import Op, StoreChange
from crm_sync.core.records import Record
from crm_sync.core.schema import Field, FilledBy, Kind, Table
from crm_sync.core.values import Scalar
from crm_sync.store import SqliteStore, open_store

PEOPLE = Table(
    "people",
    "C",
    6,
    "name",
    (
        Field("name", required=True),
        Field("phone", Kind.PHONE, many=True),
        Field("age", Kind.INTEGER),
        Field("friend", Kind.REFERENCE, refers_to="people"),
        Field("status", Kind.REFERENCE, refers_to="statuses", entity="client"),
        Field("last_call", Kind.DATETIME, filled_by=FilledBy.ENGINE, derived=True),
    ),
)
NOTES = Table(
    "notes",
    "K",
    7,
    "text",
    (
        Field("person", Kind.REFERENCE, refers_to="people"),
        Field("text"),
        Field("read", Kind.BOOLEAN),
        Field("duration_s", Kind.INTEGER, filled_by=FilledBy.ENGINE),
    ),
)
TABLES = (PEOPLE, NOTES)
NOBODY = {"name": None, "phone": None, "age": None, "friend": None, "status": None}

NOW = datetime(2026, 3, 10, 11, 5, 0, 120_000, tzinfo=UTC)
NOW_TEXT = "2026-03-10T11:05:00.120Z"
LATER = datetime(2026, 3, 11, 8, 0, tzinfo=UTC)
LATER_TEXT = "2026-03-11T08:00:00.000Z"


@contextmanager
def folder_in_memory() -> Iterator[Path]:
    """A folder that costs no waiting for a disk, where the system has such; for tests that make
    hundreds of stores, or that kill a process, which takes nothing from the system's own memory.
    """
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as name:
        yield Path(name)


@contextmanager
def opened(
    folder: Path, tables: Sequence[Table] = TABLES, *, busy_seconds: float = 10
) -> Iterator[SqliteStore]:
    """The store `crm.db` in a folder."""
    store = open_store(folder / "crm.db", tables, busy_seconds=busy_seconds)
    with closing(store):
        yield store


@contextmanager
def sql(folder: Path, *, recursive_triggers: bool = False) -> Iterator[sqlite3.Connection]:
    """Somebody else's connection to the store; what it does is committed statement by statement."""
    with closing(sqlite3.connect(folder / "crm.db", isolation_level=None)) as connection:
        connection.execute(f"PRAGMA recursive_triggers = {int(recursive_triggers)}")
        yield connection


def query(folder: Path, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
    """What a statement gives on a connection of its own."""
    with sql(folder) as connection:
        return connection.execute(statement, parameters).fetchall()


def create(table: Table, record_id: str, **values: Scalar) -> StoreChange:
    return StoreChange(Op.CREATE, table.name, record_id, values)


def update(table: Table, record_id: str, version: int, **values: Scalar) -> StoreChange:
    return StoreChange(Op.UPDATE, table.name, record_id, values, version)


def archive(table: Table, record_id: str, version: int) -> StoreChange:
    return StoreChange(Op.ARCHIVE, table.name, record_id, {}, version)


def restore(table: Table, record_id: str, version: int, **values: Scalar) -> StoreChange:
    return StoreChange(Op.RESTORE, table.name, record_id, values, version)


def apply(
    store: SqliteStore,
    *changes: StoreChange,
    source: str = "sheet:main",
    by: str = "anna",
    at: datetime = NOW,
    run: int | None = None,
) -> None:
    """Makes the changes in one transaction."""
    with store.transaction():
        store.records.apply(changes, source=source, by=by, at=at, run=run)


def person(record_id: str, *, version: int = 1, archived: bool = False, **values: Scalar) -> Record:
    """A record of `people` that was last changed at NOW."""
    return Record(record_id, NOBODY | values, version, archived, NOW_TEXT)
