"""Groups of rows or columns: add, delete, collapse.

How deep a row lies counts: a group is a run of rows that lie at least so deep. So adding one
group over another gives what the API's documentation shows in its examples.
"""

from __future__ import annotations

from crm_sync.sheet_server.api_error import invalid
from crm_sync.sheet_server.batch.context import Batch, Handler
from crm_sync.sheet_server.batch.dimensions import check_exists, dimension_span
from crm_sync.sheet_server.grid import Column
from crm_sync.sheet_server.masks import parse_mask
from crm_sync.sheet_server.workbook import Json, Sheet

_DEEPEST = 8


def _part(rows: bool) -> str:
    return "rowGroups" if rows else "columnGroups"


def add_dimension_group(batch: Batch, request: Json) -> Json:
    """Puts rows or columns one group deeper; gives all groups of the dimension."""
    sheet, rows, start, end = _span(batch, request)
    depths = _depths(sheet, rows)
    for index in range(start, end):
        depths[index] = depths.get(index, 0) + 1
    if max(depths.values()) > _DEEPEST:
        raise invalid(f"Groups cannot be more than {_DEEPEST} levels deep.")
    _set_groups(sheet, rows, depths)
    control = "rowGroupControlAfter" if rows else "columnGroupControlAfter"
    grid = {**sheet.properties.get("gridProperties", {}), control: True}
    sheet.properties = {**sheet.properties, "gridProperties": grid}
    return {"dimensionGroups": sheet.part(_part(rows))}


def delete_dimension_group(batch: Batch, request: Json) -> Json:
    """Puts rows or columns one group less deep; gives the groups that are left."""
    sheet, rows, start, end = _span(batch, request)
    depths = _depths(sheet, rows)
    if not any(depths.get(index) for index in range(start, end)):
        raise invalid("Cannot delete a group that doesn't exist.")
    for index in range(start, end):
        if depths.get(index):
            depths[index] -= 1
    _set_groups(sheet, rows, depths)
    left = sheet.part(_part(rows))
    return {"dimensionGroups": left} if left else {}


def update_dimension_group(batch: Batch, request: Json) -> None:
    """Collapses a group, which hides its rows or columns, or opens it."""
    given = request.get("dimensionGroup", {})
    mask = parse_mask(request.get("fields", ""), "DimensionGroup")
    sheet, rows, start, end = _span(batch, given)
    groups = sheet.part(_part(rows))
    place = _place_of(groups, (start, end), given.get("depth", 1))
    if "collapsed" not in mask:
        return
    collapsed = given.get("collapsed", False)
    groups[place] = _group(groups[place]["range"], groups[place]["depth"], collapsed)
    sheet.set_part(_part(rows), groups)
    for index in range(start, end):
        if rows:
            sheet.edit(index).hidden = collapsed
        else:
            sheet.columns[index] = Column(sheet.columns[index].size, collapsed)


def _place_of(groups: list[Json], span: tuple[int, int], depth: int) -> int:
    for place, group in enumerate(groups):
        held = group["range"]
        if (held["startIndex"], held["endIndex"]) == span and group["depth"] == depth:
            return place
    raise invalid("There is no group over the given range at the given depth.")


def _span(batch: Batch, request: Json) -> tuple[Sheet, bool, int, int]:
    sheet, rows, start, end = dimension_span(batch, request.get("range", {}))
    check_exists(sheet, rows, end, "group")
    return sheet, rows, start, end


def _depths(sheet: Sheet, rows: bool) -> dict[int, int]:
    """How many groups each grouped row or column lies in."""
    depths: dict[int, int] = {}
    for group in sheet.part(_part(rows)):
        for index in range(group["range"]["startIndex"], group["range"]["endIndex"]):
            depths[index] = depths.get(index, 0) + 1
    return depths


def _set_groups(sheet: Sheet, rows: bool, depths: dict[int, int]) -> None:
    """The groups that these depths mean; one that was collapsed and is still there stays so."""
    collapsed = {
        (group["range"]["startIndex"], group["range"]["endIndex"], group["depth"])
        for group in sheet.part(_part(rows))
        if group.get("collapsed")
    }
    groups = []
    for depth in range(1, max(depths.values(), default=0) + 1):
        for start, end in _runs([index for index, deep in depths.items() if deep >= depth]):
            held: Json = {"sheetId": sheet.id} if sheet.id else {}
            held |= {"dimension": "ROWS" if rows else "COLUMNS"}
            held |= {"startIndex": start, "endIndex": end}
            groups.append(_group(held, depth, (start, end, depth) in collapsed))
    groups.sort(key=lambda group: (group["range"]["startIndex"], group["depth"]))
    sheet.set_part(_part(rows), groups)


def _group(held: Json, depth: int, collapsed: bool) -> Json:
    group: Json = {"range": held, "depth": depth}
    if collapsed:
        group["collapsed"] = True
    return group


def _runs(indexes: list[int]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for index in sorted(indexes):
        if runs and runs[-1][1] == index:
            runs[-1] = (runs[-1][0], index + 1)
        else:
            runs.append((index, index + 1))
    return runs


KINDS: dict[str, Handler] = {
    "addDimensionGroup": add_dimension_group,
    "deleteDimensionGroup": delete_dimension_group,
    "updateDimensionGroup": update_dimension_group,
}
