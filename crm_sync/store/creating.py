"""Many new records at once: what the triggers would write for each, written for all of them.

The triggers take several times as long as all the rest. So they are taken away while the records
are inserted and put back in the same transaction: no other program ever sees the table without
them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from crm_sync.core.plan import StoreChange
from crm_sync.core.schema import Kind, Table
from crm_sync.store.connection import Connection
from crm_sync.store.searching import index_after, search_triggers
from crm_sync.store.triggers import quoted, triggers
from crm_sync.store.typed_json import to_json

INTEGER_KINDS = frozenset({Kind.INTEGER, Kind.BOOLEAN})
"""The kinds of fields that the store keeps as numbers."""

MANY = 200
"""From so many records on it is worth it."""

_KEPT = ("version", "created_at", "created_by", "updated_at", "updated_by", "updated_source")


@dataclass(frozen=True)
class Signed:
    """Who makes changes, when, and through what."""

    at: str
    source: str
    by: str
    run: int | None


def create_all(
    connection: Connection, table: Table, changes: Sequence[StoreChange], signed: Signed
) -> None:
    """Makes the records with version and history. Call it within a transaction whose `context` is
    set. A few records, an id that has a history, and a value that a column would turn into another
    are left to the trigger.
    """
    columns = (*(field.name for field in table.stored_fields), "external_id")
    plain = _plain(connection, table, changes) if len(changes) >= MANY else []
    if plain:
        kept = (1, signed.at, signed.by, signed.at, signed.by, signed.source)
        with _without_triggers(connection, table):
            connection.raw.executemany(
                _insertion(table, (*columns, *_KEPT)),
                ((item.record_id, *map(item.values.get, columns), *kept) for item in plain),
            )
        connection.raw.executemany(
            'INSERT INTO history (table_name, record_id, version, op, changes, at, source, "by",'
            " run) VALUES (?, ?, 1, 'create', ?, ?, ?, ?, ?)",
            _entries(table, plain, columns, signed),
        )
    if len(plain) < len(changes):
        done = {item.record_id for item in plain}
        connection.raw.executemany(
            _insertion(table, columns),
            (
                (item.record_id, *map(item.values.get, columns))
                for item in changes
                if item.record_id not in done
            ),
        )


@contextmanager
def _without_triggers(connection: Connection, table: Table) -> Iterator[None]:
    """Takes away the triggers that write history and index of new records; the index is brought up
    to date before they are back.
    """
    names = (f"{table.name}_inserted", f"{table.name}_words_inserted")
    away = connection.rows(
        "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name IN (?, ?)", names
    )
    last = connection.value(f"SELECT max(rowid) FROM {quoted(table.name)}") or 0
    for name, _ in away:
        connection.run(f"DROP TRIGGER {quoted(name)}")
    # Whatever is raised inside: the transaction does not go on, and the triggers were never away.
    yield
    index_after(connection, table, last)
    for _, sql in away:
        connection.run(sql)


def _insertion(table: Table, columns: Sequence[str]) -> str:
    named = ", ".join(quoted(column) for column in columns)
    return f"INSERT INTO {quoted(table.name)} (id, {named}) VALUES (?{', ?' * len(columns)})"


def _entries(
    table: Table, changes: Sequence[StoreChange], columns: Sequence[str], signed: Signed
) -> Iterator[tuple[object, ...]]:
    told = (signed.at, signed.source, signed.by, signed.run)
    for item in changes:
        row = zip(columns, map(item.values.get, columns), strict=True)
        made = {name: (None, value) for name, value in row if value is not None}
        yield (table.name, item.record_id, to_json(made), *told)


def _plain(
    connection: Connection, table: Table, changes: Sequence[StoreChange]
) -> list[StoreChange]:
    """The changes of which all is known that the store will hold."""
    if _is_extended(connection, table):
        return []
    rows = connection.read_some(
        "SELECT record_id FROM history WHERE table_name = ? AND record_id IN ({places})",
        (table.name,),
        [item.record_id for item in changes],
        tuple,
    )
    known = {record_id for (record_id,) in rows}
    types: dict[str, type] = {"external_id": str}
    for field in table.stored_fields:
        types[field.name] = int if field.kind in INTEGER_KINDS else str
    return [
        item
        for item in changes
        if item.record_id
        and item.record_id not in known
        and all(
            value is None or type(value) is types.get(name) for name, value in item.values.items()
        )
    ]


def _is_extended(connection: Connection, table: Table) -> bool:
    """True if somebody gave the table triggers of his own, or columns that are filled by
    themselves.
    """
    found = connection.table(table.name)
    own = triggers(table.name, ()).keys() | search_triggers(table).keys()
    if any(trigger.name not in own for trigger in found.triggers):
        return True
    return any(
        column.default_value is not None and column.name != "version" for column in found.columns
    )
