"""Tables that fit: columns share the room there is, and no number or name is broken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from rich import box
from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

GAP = 2
LEAST = 10
"""To so many characters a column of texts may shrink; a longer word in it is broken."""


@dataclass
class _Column:
    heading: Text
    cells: list[Text] = field(default_factory=list)
    right: bool = False
    whole: bool = False

    @property
    def natural(self) -> int:
        """The width in which nothing is broken."""
        return max(item.cell_len for item in (self.heading, *self.cells))

    @property
    def least(self) -> int:
        """The width below which something would be broken that must not be: any cell of a whole
        column, else a word of its heading.
        """
        longest = max((item.cell_len for item in self.cells), default=0)
        words = max((cell_len(word) for word in self.heading.plain.split()), default=0)
        return max(words, longest if self.whole else min(longest, LEAST), 1)


class Listing:
    """Rows under headings. The columns that are not `whole` give way where there is no room; if
    that is not enough, columns at the end are left out.
    """

    def __init__(self, *headings: Text) -> None:
        self._columns = [_Column(heading) for heading in headings]

    def __len__(self) -> int:
        return len(self._columns)

    def add(self, *cells: Text) -> None:
        """Adds a row; cells that are missing at its end are blank."""
        for number, column in enumerate(self._columns):
            column.cells.append(cells[number] if number < len(cells) else Text())

    def align_right(self, number: int) -> None:
        """Sets a column of numbers to the right, and keeps them whole."""
        self._columns[number].right = self._columns[number].whole = True

    def keep_whole(self, number: int) -> None:
        """Keeps the cells of a column in one line."""
        self._columns[number].whole = True

    def fitted(self, room: int) -> Table:
        """The table for so many columns of a terminal."""
        widths = _widths(self._columns, room)
        made = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
        shown = self._columns[: len(widths)]
        for column, width in zip(shown, widths, strict=True):
            justify = "right" if column.right else "left"
            made.add_column(column.heading, width=width, justify=justify, overflow="fold")  # type: ignore[arg-type]
        for row in zip(*(column.cells for column in shown), strict=True):
            made.add_row(*row)
        return made


def _widths(columns: Sequence[_Column], room: int) -> list[int]:
    """A width for each column, as many of the first ones as there is room for."""
    least = [column.least for column in columns]
    while len(least) > 1 and _total(least) > room:
        least.pop()
    widths = [column.natural for column in columns[: len(least)]]
    while _total(widths) > room:
        # The one with the most to spare gives way; the last of them, if there are several.
        spare, number = max((width - least[at], at) for at, width in enumerate(widths))
        if spare <= 0:
            widths[number] = max(widths[number] - (_total(widths) - room), 1)
            break
        widths[number] -= 1
    return widths


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + GAP * (len(widths) - 1)
