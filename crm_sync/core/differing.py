"""What differs between two texts, sign by sign, for people who have to choose."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import groupby

LONGEST = 4000
"""Longer texts are compared line by line: sign by sign would take minutes."""

ALIKE = 0.5
"""Less alike than this, two texts are shown one after the other: the signs that they share by
chance tell nothing.
"""


class Piece(StrEnum):
    """What became of a piece of the older text."""

    SAME = "same"
    GONE = "gone"
    NEW = "new"


def pieces(old: str, new: str) -> Iterator[tuple[Piece, str]]:
    """The newer text with what is gone from the older one, in order: put together, all but NEW is
    the older text, and all but GONE the newer one.
    """
    if max(len(old), len(new)) > LONGEST:
        left: list[str] | str = old.splitlines(keepends=True)
        right: list[str] | str = new.splitlines(keepends=True)
    else:
        left, right = old, new
    matcher = SequenceMatcher(None, left, right, autojunk=False)
    if matcher.ratio() < ALIKE:
        yield from ((kind, text) for kind, text in ((Piece.GONE, old), (Piece.NEW, new)) if text)
        return
    found: list[tuple[Piece, str]] = []
    for tag, start, end, begin, stop in matcher.get_opcodes():
        if tag == "equal":
            found.append((Piece.SAME, "".join(left[start:end])))
            continue
        found.append((Piece.GONE, "".join(left[start:end])))
        found.append((Piece.NEW, "".join(right[begin:stop])))
    for kind, alike in groupby((each for each in found if each[1]), key=lambda each: each[0]):
        yield kind, "".join(text for _, text in alike)


def marked(old: str, new: str) -> str:
    """The same in signs that any place can show: `[-old-]{+new+}`."""
    signs = {Piece.SAME: "{}", Piece.GONE: "[-{}-]", Piece.NEW: "{{+{}+}}"}
    return "".join(signs[kind].format(text) for kind, text in pieces(old, new))
