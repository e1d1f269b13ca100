"""Makes the plan of a run: of what changed alone if it can, else of everything."""

from __future__ import annotations

from dataclasses import replace

from crm_sync.ports import Binding, Workbook
from crm_sync.services.application import Application
from crm_sync.services.closer_look import look_closer
from crm_sync.services.narrowing import holds, near
from crm_sync.services.planning import Planned, plan_workbook
from crm_sync.services.reading import Reading, read_as, touched_since, with_bases
from crm_sync.services.statuses import adopt_statuses
from crm_sync.services.swinging import with_swings
from crm_sync.services.views import own_scoping
from crm_sync.services.world import World, load_world


def plan_run(
    app: Application,
    workbook: Workbook,
    binding: Binding,
    reading: Reading,
    allowed: frozenset[str],
) -> tuple[Reading, Planned, int]:
    """The plan, what it was made from, and the store's sequence from before its records were read.
    What neither side changed is not looked at, unless the plan of the rest asks for all of it.
    """
    mint = app.store.records.mint
    reading = replace(reading, touched=touched_since(app, binding.workbook))
    sequence = app.store.records.sequence()
    part = near(app, read_as(binding, reading), reading, allowed)
    if part is not None:
        planned = plan_workbook(app, part.world, part.reading, mint, allowed)
        closer = look_closer(workbook, reading, planned)
        spoken = read_as(binding, closer)
        again = near(app, spoken, closer, allowed) if closer is not reading else None
        if again is not None:
            part, planned = again, plan_workbook(app, again.world, again.reading, mint, allowed)
        if holds(planned.plan):
            return part.reading, with_swings(app, binding.workbook, planned), sequence
    _check_store(app, binding)
    whole = with_bases(app, binding.workbook, reading)
    world, sequence = _records(app, binding, whole)
    planned = plan_workbook(app, world, whole, mint, allowed)
    closer = look_closer(workbook, whole, planned)
    if closer is not whole:
        world, sequence = _records(app, binding, closer)
        planned = plan_workbook(app, world, closer, mint, allowed)
    return closer, with_swings(app, binding.workbook, planned), sequence


def _check_store(app: Application, binding: Binding) -> None:
    """Raises StoreError for a damaged store. It costs as much as reading all of it: a go over many
    workbooks does it once, and those that are always looked at whole once a day.
    """
    today = app.local_now().date().isoformat()
    scoped = own_scoping(app, binding.workbook).applies
    if app.memo.get(__name__) != today and not (scoped and binding.day == today):
        app.store.check()
        app.memo[__name__] = today


def _records(app: Application, binding: Binding, reading: Reading) -> tuple[World, int]:
    """The store's records and its sequence from before they were read."""
    if reading.attached.is_new("statuses"):
        adopt_statuses(app, load_world(app, binding), reading)
    sequence = app.store.records.sequence()
    return load_world(app, read_as(binding, reading)), sequence
