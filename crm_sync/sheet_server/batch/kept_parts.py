"""Parts of a sheet that have an id of their own: filter views, charts, bands, slicers, tables."""

from __future__ import annotations

from typing import Any, NamedTuple

from crm_sync.sheet_server.api_error import invalid
from crm_sync.sheet_server.batch.context import Batch
from crm_sync.sheet_server.workbook import Json, Sheet


class PartKind(NamedTuple):
    """Name of the part in a sheet, member with the id, and what errors call it."""

    part: str
    id_name: str
    label: str


FILTER_VIEW = PartKind("filterViews", "filterViewId", "filter view")
CHART = PartKind("charts", "chartId", "chart")
BANDED_RANGE = PartKind("bandedRanges", "bandedRangeId", "banded range")
SLICER = PartKind("slicers", "slicerId", "slicer")
TABLE = PartKind("tables", "tableId", "table")
PROTECTED_RANGE = PartKind("protectedRanges", "protectedRangeId", "protected range")


class Found(NamedTuple):
    """A part where it lies: the sheet, its place in the list there, its JSON."""

    sheet: Sheet
    place: int
    entry: Json


def look_for(batch: Batch, kind: PartKind, part_id: Any) -> Found | None:
    """The part with this id, on whatever sheet, or None."""
    for sheet in batch.workbook.sheets:
        for place, entry in enumerate(sheet.parts.get(kind.part, ())):
            if entry.get(kind.id_name) == part_id:
                return Found(sheet, place, entry)
    return None


def find(batch: Batch, kind: PartKind, part_id: Any) -> Found:
    """The part with this id. ApiError 400 if there is none."""
    found = look_for(batch, kind, part_id)
    if found is None:
        raise invalid(f"No {kind.label} with id: {part_id}")
    return found


def fresh_id(batch: Batch, kind: PartKind, given: Any) -> Any:
    """The given id, or a random one if none is given. ApiError 400 if it is taken."""
    if given:
        if look_for(batch, kind, given) is not None:
            raise invalid(f"{kind.label.capitalize()} with id {given} already exists.")
        return given
    return batch.new_id(lambda number: look_for(batch, kind, number) is not None)


def add(sheet: Sheet, kind: PartKind, entry: Json) -> None:
    """Adds a part at the end of its list."""
    sheet.set_part(kind.part, [*sheet.part(kind.part), entry])


def replace(batch: Batch, kind: PartKind, found: Found, entry: Json, sheet_id: int) -> None:
    """Puts another JSON in the part's place, or at the end of another sheet's list."""
    if found.sheet.id == sheet_id:
        rest = found.sheet.part(kind.part)
        rest[found.place] = entry
        found.sheet.set_part(kind.part, rest)
        return
    target = batch.sheet(sheet_id)
    remove(kind, found)
    add(target, kind, entry)


def remove(kind: PartKind, found: Found) -> None:
    """Takes a part away."""
    rest = found.sheet.part(kind.part)
    rest.pop(found.place)
    found.sheet.set_part(kind.part, rest)
