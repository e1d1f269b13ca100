"""The tables of records: columns, references, indexes, made to fit the model at each opening.

Nothing is ever dropped: a field that left the model keeps its column, and a column that somebody
added keeps its place in history.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from crm_sync.core.duplicates import strong_fields
from crm_sync.core.schema import Field, Kind, Table
from crm_sync.store.connection import Connection
from crm_sync.store.creating import INTEGER_KINDS
from crm_sync.store.searching import reindex, search_triggers
from crm_sync.store.taking_in import take_in
from crm_sync.store.triggers import quoted, triggers

BOOKKEEPING = {
    "created_at": "TEXT",
    "created_by": "TEXT",
    "updated_at": "TEXT",
    "updated_by": "TEXT",
    "updated_source": "TEXT",
    "external_id": "TEXT",
    "version": "INTEGER NOT NULL DEFAULT 1",
    "archived_at": "TEXT",
}
"""The columns that every table of records has beside its fields. No stored field may have such a
name; `source` is not among them because clients have a field of that name: where they heard of us.
"""


def fit_tables(connection: Connection, tables: Sequence[Table]) -> None:
    """Makes what is missing of these tables: tables, columns, indexes, triggers. Writes only if
    something is.
    """
    check_names(tables)
    with connection.told_plainly():
        if _is_fitting(connection, tables):
            return
        with connection.transaction():
            for table in tables:
                _fit(connection, table, tables)


def check_names(tables: Sequence[Table]) -> None:
    """Raises ValueError for a model that the store cannot hold."""
    for table in tables:
        for field in table.stored_fields:
            if field.name.lower() in BOOKKEEPING or field.name.lower() == "id":
                raise ValueError(f"{table.name}.{field.name} has the name of a column of the store")


def references(table: Table, tables: Sequence[Table]) -> dict[str, str]:
    """The fields that hold the id of a record of another table, with that table's name. A reference
    to `statuses` holds a key and is not among them.
    """
    known = {item.name for item in tables}
    return {
        field.name: field.refers_to
        for field in table.stored_fields
        if field.kind is Kind.REFERENCE and field.entity is None and field.refers_to in known
    }


def _fit(connection: Connection, table: Table, tables: Sequence[Table]) -> None:
    is_new = not _columns(connection, table)
    for statement in _shape(connection, table, tables):
        connection.run(statement)
    changes = list(_trigger_changes(connection, table))
    for statement in changes:
        connection.run(statement)
    if changes and not is_new:
        take_in(connection, table.name, watched(connection, table))
        reindex(connection, table)


def _is_fitting(connection: Connection, tables: Sequence[Table]) -> bool:
    return all(
        next(_shape(connection, table, tables), None) is None
        and next(_trigger_changes(connection, table), None) is None
        for table in tables
    )


def _shape(connection: Connection, table: Table, tables: Sequence[Table]) -> Iterator[str]:
    present = _columns(connection, table)
    targets = references(table, tables)
    wanted = {field.name: _column(field, targets) for field in table.stored_fields} | {
        name: f"{quoted(name)} {kind}" for name, kind in BOOKKEEPING.items()
    }
    if not present:
        # A blob is refused as an id: no other value would compare equal to it.
        columns = ['"id" TEXT PRIMARY KEY CHECK (typeof("id") <> \'blob\')', *wanted.values()]
        yield f"CREATE TABLE {quoted(table.name)} (\n  " + ",\n  ".join(columns) + "\n)"
    for name, column in wanted.items():
        if present and name not in present:
            yield f"ALTER TABLE {quoted(table.name)} ADD COLUMN {column}"
    indexes = {index.name for index in connection.table(table.name).indexes}
    for name in targets:
        index = f"{table.name}_{name}"
        if index not in indexes:
            yield f"CREATE INDEX {quoted(index)} ON {quoted(table.name)} ({quoted(name)})"
    for field in strong_fields(table):
        index = f"{table.name}_{field.name}"
        if index not in indexes:
            yield f"CREATE INDEX {quoted(index)} ON {quoted(table.name)} ({quoted(field.name)})"
        if field.many and f"{index}_lists" not in indexes:
            yield (
                f"CREATE INDEX {quoted(f'{index}_lists')} ON {quoted(table.name)} (id)"
                f" WHERE {is_list(field.name)}"
            )


def is_list(column: str) -> str:
    """The condition that a column holds several values: an index knows such rows."""
    return f"instr({quoted(column)}, '; ') > 0"


def _column(field: Field, targets: dict[str, str]) -> str:
    column = f"{quoted(field.name)} {'INTEGER' if field.kind in INTEGER_KINDS else 'TEXT'}"
    if field.name in targets:
        # Deferred: a run may bring a record and what refers to it in any order.
        target = quoted(targets[field.name])
        column += f' REFERENCES {target} ("id") DEFERRABLE INITIALLY DEFERRED'
    return column


def _trigger_changes(connection: Connection, table: Table) -> Iterator[str]:
    wanted = {
        **triggers(table.name, tuple(watched(connection, table))),
        **search_triggers(table),
    }
    present = {item.name: item.sql for item in connection.table(table.name).triggers}
    for name, statement in wanted.items():
        if present.get(name) == statement:
            continue
        if name in present:
            yield f"DROP TRIGGER {quoted(name)}"
        yield statement


def watched(connection: Connection, table: Table) -> list[str]:
    """The columns whose changes are history: fields, former fields, columns that people added, and
    what a record cannot be rebuilt without.
    """
    own = {"id", *BOOKKEEPING}
    fields = [name for name in _columns(connection, table) if name not in own]
    return [*fields, "external_id", "archived_at"]


def _columns(connection: Connection, table: Table) -> list[str]:
    return [column.name for column in connection.table(table.name).columns]
