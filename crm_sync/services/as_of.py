"""The store as it stood at a moment, by its history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time

from crm_sync.core.records import Record
from crm_sync.core.schema import Tab
from crm_sync.core.values import N_, Scalar
from crm_sync.errors import NotFound
from crm_sync.ports import Binding, HistoryEntry
from crm_sync.reports.as_of import rewound
from crm_sync.services.application import Application
from crm_sync.services.world import World, load_world


@dataclass(frozen=True)
class Past:
    """The records at a moment, those of now, and the changes since, the newest first."""

    at: datetime
    then: World
    now: World
    changes: tuple[HistoryEntry, ...]


@dataclass(frozen=True)
class Counted:
    """One table: how many records were in use then, how many are now, how many changed since."""

    table: str
    then: int
    now: int
    changed: int


@dataclass(frozen=True)
class Compared:
    """One record, then and now: None where it did not exist."""

    table: str
    record_id: str
    then: Record | None
    now: Record | None


def moment_of(app: Application, day: date, at: time | None) -> datetime:
    """A local moment, the end of the day without a time."""
    return datetime.combine(day, at or time.max, app.zone)


def as_of(app: Application, at: datetime) -> Past:
    """The store as it stood. What was erased since stays erased."""
    now = load_world(app, Binding("", ""))
    changes = app.store.past.after(at)
    then = replace(now, records=rewound(now.records, changes), now=at)
    return Past(at, then, now, changes)


def counted(past: Past) -> tuple[Counted, ...]:
    """How much there was and is, by table of the tabs."""
    changed: dict[str, set[str]] = {}
    for entry in past.changes:
        changed.setdefault(entry.table, set()).add(entry.record_id)
    return tuple(
        Counted(
            name,
            _in_use(past.then.records[name]),
            _in_use(past.now.records[name]),
            len(changed.get(name, ())),
        )
        for name in (tab.table.name for tab in past.now.tabs)
    )


def compared(app: Application, at: datetime, typed: str) -> Compared:
    """One record then and now, by its own history alone. Raises NotFound for one that there never
    was.
    """
    tables = {tab.table.name: tab.table for tab in app.whole}
    for key in (typed, typed.upper()):
        entries = [entry for entry in app.store.records.history(key) if entry.table in tables]
        if not entries:
            continue
        name = entries[0].table
        now = app.store.records.some(tables[name], [key]).get(key)
        later = [each for each in reversed(entries) if datetime.fromisoformat(each.at) > at]
        then = rewound({name: {key: now} if now else {}}, later)
        return Compared(name, key, then[name].get(key), now)
    raise NotFound(
        N_("There is no record “{record}”."),
        N_("Ids stand in the first column of each tab, for example C-000017."),
        record=typed,
    )


def fields_of(tab: Tab, found: Compared) -> Mapping[str, tuple[Scalar, Scalar]]:
    """The value of each field that either of the two has, then and now."""
    then = found.then.values if found.then else {}
    now = found.now.values if found.now else {}
    return {
        item.name: (then.get(item.name), now.get(item.name))
        for item in tab.table.stored_fields
        if then.get(item.name) is not None or now.get(item.name) is not None
    }


def _in_use(records: Mapping[str, Record]) -> int:
    return sum(not record.archived for record in records.values())
