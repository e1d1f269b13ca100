"""Which rows of a sheet another version of it does not share: found without looking at the rest.

Both versions hold the same object where nothing changed, so whole stretches are compared at once,
at the speed of comparing two lists of pointers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from crm_sync.sheet_server.grid import Row

Rows = list[Row | None]

_STRETCH = 512


@dataclass(frozen=True, slots=True)
class RowChanges:
    """Rows that are new or changed, keys that are gone, whether any place has another key now."""

    changed: list[Row]
    gone: list[int]
    is_rearranged: bool


def row_changes(before: Rows, after: Rows) -> RowChanges:
    """What makes `after` of `before`. No row object may stand in two places of a version."""
    old, new, is_rearranged = _unshared(before, after)
    shared = set(old).intersection(new)
    present = {row.key for row in new if row is not None}
    return RowChanges(
        [row for row in new if row is not None and row not in shared],
        [row.key for row in old if row is not None and row.key not in present],
        is_rearranged,
    )


def _unshared(before: Rows, after: Rows) -> tuple[Rows, Rows, bool]:
    """Both versions without the places that are alike, and whether keys stand elsewhere."""
    if len(before) == len(after):
        pairs = list(_different_pairs(before, after))
        is_rearranged = any(_key(old) != _key(new) for old, new in pairs)
        return [old for old, _ in pairs], [new for _, new in pairs], is_rearranged
    start = _alike(before, after)
    rest = min(len(before), len(after)) - start
    # Stretches from the end, which may not reach into those from the start.
    end = min(_alike(before[::-1], after[::-1]), rest)
    return before[start : len(before) - end], after[start : len(after) - end], True


def _different_pairs(before: Rows, after: Rows) -> Iterator[tuple[Row | None, Row | None]]:
    for start in range(0, len(before), _STRETCH):
        old, new = before[start : start + _STRETCH], after[start : start + _STRETCH]
        if old != new:
            for pair in zip(old, new, strict=True):
                if pair[0] is not pair[1]:
                    yield pair


def _alike(before: Rows, after: Rows) -> int:
    """How many rows at the start are the same, counted in whole stretches."""
    count = 0
    while count < min(len(before), len(after)):
        end = count + _STRETCH
        if before[count:end] != after[count:end]:
            break
        count = end
    return min(count, len(before), len(after))


def _key(row: Row | None) -> int:
    return 0 if row is None else row.key
