"""Tables: a named range with a header row whose cells are the column names."""

from __future__ import annotations

from crm_sync.sheet_server import cells
from crm_sync.sheet_server.api_error import invalid
from crm_sync.sheet_server.batch import kept_parts
from crm_sync.sheet_server.batch.context import Batch, Handler
from crm_sync.sheet_server.batch.kept_parts import TABLE
from crm_sync.sheet_server.batch.merging import as_range
from crm_sync.sheet_server.grid import Area
from crm_sync.sheet_server.masks import apply_mask, parse_mask
from crm_sync.sheet_server.workbook import Json


def add_table(batch: Batch, request: Json) -> Json:
    """Adds a table; given column names are written into its header row, others read from it."""
    given = request.get("table", {})
    table_id = given.get("tableId") or str(kept_parts.fresh_id(batch, TABLE, None))
    kept_parts.fresh_id(batch, TABLE, table_id)
    held, area = _table(batch, {**given, "tableId": table_id})
    kept_parts.add(batch.sheet(area.sheet_id), TABLE, held)
    return {"table": held}


def _table(batch: Batch, given: Json) -> tuple[Json, Area]:
    if "range" not in given:
        raise invalid("Must specify a range for the table.")
    area = batch.area(given["range"])
    if area.height < 1 or area.width < 1:
        raise invalid("The range of a table must not be empty.")
    _check_place(batch, given, area)
    held = {
        "tableId": given["tableId"],
        "name": given.get("name") or _fresh_name(batch),
        "range": as_range(area),
    }
    _check_name(batch, held)
    if "rowsProperties" in given:
        held["rowsProperties"] = given["rowsProperties"]
    held["columnProperties"] = _columns(batch, given.get("columnProperties", []), area)
    return held, area


def _check_place(batch: Batch, given: Json, area: Area) -> None:
    for other in batch.sheet(area.sheet_id).parts.get(TABLE.part, ()):
        if other["tableId"] != given["tableId"] and batch.area(other["range"]).meets(area):
            raise invalid("You can't create a table that overlaps another table.")


def _names(batch: Batch, but: str) -> set[str]:
    return {
        table["name"].casefold()
        for sheet in batch.workbook.sheets
        for table in sheet.parts.get(TABLE.part, ())
        if table["tableId"] != but
    }


def _fresh_name(batch: Batch) -> str:
    taken = _names(batch, "")
    number = 1
    while f"table{number}" in taken:
        number += 1
    return f"Table{number}"


def _check_name(batch: Batch, held: Json) -> None:
    if held["name"].casefold() in _names(batch, held["tableId"]):
        raise invalid(f'A table with the name "{held["name"]}" already exists.')


def _columns(batch: Batch, given: list[Json], area: Area) -> list[Json]:
    """The properties of every column; a name that is given goes into the header row."""
    sheet = batch.sheet(area.sheet_id)
    wanted: dict[int, Json] = {}
    for column in given:
        index = column.get("columnIndex", 0)
        if not 0 <= index < area.width:
            raise invalid(f"Column index {index} is outside of the table's range.")
        wanted[index] = column
    columns = []
    for index in range(area.width):
        cell = sheet.cell(area.top, area.left + index)
        shown = "" if cell is None else cells.shown(cell, batch.workbook.locale)
        column = wanted.get(index, {})
        name = column.get("columnName") or shown or f"Column {index + 1}"
        if name != shown:
            batch.check_cells(area._replace(bottom=area.top + 1))
            sheet.put(area.top, area.left + index, cells.put_raw(cell, name))
            batch.touch()
        entry = {"columnIndex": index} if index else {}
        rest = {
            key: item for key, item in column.items() if key not in ("columnIndex", "columnName")
        }
        columns.append({**entry, "columnName": name, **rest})
    return columns


def update_table(batch: Batch, request: Json) -> None:
    """Sets masked members of a table."""
    given = request.get("table", {})
    found = kept_parts.find(batch, TABLE, given.get("tableId", ""))
    mask = dict(parse_mask(request.get("fields", ""), "Table"))
    mask.pop("tableId", None)
    before = dict(found.entry)
    if "range" in mask and "columnProperties" not in mask:
        area = batch.area(given.get("range", {}))
        columns = before.pop("columnProperties", [])
        before["columnProperties"] = [
            column for column in columns if column.get("columnIndex", 0) < area.width
        ]
    held, area = _table(batch, apply_mask(before, given, mask))
    kept_parts.replace(batch, TABLE, found, held, area.sheet_id)


def delete_table(batch: Batch, request: Json) -> None:
    """Takes a table away, with the contents of its cells."""
    found = kept_parts.find(batch, TABLE, request.get("tableId", ""))
    area = batch.editable(found.entry["range"])
    for row, column, _ in list(found.sheet.cells(area)):
        found.sheet.put(row, column, None)
    kept_parts.remove(TABLE, found)
    batch.touch()


KINDS: dict[str, Handler] = {
    "addTable": add_table,
    "updateTable": update_table,
    "deleteTable": delete_table,
}
