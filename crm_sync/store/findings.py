"""Problems and conflicts that wait for someone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import TypeVar

from crm_sync.core.findings import Clash, Conflict, Problem, Severity, Side
from crm_sync.core.values import N_
from crm_sync.errors import NotFound
from crm_sync.ports import OpenConflict, OpenProblem
from crm_sync.store.connection import Connection, Row
from crm_sync.store.moments import utc_text
from crm_sync.store.typed_json import from_json, to_json

_PROBLEM = (
    "code, severity, record_id, field, row_index, column_index, typed, stored, message, remedy,"
    " params"
)
_CONFLICT = "record_id, field, clash, base, ours, theirs"

_Item = TypeVar("_Item")


class SqliteFindings:
    """A `ports.Findings`. What is closed stays in its table with the time."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put_problems(
        self,
        workbook: str,
        table: str,
        problems: Sequence[Problem],
        at: datetime,
        *,
        again: bool = False,
    ) -> None:
        """Replaces the open problems of a tab. Those of one key are told apart by their order."""
        moment = utc_text(at)
        with self._connection.writing():
            waiting = self._open("problems", "problem_key", workbook, table)
            known, new = [], []
            for place, problem in _numbered(sorted(problems, key=_place), lambda item: item.key):
                number = waiting.pop((_clean(place[0]), place[1]), None)
                if number is None:
                    key = _clean(problem.key)
                    new.append((workbook, table, key, moment, moment, *_problem_row(problem)))
                else:
                    as_is = _as_it_is(problem)
                    row = _problem_row(problem)
                    known.append((*row, moment, not again, as_is, _clean(problem.typed), number))
            self._connection.run_many(
                f"UPDATE problems SET ({_PROBLEM}) = (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?),"
                " last_seen = ?, times = times + ?,"
                " accepted = CASE WHEN accepted = ? THEN accepted END,"
                " decided = CASE WHEN typed = ? THEN decided END WHERE id = ?",
                known,
            )
            self._connection.run_many(
                "INSERT INTO problems (workbook, table_name, problem_key, first_seen, last_seen,"
                f" {_PROBLEM}, times) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)",
                new,
            )
            self._close("problems", waiting.values(), moment)

    def put_conflicts(
        self, workbook: str, table: str, conflicts: Sequence[Conflict], at: datetime
    ) -> None:
        """Replaces the open conflicts of a tab. A known one keeps its number and its age, and takes
        the values as they are now.
        """
        moment = utc_text(at)
        with self._connection.writing():
            waiting = self._open("conflicts", "record_id || '|' || field", workbook, table)
            known, new = [], []
            for conflict in {item.key: item for item in conflicts}.values():
                key = f"{conflict.record_id}|{conflict.field}"
                number = waiting.pop((key, 0), None)
                if number is None:
                    new.append((workbook, table, moment, *_conflict_row(conflict)))
                else:
                    known.append((*_conflict_row(conflict), number))
            self._connection.run_many(
                f"UPDATE conflicts SET ({_CONFLICT}) = (?, ?, ?, ?, ?, ?) WHERE id = ?", known
            )
            self._connection.run_many(
                f"INSERT INTO conflicts (workbook, table_name, opened_at, {_CONFLICT})"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                new,
            )
            self._close("conflicts", waiting.values(), moment)

    def problems(self, workbook: str | None = None) -> tuple[OpenProblem, ...]:
        """Open problems, in order of table, row and column; those of no row come first."""
        rows = self._connection.rows(
            "SELECT id, workbook, first_seen, last_seen, times, accepted IS NOT NULL,"
            f" coalesce(decided, ''), table_name, {_PROBLEM} FROM problems"
            " WHERE closed_at IS NULL AND (? IS NULL OR workbook = ?)"
            " ORDER BY table_name, coalesce(row_index, -1), coalesce(column_index, -1),"
            " workbook, id",
            (workbook, workbook),
        )
        return tuple(
            OpenProblem(
                number,
                name,
                _problem(tuple(rest)),
                first_seen,
                last_seen,
                times,
                bool(accepted),
                decided,
            )
            for number, name, first_seen, last_seen, times, accepted, decided, *rest in rows
        )

    def conflicts(self, workbook: str | None = None) -> tuple[OpenConflict, ...]:
        """Open conflicts, in order of their number. `ours_by` names who last changed the field in
        the store, or through what it was changed when nobody is known.
        """
        rows = self._connection.rows(
            f"SELECT id, workbook, opened_at, table_name, {_CONFLICT} FROM conflicts"
            " WHERE closed_at IS NULL AND (? IS NULL OR workbook = ?) ORDER BY id",
            (workbook, workbook),
        )
        return tuple(
            OpenConflict(number, name, conflict, opened_at, *self._last_change(conflict))
            for number, name, opened_at, *rest in rows
            for conflict in (_conflict(tuple(rest)),)
        )

    def accept_problem(self, problem_id: int) -> None:
        """Marks an open problem as accepted for as long as it stays just what it is; one that is
        closed stays as it is.
        """
        with self._connection.writing():
            rows = self._connection.rows(
                f"SELECT table_name, {_PROBLEM} FROM problems WHERE id = ? AND closed_at IS NULL",
                (problem_id,),
            )
            for row in rows:
                self._connection.run(
                    "UPDATE problems SET accepted = ? WHERE id = ?",
                    (_as_it_is(_problem(tuple(row))), problem_id),
                )

    def decide_problem(self, problem_id: int, side: Side) -> None:
        """Notes whose value is to stand, from the next run on, as long as the cell holds what it
        holds now.
        """
        with self._connection.writing():
            self._connection.run(
                "UPDATE problems SET decided = ? WHERE id = ? AND closed_at IS NULL",
                (side.value, problem_id),
            )

    def settled(self, conflict_id: int) -> Conflict | None:
        """A conflict that is not open any more; None for one that is, or was never there."""
        rows = self._connection.rows(
            f"SELECT table_name, {_CONFLICT} FROM conflicts WHERE id = ? AND closed_at IS NOT NULL",
            (conflict_id,),
        )
        return _conflict(rows[0]) if rows else None

    def close_conflict(self, conflict_id: int, resolution: str, at: datetime) -> None:
        """Marks a conflict as decided. Raises NotFound if no open conflict has this number."""
        with self._connection.writing():
            closed = self._connection.run(
                "UPDATE conflicts SET closed_at = ?, resolution = ?"
                " WHERE id = ? AND closed_at IS NULL",
                (utc_text(at), resolution, conflict_id),
            )
        if closed.rowcount != 1:
            raise NotFound(
                N_("No open conflict has the number {number}."),
                N_("List the open ones: crm-sync conflicts list"),
                number=conflict_id,
            )

    def _open(
        self, table: str, key: str, workbook: str, table_name: str
    ) -> dict[tuple[str, int], int]:
        """The numbers of what is open, by key and place among those of the same key."""
        rows = self._connection.rows(
            f"SELECT {key}, id FROM {table}"
            " WHERE workbook = ? AND table_name = ? AND closed_at IS NULL ORDER BY id",
            (workbook, table_name),
        )
        return {place: number for place, (_, number) in _numbered(rows, lambda row: str(row[0]))}

    def _close(self, table: str, numbers: Iterable[int], moment: str) -> None:
        self._connection.run_many(
            f"UPDATE {table} SET closed_at = ? WHERE id = ?",
            ((moment, number) for number in numbers),
        )

    def _last_change(self, conflict: Conflict) -> tuple[str, str]:
        rows = self._connection.rows(
            'SELECT "by", source, at, changes FROM history'
            " WHERE record_id = ? AND table_name = ? ORDER BY seq DESC",
            (conflict.record_id, conflict.table),
        )
        touching = (
            row for row in rows if not conflict.field or conflict.field in from_json(row[3])
        )
        by, source, at, _ = next(touching, ("", "", "", ""))
        return by or source, at


def _numbered(
    items: Iterable[_Item], key: Callable[[_Item], str]
) -> Iterator[tuple[tuple[str, int], _Item]]:
    """Each item with its key and its place, from 0, among those of the same key."""
    seen: Counter[str] = Counter()
    for item in items:
        name = key(item)
        yield (name, seen[name]), item
        seen[name] += 1


def _place(problem: Problem) -> tuple[int, int, str]:
    row = -1 if problem.row is None else problem.row
    column = -1 if problem.column is None else problem.column
    return row, column, problem.key


def _clean(text: str) -> str:
    """The text with U+FFFD for each lone half of a surrogate pair, which SQLite refuses."""
    return (
        text
        if text.isascii()
        else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    )


def _as_it_is(problem: Problem) -> str:
    """What was accepted: the typed text and the message with its facts."""
    return "\x1f".join((problem.message, _clean(problem.typed), to_json(problem.params)))


def _problem_row(problem: Problem) -> Row:
    return (
        problem.code,
        problem.severity.value,
        problem.record_id,
        problem.field,
        problem.row,
        problem.column,
        _clean(problem.typed),
        to_json(problem.stored),
        problem.message,
        problem.remedy,
        to_json(problem.params),
    )


def _problem(row: Row) -> Problem:
    table, code, severity, record_id, field, line, column, typed, stored, *words = row
    message, remedy, params = words
    return Problem(
        table,
        code,
        Severity(severity),
        message,
        remedy,
        record_id,
        field,
        line,
        column,
        typed,
        from_json(stored),
        from_json(params),
    )


def _conflict_row(conflict: Conflict) -> Row:
    return (
        conflict.record_id,
        conflict.field,
        conflict.clash.value,
        to_json(conflict.base),
        to_json(conflict.ours),
        to_json(conflict.theirs),
    )


def _conflict(row: Row) -> Conflict:
    table, record_id, field, clash, base, ours, theirs = row
    return Conflict(
        table,
        record_id,
        field,
        Clash(clash),
        from_json(base),
        from_json(ours),
        from_json(theirs),
    )
