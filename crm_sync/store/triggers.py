"""The triggers that keep version and history of a table of records, whoever edits it.

They hold for any SQLite client of 3.38 or later, with recursive triggers on or off:

- the versions of a record's history entries count 1, 2, 3 without a gap, also over a delete and a
  new insert of the same id;
- a record's `version` is that of its last entry, whatever a client writes into the column;
- an update that changes nothing leaves no trace;
- an id, once given, stays;
- a row without an id is not a record yet: its entry `create` is written when it gets one.

Who, when and through what come from the one row of `context`, if a program has set it within its
transaction; otherwise the source is "sql" and the time is now.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache

_LAST = (
    '(SELECT {column} FROM history WHERE record_id = NEW."id" AND table_name = {table}'
    " ORDER BY seq DESC LIMIT 1)"
)
_ENTRY = (
    'INSERT INTO history (table_name, record_id, version, op, changes, at, source, "by", run)\n'
    "  SELECT {table}, {record}, {version}, {op}, {changes},\n"
    "    coalesce(c.at, strftime('%Y-%m-%dT%H:%M:%fZ', 'now')), coalesce(c.source, 'sql'),\n"
    "    coalesce(c.\"by\", ''), c.run\n"
    "  FROM (SELECT 1) LEFT JOIN context AS c"
)
_NEWEST = "FROM history AS h ORDER BY h.seq DESC LIMIT 1"


def quoted(name: str) -> str:
    """The name as an identifier of SQL."""
    return '"' + name.replace('"', '""') + '"'


def text(value: str) -> str:
    """The text as a literal of SQL."""
    return "'" + value.replace("'", "''") + "'"


@lru_cache(maxsize=64)
def triggers(table: str, columns: tuple[str, ...]) -> Mapping[str, str]:
    """The statements that make the triggers of a table, by name. `columns` are those whose changes
    count: the fields, and the bookkeeping that a record cannot be rebuilt without.
    """
    written = {
        "inserted": _inserted(table, columns),
        "named": _named(table, columns),
        "updated": _updated(table, columns),
        "deleted": _deleted(table, columns),
        "version_kept": _version_kept(table),
        "id_kept": _id_kept(table),
    }
    return {
        f"{table}_{event}": f"CREATE TRIGGER {quoted(f'{table}_{event}')} {body}"
        for event, body in written.items()
    }


def _inserted(table: str, columns: Sequence[str]) -> str:
    return (
        f"AFTER INSERT ON {quoted(table)} WHEN NEW.\"id\" <> ''\nBEGIN\n"
        f"{_replaced(table)};\n{_created(table, columns)};\nEND"
    )


def _named(table: str, columns: Sequence[str]) -> str:
    """A row that was inserted without an id gets one."""
    return (
        f'AFTER UPDATE OF "id" ON {quoted(table)}\n'
        "WHEN coalesce(OLD.\"id\", '') = '' AND NEW.\"id\" <> ''\nBEGIN\n"
        f"{_created(table, columns)};\nEND"
    )


def _created(table: str, columns: Sequence[str]) -> str:
    entry = _ENTRY.format(
        table=text(table),
        record='NEW."id"',
        version=f"coalesce({_LAST.format(column='version', table=text(table))}, 0) + 1",
        op="'create'",
        changes=_changes(columns, old=False, new=True),
    )
    return (
        f"{entry};\n"
        f"UPDATE {quoted(table)} SET (version, created_at, created_by, updated_at, updated_by,"
        " updated_source) = (\n  SELECT h.version, coalesce(NEW.created_at, h.at),"
        ' coalesce(NEW.created_by, h."by"), h.at, h."by", h.source\n'
        f"  {_NEWEST}) WHERE rowid = NEW.rowid"
    )


def _replaced(table: str) -> str:
    """INSERT OR REPLACE removes the old row without the DELETE trigger, unless recursive triggers
    are on. The entry `delete` is then made from what history last said of each field.
    """
    lost = (
        "(SELECT json_group_object(key, json_array(value, NULL)) FROM (\n"
        "    SELECT e.key AS key, json_extract(e.value, '$[1]') AS value, max(h.seq)\n"
        "    FROM history AS h, json_each(h.changes) AS e\n"
        f'    WHERE h.record_id = NEW."id" AND h.table_name = {text(table)}\n'
        "    GROUP BY e.key) WHERE value IS NOT NULL)"
    )
    entry = _ENTRY.format(
        table=text(table),
        record='NEW."id"',
        version=f"{_LAST.format(column='version', table=text(table))} + 1",
        op="'delete'",
        changes=lost,
    )
    return f"{entry}\n  WHERE {_LAST.format(column='op', table=text(table))} <> 'delete'"


def _updated(table: str, columns: Sequence[str]) -> str:
    differs = " OR ".join(f"OLD.{quoted(name)} IS NOT NEW.{quoted(name)}" for name in columns)
    entry = _ENTRY.format(
        table=text(table),
        record='NEW."id"',
        version="OLD.version + 1",
        op=(
            "CASE WHEN OLD.archived_at IS NULL AND NEW.archived_at IS NOT NULL THEN 'archive'"
            " WHEN OLD.archived_at IS NOT NULL AND NEW.archived_at IS NULL THEN 'restore'"
            " ELSE 'update' END"
        ),
        changes=_changes(columns, old=True, new=True),
    )
    return (
        f"AFTER UPDATE ON {quoted(table)}\n"
        f"WHEN OLD.\"id\" <> '' AND NEW.\"id\" <> '' AND ({differs})\nBEGIN\n{entry};\n"
        f"UPDATE {quoted(table)} SET (version, updated_at, updated_by, updated_source) = (\n"
        f'  SELECT h.version, h.at, h."by", h.source {_NEWEST}) WHERE rowid = NEW.rowid;\nEND'
    )


def _deleted(table: str, columns: Sequence[str]) -> str:
    entry = _ENTRY.format(
        table=text(table),
        record='OLD."id"',
        version="OLD.version + 1",
        op="'delete'",
        changes=_changes(columns, old=True, new=False),
    )
    return f"AFTER DELETE ON {quoted(table)} WHEN OLD.\"id\" <> ''\nBEGIN\n{entry};\nEND"


def _version_kept(table: str) -> str:
    last = _LAST.format(column="version", table=text(table))
    return (
        f"AFTER UPDATE OF version ON {quoted(table)} WHEN NEW.version <> {last}\nBEGIN\n"
        f"UPDATE {quoted(table)} SET version = {last} WHERE rowid = NEW.rowid;\nEND"
    )


def _id_kept(table: str) -> str:
    return (
        f'BEFORE UPDATE OF "id" ON {quoted(table)}\n'
        'WHEN OLD."id" <> \'\' AND NEW."id" IS NOT OLD."id"\nBEGIN\n'
        "SELECT RAISE(ABORT, 'the id of a record never changes');\nEND"
    )


def _changes(columns: Sequence[str], *, old: bool, new: bool) -> str:
    """The expression of `{field: [old, new]}` for the changed columns, in their order."""
    pieces = []
    for name in columns:
        before = f"OLD.{quoted(name)}" if old else "NULL"
        after = f"NEW.{quoted(name)}" if new else "NULL"
        key = text("," + json.dumps(name, ensure_ascii=False) + ":")
        pieces.append(
            f"CASE WHEN {before} IS NOT {after} THEN {key}"
            f" || json_array({plain(before)}, {plain(after)}) ELSE '' END"
        )
    return "'{' || substr(\n    " + "\n    || ".join(pieces) + ",\n    2) || '}'"


def plain(value: str) -> str:
    """The expression of a column as history holds it: blobs and reals as text, because JSON has no
    blob and no infinity.
    """
    if value == "NULL":
        return value
    return (
        f"CASE WHEN typeof({value}) IN ('real', 'blob') THEN CAST({value} AS TEXT) ELSE {value} END"
    )
