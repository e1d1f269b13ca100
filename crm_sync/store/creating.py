"""Many new records at once: what the triggers would write for each, written for all of them.

The triggers take several times as long as all the rest. So they are taken away while the records
are inserted and put back in the same transaction: no other program ever sees the table without
them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from operator import itemgetter
from types import NoneType

from crm_sync.core.plan import StoreChange
from crm_sync.core.schema import Kind, Table
from crm_sync.core.values import Scalar
from crm_sync.store.connection import Connection, insertions
from crm_sync.store.searching import index_after, search_triggers
from crm_sync.store.triggers import quoted, text, triggers
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
    """Makes the records, of which all set the same fields, with version and history. Call it within
    a transaction whose `context` is set. A few records, an id that has a history, and a value that
    a column would turn into another are left to the trigger.
    """
    columns = tuple(name for name in _columns(table) if name in changes[0].values)
    plain, others = _parted(connection, table, changes, columns)
    if plain:
        _create_plain(connection, table, plain, columns, signed)
    if others:
        rows = ((item.record_id, *map(item.values.__getitem__, columns)) for item in others)
        _insert(connection, *_places(table, columns, {}), rows)


def _create_plain(
    connection: Connection,
    table: Table,
    changes: Sequence[StoreChange],
    columns: Sequence[str],
    signed: Signed,
) -> None:
    """Makes records of which all is known that the store will hold."""
    values = [change.values for change in changes]
    used = [name for name in columns if any(item[name] is not None for item in values)]
    rows: Sequence[tuple[Scalar, ...]] = list(map(_getter(used), values))
    ids = [change.record_id for change in changes]
    at, by, source = map(text, (signed.at, signed.by, signed.source))
    kept = dict(zip(_KEPT, ("1", at, by, at, by, source), strict=True))
    with _without_triggers(connection, table):
        named = ((record_id, *row) for record_id, row in zip(ids, rows, strict=True))
        _insert(connection, *_places(table, used, kept), named)
    run = "NULL" if signed.run is None else int(signed.run)
    _insert(
        connection,
        'INSERT INTO history (table_name, record_id, version, op, changes, at, source, "by", run)',
        f"({text(table.name)}, ?, 1, 'create', ?, {at}, {source}, {by}, {run})",
        zip(ids, _entries(used, rows), strict=True),
    )


@contextmanager
def _without_triggers(connection: Connection, table: Table) -> Iterator[None]:
    """Takes away the triggers that write history and index of new records; the index is brought up
    to date before they are back.
    """
    names = (f"{table.name}_inserted", f"{table.name}_words_inserted", "search_texts_inserted")
    away = connection.rows(
        "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name IN (?, ?, ?)", names
    )
    last = connection.value(f"SELECT max(rowid) FROM {quoted(table.name)}") or 0
    for name, _ in away:
        connection.run(f"DROP TRIGGER {quoted(name)}")
    # Whatever is raised inside: the transaction does not go on, and the triggers were never away.
    yield
    index_after(connection, table, last)
    for _, sql in away:
        connection.run(sql)


def _columns(table: Table) -> Iterator[str]:
    yield from (field.name for field in table.stored_fields)
    yield "external_id"


def _insert(
    connection: Connection, into: str, row: str, rows: Iterable[tuple[object, ...]]
) -> None:
    """Inserts the rows; errors of SQLite come out as they are, for whoever tells a taken id."""
    for sql, parameters in insertions(into, row, rows):
        connection.raw.execute(sql, parameters)


def _places(table: Table, columns: Sequence[str], kept: Mapping[str, str]) -> tuple[str, str]:
    """Where a record goes, and the row that makes it of its id and these columns; of the `kept`
    ones the row says itself what they hold.
    """
    named = ", ".join(map(quoted, ("id", *columns, *kept)))
    values = ", ".join((*"?" * (1 + len(columns)), *kept.values()))
    return f"INSERT INTO {quoted(table.name)} ({named})", f"({values})"


def _getter(names: Sequence[str]) -> Callable[[Mapping[str, Scalar]], tuple[Scalar, ...]]:
    """What takes the values of these names, in this order."""
    if len(names) > 1:
        return itemgetter(*names)
    return lambda values: tuple(map(values.__getitem__, names))


def _entries(names: Sequence[str], rows: Iterable[tuple[Scalar, ...]]) -> Iterator[str]:
    for row in rows:
        told = zip(names, row, strict=True)
        yield to_json({name: (None, value) for name, value in told if value is not None})


def _parted(
    connection: Connection,
    table: Table,
    changes: Sequence[StoreChange],
    columns: Sequence[str],
) -> tuple[Sequence[StoreChange], Sequence[StoreChange]]:
    """The changes of which all is known that the store will hold, if there are many, and all
    others.
    """
    if len(changes) < MANY or _is_extended(connection, table):
        return (), changes
    types = dict.fromkeys(columns, str) | {
        field.name: int for field in table.stored_fields if field.kind in INTEGER_KINDS
    }
    known = _with_history(connection, table, [item.record_id for item in changes])
    values = [change.values for change in changes]
    odd = [
        name
        for name in columns
        if not {types[name], NoneType}.issuperset(map(type, map(itemgetter(name), values)))
    ]
    if not odd and not known:
        return changes, ()

    def is_plain(item: StoreChange) -> bool:
        return item.record_id not in known and all(
            (value := item.values[name]) is None or type(value) is types[name] for name in odd
        )

    plain = [item for item in changes if is_plain(item)]
    return plain, [item for item in changes if not is_plain(item)]


def _with_history(connection: Connection, table: Table, ids: Sequence[str]) -> set[str]:
    """Those of the ids that are none, or that history knows."""
    ends = (table.name, min(ids), max(ids))
    between = "SELECT 1 FROM history WHERE table_name = ? AND record_id BETWEEN ? AND ? LIMIT 1"
    # New ids nearly always come after all that there are: then one look does for all of them.
    if not connection.rows(between, ends):
        return {""}.intersection(ids)
    rows = connection.read_some(
        "SELECT record_id FROM history WHERE table_name = ? AND record_id IN ({places})",
        (table.name,),
        ids,
        tuple,
    )
    return {"", *(record_id for (record_id,) in rows)}


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
