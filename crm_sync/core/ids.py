"""How an id is written: prefix, running number, check digit."""

from __future__ import annotations

from crm_sync.core.schema import Table
from crm_sync.core.values import Cell

# H. M. Damm, "Total anti-symmetrische Quasigruppen", Marburg 2004: finds every single wrong digit
# and every swap of two neighbours. Leading zeros do not change the check digit.
_DAMM = (
    (0, 3, 1, 7, 5, 9, 8, 6, 4, 2),
    (7, 0, 9, 2, 1, 5, 4, 8, 6, 3),
    (4, 2, 0, 6, 8, 7, 1, 3, 5, 9),
    (1, 7, 5, 0, 9, 8, 3, 4, 2, 6),
    (6, 1, 2, 3, 0, 4, 5, 9, 7, 8),
    (3, 6, 7, 4, 2, 0, 9, 5, 8, 1),
    (5, 8, 6, 9, 7, 2, 0, 1, 3, 4),
    (8, 9, 4, 5, 3, 6, 2, 0, 1, 7),
    (9, 4, 3, 8, 6, 1, 7, 2, 0, 5),
    (2, 5, 8, 1, 4, 3, 6, 7, 9, 0),
)


def check_digit(digits: str) -> int:
    """The Damm digit of a string of digits; 0 for a string that already ends with its own."""
    interim = 0
    for digit in digits:
        interim = _DAMM[interim][int(digit)]
    return interim


def written(table: Table, number: int) -> str:
    """The id of the table's n-th record: 12 is "C-000125" where six digits are usual. The last
    digit is the check digit; numbers that need more digits get them.
    """
    digits = str(number).zfill(table.digits - 1)
    return f"{table.prefix}-{digits}{check_digit(digits)}"


def number_of(table: Table, cell: Cell) -> int | None:
    """The running number in an id of this table, None for anything that no store gave out: another
    prefix, too few digits, a wrong check digit.
    """
    if not isinstance(cell, str):
        return None
    digits = cell.strip().upper().removeprefix(f"{table.prefix}-")
    if digits == cell or len(digits) < table.digits or not (digits.isascii() and digits.isdigit()):
        return None
    return None if check_digit(digits) else int(digits[:-1])
