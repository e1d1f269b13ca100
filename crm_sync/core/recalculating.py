"""Which columns a formula reads, as far as its text tells."""

from __future__ import annotations

import re
from typing import Final

from crm_sync.core.grid import column_index

_TEXT: Final = re.compile(r'"(?:[^"]|"")*"')
_OPERAND: Final = re.compile(r"[$\w.]+(?:\s*:\s*[$\w.]+)?\s*\(?")
_PLACE: Final = re.compile(r"\$?([A-Za-z]{1,3})(\$?[1-9][0-9]*)?")
_CONSTANT: Final = re.compile(r"[0-9]+(?:\.[0-9]+)?|TRUE|FALSE", re.IGNORECASE)
_ANYWHERE: Final = frozenset({"INDIRECT", "OFFSET"})


def columns_read(formula: str) -> frozenset[int] | None:
    """The zero-based columns of its own tab whose cells the formula reads; None if it may read any
    cell, of other tabs too, or if nobody can say.
    """
    text = _TEXT.sub("", formula)
    if not text or "!" in text or "'" in text:
        return None
    found: set[int] = set()
    for operand in _OPERAND.findall(text):
        if operand.endswith("("):
            if ":" in operand or operand[:-1].strip().upper() in _ANYWHERE:
                return None
            continue
        columns = _columns(operand)
        if columns is None:
            return None
        found |= columns
    return frozenset(found)


def _columns(operand: str) -> set[int] | None:
    """The columns of a cell, a range or a constant; None for anything else."""
    if _CONSTANT.fullmatch(operand.strip()):
        return set()
    places = [_PLACE.fullmatch(part.strip()) for part in operand.split(":")]
    letters = [place[1] for place in places if place and (place[2] or len(places) > 1)]
    if len(letters) < len(places):
        return None
    ends = sorted(column_index(letter) for letter in letters)
    return set(range(ends[0], ends[-1] + 1))
