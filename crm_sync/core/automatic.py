"""Conflicts that need no person: texts changed in different places, and fields for which the
company has said whose value stays. And fields that conflict together though each alone would merge.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Literal

from crm_sync.core.prose import merge_prose
from crm_sync.core.schema import Field, Table
from crm_sync.core.values import N_, Absent, Reading, Scalar, Unreadable


class Policy(StrEnum):
    """Whose value stays when both sides changed a field: nobody's until a person decides, always
    the sheet's, always the store's, or the store's when it is surely the later one.
    """

    ASK = "ask"
    SHEET = "sheet"
    STORE = "store"
    NEWEST = "newest"


def _never(record_id: str, name: str) -> bool:
    return False


@dataclass(frozen=True)
class Automatic:
    """How the conflicts of one table are decided. `policies` are by field, ASK for all others;
    `store_is_newer` tells (by record id and field) whether the store's change is surely later than
    anything that was typed in the workbook.
    """

    policies: Mapping[str, Policy] = field(default_factory=dict)
    store_is_newer: Callable[[str, str], bool] = _never


ASK_ALL: Final = Automatic()


@dataclass(frozen=True)
class Outcome:
    """A conflict decided: the value that stays, and what to tell of it (a template for `tab`,
    `id`, `heading`, `kept` and `left`).
    """

    value: Scalar
    told: str


def decide(
    automatic: Automatic,
    item: Field,
    record_id: str,
    base: Scalar | Literal[Absent.ABSENT],
    ours: Scalar,
    theirs: Scalar,
) -> Outcome | None:
    """What becomes of a field that both sides changed; None if a person has to decide."""
    match automatic.policies.get(item.name, Policy.ASK):
        case Policy.SHEET:
            return Outcome(theirs, _KEPT_SHEET)
        case Policy.STORE:
            return Outcome(ours, _KEPT_STORE)
        case Policy.NEWEST if automatic.store_is_newer(record_id, item.name):
            return Outcome(ours, _KEPT_NEWER)
    if item.prose and isinstance(base, str) and isinstance(ours, str) and isinstance(theirs, str):
        merged = merge_prose(base, ours, theirs)
        if merged is not None and len(merged) <= (item.max_length or len(merged)):
            return Outcome(merged, _MERGED)
    return None


_KEPT_SHEET: Final = N_(
    "{tab}, {id}, “{heading}” was changed on both sides; as agreed, the sheet's “{kept}” stays, "
    "not the store's “{left}”."
)
_KEPT_STORE: Final = N_(
    "{tab}, {id}, “{heading}” was changed on both sides; as agreed, the store's “{kept}” stays, "
    "not the sheet's “{left}”."
)
_KEPT_NEWER: Final = N_(
    "{tab}, {id}, “{heading}” was changed on both sides; the store's “{kept}” is the later one and "
    "stays, not the sheet's “{left}”."
)
_MERGED: Final = N_(
    "{tab}, {id}, “{heading}” was changed on both sides in different places; both changes stand "
    "in it now."
)


def divided(
    table: Table,
    base: Mapping[str, Scalar],
    ours: Mapping[str, Scalar],
    theirs: Mapping[str, Reading],
) -> frozenset[str]:
    """The fields of groups that belong together (an amount and its currency) of which one side
    changed one field and the other side another: merged, they would say what nobody meant.
    """
    found: set[str] = set()
    for group in table.groups:
        known = [name for name in group if name in base and name in ours and name in theirs]
        read = [name for name in known if not isinstance(theirs[name], (Unreadable, Absent))]
        apart = {name for name in read if ours[name] != theirs[name]}
        mine = {name for name in apart if ours[name] != base[name]}
        others = {name for name in apart if theirs[name] != base[name]}
        if mine and others and len(mine | others) > 1:
            found |= apart
    return frozenset(found)
