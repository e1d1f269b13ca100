"""The methods of the Sheets API: JSON in, JSON out, ApiError for whatever Google would refuse.

Mutating methods give (answer, whether anything was changed). They save in the library's
transaction, so that a caller who opens one around them commits more with them.
"""

from __future__ import annotations

import random
from dataclasses import replace

from crm_sync.sheet_server import schema
from crm_sync.sheet_server.a1 import parse_range
from crm_sync.sheet_server.api_error import invalid, not_found
from crm_sync.sheet_server.batch import Batch, Caller, run_requests
from crm_sync.sheet_server.calculation import local_time
from crm_sync.sheet_server.copying import copy_across
from crm_sync.sheet_server.creation import described_workbook
from crm_sync.sheet_server.files import new_file_id
from crm_sync.sheet_server.grid import Area
from crm_sync.sheet_server.metadata import filtered_areas, printed_entry, selected_entries
from crm_sync.sheet_server.spreadsheets import CELL_FIELDS, GridView, spreadsheet
from crm_sync.sheet_server.storage import Library
from crm_sync.sheet_server.value_methods import NOBODY, ValueMethods
from crm_sync.sheet_server.workbook import Json, Workbook


class SheetsApi(ValueMethods):
    """Sheets v4 over a library. Permissions on files are not checked here, protected ranges are.

    Who nobody knows, and the file's owner, may edit what is protected.
    """

    def __init__(
        self, library: Library, ids: random.Random | None = None, caller: Caller = NOBODY
    ) -> None:
        super().__init__(library, ids or random.SystemRandom(), caller)

    def acting_for(self, caller: Caller) -> SheetsApi:
        """The same API as this caller may use it."""
        return SheetsApi(self._library, self._ids, caller)

    def create(self, body: Json) -> tuple[Json, bool]:
        """A new spreadsheet as the body describes it, printed without grid data."""
        given = schema.read("Spreadsheet", body, "spreadsheet")
        workbook = described_workbook(new_file_id(), given, self._library.clock(), self._ids)
        self._library.add_workbook(workbook)
        return spreadsheet(workbook, self._view(workbook)), True

    def get(
        self,
        file_id: str,
        ranges: list[str],
        include_grid_data: bool,
        cell_fields: frozenset[str] = CELL_FIELDS,
    ) -> Json:
        """The spreadsheet; with ranges only their sheets, with grid data their cells."""
        workbook = self._library.workbook(file_id)
        areas = [parse_range(workbook, text).area() for text in ranges] if ranges else None
        return spreadsheet(workbook, self._view(workbook, areas, include_grid_data, cell_fields))

    def get_by_data_filter(
        self, file_id: str, body: Json, cell_fields: frozenset[str] = CELL_FIELDS
    ) -> Json:
        """As get, its ranges chosen by data filters."""
        given = schema.read("GetSpreadsheetByDataFilterRequest", body)
        workbook = self._library.workbook(file_id)
        areas = None
        if given.get("dataFilters"):
            found = [filtered_areas(workbook, one) for one in given["dataFilters"]]
            areas = [area for part in found for area in part]
        with_data = given.get("includeGridData", False)
        return spreadsheet(workbook, self._view(workbook, areas, with_data, cell_fields))

    def batch_update(
        self,
        file_id: str,
        body: Json,
        caller: Caller | None = None,
        cell_fields: frozenset[str] = CELL_FIELDS,
    ) -> tuple[Json, bool]:
        """Applies all requests in order, or none of them; replies one for each."""
        given = schema.read("BatchUpdateSpreadsheetRequest", body)
        requests = given.get("requests", [])
        if not requests:
            raise invalid("Must specify at least one request.")
        with self._library.transaction():
            draft = self._library.workbook(file_id).draft()
            batch = Batch(draft, caller or self._caller, self._library.clock(), self._ids)
            answer: Json = {"spreadsheetId": file_id, "replies": run_requests(batch, requests)}
            if given.get("includeSpreadsheetInResponse"):
                view = self._view(draft, _response_areas(draft, given), False, cell_fields)
                with_data = given.get("responseIncludeGridData", False)
                view = replace(view, with_data=with_data, caller=batch.caller)
                answer["updatedSpreadsheet"] = spreadsheet(draft, view)
            self._library.save(draft)
        return answer, True

    def _view(
        self,
        workbook: Workbook,
        areas: list[Area] | None = None,
        with_data: bool = False,
        cell_fields: frozenset[str] = CELL_FIELDS,
    ) -> GridView:
        today = local_time(self._library.clock(), workbook.time_zone).date()
        return GridView(today, areas, with_data, cell_fields, self._caller)

    def copy_to(self, file_id: str, sheet_id: int, body: Json) -> tuple[Json, bool]:
        """Copies a sheet to the end of another spreadsheet; gives its properties there."""
        given = schema.read("CopySheetToAnotherSpreadsheetRequest", body)
        target_id = given.get("destinationSpreadsheetId", "")
        with self._library.transaction():
            source = self._library.workbook(file_id).sheet(sheet_id)
            if source is None:
                raise invalid(f"The sheet ({sheet_id}) does not exist.")
            target = self._library.workbook(target_id).draft()
            batch = Batch(target, NOBODY, self._library.clock(), self._ids)
            batch.check_size(source.row_count * source.column_count)
            properties = copy_across(batch, source, self._library.workbook(file_id))
            self._library.save(target)
        return properties, True

    def metadata_get(self, file_id: str, metadata_id: str) -> Json:
        """One entry by its id. ApiError 404 if there is none."""
        workbook = self._library.workbook(file_id)
        entry = workbook.metadata.get(int(metadata_id)) if metadata_id.isdecimal() else None
        if entry is None:
            raise not_found()
        return printed_entry(int(metadata_id), entry)

    def metadata_search(self, file_id: str, body: Json) -> Json:
        """The entries that any of the data filters selects, each with the filters that did."""
        given = schema.read("SearchDeveloperMetadataRequest", body)
        workbook = self._library.workbook(file_id)
        found: dict[int, list[Json]] = {}
        for data_filter in given.get("dataFilters", []):
            for entry_id in selected_entries(workbook, data_filter):
                found.setdefault(entry_id, []).append(data_filter)
        if not found:
            return {}
        return {
            "matchedDeveloperMetadata": [
                {
                    "developerMetadata": printed_entry(entry_id, workbook.metadata[entry_id]),
                    "dataFilters": filters,
                }
                for entry_id, filters in sorted(found.items())
            ]
        }


def _response_areas(draft: Workbook, given: Json) -> list[Area] | None:
    """The areas to show of the state after all requests: they may lie on a new sheet."""
    ranges = given.get("responseRanges", [])
    return [parse_range(draft, text).area() for text in ranges] if ranges else None
