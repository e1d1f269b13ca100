"""Edits that were made while a table had no triggers, written into its history afterwards.

Tools that rebuild a table (`sqlite-utils transform`, some graphical clients) leave its triggers
behind, and a column that somebody added is unknown to them until the next opening. So whenever the
triggers had to be made anew, each row is compared with what history last said of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from crm_sync.core.values import Scalar
from crm_sync.store.connection import Connection
from crm_sync.store.triggers import plain, quoted, text
from crm_sync.store.typed_json import from_json, to_json


@dataclass
class _State:
    """A record as its history leaves it; `values` has no empty ones."""

    version: int = 0
    exists: bool = False
    values: dict[str, Scalar] = field(default_factory=dict)


@dataclass(frozen=True)
class Untold:
    """A change that the history does not have."""

    record_id: str
    version: int
    op: str
    changes: dict[str, tuple[Scalar, Scalar]]


def take_in(connection: Connection, table: str, columns: Sequence[str]) -> None:
    """Writes history for all that differs from it, with the source "sql". `columns` are those that
    the triggers watch. Call it within a transaction.
    """
    entries = list(differences(connection, table, columns))
    connection.run_many(
        'INSERT INTO history (table_name, record_id, version, op, changes, at, source, "by")'
        " VALUES (?, ?, ?, ?, ?, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), 'sql', '')",
        (
            (table, entry.record_id, entry.version, entry.op, to_json(entry.changes))
            for entry in entries
        ),
    )
    newest = (
        f"FROM history AS h WHERE h.record_id = {quoted(table)}.id"
        f" AND h.table_name = {text(table)} ORDER BY h.seq DESC LIMIT 1"
    )
    # A rebuilt table may have lost the versions of rows that nobody edited, too.
    connection.run(
        f"UPDATE {quoted(table)} SET (version, updated_at, updated_source) ="
        f" (SELECT h.version, h.at, h.source {newest})"
        f" WHERE id <> '' AND version IS NOT (SELECT h.version {newest})"
    )


def differences(connection: Connection, table: str, columns: Sequence[str]) -> Iterator[Untold]:
    """The entries that the history of a table lacks to be what its records are."""
    return _untold(connection, table, columns, _told_by_history(connection, table))


def _told_by_history(connection: Connection, table: str) -> dict[str, _State]:
    states: dict[str, _State] = {}
    for record_id, version, op, changes in connection.rows(
        "SELECT record_id, version, op, changes FROM history WHERE table_name = ? ORDER BY seq",
        (table,),
    ):
        state = states.setdefault(record_id, _State())
        state.version = version
        state.exists = op != "delete"
        for name, (_, new) in from_json(changes).items():
            if new is None:
                state.values.pop(name, None)
            else:
                state.values[name] = new
    return states


def _untold(
    connection: Connection, table: str, columns: Sequence[str], told: dict[str, _State]
) -> Iterator[Untold]:
    shown = ", ".join(plain(quoted(name)) for name in columns)
    for record_id, version, *values in connection.rows(
        f"SELECT id, version, {shown} FROM {quoted(table)} WHERE id <> '' ORDER BY id"
    ):
        present = {
            name: value for name, value in zip(columns, values, strict=True) if value is not None
        }
        state = told.pop(record_id, None)
        if state is None:
            yield Untold(record_id, version, "create", _difference({}, present))
        elif not state.exists:
            yield Untold(record_id, state.version + 1, "create", _difference({}, present))
        elif changes := _difference(state.values, present):
            yield Untold(record_id, state.version + 1, _op(state.values, present), changes)
    for record_id, state in told.items():
        if state.exists:
            yield Untold(record_id, state.version + 1, "delete", _difference(state.values, {}))


def _difference(old: dict[str, Scalar], new: dict[str, Scalar]) -> dict[str, tuple[Scalar, Scalar]]:
    names = [*new, *(name for name in old if name not in new)]
    return {
        name: (old.get(name), new.get(name)) for name in names if old.get(name) != new.get(name)
    }


def _op(old: dict[str, Scalar], new: dict[str, Scalar]) -> str:
    was, is_now = "archived_at" in old, "archived_at" in new
    if was == is_now:
        return "update"
    return "archive" if is_now else "restore"
