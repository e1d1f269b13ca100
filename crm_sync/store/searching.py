"""The words of records, kept by triggers in an index of FTS5, and what is found in it.

A row of `search_texts` holds the words of one record; the virtual table `search` indexes it by that
row's number, which no VACUUM changes, as it may a table's own row numbers. FTS5 knows no ё: the
triggers and every question write е for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from crm_sync.core.schema import Kind, Table
from crm_sync.store.connection import Connection
from crm_sync.store.triggers import quoted, text

_KINDS: Final = frozenset({Kind.TEXT, Kind.EMAIL})
_SHORTEST: Final = 30
"""A field that holds less is a code, a currency or a unit, and nobody looks for it."""

_WORD: Final = re.compile(r"\w")
_NAME_COUNTS: Final = 10.0

SEARCH_TABLES: Final = (
    """CREATE TABLE search_texts (
  number INTEGER PRIMARY KEY,
  table_name TEXT NOT NULL,
  record_id TEXT NOT NULL,
  name TEXT NOT NULL,
  rest TEXT NOT NULL,
  UNIQUE (table_name, record_id)
)""",
    """CREATE VIRTUAL TABLE search USING fts5 (
  name, rest, content = 'search_texts', content_rowid = 'number',
  tokenize = 'unicode61 remove_diacritics 2'
)""",
    """CREATE TRIGGER search_texts_inserted AFTER INSERT ON search_texts
BEGIN
INSERT INTO search (rowid, name, rest) VALUES (NEW.number, NEW.name, NEW.rest);
END""",
    """CREATE TRIGGER search_texts_deleted AFTER DELETE ON search_texts
BEGIN
INSERT INTO search (search, rowid, name, rest)
VALUES ('delete', OLD.number, OLD.name, OLD.rest);
END""",
)
"""The statements that make the index."""

SEARCH_UPDATES: Final = (
    """CREATE TRIGGER search_texts_updated AFTER UPDATE ON search_texts
BEGIN
INSERT INTO search (search, rowid, name, rest)
VALUES ('delete', OLD.number, OLD.name, OLD.rest);
INSERT INTO search (rowid, name, rest) VALUES (NEW.number, NEW.name, NEW.rest);
END""",
)
"""The statements that let a row of `search_texts` change in its place."""


def search_triggers(table: Table) -> dict[str, str]:
    """The statements that make the triggers which keep the index of a table, by name; none for a
    table in which nobody searches.
    """
    if not table.searched:
        return {}
    name, columns = quoted(table.name), [table.label, *_others(table)]
    gone = (
        f"DELETE FROM search_texts WHERE table_name = {text(table.name)}"
        ' AND record_id = {row}."id"'
    )
    # In its place: FTS5 writes a segment whenever a number comes that is lower than the one before.
    put = (
        f"{_filled(table, 'NEW', '')}\nWHERE true ON CONFLICT (table_name, record_id)"
        " DO UPDATE SET name = excluded.name, rest = excluded.rest"
    )
    moved = " OR ".join(
        f"OLD.{quoted(each)} IS NOT NEW.{quoted(each)}" for each in ("id", *columns)
    )
    written = {
        "inserted": f"AFTER INSERT ON {name} WHEN NEW.\"id\" <> ''\nBEGIN\n{put};\nEND",
        "updated": (
            f"AFTER UPDATE OF {', '.join(map(quoted, ('id', *columns)))} ON {name}\n"
            f"WHEN NEW.\"id\" <> '' AND ({moved})\nBEGIN\n{put};\nEND"
        ),
        "deleted": f"AFTER DELETE ON {name}\nBEGIN\n{gone.format(row='OLD')};\nEND",
    }
    return {
        f"{table.name}_words_{event}": (
            f"CREATE TRIGGER {quoted(f'{table.name}_words_{event}')} {body}"
        )
        for event, body in written.items()
    }


def reindex(connection: Connection, table: Table) -> None:
    """Indexes a table anew, whatever the index held of it. Call it within a transaction."""
    connection.run("DELETE FROM search_texts WHERE table_name = ?", (table.name,))
    if table.searched:
        source = f" FROM {quoted(table.name)} AS r WHERE r.\"id\" <> ''"
        connection.run(_filled(table, "r", source))


def index_after(connection: Connection, table: Table, number: int) -> None:
    """Indexes the rows of a table that came after its row of this number, none of which the index
    knows. Call it within a transaction, while `search_texts_inserted` is away.
    """
    if not table.searched:
        return
    last = connection.value("SELECT max(number) FROM search_texts") or 0
    source = f" FROM {quoted(table.name)} AS r WHERE r.rowid > {number} AND r.\"id\" <> ''"
    connection.run(_filled(table, "r", source))
    connection.run(
        "INSERT INTO search (rowid, name, rest)"
        " SELECT number, name, rest FROM search_texts WHERE number > ?",
        (last,),
    )


def _others(table: Table) -> list[str]:
    """The fields beside the label in whose words people search."""
    return [
        item.name
        for item in table.stored_fields
        if item.name != table.label
        and item.kind in _KINDS
        and (item.max_length is None or item.max_length > _SHORTEST)
    ]


def _filled(table: Table, row: str, source: str) -> str:
    label = _folded(_shown(row, table.label))
    rest = _folded(" || ' ' || ".join(_shown(row, name) for name in _others(table)) or "''")
    return (
        "INSERT INTO search_texts (table_name, record_id, name, rest)\n"
        f'SELECT {text(table.name)}, {row}."id", {label},\n  {rest}{source}'
    )


def _shown(row: str, column: str) -> str:
    return f"CAST(coalesce({row}.{quoted(column)}, '') AS TEXT)"


def _folded(words: str) -> str:
    return f"replace(replace({words}, 'ё', 'е'), 'Ё', 'Е')"


class SqliteSearch:
    """A `ports.Search`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def words(self, table: Table, typed: str, limit: int, *, archived: bool) -> tuple[str, ...]:
        """The ids of the records in which each word typed begins a word, the best first."""
        return self._found(table, _all_of(typed, "*"), limit, archived=archived)

    def named(self, table: Table, typed: str, limit: int) -> tuple[str, ...]:
        """The ids of the records whose label holds just these words, and maybe others."""
        asked = _all_of(typed, "")
        return self._found(table, f"name : ({asked})" if asked else "", limit, archived=True)

    def resembling(self, table: Table, typed: str, limit: int) -> tuple[str, ...]:
        """The ids of the records whose label begins one of its words like one of these."""
        begun = (piece[:3] for piece in typed.split() if len(piece) > 2)
        asked = " OR ".join(_pieces(" ".join(begun), "*"))
        return self._found(table, f"name : ({asked})" if asked else "", limit, archived=False)

    def digits(self, table: Table, digits: str, limit: int, *, archived: bool) -> tuple[str, ...]:
        """The ids of the records with these digits in a row in a phone or a number."""
        fields = [
            item.name for item in table.stored_fields if item.kind in (Kind.PHONE, Kind.DIGITS)
        ]
        found: dict[str, None] = {}
        name, live = quoted(table.name), "" if archived else " AND archived_at IS NULL"
        for field in fields:
            # The index of the column is gone through, which takes a tenth of what the table does.
            rows = self._connection.rows(
                f"SELECT id FROM {name} WHERE rowid IN (SELECT rowid FROM {name}"
                f" WHERE instr({quoted(field)}, ?) > 0) AND id <> ''{live} ORDER BY length(id), id"
                " LIMIT ?",
                (digits, limit),
            )
            found.update((record_id, None) for (record_id,) in rows)
        return tuple(found)[:limit]

    def forget(self) -> None:
        """Writes the index anew, without any trace of words that are gone from the records."""
        with self._connection.writing():
            self._connection.run("INSERT INTO search (search) VALUES ('rebuild')")

    def _found(self, table: Table, asked: str, limit: int, *, archived: bool) -> tuple[str, ...]:
        if not asked:
            return ()
        live = "" if archived else " AND r.archived_at IS NULL"
        rows = self._connection.rows(
            f"SELECT t.record_id FROM search JOIN search_texts AS t ON t.number = search.rowid"
            f" JOIN {quoted(table.name)} AS r ON r.id = t.record_id"
            f" WHERE search MATCH ? AND t.table_name = ?{live}"
            f" ORDER BY bm25(search, {_NAME_COUNTS}, 1.0), length(t.record_id), t.record_id"
            " LIMIT ?",
            (asked, table.name, limit),
        )
        return tuple(record_id for (record_id,) in rows)


def _all_of(typed: str, end: str) -> str:
    return " AND ".join(_pieces(typed, end))


def _pieces(typed: str, end: str) -> Iterator[str]:
    """Each piece between blanks as FTS5 takes it: one word, or several in a row."""
    for piece in typed.replace("ё", "е").replace("Ё", "Е").split():
        if _WORD.search(piece):
            yield '"' + piece.replace('"', " ").replace("\0", " ") + '"' + end
