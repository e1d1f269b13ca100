"""spreadsheets.create: a workbook out of the Spreadsheet message that describes it."""

from __future__ import annotations

import random
from datetime import datetime

from crm_sync.sheet_server.batch import Batch, Caller, run_requests
from crm_sync.sheet_server.batch.sheets import check_locale, check_time_zone
from crm_sync.sheet_server.defaults import sheet_properties, spreadsheet_properties
from crm_sync.sheet_server.workbook import Json, Workbook, new_sheet

_CELLS = "userEnteredValue,userEnteredFormat,note,dataValidation,textFormatRuns"


def described_workbook(file_id: str, given: Json, now: datetime, ids: random.Random) -> Workbook:
    """A workbook with the properties, sheets, cells, names and metadata that are given.

    Without sheets it gets one, `Sheet1` of id 0.
    """
    wanted = given.get("properties", {})
    title = wanted.get("title", "Untitled spreadsheet")
    locale, time_zone = wanted.get("locale", "en_US"), wanted.get("timeZone", "Etc/GMT")
    check_locale(locale)
    check_time_zone(time_zone)
    workbook = Workbook(file_id, spreadsheet_properties(title, locale, time_zone))
    for name in ("autoRecalc", "iterativeCalculationSettings"):
        if name in wanted:
            workbook.properties[name] = wanted[name]
    if not given.get("sheets"):
        workbook.sheets = [new_sheet(0, sheet_properties(0, "Sheet1"))]
    batch = Batch(workbook, Caller(), now, ids)
    for sheet in given.get("sheets", []):
        _add_sheet(batch, sheet)
    run_requests(batch, _spreadsheet_requests(given))
    return workbook


def _add_sheet(batch: Batch, given: Json) -> None:
    properties = dict(given.get("properties", {}))
    properties.pop("index", None)
    (reply,) = run_requests(batch, [{"addSheet": {"properties": properties}}])
    sheet_id = reply["addSheet"]["properties"]["sheetId"]
    run_requests(batch, list(_sheet_requests(given, sheet_id)))


def _sheet_requests(given: Json, sheet_id: int) -> list[Json]:
    """What makes the cells and parts of a new sheet, as requests of a batch."""
    requests = [part for data in given.get("data", []) for part in _grid_requests(data, sheet_id)]
    requests.extend(
        {"mergeCells": {"range": {**merge, "sheetId": sheet_id}}}
        for merge in given.get("merges", [])
    )
    for rule in given.get("conditionalFormats", []):
        ranges = [{**held, "sheetId": sheet_id} for held in rule.get("ranges", [])]
        requests.append({"addConditionalFormatRule": {"rule": {**rule, "ranges": ranges}}})
    for held in given.get("protectedRanges", []):
        placed = {**held, "range": {**held.get("range", {}), "sheetId": sheet_id}}
        requests.append({"addProtectedRange": {"protectedRange": placed}})
    return requests


def _grid_requests(data: Json, sheet_id: int) -> list[Json]:
    """Cells and sizes of a GridData."""
    top, left = data.get("startRow", 0), data.get("startColumn", 0)
    requests: list[Json] = []
    if data.get("rowData"):
        start = {"sheetId": sheet_id, "rowIndex": top, "columnIndex": left}
        requests.append(
            {"updateCells": {"start": start, "rows": data["rowData"], "fields": _CELLS}}
        )
    for dimension, name, first in (
        ("ROWS", "rowMetadata", top),
        ("COLUMNS", "columnMetadata", left),
    ):
        for index, held in enumerate(data.get(name, []), first):
            if "pixelSize" not in held and "hiddenByUser" not in held:
                continue
            where = {
                "sheetId": sheet_id,
                "dimension": dimension,
                "startIndex": index,
                "endIndex": index + 1,
            }
            wanted = {"range": where, "properties": held, "fields": "pixelSize,hiddenByUser"}
            requests.append({"updateDimensionProperties": wanted})
    return requests


def _spreadsheet_requests(given: Json) -> list[Json]:
    named = [{"addNamedRange": {"namedRange": held}} for held in given.get("namedRanges", [])]
    entries = [
        {"createDeveloperMetadata": {"developerMetadata": entry}}
        for entry in given.get("developerMetadata", [])
    ]
    return named + entries
