"""Merges and conditional formats of a copied range, laid over its destination."""

from __future__ import annotations

from collections.abc import Iterator

from crm_sync.sheet_server.batch.merging import as_range, without_merges
from crm_sync.sheet_server.grid import Area
from crm_sync.sheet_server.ranges import bounded
from crm_sync.sheet_server.workbook import Sheet


def copy_merges(origin: Sheet, source: Area, sheet: Sheet, target: Area) -> None:
    """Repeats the merges within the source over the target, whose own merges go.

    ApiError 400 when the target cuts a merge.
    """
    inside = [
        merged for merge in origin.part("merges") if source.covers(merged := bounded(origin, merge))
    ]
    if not inside and "merges" not in sheet.parts:
        return
    if origin is sheet and source.meets(target):
        return
    merges = without_merges(sheet, target)
    for merged in inside:
        merges.extend(
            as_range(moved)
            for moved in _repeated(merged, source, sheet, target)
            if target.covers(moved)
        )
    sheet.set_part("merges", merges)


def copy_rules(origin: Sheet, source: Area, sheet: Sheet, target: Area) -> None:
    """Lets the conditional formats of the source hold in the target, too."""
    rules = origin.part("conditionalFormats")
    added = []
    for place, rule in enumerate(rules):
        ranges = [
            as_range(moved)
            for held in rule["ranges"]
            if (part := _common(bounded(origin, held), source)) is not None
            for moved in _repeated(part, source, sheet, target)
        ]
        if not ranges:
            continue
        if origin is sheet:
            fresh = [held for held in ranges if held not in rule["ranges"]]
            rules[place] = {**rule, "ranges": [*rule["ranges"], *fresh]}
        else:
            added.append({**rule, "ranges": ranges})
    if origin is sheet:
        origin.set_part("conditionalFormats", rules)
    else:
        sheet.set_part("conditionalFormats", [*sheet.part("conditionalFormats"), *added])


def _common(one: Area, other: Area) -> Area | None:
    if not one.meets(other):
        return None
    return Area(
        one.sheet_id,
        max(one.top, other.top),
        min(one.bottom, other.bottom),
        max(one.left, other.left),
        min(one.right, other.right),
    )


def _repeated(part: Area, source: Area, sheet: Sheet, target: Area) -> Iterator[Area]:
    """The part wherever the source is repeated in the target."""
    for top in range(target.top, target.bottom, source.height):
        for left in range(target.left, target.right, source.width):
            down, right = top - source.top, left - source.left
            yield Area(
                sheet.id, part.top + down, part.bottom + down, part.left + right, part.right + right
            )
