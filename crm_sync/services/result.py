"""What a run did, as a value: the same for people, for `--json` and for the store's log."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from crm_sync.core.findings import Notice, Stop
from crm_sync.core.plan import Op, Plan, TabPlan
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
    """One run over one workbook. `outcome` is "unchanged", "planned" (a dry run), "synced" or
    "stopped" (a tab was left alone). `published` are the generated tabs that were rewritten.
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
