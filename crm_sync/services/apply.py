"""Carries a plan out: journal first, then the store in one transaction, then the sheet in one
request.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace

from pydantic import TypeAdapter

from crm_sync.core.batch import Batch, GeneratedTab, PreImage, SheetBatch
from crm_sync.core.plan import Op, TabPlan
from crm_sync.core.records import Base
from crm_sync.core.swap import Expected, RowRepair, sheet_batch
from crm_sync.core.values import is_blank
from crm_sync.errors import StoreMoved, UnknownOutcome
from crm_sync.ports import Operation, Workbook
from crm_sync.services.application import JOURNAL, Application
from crm_sync.services.planning import Planned
from crm_sync.services.reading import Reading

INTENT: TypeAdapter[tuple[Expected, ...]] = TypeAdapter(tuple[Expected, ...])
"""An operation's intent as JSON: the rows that it expects to meet."""


@dataclass(frozen=True)
class Prepared:
    """One atomic write, ready to be sent: `operation` is None when there is nothing to send."""

    batch: Batch
    expected: tuple[Expected, ...]


def prepare(planned: Planned, reading: Reading) -> Prepared:
    """The plan's writes as places in the sheets, without the generated tabs."""
    sheets: list[SheetBatch] = []
    expected: list[Expected] = []
    for plan in planned.plan.tabs:
        found = planned.readings.get(plan.table)
        if found is None or plan.stop is not None:
            continue
        revived: tuple[RowRepair, ...] = found.revived
        batch, watched = sheet_batch(found.tab, found.columns, found.read, plan, revived)
        if batch is not None:
            sheets.append(replace(batch, column_count=found.read.column_count))
            expected.extend(watched)
    return Prepared(
        Batch(
            secrets.token_hex(8),
            reading.attached.sheets[JOURNAL],
            tuple(sheets),
            reading.attached.new_tabs,
        ),
        tuple(expected),
    )


def with_generated(prepared: Prepared, generated: tuple[GeneratedTab, ...]) -> Prepared:
    """The same write with the generated tabs in it."""
    return replace(prepared, batch=replace(prepared.batch, generated=generated))


def journal(app: Application, workbook: str, run: int, prepared: Prepared) -> None:
    """Writes the operation down before its first effect."""
    intent = INTENT.dump_json(prepared.expected).decode()
    operation = Operation(prepared.batch.operation, workbook, run, intent)
    app.store.journal.open(operation, app.clock.now())


def apply_to_store(
    app: Application, workbook: str, run: int, planned: Planned, sequence: int
) -> int:
    """Makes the plan's changes and records what was found, in one transaction; returns the store's
    sequence after it. Raises StoreMoved if anyone changed the store since the plan was made.
    """
    now = app.clock.now()
    with app.store.transaction():
        if app.store.records.sequence() != sequence:
            raise StoreMoved
        app.store.records.apply(
            planned.plan.changes, source=f"sheet:{workbook}", by="", at=now, run=run
        )
        for plan in planned.plan.tabs:
            if plan.stop is None:
                app.store.bases.put(workbook, plan.table, _provisional(plan, planned))
                app.store.findings.put_problems(workbook, plan.table, plan.problems, now)
                app.store.findings.put_conflicts(workbook, plan.table, plan.conflicts, now)
        return app.store.records.sequence()


def _provisional(plan: TabPlan, planned: Planned) -> Mapping[str, Base]:
    """Bases of new records whose id is not in the sheet yet: should the run die here, or staff go
    on typing in that row, the row is known again by its content. What was taken from its cells is
    agreed already; blank cells still wait for their defaults.
    """
    rows = {row.number: row for row in planned.readings[plan.table].rows}
    places = planned.places.get(plan.table, {})
    found = {}
    for change in plan.changes:
        if change.op is Op.CREATE:
            cells = rows[places[change.record_id]].cells
            taken = plan.bases[change.record_id]
            values = {
                name: value
                for name, value in taken.values.items()
                if name in taken.cells and not is_blank(cells.get(name))
            }
            found[change.record_id] = Base(change.record_id, values, cells, unsettled=True)
    return found


def apply_to_sheet(workbook: Workbook, prepared: Prepared) -> tuple[PreImage, ...]:
    """Sends the write once. If its answer is lost, the journal tab tells whether it was applied;
    raises UnknownOutcome when it was not, or not yet.
    """
    batch = prepared.batch
    if batch.empty:
        return ()
    try:
        return workbook.swap(batch)
    except UnknownOutcome:
        operation, images = workbook.journal(batch.journal_id, watched_rows(prepared.expected))
        if operation != batch.operation:
            raise
        return images


def watched_rows(expected: tuple[Expected, ...]) -> tuple[tuple[int, int], ...]:
    """(sheet id, row) of each watched row, in the order in which a swap copies them."""
    rows: dict[tuple[int, int], None] = {}
    for item in expected:
        rows.setdefault((item.sheet_id, item.row))
    return tuple(rows)
