"""The cells of a workbook as formulas read them, and as calculation writes them back.

A cell that an array formula of another cell fills has the formula "" (empty): it is calculated,
yet has no formula of its own. So it survives storing and restyling, and a value that a person
types over it is told apart from it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm_sync.sheet_server.formatting.error_value import NumberFormat, Scalar
from crm_sync.sheet_server.formula.arrays import Area
from crm_sync.sheet_server.formula.calculation import Calculated
from crm_sync.sheet_server.formula.dependencies import Key
from crm_sync.sheet_server.formula.references import Bounds
from crm_sync.sheet_server.grid import Cell, Marks, Value

if TYPE_CHECKING:
    from crm_sync.sheet_server.workbook import Sheet, Workbook

FILLED = ""
"""The formula of a cell that another cell's array formula fills."""


class CalculatedCell(Cell):
    """A cell with the number format and link that its formula gave it.

    Both are calculated, not stored: a workbook that was just read has to be calculated once.
    """

    __slots__ = ("hyperlink", "number_format")

    def __init__(
        self, calculated: Calculated, formula: str, marks: Marks | None, note: str | None
    ) -> None:
        super().__init__(calculated.value, formula, marks, note)
        self.number_format = calculated.number_format
        self.hyperlink = calculated.hyperlink


def shown_number_format(cell: Cell) -> NumberFormat | None:
    """The number format that a cell is shown in: its own, else the one of its formula's result."""
    if cell.marks is not None and cell.marks.format is not None:
        own: NumberFormat | None = cell.marks.format.get("numberFormat")
        if own is not None:
            return own
    return cell.number_format if isinstance(cell, CalculatedCell) else None


def calculated_link(cell: Cell) -> str | None:
    """The address that a HYPERLINK formula gave its cell."""
    return cell.hyperlink if isinstance(cell, CalculatedCell) else None


def calculated_of(cell: Cell) -> Calculated:
    """What calculation put into a cell."""
    if isinstance(cell, CalculatedCell):
        return Calculated(cell.value, cell.number_format, cell.hyperlink)
    return Calculated(cell.value)


class WorkbookCells:
    """One workbook's sheets as the ports `Cells` and `Names` want them, and the way to write."""

    def __init__(self, workbook: Workbook) -> None:
        self._workbook = workbook
        self._sheets = {sheet.id: sheet for sheet in workbook.sheets}
        self._ids: dict[str, int] = {}
        for sheet in reversed(workbook.sheets):
            self._ids[sheet.title.casefold()] = sheet.id
        self._named = {
            str(entry["name"]).casefold(): entry.get("range", {})
            for entry in workbook.named_ranges.values()
        }

    def sheet(self, sheet_id: int) -> Sheet:
        """The sheet with this id; KeyError if there is none."""
        return self._sheets[sheet_id]

    def size(self, sheet_id: int) -> tuple[int, int]:
        """Rows and columns of the sheet's grid."""
        sheet = self._sheets[sheet_id]
        return len(sheet.rows), len(sheet.columns)

    def value(self, sheet_id: int, row: int, column: int) -> Scalar:
        """One cell's value; None when it is blank."""
        line = self._sheets[sheet_id].rows[row]
        if line is None or column >= len(line.cells):
            return None
        cell = line.cells[column]
        return None if cell is None else cell.value

    def lines(self, area: Area) -> list[list[Scalar]]:
        """The rows of an area down to the last one with a value, cut at their last cells."""
        rows = self._sheets[area.sheet_id].rows[area.top : area.bottom + 1]
        left, end = area.left, area.right + 1
        lines: list[list[Scalar]] = [
            []
            if row is None
            else [None if cell is None else cell.value for cell in row.cells[left:end]]
            for row in rows
        ]
        while lines and all(value is None for value in lines[-1]):
            lines.pop()
        return lines

    def number_format(self, sheet_id: int, row: int, column: int) -> NumberFormat | None:
        """The number format in which the cell is shown."""
        cell = self._sheets[sheet_id].cell(row, column)
        return None if cell is None else shown_number_format(cell)

    def sheet_id(self, title: str) -> int | None:
        """The sheet with this title, letter case aside; None if there is none."""
        return self._ids.get(title.casefold())

    def named_range(self, name: str) -> tuple[int, Bounds] | None:
        """Sheet and cells of a named range, letter case aside; None if there is none."""
        held = self._named.get(name.rpartition("!")[2].casefold())
        if held is None or held.get("sheetId", 0) not in self._sheets:
            return None
        bottom, right = held.get("endRowIndex"), held.get("endColumnIndex")
        return held.get("sheetId", 0), Bounds(
            held.get("startRowIndex", 0),
            held.get("startColumnIndex", 0),
            None if bottom is None else bottom - 1,
            None if right is None else right - 1,
        )

    def cell(self, key: Key) -> Cell | None:
        """The cell itself, or None if nothing is in it."""
        sheet_id, row, column = key
        return self._sheets[sheet_id].cell(row, column)

    def write(self, key: Key, calculated: Calculated, formula: str) -> bool:
        """Puts a result into a cell, keeping its formats and note; whether its value changed.

        A cell that already shows just this is left as it is, so that its row is not saved again.
        """
        sheet_id, row, column = key
        sheet = self._sheets[sheet_id]
        before = sheet.cell(row, column)
        changed = before is None or not same_value(before.value, calculated.value)
        if before is not None and not changed and _is_same(before, calculated, formula):
            return False
        marks = None if before is None else before.marks
        note = None if before is None else before.note
        if calculated.number_format is None and calculated.hyperlink is None:
            sheet.put(row, column, Cell(calculated.value, formula, marks, note))
        else:
            sheet.put(row, column, CalculatedCell(calculated, formula, marks, note))
        return changed

    def empty(self, key: Key, *, keep_value: bool = False) -> None:
        """Takes the mark of a filled cell away, and its value with it unless that is to stay."""
        sheet_id, row, column = key
        sheet = self._sheets[sheet_id]
        cell = sheet.cell(row, column)
        if cell is not None:
            sheet.put(row, column, cell.with_value(cell.value if keep_value else None))


def _is_same(cell: Cell, calculated: Calculated, formula: str) -> bool:
    return cell.formula == formula and calculated_of(cell) == calculated


def same_value(first: Value, second: Value) -> bool:
    """Whether two values are equal and of one kind: 1 and TRUE are not."""
    return first == second and isinstance(first, bool) is isinstance(second, bool)
