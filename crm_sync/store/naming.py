"""Finds where a person stands in the store, and what there names them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from crm_sync.core.erasing import ABOUT_ONE, Traces, free_texts, personal_fields, traces_of
from crm_sync.core.schema import Table
from crm_sync.ports.erasing import Named
from crm_sync.store.connection import Connection
from crm_sync.store.tables import BOOKKEEPING, references, watched
from crm_sync.store.triggers import quoted
from crm_sync.store.typed_json import from_json

FINDINGS = {
    "conflicts": ("base", "ours", "theirs"),
    "problems": ("problem_key", "typed", "stored", "params", "accepted"),
}


class Naming:
    """The texts of a store, by whom they name. Changes nothing."""

    def __init__(self, connection: Connection, tables: Sequence[Table]) -> None:
        self._connection = connection
        self._tables = tables

    def find(self, table: str, person: str, merged: Sequence[str] = ()) -> Named:
        """Where a person stands, whose record is one made of several."""
        (own,) = (item for item in self._tables if item.name == table)
        people = (person, *merged)
        traces = traces_of(own, (item for each in people for item in self._values(own, each)))
        shown = {
            item.name: found
            for item in self._tables
            if (found := self._referring(item, table, people))
        }
        cleared = {name: keys for name, keys in shown.items() if name in ABOUT_ONE}
        draft = Named(table, person, traces, cleared, shown=shown, merged=tuple(merged))
        about = about_them(draft)
        draft = replace(
            draft,
            named=self._others(traces, about, self.free),
            alike=self._others(traces, about, _called),
        )
        return replace(
            draft,
            entries=sum(1 for _ in self.history(draft)),
            findings=sum(1 for name in FINDINGS for _ in self.findings(name, draft)),
            own=sum(
                (name, key) in about or traces.named_in(str(value))
                for name, key, value in self._connection.rows(
                    "SELECT table_name, record_id, value FROM own_columns"
                )
            ),
            exports=tuple(
                number
                for number, *texts in self._connection.rows(
                    "SELECT number, what, target FROM exports ORDER BY number"
                )
                if any(traces.named_in(text) for text in texts)
            ),
        )

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

    def _referring(self, table: Table, target: str, people: Sequence[str]) -> tuple[str, ...]:
        found: set[str] = set()
        for name, to in references(table, self._tables).items():
            if to == target:
                found.update(
                    self._connection.read_some(
                        f"SELECT id FROM {quoted(table.name)} WHERE id <> ''"
                        f" AND {quoted(name)} IN ({{places}})",
                        (),
                        people,
                        lambda row: str(row[0]),
                    )
                )
        return tuple(sorted(found))

    def _others(
        self, traces: Traces, about: set[tuple[str, str]], columns: Callable[[Table], list[str]]
    ) -> dict[str, tuple[str, ...]]:
        """The records of others in which these columns name them."""
        found = {
            item.name: tuple(
                key
                for key in self.records(item, traces, columns(item))
                if (item.name, key) not in about
            )
            for item in self._tables
        }
        return {name: keys for name, keys in found.items() if keys}

    def texts(self, table: Table) -> list[str]:
        """The columns of a record about a person that may name them."""
        return [*(item.name for item in personal_fields(table)), *self._added(table), "external_id"]

    def free(self, table: Table) -> list[str]:
        """The columns of others' records in which somebody may have written of a person."""
        return [*(item.name for item in free_texts(table)), *self._added(table)]

    def _added(self, table: Table) -> list[str]:
        """The columns that people have added to the table themselves."""
        known = {item.name for item in table.stored_fields} | BOOKKEEPING.keys()
        return [name for name in watched(self._connection, table) if name not in known]

    def records(self, table: Table, traces: Traces, names: list[str]) -> Iterator[str]:
        if not names:
            return
        columns = ", ".join(quoted(name) for name in names)
        for key, *texts in self._connection.each(
            f"SELECT id, {columns} FROM {quoted(table.name)} WHERE id <> '' ORDER BY id"
        ):
            if any(traces.named_in(text) for text in texts if isinstance(text, str)):
                yield key

    def history(self, named: Named, instead: str = "") -> Iterator[tuple[int, object]]:
        """The entries that name them, each with its changes as they are to be."""
        tables = {item.name: item for item in self._tables}
        about = about_them(named)
        own = {name: set(self.texts(tables[name])) for name, _ in about}
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
                others = free.setdefault(table, set(self.free(tables[table])))
                kept = {
                    field: [redacted(named.traces, each, instead) for each in pair]
                    if field in others
                    else pair
                    for field, pair in told.items()
                }
            else:
                continue
            if kept != told:
                yield seq, kept

    def cells(self, named: Named) -> Iterator[tuple[str, str, str, str, str]]:
        """The cells of others that name them and that no record holds: workbook, table, record,
        field, text. A name or a number of somebody else is not among them.
        """
        tables = {item.name: item for item in self._tables}
        about = about_them(named)
        for finding, column in (("conflicts", "theirs"), ("problems", "typed")):
            for workbook, table, key, name, text in self._connection.rows(
                f"SELECT workbook, table_name, record_id, field, {column} FROM {finding}"
                " WHERE closed_at IS NULL AND record_id <> '' AND field <> ''"
            ):
                if (table, key) in about or table not in tables or name in _called(tables[table]):
                    continue
                held = str((from_json(text) if finding == "conflicts" else text) or "")
                if named.traces.named_in(held):
                    yield workbook, table, key, name, held

    def findings(self, table: str, named: Named) -> Iterator[tuple[int, bool, tuple[object, ...]]]:
        """The findings that concern or name them: number, whether it is about them, texts."""
        about = about_them(named)
        columns = ", ".join(FINDINGS[table])
        for number, name, key, *texts in self._connection.rows(
            f"SELECT id, table_name, record_id, {columns} FROM {table}"
        ):
            if (name, key) in about:
                yield number, True, tuple(texts)
            elif any(named.traces.named_in(str(text)) for text in texts if text):
                yield number, False, tuple(texts)


def about_them(named: Named) -> set[tuple[str, str]]:
    """The records that are about them alone."""
    found = {(name, key) for name, keys in named.cleared.items() for key in keys}
    found |= {(named.table, each) for each in named.people}
    return found


def _called(table: Table) -> list[str]:
    """The columns that name and number the people of a table."""
    free = {item.name for item in free_texts(table)}
    return [item.name for item in personal_fields(table) if item.name not in free]


def _kept(value: object, instead: str) -> object:
    """What the history keeps of a name: that it is erased."""
    return value if instead and str(value or "").startswith(instead) else None


def redacted(traces: Traces, value: object, instead: str) -> object:
    return traces.without(value, instead) if isinstance(value, str) else value
