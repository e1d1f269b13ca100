"""Runs, and operations whose outcome may be unknown."""

from __future__ import annotations

import json
from datetime import datetime

from crm_sync.ports import Exported, Operation, Run, RunReport
from crm_sync.store.connection import Connection
from crm_sync.store.moments import utc_text


class SqliteJournal:
    """A `ports.Journal`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def start_run(self, workbook: str, at: datetime) -> int:
        """A new run's number: 1, 2, 3... over all workbooks."""
        with self._connection.writing():
            cursor = self._connection.run(
                "INSERT INTO runs (workbook, started_at) VALUES (?, ?)", (workbook, utc_text(at))
            )
        return int(cursor.lastrowid or 0)

    def finish_run(self, run: int, report: RunReport, at: datetime) -> None:
        """Notes the end of a run."""
        with self._connection.writing():
            self._connection.run(
                "UPDATE runs SET finished_at = ?, outcome = ?, summary = ? WHERE run = ?",
                (utc_text(at), report.outcome, report.summary, run),
            )

    def runs(self, limit: int) -> tuple[Run, ...]:
        """The last runs that read cells, newest first."""
        return self._runs("ORDER BY run DESC LIMIT ?", limit)

    def last_started(self) -> dict[str, str]:
        """When the last run over each workbook began: UTC, ISO 8601."""
        return dict(
            self._connection.rows("SELECT workbook, max(started_at) FROM runs GROUP BY workbook")
        )

    def note_export(self, exported: Exported) -> None:
        """Notes that records were handed out. Nothing takes such a note away."""
        with self._connection.writing():
            self._connection.run(
                'INSERT INTO exports (at, "by", what, target, records, digest)'
                " VALUES (?, ?, ?, ?, ?, ?)",
                (
                    utc_text(exported.at),
                    exported.by,
                    exported.what,
                    exported.target,
                    json.dumps(dict(exported.records)),
                    exported.digest,
                ),
            )

    def exports(self, limit: int) -> tuple[Exported, ...]:
        """The last of these notes, newest first."""
        rows = self._connection.rows(
            'SELECT at, "by", what, target, records, digest FROM exports ORDER BY number DESC'
            " LIMIT ?",
            (limit,),
        )
        return tuple(
            Exported(datetime.fromisoformat(at), by, what, target, json.loads(records), digest)
            for at, by, what, target, records, digest in rows
        )

    def run(self, number: int) -> Run | None:
        """The run with this number, None if there was none."""
        return next(iter(self._runs("WHERE run = ?", number)), None)

    def _runs(self, which: str, parameter: int) -> tuple[Run, ...]:
        rows = self._connection.rows(
            "SELECT run, workbook, started_at, coalesce(finished_at, ''), coalesce(outcome, ''),"
            f" coalesce(summary, '') FROM runs {which}",
            (parameter,),
        )
        return tuple(Run(*row) for row in rows)

    def open(self, operation: Operation, at: datetime) -> None:
        """Writes down an operation before its first effect. Committed at once, so it raises
        StoreError within a transaction.
        """
        with self._connection.transaction():
            self._connection.run(
                "INSERT INTO operations (id, workbook, run, intent, opened_at)"
                " VALUES (?, ?, ?, ?, ?)",
                (operation.id, operation.workbook, operation.run, operation.intent, utc_text(at)),
            )

    def amend(self, operation: Operation) -> None:
        """Gives an operation that was begun another intent. Committed at once, like `open`."""
        with self._connection.transaction():
            self._connection.run(
                "UPDATE operations SET intent = ? WHERE id = ?", (operation.intent, operation.id)
            )

    def number(self, operation_id: str) -> int | None:
        """The running number of an operation, None for one that was never begun in this store."""
        found = self._connection.value(
            "SELECT number FROM operations WHERE id = ?", (operation_id,)
        )
        return None if found is None else int(found)

    def unsettled(self, workbook: str) -> tuple[Operation, ...]:
        """Operations that were begun and never settled, oldest first."""
        rows = self._connection.rows(
            "SELECT id, workbook, run, intent FROM operations"
            " WHERE workbook = ? AND settled_at IS NULL ORDER BY number",
            (workbook,),
        )
        return tuple(Operation(*row) for row in rows)

    def waiting(self, workbook: str) -> tuple[str, ...]:
        """The ids of the operations that were begun and never settled, oldest first."""
        rows = self._connection.rows(
            "SELECT id FROM operations WHERE workbook = ? AND settled_at IS NULL ORDER BY number",
            (workbook,),
        )
        return tuple(operation_id for (operation_id,) in rows)

    def settle(self, operation_id: str, at: datetime) -> None:
        """Marks an operation as verified and forgets its intent, which holds what stood in rows;
        one that is settled already or unknown stays as it is.
        """
        with self._connection.writing():
            self._connection.run(
                "UPDATE operations SET settled_at = ?, intent = ''"
                " WHERE id = ? AND settled_at IS NULL",
                (utc_text(at), operation_id),
            )
