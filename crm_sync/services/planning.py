"""Plans a whole workbook: its tabs one after the other, each seeing what the one before changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from crm_sync.core.findings import Stop
from crm_sync.core.plan import Plan, TabPlan
from crm_sync.core.planner import Survey, placed_rows, plan_tab, survey, with_engine_cells
from crm_sync.core.schema import Table
from crm_sync.services.application import Application
from crm_sync.services.reading import Reading, TabReading, read_tab, tab_work
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
    for tab in app.tabs:
        name = tab.table.name
        found = read_tab(app, tab, reading, allowed)
        if isinstance(found, Stop):
            plans[name] = TabPlan(name, stop=found)
            continue
        readings[name] = found
        work = tab_work(found, world)
        sorted_out = survey(work)
        ids = mint(tab.table, len(sorted_out.newcomers)) if sorted_out.newcomers else ()
        plans[name] = plan_tab(work, sorted_out, ids, app.limits, allowed)
        surveys[name] = sorted_out, ids
        world.apply(plans[name].changes)
    return _finished(app, world, plans, surveys, readings)


def _finished(
    app: Application,
    world: World,
    plans: Mapping[str, TabPlan],
    surveys: Mapping[str, tuple[Survey, Sequence[str]]],
    readings: Mapping[str, TabReading],
) -> Planned:
    derived = world.derived()
    tabs = []
    places: dict[str, dict[str, int]] = {}
    for tab in app.tabs:
        name = tab.table.name
        plan = plans[name]
        if plan.stop is None:
            sorted_out, ids = surveys[name]
            rows = placed_rows(sorted_out, plan, ids)
            places[name] = {record_id: row.number for record_id, row in rows.items()}
            work = tab_work(readings[name], world)
            plan = with_engine_cells(work, plan, rows, derived.get(name, {}))
            plan = replace(plan, writes=(*readings[name].headings, *plan.writes))
        tabs.append(plan)
    return Planned(Plan(tuple(tabs)), readings, world, places)
