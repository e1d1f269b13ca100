"""What a run did, as a value: the same for people, for `--json` and for the store's log."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from crm_sync.core.findings import Notice, Stop
from crm_sync.core.plan import Op, Plan, TabPlan
from crm_sync.core.rows import ID
from crm_sync.core.values import Cell, Scalar
from crm_sync.ports import OpenConflict, OpenProblem
from crm_sync.services.application import Application


@dataclass(frozen=True)
class TabResult:
    """Counts for one tab. `to_store` and `to_sheet` count records, not cells."""

    table: str
    title: str
    created: int = 0
    updated: int = 0
    archived: int = 0
    restored: int = 0
    rows_added: int = 0
    rows_changed: int = 0
    rows_removed: int = 0
    conflicts: int = 0
    problems: int = 0
    stop: Stop | None = None

    @property
    def quiet(self) -> bool:
        """True if nothing moved in either direction and nothing stopped."""
        return self.stop is None and not any(
            (
                self.created,
                self.updated,
                self.archived,
                self.restored,
                self.rows_added,
                self.rows_changed,
                self.rows_removed,
            )
        )


@dataclass(frozen=True)
class RunResult:
    """One run over one workbook. `outcome` is "unchanged", "planned" (a dry run), "synced",
    "stopped" (a tab was left alone) or "postponed" (there was no time for it). `published` are the
    generated tabs that were rewritten; `waiting` counts rows that go as soon as other workbooks
    have their record.
    """

    workbook: str
    outcome: str
    tabs: tuple[TabResult, ...] = ()
    notices: tuple[Notice, ...] = ()
    conflicts: tuple[OpenConflict, ...] = ()
    problems: tuple[OpenProblem, ...] = ()
    published: tuple[str, ...] = ()
    plan: Plan | None = field(default=None, repr=False)
    address: str = ""
    waiting: int = 0

    @property
    def stops(self) -> tuple[Stop, ...]:
        """The tabs that were left alone, with the reasons."""
        return tuple(tab.stop for tab in self.tabs if tab.stop is not None)

    @property
    def counts(self) -> dict[str, int]:
        """The sums over all tabs, as the store's log keeps them."""
        names = (
            "created",
            "updated",
            "archived",
            "restored",
            "rows_added",
            "rows_changed",
            "rows_removed",
        )
        return {name: sum(getattr(tab, name) for tab in self.tabs) for name in names}


def run_result(
    app: Application, workbook: str, plan: Plan, notices: tuple[Notice, ...]
) -> RunResult:
    """What a real run over a workbook did, with what waits in the store after it."""
    return RunResult(
        workbook,
        "stopped" if plan.stops else "synced",
        tab_results(app, plan),
        (*notices, *(notice for tab in plan.tabs for notice in tab.notices)),
        app.store.findings.conflicts(workbook),
        tuple(item for item in app.store.findings.problems(workbook) if not item.accepted),
        waiting=sum(len(tab.waiting) for tab in plan.tabs),
    )


def tab_results(app: Application, plan: Plan) -> tuple[TabResult, ...]:
    """The counts of a plan, tab by tab."""
    return tuple(_tab_result(app, tab) for tab in plan.tabs)


def _tab_result(app: Application, plan: TabPlan) -> TabResult:
    ops = Counter(change.op for change in plan.changes)
    new = {change.record_id for change in plan.changes if change.op is Op.CREATE}
    changed = {write.record_id for write in plan.writes} - new
    return TabResult(
        plan.table,
        app.tab(plan.table).title,
        ops[Op.CREATE],
        ops[Op.UPDATE],
        ops[Op.ARCHIVE],
        ops[Op.RESTORE],
        len(plan.inserts),
        len(changed),
        len(plan.deletes),
        len(plan.conflicts),
        len(plan.problems),
        plan.stop,
    )


@dataclass(frozen=True)
class PlannedChange:
    """What a dry run would do to one record on one side: `side` is "store" or "sheet", `op` an `Op`
    there, and "add", "change" or "remove" of a row here. `fields` gives (was, becomes) by field,
    of those that change: canonical values for the store, cells for the sheet.
    """

    side: str
    table: str
    record_id: str
    op: str
    fields: Mapping[str, tuple[Cell, Cell]] = field(default_factory=dict)


def planned_changes(app: Application, plan: Plan) -> tuple[PlannedChange, ...]:
    """All that a plan would do, tab by tab, the store first. A tab that is stopped has nothing."""
    return tuple(
        change
        for tab in plan.tabs
        if tab.stop is None
        for change in (*_store_changes(app, tab), *_sheet_changes(tab))
    )


def _store_changes(app: Application, plan: TabPlan) -> Iterator[PlannedChange]:
    if not plan.changes:
        return
    records = app.store.records.all(app.tab(plan.table).table)
    for change in plan.changes:
        record = records.get(change.record_id)
        old: Mapping[str, Scalar] = record.values if record else {}
        fields: dict[str, tuple[Cell, Cell]] = {
            name: (old.get(name), value)
            for name, value in change.values.items()
            if old.get(name) != value
        }
        yield PlannedChange("store", plan.table, change.record_id, change.op.value, fields)


def _sheet_changes(plan: TabPlan) -> Iterator[PlannedChange]:
    new = {change.record_id for change in plan.changes if change.op is Op.CREATE}
    cells: dict[str, dict[str, tuple[Cell, Cell]]] = {}
    for write in plan.every_write:
        if write.record_id not in new or write.field != ID:
            cells.setdefault(write.record_id, {})[write.field] = (write.before, write.after)
    for record_id, fields in cells.items():
        yield PlannedChange("sheet", plan.table, record_id, "change", fields)
    for insert in plan.inserts:
        yield PlannedChange("sheet", plan.table, insert.record_id, "add")
    for delete in plan.deletes:
        yield PlannedChange("sheet", plan.table, delete.record_id, "remove")
