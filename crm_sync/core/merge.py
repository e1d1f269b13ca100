"""The three-way merge of one field: the table that decides everything else."""

from __future__ import annotations

from enum import Enum
from typing import Literal

from crm_sync.core.values import ABSENT, Absent, Reading, Scalar, Unreadable


class Decision(Enum):
    """What becomes of one field."""

    AGREE = "both sides hold the same"
    TO_STORE = "the sheet changed it: the store takes it over"
    TO_SHEET = "the store changed it: the sheet takes it over"
    CONFLICT = "both changed it, differently: a person decides"
    UNREAD = "the sheet says nothing that can be used: both sides stay"


def merge(base: Scalar | Literal[Absent.ABSENT], ours: Scalar, theirs: Reading) -> Decision:
    """Decides one field. `base` is ABSENT when the two sides never agreed on it.

            base
           /    \\
        ours    theirs        equal ends agree; one changed side wins; two are a conflict

    Without a base an empty side gives way, since nothing was typed there; two filled ones that
    differ are a conflict, never a guess.
    """
    if theirs is ABSENT or isinstance(theirs, Unreadable):
        return Decision.UNREAD
    if ours == theirs:
        return Decision.AGREE
    if base is ABSENT:
        if theirs is None:
            return Decision.TO_SHEET
        return Decision.TO_STORE if ours is None else Decision.CONFLICT
    if theirs == base:
        return Decision.TO_SHEET
    if ours == base:
        return Decision.TO_STORE
    return Decision.CONFLICT
