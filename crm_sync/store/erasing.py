"""Takes a person out of the store for good: records, history, findings, and the file's bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime

from crm_sync.core.erasing import ABOUT_ONE, Traces, free_texts, personal_fields, traces_of
from crm_sync.core.records import FORGOTTEN
from crm_sync.core.schema import Table
from crm_sync.errors import StoreError
from crm_sync.ports.erasing import Erasure, Named
from crm_sync.store.bases import SqliteBases
from crm_sync.store.chain import SqliteChain
from crm_sync.store.connection import Connection
from crm_sync.store.moments import utc_text
from crm_sync.store.tables import BOOKKEEPING, references, watched
from crm_sync.store.triggers import quoted
from crm_sync.store.typed_json import from_json, to_json

_FINDINGS = {
    "conflicts": ("base", "ours", "theirs"),
    "problems": ("problem_key", "typed", "stored", "params", "accepted"),
}
_SEARCHED = {
    "bases": ('"values"', "cells"),
    "begun": ("records",),
    "own_columns": ("value",),
    "operations": ("intent",),
    "exports": ("what", "target"),
    **_FINDINGS,
    "history": ("changes",),
    "search_texts": ("name", "rest"),
}


class SqliteErasing:
    """A `ports.erasing.Erasing`."""

    def __init__(self, connection: Connection, tables: Sequence[Table], chain: SqliteChain) -> None:
        self._connection = connection
        self._tables = tables
        self._chain = chain

    def find(self, table: str, person: str) -> Named:
        """Where a person stands; changes nothing."""
        (own,) = (item for item in self._tables if item.name == table)
        traces = traces_of(own, self._values(own, person))
        cleared = {
            item.name: found
            for item in self._tables
            if item.name in ABOUT_ONE and (found := self._referring(item, table, person))
        }
        about = {(name, key) for name, keys in cleared.items() for key in keys}
        about.add((table, person))
        named = self._others(traces, about, self._free)
        alike = self._others(traces, about, _called)
        draft = Named(table, person, traces, cleared, named)
        return Named(
            table,
            person,
            traces,
            cleared,
            named,
            alike,
            {
                item.name: found
                for item in self._tables
                if (found := self._referring(item, table, person))
            },
            sum(1 for _ in self._history(draft)),
            sum(1 for name in _FINDINGS for _ in self._findings(name, draft)),
            sum(
                (name, key) in about or traces.named_in(str(value))
                for name, key, value in self._connection.rows(
                    "SELECT table_name, record_id, value FROM own_columns"
                )
            ),
            tuple(
                number
                for number, *texts in self._connection.rows(
                    "SELECT number, what, target FROM exports ORDER BY number"
                )
                if any(traces.named_in(text) for text in texts)
            ),
        )

    def erase(self, named: Named, *, by: str, at: datetime, instead: str) -> None:
        """Takes them out of records, history and findings. Call it within a transaction."""
        moment = utc_text(at)
        self._connection.run(
            "INSERT INTO context (one, at, source, \"by\", run) VALUES (1, ?, 'cli', ?, NULL)"
            " ON CONFLICT (one) DO UPDATE SET at = excluded.at, source = excluded.source,"
            ' "by" = excluded."by", run = NULL',
            (moment, by),
        )
        SqliteBases(self._connection).write_out()
        self._change_records(named, moment, instead)
        self._connection.run("DELETE FROM context")
        # What goes is sealed first: the chain has to hold over all that ever was.
        self._chain.seal()
        entries = sorted(self._history(named, instead), key=lambda entry: entry[0])
        for seq, changes in entries:
            self._connection.run(
                "UPDATE history SET changes = ? WHERE seq = ?", (to_json(changes), seq)
            )
        findings = self._clear_findings(named, instead)
        self._forget_rows(named)
        own = self._connection.run_many(
            "DELETE FROM own_columns WHERE table_name = ? AND record_id = ?",
            ((name, key) for name, key in _about(named)),
        )
        records = {named.table: [named.person]}
        for name, keys in (*named.shown.items(), *named.named.items()):
            records.setdefault(name, []).extend(keys)
        counts = {"history": len(entries), "findings": findings, "own_columns": max(own, 0)}
        self._connection.run(
            'INSERT INTO erasures (at, "by", records, entries, counts) VALUES (?, ?, ?, ?, ?)',
            (moment, by, to_json(records), to_json([seq for seq, _ in entries]), to_json(counts)),
        )
        self._chain.seal_again(seq for seq, _ in entries)

    def done(self) -> tuple[Erasure, ...]:
        """Who was erased, the newest first."""
        rows = self._connection.rows(
            'SELECT number, at, "by", records, counts FROM erasures ORDER BY number DESC'
        )
        return tuple(
            Erasure(
                number,
                at,
                by,
                {name: tuple(keys) for name, keys in from_json(records).items()},
                from_json(counts),
            )
            for number, at, by, records, counts in rows
        )

    def waiting(self) -> tuple[str, ...]:
        """The workbooks over which no run has gone to its end since somebody was erased."""
        rows = self._connection.rows(
            "SELECT w.workbook FROM workbooks AS w WHERE EXISTS (SELECT 1 FROM erasures AS e"
            " WHERE NOT EXISTS (SELECT 1 FROM runs AS r WHERE r.workbook = w.workbook"
            " AND r.finished_at IS NOT NULL AND r.started_at >= e.at)) ORDER BY w.workbook"
        )
        return tuple(name for (name,) in rows)

    def remains(self, traces: Traces) -> tuple[str, ...]:
        """The tables in which a text still names them."""
        found = [
            item.name
            for item in self._tables
            if next(self._naming(item, traces, self._texts(item)), None)
        ]
        for table, columns in _SEARCHED.items():
            for row in self._connection.raw.execute(f"SELECT {', '.join(columns)} FROM {table}"):
                if any(traces.named_in(str(text)) for text in row if text):
                    found.append(table)
                    break
        return tuple(found)

    def copies(self) -> tuple[str, ...]:
        """Copies of the file that upgrades have left beside it."""
        path = self._connection.path
        return tuple(sorted(str(item) for item in path.parent.glob(f"{path.name}.before-*")))

    def clean(self) -> None:
        """Writes the file anew, and the tables of the full-text search with it."""
        with self._connection.transaction():
            for (name,) in self._connection.rows(
                "SELECT name FROM sqlite_master WHERE sql LIKE '%USING fts5%'"
            ):
                quoted_name = quoted(name)
                # One without a content of its own cannot be rebuilt, only tidied up.
                for what in ("rebuild", "optimize"):
                    with suppress(StoreError):
                        self._connection.run(
                            f"INSERT INTO {quoted_name} ({quoted_name}) VALUES (?)", (what,)
                        )
        self._connection.run("VACUUM")
        self._connection.rows("PRAGMA wal_checkpoint(TRUNCATE)")

    def _values(self, table: Table, person: str) -> Iterator[tuple[str, object]]:
        """Every value that a record has, or had according to its history."""
        names = [item.name for item in personal_fields(table)]
        columns = ", ".join(quoted(name) for name in names)
        for row in self._connection.rows(
            f"SELECT {columns} FROM {quoted(table.name)} WHERE id = ?", (person,)
        ):
            yield from zip(names, row, strict=True)
        for (changes,) in self._connection.rows(
            "SELECT changes FROM history WHERE record_id = ? AND table_name = ?",
            (person, table.name),
        ):
            for name, values in from_json(changes).items():
                yield from ((name, value) for value in values)

    def _referring(self, table: Table, target: str, person: str) -> tuple[str, ...]:
        fields = [name for name, to in references(table, self._tables).items() if to == target]
        if not fields:
            return ()
        condition = " OR ".join(f"{quoted(name)} = ?" for name in fields)
        rows = self._connection.rows(
            f"SELECT id FROM {quoted(table.name)} WHERE ({condition}) AND id <> '' ORDER BY id",
            (person,) * len(fields),
        )
        return tuple(key for (key,) in rows)

    def _others(
        self, traces: Traces, about: set[tuple[str, str]], columns: Callable[[Table], list[str]]
    ) -> dict[str, tuple[str, ...]]:
        """The records of others in which these columns name them."""
        found = {
            item.name: tuple(
                key
                for key in self._naming(item, traces, columns(item))
                if (item.name, key) not in about
            )
            for item in self._tables
        }
        return {name: keys for name, keys in found.items() if keys}

    def _texts(self, table: Table) -> list[str]:
        """The columns of a record about a person that may name them."""
        return [*(item.name for item in personal_fields(table)), *self._added(table), "external_id"]

    def _free(self, table: Table) -> list[str]:
        """The columns of others' records in which somebody may have written of a person."""
        return [*(item.name for item in free_texts(table)), *self._added(table)]

    def _added(self, table: Table) -> list[str]:
        """The columns that people have added to the table themselves."""
        known = {item.name for item in table.stored_fields} | BOOKKEEPING.keys()
        return [name for name in watched(self._connection, table) if name not in known]

    def _naming(self, table: Table, traces: Traces, names: list[str]) -> Iterator[str]:
        if not names:
            return
        columns = ", ".join(quoted(name) for name in names)
        for key, *texts in self._connection.raw.execute(
            f"SELECT id, {columns} FROM {quoted(table.name)} WHERE id <> '' ORDER BY id"
        ):
            if any(traces.named_in(text) for text in texts if isinstance(text, str)):
                yield key

    def _change_records(self, named: Named, moment: str, instead: str) -> None:
        tables = {item.name: item for item in self._tables}
        own = tables[named.table]
        gone = [name for name in self._texts(own) if name != own.label]
        settings = ", ".join(f"{quoted(name)} = NULL" for name in gone)
        self._connection.run(
            f"UPDATE {quoted(own.name)} SET {settings}, {quoted(own.label)} = ?,"
            " archived_at = coalesce(archived_at, ?) WHERE id = ?",
            (f"{instead} {named.person}", moment, named.person),
        )
        for name, keys in named.cleared.items():
            columns = self._texts(tables[name])
            settings = ", ".join(f"{quoted(column)} = NULL" for column in columns)
            self._connection.run_many(
                f"UPDATE {quoted(name)} SET {settings} WHERE id = ?", ((key,) for key in keys)
            )
        for name, keys in named.named.items():
            columns = self._free(tables[name])
            shown = ", ".join(quoted(column) for column in columns)
            for key in keys:
                (row,) = self._connection.rows(
                    f"SELECT {shown} FROM {quoted(name)} WHERE id = ?", (key,)
                )
                settings = ", ".join(f"{quoted(column)} = ?" for column in columns)
                texts = [_redacted(named.traces, value, instead) for value in row]
                self._connection.run(
                    f"UPDATE {quoted(name)} SET {settings} WHERE id = ?", (*texts, key)
                )

    def _forget_rows(self, named: Named) -> None:
        """Has the next runs take the person's rows out, whatever stands in them by then."""
        place = (named.table, named.person)
        self._connection.run(
            "UPDATE seen SET stale = 1 WHERE (workbook, table_name) IN"
            " (SELECT workbook, table_name FROM bases WHERE table_name = ? AND record_id = ?)",
            place,
        )
        self._connection.run(
            "UPDATE bases SET \"values\" = '{}', cells = '{}', version = ?, unsettled = 1"
            " WHERE table_name = ? AND record_id = ?",
            (FORGOTTEN, *place),
        )
        for name, keys in named.shown.items():
            self._show_anew(name, keys, named.table)

    def _show_anew(self, name: str, keys: Sequence[str], target: str) -> None:
        """Has the next runs write the cells of records that refer to the person: they show what
        the person was called. To the merge it looks as if the store alone had changed them.
        """
        (table,) = (item for item in self._tables if item.name == name)
        fields = [field for field, to in references(table, self._tables).items() if to == target]
        bases = self._connection.read_some(
            'SELECT workbook, record_id, "values" FROM bases WHERE table_name = ?'
            " AND record_id IN ({places})",
            (name,),
            keys,
            tuple,
        )
        for workbook, key, values in bases:
            known = from_json(values) | dict.fromkeys(fields)
            self._connection.run(
                'UPDATE bases SET "values" = ?, unsettled = 1'
                " WHERE workbook = ? AND table_name = ? AND record_id = ?",
                (to_json(known), workbook, name, key),
            )
            self._connection.run(
                "UPDATE seen SET stale = 1 WHERE workbook = ? AND table_name = ?", (workbook, name)
            )

    def _history(self, named: Named, instead: str = "") -> Iterator[tuple[int, object]]:
        """The entries that name them, each with its changes as they are to be."""
        tables = {item.name: item for item in self._tables}
        about = _about(named)
        own = {name: set(self._texts(tables[name])) for name, _ in about}
        free: dict[str, set[str]] = {}
        label = (named.table, tables[named.table].label)
        for seq, table, key, changes in self._connection.rows(
            "SELECT seq, table_name, record_id, changes FROM history ORDER BY seq"
        ):
            if (table, key) in about:
                told = from_json(changes)
                kept = {
                    field: (
                        [_kept(each, instead) for each in pair] if (table, field) == label else pair
                    )
                    for field, pair in told.items()
                    if field not in own[table] or (table, field) == label
                }
                kept = {field: pair for field, pair in kept.items() if pair != [None, None]}
            elif table in tables and named.traces.named_in(changes):
                told = from_json(changes)
                others = free.setdefault(table, set(self._free(tables[table])))
                kept = {
                    field: [_redacted(named.traces, each, instead) for each in pair]
                    if field in others
                    else pair
                    for field, pair in told.items()
                }
            else:
                continue
            if kept != told:
                yield seq, kept

    def _findings(self, table: str, named: Named) -> Iterator[tuple[int, bool, tuple[object, ...]]]:
        """The findings that concern or name them: number, whether it is about them, texts."""
        about = _about(named)
        columns = ", ".join(_FINDINGS[table])
        for number, name, key, *texts in self._connection.rows(
            f"SELECT id, table_name, record_id, {columns} FROM {table}"
        ):
            if (name, key) in about:
                yield number, True, tuple(texts)
            elif any(named.traces.named_in(str(text)) for text in texts if text):
                yield number, False, tuple(texts)

    def _clear_findings(self, named: Named, instead: str) -> int:
        count = 0
        for table, columns in _FINDINGS.items():
            settings = ", ".join(f"{column} = ?" for column in columns)
            for number, is_about, texts in list(self._findings(table, named)):
                count += 1
                if is_about:
                    self._connection.run(f"DELETE FROM {table} WHERE id = ?", (number,))
                    continue
                redacted = [_redacted(named.traces, text, instead) for text in texts]
                self._connection.run(
                    f"UPDATE {table} SET {settings} WHERE id = ?", (*redacted, number)
                )
        return count


def _about(named: Named) -> set[tuple[str, str]]:
    """The records that are about them alone."""
    found = {(name, key) for name, keys in named.cleared.items() for key in keys}
    found.add((named.table, named.person))
    return found


def _called(table: Table) -> list[str]:
    """The columns that name and number the people of a table."""
    free = {item.name for item in free_texts(table)}
    return [item.name for item in personal_fields(table) if item.name not in free]


def _kept(value: object, instead: str) -> object:
    """What the history keeps of a name: that it is erased."""
    return value if instead and str(value or "").startswith(instead) else None


def _redacted(traces: Traces, value: object, instead: str) -> object:
    return traces.without(value, instead) if isinstance(value, str) else value
