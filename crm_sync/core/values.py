"""Cells as a spreadsheet gives them, and canonical values as the store keeps them.

"Absent" (no such column), "empty" and "unreadable" are three different things and never mixed:
`ABSENT`, `None` and an `Unreadable`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final, Literal, TypeAlias

Cell: TypeAlias = str | int | float | bool | None
"""A cell's unformatted value: text, number (dates are serial days since 1899-12-30), boolean;
None = blank.
"""

Scalar: TypeAlias = str | int | None
"""A canonical value, just as its SQLite column holds it: text, decimals and dates as text, whole
numbers and booleans (0/1) as int; None = empty. Two values agree when they are equal.
"""


def N_(message: str) -> str:  # noqa: N802 - the name that gettext's tools know
    """The message itself: marks a template that people will see, so its Russian is asked for."""
    return message


class Absent(Enum):
    """The type of `ABSENT`."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT
"""The sheet has no such column: nothing is said about the field."""


@dataclass(frozen=True)
class Unreadable:
    """A cell that cannot be read as what its column demands.

    `code` is a rule of crm-model 2.5 (V01 to V16); `reason` and `remedy` are message templates that
    `params` fills; `typed` is what stands in the cell, as text.
    """

    typed: str
    code: str
    reason: str
    remedy: str = ""
    params: Mapping[str, str] = field(default_factory=dict)


Reading: TypeAlias = Scalar | Unreadable | Literal[Absent.ABSENT]
"""What a sheet says about one field of one record."""


def is_blank(cell: Cell) -> bool:
    """True for a cell that holds nothing to be read: no value, or only white space."""
    return cell is None or (isinstance(cell, str) and (not cell or cell.isspace()))


def cell_text(cell: Cell) -> str:
    """The cell as text for messages and comparisons: whole floats without ".0", booleans as in
    English.
    """
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return str(cell)


def same_cell(left: Cell, right: Cell) -> bool:
    """True when two cells hold the same: blank equals "", 5 equals 5.0, but text "5" is not the
    number 5.
    """
    if left is None or left == "":
        return right is None or right == ""
    if isinstance(left, str) or isinstance(right, str):
        return isinstance(left, str) and isinstance(right, str) and left == right
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    return left == right
