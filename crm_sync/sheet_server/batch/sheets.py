"""Sheets and the spreadsheet itself: add, delete, duplicate, and their properties."""

from __future__ import annotations

from crm_sync.sheet_server import formula
from crm_sync.sheet_server.api_error import invalid
from crm_sync.sheet_server.batch.context import Batch, Handler
from crm_sync.sheet_server.batch.dimensions import resize
from crm_sync.sheet_server.copying import copied_sheet
from crm_sync.sheet_server.formats import mask_with_styles, with_styles
from crm_sync.sheet_server.guard import check_sheet
from crm_sync.sheet_server.masks import Mask, apply_mask, parse_mask
from crm_sync.sheet_server.spreadsheets import sheet_properties
from crm_sync.sheet_server.workbook import MAX_COLUMNS, Json, Sheet, new_sheet

_HIDE_ALL = "You can't hide all the sheets in a document."
_GRID_COUNTS = ("rowCount", "columnCount")


def add_sheet(batch: Batch, request: Json) -> Json:
    """Adds an empty sheet, at the end unless an index is given."""
    given = request.get("properties", {})
    workbook = batch.workbook
    title = given.get("title") or _fresh_title(batch)
    _check_title(batch, title, None)
    sheet_id = _sheet_id(batch, given.get("sheetId"))
    if given.get("sheetType", "GRID") != "GRID":
        raise invalid(f"Sheets of type {given['sheetType']} cannot be added.")
    grid = {"rowCount": 1000, "columnCount": 26, **given.get("gridProperties", {})}
    _check_grid(grid)
    properties = {
        **{name: item for name, item in given.items() if name != "index"},
        "sheetId": sheet_id,
        "title": title,
        "sheetType": "GRID",
        "gridProperties": grid,
    }
    batch.check_size(grid["rowCount"] * grid["columnCount"])
    sheet = new_sheet(sheet_id, with_styles(properties), object())
    place = _place(given.get("index"), len(workbook.sheets))
    workbook.sheets.insert(place, sheet)
    return {"properties": sheet_properties(sheet, place)}


def _fresh_title(batch: Batch) -> str:
    number = len(batch.workbook.sheets) + 1
    while batch.workbook.sheet_titled(f"Sheet{number}") is not None:
        number += 1
    return f"Sheet{number}"


def _check_title(batch: Batch, title: str, own: Sheet | None) -> None:
    if len(title) > 100:
        raise invalid("Sheet name cannot be greater than 100 characters.")
    other = batch.workbook.sheet_titled(title)
    if other is not None and other is not own:
        raise invalid(f'A sheet with the name "{title}" already exists. Please enter another name.')


def _sheet_id(batch: Batch, given: int | None) -> int:
    if given is None:
        return batch.new_id(lambda fresh: batch.workbook.sheet(fresh) is not None)
    if given < 0:
        raise invalid(f"Sheet id must be non-negative: {given}")
    if batch.workbook.sheet(given) is not None:
        raise invalid(f"Sheet with id {given} already exists. Please enter another sheet id.")
    return given


def _check_grid(grid: Json) -> None:
    for name in _GRID_COUNTS:
        if grid[name] < 1:
            raise invalid(f"gridProperties.{name}[{grid[name]}] must be > 0")
    if grid["columnCount"] > MAX_COLUMNS:
        raise invalid(
            f"This action would increase the number of columns above the limit of {MAX_COLUMNS}."
        )
    for name, count in (("Row", grid["rowCount"]), ("Column", grid["columnCount"])):
        frozen = grid.get(f"frozen{name}Count", 0)
        if frozen < 0 or (frozen and frozen >= count):
            raise invalid(f"You can't freeze all visible {name.lower()}s on the sheet.")


def _place(index: int | None, count: int) -> int:
    if index is None:
        return count
    if index < 0 or index > count:
        raise invalid(f"Sheet index[{index}] must be between 0 and {count}.")
    return index


def delete_sheet(batch: Batch, request: Json) -> None:
    """Removes a sheet; the last visible one cannot go."""
    sheet_id = request.get("sheetId", 0)
    workbook = batch.workbook
    sheet = workbook.sheet(sheet_id)
    if sheet is None:
        raise invalid(f"No sheet with id: {sheet_id}")
    batch.check_cells(sheet.area)
    rest = [other for other in workbook.sheets if other is not sheet]
    if not rest:
        raise invalid("You can't remove all the sheets in a document.")
    if all(other.properties.get("hidden") for other in rest):
        raise invalid("You can't remove all the visible sheets in a document.")
    workbook.sheets = rest
    for key, entry in list(workbook.metadata.items()):
        where = entry["location"].get("dimensionRange")
        if sheet_id == (where["sheetId"] if where else entry["location"].get("sheetId")):
            del workbook.metadata[key]
    for name_id, named in list(workbook.named_ranges.items()):
        if named["range"].get("sheetId", 0) == sheet_id:
            del workbook.named_ranges[name_id]
    batch.follow_now(formula.SheetGone(sheet.title))


def duplicate_sheet(batch: Batch, request: Json) -> Json:
    """Adds a copy of a sheet at `insertSheetIndex` (0 if it is left out)."""
    workbook = batch.workbook
    source = workbook.sheet(request.get("sourceSheetId", 0))
    if source is None:
        raise invalid(f"No sheet with id: {request.get('sourceSheetId', 0)}")
    sheet_id = _sheet_id(batch, request.get("newSheetId"))
    title = request.get("newSheetName") or _copy_title(batch, source.title)
    _check_title(batch, title, None)
    batch.check_size(source.row_count * source.column_count)
    place = _place(request.get("insertSheetIndex", 0), len(workbook.sheets))
    copy = copied_sheet(batch, workbook, workbook, source, sheet_id, title)
    workbook.sheets.insert(place, copy)
    return {"properties": sheet_properties(copy, place)}


def _copy_title(batch: Batch, title: str) -> str:
    copy, number = f"Copy of {title}", 2
    while batch.workbook.sheet_titled(copy) is not None:
        copy, number = f"Copy of {title} {number}", number + 1
    return copy


def update_sheet_properties(batch: Batch, request: Json) -> None:
    """Sets masked properties: title, place, grid size, frozen part, colour, hiding."""
    given = request.get("properties", {})
    sheet = batch.workbook.sheet(given.get("sheetId", 0))
    if sheet is None:
        raise invalid(f"No sheet with id: {given.get('sheetId', 0)}")
    check_sheet(batch.workbook, batch.caller, sheet)
    mask = dict(parse_mask(request.get("fields", ""), "SheetProperties"))
    mask.pop("sheetId", None)
    mask.pop("sheetType", None)
    if "title" in mask:
        title = given.get("title", "")
        if not title:
            raise invalid("Sheet name cannot be empty.")
        _check_title(batch, title, sheet)
    before = sheet.title
    moves = mask.pop("index", None) is not None
    _update_grid(batch, sheet, given.get("gridProperties", {}), mask)
    plain = with_styles(given)
    sheet.properties = apply_mask(sheet.properties, plain, mask_with_styles(_not_counts(mask)))
    if "hidden" in mask and all(other.properties.get("hidden") for other in batch.workbook.sheets):
        raise invalid(_HIDE_ALL)
    if "title" in mask and sheet.title != before:
        batch.follow_now(formula.Renamed(before, sheet.title))
    if moves:
        _move_sheet(batch, sheet, given.get("index", 0))


def _not_counts(mask: Mask) -> Mask:
    below = mask.get("gridProperties")
    if below is None:
        return mask
    if below:
        left = {name: item for name, item in below.items() if name not in _GRID_COUNTS}
    else:
        left = {name: {} for name in parse_mask("*", "GridProperties") if name not in _GRID_COUNTS}
    rest = {name: item for name, item in mask.items() if name != "gridProperties"}
    return {**rest, "gridProperties": left} if left else rest


def _update_grid(batch: Batch, sheet: Sheet, grid: Json, mask: Mask) -> None:
    """Sizes first, the frozen part checked against them."""
    if "gridProperties" not in mask:
        return
    below = mask["gridProperties"] or parse_mask("*", "GridProperties")
    wanted = apply_mask(sheet.properties.get("gridProperties", {}), grid, below)
    for name, present in (("rowCount", sheet.row_count), ("columnCount", sheet.column_count)):
        if name not in below or (not mask["gridProperties"] and name not in grid):
            wanted[name] = present
        wanted.setdefault(name, 0)
    _check_grid(wanted)
    if wanted["rowCount"] != sheet.row_count:
        resize(batch, sheet, True, wanted["rowCount"])
    if wanted["columnCount"] != sheet.column_count:
        resize(batch, sheet, False, wanted["columnCount"])


def _move_sheet(batch: Batch, sheet: Sheet, index: int) -> None:
    """To before the sheet that now has this index; its own place and the next change nothing."""
    sheets = batch.workbook.sheets
    present = sheets.index(sheet)
    if index < 0 or index > len(sheets):
        raise invalid(f"Sheet index[{index}] must be between 0 and {len(sheets)}.")
    if index in (present, present + 1):
        return
    rest = [other for other in sheets if other is not sheet]
    rest.insert(index if index < present else index - 1, sheet)
    batch.workbook.sheets = rest


def update_spreadsheet_properties(batch: Batch, request: Json) -> None:
    """Sets masked properties of the spreadsheet: title, locale, time zone, ..."""
    given = request.get("properties", {})
    mask = dict(parse_mask(request.get("fields", ""), "SpreadsheetProperties"))
    mask.pop("defaultFormat", None)
    for name in ("title", "locale", "timeZone", "autoRecalc"):
        if name in mask and not given.get(name):
            if len(mask) == 1:
                raise invalid(f"{name} must not be empty.")
            mask.pop(name)
    if "locale" in mask:
        check_locale(given["locale"])
    if "timeZone" in mask:
        check_time_zone(given["timeZone"])
    batch.workbook.properties = apply_mask(batch.workbook.properties, given, mask)
    batch.touch()


def check_locale(locale: str) -> None:
    """ApiError 400 for a text that has not the shape of a locale."""
    letters = locale.replace("-", "_").split("_")
    if not all(part.isascii() and part.isalnum() for part in letters) or len(letters[0]) > 3:
        raise invalid(f"Unsupported locale: {locale}")


def check_time_zone(name: str) -> None:
    """ApiError 400 for a name that is no CLDR time zone."""
    if not all(char.isascii() and (char.isalnum() or char in "/_+-:") for char in name):
        raise invalid(f"Invalid time zone: {name}")


KINDS: dict[str, Handler] = {
    "addSheet": add_sheet,
    "deleteSheet": delete_sheet,
    "duplicateSheet": duplicate_sheet,
    "updateSheetProperties": update_sheet_properties,
    "updateSpreadsheetProperties": update_spreadsheet_properties,
}
