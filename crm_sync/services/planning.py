"""Plans a whole workbook: its tabs one after the other, each seeing what the one before changed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from crm_sync.core.duplicates import DUPLICATE, Shared, duplicates
from crm_sync.core.findings import Problem, Severity, Stop
from crm_sync.core.guarding import (
    guarded_names,
    guarded_values,
    retired_cells,
    with_guarded_cells,
)
from crm_sync.core.merging import TabWork
from crm_sync.core.plan import Plan, TabPlan
from crm_sync.core.planner import Survey, placed_rows, plan_tab, survey, with_engine_cells
from crm_sync.core.rows import SheetRow, read_rows
from crm_sync.core.schema import Table
from crm_sync.core.values import N_, cell_text
from crm_sync.services.application import Application
from crm_sync.services.reading import Reading, TabReading, read_tab, tab_work
from crm_sync.services.views import Scoping, with_holders, with_view
from crm_sync.services.world import World

_MOST_NAMED = 3

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
        work = with_view(app, tab_work(found, world), world, reading.scoping)
        sorted_out = survey(work)
        work = with_holders(app, work, sorted_out.matched.known, reading.scoping)
        ids = mint(tab.table, len(sorted_out.newcomers)) if sorted_out.newcomers else ()
        plans[name] = plan_tab(work, sorted_out, ids, app.limits, allowed)
        surveys[name] = sorted_out, ids
        world.apply(plans[name].changes)
    return _finished(app, world, plans, surveys, readings, reading.scoping)


def _finished(
    app: Application,
    world: World,
    plans: Mapping[str, TabPlan],
    surveys: Mapping[str, tuple[Survey, Sequence[str]]],
    readings: Mapping[str, TabReading],
    scoping: Scoping,
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
            values = derived.get(name, {})
            rows = with_concerned(readings[name], rows, values, ids)
            work = with_view(app, tab_work(readings[name], world), world, scoping)
            shown = values
            if work.view is not None and (names := guarded_names(work)):
                guarded = guarded_values(work.view, names, world.records[name])
                plan = with_guarded_cells(work, plan, rows, guarded)
                shown = {key: {**shown.get(key, {}), **cells} for key, cells in guarded.items()}
            plan = with_engine_cells(work, plan, rows, shown)
            plan = replace(plan, writes=(*readings[name].headings, *plan.writes))
            if name == "clients":
                shared = duplicates(tab.table, world.sharing(tab.table))
                rows = with_concerned(readings[name], rows, shared, ids)
                twins = shared_keys(work, world, rows, shared)
                plan = replace(plan, problems=(*plan.problems, *twins))
            places[name] = {record_id: row.number for record_id, row in rows.items()}
            plan = _retired(work, plan, readings[name], rows)
            readings = {**readings, name: _with_rows(readings[name], rows)}
        tabs.append(plan)
    return Planned(Plan(tuple(tabs)), readings, world, places)


def shared_keys(
    work: TabWork, world: World, rows: Mapping[str, SheetRow], shared: Shared
) -> Iterator[Problem]:
    """A warning for each record of the tab that shares a phone, an e-mail or a tax id with another.
    Records that do not stand in this workbook are not named.
    """
    table = work.tab.table
    for record_id, (name, value, others) in shared.items():
        if record_id not in rows or name in work.unseen:
            continue
        here = sorted(others & rows.keys())
        named = [f"{world.name(table.name, other)} ({other})" for other in here[:_MOST_NAMED]]
        unnamed = len(others) - len(named)
        row = rows[record_id]
        yield Problem(
            table.name,
            DUPLICATE,
            Severity.WARN,
            N_("{value} is also that of {others}.")
            if named and not unnamed
            else N_("{value} is also that of {others} and of {count} more.")
            if named
            else N_("{value} is also that of a client in another workbook."),
            N_("If it is one client, choose “Merge duplicates” in the tab Problems, else “Accept”.")
            if len(here) == len(others) == 1
            else N_("Correct it, or choose “Accept as it is” in the tab Problems."),
            record_id,
            name,
            row.number,
            work.binding.columns.get(name),
            cell_text(row.cells.get(name)),
            value,
            {
                "value": cell_text(work.codecs[name].format(value)),
                "others": ", ".join(named),
                "count": str(unnamed),
                "one": "1" if len(here) == len(others) == 1 else "",
            },
        )


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
    numbers = {row for key in concerned if (row := part.news.places.get(key)) is not None}
    read = read_rows(
        reading.tab,
        reading.columns,
        reading.read,
        sorted(row for row in numbers if part.news.ids[row]),
    )
    found = dict(rows) | {part.news.ids[row.number]: row for row in read}
    return dict(sorted(found.items(), key=lambda item: (item[0] in new, item[1].number)))


def _with_rows(reading: TabReading, rows: Mapping[str, SheetRow]) -> TabReading:
    """The reading of a part with these rows in it too."""
    if reading.part is None:
        return reading
    found = {row.number: row for row in (*rows.values(), *reading.rows)}
    return replace(reading, rows=tuple(found[number] for number in sorted(found)))
