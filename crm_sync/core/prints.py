"""The print of a row: by it an unchanged row is known without being parsed.

A print is made of the bytes in which the row arrived. What a row will look like after a write of
ours is foreseen: should the spreadsheet tell it differently, the row only is looked at once more.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import orjson
from xxhash import xxh3_128_digest

from crm_sync.core.values import Cell

SIZE: Final = 16
"""The bytes of a print. The prints of a tab are one `bytes`, in the order of its rows."""

UNKNOWN: Final = bytes(SIZE)
"""The print of a row of which nothing is known: it equals no other, not even itself."""


def prints_of(rows: Iterable[bytes]) -> bytes:
    """The prints of rows in the JSON in which they arrived."""
    return b"".join(map(xxh3_128_digest, rows))


def foreseen(cells: Sequence[Cell]) -> bytes:
    """The print that a row of these cells has when it is read again."""
    shown: list[Cell] = [
        "" if cell is None else cell if cell.__class__ is not float else _plain(cell)
        for cell in cells
    ]
    while shown and shown[-1] == "":
        shown.pop()
    try:
        return xxh3_128_digest(orjson.dumps(shown))
    except TypeError:
        return UNKNOWN


def at(prints: bytes, row: int) -> bytes:
    """The print of one row."""
    return prints[row * SIZE : (row + 1) * SIZE]


def split(prints: bytes) -> list[bytes]:
    """The prints one by one."""
    return [prints[start : start + SIZE] for start in range(0, len(prints), SIZE)]


BLANK: Final = foreseen(())
"""The print of a row without any cell."""


def _plain(cell: Cell) -> Cell:
    """A whole number as spreadsheets tell it: without a point."""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return int(cell)
    return cell
