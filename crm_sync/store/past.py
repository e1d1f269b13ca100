"""What the history says of all records together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice

from crm_sync.ports import HistoryEntry
from crm_sync.store.connection import Connection
from crm_sync.store.moments import utc_text
from crm_sync.store.triggers import quoted
from crm_sync.store.typed_json import from_json

_MANY = 500
_ENTRY = 'seq, table_name, record_id, op, changes, at, source, "by", run'


class SqlitePast:
    """A `ports.Past`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def after(self, moment: datetime) -> tuple[HistoryEntry, ...]:
        """All changes that were made after a moment, the newest first; `changes` holds
        `archived_at` too.
        """
        sql = f"SELECT {_ENTRY} FROM history WHERE at > ? ORDER BY seq DESC"
        return tuple(self._entries(sql, (utc_text(moment),)))

    def touching(self, table: str, fields: Iterable[str]) -> tuple[HistoryEntry, ...]:
        """Later changes of these fields of a table (not the values that records began with), the
        oldest first.
        """
        names = tuple(fields)
        wanted = " OR ".join(["json_type(changes, ?) IS NOT NULL"] * len(names))
        sql = (
            f"SELECT {_ENTRY} FROM history WHERE table_name = ? AND op = 'update'"
            f" AND ({wanted}) ORDER BY seq"
        )
        return tuple(self._entries(sql, (table, *(f'$."{name}"' for name in names))))

    def last_changes(self, table: str, field: str, ids: Iterable[str]) -> Mapping[str, str]:
        """When a field of each of these records got its value, by id: UTC, ISO 8601."""
        found: dict[str, str] = {}
        path = f'$."{field}"'
        rest = iter(ids)
        while some := tuple(islice(rest, _MANY)):
            marks = ", ".join("?" * len(some))
            # Of one that has not changed since it was made its own row tells, and faster.
            sql = (
                f"SELECT id, updated_at FROM {quoted(table)} WHERE id IN ({marks})"
                f" AND version = 1 AND updated_at IS NOT NULL AND {quoted(field)} IS NOT NULL"
            )
            made: dict[str, str] = dict(self._connection.rows(sql, some))
            found.update(made)
            some = tuple(key for key in some if key not in made)
            marks = ", ".join("?" * len(some))
            sql = (
                f"SELECT record_id, max(at) FROM history WHERE record_id IN ({marks})"
                " AND table_name = ? AND json_type(changes, ?) IS NOT NULL GROUP BY record_id"
            )
            found.update(self._connection.rows(sql, (*some, table, path)))
        return found

    def _entries(self, sql: str, values: tuple[object, ...]) -> Iterator[HistoryEntry]:
        for sequence, table, record, op, changes, *told in self._connection.rows(sql, values):
            fields = {name: (old, new) for name, (old, new) in from_json(changes).items()}
            yield HistoryEntry(sequence, table, record, op, fields, *told)
