"""New records whose id is not in the sheet yet: what stands in their rows until it is.

The base of such a record is written once, as it will be when its row bears the id. Here stand the
cells that differ from it meanwhile, those of many records in one row, since nearly always all of
them go again within the same run.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from itertools import islice

from crm_sync.core.values import Cell
from crm_sync.store.connection import Connection
from crm_sync.store.typed_json import from_json, to_json

_TOGETHER = 1_000

Stood = Mapping[str, Mapping[str, Cell]]
"""By record id, the cells of its row that are yet to become those of its base, by field."""


class BegunRows:
    """The table `begun`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, workbook: str, table: str, stood: Stood) -> None:
        """Notes what stands in these rows. Call it within a transaction."""
        rest = iter(stood.items())
        while some := dict(islice(rest, _TOGETHER)):
            self._connection.run(
                "INSERT INTO begun (workbook, table_name, first, last, records)"
                " VALUES (?, ?, ?, ?, ?)",
                (workbook, table, min(some), max(some), to_json(some)),
            )

    def of(self, workbook: str, table: str) -> dict[str, Mapping[str, Cell]]:
        """What stands in the rows of one tab, by record id."""
        rows = self._connection.rows(
            "SELECT records FROM begun WHERE workbook = ? AND table_name = ?", (workbook, table)
        )
        return {key: cells for (records,) in rows for key, cells in from_json(records).items()}

    def end(self, workbook: str, table: str, record_ids: Collection[str]) -> None:
        """Forgets what stood in the rows of these records; others are no error. Call it within a
        transaction.
        """
        ids = frozenset(record_ids) if self._any(workbook, table) else None
        if not ids:
            return
        for number, records in self._connection.rows(
            "SELECT number, records FROM begun"
            " WHERE workbook = ? AND table_name = ? AND first <= ? AND last >= ?",
            (workbook, table, max(ids), min(ids)),
        ):
            known = from_json(records)
            left = {key: cells for key, cells in known.items() if key not in ids}
            if not left:
                self._connection.run("DELETE FROM begun WHERE number = ?", (number,))
            elif len(left) < len(known):
                self._connection.run(
                    "UPDATE begun SET records = ? WHERE number = ?", (to_json(left), number)
                )

    def tabs(self) -> Iterable[tuple[str, str]]:
        """The workbooks and tables that have such rows."""
        rows = self._connection.rows("SELECT DISTINCT workbook, table_name FROM begun")
        return [(workbook, table) for workbook, table in rows]

    def _any(self, workbook: str, table: str) -> bool:
        sql = "SELECT 1 FROM begun WHERE workbook = ? AND table_name = ? LIMIT 1"
        return bool(self._connection.rows(sql, (workbook, table)))
