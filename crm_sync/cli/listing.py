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
        self._sections: dict[int, Text] = {}

    def __len__(self) -> int:
        return len(self._columns)

    def add(self, *cells: Text) -> None:
        """Adds a row; cells that are missing at its end are blank."""
        for number, column in enumerate(self._columns):
            column.cells.append(cells[number] if number < len(cells) else Text())

    def begin(self, section: Text) -> None:
        """Puts a line of its own, over all columns, before the rows to come."""
        self._sections[len(self._columns[0].cells)] = section

    def align_right(self, number: int) -> None:
        """Sets a column of numbers to the right, and keeps them whole."""
        self._columns[number].right = self._columns[number].whole = True

    def keep_whole(self, number: int) -> None:
        """Keeps the cells of a column in one line."""
        self._columns[number].whole = True

    def fitted(self, room: int) -> list[Table | Text]:
        """The parts to be printed one below the other, for so many columns of a terminal."""
        widths = _widths(self._columns, room)
        height = len(self._columns[0].cells)
        starts = sorted({0, *self._sections})
        parts: list[Table | Text] = []
        for start, end in zip(starts, [*starts[1:], height], strict=True):
            if start == 0 and start in self._sections:
                parts.append(self._part(widths, 0, 0))
            if start in self._sections:
                parts.append(self._sections[start])
            parts.append(self._part(widths, start, end))
        return parts

    def lines(self) -> list[str] | None:
        """The same for what has room for everything and shows no styles: each row as one line, in a
        tenth of the time. None if a cell has more lines than one.
        """
        columns = [[item.plain for item in column.cells] for column in self._columns]
        if any("\n" in text for texts in columns for text in texts):
            return None
        widths = [column.natural for column in self._columns]
        padded = [
            [_padded(text, width, right=column.right) for text in (column.heading.plain, *texts)]
            for column, texts, width in zip(self._columns, columns, widths, strict=True)
        ]
        heading, *rows = ((" " * GAP).join(row).rstrip() for row in zip(*padded, strict=True))
        found = [heading, "─" * _total(widths)]
        for number, row in enumerate(rows):
            if number in self._sections:
                found.append(self._sections[number].plain)
            found.append(row)
        if len(rows) in self._sections:
            found.append(self._sections[len(rows)].plain)
        return found

    def _part(self, widths: Sequence[int], start: int, end: int) -> Table:
        """The rows from `start` to before `end`; the first part has the headings."""
        made = Table(
            box=box.SIMPLE_HEAD,
            show_edge=False,
            pad_edge=False,
            padding=(0, 1, 0, 0),
            show_header=start == 0 and (end == 0 or 0 not in self._sections),
        )
        shown = self._columns[: len(widths)]
        for column, width in zip(shown, widths, strict=True):
            justify = "right" if column.right else "left"
            made.add_column(column.heading, width=width, justify=justify, overflow="fold")  # type: ignore[arg-type]
        for row in zip(*(column.cells[start:end] for column in shown), strict=True):
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


def _padded(text: str, width: int, *, right: bool) -> str:
    if right:
        text = text.rstrip()
        return " " * (width - cell_len(text)) + text
    return text + " " * (width - cell_len(text))
