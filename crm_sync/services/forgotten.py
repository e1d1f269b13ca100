"""What an older state of a workbook may show of people who were erased since."""

from __future__ import annotations

from collections.abc import Iterator, Set
from datetime import datetime

from crm_sync.core.catching_up import NOBODY, Forgotten
from crm_sync.core.erasing import ABOUT_ONE, ERASED, traces_of
from crm_sync.core.findings import Stop
from crm_sync.core.values import Scalar, Unreadable
from crm_sync.services.application import Application
from crm_sync.services.erased import erased_people
from crm_sync.services.reading import Reading, read_tab, tab_work
from crm_sync.services.world import World

PEOPLE = "clients"


def forgotten_since(app: Application, world: World, reading: Reading) -> Forgotten:
    """The people erased, and what to know them by: the store has forgotten it, but rows of theirs
    that came back with the older state say it themselves.
    """
    people = erased_people(app, PEOPLE)
    if not people:
        return NOBODY
    state = datetime.fromisoformat(reading.stamp.at)
    since = {
        record_id
        for table, record_id in (
            item.person
            for item in app.store.erasing.done()
            if datetime.fromisoformat(item.at) >= state
        )
        if table == PEOPLE
    }
    (tab,) = (item for item in app.tabs if item.table.name == PEOPLE)
    return Forgotten(
        PEOPLE,
        people,
        frozenset(_about(app, world, since)),
        traces_of(tab.table, _said_of(app, world, reading, people)),
        app.say(ERASED),
    )


def _about(app: Application, world: World, people: Set[str]) -> Iterator[str]:
    """The records about these people alone."""
    for tab in app.tabs:
        fields = [item.name for item in tab.table.fields if item.refers_to == PEOPLE]
        for record in world.records[tab.table.name].values() if tab.table.name in ABOUT_ONE else ():
            if any(record.values.get(name) in people for name in fields):
                yield record.id


def _said_of(
    app: Application, world: World, reading: Reading, people: Set[str]
) -> Iterator[tuple[str, Scalar]]:
    """What rows with the ids of these people say."""
    (tab,) = (item for item in app.tabs if item.table.name == PEOPLE)
    found = read_tab(app, tab, reading, frozenset())
    if isinstance(found, Stop):
        return
    work = tab_work(found, world)
    for row in work.rows:
        for item in work.bound if row.id in people else ():
            value = work.codecs[item.name].parse(row.cells[item.name])
            if not isinstance(value, Unreadable):
                yield item.name, value
