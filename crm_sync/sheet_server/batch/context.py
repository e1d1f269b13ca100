"""What a request of a batch works on: the draft, the caller, the day, fresh ids."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, datetime
from typing import TypeVar

from crm_sync.sheet_server import cells, formula
from crm_sync.sheet_server.api_error import invalid
from crm_sync.sheet_server.calculation import calculate, concerns_formulas, local_time
from crm_sync.sheet_server.grid import Area, Cell
from crm_sync.sheet_server.guard import Caller, check_cells
from crm_sync.sheet_server.metadata import grid_area
from crm_sync.sheet_server.workbook import MAX_CELLS, Json, Sheet, Workbook

T = TypeVar("T")

Handler = Callable[["Batch", Json], Json | None]


class Batch:
    """One batchUpdate on its way: handlers change `workbook`, a draft that only they see."""

    def __init__(
        self, workbook: Workbook, caller: Caller, now: datetime, ids: random.Random
    ) -> None:
        self.workbook = workbook
        self.caller = caller
        self.now = now
        self._ids = ids
        self._stale = False
        self._is_calculated = False
        self._changes: list[formula.Change] = []

    def sheet(self, sheet_id: int) -> Sheet:
        """The sheet of this id. ApiError 400 if there is none."""
        sheet = self.workbook.sheet(sheet_id)
        if sheet is None:
            raise invalid(f"No grid with id: {sheet_id}")
        return sheet

    def area(self, grid_range: Json) -> Area:
        """The cells of a GridRange, bounded by the grid. ApiError 400 if it is no such range."""
        return grid_area(self.workbook, grid_range)

    def editable(self, grid_range: Json) -> Area:
        """The cells of a GridRange that are to change. ApiError 400 if any is protected, too."""
        area = self.area(grid_range)
        self.check_cells(area)
        return area

    def check_cells(self, area: Area) -> None:
        """ApiError 400 when a cell of the area is protected from the caller."""
        check_cells(self.workbook, self.caller, area)

    @property
    def today(self) -> date:
        """The day on the spreadsheet's own clock."""
        return local_time(self.now, self.workbook.time_zone).date()

    def follow(self, change: formula.Change) -> None:
        """Lets formulas follow a change of rows or columns, with others like it at once."""
        self._changes.append(change)
        self.touch()

    def follow_now(self, change: formula.Change) -> None:
        """Lets formulas follow a change of another kind."""
        self.settle_references()
        cells.adjust_formulas(self.workbook, [change])
        self.touch()

    def settle_references(self) -> None:
        """Rewrites formulas for what has changed; to be done before any formula is written."""
        changes, self._changes = self._changes, []
        cells.adjust_formulas(self.workbook, changes)

    def touch(self) -> None:
        """Says that cells changed, so that formulas must be calculated before values are read."""
        self._stale = True

    def touch_plainly(self, sheet: Sheet) -> None:
        """The same for a sheet into which no formula was written: where none stands in it and none
        reads it, nothing is to be calculated, however many such changes a batch makes.
        """
        if not self._is_calculated or concerns_formulas(self.workbook, sheet):
            self._stale = True

    def calculate(self) -> None:
        """Brings the values of formulas up to date, if anything changed."""
        self.settle_references()
        if self._stale:
            calculate(self.workbook, self.now)
            self._is_calculated = True
        self._stale = False

    def new_id(self, taken: Callable[[int], bool]) -> int:
        """A random positive 31-bit id that is not taken."""
        while True:
            fresh = self._ids.randrange(1, 2**31 - 1)
            if not taken(fresh):
                return fresh

    def note_formula(self, cell: Cell | None) -> None:
        """Remembers that the workbook has formulas, if this cell is one."""
        if cell is not None and cell.formula is not None:
            self.workbook.has_formulas = True

    def shuffle(self, items: list[T]) -> None:
        """Puts items in random order."""
        self._ids.shuffle(items)

    def check_size(self, more: int = 0) -> None:
        """ApiError 400 when so many more cells would be more than Google allows."""
        if self.workbook.cell_count + more > MAX_CELLS:
            raise invalid(
                "This action would increase the number of cells in the workbook above the limit "
                f"of {MAX_CELLS} cells."
            )
