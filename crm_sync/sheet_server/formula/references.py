"""References as formulas write them: `$A1`, `'It''s a tab'!A2:B`, `3:4`.

Rows and columns are zero-based here and one-based or lettered in text. A bound that the text
leaves open (`A2:A` has no last row) is None.
"""

import re
from dataclasses import dataclass, replace
from functools import lru_cache

MAX_COLUMNS = 18_278
"""Columns A to ZZZ."""

_PLAIN_TITLE = re.compile(r"[^\W\d]\w*")
_LOOKS_LIKE_CELL = re.compile(r"[A-Za-z]{1,3}\d+|[Rr]\d*[Cc]\d*")
_END = re.compile(r"(\$?)([A-Za-z]{1,3})?(\$?)(\d+)?")


@lru_cache(maxsize=1024)
def column_name(index: int) -> str:
    """The letters of a zero-based column: 0 is A, 26 is AA."""
    letters = ""
    rest = index + 1
    while rest:
        rest, digit = divmod(rest - 1, 26)
        letters = chr(65 + digit) + letters
    return letters


@lru_cache(maxsize=1024)
def column_index(letters: str) -> int:
    """The zero-based column of its letters."""
    index = 0
    for letter in letters.upper():
        index = index * 26 + ord(letter) - 64
    return index - 1


def quoted_title(title: str) -> str:
    """A sheet's title as a formula writes it: quoted unless it is a plain word."""
    if _PLAIN_TITLE.fullmatch(title) and not _LOOKS_LIKE_CELL.fullmatch(title):
        return title
    return "'" + title.replace("'", "''") + "'"


def unquoted_title(text: str) -> str:
    """The title behind the form that a formula writes."""
    return text[1:-1].replace("''", "'") if text.startswith("'") else text


@dataclass(frozen=True, slots=True)
class Corner:
    """One end of a reference; a row or a column that is not given is None (`A:A`, `2:2`)."""

    row: int | None
    column: int | None
    row_fixed: bool = False
    column_fixed: bool = False

    @property
    def text(self) -> str:
        """A1 notation, with its `$` signs."""
        column = "" if self.column is None else column_name(self.column)
        row = "" if self.row is None else str(self.row + 1)
        return ("$" * self.column_fixed + column) + ("$" * self.row_fixed + row)

    def shifted(self, rows: int, columns: int) -> "Corner | None":
        """The corner moved, where it is not fixed; None if that leaves the sheet."""
        row = self.row if self.row is None or self.row_fixed else self.row + rows
        column = self.column if self.column is None or self.column_fixed else self.column + columns
        if (row is not None and row < 0) or not (column is None or 0 <= column < MAX_COLUMNS):
            return None
        return replace(self, row=row, column=column)


@dataclass(frozen=True, slots=True)
class Reference:
    """A cell (`last` is None) or a range, on a named sheet or on the formula's own (None)."""

    sheet: str | None
    first: Corner
    last: Corner | None = None

    @property
    def text(self) -> str:
        """The reference as a formula writes it."""
        prefix = "" if self.sheet is None else f"{quoted_title(self.sheet)}!"
        suffix = "" if self.last is None else f":{self.last.text}"
        return prefix + self.first.text + suffix

    @property
    def bounds(self) -> "Bounds":
        """The cells meant, with the smaller row and column first."""
        if self.last is None:
            assert self.first.row is not None
            assert self.first.column is not None
            return Bounds(self.first.row, self.first.column, self.first.row, self.first.column)
        top, bottom = _span(self.first.row, self.last.row)
        left, right = _span(self.first.column, self.last.column)
        return Bounds(top, left, bottom, right)

    def shifted(self, rows: int, columns: int) -> "Reference | None":
        """The reference as it reads in a copy that lies so many rows and columns further."""
        first = self.first.shifted(rows, columns)
        last = None if self.last is None else self.last.shifted(rows, columns)
        if first is None or (self.last is not None and last is None):
            return None
        return Reference(self.sheet, first, last)


@dataclass(frozen=True, slots=True)
class Bounds:
    """A rectangle, all four inclusive; an open side (`bottom`, `right`) is None."""

    top: int
    left: int
    bottom: int | None
    right: int | None


def _span(first: int | None, last: int | None) -> tuple[int, int | None]:
    if first is None or last is None:
        start = first if first is not None else last
        return start or 0, None
    return min(first, last), max(first, last)


def parse_reference(text: str) -> Reference | None:
    """The reference that this text is, or None; `B1:B1` is the cell `B1`, as Google writes it."""
    title, mark, cells = text.rpartition("!")
    sheet = unquoted_title(title) if mark else None
    start, colon, end = cells.partition(":")
    first = _corner(start)
    last = _corner(end) if colon else None
    if first is None or (colon and last is None):
        return None
    if not colon and (first.row is None or first.column is None):
        return None
    if first == last and first.row is not None and first.column is not None:
        last = None
    return Reference(sheet, first, last)


def _corner(text: str) -> Corner | None:
    match = _END.fullmatch(text)
    if match is None or not (match[2] or match[4]):
        return None
    first_sign, letters, second_sign, digits = match.groups()
    if digits == "0" or (digits and digits.startswith("0")):
        return None
    if not letters:
        # "$2": the one sign belongs to the row.
        return Corner(int(digits) - 1, None, bool(first_sign or second_sign), False)
    if second_sign and not digits:
        return None
    column = column_index(letters)
    row = int(digits) - 1 if digits else None
    return Corner(row, column, bool(second_sign), bool(first_sign))
