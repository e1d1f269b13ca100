"""Developer metadata and data filters: where entries sit and which of them a lookup means."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from crm_sync.sheet_server.a1 import parse_range
from crm_sync.sheet_server.api_error import invalid
from crm_sync.sheet_server.grid import Area
from crm_sync.sheet_server.workbook import Json, Sheet, Workbook


def printed_entries(entries: Iterable[tuple[int, Json]]) -> list[Json]:
    """Entries by id as DeveloperMetadata messages."""
    return [printed_entry(entry_id, entry) for entry_id, entry in entries]


def printed_entry(entry_id: int, entry: Json) -> Json:
    """One entry as a DeveloperMetadata message."""
    location = dict(entry["location"])
    where = location.get("dimensionRange")
    if where is not None and where["sheetId"] == 0:
        location["dimensionRange"] = {k: v for k, v in where.items() if k != "sheetId"}
    answer = {"metadataId": entry_id, "metadataKey": entry["metadataKey"]}
    if entry.get("metadataValue"):
        answer["metadataValue"] = entry["metadataValue"]
    answer["location"] = location
    answer["visibility"] = entry["visibility"]
    return answer


def location_type(location: Json) -> str:
    """The DeveloperMetadataLocationType that a location has by its members."""
    where = location.get("dimensionRange")
    if where is not None:
        return "ROW" if where.get("dimension") == "ROWS" else "COLUMN"
    return "SHEET" if "sheetId" in location else "SPREADSHEET"


def entry_area(workbook: Workbook, entry: Json) -> Area | None:
    """The cells of the row, column or sheet where an entry sits; None for the spreadsheet."""
    location = entry["location"]
    where = location.get("dimensionRange")
    if where is not None:
        sheet = workbook.sheet(where["sheetId"])
        return None if sheet is None else dimension_area(sheet, where)
    sheet = workbook.sheet(location["sheetId"]) if "sheetId" in location else None
    return None if sheet is None else sheet.area


def dimension_area(sheet: Sheet, where: Json) -> Area:
    """The cells of a DimensionRange whose bounds are given."""
    if where["dimension"] == "ROWS":
        return Area(sheet.id, where["startIndex"], where["endIndex"], 0, sheet.column_count)
    return Area(sheet.id, 0, sheet.row_count, where["startIndex"], where["endIndex"])


def looked_up(workbook: Workbook, lookup: Json) -> Iterator[tuple[int, Json]]:
    """The entries that a DeveloperMetadataLookup means, by id."""
    for entry_id, entry in workbook.metadata_by_id():
        if _fits(workbook, entry_id, entry, lookup):
            yield entry_id, entry


def _fits(workbook: Workbook, entry_id: int, entry: Json, lookup: Json) -> bool:
    if lookup.get("metadataId", entry_id) != entry_id:
        return False
    for name in ("metadataKey", "metadataValue", "visibility"):
        if name in lookup and lookup[name] != entry.get(name, ""):
            return False
    wanted_type = lookup.get("locationType")
    if wanted_type and wanted_type != entry["location"]["locationType"]:
        return False
    place = lookup.get("metadataLocation")
    if place is None:
        return True
    exact = lookup.get("locationMatchingStrategy") == "EXACT_LOCATION"
    if location_type(place) == "SPREADSHEET":
        return not exact or bool(entry["location"].get("spreadsheet"))
    if exact:
        return _same_place(entry["location"], place)
    return _meets(workbook, entry, place)


def _same_place(held: Json, place: Json) -> bool:
    where, wanted = held.get("dimensionRange"), place.get("dimensionRange")
    if where is None or wanted is None:
        return where is wanted and held.get("sheetId") == place.get("sheetId")
    names = ("dimension", "startIndex", "endIndex")
    return where["sheetId"] == wanted.get("sheetId", 0) and all(
        where[name] == wanted.get(name) for name in names
    )


def _meets(workbook: Workbook, entry: Json, place: Json) -> bool:
    area = entry_area(workbook, entry)
    wanted = place.get("dimensionRange")
    sheet = workbook.sheet(place.get("sheetId", 0) if wanted is None else wanted.get("sheetId", 0))
    if sheet is None or area is None:
        return False
    if wanted is None:
        return area.sheet_id == sheet.id
    rows = wanted.get("dimension") != "COLUMNS"
    bounds = {
        "dimension": "ROWS" if rows else "COLUMNS",
        "startIndex": wanted.get("startIndex", 0),
        "endIndex": wanted.get("endIndex", sheet.row_count if rows else sheet.column_count),
    }
    return area.meets(dimension_area(sheet, bounds))


def filtered_areas(workbook: Workbook, data_filter: Json) -> list[Area]:
    """The areas that a DataFilter selects; for metadata one for each row, column or sheet.

    Raises ApiError 400 when it holds none of its three kinds.
    """
    if "a1Range" in data_filter:
        return [parse_range(workbook, data_filter["a1Range"]).area()]
    if "gridRange" in data_filter:
        return [grid_area(workbook, data_filter["gridRange"])]
    if "developerMetadataLookup" in data_filter:
        found = []
        for _, entry in looked_up(workbook, data_filter["developerMetadataLookup"]):
            area = entry_area(workbook, entry)
            if area is not None:
                found.append(area)
            else:
                found.extend(sheet.area for sheet in workbook.sheets)
        return list(dict.fromkeys(found))
    raise invalid("Must specify a data filter.")


def grid_area(workbook: Workbook, given: Json) -> Area:
    """The area of a GridRange, open sides filled from the grid and cut at it.

    Raises ApiError 400 for an unknown sheet, reversed bounds, or a start outside of the grid.
    """
    entry_id = given.get("sheetId", 0)
    sheet = workbook.sheet(entry_id)
    if sheet is None:
        raise invalid(f"No grid with id: {entry_id}")
    top, bottom = bounds(given, "Row", sheet.row_count)
    left, right = bounds(given, "Column", sheet.column_count)
    return Area(entry_id, top, bottom, left, right)


def bounds(given: Json, side: str, limit: int) -> tuple[int, int]:
    """Start and end of a GridRange on one side ("Row" or "Column"), checked against the grid."""
    start = given.get(f"start{side}Index", 0)
    end = given.get(f"end{side}Index")
    if start < 0 or (end is not None and end < 0):
        raise invalid("GridRange indexes must be >= 0")
    if end is not None and end < start:
        raise invalid(
            f"GridRange.end{side}Index[{end}] must be >= GridRange.start{side}Index[{start}]"
        )
    if start >= limit and end != start:
        name = side.lower()
        raise invalid(
            f"GridRange.start{side}Index[{start}] is after last {name} in grid[{limit - 1}]"
        )
    start = min(start, limit)
    return start, limit if end is None else min(end, limit)


def selected_entries(workbook: Workbook, data_filter: Json) -> list[int]:
    """The ids of the entries that a DataFilter selects: by lookup, or by where they sit."""
    if "developerMetadataLookup" in data_filter:
        return [
            entry_id for entry_id, _ in looked_up(workbook, data_filter["developerMetadataLookup"])
        ]
    areas = filtered_areas(workbook, data_filter)
    found = []
    for entry_id, entry in workbook.metadata_by_id():
        place = entry_area(workbook, entry)
        if place is not None and any(area.meets(place) for area in areas):
            found.append(entry_id)
    return found
