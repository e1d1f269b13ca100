"""The part of the store that a run looks at, and the way to the rest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass, field, replace
from functools import partial

from crm_sync.core.duplicates import strong_fields, strong_keys
from crm_sync.core.engine_cells import Derived
from crm_sync.core.records import Base, Record
from crm_sync.core.references import Entry, NearIndex, ReferenceIndex
from crm_sync.core.schema import Table
from crm_sync.ports import Binding, Records, Store
from crm_sync.reports.book import Book
from crm_sync.reports.derived import derived_client_fields
from crm_sync.services.application import Application
from crm_sync.services.setup import DAILY
from crm_sync.services.world import SHOWN_WITH_ID, World, entry_of, load_world


class Nearby(MutableMapping[str, Record]):
    """The records of one table. Those that a run looks at are `near`; any other is loaded when it
    is asked for by its id, and all of them when someone goes through the whole table.
    """

    def __init__(self, store: Records, table: Table, record_ids: Iterable[str]) -> None:
        self.near = store.some(table, record_ids)
        self._store = store
        self._table = table
        self._far: dict[str, Record | None] = {}
        self._added: dict[str, int] = {}
        self._all: dict[str, Record] | None = None

    def order(self, record_id: str) -> tuple[int, int, str]:
        """Where a record stands in its table: new ones come last."""
        return self._added.get(record_id, -1), len(record_id), record_id

    def __getitem__(self, record_id: str) -> Record:
        found = self.near.get(record_id)
        if found is None:
            if record_id not in self._far:
                self._far[record_id] = self._store.some(self._table, [record_id]).get(record_id)
            found = self._far[record_id]
        if found is None:
            raise KeyError(record_id)
        return found

    def __setitem__(self, record_id: str, record: Record) -> None:
        if record_id not in self.near:
            self._added[record_id] = len(self._added)
        self.near[record_id] = record

    def __delitem__(self, record_id: str) -> None:
        del self.near[record_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._whole())

    def __len__(self) -> int:
        return len(self._whole())

    def _whole(self) -> Mapping[str, Record]:
        if self._all is None:
            self._all = self._store.all(self._table)
            self._far.update(self._all)
        return {**self._all, **self.near}

    def fetched(self, record_ids: Iterable[str]) -> dict[str, Record]:
        """These records, as far as they exist, in one go."""
        wanted = dict.fromkeys(record_ids)
        missing = [key for key in wanted if key not in self.near and key not in self._far]
        found = self._store.some(self._table, missing)
        self._far.update((key, found.get(key)) for key in missing)
        return {key: self[key] for key in wanted if self.get(key) is not None}


@dataclass
class NearWorld(World):
    """A world of which only a part was loaded. `clients_before` are the clients whose derived
    columns may have changed by what the store saw since the last run; `agreed` the bases, by table,
    of records of which nothing was found before.
    """

    store: Store | None = None
    clients_before: set[str] = field(default_factory=set)
    agreed: Mapping[str, Mapping[str, Base]] = field(default_factory=dict)

    def index(self, key: str) -> ReferenceIndex:
        """As `World.index`: an entry that is named by its id is looked up alone."""
        records = self.records.get(key)
        if not isinstance(records, Nearby) or key in self._indexes:
            return super().index(key)
        label = next(item.table.label for item in self.tabs if item.table.name == key)

        def entry(record_id: str) -> Entry | None:
            record = records.get(record_id)
            return None if record is None else entry_of(record, label)

        self._indexes[key] = NearIndex(
            entry,
            lambda: ReferenceIndex(
                self._entries(key, records),
                show_id=key in SHOWN_WITH_ID,
                region=self.conventions.region,
                former=partial(self.former, key),
                heir=partial(self.heir, key),
            ),
            show_id=key in SHOWN_WITH_ID,
        )
        return self._indexes[key]

    def _at_hand(self, name: str) -> Mapping[str, Record]:
        records = self.records[name]
        return records.near if isinstance(records, Nearby) else records

    def sharing(self, table: Table) -> Mapping[str, Record]:
        """The records that this run looks at, and those that share a key with one of them."""
        records = self.records[table.name]
        assert isinstance(records, Nearby)
        assert self.store is not None
        keys = strong_keys(table, self._in_question(table, records.near))
        ids = {
            record_id
            for item in table.staff_fields
            if item.name in keys
            for record_id in self.store.records.holders(table, item, keys[item.name])
        }
        found = records.fetched(ids) | records.near
        return {key: found[key] for key in sorted(found, key=records.order)}

    def _in_question(self, table: Table, near: Mapping[str, Record]) -> dict[str, Record]:
        """Those of these records that may share a key with one that is not loaded. A record that
        shared nothing, and holds what it held then, does so with none but one that changed.
        """
        names = [item.name for item in strong_fields(table)]
        agreed = self.agreed.get(table.name, {})

        def stands(key: str, record: Record) -> bool:
            base = agreed.get(key)
            if base is None or base.unsettled or base.version <= 0:
                return False
            was, now = base.values, record.values
            return all(name in was and was[name] == now.get(name) for name in names)

        return {key: record for key, record in near.items() if not stands(key, record)}

    def derived(self) -> dict[str, Derived]:
        """As `World.derived`, for the records that this run looks at and the clients they name."""
        clients = self._clients_concerned()
        book = Book(
            {
                **self.records,
                "clients": clients,
                "contacts": self._of_clients("contacts", clients),
                "agreements": self._of_clients("agreements", clients),
            },
            self.currency,
        )
        found: dict[str, Derived] = {
            "clients": derived_client_fields(book, self.now, self._agreement_labels())
        }
        return found | self._kept()

    def alone(self, clients: Iterable[str]) -> set[str]:
        """Those of these clients who have no contact and no agreement, not even archived ones."""
        wanted = dict.fromkeys(clients)
        records = self.records["clients"]
        assert isinstance(records, Nearby)
        at_hand = {key: record for key in wanted if (record := records.get(key)) is not None}
        named = {
            str(record.values.get("client"))
            for table in ("contacts", "agreements")
            for record in self._of_clients(table, at_hand).values()
        }
        return wanted.keys() - named

    def _clients_concerned(self) -> dict[str, Record]:
        clients = self.records["clients"]
        assert isinstance(clients, Nearby)
        named = {
            str(record.values.get("client") or "")
            for table in ("contacts", "agreements")
            for record in self._at_hand(table).values()
        }
        return clients.fetched(sorted({*clients.near, *named, *self.clients_before} - {""}))

    def _of_clients(self, name: str, clients: Mapping[str, Record]) -> dict[str, Record]:
        """The records of a table that name these clients, in the store's order."""
        records = self.records[name]
        assert isinstance(records, Nearby)
        assert self.store is not None
        table = next(item.table for item in self.tabs if item.table.name == name)
        ids = self.store.records.referring(table, "client", list(clients))
        found = records.fetched(ids) | records.near
        return {key: found[key] for key in sorted(found, key=lambda key: (len(key), key))}


def far_world(app: Application) -> World:
    """The world of a reader who looks at no record in particular: those of the tables that staff
    work in are loaded one by one, as they are asked for.
    """
    world = load_world(app, Binding("", ""), without=frozenset(DAILY))
    tables = {tab.table.name: tab.table for tab in app.whole}
    far = {name: Nearby(app.store.records, tables[name], ()) for name in DAILY}
    return replace(world, records={**world.records, **far})
