"""Finding ranges in kept JSON: GridRange, DimensionRange and GridCoordinate at any depth.

They are told by their members, and where proto3 leaves all members out (the first sheet as a
whole, its first cell) by the name under which they lie.
"""

from __future__ import annotations

from enum import Enum

from crm_sync.sheet_server.grid import Area
from crm_sync.sheet_server.workbook import Json, Sheet


class RangeKind(Enum):
    """What a JSON object is, if it is any of these."""

    GRID = "GridRange"
    DIMENSION = "DimensionRange"
    COORDINATE = "GridCoordinate"


_GRID_MEMBERS = frozenset(
    {"sheetId", "startRowIndex", "endRowIndex", "startColumnIndex", "endColumnIndex"}
)
_DIMENSION_MEMBERS = frozenset({"sheetId", "dimension", "startIndex", "endIndex"})
_COORDINATE_MEMBERS = frozenset({"sheetId", "rowIndex", "columnIndex"})
_GRID_NAMES = frozenset({"range", "ranges", "unprotectedRanges", "dataRange", "sources", "merges"})


def range_kind(name: str, held: Json) -> RangeKind | None:
    """What the object under this name is, for a list the name of the list; None for no range."""
    members = held.keys()
    if "dimension" in held and members <= _DIMENSION_MEMBERS:
        return RangeKind.DIMENSION
    if name == "anchorCell":
        return RangeKind.COORDINATE
    if members <= _GRID_MEMBERS and (name in _GRID_NAMES or len(members - {"sheetId"}) > 0):
        return RangeKind.GRID
    if members <= _COORDINATE_MEMBERS and "rowIndex" in held:
        return RangeKind.COORDINATE
    return None


def bounded(sheet: Sheet, held: Json) -> Area:
    """The cells of a kept GridRange on its sheet, open sides filled from the grid."""
    return Area(
        sheet.id,
        held.get("startRowIndex", 0),
        held.get("endRowIndex", sheet.row_count),
        held.get("startColumnIndex", 0),
        held.get("endColumnIndex", sheet.column_count),
    )
