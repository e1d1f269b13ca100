"""Marks findings in the cells where they arose, and takes the marks off again.

What stands in the cells is asked for only when a mark is to be set or cleared: the store remembers
its own marks, and a mark that stands as it should costs nothing, however its row has moved.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace

from crm_sync.core.batch import Paint, SheetBatch
from crm_sync.core.findings import HELD, Clash, Conflict, Problem, Severity
from crm_sync.core.locked import NO_LOCKS, Locks
from crm_sync.core.marks import (
    CellLook,
    KnownMark,
    Mark,
    Marking,
    MarkKind,
    Place,
    changed,
    combined,
    mark_cells,
    numbers_in,
    row_key,
)
from crm_sync.core.runs import runs_of
from crm_sync.core.swap import Expected, row_by_row, watch_rows
from crm_sync.core.values import N_, Cell
from crm_sync.core.verifying import Verdict
from crm_sync.ports import Workbook
from crm_sync.reports.filled import filled_headings
from crm_sync.reports.findings import Reader
from crm_sync.services.application import Application
from crm_sync.services.apply import Prepared
from crm_sync.services.planning import Planned
from crm_sync.services.put_back import PUT_BACK
from crm_sync.services.reading import Reading, TabReading

_KINDS = {
    Severity.REJECT: MarkKind.REJECT,
    Severity.WARN: MarkKind.WARN,
    Severity.DRAFT: MarkKind.WARN,
}
_NOBODY = "?"


@dataclass(frozen=True)
class Marked:
    """The marks of one write. `owners` are the records of the rows that it paints; a row that is
    none has the owner "?". With `waits` a mark could not be set yet, and the next run must look.
    """

    marking: Marking
    owners: Mapping[tuple[str, int], str]
    waits: bool = False


def plan_marks(
    app: Application,
    workbook: Workbook,
    name: str,
    planned: Planned,
    reading: Reading,
    locks: Locks = NO_LOCKS,
) -> Marked:
    """The marks that the plan's findings want and the workbook does not bear; cells under
    `locks` bear none. New marks are noted in the store, as not settled.
    """
    return _Marker(app, workbook, name, planned, reading, locks).plan()


class _Marker:
    def __init__(
        self,
        app: Application,
        workbook: Workbook,
        name: str,
        planned: Planned,
        reading: Reading,
        locks: Locks,
    ) -> None:
        self.locks = locks
        self.app, self.workbook, self.name = app, workbook, name
        self.planned = planned
        seen = app.store.findings.problems(name)
        self.seen = {item.problem.key: item for item in seen}
        made = {new.sheet_id for new in reading.attached.new_tabs}
        self.tabs: dict[str, TabReading] = {
            plan.table: planned.readings[plan.table]
            for plan in planned.plan.tabs
            if plan.stop is None and planned.readings[plan.table].read.sheet_id not in made
        }
        self.owners = {
            (table, row): record_id
            for table in self.tabs
            for record_id, row in planned.places.get(table, {}).items()
        }
        self.reader = reader_of(app, planned)

    def plan(self) -> Marked:
        wanted, waits = self._wanted()
        known = [mark for mark in self.app.store.marks.all(self.name) if mark.table in self.tabs]
        if not wanted and not known:
            return Marked(Marking(), {}, waits)
        by_key = {mark.key: mark for mark in known}
        differing = changed(wanted, by_key)
        keys = {mark.key for mark in wanted}
        stale = {
            mark.number: place
            for mark in known
            if mark.key not in keys and not self._is_locked(place := self._place(mark))
        }
        rows = self._rows_to_look_at(differing, stale, known)
        if not rows:
            return Marked(Marking(), {}, waits)
        looks = self._look(rows)
        if lost := _lost(stale, looks, rows, known):
            rows = {**rows, **dict.fromkeys(lost)}
            looks = self._look(rows)
        absent = [mark for mark in differing if mark.key not in by_key]
        with self.app.store.transaction():
            added = self.app.store.marks.add(
                self.name, [(mark.place.table, mark.key) for mark in absent]
            )
        new = {mark.key for mark in differing}
        near = [mark for mark in wanted if mark.key in new or mark.place in looks]
        when = self.reader.day(self.app.local_now().strftime("%Y-%m-%d %H:%M"))
        marking = mark_cells(near, [*known, *added], looks, stale, when)
        # What lies under a lock must not keep everything else from being written.
        puts = tuple(put for put in marking.puts if not self._is_locked(put.place))
        waits |= len(puts) < len(marking.puts)
        return Marked(replace(marking, puts=puts), self.owners, waits)

    def _is_locked(self, place: Place | None) -> bool:
        if place is None:
            return False
        sheet_id = self.tabs[place.table].read.sheet_id
        return self.locks.over(sheet_id, place.row, place.column) is not None

    def _wanted(self) -> tuple[tuple[Mark, ...], bool]:
        found: list[Mark] = []
        waits = False
        for plan in self.planned.plan.tabs:
            if plan.stop is not None:
                continue
            # In a tab that this write makes there is no cell yet to bear a mark.
            stands = plan.table in self.tabs
            for problem in plan.problems:
                if self._is_told(problem):
                    mark = self._of_problem(problem) if stands else None
                    found += [mark] if mark else []
                    # What was put back, and a row that is gone, is told of no cell, and never comes
                    # to have one.
                    lasts = problem.code in (PUT_BACK, HELD)
                    waits |= mark is None and bool(problem.record_id) and not lasts
            for conflict in plan.conflicts if stands else ():
                mark = self._of_conflict(conflict)
                found += [mark] if mark else []
        return combined([mark for mark in found if not self._is_locked(mark.place)]), waits

    def _is_told(self, problem: Problem) -> bool:
        seen = self.seen.get(problem.key)
        if seen is None:
            return problem.severity is not Severity.DRAFT
        return not seen.accepted or not _as_before(problem, seen.problem)

    def _of_problem(self, problem: Problem) -> Mark | None:
        if problem.row is None:
            return None
        words = problem_words(problem, self.reader)
        return self._mark(
            problem.table, problem.row, problem.column, _KINDS[problem.severity], words
        )

    def _of_conflict(self, conflict: Conflict) -> Mark | None:
        table = conflict.table
        row = self.planned.places.get(table, {}).get(conflict.record_id)
        if row is None:
            return None
        column = self.tabs[table].columns.columns.get(conflict.field)
        words = conflict_words(conflict, self.reader, self.app.titles["conflicts"])
        return self._mark(table, row, column, MarkKind.CONFLICT, words)

    def _mark(self, table: str, row: int, column: int | None, kind: MarkKind, words: str) -> Mark:
        tab = self.tabs[table]
        if column is None:
            column = tab.columns.columns[tab.tab.columns[0].field.name]
        fields = {place: name for name, place in tab.columns.columns.items()}
        owner = self.owners.get((table, row)) or row_key(_cells(tab, row))
        key = "|".join((table, owner, fields.get(column, "")))
        return Mark(key, Place(table, row, column), kind, words)

    def _place(self, mark: KnownMark) -> Place | None:
        """Where a known mark should stand now, None if nobody can tell."""
        _, owner, field = mark.key.split("|", 2)
        row = self.planned.places.get(mark.table, {}).get(owner)
        column = self.tabs[mark.table].columns.columns.get(field)
        return None if row is None or column is None else Place(mark.table, row, column)

    def _rows_to_look_at(
        self,
        differing: Sequence[Mark],
        stale: Mapping[int, Place | None],
        known: Sequence[KnownMark],
    ) -> dict[str, set[int] | None]:
        """Rows by table; None for a whole tab. Where marks stand already, rows that came or changed
        are looked at as well: a mark is copied with its cell.
        """
        rows: dict[str, set[int] | None] = {}
        for mark in differing:
            _add(rows, mark.place.table, mark.place.row)
        tables = {mark.number: mark.table for mark in known}
        for number, place in stale.items():
            _add(rows, tables[number], place.row if place else None)
        for unsettled in (mark for mark in known if not mark.settled):
            # Its write was not seen to its end: it may stand in whatever row was there then.
            rows[unsettled.table] = None
        for plan in self.planned.plan.tabs:
            if plan.table in tables.values():
                places = self.planned.places.get(plan.table, {})
                for record_id in plan.bases:
                    if record_id in places:
                        _add(rows, plan.table, places[record_id])
        return rows

    def _look(self, rows: Mapping[str, Set[int] | None]) -> dict[Place, CellLook]:
        sheets = {self.tabs[table].read.sheet_id: table for table in rows}
        asked = {
            sheet_id: () if (wanted := rows[table]) is None else runs_of(wanted)
            for sheet_id, table in sheets.items()
        }
        found = self.workbook.look(asked)
        header = {table: self.tabs[table].columns.header_row for table in rows}
        return {
            Place(sheets[sheet_id], row, column): look
            for (sheet_id, row, column), look in found.items()
            if row > header[sheets[sheet_id]]
        }


def _as_before(problem: Problem, seen: Problem) -> bool:
    """True if the problem is just what it was when someone accepted it."""
    facts = (problem.message, problem.typed, dict(problem.params))
    return facts == (seen.message, seen.typed, dict(seen.params))


def reader_of(app: Application, planned: Planned) -> Reader:
    """How the people of the workbook read values, records and times."""
    world = planned.world
    tabs = {tab.table.name: tab for tab in app.whole}
    sheets = {name: found.read.sheet_id for name, found in planned.readings.items()}
    return Reader(
        tabs,
        app.say,
        world.show,
        app.zone,
        world.name,
        sheets,
        world.owner,
        app.titles,
        filled_headings(app.say),
    )


def problem_words(problem: Problem, reader: Reader) -> str:
    """What the note says: why it will not do, what would, and what the store holds."""
    words = [
        reader.sentence(template, problem.params)
        for template in (problem.message, problem.remedy)
        if template
    ]
    if problem.severity is Severity.REJECT and problem.record_id and problem.field:
        stored = reader.text(problem.table, problem.field, problem.stored)
        words.append(
            reader.say(N_("The store keeps “{stored}”."), stored=stored)
            if stored
            else reader.say(N_("The store keeps this field empty."))
        )
    return " ".join(words)


def conflict_words(conflict: Conflict, reader: Reader, tab: str) -> str:
    """What the note of a conflict says: what both sides hold, and where to decide."""
    table, field = conflict.table, conflict.field
    facts = {
        "base": reader.text(table, field, conflict.base) or "—",
        "ours": reader.text(table, field, conflict.ours) or "—",
        "theirs": reader.text(table, field, conflict.theirs) or "—",
        "tab": tab,
    }
    if conflict.clash is Clash.DELETE_EDIT:
        template = N_(
            "The record was archived in the store while this row was edited. "
            "Decide in the tab “{tab}”."
        )
    elif conflict.clash is Clash.FORMULA:
        template = N_(
            "The store now has “{ours}”, but a formula stands here and is never overwritten. "
            "Type a value in its place, or decide in the tab “{tab}”."
        )
    else:
        template = N_(
            "Changed on both sides: here “{theirs}”, in the store “{ours}”, before “{base}”. "
            "Neither is lost. Decide in the tab “{tab}”."
        )
    return reader.say(template, **facts)


def with_marks(prepared: Prepared, planned: Planned, marked: Marked) -> Prepared:
    """The write with the marks in it; rows that are only painted are watched like all others."""
    if not marked.marking.puts:
        return prepared
    by_table: dict[str, list[Paint]] = {}
    for put in marked.marking.puts:
        place = put.place
        paint = Paint(place.row, place.column, put.note, put.colour)
        by_table.setdefault(place.table, []).append(paint)
    sheets = {sheet.sheet_id: sheet for sheet in prepared.batch.sheets}
    expected = list(prepared.intent.expected)
    blocks = prepared.intent.blocks
    for table, paints in by_table.items():
        found = planned.readings[table]
        rows = sorted({paint.row for paint in paints})
        owners = {row: marked.owners.get((table, row), _NOBODY) for row in rows}
        ids = {row.number: row.standing_id for row in found.rows}
        batch = sheets.get(found.read.sheet_id) or SheetBatch(
            found.read.sheet_id,
            found.read.row_count,
            0,
            insert_at=max(len(found.read.rows), found.columns.header_row + 1),
            column_count=found.read.column_count,
        )
        batch, apart, blocks = row_by_row(batch, blocks, frozenset(rows))
        expected.extend(apart)
        batch, more = watch_rows(
            found.tab, found.columns, found.read, replace(batch, paints=tuple(paints)), owners, ids
        )
        sheets[batch.sheet_id] = batch
        expected.extend(more)
    order = [sheet.sheet_id for sheet in prepared.batch.sheets]
    order += [sheet_id for sheet_id in sheets if sheet_id not in order]
    return Prepared(
        replace(prepared.batch, sheets=tuple(sheets[sheet_id] for sheet_id in order)),
        replace(prepared.intent, expected=tuple(sorted(expected, key=_in_order)), blocks=blocks),
    )


def note_marks(app: Application, marked: Marked) -> None:
    """Remembers the marks before they are written. Call it within a transaction."""
    app.store.marks.put([replace(mark, settled=False) for mark in marked.marking.known])


def settle_marks(app: Application, marked: Marked, verdict: Verdict) -> None:
    """Remembers the marks whose cells were where the plan saw them. Call it within a transaction.
    After a slip all of them are looked at again.
    """
    if not verdict.clean:
        return
    app.store.marks.put(
        [replace(mark, lines=mark.lines[-1:], settled=True) for mark in marked.marking.known]
    )
    app.store.marks.drop(marked.marking.forgotten)


def _lost(
    stale: Mapping[int, Place | None],
    looks: Mapping[Place, CellLook],
    rows: Mapping[str, Set[int] | None],
    known: Sequence[KnownMark],
) -> set[str]:
    """The tables in which a mark that is to go does not stand where it should: somebody moved the
    cell alone, and the whole tab must be looked at.
    """
    standing = {number for look in looks.values() for number in numbers_in(look.note)}
    tables = {mark.number: mark.table for mark in known}
    return {
        tables[number]
        for number in stale
        if number not in standing and rows[tables[number]] is not None
    }


def _in_order(item: Expected) -> tuple[int, int]:
    return item.sheet_id, item.row


def _add(rows: dict[str, set[int] | None], table: str, row: int | None) -> None:
    if row is None:
        rows[table] = None
    elif (known := rows.setdefault(table, set())) is not None:
        known.add(row)


def _cells(tab: TabReading, row: int) -> Sequence[Cell]:
    return tab.read.rows[row] if row < len(tab.read.rows) else ()
