"""updateBorders: lines around a range and between its cells."""

from __future__ import annotations

from crm_sync.sheet_server.batch.context import Batch, Handler
from crm_sync.sheet_server.formats import with_styles
from crm_sync.sheet_server.grid import EMPTY, Area, Marks
from crm_sync.sheet_server.workbook import Json

# The kept border of each member of the request; None for a line that is to go.
Wanted = dict[str, Json | None]

_WIDTHS = {"SOLID_MEDIUM": 2, "SOLID_THICK": 3, "DOUBLE": 3}


def update_borders(batch: Batch, request: Json) -> None:
    """Sets the sides that are given; a border of style NONE takes the side's line away."""
    area = batch.editable(request.get("range", {}))
    sheet = batch.sheet(area.sheet_id)
    wanted: Wanted = {
        side: _border(request[side])
        for side in ("top", "bottom", "left", "right", "innerHorizontal", "innerVertical")
        if side in request
    }
    seen: dict[tuple[Marks | None, frozenset[tuple[str, str]]], Marks] = {}
    for row in range(area.top, area.bottom):
        for column in range(area.left, area.right):
            sides = _sides(area, row, column, wanted)
            if not sides:
                continue
            cell = sheet.cell(row, column) or EMPTY
            key = (cell.marks, frozenset(sides.items()))
            if key not in seen:
                wanted_sides = {side: wanted[name] for side, name in sides.items()}
                seen[key] = _bordered(cell.marks, wanted_sides)
            sheet.put(row, column, cell.with_marks(seen[key]))


def _border(given: Json) -> Json | None:
    """The border as it is kept; None for a line that is to go."""
    style = given.get("style")
    if style in (None, "NONE"):
        return None
    coloured = with_styles({"color": {}, **given})
    return {
        "style": style,
        "width": _WIDTHS.get(style, 1),
        "color": coloured.get("color", {}),
        "colorStyle": coloured.get("colorStyle", {"rgbColor": {}}),
    }


def _sides(area: Area, row: int, column: int, wanted: Wanted) -> dict[str, str]:
    """Which side of the cell takes which border of the request."""
    sides = {
        "top": "top" if row == area.top else "innerHorizontal",
        "bottom": "bottom" if row == area.bottom - 1 else "innerHorizontal",
        "left": "left" if column == area.left else "innerVertical",
        "right": "right" if column == area.right - 1 else "innerVertical",
    }
    return {side: name for side, name in sides.items() if name in wanted}


def _bordered(marks: Marks | None, sides: dict[str, Json | None]) -> Marks:
    before = marks or Marks()
    borders = dict((before.format or {}).get("borders", {}))
    for side, border in sides.items():
        if border is None:
            borders.pop(side, None)
        else:
            borders[side] = border
    rest = {name: item for name, item in (before.format or {}).items() if name != "borders"}
    if borders:
        rest["borders"] = borders
    return Marks(rest, before.validation, before.other)


KINDS: dict[str, Handler] = {"updateBorders": update_borders}
