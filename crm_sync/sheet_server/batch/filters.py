"""The basic filter of a sheet, and filter views."""

from __future__ import annotations

from crm_sync.sheet_server.api_error import invalid
from crm_sync.sheet_server.batch import kept_parts
from crm_sync.sheet_server.batch.context import Batch, Handler
from crm_sync.sheet_server.batch.kept_parts import FILTER_VIEW
from crm_sync.sheet_server.batch.merging import as_range
from crm_sync.sheet_server.batch.sorting import sort_area
from crm_sync.sheet_server.grid import Area
from crm_sync.sheet_server.masks import apply_mask, parse_mask
from crm_sync.sheet_server.workbook import Json


def set_basic_filter(batch: Batch, request: Json) -> None:
    """Gives the sheet its filter, bounded to the grid; its sort specs are applied."""
    given = request.get("filter", {})
    area = batch.area(given.get("range", {}))
    sheet = batch.sheet(area.sheet_id)
    if given.get("sortSpecs") and area.height > 1:
        sort_area(batch, sheet, area._replace(top=area.top + 1), given["sortSpecs"])
    sheet.set_part("basicFilter", _with_both_criteria({**given, "range": as_range(area)}, area))


def _with_both_criteria(held: Json, area: Area) -> Json:
    """Criteria by column in `criteria` and in `filterSpecs`, whichever of them was given."""
    specs = held.get("filterSpecs")
    criteria = held.get("criteria")
    if specs and not criteria:
        criteria = {
            str(spec.get("columnIndex", 0)): spec.get("filterCriteria", {}) for spec in specs
        }
    for column in criteria or ():
        if not (column.isascii() and column.isdecimal()):
            raise invalid(f"Invalid column index in criteria: {column}")
        if not area.left <= int(column) < area.right:
            raise invalid(f"Filter column {column} is outside of the range.")
    if not criteria:
        return held
    columns = sorted(
        ((int(column), item) for column, item in criteria.items()), key=lambda pair: pair[0]
    )
    specs = [
        ({"columnIndex": column} if column else {}) | {"filterCriteria": item}
        for column, item in columns
    ]
    return {**held, "criteria": criteria, "filterSpecs": specs}


def clear_basic_filter(batch: Batch, request: Json) -> None:
    """Takes the sheet's filter away; without one nothing happens."""
    batch.sheet(request.get("sheetId", 0)).set_part("basicFilter", None)


def add_filter_view(batch: Batch, request: Json) -> Json:
    """Adds a filter view; gives it with its id, title and bounded range."""
    given = request.get("filter", {})
    view_id = kept_parts.fresh_id(batch, FILTER_VIEW, given.get("filterViewId"))
    held, area = _view(batch, {**given, "filterViewId": view_id})
    kept_parts.add(batch.sheet(area.sheet_id), FILTER_VIEW, held)
    return {"filter": held}


def _view(batch: Batch, given: Json) -> tuple[Json, Area]:
    held = {"filterViewId": given["filterViewId"], "title": given.get("title", "")}
    if "namedRangeId" in given:
        named = batch.workbook.named_ranges.get(given["namedRangeId"])
        if named is None:
            raise invalid(f"No named range with id: {given['namedRangeId']}")
        area = batch.area(named["range"])
    elif "tableId" in given:
        area = batch.area(kept_parts.find(batch, kept_parts.TABLE, given["tableId"]).entry["range"])
    else:
        area = batch.area(given.get("range", {}))
    if not held["title"]:
        held["title"] = _fresh_title(batch)
    rest = {name: item for name, item in given.items() if name not in held}
    return _with_both_criteria({**held, "range": as_range(area), **_no_range(rest)}, area), area


def _no_range(held: Json) -> Json:
    return {name: item for name, item in held.items() if name != "range"}


def _fresh_title(batch: Batch) -> str:
    titles = {
        view.get("title")
        for sheet in batch.workbook.sheets
        for view in sheet.parts.get("filterViews", ())
    }
    number = 1
    while f"Filter {number}" in titles:
        number += 1
    return f"Filter {number}"


def update_filter_view(batch: Batch, request: Json) -> None:
    """Sets masked members of a filter view."""
    given = request.get("filter", {})
    found = kept_parts.find(batch, FILTER_VIEW, given.get("filterViewId", 0))
    mask = dict(parse_mask(request.get("fields", ""), "FilterView"))
    mask.pop("filterViewId", None)
    # The two spellings of the criteria go together: the one that is not named is made anew.
    before = dict(found.entry)
    if "criteria" in mask or "filterSpecs" in mask:
        for name in ("criteria", "filterSpecs"):
            before.pop(name, None)
    held, area = _view(batch, apply_mask(before, given, mask))
    kept_parts.replace(batch, FILTER_VIEW, found, held, area.sheet_id)


def delete_filter_view(batch: Batch, request: Json) -> None:
    """Takes a filter view away."""
    kept_parts.remove(FILTER_VIEW, kept_parts.find(batch, FILTER_VIEW, request.get("filterId", 0)))


def duplicate_filter_view(batch: Batch, request: Json) -> Json:
    """Adds a copy of a filter view under its own id and title."""
    found = kept_parts.find(batch, FILTER_VIEW, request.get("filterId", 0))
    view_id = kept_parts.fresh_id(batch, FILTER_VIEW, None)
    copy = {**found.entry, "filterViewId": view_id, "title": f"Copy of {found.entry['title']}"}
    kept_parts.add(found.sheet, FILTER_VIEW, copy)
    return {"filter": copy}


KINDS: dict[str, Handler] = {
    "setBasicFilter": set_basic_filter,
    "clearBasicFilter": clear_basic_filter,
    "addFilterView": add_filter_view,
    "updateFilterView": update_filter_view,
    "deleteFilterView": delete_filter_view,
    "duplicateFilterView": duplicate_filter_view,
}
