"""The files of a data file as Drive sees them: names, times, versions, parents."""

import secrets
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

import orjson

from crm_sync.sheet_server.accounts import create_tables

SPREADSHEET_TYPE = "application/vnd.google-apps.spreadsheet"
FOLDER_TYPE = "application/vnd.google-apps.folder"

_SCHEMA = """
CREATE TABLE IF NOT EXISTS file (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    mime_type TEXT NOT NULL,
    owner TEXT NOT NULL,
    created TEXT NOT NULL,
    modified TEXT NOT NULL,
    modified_by TEXT NOT NULL,
    version INTEGER NOT NULL,
    trashed TEXT,
    trashed_by TEXT,
    parent TEXT NOT NULL,
    details TEXT NOT NULL
) WITHOUT ROWID;
"""
_COLUMNS = (
    "id, name, mime_type, owner, created, modified, modified_by, version,"
    " trashed, trashed_by, parent, details"
)


@dataclass(frozen=True, slots=True)
class FileRecord:
    """One file. Times are UTC with millisecond precision; `trashed` is when, or None.

    `version` counts every accepted change of the file, its sharing too. `details` holds the rarer
    members that Drive keeps as they were sent (description, properties, writersCanShare, ...).
    """

    id: str
    name: str
    mime_type: str
    owner: str
    created: datetime
    modified: datetime
    modified_by: str
    parent: str
    version: int = 1
    trashed: datetime | None = None
    trashed_by: str | None = None
    details: Mapping[str, object] = field(default_factory=dict)

    @property
    def is_spreadsheet(self) -> bool:
        """Whether there is a workbook behind it."""
        return self.mime_type == SPREADSHEET_TYPE


class FileTable:
    """The file records of one data file. Writes nothing but its own table."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        create_tables(connection, _SCHEMA)

    def find(self, file_id: str) -> FileRecord | None:
        """The record of an id, or None."""
        row = self._connection.execute(
            f"SELECT {_COLUMNS} FROM file WHERE id = ?", (file_id,)
        ).fetchone()
        return None if row is None else _from_row(row)

    def all(self) -> tuple[FileRecord, ...]:
        """Every record, by id."""
        rows = self._connection.execute(f"SELECT {_COLUMNS} FROM file ORDER BY id").fetchall()
        return tuple(_from_row(row) for row in rows)

    def put(self, record: FileRecord) -> None:
        """Adds a record or replaces the one with its id."""
        marks = ", ".join("?" * 12)
        self._connection.execute(
            f"INSERT OR REPLACE INTO file ({_COLUMNS}) VALUES ({marks})", _to_row(record)
        )

    def remove(self, file_id: str) -> None:
        """Forgets a file."""
        self._connection.execute("DELETE FROM file WHERE id = ?", (file_id,))


def new_file_id() -> str:
    """An id of Google's length and alphabet: 44 characters, unguessable."""
    return "1" + secrets.token_urlsafe(33)[:43]


def touched(record: FileRecord, email: str, now: datetime) -> FileRecord:
    """The record after its content was changed by an account: one version on, newly modified."""
    # Two changes within one millisecond still have times in their order.
    return replace(
        record,
        version=record.version + 1,
        modified=max(now, record.modified),
        modified_by=email,
    )


def shown_time(moment: datetime) -> str:
    """A time as Drive writes it: RFC 3339, UTC, three digits of a second, Z."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def _to_row(record: FileRecord) -> tuple[str | int | None, ...]:
    return (
        record.id,
        record.name,
        record.mime_type,
        record.owner,
        record.created.isoformat(),
        record.modified.isoformat(),
        record.modified_by,
        record.version,
        None if record.trashed is None else record.trashed.isoformat(),
        record.trashed_by,
        record.parent,
        orjson.dumps(dict(record.details), option=orjson.OPT_SORT_KEYS).decode(),
    )


def _from_row(row: tuple[str, ...]) -> FileRecord:
    return FileRecord(
        id=row[0],
        name=row[1],
        mime_type=row[2],
        owner=row[3],
        created=datetime.fromisoformat(row[4]),
        modified=datetime.fromisoformat(row[5]),
        modified_by=row[6],
        version=int(row[7]),
        trashed=datetime.fromisoformat(row[8]) if row[8] else None,
        trashed_by=row[9],
        parent=row[10],
        details=orjson.loads(row[11]),
    )
