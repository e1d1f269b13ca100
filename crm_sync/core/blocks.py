"""Rows that become records, with what is written into them, column by column.

Thousands of new rows get the same few columns. Kept by column, what is written into them, what the
write expects to meet and what it weighs is worked out for all of them at once; row by row it is
only where one of them is not as it was seen.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import compress
from typing import Any

from crm_sync.core.values import Cell


@dataclass(frozen=True)
class Filling:
    """What is written into one column of a block: a cell for each of its rows. With `written` it is
    left as it is where that is False.
    """

    column: int
    field: str
    after: list[Cell]
    written: list[bool] | None = None


@dataclass(frozen=True)
class Block:
    """Rows of a tab, from the top down, with the records that they become, what their id cells say,
    and all their cells as they were `seen`.
    """

    rows: list[int]
    record_ids: list[str]
    row_ids: list[str]
    seen: list[tuple[Cell, ...]]
    fillings: tuple[Filling, ...] = ()

    def __len__(self) -> int:
        return len(self.rows)

    def before(self, column: int) -> list[Cell]:
        """What stands in a column."""
        return [row[column] if column < len(row) else None for row in self.seen]

    def piece(self, start: int, stop: int) -> Block:
        """The rows between two places in the block."""
        return self._made(lambda each: each[start:stop])

    def of_rows(self, wanted: Container[int], *, inside: bool = True) -> Block:
        """The rows with these numbers, or those with other ones."""
        chosen = [(row in wanted) is inside for row in self.rows]
        return self if all(chosen) else self._made(lambda each: list(compress(each, chosen)))

    def filled(self, fillings: Iterable[Filling]) -> Block:
        """The block with these columns too, in the order of the columns."""
        every = sorted((*self.fillings, *fillings), key=lambda item: item.column)
        return replace(self, fillings=tuple(every))

    def whole(self) -> Iterator[Block]:
        """The same as blocks of which each cell is written: one for each set of columns."""
        if not any(item.written for item in self.fillings):
            yield self
            return
        masks = [item.written or [True] * len(self) for item in self.fillings]
        by_columns: dict[tuple[bool, ...], set[int]] = {}
        for row, columns in zip(self.rows, zip(*masks, strict=True), strict=bool(masks)):
            by_columns.setdefault(columns, set()).add(row)
        for columns, rows in by_columns.items():
            block = self.of_rows(rows)
            kept = compress(block.fillings, columns)
            yield replace(block, fillings=tuple(replace(item, written=None) for item in kept))

    def _made(self, of: Callable[[list[Any]], list[Any]]) -> Block:
        return Block(
            of(self.rows),
            of(self.record_ids),
            of(self.row_ids),
            of(self.seen),
            tuple(
                replace(item, after=of(item.after), written=item.written and of(item.written))
                for item in self.fillings
            ),
        )
