"""What happened to files: revisions for their editors, changes for whoever follows them."""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from crm_sync.sheet_server.accounts import create_tables
from crm_sync.sheet_server.files import FileRecord
from crm_sync.sheet_server.last_number import LastNumber

# Edits by one person within this time are one revision, as Google groups them.
_SESSION = timedelta(minutes=10)
_SCHEMA = """
CREATE TABLE IF NOT EXISTS revision (
    file_id TEXT NOT NULL,
    id INTEGER NOT NULL,
    begun TEXT NOT NULL,
    modified TEXT NOT NULL,
    email TEXT NOT NULL,
    PRIMARY KEY (file_id, id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS file_change (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    file_id TEXT NOT NULL,
    account TEXT NOT NULL,
    removed INTEGER NOT NULL,
    time TEXT NOT NULL,
    UNIQUE (file_id, account)
);
"""


@dataclass(frozen=True, slots=True)
class Revision:
    """A stretch of edits by one person; ids grow with time."""

    id: int
    modified: datetime
    email: str


@dataclass(frozen=True, slots=True)
class FileChange:
    """The last change of a file. `account`: the one who lost the file, or "" for everybody."""

    number: int
    file_id: str
    removed: bool
    time: datetime


class FileHistory:
    """Revisions and changes of one data file. The number of the last one is noted beside it."""

    def __init__(self, connection: sqlite3.Connection, last: LastNumber) -> None:
        self._connection = connection
        self._last = last
        create_tables(connection, _SCHEMA)

    def lacking(self) -> int:
        """How many changes the data file has lost: it was put back from a copy made before them."""
        return max(0, self._last.read() - self.next_number() + 1)

    def skip(self, count: int) -> None:
        """Gives no number again that was given to a change which is lost."""
        number = self.next_number() - 1 + count
        self._connection.execute("DELETE FROM sqlite_sequence WHERE name = 'file_change'")
        self._connection.execute(
            "INSERT INTO sqlite_sequence (name, seq) VALUES ('file_change', ?)", (number,)
        )

    def edited(self, record: FileRecord) -> None:
        """Notes that the content of a file was changed, as its record now says."""
        self.touched(record, record.modified)
        head = self._connection.execute(
            "SELECT id, begun, email FROM revision WHERE file_id = ? ORDER BY id DESC LIMIT 1",
            (record.id,),
        ).fetchone()
        begun = record.modified
        if head is not None and head[2] == record.modified_by:
            since = datetime.fromisoformat(head[1])
            if record.modified - since < _SESSION:
                begun = since
                self._connection.execute(
                    "DELETE FROM revision WHERE file_id = ? AND id = ?", (record.id, head[0])
                )
        self._connection.execute(
            "INSERT OR REPLACE INTO revision (file_id, id, begun, modified, email)"
            " VALUES (?, ?, ?, ?, ?)",
            (
                record.id,
                record.version,
                begun.isoformat(),
                record.modified.isoformat(),
                record.modified_by,
            ),
        )

    def touched(self, record: FileRecord, now: datetime) -> None:
        """Notes that something about a file was changed."""
        self._note(record.id, "", False, now)

    def lost(self, file_id: str, email: str, now: datetime) -> None:
        """Notes that an account can no longer see a file."""
        self._note(file_id, email, True, now)

    def regained(self, file_id: str, email: str) -> None:
        """Takes back that an account lost a file."""
        self._connection.execute(
            "DELETE FROM file_change WHERE file_id = ? AND account = ?", (file_id, email)
        )

    def deleted(self, file_id: str, emails: Iterable[str], now: datetime) -> None:
        """Notes that a file is no more, for those who could see it."""
        self._connection.execute("DELETE FROM file_change WHERE file_id = ?", (file_id,))
        self._connection.execute("DELETE FROM revision WHERE file_id = ?", (file_id,))
        for email in sorted(set(emails)):
            self._note(file_id, email, True, now)

    def revisions(self, file_id: str) -> tuple[Revision, ...]:
        """The revisions of a file, oldest first."""
        rows = self._connection.execute(
            "SELECT id, modified, email FROM revision WHERE file_id = ? ORDER BY id", (file_id,)
        ).fetchall()
        return tuple(Revision(row[0], datetime.fromisoformat(row[1]), row[2]) for row in rows)

    def changes(self, start: int, email: str | None) -> tuple[FileChange, ...]:
        """The changes from a number on that concern an account (None: every account)."""
        rows = self._connection.execute(
            "SELECT number, file_id, removed, time FROM file_change"
            " WHERE number >= ? AND (account = '' OR account = ? OR ? IS NULL) ORDER BY number",
            (start, email, email),
        ).fetchall()
        return tuple(
            FileChange(row[0], row[1], bool(row[2]), datetime.fromisoformat(row[3])) for row in rows
        )

    def next_number(self) -> int:
        """The number that the next change will have."""
        row = self._connection.execute(
            "SELECT seq FROM sqlite_sequence WHERE name = 'file_change'"
        ).fetchone()
        return 1 if row is None else int(row[0]) + 1

    def _note(self, file_id: str, account: str, removed: bool, now: datetime) -> None:
        # Only the last change of a file is kept, as Drive keeps it; its number is always new.
        self._connection.execute(
            "DELETE FROM file_change WHERE file_id = ? AND account = ?", (file_id, account)
        )
        added = self._connection.execute(
            "INSERT INTO file_change (file_id, account, removed, time) VALUES (?, ?, ?, ?)",
            (file_id, account, int(removed), now.isoformat()),
        )
        self._last.note(added.lastrowid or 0)
