"""What a run would do, without doing any of it."""

from __future__ import annotations

from dataclasses import replace

from crm_sync.core.schema import Table
from crm_sync.ports import Binding, Outline
from crm_sync.services.access import check_access
from crm_sync.services.application import Application
from crm_sync.services.approvals import with_approved
from crm_sync.services.identity import check_identity
from crm_sync.services.planning import plan_workbook
from crm_sync.services.reading import is_changed, read_workbook, unread_workbook, with_bases
from crm_sync.services.result import RunResult, tab_results
from crm_sync.services.setup import attach, known_binding
from crm_sync.services.statuses import first_statuses
from crm_sync.services.swinging import with_swings
from crm_sync.services.world import load_world


def dry_run_of(app: Application, name: str, allowed: frozenset[str]) -> RunResult:
    """Steps 1 to 4 without any effect: nothing is made, given or noted."""
    known = known_binding(app, name)
    spreadsheet_id = known.spreadsheet_id if known else app.bound[name].spreadsheet_id
    if spreadsheet_id:
        workbook = app.workbooks.open(name, spreadsheet_id)
        binding = known or Binding(name, spreadsheet_id)
        if not is_changed(app, binding, workbook.probe()):
            return RunResult(name, "unchanged", address=workbook.address)
        check_access(app, name, workbook)
        reading = read_workbook(app, workbook, binding, allowed)
        check_identity(app, binding, reading)
        binding = replace(binding, locale=reading.locale or workbook.outline().locale)
    else:
        nowhere = Outline("", app.bound[name].title, app.locale, app.zone.key, ())
        binding = Binding(name, "")
        reading = unread_workbook(attach(app, binding, nowhere, allowed))
    reading = with_approved(app, name, with_bases(app, name, reading))
    world = load_world(app, binding)
    world.apply(first_statuses(app, world, reading, made_up_ids))
    planned = with_swings(app, name, plan_workbook(app, world, reading, made_up_ids, allowed))
    return RunResult(
        name,
        "planned",
        tab_results(app, planned.plan),
        tuple(notice for plan in planned.plan.tabs for notice in plan.notices),
        plan=planned.plan,
        waiting=sum(len(plan.waiting) for plan in planned.plan.tabs),
    )


def made_up_ids(table: Table, count: int) -> tuple[str, ...]:
    """Ids for the new records of a run that is only tried."""
    return tuple(f"{table.prefix}-new-{number}" for number in range(1, count + 1))
