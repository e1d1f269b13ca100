"""Records as a SQLite file of their own: plain tables, for programs that speak SQL."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass

from crm_sync.core.values import Scalar


@dataclass(frozen=True)
class PlainTable:
    """One table: its columns with True for those of whole numbers, the id first, and its rows."""

    name: str
    columns: Sequence[tuple[str, bool]]
    rows: Iterable[Sequence[Scalar]]


def sqlite_bytes(tables: Iterable[PlainTable]) -> bytes:
    """A file with these tables and nothing else: no history, no triggers, no other tables."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as made:
        for table in tables:
            name = _quoted(table.name)
            columns = ", ".join(
                f"{_quoted(column)} {'INTEGER' if whole else 'TEXT'}"
                for column, whole in table.columns
            )
            made.execute(f"CREATE TABLE {name} ({columns})")
            places = ", ".join("?" * len(table.columns))
            made.executemany(f"INSERT INTO {name} VALUES ({places})", table.rows)
        return made.serialize()


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
