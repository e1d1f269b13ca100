"""The records that a command is about, and the way from them to all others: in a store of any size
only a few are loaded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Final

from crm_sync.core.codecs import Conventions
from crm_sync.core.codecs.cleaning import bare, clean, fold
from crm_sync.core.codecs.phones import read_phone
from crm_sync.core.records import Record
from crm_sync.core.references import Entry, NearIndex, ReferenceIndex
from crm_sync.core.schema import Kind, Table
from crm_sync.core.values import N_
from crm_sync.errors import Ambiguous, NotFound
from crm_sync.services.application import Application
from crm_sync.services.nearby import Nearby, NearWorld
from crm_sync.services.setup import DAILY
from crm_sync.services.world import SHOWN_WITH_ID, entry_of

_ID: Final = re.compile(r"(?<![^\W\d_])([a-zа-я]{1,4}) ?- ?0*([0-9]{1,12})(?![0-9])")
_LOOKALIKES: Final = str.maketrans("авекмнорстух", "abekmhopctyx")
_MOST: Final = 200
_MOST_NAMED: Final = 5


class FoundIndex(NearIndex):
    """An index that asks the store whom a text may mean, and loads those alone."""

    def __init__(self, world: Around, app: Application, table: Table, records: Nearby) -> None:
        super().__init__(self._one, self._all, show_id=table.name in SHOWN_WITH_ID)
        self._app, self._table, self._records, self._world = app, table, records, world

    def find(self, text: str) -> tuple[Entry, ...]:
        """As `ReferenceIndex.find`."""
        return self._among(self._candidates(text)).find(text)

    def nearest(self, text: str, count: int = 3) -> tuple[str, ...]:
        """As `ReferenceIndex.nearest`, among those whose names begin alike."""
        ids = self._app.store.search.resembling(self._table, text, _MOST)
        return self._among(ids).nearest(text, count)

    def bearer(self, text: str) -> str | None:
        """As `ReferenceIndex.bearer`."""
        return self._among(self._candidates(text)).bearer(text)

    def _candidates(self, text: str) -> Iterable[str]:
        """The ids of all records that the text may mean, and maybe of others."""
        table, store, folded = self._table, self._app.store, fold(text)
        for prefix, number in _ID.findall(folded):
            yield f"{prefix.translate(_LOOKALIKES).upper()}-{number.zfill(table.digits)}"
            yield f"{prefix.translate(_LOOKALIKES).upper()}-{number}"
        yield from (clean(text), clean(text).upper())
        parts = {folded, clean(text)}
        phone = read_phone(bare(text), self._app.region)
        if phone is not None:
            parts.add(phone.partition("x")[0])
        for item in table.stored_fields:
            if item.key and item.kind in (Kind.PHONE, Kind.EMAIL, Kind.DIGITS):
                yield from store.records.holders(table, item, parts)
        name = fold(text.partition(" (")[0])
        yield from store.search.named(table, name, _MOST)
        # To fold makes ss of ß, and the index keeps them apart.
        if "ss" in name:
            yield from store.search.named(table, name.replace("ss", "ß"), _MOST)

    def _among(self, ids: Iterable[str]) -> ReferenceIndex:
        found = self._records.fetched(ids)
        return ReferenceIndex(
            [entry_of(record, self._table.label) for record in found.values()],
            show_id=self._table.name in SHOWN_WITH_ID,
            region=self._app.region,
            former=partial(self._world.former, self._table.name),
            heir=partial(self._world.heir, self._table.name),
        )

    def _one(self, record_id: str) -> Entry | None:
        record = self._records.get(record_id)
        return None if record is None else entry_of(record, self._table.label)

    def _all(self) -> ReferenceIndex:
        return self._among(self._records)


@dataclass
class Around(NearWorld):
    """A world of a few records. A name leads to its record by way of the store's own search."""

    app: Application | None = None

    def index(self, key: str) -> ReferenceIndex:
        """As `World.index`."""
        records = self.records.get(key)
        if not isinstance(records, Nearby) or key in self._indexes:
            return super().index(key)
        assert self.app is not None
        table = next(item.table for item in self.tabs if item.table.name == key)
        self._indexes[key] = FoundIndex(self, self.app, table, records)
        return self._indexes[key]

    def near(self, table: str) -> Mapping[str, Record]:
        """The records of a table that this world was made around."""
        return self._at_hand(table)

    @cached_property
    def tables(self) -> Mapping[str, Table]:
        """The tables by name."""
        return {tab.table.name: tab.table for tab in self.tabs}


def look_around(app: Application, wanted: Mapping[str, Iterable[str]] | None = None) -> Around:
    """The world around these records, by table and id; values are read as the configuration's
    locale writes them.
    """
    asked = wanted or {}
    records = {
        tab.table.name: (
            Nearby(app.store.records, tab.table, asked.get(tab.table.name, ()))
            if tab.table.name in DAILY
            else dict(app.store.records.all(tab.table))
        )
        for tab in app.whole
    }
    return Around(
        app.whole,
        records,
        Conventions(app.locale, app.region),
        app.language,
        app.currency,
        app.local_now(),
        app.closed_until,
        app.store.records.history,
        app.store.merges.of,
        store=app.store,
        app=app,
    )


def meant(world: Around, table: str, typed: str, *, loosely: bool = False) -> Record:
    """The record that a person names by its id, name, phone, e-mail or tax id; `loosely`: also by
    words that are in no other. Raises NotFound, Ambiguous.
    """
    index = world.index(table)
    found = [entry.value for entry in index.find(typed)]
    if not found and loosely and world.store is not None:
        search = world.store.search
        found = list(search.words(world.tables[table], typed, _MOST_NAMED + 1, archived=False))
    if len(found) == 1:
        return world.records[table][found[0]]
    if found:
        raise Ambiguous(
            N_("“{typed}” may be any of: {records}."),
            N_("Name the one that is meant by its id."),
            typed=typed,
            records=", ".join(index.shown_with_id(value) for value in found[:_MOST_NAMED]),
        )
    bearer = index.bearer(typed)
    if bearer is not None:
        raise NotFound(
            N_('"{typed}" is not what the record with this ID is called: {match}.'),
            N_("Name the one that is meant by its id."),
            typed=typed,
            match=bearer,
        )
    near = index.nearest(typed)
    raise NotFound(
        N_("There is no record “{record}”."),
        N_("Did you mean {records}?") if near else N_("crm-sync find WORDS looks for it."),
        record=typed,
        records=", ".join(near),
    )


def table_meant(app: Application, typed: str) -> str:
    """The table of the record that a person names: that of its id, else clients."""
    found = _ID.fullmatch(fold(typed))
    if found:
        prefix = found[1].translate(_LOOKALIKES).upper()
        for tab in app.whole:
            if tab.table.prefix == prefix and tab.table.name in DAILY:
                return tab.table.name
    return "clients"
