"""The marks that stand in workbooks' cells, without the words that they show."""

from __future__ import annotations

import json
from collections.abc import Sequence

from crm_sync.core.marks import KnownMark
from crm_sync.store.connection import Connection


class SqliteMarks:
    """A `ports.Marks`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def all(self, workbook: str) -> tuple[KnownMark, ...]:
        """Every mark of the workbook, in order of its number."""
        rows = self._connection.rows(
            "SELECT number, table_name, mark_key, says, colour, lines, settled FROM marks"
            " WHERE workbook = ? ORDER BY number",
            (workbook,),
        )
        return tuple(
            KnownMark(
                number,
                table,
                key,
                says,
                colour,
                tuple((int(length), str(known)) for length, known in json.loads(lines)),
                bool(settled),
            )
            for number, table, key, says, colour, lines, settled in rows
        )

    def add(self, workbook: str, marks: Sequence[tuple[str, str]]) -> tuple[KnownMark, ...]:
        """New marks by table and key, each with a number that was never given before."""
        found = []
        with self._connection.writing():
            for table, key in marks:
                cursor = self._connection.run(
                    "INSERT INTO marks (workbook, table_name, mark_key, says, colour, lines,"
                    " settled) VALUES (?, ?, ?, '', '', '[]', 0)",
                    (workbook, table, key),
                )
                found.append(KnownMark(int(cursor.lastrowid or 0), table, key, ""))
        return tuple(found)

    def put(self, marks: Sequence[KnownMark]) -> None:
        """Replaces what is remembered of these marks."""
        with self._connection.writing():
            self._connection.run_many(
                "UPDATE marks SET says = ?, colour = ?, lines = ?, settled = ? WHERE number = ?",
                (
                    (mark.says, mark.colour, json.dumps(mark.lines), mark.settled, mark.number)
                    for mark in marks
                ),
            )

    def drop(self, numbers: Sequence[int]) -> None:
        """Forgets these marks; unknown ones are no error."""
        with self._connection.writing():
            self._connection.run_many(
                "DELETE FROM marks WHERE number = ?", ((number,) for number in numbers)
            )
