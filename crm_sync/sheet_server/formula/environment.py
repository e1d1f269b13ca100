"""What a formula sees while it is calculated: the cells, its own place, the locale, the clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from crm_sync.sheet_server.formatting.error_value import (
    ErrorType,
    ErrorValue,
    NumberFormat,
    Scalar,
)
from crm_sync.sheet_server.formula.arrays import Area, Array, Value
from crm_sync.sheet_server.formula.coercion import (
    NO_ARRAY_HERE,
    not_a_number,
    number_of_text,
    text_of,
    truth_of,
)
from crm_sync.sheet_server.formula.references import Bounds

NO_SUCH_REFERENCE = ErrorValue(ErrorType.REF, "Reference does not exist.")


class Cells(Protocol):
    """The calculated values of a workbook. Rows and columns are zero-based.

    It is asked for cells within the grid only, and answers what they hold at that moment.
    """

    def size(self, sheet_id: int) -> tuple[int, int]:
        """Rows and columns of the sheet's grid."""

    def value(self, sheet_id: int, row: int, column: int) -> Scalar:
        """One cell's value; None when it is blank."""

    def lines(self, area: Area) -> list[list[Scalar]]:
        """The rows of an area; blank cells and rows at the ends may be left out."""

    def number_format(self, sheet_id: int, row: int, column: int) -> NumberFormat | None:
        """The number format in which the cell is shown: set on it, or calculated with it."""


class Env:
    """One calculation: `now` is the wall clock of the spreadsheet's time zone, without a zone.

    `read` keeps what it read until the calculation pass ends: within a pass each range is read
    only after all formulas in it are settled.
    """

    __slots__ = ("_read", "cells", "column", "locale", "now", "row", "sheet_id")

    def __init__(self, cells: Cells, locale: str, now: datetime) -> None:
        self.cells = cells
        self.locale = locale
        self.now = now
        self.sheet_id = 0
        self.row = 0
        self.column = 0
        self._read: dict[tuple[int, Bounds], Array | ErrorValue] = {}

    def forget_ranges(self) -> None:
        """Makes the next reads look at the cells again, after they changed within a pass."""
        self._read.clear()

    def read_cell(self, sheet_id: int, row: int, column: int) -> Scalar:
        """One cell's value, `#REF!` outside of the grid."""
        rows, columns = self.cells.size(sheet_id)
        if row >= rows or column >= columns:
            return NO_SUCH_REFERENCE
        return self.cells.value(sheet_id, row, column)

    def read(self, sheet_id: int, bounds: Bounds) -> Array | ErrorValue:
        """A range's values, open sides cut at the grid; `#REF!` when it begins outside."""
        key = (sheet_id, bounds)
        found = self._read.get(key)
        if found is None:
            found = self._fresh(sheet_id, bounds)
            self._read[key] = found
        return found

    def _fresh(self, sheet_id: int, bounds: Bounds) -> Array | ErrorValue:
        rows, columns = self.cells.size(sheet_id)
        if bounds.top >= rows or bounds.left >= columns:
            return NO_SUCH_REFERENCE
        bottom = rows - 1 if bounds.bottom is None else min(bounds.bottom, rows - 1)
        right = columns - 1 if bounds.right is None else min(bounds.right, columns - 1)
        area = Area(sheet_id, bounds.top, bounds.left, bottom, right)
        height, width = bottom - bounds.top + 1, right - bounds.left + 1
        return Array(self.cells.lines(area), height, width, area)

    def single(self, value: Value) -> Scalar:
        """The one value that an expression means where no array is wanted.

        A range gives the cell in the formula's own row or column; a computed array its first.
        """
        if not isinstance(value, Array):
            return value
        area = value.area
        if area is None or (value.height == 1 and value.width == 1):
            return value.at(0, 0)
        if value.width == 1 and area.top <= self.row <= area.bottom:
            return value.at(self.row - area.top, 0)
        if value.height == 1 and area.left <= self.column <= area.right:
            return value.at(0, self.column - area.left)
        return NO_ARRAY_HERE

    def number(self, value: Scalar, function: str, position: int) -> float | ErrorValue:
        """The value as a number; `#VALUE!` for a text that is none."""
        kind = value.__class__
        if kind is int or kind is float:
            return value  # type: ignore[return-value]
        if value is None:
            return 0
        if isinstance(value, bool):
            return 1 if value else 0
        if isinstance(value, str):
            number = number_of_text(value, self.locale, self.now.year)
            return not_a_number(function, position, value) if number is None else number
        return value

    def text(self, value: Scalar) -> str:
        """The value joined into a text."""
        return text_of(value, self.locale)

    def truth(self, value: Scalar, function: str, position: int) -> bool | ErrorValue:
        """The value as a condition."""
        return truth_of(value, function, position)


Evaluator = Callable[[Env], Value]
"""A formula, or a part of it, ready to be calculated."""
