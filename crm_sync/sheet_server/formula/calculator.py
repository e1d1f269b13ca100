"""Keeps a workbook's formulas calculated: only what depends on a change is calculated again.

A calculator remembers what it last saw, compares, and so needs not be told what changed; it may
be shown a draft that is dropped afterwards, or another state of the workbook, at no harm.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from crm_sync.sheet_server.formula.calculated_cells import FILLED, WorkbookCells
from crm_sync.sheet_server.formula.calculation import Compiled, calculate, compile_formula
from crm_sync.sheet_server.formula.dependencies import Key, ReaderIndex
from crm_sync.sheet_server.formula.differences import (
    Snapshot,
    all_cells,
    holds_formulas,
    shape,
    sizes,
)
from crm_sync.sheet_server.formula.environment import Env
from crm_sync.sheet_server.formula.ordering import in_order
from crm_sync.sheet_server.formula.spreading import Spreads
from crm_sync.sheet_server.formula.syntax import parse

if TYPE_CHECKING:
    from crm_sync.sheet_server.workbook import Sheet, Workbook

# Each round settles the cells that array formulas newly filled in the one before.
_MOST_ROUNDS = 50
# From so many changed cells on it pays to ask first which of them concern any formula.
_MANY = 1000


class Calculator:
    """The formulas of one workbook, compiled, with what they read."""

    def __init__(self) -> None:
        self._formulas: dict[Key, tuple[str, Compiled]] = {}
        self._volatile: set[Key] = set()
        self._circular: set[Key] = set()
        self._readers = ReaderIndex()
        self._spreads = Spreads()
        self._shape: tuple[object, ...] | None = None
        self._sizes: dict[int, tuple[int, int]] = {}
        self._snapshot: Snapshot | None = None
        self._now: datetime | None = None
        self._sheets: frozenset[int] | None = None

    def needs(self, now: datetime) -> bool:
        """Whether a formula of the workbook seen last shows another value at this moment."""
        return bool(self._volatile) and now != self._now

    def bring_up_to_date(self, workbook: Workbook, now: datetime) -> None:
        """Calculates what differs from the workbook seen last, in place; call it on a draft.

        `now` is an aware time or the local one of the spreadsheet. Nothing that a workbook may
        hold makes it raise.
        """
        cells = WorkbookCells(workbook)
        present, size = shape(workbook), sizes(workbook)
        resized = {key for key in size if size[key] != self._sizes.get(key)}
        if self._snapshot is None or present != self._shape or self._concerns(resized, workbook):
            changed = self._start_over(workbook, cells)
        else:
            differing = list(self._snapshot.changed_cells(workbook, resized))
            if len(differing) > _MANY:
                differing = self._concerned(differing, cells)
            changed = self._take_over(differing, workbook, cells)
        self._shape, self._sizes = present, size
        if now != self._now:
            changed |= self._volatile
        self._now = now
        env = Env(cells, workbook.locale, _local(now, workbook.time_zone))
        self._settle(changed, cells, env)
        self._snapshot = Snapshot(workbook)
        self._sheets = None

    def _concerns(self, resized: set[int], workbook: Workbook) -> bool:
        """Whether a formula reads one of these sheets, or stood or stands in it."""
        if not resized:
            return False
        for key, (_, compiled) in self._formulas.items():
            if key[0] in resized or any(sheet_id in resized for sheet_id, _ in compiled.precedents):
                return True
        return any(holds_formulas(sheet) for sheet in workbook.sheets if sheet.id in resized)

    def concerns(self, sheet: Sheet) -> bool:
        """Whether a formula of the workbook seen last stood in this sheet or read it."""
        if self._sheets is None:
            self._sheets = frozenset(self._concerned_sheets())
        return sheet.id in self._sheets

    def _concerned_sheets(self) -> Iterator[int]:
        for key, (_, compiled) in self._formulas.items():
            yield key[0]
            yield from (sheet_id for sheet_id, _ in compiled.precedents)

    def _concerned(self, keys: list[Key], cells: WorkbookCells) -> list[Key]:
        """Those of these cells in which a formula stands, or that one may read or fill."""
        sheets = set(self._concerned_sheets())
        return [
            key
            for key in keys
            if key[0] in sheets
            or ((cell := cells.cell(key)) is not None and cell.formula is not None)
        ]

    def _start_over(self, workbook: Workbook, cells: WorkbookCells) -> set[Key]:
        self._formulas.clear()
        self._volatile.clear()
        self._circular.clear()
        self._readers = ReaderIndex()
        self._spreads = Spreads()
        changed: set[Key] = set()
        for key, cell in list(all_cells(workbook)):
            if cell.formula == FILLED:
                cells.empty(key)
            elif cell.formula is not None:
                self._learn(key, cell.formula, workbook, cells)
                changed.add(key)
        return changed

    def _take_over(self, keys: Iterable[Key], workbook: Workbook, cells: WorkbookCells) -> set[Key]:
        changed: set[Key] = set()
        for key in list(keys):
            changed.add(key)
            cell = cells.cell(key)
            formula = None if cell is None else cell.formula
            if formula == FILLED and not self._spreads.is_filled(key):
                # A copy of a filled cell, pasted elsewhere: there it is a plain value.
                cells.empty(key, keep_value=True)
                formula = None
            if formula != FILLED:
                self._spreads.lose(key)
            if self._forget(key) != formula:
                changed |= self._spreads.retire(key, cells)
            if formula:
                self._learn(key, formula, workbook, cells)
            changed |= self._spreads.anchors_over(key)
        return changed

    def _learn(self, key: Key, text: str, workbook: Workbook, cells: WorkbookCells) -> None:
        compiled = compile_formula(parse(text, workbook.locale), key[0], cells)
        self._formulas[key] = (text, compiled)
        self._readers.add(key, compiled.precedents)
        if compiled.is_volatile:
            self._volatile.add(key)

    def _forget(self, key: Key) -> str | None:
        """The formula that stood in this cell until now, or None."""
        known = self._formulas.pop(key, None)
        if known is None:
            return None
        self._readers.remove(key, known[1].precedents)
        self._volatile.discard(key)
        self._circular.discard(key)
        return known[0]

    def _settle(self, changed: set[Key], cells: WorkbookCells, env: Env) -> None:
        for _ in range(_MOST_ROUNDS):
            if not changed:
                return
            env.forget_ranges()
            changed = self._round(changed, cells, env)

    def _round(self, changed: set[Key], cells: WorkbookCells, env: Env) -> set[Key]:
        """Calculates all that depends on the changed cells; the cells that it filled anew."""
        successors, reached = self._downstream(changed)
        due = {key for key in reached if key in changed}
        for key in changed:
            due |= reached & successors[key]
        late: set[Key] = set()
        ordered, circular = in_order(reached, {key: successors[key] for key in reached})
        # A formula that left its circle has a new result, even if all that it reads stayed.
        due |= (self._circular & reached) - circular
        self._circular = (self._circular - reached) | circular
        for key in ordered:
            if key not in due and key not in circular:
                continue
            touched = self._evaluate(key, cells, env, is_circular=key in circular)
            for cell in touched:
                readers = successors[cell] if cell in successors else self._readers.readers(cell)
                due |= readers
                # Readers of newly filled cells may have come too early.
                if cell != key and not readers <= successors[key]:
                    late.add(cell)
        return late

    def _downstream(self, changed: set[Key]) -> tuple[dict[Key, set[Key]], set[Key]]:
        """Readers by cell, for the changed cells and on; and all formulas to be put in order."""
        successors: dict[Key, set[Key]] = {}
        waiting = list(changed)
        while waiting:
            key = waiting.pop()
            if key in successors:
                continue
            readers = self._readers.readers(key)
            for filled in self._spreads.filled_by(key):
                readers |= self._readers.readers(filled)
            successors[key] = readers
            waiting.extend(reader for reader in readers if reader not in successors)
        return successors, {key for key in successors if key in self._formulas}

    def _evaluate(self, key: Key, cells: WorkbookCells, env: Env, *, is_circular: bool) -> set[Key]:
        """Calculates one formula and writes what it gives; the cells whose values changed."""
        text, compiled = self._formulas[key]
        if is_circular:
            return self._spreads.withdraw(key, text, cells)
        env.sheet_id, env.row, env.column = key
        return self._spreads.write(key, text, calculate(compiled, env), cells, compiled.precedents)


def _local(now: datetime, time_zone: str) -> datetime:
    if now.tzinfo is None:
        return now
    try:
        zone = ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        zone = ZoneInfo("UTC")
    return now.astimezone(zone).replace(tzinfo=None)
