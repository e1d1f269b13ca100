"""Copies of sheets: in the same workbook or into another, with fresh ids."""

from __future__ import annotations

from typing import Any

from crm_sync.sheet_server.batch.context import Batch
from crm_sync.sheet_server.grid import Row
from crm_sync.sheet_server.ranges import range_kind
from crm_sync.sheet_server.spreadsheets import sheet_properties
from crm_sync.sheet_server.workbook import Json, Sheet, Workbook

# Members of kept parts that hold an id which must differ from that of the original.
_ID_NAMES = frozenset(
    {"protectedRangeId", "filterViewId", "chartId", "bandedRangeId", "slicerId", "tableId"}
)


def copied_sheet(
    batch: Batch, origin: Workbook, target: Workbook, source: Sheet, new_id: int, title: str
) -> Sheet:
    """A copy of a sheet under another id and title, with its ranges on itself.

    The metadata of its rows and columns is copied into `target` under new ids.
    """
    owner = object()
    copy = source.draft(owner)
    copy.id = new_id
    copy.properties = {**source.properties, "sheetId": new_id, "title": title}
    copy.properties.pop("hidden", None)
    copy.rows = [None if row is None else _again(row, owner) for row in source.rows]
    copier = _Copier(batch, source.id, new_id)
    copy.parts = {name: copier.copied(part, name) for name, part in source.parts.items()}
    if "tables" in copy.parts:
        copy.parts["tables"] = [_renamed(table, new_id) for table in copy.parts["tables"]]
    _copy_metadata(batch, origin, target, source.id, new_id)
    return copy


def _renamed(table: Json, new_id: int) -> Json:
    """Table names are unique in a workbook."""
    return {**table, "name": f"{table['name']}_{new_id}"}


def _again(row: Row, owner: object) -> Row:
    return Row(row.key, row.cells.copy(), row.size, row.hidden, owner)


class _Copier:
    """Rebuilds the parts of a sheet for its copy: ranges on the copy, ids of their own."""

    def __init__(self, batch: Batch, old: int, new: int) -> None:
        self.batch = batch
        self.old = old
        self.new = new

    def copied(self, value: Any, name: str) -> Any:
        """The JSON under this name, as the copy has it."""
        if isinstance(value, list):
            return [self.copied(item, name) for item in value]
        if not isinstance(value, dict):
            return value
        if range_kind(name, value) is not None:
            if value.get("sheetId", 0) != self.old:
                return value
            rest = {key: item for key, item in value.items() if key != "sheetId"}
            return {"sheetId": self.new, **rest} if self.new else rest
        return {
            key: self._fresh(item) if key in _ID_NAMES else self.copied(item, key)
            for key, item in value.items()
        }

    def _fresh(self, part_id: Any) -> Any:
        fresh = self.batch.new_id(lambda _: False)
        return str(fresh) if isinstance(part_id, str) else fresh


def _copy_metadata(batch: Batch, origin: Workbook, target: Workbook, old: int, new: int) -> None:
    for entry in list(origin.metadata.values()):
        location = entry["location"]
        where = location.get("dimensionRange")
        if where is not None and where["sheetId"] == old:
            moved = {**location, "dimensionRange": {**where, "sheetId": new}}
        elif where is None and location.get("sheetId") == old:
            moved = {**location, "sheetId": new}
        else:
            continue
        new_id = batch.new_id(target.metadata.__contains__)
        target.metadata[new_id] = {**entry, "location": moved}


def copy_across(batch: Batch, source: Sheet, origin: Workbook) -> Json:
    """Adds a copy of a sheet of another workbook at the end; gives its SheetProperties."""
    target = batch.workbook
    title = f"Copy of {source.title}"
    number = 2
    while target.sheet_titled(title) is not None:
        title = f"Copy of {source.title} {number}"
        number += 1
    new_id = batch.new_id(lambda fresh: target.sheet(fresh) is not None)
    copy = copied_sheet(batch, origin, target, source, new_id, title)
    target.sheets.append(copy)
    target.has_formulas = target.has_formulas or origin.has_formulas
    batch.touch()
    batch.calculate()
    return sheet_properties(copy, len(target.sheets) - 1)
