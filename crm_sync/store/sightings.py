"""What the tabs of a workbook showed when a run left them settled."""

from __future__ import annotations

from collections.abc import Mapping

from crm_sync.core.seeing import Seen
from crm_sync.store.connection import Connection
from crm_sync.store.typed_json import from_json, to_json


class SqliteSightings:
    """A `ports.Sightings`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def last(self, workbook: str) -> dict[str, Seen]:
        """The tabs of which all is known still: a base that moved since makes a tab unknown."""
        rows = self._connection.rows(
            "SELECT table_name, prints, ids, header_row, known, loose FROM seen"
            " WHERE workbook = ? AND NOT stale",
            (workbook,),
        )
        return {
            table: Seen(prints, ids, header_row, known, tuple(from_json(loose)))
            for table, prints, ids, header_row, known, loose in rows
        }

    def note(self, workbook: str, seen: Mapping[str, Seen]) -> None:
        """Stores these tabs and forgets all others of the workbook."""
        with self._connection.writing():
            known = self.last(workbook)
            self._connection.run_many(
                "INSERT INTO seen (workbook, table_name, prints, ids, header_row, known, loose,"
                " stale) VALUES (?, ?, ?, ?, ?, ?, ?, 0)"
                " ON CONFLICT (workbook, table_name) DO UPDATE SET prints = excluded.prints,"
                " ids = excluded.ids, header_row = excluded.header_row, known = excluded.known,"
                " loose = excluded.loose, stale = 0",
                (
                    (
                        workbook,
                        table,
                        tab.prints,
                        tab.listed,
                        tab.header_row,
                        tab.known,
                        to_json(list(tab.loose)),
                    )
                    for table, tab in seen.items()
                    if known.get(table) != tab
                ),
            )
            self._connection.run_many(
                "DELETE FROM seen WHERE workbook = ? AND table_name = ?",
                ((workbook, table) for table in self._tables(workbook) - seen.keys()),
            )

    def _tables(self, workbook: str) -> set[str]:
        rows = self._connection.rows("SELECT table_name FROM seen WHERE workbook = ?", (workbook,))
        return {table for (table,) in rows}
