"""How things stand: one look over store, workbooks, findings and backups. Asks nobody else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from crm_sync.core.keeping import Backup
from crm_sync.ports import Run
from crm_sync.services.application import Application

LOOKED_BACK = 500
"""How many runs are looked through for the last one of each workbook."""
LATE = timedelta(hours=24)
OLD_BACKUP = timedelta(days=7)


@dataclass(frozen=True)
class WorkbookStatus:
    """One workbook. `last` is its last run that found something to do; `pending` says that the
    store has changes which no run has looked at; `unsettled` counts writes whose outcome the next
    run finds out.
    """

    name: str
    last: Run | None
    conflicts: int
    problems: int
    unsettled: int
    pending: bool


@dataclass(frozen=True)
class Status:
    """The whole. `records` counts those that are not archived, by table; `archived` the others."""

    at: datetime
    workbooks: tuple[WorkbookStatus, ...]
    records: Mapping[str, int]
    archived: int
    backup: Backup | None
    backups: int

    @property
    def backup_age(self) -> timedelta | None:
        """How old the newest backup is."""
        if self.backup is None or not self.backup.made_at:
            return None
        return self.at - datetime.fromisoformat(self.backup.made_at)

    @property
    def stopped(self) -> tuple[str, ...]:
        """The workbooks whose last run left a tab alone."""
        return tuple(
            item.name for item in self.workbooks if item.last and item.last.outcome == "stopped"
        )


def status(app: Application) -> Status:
    """How things stand now. Reads the store alone."""
    store = app.store
    runs = store.journal.runs(LOOKED_BACK)
    conflicts = Counter(item.workbook for item in store.findings.conflicts())
    problems = Counter(item.workbook for item in store.findings.problems())
    sequence = store.records.sequence()
    workbooks = []
    for name in app.bound:
        binding = store.bases.binding(name)
        workbooks.append(
            WorkbookStatus(
                name,
                next((run for run in runs if run.workbook == name), None),
                conflicts[name],
                problems[name],
                len(store.journal.waiting(name)),
                binding is None or binding.sequence != sequence,
            )
        )
    counts = {tab.table.name: store.records.count(tab.table) for tab in app.tabs}
    backups = store.backups.all()
    return Status(
        app.clock.now(),
        tuple(workbooks),
        {name: live for name, (live, _) in counts.items()},
        sum(archived for _, archived in counts.values()),
        next(iter(backups), None),
        len(backups),
    )
