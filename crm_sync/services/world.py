"""The records as a run finds and leaves them, with what is read off them: references, rules,
totals.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import cache, partial

from crm_sync.core.codecs import Codec, Conventions, codec_for
from crm_sync.core.engine_cells import Derived
from crm_sync.core.plan import Op, StoreChange
from crm_sync.core.records import Record
from crm_sync.core.references import Entry, ReferenceIndex
from crm_sync.core.schema import FilledBy, Tab, Table
from crm_sync.core.values import Cell, Scalar
from crm_sync.core.work import Archiving, Check, Suspects
from crm_sync.model.rules import Facts, archiving, check, status_rules, suspects
from crm_sync.ports import Binding, HistoryEntry, Merged
from crm_sync.reports.book import Book
from crm_sync.reports.company_lists import rates_in
from crm_sync.reports.currency import Rates
from crm_sync.reports.derived import derived_client_fields
from crm_sync.services.application import Application

SHOWN_WITH_ID = frozenset({"clients", "agreements"})
"""References to these show "Name (id)": two clients may well have one name."""


Past = Callable[[str], Iterable[HistoryEntry]]


def _unknown(record_id: str) -> Iterable[HistoryEntry]:
    """The past of records of which nobody kept it."""
    return ()


def _unmerged(record_id: str) -> Merged | None:
    """Of records of which nobody kept what they were merged into."""
    return None


@dataclass
class World:
    """The records by table. `apply` moves them on as the plan of each tab is made, so that a
    contact may name a client that was typed in the same minute. `past` tells what changed in a
    record, by its id, `merged` its last merge.
    """

    tabs: Sequence[Tab]
    records: Mapping[str, MutableMapping[str, Record]]
    conventions: Conventions
    language: str
    currency: str
    now: datetime
    closed_until: date | None = None
    past: Past = _unknown
    merged: Callable[[str], Merged | None] = _unmerged
    _indexes: dict[str, ReferenceIndex] = field(default_factory=dict)
    _rates: Rates | None = None
    _renamed: dict[tuple[str, str], list[Record]] = field(default_factory=dict)

    def copy(self) -> World:
        """The same records, which stay as they are when these are moved on."""
        records = {name: dict(table) for name, table in self.records.items()}
        return replace(self, records=records, _indexes={}, _renamed={})

    def apply(self, changes: Sequence[StoreChange]) -> None:
        """Makes the changes of one tab here, as the store will."""
        stamp = self.now.astimezone(UTC).isoformat(timespec="milliseconds")
        for change in changes:
            table = self.records[change.table]
            old = None if change.op is Op.CREATE else table.get(change.record_id)
            values = {**old.values, **change.values} if old else change.values
            if old and any(name in change.values for name in self._called(change.table)):
                self._renamed.setdefault((change.table, change.record_id), []).append(old)
            archived = change.op is Op.ARCHIVE or (
                old is not None and old.archived and change.op is not Op.RESTORE
            )
            version = (old.version if old else 0) + 1
            self._rates = None if change.table == "rates" else self._rates
            table[change.record_id] = Record(change.record_id, values, version, archived, stamp)
        changed = {change.table for change in changes}
        self._indexes = {
            key: index
            for key, index in self._indexes.items()
            if key.partition(":")[0] not in changed
        }

    def codecs(self, tab: Tab) -> dict[str, Codec]:
        """The codec of each field of a tab."""
        needed = {
            reference_key(column.field.refers_to, column.field.entity)
            for column in tab.columns
            if column.field.refers_to
        }
        indexes = {key: self.index(key) for key in needed}
        return {
            column.field.name: codec_for(column, self.conventions, indexes)
            for column in tab.columns
        }

    def index(self, key: str) -> ReferenceIndex:
        """Who is meant by a text, for one table ("statuses:client" for the statuses of clients)."""
        if key not in self._indexes:
            table, _, entity = key.partition(":")
            self._indexes[key] = ReferenceIndex(
                self._statuses(entity) if entity else self._entries(table, self.records[table]),
                show_id=table in SHOWN_WITH_ID,
                region=self.conventions.region,
                former=partial(self.former, key),
                heir=partial(self.heir, key),
            )
        return self._indexes[key]

    def former(self, key: str, value: str) -> Iterator[str]:
        """The names that an entry of an index bore before, as far as the history tells."""
        table, _, entity = key.partition(":")
        record_id = self._status(entity, value) if entity else value
        called = self._called(table)
        for entry in self.past(record_id):
            if entry.table == table:
                changed = (entry.changes.get(name) for name in called)
                yield from (str(each[0]) for each in changed if each and each[0])
        for record in self._renamed.get((table, record_id), ()):
            yield from (str(each) for name in called if (each := record.values.get(name)))

    def heir(self, key: str, value: str) -> str | None:
        """The record in use into which an archived one was merged, maybe by way of others."""
        seen = {value}
        while (found := self.merged(value)) is not None and value in found.gone:
            value = found.kept
            record = self.records[key].get(value) if found.table == key else None
            if record is None or value in seen:
                return None
            if not record.archived:
                return value
            seen.add(value)
        return None

    def _called(self, table: str) -> tuple[str, ...]:
        """The fields that hold what people call a record."""
        if table == "statuses":
            return "ru", "en"
        return tuple(item.table.label for item in self.tabs if item.table.name == table)

    def _status(self, entity: str, key: str) -> str:
        return next(
            (
                record.id
                for record in self.records["statuses"].values()
                if record.values.get("entity") == entity and record.values.get("key") == key
            ),
            key,
        )

    def check(self, tab: Tab) -> Check:
        """The rules of a tab's table, with the statuses as they are when it is first asked."""
        facts, table = self._facts(), self._table(tab)
        return lambda values, before: check(table, values, before, facts())

    def suspects(self, tab: Tab) -> Suspects:
        """Which of many new records may break these rules."""
        facts, table = self._facts(), self._table(tab)
        return lambda records: suspects(table, records, facts())

    def archiving(self, tab: Tab) -> Archiving:
        """What holds up the archiving of a record of a tab's table."""
        return partial(archiving, tab.table.name, closed_until=self.closed_until)

    def _table(self, tab: Tab) -> Table:
        return next(item.table for item in self.tabs if item.table.name == tab.table.name)

    def _facts(self) -> Callable[[], Facts]:
        @cache
        def facts() -> Facts:
            statuses = self.records["statuses"].values()
            return Facts(
                self.now.replace(tzinfo=None),
                status_rules(
                    (record.values for record in statuses if not record.archived), self.language
                ),
                self._client_of,
                self.closed_until,
                self._has_worth,
            )

        return facts

    def sharing(self, table: Table) -> Mapping[str, Record]:
        """The records of a table among which some may share a phone, an e-mail or a tax id."""
        return self.records[table.name]

    def _has_worth(self, currency: str, day: date) -> bool:
        """True for the company's own currency, and for others whose rate is known on that day."""
        if currency == self.currency:
            return True
        if self._rates is None:
            self._rates = rates_in(self.book())
        return self._rates.on(currency, day) is not None

    def _client_of(self, agreement: str) -> str:
        record = self.records["agreements"].get(agreement)
        return str(record.values.get("client") or "") if record else ""

    def book(self) -> Book:
        """The records as reports read them."""
        return Book(self.records, self.currency)

    def derived(self) -> dict[str, Derived]:
        """Values of the columns that the engine fills, by table, record id and field."""
        found: dict[str, Derived] = {
            "clients": derived_client_fields(self.book(), self.now, self._agreement_labels())
        }
        return found | self._kept()

    def _agreement_labels(self) -> dict[str, str]:
        return {
            str(record.values.get("key")): self.status_label(record)
            for record in self.records["statuses"].values()
            if record.values.get("entity") == "agreement"
        }

    def _at_hand(self, name: str) -> Mapping[str, Record]:
        """The records of a table that the run looks at."""
        return self.records[name]

    def _kept(self) -> dict[str, Derived]:
        """Engine columns that the store keeps, of the tables that have any."""
        found: dict[str, Derived] = {}
        for tab in self.tabs:
            kept = [
                item.name
                for item in tab.table.fields
                if item.filled_by is FilledBy.ENGINE and not item.derived
            ]
            if kept:
                found[tab.table.name] = {
                    record_id: {name: record.values.get(name) for name in kept}
                    for record_id, record in self._at_hand(tab.table.name).items()
                }
        return found

    def name(self, table: str, record_id: str) -> str:
        """What people call a record, "" if it is unknown."""
        record = self.records.get(table, {}).get(record_id)
        if record is None:
            return ""
        tab = next(item for item in self.tabs if item.table.name == table)
        return str(record.values.get(tab.table.label) or "")

    def owner(self, table: str, record_id: str) -> str:
        """The name of the employee whose record it is, "" if nobody is named."""
        record = self.records.get(table, {}).get(record_id)
        values = record.values if record else {}
        employee = str(values.get("owner") or values.get("employee") or "")
        if not employee and values.get("client"):
            return self.owner("clients", str(values["client"]))
        return self.name("employees", employee) if employee else ""

    def show(self, table: str, field: str, value: Scalar) -> Cell:
        """A canonical value as the cell that people read."""
        tab = next(item for item in self.tabs if item.table.name == table)
        column = tab.by_field.get(field)
        if column is None:
            return value
        key = reference_key(column.field.refers_to, column.field.entity)
        indexes = {key: self.index(key)} if column.field.refers_to else {}
        return codec_for(column, self.conventions, indexes).format(value)

    def status_label(self, record: Record) -> str:
        """A status in the language of the company."""
        values = record.values
        return str(values.get(self.language) or values.get("en") or values.get("key") or record.id)

    def _entries(self, table: str, records: Mapping[str, Record]) -> Iterator[Entry]:
        label = next(item.table.label for item in self.tabs if item.table.name == table)
        return (entry_of(record, label) for record in records.values())

    def _statuses(self, entity: str) -> Iterator[Entry]:
        for record in self.records["statuses"].values():
            values = record.values
            if values.get("entity") != entity:
                continue
            key = str(values.get("key") or record.id)
            names = tuple(
                str(text) for text in (values.get("ru"), values.get("en"), record.id) if text
            )
            closed = record.archived or values.get("active") == 0
            yield Entry(key, self.status_label(record), names, closed)


def entry_of(record: Record, label: str) -> Entry:
    """What cells may call a record; `label` is the field that people call it by."""
    names = [
        item
        for name in ("phone", "email", "tax_id")
        for item in str(record.values.get(name) or "").split("; ")
        if item
    ]
    closed = record.archived or record.values.get("active") == 0
    return Entry(record.id, str(record.values.get(label) or record.id), tuple(names), closed)


def reference_key(table: str | None, entity: str | None) -> str:
    """The key of a reference index: the table, and the entity for statuses."""
    return f"{table}:{entity}" if entity else str(table)


def load_world(app: Application, binding: Binding, without: Set[str] = frozenset()) -> World:
    """The records as the store holds them, read as the workbook's people write; of the tables
    `without` there are none.
    """
    tables = (tab.table for tab in app.whole)
    return World(
        app.whole,
        {
            table.name: {} if table.name in without else dict(app.store.records.all(table))
            for table in tables
        },
        Conventions(binding.locale or app.locale, app.region),
        app.language,
        app.currency,
        app.local_now(),
        app.closed_until,
        app.store.records.history,
        app.store.merges.of,
    )
