"""The edges of the application, as Protocols: what the services ask of a store, a workbook, a
clock.

Words: a *workbook* is one spreadsheet; a *tab* one of its sheets; a *record* a client, contact,
agreement or row of a reference table; a *base* what one workbook and the store last agreed on; an
*operation* one atomic write to a workbook, known by its id in the store's journal and in the
workbook's journal tab.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from crm_sync.core.batch import Batch, PreImage
from crm_sync.core.findings import Conflict, Problem
from crm_sync.core.grid import TabRead
from crm_sync.core.keeping import Backup, BackupCheck
from crm_sync.core.plan import StoreChange
from crm_sync.core.records import Base, Record
from crm_sync.core.schema import Table
from crm_sync.core.values import Cell, Scalar


class Clock(Protocol):
    """The time."""

    def now(self) -> datetime:
        """The present moment, with a time zone."""


@dataclass(frozen=True)
class SheetOutline:
    """One sheet of a workbook without its cells."""

    sheet_id: int
    title: str
    row_count: int
    column_count: int


@dataclass(frozen=True)
class Outline:
    """A workbook without its cells. `locale` and `time_zone` are the workbook's own ("ru_RU",
    "Europe/Moscow").
    """

    spreadsheet_id: str
    title: str
    locale: str
    time_zone: str
    sheets: tuple[SheetOutline, ...]


class Workbook(Protocol):
    """One spreadsheet behind a connection. Errors of all methods: AccessError, KeyFileError,
    WorkbookGone, ShapeError, Unreachable, QuotaExhausted. It knows nothing of records; it keeps
    no state between calls but its connection.
    """

    @property
    def spreadsheet_id(self) -> str:
        """The file's id; it never changes."""

    @property
    def address(self) -> str:
        """Where a person opens it."""

    def probe(self) -> int:
        """The file's version, which grows with every change by anyone. One request, reads no
        cells.
        """

    def outline(self) -> Outline:
        """The sheets and their sizes. One request, reads no cells."""

    def read(self, sheet_ids: Sequence[int]) -> dict[int, TabRead]:
        """Whole tabs as they stand, in one request; a second one only if formulas stand in them.
        Dates are serial days, numbers unformatted. Raises ShapeError if a sheet is gone."""

    def journal(
        self, journal_id: int, watched: Sequence[tuple[int, int]]
    ) -> tuple[str, tuple[PreImage, ...]]:
        """The operation id that stands in the journal tab ("" if there is no such tab), and what
        the swap of that operation answered. `watched` are its (sheet id, row) pairs. One request.
        """

    def swap(self, batch: Batch) -> tuple[PreImage, ...]:
        """Writes the batch atomically and returns each watched row as it stood at that moment, in
        order of sheet and row, but for rows that cannot be copied. An empty batch asks nothing.
        Raises UnknownOutcome when the answer was lost, ShapeError when Google refused the write
        whole; never sends a write twice.
        """


class Workbooks(Protocol):
    """Opens and makes workbooks by their name in the configuration."""

    def open(self, name: str, spreadsheet_id: str) -> Workbook:
        """The workbook with this id. Asks nothing of the network yet."""

    def create(
        self, name: str, title: str, *, locale: str, time_zone: str, first_tab: str
    ) -> Workbook:
        """A new workbook with one blank tab. Raises AccessError where the account may own no
        files.
        """


@dataclass(frozen=True)
class Binding:
    """What the store knows of one workbook: its file, the sheet of each tab ("clients" -> 17;
    generated tabs and the journal too), and the state at the last run that found everything
    settled.

    `version` is the file's version then (None: look anew), `sequence` the store's, `day` the
    local date. `fingerprint` is that of templates and model: a change of either makes the next
    run look at everything. `fields` are those that the templates had then, by table.
    """

    workbook: str
    spreadsheet_id: str
    sheets: Mapping[str, int] = field(default_factory=dict)
    version: int | None = None
    sequence: int | None = None
    day: str = ""
    fingerprint: str = ""
    locale: str = ""
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Operation:
    """An atomic write as the store's journal keeps it: `intent` is JSON, enough to verify or
    repair it later.
    """

    id: str
    workbook: str
    run: int
    intent: str


@dataclass(frozen=True)
class OpenConflict:
    """A conflict as the store keeps it. Times are UTC, ISO 8601. `ours_by` and `ours_at` are of
    the store's last change.
    """

    id: int
    workbook: str
    conflict: Conflict
    opened_at: str
    ours_by: str = ""
    ours_at: str = ""


@dataclass(frozen=True)
class OpenProblem:
    """A problem as the store keeps it. Times are UTC, ISO 8601; `times` counts the runs that saw
    it.
    """

    id: int
    workbook: str
    problem: Problem
    first_seen: str
    last_seen: str
    times: int


@dataclass(frozen=True)
class HistoryEntry:
    """One change of one record: `changes` gives field -> (old, new) for the fields that changed;
    `op` is "create", "update", "archive", "restore" or, by SQL alone, "delete"; `source` is
    "sheet:NAME", "cli", "sql"...
    """

    sequence: int
    table: str
    record_id: str
    op: str
    changes: Mapping[str, tuple[Scalar, Scalar]]
    at: str
    source: str
    by: str
    run: int | None


@dataclass(frozen=True)
class RunReport:
    """What one run over one workbook did, as the store keeps it. `outcome` is "unchanged",
    "synced" or "stopped".
    """

    workbook: str
    outcome: str
    summary: str
    """JSON: the counts that `sync --json` prints."""


@dataclass(frozen=True)
class Run:
    """One run over one workbook as the store's log has it. Times are UTC, ISO 8601; `finished_at`
    and `outcome` are "" for a run that died or is at work. `summary` is that of its RunReport.
    """

    number: int
    workbook: str
    started_at: str
    finished_at: str
    outcome: str
    summary: str


class Records(Protocol):
    """The canonical records. Reading sees what any SQLite client wrote; writing goes through
    `apply` alone.
    """

    def all(self, table: Table) -> dict[str, Record]:
        """Every record of the table by id, archived ones too, in order of id. Rows that a SQLite
        client inserted without an id are given one first.
        """

    def sequence(self) -> int:
        """A number that grows with every change of any record by any program."""

    def mint(self, table: Table, count: int) -> tuple[str, ...]:
        """New ids, never given before and never again. Committed at once, so not within a
        transaction: a crash only leaves a gap.
        """

    def apply(
        self,
        changes: Sequence[StoreChange],
        *,
        source: str,
        by: str,
        at: datetime,
        run: int | None = None,
    ) -> None:
        """Makes the changes, with history. Call it within a transaction. Raises StoreMoved if a
        record's version is not the one that the change saw, or a new record's id is taken; then
        none of the changes is made.
        """

    def history(self, record_id: str) -> tuple[HistoryEntry, ...]:
        """All changes of a record, oldest first."""

    def changes_of(self, run: int) -> tuple[HistoryEntry, ...]:
        """All changes that one run made, oldest first."""


class Bases(Protocol):
    """What each workbook and the store last agreed on."""

    def all(self, workbook: str, table: str) -> dict[str, Base]:
        """Bases of one tab by record id."""

    def put(self, workbook: str, table: str, bases: Mapping[str, Base]) -> None:
        """Stores or replaces these bases."""

    def drop(self, workbook: str, table: str, record_ids: Sequence[str]) -> None:
        """Forgets these bases; unknown ones are no error."""

    def own(self, workbook: str, table: str) -> dict[str, dict[str, Cell]]:
        """What the staff's own columns hold, by record id and heading; empty cells are left out."""

    def put_own(self, workbook: str, table: str, cells: Mapping[str, Mapping[str, Cell]]) -> None:
        """Stores or replaces what the own columns of these records hold; None takes one away."""

    def binding(self, workbook: str) -> Binding | None:
        """What is known of the workbook, None before its first run."""

    def bind(self, binding: Binding) -> None:
        """Stores or replaces what is known of the workbook."""


class Journal(Protocol):
    """Runs, and operations whose outcome may be unknown."""

    def start_run(self, workbook: str, at: datetime) -> int:
        """A new run's number."""

    def finish_run(self, run: int, report: RunReport, at: datetime) -> None:
        """Notes the end of a run."""

    def runs(self, limit: int) -> tuple[Run, ...]:
        """The last runs that read cells, newest first; those that found nothing changed left no
        trace.
        """

    def run(self, number: int) -> Run | None:
        """The run with this number, None if there was none."""

    def open(self, operation: Operation, at: datetime) -> None:
        """Writes down an operation before its first effect. Committed at once, so not within a
        transaction.
        """

    def unsettled(self, workbook: str) -> tuple[Operation, ...]:
        """Operations that were begun and never settled, oldest first."""

    def settle(self, operation_id: str, at: datetime) -> None:
        """Marks an operation as verified. Call it within the transaction that moves the bases."""


class Findings(Protocol):
    """Problems and conflicts that wait for someone."""

    def put_problems(
        self, workbook: str, table: str, problems: Sequence[Problem], at: datetime
    ) -> None:
        """Replaces the open problems of a tab: new ones are opened, known ones counted, the rest
        closed.
        """

    def put_conflicts(
        self, workbook: str, table: str, conflicts: Sequence[Conflict], at: datetime
    ) -> None:
        """Replaces the open conflicts of a tab: new ones are opened, known ones kept (their id
        too), the rest closed.
        """

    def problems(self, workbook: str | None = None) -> tuple[OpenProblem, ...]:
        """Open problems, in order of table, row and column."""

    def conflicts(self, workbook: str | None = None) -> tuple[OpenConflict, ...]:
        """Open conflicts, in order of their number."""

    def close_conflict(self, conflict_id: int, resolution: str, at: datetime) -> None:
        """Marks a conflict as decided; `resolution` says how. Raises NotFound if no open conflict
        has this number.
        """


class Backups(Protocol):
    """Copies of the store in a folder of their own. All methods raise StoreError when a file cannot
    be read or written, and NotFound for a backup that is not there.
    """

    def make(self, at: datetime, reason: str) -> Backup:
        """A new copy, whole or not at all, taken while others may write."""

    def all(self) -> tuple[Backup, ...]:
        """Those that are there, newest first."""

    def drop(self, names: Sequence[str]) -> None:
        """Removes backups."""

    def check(self, name: str, key: Path | None) -> BackupCheck:
        """Restores a backup into a temporary store, and compares. `key` opens an encrypted one."""

    def put_back(self, name: str, key: Path | None) -> None:
        """Makes the store what the backup holds, whole or not at all. Call it with the lease."""


class Store(Protocol):
    """The canonical store. All methods raise StoreError when the file cannot be read or written."""

    @property
    def records(self) -> Records: ...

    @property
    def bases(self) -> Bases: ...

    @property
    def journal(self) -> Journal: ...

    @property
    def findings(self) -> Findings: ...

    @property
    def backups(self) -> Backups: ...

    def transaction(self) -> AbstractContextManager[None]:
        """All writes inside are committed together or not at all. Takes the write lock at once;
        does not nest.
        """

    def lease(self) -> AbstractContextManager[None]:
        """Holds the store for one run. Raises RunInProgress if another run has it; freed when the
        process dies.
        """

    def close(self) -> None:
        """Closes the file."""
