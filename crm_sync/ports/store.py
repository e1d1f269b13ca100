"""What the services ask of a store."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from crm_sync.core.chain import Fault
from crm_sync.core.columns import Columns
from crm_sync.core.findings import Conflict, OpenConflict, OpenProblem, Problem, Side
from crm_sync.core.marks import KnownMark
from crm_sync.core.plan import StoreChange
from crm_sync.core.records import Record
from crm_sync.core.schema import Field, Table
from crm_sync.core.values import Scalar
from crm_sync.ports.backups import Backups
from crm_sync.ports.bases import Bases, Sightings
from crm_sync.ports.chain import Chain
from crm_sync.ports.erasing import Erasing
from crm_sync.ports.log import Exported, Run, RunReport
from crm_sync.ports.merges import Merges
from crm_sync.ports.search import Search


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


Touched = Mapping[str, Set[Scalar]]
"""Every value that the changed fields of a record had in a time, by field."""


class Records(Protocol):
    """The canonical records. Reading sees what any SQLite client wrote; writing goes through
    `apply` alone.
    """

    def all(self, table: Table) -> dict[str, Record]:
        """Every record of the table by id, archived ones too, in order of id. Rows that a SQLite
        client inserted without an id are given one first.
        """

    def columns(self, table: Table, fields: Iterable[str]) -> Columns:
        """The same records by field, only these fields of them: for who reads very many."""

    def count(self, table: Table) -> tuple[int, int]:
        """How many records of the table are live, and how many archived."""

    def some(self, table: Table, record_ids: Iterable[str]) -> dict[str, Record]:
        """These records by id, in the order of `all`; ids of none are no error."""

    def referring(self, table: Table, field: str, record_ids: Iterable[str]) -> tuple[str, ...]:
        """The ids of the records whose reference `field` names one of these, archived ones too."""

    def holders(self, table: Table, field: Field, values: Collection[str]) -> tuple[str, ...]:
        """The ids of the records whose `field` holds one of these values, alone or in a list."""

    def touched(self, sequence: int) -> dict[str, dict[str, Touched]]:
        """The records that any program changed after this sequence, by table and id. One that is
        new or was deleted has changed its `core.records.BEING`, too.
        """

    def sequence(self) -> int:
        """A number that grows with every change of any record by any program."""

    def mint(self, table: Table, count: int) -> tuple[str, ...]:
        """New ids, never given before and never again. Committed at once, so not within a
        transaction: a crash only leaves a gap.
        """

    def reserve(self, table: Table, last: int) -> None:
        """Counts the ids up to number `last` as given. Call it within a transaction."""

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

    def changes_between(self, first: int, last: int) -> tuple[HistoryEntry, ...]:
        """The changes with these sequences and all between, oldest first."""


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

    def last_started(self) -> dict[str, str]:
        """When the last run over each workbook began: UTC, ISO 8601."""

    def note_export(self, exported: Exported) -> None:
        """Notes that records were handed out. Nothing takes such a note away."""

    def exports(self, limit: int) -> tuple[Exported, ...]:
        """The last of these notes, newest first."""

    def run(self, number: int) -> Run | None:
        """The run with this number, None if there was none."""

    def open(self, operation: Operation, at: datetime) -> None:
        """Writes down an operation before its first effect. Commits: not within a transaction."""

    def amend(self, operation: Operation) -> None:
        """Gives an operation that was begun another intent. Commits, too."""

    def number(self, operation_id: str) -> int | None:
        """The running number of an operation, None for one that was never begun in this store."""

    def unsettled(self, workbook: str) -> tuple[Operation, ...]:
        """Operations that were begun and never settled, oldest first."""

    def waiting(self, workbook: str) -> tuple[str, ...]:
        """The ids of these operations: what they are to do need not be loaded."""

    def settle(self, operation_id: str, at: datetime) -> None:
        """Marks an operation as verified. Call it within the transaction that moves the bases."""


class Findings(Protocol):
    """Problems and conflicts that wait for someone."""

    def put_problems(
        self,
        workbook: str,
        table: str,
        problems: Sequence[Problem],
        at: datetime,
        *,
        again: bool = False,
    ) -> None:
        """Replaces the open problems of a tab: new ones are opened, known ones counted (not when
        they are told `again` in one run), the rest closed.
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

    def accept_problem(self, problem_id: int) -> None:
        """Marks an open problem as accepted for as long as it stays just what it is; one that is
        closed stays as it is.
        """

    def decide_problem(self, problem_id: int, side: Side) -> None:
        """Notes whose value is to stand from the next run on, while the cell stays as it is."""

    def settled(self, conflict_id: int) -> Conflict | None:
        """A conflict that is not open any more; None for one that is, or was never there."""

    def close_conflict(self, conflict_id: int, resolution: str, at: datetime) -> None:
        """Marks a conflict as decided; `resolution` says how. Raises NotFound if no open conflict
        has this number.
        """


class Marks(Protocol):
    """What is remembered of the marks that stand in workbooks' cells."""

    def all(self, workbook: str) -> tuple[KnownMark, ...]:
        """Every mark of the workbook, in order of its number."""

    def add(self, workbook: str, marks: Sequence[tuple[str, str]]) -> tuple[KnownMark, ...]:
        """New marks by table and key, each with a number that was never given before."""

    def put(self, marks: Sequence[KnownMark]) -> None:
        """Replaces what is remembered of these marks."""

    def drop(self, numbers: Sequence[int]) -> None:
        """Forgets these marks; unknown ones are no error."""


class Past(Protocol):
    """The history of all records together. It writes nothing."""

    def after(self, moment: datetime) -> tuple[HistoryEntry, ...]:
        """All changes made after a moment (with a time zone), the newest first; `changes` holds
        `archived_at` beside the fields.
        """

    def touching(self, table: str, fields: Iterable[str]) -> tuple[HistoryEntry, ...]:
        """Later changes of these fields of a table, without the values that records began with,
        the oldest first.
        """

    def last_changes(self, table: str, field: str, ids: Iterable[str]) -> Mapping[str, str]:
        """When a field of each of these records got its value, by id: UTC, ISO 8601."""


class Store(Protocol):
    """The canonical store. All methods raise StoreError when the file cannot be read or written."""

    @property
    def identity(self) -> str:
        """What tells this store from all others: given when it was made, kept by its backups."""

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

    @property
    def marks(self) -> Marks: ...

    @property
    def past(self) -> Past: ...

    @property
    def chain(self) -> Chain: ...

    @property
    def erasing(self) -> Erasing: ...

    @property
    def sightings(self) -> Sightings: ...

    @property
    def search(self) -> Search: ...

    @property
    def merges(self) -> Merges: ...
    def faults(self) -> Iterator[Fault]:
        """Where the store does not agree with itself, but for the chain."""

    def transaction(self) -> AbstractContextManager[None]:
        """All writes inside are committed together or not at all. Takes the write lock at once;
        does not nest.
        """

    def check(self) -> None:
        """Looks the whole file over. Raises StoreError if it is damaged."""

    def lease(self) -> AbstractContextManager[None]:
        """Holds the store for one run. Raises RunInProgress if another run has it; freed when the
        process dies.
        """

    def take_place(self, at: datetime) -> None:
        """Puts a store that stands in for one that is gone or damaged in its place; what lies there
        is kept under another name. Nothing for any other store. Call it with the lease.
        """

    def close(self) -> None:
        """Closes the file."""
