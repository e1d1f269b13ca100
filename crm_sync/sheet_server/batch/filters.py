"""setBasicFilter and clearBasicFilter."""

from __future__ import annotations

from crm_sync.sheet_server.batch.context import Batch, Handler
from crm_sync.sheet_server.batch.merging import as_range
from crm_sync.sheet_server.batch.sorting import sort_area
from crm_sync.sheet_server.workbook import Json


def set_basic_filter(batch: Batch, request: Json) -> None:
    """Gives the sheet its filter, bounded to the grid; its sort specs are applied."""
    given = request.get("filter", {})
    area = batch.area(given.get("range", {}))
    sheet = batch.sheet(area.sheet_id)
    if given.get("sortSpecs") and area.height > 1:
        sort_area(batch, sheet, area._replace(top=area.top + 1), given["sortSpecs"])
    sheet.set_part("basicFilter", {**given, "range": as_range(area)})


def clear_basic_filter(batch: Batch, request: Json) -> None:
    """Takes the sheet's filter away; without one nothing happens."""
    batch.sheet(request.get("sheetId", 0)).set_part("basicFilter", None)


KINDS: dict[str, Handler] = {
    "setBasicFilter": set_basic_filter,
    "clearBasicFilter": clear_basic_filter,
}
