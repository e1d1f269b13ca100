"""Values that come back: an edit that was undone, two who undo each other's work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Final

from crm_sync.core.values import Scalar

GONE_BACK: Final = "BACK"
"""The code of the remark about a value that the sheet put back in place of a newer one."""

SWINGING: Final = "SWING"
"""The code of the warning about a cell that goes to and fro."""

SWINGS: Final = 4
"""From so many changes in a row between the same two values on, it is no chance."""


@dataclass(frozen=True)
class Step:
    """One change of a field: from which value to which, when, through what."""

    old: Scalar
    new: Scalar
    at: datetime
    source: str


def gone_back(steps: Sequence[Step], source: str, since: datetime) -> Step | None:
    """The change that the last one took back, if that came from the sheet (`source`) after `since`,
    and what it took back from elsewhere.
    """
    if len(steps) < 2:
        return None
    before, last = steps[-2:]
    undone = (last.old, last.new) == (before.new, before.old)
    return before if undone and before.source != source == last.source and last.at > since else None


def swinging(steps: Sequence[Step], since: datetime) -> bool:
    """True if the last changes, all after `since`, went to and fro between two values."""
    last = steps[-SWINGS:]
    return (
        len(last) == SWINGS
        and last[0].at > since
        and last[0].old != last[0].new
        and all((old.old, old.new) == (new.new, new.old) for old, new in pairwise(last))
    )
