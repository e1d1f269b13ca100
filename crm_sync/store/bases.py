"""What each workbook and the store last agreed on."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from crm_sync.core.records import AWAITED, Base, begun
from crm_sync.core.values import Cell
from crm_sync.ports import Binding
from crm_sync.store.begun import BegunRows, Stood
from crm_sync.store.connection import Connection, Row
from crm_sync.store.typed_json import from_json, to_json

# The columns that hold a binding's fields as they are; `sheets` and `fields` are JSON.
_BINDING = (
    "workbook",
    "spreadsheet_id",
    "version",
    "sequence",
    "day",
    "fingerprint",
    "locale",
    "operation",
    "scope",
)
_BINDINGS = f"SELECT sheets, fields, headings, {', '.join(_BINDING)} FROM workbooks"


class SqliteBases:
    """A `ports.Bases`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._begun = BegunRows(connection)

    def all(self, workbook: str, table: str) -> dict[str, Base]:
        """Bases of one tab by record id, in order of id."""
        bases = self._connection.read(
            'SELECT record_id, "values", cells, version, unsettled FROM bases'
            " WHERE workbook = ? AND table_name = ? ORDER BY record_id",
            (workbook, table),
            _base,
        )
        return self._as_they_stand(workbook, table, bases)

    def some(self, workbook: str, table: str, record_ids: Iterable[str]) -> dict[str, Base]:
        """The bases of these records, in order of id; those of others are no error."""
        bases = self._connection.read_some(
            'SELECT record_id, "values", cells, version, unsettled FROM bases'
            " WHERE workbook = ? AND table_name = ? AND record_id IN ({places})",
            (workbook, table),
            record_ids,
            _base,
        )
        bases.sort(key=lambda base: base.record_id)
        return self._as_they_stand(workbook, table, bases)

    def open(self, workbook: str, table: str) -> frozenset[str]:
        """The records whose base says that each run looks at them."""
        rows = self._connection.rows(
            # Left to itself, SQLite reads all the bases of the tab.
            "SELECT record_id FROM bases INDEXED BY bases_open"
            " WHERE workbook = ? AND table_name = ? AND (unsettled OR version <= 0)",
            (workbook, table),
        )
        return (
            frozenset(record_id for (record_id,) in rows) | self._begun.of(workbook, table).keys()
        )

    def put(self, workbook: str, table: str, bases: Mapping[str, Base]) -> None:
        """Stores or replaces these bases."""
        if not bases:
            return
        with self._connection.writing():
            self._moved(workbook, table)
            self._begun.end(workbook, table, bases.keys())
            self._connection.insert(
                'INSERT INTO bases (workbook, table_name, record_id, "values", cells, version,'
                " unsettled)",
                "(?, ?, ?, ?, ?, ?, ?)",
                (
                    (
                        workbook,
                        table,
                        record_id,
                        to_json(base.values),
                        to_json(base.cells),
                        base.version,
                        int(base.unsettled),
                    )
                    for record_id, base in bases.items()
                ),
                " ON CONFLICT (workbook, table_name, record_id) DO UPDATE SET"
                ' "values" = excluded."values", cells = excluded.cells,'
                " version = excluded.version, unsettled = excluded.unsettled",
            )

    def begin(self, workbook: str, table: str, bases: Mapping[str, Base], stood: Stood) -> None:
        """Stores or replaces the bases of records that are new with their rows. Until they are
        settled, they are read as `core.records.begun` says of what `stood` in each row.
        """
        with self._connection.writing():
            self.put(workbook, table, bases)
            self._begun.add(workbook, table, stood)

    def settle(self, workbook: str, table: str, record_ids: Collection[str]) -> None:
        """From now on the bases of these records hold as they were given when they were begun."""
        if not record_ids:
            return
        with self._connection.writing():
            self._moved(workbook, table)
            self._begun.end(workbook, table, record_ids)

    def write_out(self) -> None:
        """Puts each begun base as it is read now."""
        with self._connection.writing():
            for workbook, table in self._begun.tabs():
                ids = self._begun.of(workbook, table)
                self.put(workbook, table, self.some(workbook, table, ids))

    def drop(self, workbook: str, table: str, record_ids: Sequence[str]) -> None:
        """Forgets these bases; unknown ones are no error."""
        if not record_ids:
            return
        with self._connection.writing():
            self._moved(workbook, table)
            self._begun.end(workbook, table, record_ids)
            self._connection.run_many(
                "DELETE FROM bases WHERE workbook = ? AND table_name = ? AND record_id = ?",
                ((workbook, table, record_id) for record_id in record_ids),
            )

    def holders(
        self, table: str, record_ids: Sequence[str], workbooks: Sequence[str]
    ) -> dict[str, frozenset[str]]:
        """Which of these workbooks have a row of each of these records, by record id."""
        found: dict[str, set[str]] = {record_id: set() for record_id in record_ids}
        for workbook in workbooks:
            for record_id in record_ids:
                for _ in self._connection.rows(
                    "SELECT 1 FROM bases WHERE workbook = ? AND table_name = ? AND record_id = ?"
                    " AND version <> ?",
                    (workbook, table, record_id, AWAITED),
                ):
                    found[record_id].add(workbook)
        return {record_id: frozenset(names) for record_id, names in found.items()}

    def holding(self, table: str, record_ids: Iterable[str]) -> frozenset[str]:
        """The workbooks that have a row of at least one of these records."""
        names = self._connection.read_some(
            # By the primary key, workbook by workbook: left to itself, SQLite reads all bases.
            "SELECT DISTINCT w.workbook FROM workbooks w CROSS JOIN bases b"
            " WHERE b.workbook = w.workbook AND b.table_name = ? AND b.version <> ?"
            " AND b.record_id IN ({places})",
            (table, AWAITED),
            record_ids,
            lambda row: str(row[0]),
        )
        return frozenset(names)

    def feed(self, feed: str) -> str:
        """The token up to which a list of changes was read, "" if it never was."""
        rows = self._connection.rows("SELECT token FROM feeds WHERE feed = ?", (feed,))
        return next((str(token) for (token,) in rows), "")

    def put_feed(self, feed: str, token: str) -> None:
        """Notes how far a list of changes was read."""
        with self._connection.writing():
            self._connection.run(
                "INSERT INTO feeds (feed, token) VALUES (?, ?)"
                " ON CONFLICT (feed) DO UPDATE SET token = excluded.token",
                (feed, token),
            )

    def _as_they_stand(self, workbook: str, table: str, bases: Iterable[Base]) -> dict[str, Base]:
        stood = self._begun.of(workbook, table)
        if not stood:
            return {base.record_id: base for base in bases}
        return {
            base.record_id: begun(base, stood[base.record_id]) if base.record_id in stood else base
            for base in bases
        }

    def _moved(self, workbook: str, table: str) -> None:
        """What a tab showed tells nothing any more once a base in it has moved."""
        self._connection.run(
            "UPDATE seen SET stale = 1 WHERE workbook = ? AND table_name = ? AND NOT stale",
            (workbook, table),
        )

    def own(self, workbook: str, table: str) -> dict[str, dict[str, Cell]]:
        """What the staff's own columns hold, by record id and heading."""
        found: dict[str, dict[str, Cell]] = {}
        for record_id, heading, value in self._connection.rows(
            "SELECT record_id, heading, value FROM own_columns"
            " WHERE workbook = ? AND table_name = ?",
            (workbook, table),
        ):
            found.setdefault(record_id, {})[heading] = from_json(value)
        return found

    def put_own(self, workbook: str, table: str, cells: Mapping[str, Mapping[str, Cell]]) -> None:
        """Stores or replaces what the own columns of these records hold; None takes one away."""
        rows = [
            (workbook, table, record_id, heading, cell)
            for record_id, row in cells.items()
            for heading, cell in row.items()
        ]
        with self._connection.writing():
            self._connection.run_many(
                "INSERT INTO own_columns (workbook, table_name, record_id, heading, value)"
                " VALUES (?, ?, ?, ?, ?) ON CONFLICT (workbook, table_name, record_id, heading)"
                " DO UPDATE SET value = excluded.value",
                ((*place, to_json(cell)) for *place, cell in rows if cell is not None),
            )
            self._connection.run_many(
                "DELETE FROM own_columns WHERE workbook = ? AND table_name = ?"
                " AND record_id = ? AND heading = ?",
                (tuple(place) for *place, cell in rows if cell is None),
            )

    def binding(self, workbook: str) -> Binding | None:
        """What is known of the workbook, None before its first run."""
        rows = self._connection.rows(f"{_BINDINGS} WHERE workbook = ?", (workbook,))
        return next((_binding(row) for row in rows), None)

    def bindings(self) -> dict[str, Binding]:
        """What is known of each workbook that had a run, by its name."""
        found = (_binding(row) for row in self._connection.rows(_BINDINGS))
        return {binding.workbook: binding for binding in found}

    def bind(self, binding: Binding) -> None:
        """Stores or replaces what is known of the workbook."""
        columns = ("sheets", "fields", "headings", *_BINDING)
        fields = {table: list(names) for table, names in binding.fields.items()}
        values = (getattr(binding, name) for name in _BINDING)
        with self._connection.writing():
            self._connection.run(
                f"INSERT INTO workbooks ({', '.join(columns)})"
                f" VALUES ({', '.join('?' * len(columns))}) ON CONFLICT (workbook) DO UPDATE SET "
                + ", ".join(f"{name} = excluded.{name}" for name in columns),
                (to_json(binding.sheets), to_json(fields), to_json(binding.headings), *values),
            )

    def catch_up(self, workbooks: Iterable[str], sequence: int) -> None:
        """Notes this sequence of the store for these workbooks: what changed is not theirs."""
        with self._connection.writing():
            self._connection.run_many(
                "UPDATE workbooks SET sequence = ? WHERE workbook = ?",
                ((sequence, name) for name in workbooks),
            )


def _binding(row: Row) -> Binding:
    sheets, fields, headings, *rest = row
    known = {table: tuple(names) for table, names in from_json(fields).items()}
    plain = dict(zip(_BINDING, rest, strict=True))
    return Binding(sheets=from_json(sheets), fields=known, headings=from_json(headings), **plain)


def _base(row: Row) -> Base:
    record_id, values, cells, version, unsettled = row
    return Base(record_id, from_json(values), from_json(cells), version, bool(unsettled))
