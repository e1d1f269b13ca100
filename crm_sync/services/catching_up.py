"""Finds which workbooks what changed in the store concerns: all at once, whatever their number."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, replace

from crm_sync.core.records import Record
from crm_sync.model.scope import FOLLOWERS, Records, Scope, Values
from crm_sync.ports import Binding, Touched
from crm_sync.services.application import Application
from crm_sync.services.scopes import scopes_of

NAMES_NOBODY = "V07"
"""The rule that a cell must name a record that there is."""

_SHOWN = frozenset({"clients", *FOLLOWERS})


@dataclass(frozen=True)
class _News:
    """What changed in the store since a sequence: the records as they are now, by the owner of
    their client, the workbooks that have a row of one, and the ids of all by table.
    """

    records: Records
    owned: Mapping[str, tuple[tuple[str, Values], ...]]
    holding: Set[str]
    ids: Mapping[str, Collection[str]]

    def shown_in(self, scope: Scope) -> bool:
        """True if the scope shows one of the records."""
        owners = scope.employee or tuple(self.owned)
        return any(
            scope.shows(table, values, self.records)
            for owner in owners
            for table, values in self.owned.get(owner, ())
        )


def caught_up(app: Application, bindings: Iterable[Binding]) -> dict[str, Binding]:
    """The bindings by workbook, each moved on if all that changed in the store since is no concern
    of its workbook: clients of others, with what belongs to them. One whose scope cannot be used
    stays as it is.
    """
    now = app.store.records.sequence()
    found = {binding.workbook: binding for binding in bindings}
    behind: dict[int, dict[str, Scope]] = {}
    for name, scope in scopes_of(app, found).items():
        sequence = found[name].sequence
        if sequence is not None and sequence != now and not scope.whole:
            behind.setdefault(sequence, {})[name] = scope
    moved = [name for at, scopes in behind.items() for name in _unconcerned(app, at, scopes)]
    if moved:
        with app.store.transaction():
            app.store.bases.catch_up(moved, now)
    return found | {name: replace(found[name], sequence=now) for name in moved}


def _unconcerned(app: Application, sequence: int, scopes: Mapping[str, Scope]) -> Iterator[str]:
    touched = app.store.records.touched(sequence)
    if touched.keys() - _SHOWN:
        return
    news = _news(app, touched)
    # A row that waits in a workbook may bear the id of another workbook's record, or name one that
    # was not there yet.
    waiting: dict[str, set[str]] = {}
    concerned = set(news.holding)
    for item in app.store.findings.problems():
        waiting.setdefault(item.workbook, set()).add(item.problem.record_id)
        if item.problem.code == NAMES_NOBODY:
            concerned.add(item.workbook)
    changed = {record_id for ids in news.ids.values() for record_id in ids}
    for name, scope in scopes.items():
        if (
            name not in concerned
            and changed.isdisjoint(waiting.get(name, ()))
            and not news.shown_in(scope)
        ):
            yield name


def _news(app: Application, touched: Mapping[str, Mapping[str, Touched]]) -> _News:
    tables = {tab.table.name: tab.table for tab in app.whole}
    changed = {name: app.store.records.some(tables[name], ids) for name, ids in touched.items()}
    named = {
        str(record.values.get("client"))
        for name, records in changed.items()
        if name in FOLLOWERS
        for record in records.values()
    }
    clients = app.store.records.some(tables["clients"], named | changed.get("clients", {}).keys())
    owned: dict[str, list[tuple[str, Values]]] = {}
    for name, records in changed.items():
        for record in records.values():
            owned.setdefault(_owner(name, record, clients), []).append((name, record.values))
    return _News(
        {"clients": clients, "employees": app.store.records.all(tables["employees"])},
        {owner: tuple(found) for owner, found in owned.items()},
        {
            workbook
            for name, ids in touched.items()
            for workbook in app.store.bases.holding(name, ids)
        },
        {name: ids.keys() for name, ids in touched.items()},
    )


def _owner(table: str, record: Record, clients: Mapping[str, Record]) -> str:
    client = record if table == "clients" else clients.get(str(record.values.get("client")))
    return str(client.values.get("owner")) if client is not None else ""
