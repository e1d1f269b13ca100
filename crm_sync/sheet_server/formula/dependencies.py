"""Who reads which cells: found by the cell that changed, also within large and open ranges."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from crm_sync.sheet_server.formula.references import Bounds

Key = tuple[int, int, int]
"""Sheet id, row, column of a cell."""

Range = tuple[int, Bounds]

_BLOCK = 128
_MANY_BLOCKS = 32
_MANY_COLUMNS = 64


class ReaderIndex:
    """Formulas by the cells and ranges that they read.

    A range lies in the lists of its columns, by blocks of rows; one that spans very many rows or
    columns lies in a list of its own, and is looked at for each change in its columns or sheet.
    """

    def __init__(self) -> None:
        self._of_cell: defaultdict[Key, set[Key]] = defaultdict(set)
        self._of_range: dict[Range, set[Key]] = {}
        self._blocks: defaultdict[Key, set[Range]] = defaultdict(set)
        self._tall: defaultdict[tuple[int, int], set[Range]] = defaultdict(set)
        self._wide: defaultdict[int, set[Range]] = defaultdict(set)

    def add(self, reader: Key, read: Iterable[Range]) -> None:
        """Says that the formula in this cell reads these cells."""
        for each in read:
            sheet_id, bounds = each
            if bounds.top == bounds.bottom and bounds.left == bounds.right:
                self._of_cell[sheet_id, bounds.top, bounds.left].add(reader)
                continue
            readers = self._of_range.get(each)
            if readers is None:
                readers = self._of_range[each] = set()
                for shelf in self._shelves(each):
                    shelf.add(each)
            readers.add(reader)

    def remove(self, reader: Key, read: Iterable[Range]) -> None:
        """Forgets what `add` was told."""
        for each in read:
            sheet_id, bounds = each
            if bounds.top == bounds.bottom and bounds.left == bounds.right:
                self._of_cell[sheet_id, bounds.top, bounds.left].discard(reader)
                continue
            readers = self._of_range[each]
            readers.discard(reader)
            if not readers:
                del self._of_range[each]
                for shelf in self._shelves(each):
                    shelf.discard(each)

    def _shelves(self, each: Range) -> Iterator[set[Range]]:
        sheet_id, bounds = each
        if bounds.right is None or bounds.right - bounds.left >= _MANY_COLUMNS:
            yield self._wide[sheet_id]
            return
        columns = range(bounds.left, bounds.right + 1)
        if bounds.bottom is None or bounds.bottom - bounds.top >= _MANY_BLOCKS * _BLOCK:
            for column in columns:
                yield self._tall[sheet_id, column]
            return
        for block in range(bounds.top // _BLOCK, bounds.bottom // _BLOCK + 1):
            for column in columns:
                yield self._blocks[sheet_id, column, block]

    def readers(self, cell: Key, passed: set[Range] | None = None) -> set[Key]:
        """The formulas that read this cell.

        Ranges in `passed` are left out, and those met are put there: a caller that asks for many
        cells gets each range's readers once.
        """
        sheet_id, row, column = cell
        found = set(self._of_cell.get(cell, ()))
        for shelf in (
            self._blocks.get((sheet_id, column, row // _BLOCK)),
            self._tall.get((sheet_id, column)),
            self._wide.get(sheet_id),
        ):
            for each in shelf or ():
                if (passed is None or each not in passed) and _holds(each[1], row, column):
                    found |= self._of_range[each]
                    if passed is not None:
                        passed.add(each)
        return found


def _holds(bounds: Bounds, row: int, column: int) -> bool:
    return (
        bounds.top <= row
        and bounds.left <= column
        and (bounds.bottom is None or row <= bounds.bottom)
        and (bounds.right is None or column <= bounds.right)
    )
