"""Looks for clients that are in the store twice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from crm_sync.core.alike import alike_names
from crm_sync.core.duplicates import parts_of, strong_fields
from crm_sync.core.records import Record
from crm_sync.core.values import N_
from crm_sync.services.application import Application
from crm_sync.services.entry import tab_of

NAME = "full_name"


@dataclass(frozen=True)
class Group:
    """Records that may be one: because they share the `value` of a `field`, or because their names
    are alike (then `value` is ""). `likeness` is 100 for the same.
    """

    field: str
    value: str
    likeness: int
    ids: tuple[str, ...]


@dataclass(frozen=True)
class Suspects:
    """The groups, the surest first, and the records in them."""

    groups: tuple[Group, ...]
    records: Mapping[str, Record]


def look_for_duplicates(app: Application, tell: Callable[[str], object]) -> Suspects:
    """The clients that share a phone, an e-mail or a tax id, then those whose names are alike in
    one city. `tell` is told what is being done.
    """
    table = tab_of(app, "clients").table
    tell(app.say(N_("Loading the clients…")))
    live = {
        key: record for key, record in app.store.records.all(table).items() if not record.archived
    }
    tell(app.say(N_("Comparing phones, e-mails and tax ids…")))
    groups: dict[tuple[str, ...], Group] = {}
    for item in strong_fields(table):
        holders: dict[str, list[str]] = {}
        for key, record in live.items():
            for part in parts_of(item, record.values.get(item.name)):
                holders.setdefault(part, []).append(key)
        for value, ids in sorted(holders.items()):
            if len(ids) > 1:
                groups.setdefault(tuple(ids), Group(item.name, value, 100, tuple(ids)))
    tell(app.say(N_("Comparing names…")))
    known = {(one, other) for ids in groups for one in ids for other in ids if len(ids) < len(live)}
    names = {
        key: (str(record.values.get(NAME) or ""), str(record.values.get("city") or ""))
        for key, record in live.items()
    }
    weak = [
        Group(NAME, "", pair.likeness, (pair.one, pair.other))
        for pair in alike_names(names)
        if (pair.one, pair.other) not in known
    ]
    weak.sort(key=lambda group: (-group.likeness, group.ids))
    found = (*groups.values(), *weak)
    return Suspects(found, {key: live[key] for group in found for key in group.ids})
