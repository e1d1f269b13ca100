"""Takes changes back: those of a whole run, or the archiving of one record."""

from __future__ import annotations

from dataclasses import dataclass

from crm_sync.core.plan import Op, StoreChange
from crm_sync.core.schema import Table
from crm_sync.core.undoing import Undoing, undoing
from crm_sync.core.values import N_
from crm_sync.errors import NotFound, UserError
from crm_sync.ports import HistoryEntry, Run
from crm_sync.services.application import Application
from crm_sync.services.erased import erased_people, gone_for_good


@dataclass(frozen=True)
class RunLog:
    """A run and all that it changed in the store, oldest first."""

    run: Run
    changes: tuple[HistoryEntry, ...]


def find_run(app: Application, number: int) -> RunLog:
    """The run with this number. Raises NotFound."""
    run = app.store.journal.run(number)
    if run is None:
        raise NotFound(
            N_("There is no run number {number}."),
            N_("crm-sync log lists the runs."),
            number=number,
        )
    return RunLog(run, app.store.records.changes_of(number))


def undo_run(app: Application, number: int, *, dry_run: bool = False) -> Undoing:
    """Takes back what a run brought into the store; the next run carries it to the sheets. What
    somebody has changed since is kept and told.

    Raises NotFound, RunInProgress while a run works, StoreMoved never: the store is held.
    """
    with app.store.lease():
        log = find_run(app, number)
        touched: dict[str, set[str]] = {}
        for entry in log.changes:
            touched.setdefault(entry.table, set()).add(entry.record_id)
        records = {
            tab.table.name: app.store.records.some(
                tab.table, touched[tab.table.name] - erased_people(app, tab.table.name)
            )
            for tab in app.tabs
            if tab.table.name in touched
        }
        found = undoing(log.changes, records)
        if found.changes and not dry_run:
            _apply(app, found.changes)
        return found


def restore(app: Application, record_id: str) -> StoreChange:
    """Brings an archived record back; the next run adds its row to the sheets again.

    Raises NotFound for an unknown record, UserError for one that is not archived, RunInProgress.
    """
    with app.store.lease():
        table, known = find_record(app, record_id)
        record = app.store.records.some(table, [known])[known]
        if not record.archived:
            raise UserError(
                N_("The record {record} is not archived."),
                N_("crm-sync history {record} shows what happened to it."),
                record=known,
            )
        gone_for_good(app, table.name, known)
        change = StoreChange(Op.RESTORE, table.name, known, {}, record.version)
        _apply(app, (change,))
        return change


def find_record(app: Application, typed: str) -> tuple[Table, str]:
    """The table and the id of a record that a person names by its id, in any case. Raises
    NotFound.
    """
    for tab in app.tabs:
        records = app.store.records.some(tab.table, {typed, typed.upper()})
        for candidate in (typed, typed.upper()):
            if candidate in records:
                return tab.table, candidate
    raise NotFound(
        N_("There is no record “{record}”."),
        N_("Ids stand in the first column of each tab, for example C-000017."),
        record=typed,
    )


def _apply(app: Application, changes: tuple[StoreChange, ...]) -> None:
    with app.store.transaction():
        app.store.records.apply(changes, source="cli", by="", at=app.clock.now())
