"""The canonical records: read as any SQLite client left them, changed with version and history."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from itertools import chain, groupby
from typing import Any

from crm_sync.core.columns import Columns
from crm_sync.core.ids import written
from crm_sync.core.plan import Op, StoreChange
from crm_sync.core.records import BEING, Record
from crm_sync.core.schema import Field, Table
from crm_sync.core.values import Scalar
from crm_sync.errors import StoreMoved
from crm_sync.ports import HistoryEntry, Touched
from crm_sync.store.columns import JUNK, in_order, scalar
from crm_sync.store.connection import MOST_PARAMETERS, Connection, Row
from crm_sync.store.creating import Signed, create_all
from crm_sync.store.moments import utc_text
from crm_sync.store.tables import is_list
from crm_sync.store.triggers import quoted
from crm_sync.store.typed_json import from_json

_BEINGS = frozenset({Op.CREATE, "delete"})
_NOT_FIELDS = frozenset({"archived_at", "external_id"})
_TAKEN = frozenset({sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY, sqlite3.SQLITE_CONSTRAINT_UNIQUE})


class SqliteRecords:
    """A `ports.Records`."""

    def __init__(self, connection: Connection, tables: Sequence[Table]) -> None:
        self._connection = connection
        self._tables = {table.name: table for table in tables}

    def all(self, table: Table) -> dict[str, Record]:
        """Every record of the table by id, shorter ids first. Values that no codec wrote (a float,
        bytes) come out as text; whether they will do is for the model to say.
        """
        self._name_nameless(table)
        select, record = self._reader(table)
        records = self._connection.read(f"{select} ORDER BY length(id), id", (), record)
        return {item.id: item for item in records}

    def columns(self, table: Table, fields: Iterable[str]) -> Columns:
        """The records of `all` by field. Equal texts of a column are one object, if there are
        few.
        """
        self._name_nameless(table)
        wanted = frozenset(fields)
        names = [field.name for field in table.stored_fields if field.name in wanted]
        read = ["id", "archived_at IS NOT NULL", *map(quoted, names)]
        # The rows nearly always lie in order of their ids already.
        ids, archived, *columns = in_order(self._connection.columns(quoted(table.name), read))
        return Columns(ids, archived, dict(zip(names, columns, strict=True)))

    def some(self, table: Table, record_ids: Iterable[str]) -> dict[str, Record]:
        """These records by id, in the order of `all`; ids of none are no error."""
        select, record = self._reader(table)
        records = self._connection.read_some(
            f"{select} WHERE id IN ({{places}})", (), record_ids, record
        )
        records.sort(key=lambda item: (len(item.id), item.id))
        return {item.id: item for item in records}

    def referring(self, table: Table, field: str, record_ids: Iterable[str]) -> tuple[str, ...]:
        """The ids of the records whose reference `field` names one of these, archived ones too."""
        rows = self._connection.read_some(
            f"SELECT id FROM {quoted(table.name)}"
            f" WHERE {quoted(field)} IN ({{places}}) AND id <> ''",
            (),
            record_ids,
            tuple,
        )
        return tuple(record_id for (record_id,) in rows)

    def holders(self, table: Table, field: Field, values: Collection[str]) -> tuple[str, ...]:
        """The ids of the records whose `field` holds one of these values, alone or in a list."""
        name, column = quoted(table.name), quoted(field.name)
        sql = f"SELECT id FROM {name} WHERE {column} IN ({{places}}) AND id <> ''"
        found = [record_id for (record_id,) in self._connection.read_some(sql, (), values, tuple)]
        if field.many:
            lists = self._connection.rows(
                f"SELECT id, {column} FROM {name} WHERE {is_list(field.name)} AND id <> ''"
            )
            found += [
                record_id for record_id, listed in lists if not _apart(values, str(scalar(listed)))
            ]
        return tuple(found)

    def touched(self, sequence: int) -> dict[str, dict[str, Touched]]:
        """The records that changed after this number, by table and id, with every value that each
        changed field had since; one that is new or was deleted has changed its `BEING`.
        """
        found: dict[str, dict[str, dict[str, set[Scalar]]]] = {}
        for table, record_id, op, changes in self._connection.rows(
            "SELECT table_name, record_id, op, changes FROM history WHERE seq > ?", (sequence,)
        ):
            fields = found.setdefault(table, {}).setdefault(record_id, {})
            if op in _BEINGS:
                fields.setdefault(BEING, set()).add(record_id)
            for name, values in from_json(changes).items():
                fields.setdefault(name, set()).update(values)
        return {table: dict(records) for table, records in found.items()}

    def _reader(self, table: Table) -> tuple[str, Callable[[Row], Record]]:
        """The beginning of a query for records, and what makes one of a row."""
        names = [field.name for field in table.stored_fields]
        columns = ", ".join(quoted(name) for name in names)

        def record(row: Row) -> Record:
            values = dict(zip(names, _scalars(row[4:]), strict=True))
            return Record(row[0], values, row[1], row[2] is not None, row[3] or "")

        return (
            f"SELECT id, version, archived_at, updated_at, {columns} FROM {quoted(table.name)}",
            record,
        )

    def count(self, table: Table) -> tuple[int, int]:
        """How many records are live, and how many archived."""
        ((everything, archived),) = self._connection.rows(
            f"SELECT count(*), count(archived_at) FROM {quoted(table.name)} WHERE id <> ''"
        )
        return everything - archived, archived

    def sequence(self) -> int:
        """The number of the last change of any record, by any program."""
        for table in self._tables.values():
            # A row that has no id yet is no record and left no entry.
            self._name_nameless(table)
        # Not max(seq): that would fall back when a person's history is erased.
        return self._connection.value("SELECT seq FROM sqlite_sequence WHERE name = 'history'") or 0

    def mint(self, table: Table, count: int) -> tuple[str, ...]:
        """New ids in ascending order. Committed at once, so it raises StoreError within a
        transaction.
        """
        with self._connection.transaction():
            return self._new_ids(table, count)

    def reserve(self, table: Table, last: int) -> None:
        """Counts the ids up to number `last` as given."""
        with self._connection.writing():
            self._connection.run(
                "INSERT INTO ids (table_name, last) VALUES (?, ?)"
                " ON CONFLICT (table_name) DO UPDATE SET last = max(last, excluded.last)",
                (table.name, last),
            )

    def apply(
        self,
        changes: Sequence[StoreChange],
        *,
        source: str,
        by: str,
        at: datetime,
        run: int | None = None,
    ) -> None:
        """Makes all changes or none. Besides fields, `values` may hold `external_id`: the record's
        id in the program that it came from.
        """
        moment = utc_text(at)
        with self._connection.writing(), self._connection.db.atomic():
            self._connection.run(
                'INSERT INTO context (one, at, source, "by", run) VALUES (1, ?, ?, ?, ?)'
                " ON CONFLICT (one) DO UPDATE SET at = excluded.at, source = excluded.source,"
                ' "by" = excluded."by", run = excluded.run',
                (moment, source, by, run),
            )
            for (op, table, names), alike in groupby(changes, key=_shape):
                self._check(table, names)
                if op is Op.CREATE:
                    self._create(table, list(alike), Signed(moment, source, by, run))
                else:
                    self._update(op, table, names, list(alike), moment)
            self._connection.run("DELETE FROM context")

    def history(self, record_id: str) -> tuple[HistoryEntry, ...]:
        """All changes of a record, oldest first; `changes` holds fields alone, and the op says what
        became of the record.
        """
        return self._entries("record_id = ?", record_id)

    def changes_of(self, run: int) -> tuple[HistoryEntry, ...]:
        """All changes that one run made, oldest first."""
        return self._entries("run = ?", run)

    def changes_between(self, first: int, last: int) -> tuple[HistoryEntry, ...]:
        """The changes with these sequences and all between, oldest first."""
        return self._entries("seq BETWEEN ? AND ?", first, last)

    def _entries(self, which: str, *parameters: str | int) -> tuple[HistoryEntry, ...]:
        rows = self._connection.rows(
            'SELECT seq, table_name, record_id, op, changes, at, source, "by", run FROM history'
            f" WHERE {which} ORDER BY seq",
            parameters,
        )
        return tuple(
            HistoryEntry(sequence, table, record, op, _field_changes(changes), *told)
            for sequence, table, record, op, changes, *told in rows
        )

    def _create(self, name: str, changes: Sequence[StoreChange], signed: Signed) -> None:
        with self._connection.told_plainly():
            try:
                create_all(self._connection, self._tables[name], changes, signed)
            except sqlite3.IntegrityError as exc:
                if exc.sqlite_errorcode in _TAKEN:
                    raise StoreMoved(f"a new id of {name} is taken") from exc
                raise

    def _update(
        self,
        op: Op,
        table: str,
        names: tuple[str, ...],
        changes: Sequence[StoreChange],
        moment: str,
    ) -> None:
        settings = [f"{quoted(name)} = u.column{place}" for place, name in enumerate(names, 3)]
        if op is Op.ARCHIVE:
            settings.append("archived_at = coalesce(archived_at, ?)")
        elif op is Op.RESTORE:
            settings.append("archived_at = NULL")
        when = (moment,) if op is Op.ARCHIVE else ()
        row = f"(?, ?{', ?' * len(names)})"
        changed = 0
        for some in _together(changes, len(names) + 2):
            changed += self._connection.run(
                # A change without values still has to find the version that it saw.
                f"UPDATE {quoted(table)} SET {', '.join(settings or ['id = id'])}"
                f" FROM (VALUES {', '.join([row] * len(some))}) AS u"
                f" WHERE {quoted(table)}.id = u.column1 AND {quoted(table)}.version = u.column2",
                (*when, *chain.from_iterable(_parameters(change, names) for change in some)),
            ).rowcount
        if changed != len(changes):
            raise StoreMoved(f"{len(changes) - changed} records of {table} have moved on")

    def _check(self, table: str, names: tuple[str, ...]) -> None:
        known = {field.name for field in self._tables[table].stored_fields} | {"external_id"}
        if not known.issuperset(names):
            raise ValueError(f"{table} stores no {sorted(set(names) - known)}")

    def _name_nameless(self, table: Table) -> None:
        name = quoted(table.name)
        sql = f"SELECT rowid FROM {name} WHERE id IS NULL OR id = '' ORDER BY rowid"
        if not self._connection.rows(sql):
            return
        with self._connection.writing():
            rows = self._connection.rows(sql)
            ids = self._new_ids(table, len(rows))
            self._connection.run_many(
                f"UPDATE {name} SET id = ? WHERE rowid = ?",
                ((new, rowid) for new, (rowid,) in zip(ids, rows, strict=True)),
            )

    def _new_ids(self, table: Table, count: int) -> tuple[str, ...]:
        last = self._connection.value("SELECT last FROM ids WHERE table_name = ?", (table.name,))
        number = last or 0
        ids: list[str] = []
        while len(ids) < count:
            candidates = [written(table, number + 1 + i) for i in range(count - len(ids))]
            number += len(candidates)
            taken = self._taken(table, candidates)
            ids += [candidate for candidate in candidates if candidate not in taken]
        self._connection.run(
            "INSERT INTO ids (table_name, last) VALUES (?, ?)"
            " ON CONFLICT (table_name) DO UPDATE SET last = excluded.last",
            (table.name, number),
        )
        return tuple(ids)

    def _taken(self, table: Table, candidates: Sequence[str]) -> set[str]:
        """Ids that somebody wrote by SQL, of records that are there and of records that were."""
        taken: set[str] = set()
        # Among ids of one length the order of text is the order of numbers.
        for _, alike in groupby(candidates, key=len):
            span = list(alike)
            ends = (span[0], span[-1])
            sql = f"SELECT id FROM {quoted(table.name)} WHERE id BETWEEN ? AND ?"
            taken.update(found for (found,) in self._connection.rows(sql, ends))
            sql = "SELECT record_id FROM history WHERE table_name = ? AND record_id BETWEEN ? AND ?"
            taken.update(found for (found,) in self._connection.rows(sql, (table.name, *ends)))
        return taken


def _together(changes: Sequence[StoreChange], width: int) -> Iterator[Sequence[StoreChange]]:
    """The changes in parts for one statement each, in the order in which the records lie in the
    file. FTS5 writes a segment of its index at the end of each statement: hundreds in one take half
    the time.
    """
    alone = len({change.record_id for change in changes}) < len(changes)
    most = 1 if alone else max(MOST_PARAMETERS // width, 1)
    ordered = sorted(changes, key=lambda change: (len(change.record_id), change.record_id))
    for start in range(0, len(ordered), most):
        yield ordered[start : start + most]


def _parameters(change: StoreChange, names: tuple[str, ...]) -> tuple[object, ...]:
    return change.record_id, change.version, *map(change.values.__getitem__, names)


def _apart(values: Collection[str], listed: str) -> bool:
    return not any(part in values for part in listed.split("; "))


def _shape(change: StoreChange) -> tuple[Op, str, tuple[str, ...]]:
    return change.op, change.table, _sorted(tuple(change.values))


@lru_cache(maxsize=64)
def _sorted(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(names))


def _scalars(values: tuple[Any, ...]) -> tuple[Scalar, ...]:
    if JUNK.isdisjoint(map(type, values)):
        return values
    return tuple(scalar(value) for value in values)


def _field_changes(changes: str) -> Mapping[str, tuple[Scalar, Scalar]]:
    return {
        name: (old, new)
        for name, (old, new) in from_json(changes).items()
        if name not in _NOT_FIELDS
    }
