"""Which records were merged into which."""

from __future__ import annotations

from datetime import datetime

from crm_sync.ports.merges import Merged
from crm_sync.store.connection import Connection
from crm_sync.store.moments import utc_text


class SqliteMerges:
    """A `ports.Merges`: a row for each record that went."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def note(self, merged: Merged, at: datetime) -> None:
        """Notes a merge."""
        self._connection.run_many(
            'INSERT INTO merges (table_name, kept, gone, first, last, at, "by")'
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    merged.table,
                    merged.kept,
                    each,
                    merged.first,
                    merged.last,
                    utc_text(at),
                    merged.by,
                )
                for each in merged.gone
            ],
        )

    def of(self, record_id: str) -> Merged | None:
        """The last merge of this record that was not undone."""
        rows = self._connection.rows(
            'SELECT table_name, kept, first, last, at, "by" FROM merges'
            " WHERE undone_at IS NULL AND ? IN (kept, gone) ORDER BY number DESC LIMIT 1",
            (record_id,),
        )
        for table, kept, first, last, at, by in rows:
            gone = self._connection.rows(
                "SELECT gone FROM merges WHERE first = ? AND last = ? ORDER BY number",
                (first, last),
            )
            return Merged(table, kept, tuple(each for (each,) in gone), first, last, at, by)
        return None

    def undone(self, merged: Merged, at: datetime) -> None:
        """Notes that a merge was taken back."""
        self._connection.run(
            "UPDATE merges SET undone_at = ? WHERE first = ? AND last = ?",
            (utc_text(at), merged.first, merged.last),
        )
