"""A client with its whole history: contacts, agreements, what is to be done, what waits, what was
changed and by whom.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from crm_sync.core.records import Record
from crm_sync.core.values import Scalar
from crm_sync.ports import HistoryEntry, OpenConflict, OpenProblem
from crm_sync.reports.followup_groups import FollowUp
from crm_sync.services.application import Application
from crm_sync.services.around import Around, look_around, meant
from crm_sync.services.reporting import followups_among
from crm_sync.services.waiting import waiting_for


@dataclass(frozen=True)
class Card:
    """All that the store knows of a client. Contacts and agreements come the newest first, archived
    ones too; `derived` are the fields that are worked out each day; `changes` are those of the
    client and of all its contacts and agreements, the newest first.
    """

    client: Record
    contacts: tuple[Record, ...]
    agreements: tuple[Record, ...]
    tasks: tuple[FollowUp, ...]
    conflicts: tuple[OpenConflict, ...]
    problems: tuple[OpenProblem, ...]
    changes: tuple[HistoryEntry, ...]
    derived: Mapping[str, Scalar]
    world: Around


def card(app: Application, named: str) -> Card:
    """The card of the client that is named. Raises NotFound, Ambiguous."""
    client = meant(look_around(app), "clients", named, loosely=True)
    world = world_of_client(app, client.id)
    contacts = _newest_first(world, "contacts", "contact_at")
    agreements = _newest_first(world, "agreements", "agreed_at")
    places = {
        ("clients", client.id),
        *(("contacts", each.id) for each in contacts),
        *(("agreements", each.id) for each in agreements),
    }
    conflicts, problems = waiting_for(app, places)
    entries = [entry for _, record in sorted(places) for entry in app.store.records.history(record)]
    entries.sort(key=lambda entry: -entry.sequence)
    return Card(
        client,
        contacts,
        agreements,
        tasks_of(app, world, client.id),
        conflicts,
        problems,
        tuple(entries),
        world.derived()["clients"].get(client.id, {}),
        world,
    )


def world_of_client(app: Application, client: str) -> Around:
    """The world around a client: with its contacts and agreements."""
    tables = {tab.table.name: tab.table for tab in app.whole}
    referring = app.store.records.referring
    return look_around(
        app,
        {
            "clients": [client],
            "contacts": referring(tables["contacts"], "client", [client]),
            "agreements": referring(tables["agreements"], "client", [client]),
        },
    )


def tasks_of(app: Application, world: Around, client: str) -> tuple[FollowUp, ...]:
    """The lines that the follow-up list has for this client, the most urgent first."""
    own = {
        name: {
            key: record
            for key, record in world.near(name).items()
            if client in (key, record.values.get("client"))
        }
        for name in ("clients", "contacts", "agreements")
    }
    lists = {name: records for name, records in world.records.items() if name not in own}
    return followups_among(app, world, {**lists, **own})


def _newest_first(world: Around, table: str, field: str) -> tuple[Record, ...]:
    def key(record: Record) -> tuple[str, int, str]:
        return str(record.values.get(field) or ""), len(record.id), record.id

    found: Sequence[Record] = sorted(world.near(table).values(), key=key, reverse=True)
    return tuple(found)
