"""Scattered cells gathered into few rectangles, so that a column of 50,000 is one request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from crm_sync.core.batch import Put


@dataclass
class Rectangle:
    """Rows of neighbouring cells below one another, each row of the same columns.

    All its cells are to be formatted, or none is.
    """

    row: int
    column: int
    formatted: bool
    rows: list[Sequence[Put]] = field(default_factory=list)

    @property
    def width(self) -> int:
        """The number of columns."""
        return len(self.rows[0])

    def pattern_of_column(self, index: int) -> str | None:
        """The pattern that all cells of a column share, None if they differ."""
        first = self.rows[0][index].pattern
        return first if all(row[index].pattern == first for row in self.rows) else None


def rectangles(puts: Iterable[Put]) -> list[Rectangle]:
    """The puts as rectangles in order of row and column. Of two puts for a cell the last counts."""
    by_row: dict[int, dict[int, Put]] = {}
    for put in puts:
        by_row.setdefault(put.row, {})[put.column] = put
    done: list[Rectangle] = []
    growing: dict[tuple[int, int, bool], Rectangle] = {}
    for row in sorted(by_row):
        here: dict[tuple[int, int, bool], Rectangle] = {}
        for cells in _neighbours(by_row[row]):
            key = (cells[0].column, len(cells), cells[0].pattern is not None)
            above = growing.get(key)
            if above is None or above.row + len(above.rows) != row:
                above = Rectangle(row, cells[0].column, key[2])
                done.append(above)
            above.rows.append(cells)
            here[key] = above
        growing = here
    return done


def _neighbours(cells: dict[int, Put]) -> Iterator[list[Put]]:
    run: list[Put] = []
    for column in sorted(cells):
        put = cells[column]
        follows = run and column == run[-1].column + 1
        if follows and (put.pattern is None) == (run[-1].pattern is None):
            run.append(put)
            continue
        if run:
            yield run
        run = [put]
    if run:
        yield run
