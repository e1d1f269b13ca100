"""Takes over what a workbook holds beyond the store: rows whose ids the store does not know. A
workbook that is newer or older than the store is read by what its own tabs call each record.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from crm_sync.core.catching_up import Adopted, adopt, asked_again, said_of_known
from crm_sync.core.codecs import Codec
from crm_sync.core.codecs.links import ReferenceCodec, StandingCodec
from crm_sync.core.findings import Stop
from crm_sync.core.merging import TabWork
from crm_sync.core.schema import Tab
from crm_sync.services.application import Application
from crm_sync.services.reading import Reading, TabReading, read_tab, tab_work
from crm_sync.services.world import World


def take_over(app: Application, world: World, reading: Reading) -> dict[str, Adopted]:
    """What the store takes over of each tab, by table; `world` is then as the workbook has it.

    1. name     the tabs of the workbook are newer than the store: what they call each record is
                found out first
    2. read     all tabs are read by these names, each after those that it refers to
    """
    before = world.copy()
    known: dict[str, TabReading] = {}
    for tab in app.tabs:
        rows = read_tab(app, tab, reading, frozenset())
        if isinstance(rows, Stop):
            continue
        known[tab.table.name] = rows
        work = _work(rows, world, before)
        world.apply(said_of_known(work))
        world.apply(adopt(work).changes)
    adopted: dict[str, Adopted] = {}
    for name, rows in known.items():
        work = _work(rows, world, before)
        found = adopt(work)
        world.apply(found.changes)
        found = replace(found, bases={**asked_again(work), **found.bases})
        adopted[name] = _since_stamped(app, reading, found)
    return adopted


def as_said(app: Application, world: World, reading: Reading) -> World:
    """The records that the store knows as the tabs of the workbook have them."""
    said = world.copy()
    for tab in app.tabs:
        rows = read_tab(app, tab, reading, frozenset())
        if not isinstance(rows, Stop):
            said.apply(said_of_known(_work(rows, said, world)))
    return said


def _work(rows: TabReading, world: World, before: World) -> TabWork:
    """A tab with the records that the store had `before`, read by the names of a world."""
    work = tab_work(rows, world)
    codecs = standing_codecs(rows.tab, world, before)
    return replace(work, records=before.records[rows.tab.table.name], codecs=codecs)


def standing_codecs(tab: Tab, world: World, before: World) -> dict[str, Codec]:
    """The codecs of a tab; those of references read by the names of a world, then of `before`."""
    codecs, formerly = world.codecs(tab), before.codecs(tab)
    for name, old in formerly.items():
        codec = codecs[name]
        if isinstance(codec, ReferenceCodec) and isinstance(old, ReferenceCodec):
            codecs[name] = StandingCodec(codec.table, codec.index, old.index)
    return codecs


def _since_stamped(app: Application, reading: Reading, found: Adopted) -> Adopted:
    """What is adopted, without clashes of ids that this very store gave before it wrote to the
    workbook last: such a row is that record, whatever its name says now.
    """
    if reading.stamp.store != app.store.identity:
        return found

    def given_since(record_id: str) -> bool:
        first = app.store.records.history(record_id)[:1]
        return not first or datetime.fromisoformat(first[0].at) >= datetime.fromisoformat(
            reading.stamp.at
        )

    return replace(found, clashes=tuple(filter(given_since, found.clashes)))
