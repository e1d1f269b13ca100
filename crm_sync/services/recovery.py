"""Heals a workbook and a store that do not belong together as they did: one was put back to an
older state, copied, or handed to another.

What must happen is put into the bases, in one transaction; the run that follows merges as always.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache

from crm_sync.core.catching_up import (
    NOBODY,
    Adopted,
    CaughtUp,
    Formerly,
    catch_up,
    forget_again,
)
from crm_sync.core.codecs import Codec
from crm_sync.core.codecs.links import StandingCodec
from crm_sync.core.findings import Side, Stop
from crm_sync.core.limits import UNLIMITED
from crm_sync.core.planner import survey
from crm_sync.core.schema import Tab, Table
from crm_sync.core.stamp import Standing, standing
from crm_sync.core.values import N_, Scalar, Unreadable
from crm_sync.errors import OtherStore
from crm_sync.ports import Binding, Workbook
from crm_sync.services.application import Application
from crm_sync.services.forgotten import forgotten_since
from crm_sync.services.identity import how_it_stands, written_at
from crm_sync.services.reading import Reading, read_as, read_tab, read_workbook, tab_work
from crm_sync.services.result import RunResult
from crm_sync.services.setup import without_version
from crm_sync.services.sync import sync
from crm_sync.services.taking_over import as_said, standing_codecs, take_over
from crm_sync.services.world import World, load_world


@dataclass(frozen=True)
class Recovery:
    """What stands between a workbook and the store, and what is done about it. `moved_from` is the
    file that the workbook was before, if the configuration now names another; `unfinished` counts
    writes whose end no run has seen. `run` is the run that carried it out, None in a dry run or
    when nothing was to be done.
    """

    workbook: str
    standing: Standing
    when: str = ""
    moved_from: str = ""
    fresh: bool = False
    unfinished: int = 0
    caught_up: Mapping[str, CaughtUp] = field(default_factory=dict)
    adopted: Mapping[str, Adopted] = field(default_factory=dict)
    run: RunResult | None = None

    @property
    def sound(self) -> bool:
        """True if nothing is amiss that only this command can heal."""
        together = self.standing in (Standing.TOGETHER, Standing.UNSTAMPED)
        return together and not self.moved_from

    def count(self, name: str) -> int:
        """The sum of a count of `CaughtUp` over all tabs."""
        return sum(getattr(item, name) for item in self.caught_up.values())

    @property
    def records_adopted(self) -> int:
        """How many records the store takes in with the ids that they bear."""
        return sum(len(item.changes) for item in self.adopted.values())


def recover(
    app: Application, name: str, *, take: Side | None = None, dry_run: bool = False
) -> Recovery:
    """Finds out how a workbook and the store stand to each other, and heals what is amiss.

    1. look     the store is whole; the workbook is read; its stamp is compared with the journal
    2. agree    the bases are moved so that the next merge does what is right, in one transaction
    3. sync     a run without limits carries it out

    A workbook that went back is brought up to date from the store; with `take` the sheet, its
    older state is kept as if staff had typed it. Raises OtherStore if ids of two stores clash.
    """
    with app.store.lease():
        app.store.check()
        healing = _examine(app, name, take)
        if healing is None:
            return Recovery(name, Standing.UNSTAMPED)
        found = healing.recovery
        if dry_run or found.sound:
            return found
        _agree(app, healing)
    kept = found.standing is Standing.BOOK_OLD and take is Side.SHEET
    return replace(found, run=sync(app if kept else replace(app, limits=UNLIMITED), name))


@dataclass(frozen=True)
class _Healing:
    recovery: Recovery
    binding: Binding
    forgets: bool


def _examine(app: Application, name: str, take: Side | None) -> _Healing | None:
    """What is amiss and what will heal it; None for a workbook that is yet to be made."""
    known = app.store.bases.binding(name)
    wanted = app.bound[name].spreadsheet_id or (known.spreadsheet_id if known else "")
    if not wanted:
        return None
    workbook = app.workbooks.open(name, wanted)
    binding = known or Binding(name, wanted)
    moved = binding.spreadsheet_id != wanted
    if moved:
        binding = _binding(wanted, binding, workbook)
    reading = read_workbook(app, workbook, binding, frozenset())
    stamp = reading.stamp
    forgets = moved and not (known and stamp.file == known.spreadsheet_id)
    if forgets:
        binding = Binding(name, wanted)
    found = how_it_stands(app, binding, reading)
    bases = {tab.table.name: app.store.bases.all(name, tab.table.name) for tab in app.tabs}
    reading = replace(reading, bases={} if forgets else bases)
    caught, adopted = _tabs(app, binding, reading, found, take)
    recovery = Recovery(
        name,
        found,
        written_at(app, stamp) if stamp.at else "",
        known.spreadsheet_id if moved and known else "",
        forgets and found is Standing.UNSTAMPED,
        len(app.store.journal.waiting(name)),
        caught,
        adopted,
    )
    _refuse_clashes(name, adopted)
    sheets = {} if forgets else dict(reading.attached.sheets)
    agreed = replace(binding, operation=stamp.operation, sheets=sheets)
    return _Healing(recovery, without_version(agreed), forgets)


def _binding(wanted: str, known: Binding, workbook: Workbook) -> Binding:
    """Another file under a known name: a copy of the old one has its sheets, with their ids."""
    standing_there = {sheet.sheet_id for sheet in workbook.outline().sheets}
    if standing_there.issuperset(known.sheets.values()):
        return replace(known, spreadsheet_id=wanted)
    return Binding(known.workbook, wanted)


def _tabs(
    app: Application, binding: Binding, reading: Reading, found: Standing, take: Side | None
) -> tuple[dict[str, CaughtUp], dict[str, Adopted]]:
    """What heals each tab, those first that others refer to."""
    caught: dict[str, CaughtUp] = {}
    adopted: dict[str, Adopted] = {}
    world = load_world(app, read_as(binding, reading))
    behind = _is_behind(app, binding, reading, found)
    forgotten = forgotten_since(app, world, reading) if behind else NOBODY
    if found is Standing.STORE_OLD or _is_foreign(app, reading, found):
        adopted = take_over(app, world, reading)
    said = as_said(app, world, reading) if behind else world
    for tab in app.tabs if behind else ():
        name = tab.table.name
        rows = read_tab(app, tab, reading, frozenset())
        if isinstance(rows, Stop):
            continue
        work = tab_work(rows, world)
        if take is not Side.SHEET:
            known = _formerly(app, world, tab)
            matched = survey(work).matched
            work = replace(work, codecs={**work.codecs, **_named_then(tab, said, world)})
            caught[name] = catch_up(work, matched, known, forgotten)
        elif forgotten.people:
            known = _formerly(app, world, tab)
            caught[name] = forget_again(work, survey(work).matched, known, forgotten)
    return caught, adopted


def _named_then(tab: Tab, said: World, world: World) -> dict[str, Codec]:
    """The codecs of references by bare names, which may have passed to others since. Beside an id
    the name does not tell.
    """
    return {
        name: codec
        for name, codec in standing_codecs(tab, said, world).items()
        if isinstance(codec, StandingCodec) and not codec.index.show_id
    }


def _is_behind(app: Application, binding: Binding, reading: Reading, found: Standing) -> bool:
    if found is not Standing.COPY:
        return found is Standing.BOOK_OLD
    return reading.stamp.store == app.store.identity and Standing.STORE_OLD is not standing(
        reading.stamp,
        store=app.store.identity,
        file=reading.stamp.file,
        last=binding.operation,
        number=app.store.journal.number,
    )


def _is_foreign(app: Application, reading: Reading, found: Standing) -> bool:
    if found is Standing.COPY:
        return reading.stamp.store != app.store.identity
    return found is Standing.OTHER_STORE


def _formerly(app: Application, world: World, tab: Tab) -> Formerly:
    codecs = world.codecs(tab)

    @cache
    def entries(record_id: str) -> dict[str, list[Scalar]]:
        known: dict[str, list[Scalar]] = {}
        for entry in app.store.records.history(record_id):
            for name, values in entry.changes.items() if entry.table == tab.table.name else ():
                if name in codecs:
                    read = [codecs[name].normal(value) for value in values]
                    good = [value for value in read if not isinstance(value, Unreadable)]
                    known.setdefault(name, []).extend(good)
        return known

    return lambda record_id, name: entries(record_id).get(name, ())


def _refuse_clashes(name: str, adopted: Mapping[str, Adopted]) -> None:
    clashes = [record_id for item in adopted.values() for record_id in item.clashes]
    if clashes:
        raise OtherStore(
            N_(
                "The workbook “{name}” and this store mean different records by the same ids: "
                "{ids}. Nothing was changed."
            ),
            N_(
                "Give this workbook to the store that made those ids, or to a new, empty one. Rows "
                "can also be copied into the other workbook, without their ids."
            ),
            name=name,
            ids=", ".join(clashes[:5]) + ("…" if len(clashes) > 5 else ""),
        )


def _agree(app: Application, healing: _Healing) -> None:
    """Puts all that was worked out into the store, or nothing."""
    name, found, now = healing.binding.workbook, healing.recovery, app.clock.now()
    tables: dict[str, Table] = {tab.table.name: tab.table for tab in app.tabs}
    bases = app.store.bases
    with app.store.transaction():
        for table in tables if healing.forgets else ():
            bases.drop(name, table, list(bases.all(name, table)))
        for table, item in found.adopted.items():
            app.store.records.apply(item.changes, source=f"sheet:{name}", by="", at=now)
            app.store.records.reserve(tables[table], item.last)
            bases.put(name, table, item.bases)
        for table, caught in found.caught_up.items():
            bases.put(name, table, caught.bases)
            bases.drop(name, table, caught.dropped)
        bases.bind(healing.binding)
