"""Ranges that follow their rows and columns: merges, filters, protection, names, metadata.

Kept JSON holds ranges at many depths: a rule's ranges, a chart's sources. See `ranges`.
"""

from __future__ import annotations

from typing import Any

from crm_sync.sheet_server.intervals import Shift
from crm_sync.sheet_server.ranges import RangeKind, range_kind
from crm_sync.sheet_server.workbook import Json, Sheet, Workbook

_GONE: Any = object()


def shift_structures(workbook: Workbook, sheet: Sheet, dimension: str, shift: Shift) -> None:
    """Moves all ranges of a workbook that lie on the sheet; those with no cell left go."""
    mover = _Mover(sheet, dimension, shift)
    for other in workbook.sheets:
        for name, part in list(other.parts.items()):
            moved = mover.walk(part, name)
            if moved is _GONE:
                other.parts.pop(name)
            elif moved is not part:
                other.set_part(name, _tidy_merges(moved) if name == "merges" else moved)
    if dimension == "COLUMNS":
        _shift_filter_columns(sheet, shift)
    for name_id, entry in list(workbook.named_ranges.items()):
        moved = mover.walk(entry)
        if moved is _GONE:
            del workbook.named_ranges[name_id]
        elif moved is not entry:
            workbook.named_ranges[name_id] = moved
    _shift_metadata(workbook, mover)


def _shift_metadata(workbook: Workbook, mover: _Mover) -> None:
    for key, entry in list(workbook.metadata.items()):
        where = entry["location"].get("dimensionRange")
        if where is None:
            continue
        moved = mover.walk(where)
        if moved is _GONE:
            del workbook.metadata[key]
        elif moved is not where:
            location = {**entry["location"], "dimensionRange": moved}
            workbook.metadata[key] = {**entry, "location": location}


def _shift_filter_columns(sheet: Sheet, shift: Shift) -> None:
    """Filters name columns by number: numbers follow; the criteria of a gone column go."""
    if "basicFilter" in sheet.parts:
        sheet.parts["basicFilter"] = _with_columns(sheet.parts["basicFilter"], shift)
    if "filterViews" in sheet.parts:
        views = [_with_columns(view, shift) for view in sheet.parts["filterViews"]]
        sheet.parts["filterViews"] = views


def _with_columns(held: Json, shift: Shift) -> Json:
    result = dict(held)
    if "criteria" in held:
        placed = ((shift.index(int(column)), item) for column, item in held["criteria"].items())
        result["criteria"] = {str(column): item for column, item in placed if column is not None}
    for name, member in (("filterSpecs", "columnIndex"), ("sortSpecs", "dimensionIndex")):
        if name not in held:
            continue
        specs = ((shift.index(spec.get(member, 0)), spec) for spec in held[name])
        result[name] = [
            {key: item for key, item in spec.items() if key != member}
            | ({member: column} if column else {})
            for column, spec in specs
            if column is not None
        ]
    return {name: item for name, item in result.items() if item or name not in _FILTER_LISTS}


_FILTER_LISTS = frozenset({"criteria", "filterSpecs", "sortSpecs"})


def _tidy_merges(merges: list[Json]) -> list[Json]:
    return [
        merge
        for merge in merges
        if merge["endRowIndex"] - merge["startRowIndex"] > 1
        or merge["endColumnIndex"] - merge["startColumnIndex"] > 1
    ]


class _Mover:
    """Rebuilds JSON with its ranges moved; what does not change is handed back as it is."""

    def __init__(self, sheet: Sheet, dimension: str, shift: Shift) -> None:
        self.sheet = sheet
        self.dimension = dimension
        self.shift = shift
        side = "Row" if dimension == "ROWS" else "Column"
        self.start, self.end = f"start{side}Index", f"end{side}Index"
        self.point = f"{side.lower()}Index"

    def walk(self, value: Any, name: str = "") -> Any:
        """The value, which lies under this name, with moved ranges.

        _GONE if it was about a range that is gone.
        """
        if isinstance(value, dict):
            return self._dict(value, name)
        if isinstance(value, list):
            return self._list(value, name)
        return value

    def _list(self, items: list[Any], name: str) -> Any:
        moved = [self.walk(item, name) for item in items]
        if all(new is old for new, old in zip(moved, items, strict=True)):
            return items
        left = [item for item in moved if item is not _GONE]
        return left or _GONE

    def _dict(self, held: Json, name: str) -> Any:
        match range_kind(name, held):
            case RangeKind.DIMENSION:
                if held["dimension"] != self.dimension:
                    return held
                return self._moved(held, "startIndex", "endIndex")
            case RangeKind.GRID:
                return self._moved(held, self.start, self.end)
            case RangeKind.COORDINATE:
                return self._anchor(held)
        changed = None
        for key, item in held.items():
            moved = self.walk(item, key)
            if moved is item:
                continue
            if moved is _GONE:
                return _GONE
            changed = changed or dict(held)
            changed[key] = moved
        return held if changed is None else changed

    def _moved(self, held: Json, start: str, end: str) -> Any:
        if held.get("sheetId", 0) != self.sheet.id or (start not in held and end not in held):
            return held
        first = held.get(start, 0)
        last = held.get(end, 2**31)
        moved = self.shift.interval(first, last)
        if moved is None:
            return _GONE
        if moved == (first, last) or (moved[0] == first and end not in held):
            return held
        result = dict(held)
        if start in held or moved[0]:
            result[start] = moved[0]
        if end in held:
            result[end] = moved[1]
        return result

    def _anchor(self, held: Json) -> Any:
        """A coordinate in a row or column that goes stays at its number."""
        if held.get("sheetId", 0) != self.sheet.id:
            return held
        index = held.get(self.point, 0)
        moved = self.shift.index(index)
        if moved is None or moved == index:
            return held
        result = {key: item for key, item in held.items() if key != self.point}
        return result | {self.point: moved} if moved else result
