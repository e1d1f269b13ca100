"""Developer metadata: create, update, delete."""

from __future__ import annotations

from crm_sync.sheet_server.api_error import invalid
from crm_sync.sheet_server.batch.context import Batch, Handler
from crm_sync.sheet_server.masks import apply_mask, parse_mask
from crm_sync.sheet_server.metadata import location_type, looked_up, printed_entry
from crm_sync.sheet_server.workbook import Json


def create_developer_metadata(batch: Batch, request: Json) -> Json:
    """Puts an entry on a row, a column, a sheet or the spreadsheet."""
    given = request.get("developerMetadata", {})
    held = batch.workbook.metadata
    entry_id = given.get("metadataId") or batch.new_id(held.__contains__)
    if entry_id in held:
        raise invalid(f"Developer metadata with id {entry_id} already exists.")
    if entry_id < 0:
        raise invalid("metadataId must be positive.")
    entry = _checked(batch, given)
    held[entry_id] = entry
    return {"developerMetadata": printed_entry(entry_id, entry)}


def _checked(batch: Batch, given: Json) -> Json:
    if not given.get("metadataKey"):
        raise invalid("Developer metadata key must be specified.")
    if not given.get("visibility"):
        raise invalid("Developer metadata visibility must be specified.")
    entry = {"metadataKey": given["metadataKey"]}
    if given.get("metadataValue"):
        entry["metadataValue"] = given["metadataValue"]
    entry["visibility"] = given["visibility"]
    entry["location"] = _location(batch, given.get("location", {}))
    return entry


def _location(batch: Batch, given: Json) -> Json:
    """The location with its type, and with the sheet's id always written out."""
    members = [name for name in ("spreadsheet", "sheetId", "dimensionRange") if name in given]
    if len(members) != 1:
        raise invalid("Developer metadata must have exactly one location.")
    kind = location_type(given)
    if "spreadsheet" in given:
        return {"locationType": kind, "spreadsheet": True}
    if "sheetId" in given:
        return {"locationType": kind, "sheetId": batch.sheet(given["sheetId"]).id}
    where = given["dimensionRange"]
    sheet = batch.sheet(where.get("sheetId", 0))
    if "dimension" not in where:
        raise invalid("No dimension specified.")
    start, end = where.get("startIndex"), where.get("endIndex")
    if start is None or end is None or end - start != 1:
        raise invalid("Developer metadata dimension range must have a length of exactly one.")
    count = sheet.row_count if where["dimension"] == "ROWS" else sheet.column_count
    if start < 0 or end > count:
        raise invalid(f"Developer metadata dimension range is outside of the grid of {count}.")
    placed = {
        "sheetId": sheet.id,
        "dimension": where["dimension"],
        "startIndex": start,
        "endIndex": end,
    }
    return {"locationType": kind, "dimensionRange": placed}


def _matching(batch: Batch, request: Json) -> list[int]:
    """The ids of the entries that any of the data filters selects."""
    filters = request.get("dataFilters", [])
    if not filters:
        raise invalid("Must specify at least one data filter.")
    found: dict[int, None] = {}
    for data_filter in filters:
        lookup = data_filter.get("developerMetadataLookup")
        if lookup is None:
            raise invalid("Only developerMetadataLookup filters are supported here.")
        found.update((entry_id, None) for entry_id, _ in looked_up(batch.workbook, lookup))
    return list(found)


def update_developer_metadata(batch: Batch, request: Json) -> Json:
    """Sets masked members of all entries that the filters select."""
    mask = dict(parse_mask(request.get("fields", ""), "DeveloperMetadata"))
    mask.pop("metadataId", None)
    if "location" in mask:
        mask["location"] = {}
    given = request.get("developerMetadata", {})
    updated = []
    for entry_id in _matching(batch, request):
        entry = _checked(batch, apply_mask(batch.workbook.metadata[entry_id], given, mask))
        batch.workbook.metadata[entry_id] = entry
        updated.append(printed_entry(entry_id, entry))
    return {"developerMetadata": updated} if updated else {}


def delete_developer_metadata(batch: Batch, request: Json) -> Json:
    """Takes the entries away that the filter selects."""
    data_filter = request.get("dataFilter", {})
    ids = _matching(batch, {"dataFilters": [data_filter]} if data_filter else {})
    deleted = [printed_entry(entry_id, batch.workbook.metadata.pop(entry_id)) for entry_id in ids]
    return {"deletedDeveloperMetadata": deleted} if deleted else {}


KINDS: dict[str, Handler] = {
    "createDeveloperMetadata": create_developer_metadata,
    "updateDeveloperMetadata": update_developer_metadata,
    "deleteDeveloperMetadata": delete_developer_metadata,
}
