"""Merges long texts that both sides changed in different places.

The unit is a sentence or a line, never a word: "call on Tuesday at 5", "call on Monday at 6" have
no merge that anybody meant.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Final

# A line with its end, or a sentence with the blanks behind it.
_UNIT: Final = re.compile(r".*?(?:[.!?;…]+\s+|\n|$)", re.DOTALL)

Edit = tuple[int, int, tuple[str, ...]]
"""Units `start` to `end` (excluded) of the base, and what stands there now."""


def merge_prose(base: str, ours: str, theirs: str) -> str | None:
    """The text with the changes of both sides, None if they touch the same or neighbouring units.

    Every unit that either side wrote stands in it, and none that either side took away:
    merge(b, b, t) = t, merge(b, o, b) = o, merge(b, x, x) = x, and ours and theirs may change
    places.
    """
    if ours == theirs or theirs == base:
        return ours
    if ours == base:
        return theirs
    units = _units(base)
    mine, others = _edits(units, _units(ours)), _edits(units, _units(theirs))
    edits: list[Edit] = []
    for edit in sorted({*mine, *others}):
        if edits and edit[0] <= edits[-1][1]:
            return None
        edits.append(edit)
    merged: list[str] = []
    at = 0
    for start, end, new in edits:
        merged.extend((*units[at:start], *new))
        at = end
    return "".join((*merged, *units[at:]))


def _units(text: str) -> list[str]:
    return [unit for unit in _UNIT.findall(text) if unit]


def _edits(base: Sequence[str], changed: Sequence[str]) -> list[Edit]:
    matcher = SequenceMatcher(None, base, changed, autojunk=False)
    return [
        (start, end, tuple(changed[left:right]))
        for tag, start, end, left, right in matcher.get_opcodes()
        if tag != "equal"
    ]
