"""Cells, rows and rectangles: the values of which a sheet is made.

A `Cell` and its `Marks` are never changed once made; a write puts another cell in the row.
So copies share cells, and a draft of a sheet shares rows with the sheet it was drawn from.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from crm_sync.sheet_server.formatting.error_value import ErrorValue

Format = dict[str, Any]


Value = str | int | float | bool | ErrorValue | None


class Marks:
    """What lies on a cell beside value and note: format, validation, and kept rarer fields.

    `other` holds CellData members that are kept but not understood (textFormatRuns, ...).
    """

    __slots__ = ("format", "other", "validation")

    def __init__(
        self,
        format: Format | None = None,
        validation: dict[str, Any] | None = None,
        other: dict[str, Any] | None = None,
    ) -> None:
        self.format: Final = format or None
        self.validation: Final = validation
        self.other: Final = other or None

    def for_new_value(self) -> Marks:
        """These marks on a cell whose value is overwritten: runs within the old text are gone."""
        if self.other is None or not (self.other.keys() & _RUNS):
            return self
        rest = {name: item for name, item in self.other.items() if name not in _RUNS}
        return Marks(self.format, self.validation, rest)


_RUNS = frozenset({"textFormatRuns", "chipRuns"})


class Cell:
    """One cell: its effective value, its formula if it has one, its marks, its note."""

    __slots__ = ("formula", "marks", "note", "value")

    def __init__(
        self,
        value: Value = None,
        formula: str | None = None,
        marks: Marks | None = None,
        note: str | None = None,
    ) -> None:
        self.value: Final = value
        self.formula: Final = formula
        self.marks: Final = marks
        self.note: Final = note

    def with_value(self, value: Value, formula: str | None = None) -> Cell | None:
        """This cell, moved or calculated, with another value; None when nothing is left of it."""
        return make_cell(value, formula, self.marks, self.note)

    def written(self, value: Value, formula: str | None = None) -> Cell | None:
        """This cell after a value was written into it; None when nothing is left of it."""
        marks = self.marks
        if marks is not None and marks.other is not None:
            marks = marks.for_new_value()
        return make_cell(value, formula, marks, self.note)

    def with_marks(self, marks: Marks | None) -> Cell | None:
        """This cell with other marks; None when nothing is left of it."""
        return make_cell(self.value, self.formula, marks, self.note)


EMPTY: Final = Cell()


def make_cell(
    value: Value, formula: str | None, marks: Marks | None, note: str | None
) -> Cell | None:
    """A cell of these parts, or None if it would be an empty one."""
    if marks is not None and not (marks.format or marks.validation or marks.other):
        marks = None
    if value is None and formula is None and marks is None and not note:
        return None
    return Cell(value, formula, marks, note or None)


class Row:
    """One row: a key that stays with it, its cells (trailing empty ones cut), its height.

    `owner` is the draft that may change the row in place; any other draft copies it first.
    Until the row is edited, `plain` keeps its values as they are read unformatted, and `shown`
    as they are shown in a locale, which stands before them.
    """

    __slots__ = ("cells", "hidden", "key", "owner", "plain", "shown", "size")

    def __init__(
        self,
        key: int,
        cells: list[Cell | None] | None = None,
        size: int | None = None,
        hidden: bool = False,
        owner: object = None,
    ) -> None:
        self.key = key
        self.cells: list[Cell | None] = [] if cells is None else cells
        self.size = size
        self.hidden = hidden
        self.owner = owner
        self.plain: list[Any] | None = None
        self.shown: tuple[str, list[Any]] | None = None

    def copy(self, owner: object) -> Row:
        """The same row for another draft."""
        return Row(self.key, self.cells.copy(), self.size, self.hidden, owner)

    def put(self, column: int, cell: Cell | None) -> None:
        """Sets one cell, keeping the list free of trailing empty cells."""
        cells = self.cells
        if column < len(cells):
            cells[column] = cell
            if cell is None and column == len(cells) - 1:
                self.trim()
        elif cell is not None:
            if column > len(cells):
                cells.extend([None] * (column - len(cells)))
            cells.append(cell)

    def trim(self) -> None:
        """Cuts trailing empty cells."""
        cells = self.cells
        while cells and cells[-1] is None:
            cells.pop()


class Column(NamedTuple):
    """Width in pixels (None: the default of 100) and whether a user hid the column."""

    size: int | None = None
    hidden: bool = False


class Area(NamedTuple):
    """A rectangle of one sheet, zero-based and half-open, never beyond the grid."""

    sheet_id: int
    top: int
    bottom: int
    left: int
    right: int

    @property
    def height(self) -> int:
        return self.bottom - self.top

    @property
    def width(self) -> int:
        return self.right - self.left

    def holds(self, row: int, column: int) -> bool:
        """Whether the cell lies inside."""
        return self.top <= row < self.bottom and self.left <= column < self.right

    def meets(self, other: Area) -> bool:
        """Whether both share at least one cell."""
        return (
            self.sheet_id == other.sheet_id
            and self.top < other.bottom
            and other.top < self.bottom
            and self.left < other.right
            and other.left < self.right
        )

    def covers(self, other: Area) -> bool:
        """Whether the other lies wholly inside."""
        return (
            self.sheet_id == other.sheet_id
            and self.top <= other.top
            and other.bottom <= self.bottom
            and self.left <= other.left
            and other.right <= self.right
        )


def as_number(number: float) -> int | float:
    """The number as Google prints a double: 2, not 2.0; whole up to 2^63, else a float."""
    if isinstance(number, int):
        if -(2**53) <= number <= 2**53:
            return number
        number = float(number)
    if number.is_integer() and abs(number) < 2**63:
        return int(number)
    return number
