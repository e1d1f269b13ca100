"""Comments on files and the replies to them."""

import secrets
import sqlite3
from dataclasses import dataclass
from datetime import datetime

from crm_sync.sheet_server.accounts import create_tables

_SCHEMA = """
CREATE TABLE IF NOT EXISTS comment (
    file_id TEXT NOT NULL,
    id TEXT NOT NULL,
    parent TEXT NOT NULL,
    author TEXT NOT NULL,
    content TEXT NOT NULL,
    anchor TEXT,
    quoted TEXT,
    action TEXT,
    created TEXT NOT NULL,
    modified TEXT NOT NULL,
    deleted INTEGER NOT NULL DEFAULT 0,
    resolved INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (file_id, id)
) WITHOUT ROWID;
"""
_COLUMNS = (
    "file_id, id, parent, author, content, anchor, quoted, action, created, modified,"
    " deleted, resolved"
)


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment, or a reply to the comment `parent`.

    `anchor` is the place in the file as the client wrote it; `action` is a reply's `resolve` or
    `reopen`. A deleted one keeps its place without its content.
    """

    file_id: str
    id: str
    author: str
    content: str
    created: datetime
    modified: datetime
    parent: str = ""
    anchor: str | None = None
    quoted: str | None = None
    action: str | None = None
    deleted: bool = False
    resolved: bool = False


class CommentTable:
    """The comments of all files of one data file. Writes nothing but its own table."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        create_tables(connection, _SCHEMA)

    def of_file(self, file_id: str) -> tuple[Comment, ...]:
        """The comments of a file, without replies; the last modified first."""
        rows = self._connection.execute(
            f"SELECT {_COLUMNS} FROM comment WHERE file_id = ? AND parent = ''"
            " ORDER BY modified DESC, id",
            (file_id,),
        ).fetchall()
        return tuple(map(_from_row, rows))

    def replies(self, file_id: str, comment_id: str) -> tuple[Comment, ...]:
        """The replies to a comment, oldest first."""
        rows = self._connection.execute(
            f"SELECT {_COLUMNS} FROM comment WHERE file_id = ? AND parent = ? ORDER BY created, id",
            (file_id, comment_id),
        ).fetchall()
        return tuple(map(_from_row, rows))

    def find(self, file_id: str, comment_id: str, parent: str = "") -> Comment | None:
        """One comment, or one reply of `parent`; None if there is none."""
        row = self._connection.execute(
            f"SELECT {_COLUMNS} FROM comment WHERE file_id = ? AND id = ? AND parent = ?",
            (file_id, comment_id, parent),
        ).fetchone()
        return None if row is None else _from_row(row)

    def put(self, comment: Comment) -> None:
        """Adds a comment or replaces the one with its id."""
        marks = ", ".join("?" * 12)
        self._connection.execute(
            f"INSERT OR REPLACE INTO comment ({_COLUMNS}) VALUES ({marks})",
            (
                comment.file_id,
                comment.id,
                comment.parent,
                comment.author,
                comment.content,
                comment.anchor,
                comment.quoted,
                comment.action,
                comment.created.isoformat(),
                comment.modified.isoformat(),
                int(comment.deleted),
                int(comment.resolved),
            ),
        )

    def remove_all(self, file_id: str) -> None:
        """Forgets the comments of a file, as when it is deleted."""
        self._connection.execute("DELETE FROM comment WHERE file_id = ?", (file_id,))


def new_comment_id() -> str:
    """An id of the length and alphabet of Google's comment ids."""
    return "AAA" + secrets.token_urlsafe(9)[:8]


def _from_row(row: tuple[str, ...]) -> Comment:
    return Comment(
        file_id=row[0],
        id=row[1],
        parent=row[2],
        author=row[3],
        content=row[4],
        anchor=row[5],
        quoted=row[6],
        action=row[7],
        created=datetime.fromisoformat(row[8]),
        modified=datetime.fromisoformat(row[9]),
        deleted=bool(row[10]),
        resolved=bool(row[11]),
    )
