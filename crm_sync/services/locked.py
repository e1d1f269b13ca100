"""Cells that somebody protected against our account: the run goes on beside them."""

from __future__ import annotations

from dataclasses import replace

from crm_sync.core.findings import Notice
from crm_sync.core.locked import LOCKED, NO_LOCKS, Ground, Locks, within_locks
from crm_sync.core.plan import Plan
from crm_sync.core.values import N_
from crm_sync.errors import Locked
from crm_sync.ports import Binding, Workbook
from crm_sync.services.application import Application
from crm_sync.services.apply import Prepared
from crm_sync.services.planning import Planned


def known_locks(app: Application, workbook: Workbook, name: str) -> Locks:
    """What is protected against us, if an earlier run met it: nothing is asked otherwise."""
    problems = app.store.findings.problems(name)
    return workbook.locks() if any(item.problem.code == LOCKED for item in problems) else NO_LOCKS


def locks_met(workbook: Workbook, known: Locks, refusal: Locked) -> Locks:
    """What is protected against us now, after a refusal. Raises that again if all was known."""
    found = workbook.locks()
    if found == known:
        raise refusal
    return found


def beside_locks(planned: Planned, locks: Locks) -> Planned:
    """The plan without what would be refused, which is told instead."""
    if not locks.ranges:
        return planned
    tabs = []
    for plan in planned.plan.tabs:
        found = planned.readings.get(plan.table)
        if found is None or plan.stop is not None:
            tabs.append(plan)
            continue
        at = max(len(found.read.rows), found.columns.header_row + 1)
        ground = Ground(found.read.sheet_id, found.read.title, at)
        tabs.append(within_locks(plan, locks, ground, found.bases))
    return replace(planned, plan=Plan(tuple(tabs)))


def unlocked(prepared: Prepared, locks: Locks) -> Prepared:
    """The write without the generated tabs and looks of sheets that are protected."""
    if not locks.ranges:
        return prepared
    closed = {held.sheet_id for held in locks.ranges}
    batch = prepared.batch
    gone = {item.sheet_id for item in batch.generated if item.sheet_id in closed}
    return replace(
        prepared,
        batch=replace(
            batch,
            generated=tuple(item for item in batch.generated if item.sheet_id not in gone),
            looks=tuple(
                look for look in batch.looks if getattr(look, "sheet_id", None) not in closed
            ),
            drawings=() if gone else batch.drawings,
        ),
    )


def locked_tabs(app: Application, binding: Binding, locks: Locks) -> tuple[Notice, ...]:
    """Says which of the tabs that we fill are left as they are."""
    closed = {held.sheet_id for held in locks.ranges}
    text = N_(
        "The tab “{tab}” is protected against {account} and stays as it is: let {account} edit it "
        "under Data, Protect sheets and ranges."
    )
    return tuple(
        Notice(key, LOCKED, text, {"tab": title, "account": locks.account})
        for key, title in app.titles.items()
        if binding.sheets.get(key) in closed
    )
