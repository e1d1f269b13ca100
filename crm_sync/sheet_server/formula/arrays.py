"""Rectangles of values: what a range reads as, and what array functions give back."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

from crm_sync.sheet_server.formatting.error_value import ErrorValue, Scalar


class Area(NamedTuple):
    """Cells of one sheet, all four bounds inclusive and within the grid."""

    sheet_id: int
    top: int
    left: int
    bottom: int
    right: int

    def holds(self, sheet_id: int, row: int, column: int) -> bool:
        """Whether the cell lies inside."""
        return (
            sheet_id == self.sheet_id
            and self.top <= row <= self.bottom
            and self.left <= column <= self.right
        )


class Array:
    """A rectangle of scalars.

    `lines` may be fewer and shorter than the rectangle: what is missing is blank. `area` says
    which cells it was read from, None for computed values. Never changed once made.
    """

    def __init__(
        self,
        lines: list[list[Scalar]],
        height: int | None = None,
        width: int | None = None,
        area: Area | None = None,
    ) -> None:
        self.lines = lines
        self.height = len(lines) if height is None else height
        self.width = max(map(len, lines), default=0) if width is None else width
        self.area = area

    def at(self, row: int, column: int) -> Scalar:
        """The value in zero-based row and column."""
        if row >= len(self.lines):
            return None
        line = self.lines[row]
        return line[column] if column < len(line) else None

    def stored(self) -> Iterator[Scalar]:
        """All values but the blanks that are missing at the ends; row by row."""
        for line in self.lines:
            yield from line

    def every(self) -> Iterator[Scalar]:
        """All values of the rectangle, row by row, the missing blanks too."""
        for row in range(self.height):
            for column in range(self.width):
                yield self.at(row, column)

    def full_lines(self) -> list[list[Scalar]]:
        """The rows, each of the full width. Rows that are not stored are one and the same blank
        line, so that who works on line after line can tell that it has done so before.
        """
        width = self.width
        lines = [
            line if len(line) == width else [*line, *[None] * (width - len(line))]
            for line in self.lines
        ]
        blank: list[Scalar] = [None] * width
        return [*lines, *[blank] * (self.height - len(lines))]

    def column(self, index: int) -> list[Scalar]:
        """One column, from the top to the last stored row."""
        return [line[index] if index < len(line) else None for line in self.lines]

    @cached_property
    def numbers(self) -> list[float]:
        """The numbers among the values; texts, booleans and blanks are left out."""
        return [
            value
            for line in self.lines
            for value in line
            if value.__class__ is float or value.__class__ is int
        ]

    @cached_property
    def first_error(self) -> ErrorValue | None:
        """The first error among the values."""
        for line in self.lines:
            for value in line:
                if value.__class__ is ErrorValue:
                    return value
        return None

    @cached_property
    def _positions(self) -> dict[int, dict[object, list[int]]]:
        return {}

    def positions(self, column: int) -> dict[object, list[int]]:
        """Rows of each value of a column, by `match_key`; built once, for repeated lookups."""
        found = self._positions.get(column)
        if found is None:
            found = {}
            for row, line in enumerate(self.lines):
                if column < len(line) and line[column] is not None:
                    found.setdefault(match_key(line[column]), []).append(row)
            self._positions[column] = found
        return found

    def transposed(self) -> Array:
        """Rows as columns."""
        lines = self.full_lines()
        return Array([list(line) for line in zip(*lines, strict=True)], self.width, self.height)


def match_key(value: Scalar) -> object:
    """A key that two scalars share when a lookup takes them as equal (letter case aside)."""
    if isinstance(value, bool):
        return ("boolean", value)
    if isinstance(value, str):
        return value.casefold()
    return value


Value = Scalar | Array
"""What an expression gives: one value or a rectangle."""
