"""Tabs as read from a workbook, and grids to be shown in one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from crm_sync.core.values import Cell


@dataclass(frozen=True)
class TabRead:
    """One tab as it stood at one moment.

    `rows` are ragged: trailing blanks are cut, row 0 is the first row of the sheet. A formula's
    cell holds the formula's value; `formulas` gives its text by (row, column), both zero-based.
    `row_count` and `column_count` are the grid's size, blank rows included. `prints` are those of
    the rows (`core.prints`), empty where the bytes of a row do not tell all of it.
    """

    sheet_id: int
    title: str
    row_count: int
    column_count: int
    rows: Sequence[tuple[Cell, ...]]
    formulas: Mapping[tuple[int, int], str] = field(default_factory=dict)
    prints: bytes = field(default=b"", compare=False, repr=False)

    def cell(self, row: int, column: int) -> Cell:
        """The cell at a zero-based place, None beyond what was read."""
        if row < len(self.rows) and column < len(self.rows[row]):
            return self.rows[row][column]
        return None


class Style(StrEnum):
    """How a shown cell is written: each has one number format in a sheet and one rendering in a
    terminal.
    """

    PLAIN = "plain"
    TITLE = "title"
    HEADER = "header"
    TEXT = "text"
    INTEGER = "integer"
    MONEY = "money"
    PERCENT = "percent"
    DATE = "date"
    DATETIME = "datetime"
    TOTAL = "total"
    NOTE = "note"
    ANSWER = "answer"
    ANSWER_DATE = "answer_date"
    TICK = "tick"


@dataclass(frozen=True)
class Shown:
    """A cell of a generated tab: dates as serial numbers, percents as fractions, money as a
    number. `choices` are offered in a drop-down, where anything else may be typed too; `link` is
    where a click leads ("#gid=17&range=F2").
    """

    value: Cell = None
    style: Style = Style.PLAIN
    choices: tuple[str, ...] = ()
    link: str = ""


@dataclass(frozen=True)
class Grid:
    """A generated tab: rows of shown cells, widths in pixels by column, frozen heading rows.
    `passing` are columns whose numbers grow with each look: no reason to write the tab anew.
    """

    rows: tuple[tuple[Shown, ...], ...]
    widths: tuple[int, ...] = ()
    frozen: int = 1
    passing: frozenset[int] = frozenset()

    @property
    def width(self) -> int:
        """The number of columns of the widest row."""
        return max((len(row) for row in self.rows), default=0)

    @property
    def values(self) -> list[list[Cell]]:
        """What the cells hold, as one reads them back."""
        return [[cell.value for cell in row] for row in self.rows]


def column_letter(index: int) -> str:
    """The letters of a zero-based column: 0 is A, 26 is AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def column_index(letters: str) -> int:
    """The zero-based column of its letters: A is 0, AA is 26."""
    index = 0
    for letter in letters.upper():
        index = index * 26 + ord(letter) - ord("A") + 1
    return index - 1


def cell_name(row: int, column: int) -> str:
    """A place as people write it: (0, 0) is A1."""
    return f"{column_letter(column)}{row + 1}"
