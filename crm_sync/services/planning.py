"""Plans a whole workbook: its tabs one after the other, each seeing what the one before changed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from crm_sync.core.duplicates import duplicates
from crm_sync.core.engine_cells import with_engine_cells
from crm_sync.core.findings import Stop
from crm_sync.core.guarding import (
    guarded_names,
    guarded_values,
    retired_cells,
    with_guarded_cells,
)
from crm_sync.core.merging import TabWork
from crm_sync.core.plan import Plan, TabPlan
from crm_sync.core.planner import Survey, placed_rows, plan_tab, survey
from crm_sync.core.rows import SheetRow, read_rows
from crm_sync.core.schema import Table
from crm_sync.services.application import Application
from crm_sync.services.noticing import (
    moves_of,
    put_back,
    shared_keys,
    told_of_columns,
    uneven_plans,
)
from crm_sync.services.reading import Reading, TabReading, read_tab, tab_work
from crm_sync.services.views import with_holders, with_view
from crm_sync.services.world import World

Mint = Callable[[Table, int], Sequence[str]]
"""Gives new ids; a dry run gives made-up ones."""


@dataclass(frozen=True)
class Planned:
    """The plan of a workbook, with the readings it was made from; `world` is as the plan leaves
    it.
    """

    plan: Plan
    readings: Mapping[str, TabReading]
    world: World
    places: Mapping[str, Mapping[str, int]]
    """The zero-based row of each record that stands in the sheet, by table and id."""


def plan_workbook(
    app: Application,
    world: World,
    reading: Reading,
    mint: Mint,
    allowed: frozenset[str],
) -> Planned:
    """The plan of all tabs. References are resolved against what earlier tabs bring, the engine's
    own columns are filled when everything else is known.
    """
    plans: dict[str, TabPlan] = {}
    surveys: dict[str, tuple[Survey, Sequence[str]]] = {}
    readings: dict[str, TabReading] = {}
    # A rate typed in the same minute tells what an agreement is worth.
    for tab in sorted(app.tabs, key=lambda tab: tab.table.name != "rates"):
        name = tab.table.name
        found = read_tab(app, tab, reading, allowed)
        if isinstance(found, Stop):
            plans[name] = TabPlan(name, stop=found)
            continue
        readings[name] = found
        work = with_view(app, tab_work(found, world), world, reading.scoping)
        sorted_out = survey(work)
        work = with_holders(app, work, sorted_out.matched.known, reading.scoping)
        ids = mint(tab.table, len(sorted_out.newcomers)) if sorted_out.newcomers else ()
        plans[name] = plan_tab(work, sorted_out, ids, app.limits, allowed)
        surveys[name] = sorted_out, ids
        world.apply(plans[name].changes)
    return _finished(app, world, plans, surveys, readings, reading)


def _finished(
    app: Application,
    world: World,
    plans: Mapping[str, TabPlan],
    surveys: Mapping[str, tuple[Survey, Sequence[str]]],
    readings: Mapping[str, TabReading],
    reading: Reading,
) -> Planned:
    moved = moves_of(plans.values(), world, reading.touched)
    derived = world.derived()
    tabs = []
    places: dict[str, dict[str, int]] = {}
    for tab in app.tabs:
        name = tab.table.name
        plan = plans[name]
        if plan.stop is None:
            sorted_out, ids = surveys[name]
            rows = placed_rows(sorted_out, plan, ids)
            values = derived.get(name, {})
            rows = with_concerned(readings[name], rows, values, ids)
            work = with_view(app, tab_work(readings[name], world), world, reading.scoping)
            shown = values
            if work.view is not None and (names := guarded_names(work)):
                guarded = guarded_values(work.view, names, world.records[name])
                plan = with_guarded_cells(work, plan, rows, _going(sorted_out, plan), guarded)
                shown = {key: {**shown.get(key, {}), **cells} for key, cells in guarded.items()}
            plan = with_engine_cells(work, plan, rows, shown)
            plan = replace(plan, problems=(*plan.problems, *put_back(work, plan, moved)))
            plan = replace(
                plan,
                writes=(*readings[name].headings, *plan.writes),
                problems=(*plan.problems, *readings[name].problems, *told_of_columns(work)),
            )
            if name == "clients":
                shared = duplicates(tab.table, world.sharing(tab.table))
                rows = with_concerned(readings[name], rows, shared, ids)
                arriving = {insert.record_id for insert in plan.inserts}
                twins = shared_keys(work, world, rows, arriving, shared)
                plan = replace(plan, problems=(*plan.problems, *twins))
            if name == "sales_plan":
                uneven = uneven_plans(work, world, rows)
                plan = replace(plan, problems=(*plan.problems, *uneven))
            places[name] = {record_id: row.number for record_id, row in rows.items()}
            plan = _retired(work, plan, readings[name], rows)
            readings = {**readings, name: _with_rows(readings[name], rows)}
        tabs.append(plan)
    return Planned(Plan(tuple(tabs)), readings, world, places)


def _going(found: Survey, plan: TabPlan) -> dict[str, SheetRow]:
    """The rows that the plan takes out, by record id."""
    gone = {item.row for item in plan.deletes}
    return {record_id: row for record_id, row in found.matched.known if row.number in gone}


def _retired(
    work: TabWork, plan: TabPlan, found: TabReading, rows: Mapping[str, SheetRow]
) -> TabPlan:
    """The plan with the columns emptied that this workbook no longer shows."""
    if not found.retired:
        return plan
    writes, problems = retired_cells(work, found.retired, rows)
    leaving = {delete.row for delete in plan.deletes}
    writes = tuple(write for write in writes if write.row not in leaving)
    return replace(plan, writes=(*plan.writes, *writes), problems=(*plan.problems, *problems))


def with_concerned(
    reading: TabReading,
    rows: Mapping[str, SheetRow],
    concerned: Collection[str],
    new: Collection[str],
) -> dict[str, SheetRow]:
    """The rows with those of records that a run did not look at, but what it found concerns; in the
    order of the sheet, rows of new records last.
    """
    part = reading.part
    if part is None:
        return dict(rows)
    # Where a row stands is not asked for those that are here: that goes through the whole tab.
    far = [key for key in concerned if key not in rows]
    numbers = {row for key in far if (row := part.news.places.get(key)) is not None}
    read = read_rows(
        reading.tab,
        reading.columns,
        reading.read,
        sorted(row for row in numbers if part.news.ids[row]),
    )
    found = dict(rows) | {part.news.ids[row.number]: row for row in read}
    last = frozenset(new)
    return dict(sorted(found.items(), key=lambda item: (item[0] in last, item[1].number)))


def _with_rows(reading: TabReading, rows: Mapping[str, SheetRow]) -> TabReading:
    """The reading of a part with these rows in it too."""
    if reading.part is None:
        return reading
    found = {row.number: row for row in (*rows.values(), *reading.rows)}
    return replace(reading, rows=tuple(found[number] for number in sorted(found)))
