"""Takes a person out of the store for good: records, history, findings, and the file's bytes."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from crm_sync.core.erasing import Traces
from crm_sync.core.records import CLEARED, FORGOTTEN
from crm_sync.core.redacting import noted
from crm_sync.core.schema import Table
from crm_sync.errors import StoreError
from crm_sync.ports.erasing import Erasure, Named
from crm_sync.store.bases import SqliteBases
from crm_sync.store.chain import SqliteChain
from crm_sync.store.connection import Connection
from crm_sync.store.moments import utc_text
from crm_sync.store.naming import FINDINGS, Naming, about_them, redacted
from crm_sync.store.tables import references
from crm_sync.store.triggers import quoted
from crm_sync.store.typed_json import from_json, to_json

_SEARCHED = {
    "bases": ('"values"', "cells"),
    "begun": ("records",),
    "own_columns": ("value",),
    "operations": ("intent",),
    "exports": ("what", "target"),
    **FINDINGS,
    "history": ("changes",),
    "search_texts": ("name", "rest"),
}


class SqliteErasing:
    """A `ports.erasing.Erasing`."""

    def __init__(self, connection: Connection, tables: Sequence[Table], chain: SqliteChain) -> None:
        self._connection = connection
        self._tables = tables
        self._chain = chain
        self._naming = Naming(connection, tables)

    def find(self, table: str, person: str) -> Named:
        """Where a person stands, with all records that were made one with theirs."""
        return self._naming.find(table, person, self._merged(table, person))

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
        entries = sorted(self._naming.history(named, instead), key=lambda entry: entry[0])
        for seq, changes in entries:
            self._connection.run(
                "UPDATE history SET changes = ? WHERE seq = ?", (to_json(changes), seq)
            )
        self._note_cells(named, instead)
        findings = self._clear_findings(named, instead)
        self._forget_rows(named)
        own = self._connection.run_many(
            "DELETE FROM own_columns WHERE table_name = ? AND record_id = ?",
            ((name, key) for name, key in about_them(named)),
        )
        records = {named.table: [*named.people]}
        for name, keys in (*named.shown.items(), *named.named.items()):
            records.setdefault(name, []).extend(keys)
        counts = {"history": len(entries), "findings": findings, "own_columns": max(own, 0)}
        self._write_down((moment, by), records, [seq for seq, _ in entries], counts)
        for each in named.merged:
            self._write_down((moment, by), {named.table: [each]}, [], {})
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

    def standing(self) -> tuple[str, ...]:
        """The workbooks in which, as far as the store knows, a row of somebody erased stands."""
        rows = self._connection.rows(
            "SELECT DISTINCT workbook FROM bases WHERE version IN (?, ?) ORDER BY workbook",
            (FORGOTTEN, CLEARED),
        )
        return tuple(name for (name,) in rows)

    def shown_in(self, named: Named) -> tuple[str, ...]:
        """The workbooks in which, as far as the store knows, a row of the person stands."""
        rows = self._connection.read_some(
            "SELECT DISTINCT workbook FROM bases WHERE table_name = ? AND record_id IN ({places})",
            (named.table,),
            named.people,
            tuple,
        )
        return tuple(sorted({name for (name,) in rows}))

    def remains(self, traces: Traces) -> tuple[str, ...]:
        """The tables in which a text still names them."""
        found = [
            item.name
            for item in self._tables
            if next(self._naming.records(item, traces, self._naming.texts(item)), None)
        ]
        for table, columns in _SEARCHED.items():
            for row in self._connection.each(f"SELECT {', '.join(columns)} FROM {table}"):
                if any(traces.named_in(str(text)) for text in row if text):
                    found.append(table)
                    break
        return tuple(found)

    def copies(self) -> tuple[str, ...]:
        """What lies beside the file of it: copies by upgrades, and files that were damaged."""
        path = self._connection.path
        return tuple(
            sorted(
                str(item)
                for kind in ("before", "damaged")
                for item in path.parent.glob(f"{path.name}.{kind}-*")
            )
        )

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

    def _write_down(
        self,
        made: tuple[str, str],
        records: Mapping[str, Sequence[str]],
        entries: Sequence[int],
        counts: Mapping[str, int],
    ) -> None:
        self._connection.run(
            'INSERT INTO erasures (at, "by", records, entries, counts) VALUES (?, ?, ?, ?, ?)',
            (*made, to_json(records), to_json(entries), to_json(counts)),
        )

    def _merged(self, table: str, person: str) -> tuple[str, ...]:
        """The records that were merged into that of a person, and into those. One that somebody
        brought back stands for itself.
        """
        found: list[str] = []
        asked = [person]
        for kept in asked:
            found.extend(
                gone
                for (gone,) in self._connection.rows(
                    f"SELECT DISTINCT m.gone FROM merges AS m JOIN {quoted(table)} AS r"
                    " ON r.id = m.gone WHERE m.table_name = ? AND m.kept = ?"
                    " AND m.undone_at IS NULL AND r.archived_at IS NOT NULL ORDER BY m.number",
                    (table, kept),
                )
                if gone not in asked
            )
            asked.extend(each for each in found if each not in asked)
        return tuple(found)

    def _change_records(self, named: Named, moment: str, instead: str) -> None:
        tables = {item.name: item for item in self._tables}
        own = tables[named.table]
        gone = [name for name in self._naming.texts(own) if name != own.label]
        settings = ", ".join(f"{quoted(name)} = NULL" for name in gone)
        self._connection.run_many(
            f"UPDATE {quoted(own.name)} SET {settings}, {quoted(own.label)} = ?,"
            " archived_at = coalesce(archived_at, ?) WHERE id = ?",
            ((f"{instead} {each}", moment, each) for each in named.people),
        )
        for name, keys in named.cleared.items():
            columns = self._naming.texts(tables[name])
            settings = ", ".join(f"{quoted(column)} = NULL" for column in columns)
            self._connection.run_many(
                f"UPDATE {quoted(name)} SET {settings} WHERE id = ?", ((key,) for key in keys)
            )
        for name, keys in named.named.items():
            columns = self._naming.free(tables[name])
            shown = ", ".join(quoted(column) for column in columns)
            for key in keys:
                (row,) = self._connection.rows(
                    f"SELECT {shown} FROM {quoted(name)} WHERE id = ?", (key,)
                )
                settings = ", ".join(f"{quoted(column)} = ?" for column in columns)
                texts = [redacted(named.traces, value, instead) for value in row]
                self._connection.run(
                    f"UPDATE {quoted(name)} SET {settings} WHERE id = ?", (*texts, key)
                )

    def _forget_rows(self, named: Named) -> None:
        """Has the next runs take the person's rows out, whatever stands in them by then."""
        for each in named.people:
            place = (named.table, each)
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

        for name, keys in named.cleared.items():
            self._clear_rows(name, keys)

    def _clear_rows(self, name: str, keys: Sequence[str]) -> None:
        """Has the next runs take the texts of records about the person alone out of their rows,
        whatever they say by then; the rows of archived ones go.
        """
        (table,) = (item for item in self._tables if item.name == name)
        texts = self._naming.texts(table)
        gone = self._connection.read_some(
            f"SELECT id FROM {quoted(name)} WHERE archived_at IS NOT NULL AND id IN ({{places}})",
            (),
            keys,
            lambda row: str(row[0]),
        )
        for workbook, key, values, cells in self._bases(name, keys):
            known = {k: v for k, v in values.items() if k not in texts and key not in gone}
            seen = {k: v for k, v in cells.items() if k not in texts and key not in gone}
            self._rebase((workbook, name, key), known, seen, FORGOTTEN if key in gone else CLEARED)

    def _note_cells(self, named: Named, instead: str) -> None:
        """Has the next runs write anew what cells of others say of the person without any record's
        holding it.
        """
        for workbook, name, key, item, text in list(self._naming.cells(named)):
            for place, _, values, cells in self._bases(name, [key]):
                if place == workbook:
                    known = values | {item: redacted(named.traces, values.get(item), instead)}
                    cleaned = str(redacted(named.traces, text, instead))
                    note, what = noted(item, text, cleaned, secrets.token_hex(16))
                    held = known if item in values else values
                    self._rebase((workbook, name, key), held, cells | {note: what})

    def _bases(
        self, name: str, keys: Sequence[str]
    ) -> list[tuple[str, str, dict[str, Any], dict[str, Any]]]:
        return self._connection.read_some(
            'SELECT workbook, record_id, "values", cells FROM bases WHERE table_name = ?'
            " AND record_id IN ({places})",
            (name,),
            keys,
            lambda row: (row[0], row[1], dict(from_json(row[2])), dict(from_json(row[3]))),
        )

    def _rebase(
        self,
        place: tuple[str, str, str],
        values: Mapping[str, Any],
        cells: Mapping[str, Any],
        version: int | None = None,
    ) -> None:
        self._connection.run(
            'UPDATE bases SET "values" = ?, cells = ?, version = coalesce(?, version),'
            " unsettled = 1 WHERE workbook = ? AND table_name = ? AND record_id = ?",
            (to_json(values), to_json(cells), version, *place),
        )
        self._connection.run(
            "UPDATE seen SET stale = 1 WHERE workbook = ? AND table_name = ?", place[:2]
        )

    def _show_anew(self, name: str, keys: Sequence[str], target: str) -> None:
        """Has the next runs write the cells of records that refer to the person: they show what
        the person was called. To the merge it looks as if the store alone had changed them.
        """
        (table,) = (item for item in self._tables if item.name == name)
        fields = [field for field, to in references(table, self._tables).items() if to == target]
        for workbook, key, values, cells in self._bases(name, keys):
            self._rebase((workbook, name, key), values | dict.fromkeys(fields), cells)

    def _clear_findings(self, named: Named, instead: str) -> int:
        count = 0
        for table, columns in FINDINGS.items():
            settings = ", ".join(f"{column} = ?" for column in columns)
            for number, is_about, texts in list(self._naming.findings(table, named)):
                count += 1
                if is_about:
                    self._connection.run(f"DELETE FROM {table} WHERE id = ?", (number,))
                    continue
                cleaned = [redacted(named.traces, text, instead) for text in texts]
                self._connection.run(
                    f"UPDATE {table} SET {settings} WHERE id = ?", (*cleaned, number)
                )
        return count
