"""Array results that fill the cells below and beside their formula."""

from __future__ import annotations

from collections.abc import Iterable

from crm_sync.sheet_server.formatting.error_value import ErrorType, ErrorValue
from crm_sync.sheet_server.formula.arrays import Area
from crm_sync.sheet_server.formula.calculated_cells import FILLED, WorkbookCells
from crm_sync.sheet_server.formula.calculation import Calculated, Result
from crm_sync.sheet_server.formula.dependencies import Key, Range
from crm_sync.sheet_server.formula.references import column_name

_CIRCULAR = ErrorValue(
    ErrorType.REF,
    "Circular dependency detected. To resolve with iterative calculation, see File > Settings.",
)


class Spreads:
    """Which formula fills, or would fill, which cells."""

    def __init__(self) -> None:
        self._wanted: dict[Key, Area] = {}
        self._filled: dict[Key, frozenset[Key]] = {}

    def filled_by(self, anchor: Key) -> frozenset[Key]:
        """The cells that this formula fills, without its own."""
        return self._filled.get(anchor, frozenset())

    def is_filled(self, key: Key) -> bool:
        """Whether a formula of another cell filled this one."""
        return any(key in filled for filled in self._filled.values())

    def lose(self, key: Key) -> None:
        """Says that something else now stands in this cell."""
        for anchor, filled in self._filled.items():
            if key in filled:
                self._filled[anchor] = filled - {key}

    def anchors_over(self, key: Key) -> set[Key]:
        """The formulas whose results reach this cell, or would if it were free."""
        return {
            anchor for anchor, area in self._wanted.items() if area.holds(*key) and anchor != key
        }

    def retire(self, anchor: Key, cells: WorkbookCells) -> set[Key]:
        """Empties what a formula filled that is no longer there; the cells that it emptied."""
        self._wanted.pop(anchor, None)
        return self._empty(self._filled.pop(anchor, frozenset()), cells)

    def withdraw(self, anchor: Key, text: str, cells: WorkbookCells) -> set[Key]:
        """Shows that a formula is part of a circle, and fills nothing; the cells that changed."""
        touched = self._empty(self._filled.pop(anchor, frozenset()), cells)
        if cells.write(anchor, Calculated(_CIRCULAR), text):
            touched.add(anchor)
        return touched

    def write(
        self, anchor: Key, text: str, result: Result, cells: WorkbookCells, read: tuple[Range, ...]
    ) -> set[Key]:
        """Writes a result into its cells; those whose values changed, the formula's own included.

        Where a cell is taken, the grid too small, or the formula reads what it would fill, the
        formula's own cell shows `#REF!` and no other cell is filled.
        """
        before = self._filled.get(anchor, frozenset())
        area = _area(anchor, result)
        problem = None if area is None else self._problem(anchor, area, before, cells, read)
        if area is None:
            self._wanted.pop(anchor, None)
        else:
            self._wanted[anchor] = area
        fills = {} if area is None or problem is not None else _lines(anchor, result)
        touched = self._empty(before - fills.keys(), cells)
        own = result.anchor if problem is None else Calculated(problem)
        if cells.write(anchor, own, text):
            touched.add(anchor)
        touched |= {key for key, cell in fills.items() if cells.write(key, cell, FILLED)}
        if fills:
            self._filled[anchor] = frozenset(fills)
        else:
            self._filled.pop(anchor, None)
        return touched

    def _empty(self, keys: Iterable[Key], cells: WorkbookCells) -> set[Key]:
        emptied = set()
        for key in keys:
            cell = cells.cell(key)
            if cell is not None and cell.formula == FILLED:
                cells.empty(key)
                emptied.add(key)
        return emptied

    def _problem(
        self,
        anchor: Key,
        area: Area,
        own: frozenset[Key],
        cells: WorkbookCells,
        read: tuple[Range, ...],
    ) -> ErrorValue | None:
        rows, columns = cells.size(area.sheet_id)
        if area.bottom >= rows:
            return _too_small("rows", area.bottom - rows + 1)
        if area.right >= columns:
            return _too_small("columns", area.right - columns + 1)
        if any(_meets(area, each) for each in read):
            return _CIRCULAR
        for row in range(area.top, area.bottom + 1):
            for column in range(area.left, area.right + 1):
                key = (area.sheet_id, row, column)
                if key != anchor and self._is_taken(key, own, cells):
                    place = f"{column_name(column)}{row + 1}"
                    return ErrorValue(
                        ErrorType.REF,
                        "Array result was not expanded because it would overwrite data in "
                        f"{place}.",
                    )
        return None

    def _is_taken(self, key: Key, own: frozenset[Key], cells: WorkbookCells) -> bool:
        cell = cells.cell(key)
        if cell is None or (cell.value is None and cell.formula is None):
            return False
        return not (cell.formula == FILLED and key in own)


def _area(anchor: Key, result: Result) -> Area | None:
    if not result.lines:
        return None
    sheet_id, row, column = anchor
    bottom, right = row + len(result.lines) - 1, column + len(result.lines[0]) - 1
    return Area(sheet_id, row, column, bottom, right)


def _lines(anchor: Key, result: Result) -> dict[Key, Calculated]:
    sheet_id, top, left = anchor
    filled = {
        (sheet_id, top + down, left + right): cell
        for down, line in enumerate(result.lines)
        for right, cell in enumerate(line)
    }
    del filled[anchor]
    return filled


def _too_small(what: str, missing: int) -> ErrorValue:
    return ErrorValue(
        ErrorType.REF,
        f"Result was not automatically expanded, please insert more {what} ({missing}).",
    )


def _meets(area: Area, each: Range) -> bool:
    sheet_id, bounds = each
    return (
        sheet_id == area.sheet_id
        and bounds.top <= area.bottom
        and bounds.left <= area.right
        and (bounds.bottom is None or area.top <= bounds.bottom)
        and (bounds.right is None or area.left <= bounds.right)
    )
