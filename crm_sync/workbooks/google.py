"""A workbook in Google Sheets, or in the local server that speaks the same protocol."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from gspread.urls import DRIVE_FILES_API_V3_URL, SPREADSHEET_BATCH_UPDATE_URL, SPREADSHEET_URL

from crm_sync.core.access import Rights, Share
from crm_sync.core.batch import Batch, Label, PreImage
from crm_sync.core.drift import FoundBook
from crm_sync.core.grid import TabRead
from crm_sync.core.locked import Locks
from crm_sync.core.looks import Dressing
from crm_sync.core.marks import CellLook
from crm_sync.core.merged_cells import Merge
from crm_sync.core.parting import MOST, MOST_HERE, Most
from crm_sync.core.shown_cells import ShownCell
from crm_sync.core.values import N_
from crm_sync.errors import AccessError, Overtaken, ShapeError
from crm_sync.ports import Outline, SheetOutline
from crm_sync.workbooks import answers
from crm_sync.workbooks.answers import Malformed
from crm_sync.workbooks.cells import VALUE, Json
from crm_sync.workbooks.dressing import dressing_requests
from crm_sync.workbooks.fence import refused_by_fence
from crm_sync.workbooks.formulas import may_spill
from crm_sync.workbooks.found_looks import (
    CELL_FIELDS,
    HEAD_FIELDS,
    cell_filters,
    found_book,
    head_filters,
)
from crm_sync.workbooks.http_client import Question, SheetsClient, parsed
from crm_sync.workbooks.journal import Run, layout, watched_rows
from crm_sync.workbooks.labels import SEARCH, labels_in
from crm_sync.workbooks.locks import LOCK_FIELDS, locks_in
from crm_sync.workbooks.paint import (
    LOOK_FIELDS,
    MERGE_FIELDS,
    SHOWN_FIELDS,
    cell_looks,
    merged_cells,
    ranges_of,
    shown_cells,
)
from crm_sync.workbooks.raw_journal import journal_rows, swapped_rows
from crm_sync.workbooks.requests import (
    JOURNAL_FIELDS,
    MOST_REQUESTS,
    new_journal_body,
    refused_run,
    swap_body,
    swap_fields,
)
from crm_sync.workbooks.shares import rights_on, shares_of

_OUTLINE_FIELDS: Final = (
    "spreadsheetId,properties(title,locale,timeZone),"
    "sheets(properties(sheetId,title,index,gridProperties(rowCount,columnCount)),charts.chartId)"
)
_GRID_FIELDS: Final = (
    "sheets(properties(sheetId,title,gridProperties(rowCount,columnCount)),"
    f"data.rowData.values({VALUE},effectiveValue))"
)
# Two readings of a tab that somebody edits meanwhile do not fit together.
_PAIRS_OF_READINGS: Final = 2
_MOST_UNCOPIED: Final = 5


class GoogleWorkbook:
    """One spreadsheet over HTTP; a `ports.Workbook`."""

    def __init__(self, client: SheetsClient, spreadsheet_id: str) -> None:
        self._client = client
        self._id = spreadsheet_id
        self._url = SPREADSHEET_URL % spreadsheet_id

    @property
    def spreadsheet_id(self) -> str:
        """The file's id; it never changes."""
        return self._id

    @property
    def most(self) -> Most:
        """What one request may hold: a local server has no limits of Google's kind, and works out
        the lists of the whole workbook anew after each.
        """
        return MOST if self._client.connection.base_url is None else MOST_HERE

    @property
    def address(self) -> str:
        """Where a person opens it."""
        base = self._client.connection.base_url or "https://docs.google.com"
        return f"{base}/spreadsheets/d/{self._id}/edit"

    @property
    def requests_made(self) -> int:
        """How many requests its client has sent so far."""
        return self._client.requests_made

    def probe(self) -> int:
        """The file's version. One request."""
        params = {"fields": "version,trashed,mimeType", "supportsAllDrives": "true"}
        question = Question("GET", f"{DRIVE_FILES_API_V3_URL}/{self._id}", params)
        return self._client.ask(question, answers.version)

    def labels(self) -> tuple[Label, ...]:
        """The columns that bear a field's name out of sight. One request."""
        question = Question("POST", f"{self._url}/developerMetadata:search", body=SEARCH)
        return self._client.ask(question, labels_in)

    def modified(self) -> datetime:
        """When anyone last changed the file. One request."""
        params = {"fields": "modifiedTime", "supportsAllDrives": "true"}
        question = Question("GET", f"{DRIVE_FILES_API_V3_URL}/{self._id}", params)
        return self._client.ask(question, answers.modified)

    def shares(self) -> tuple[Share, ...]:
        """Who may open the file, our own account apart. One request for a hundred of them."""
        return shares_of(self._client, self._id)

    def rights(self) -> Rights:
        """What our own account may do with the file. One request."""
        return rights_on(self._client, self._id)

    def outline(self) -> Outline:
        """The sheets and their sizes. One request."""
        question = Question("GET", self._url, {"fields": _OUTLINE_FIELDS})
        return self._client.ask(question, answers.outline)

    def read(self, sheet_ids: Sequence[int], first_rows: Sequence[int] = ()) -> dict[int, TabRead]:
        """Whole tabs by sheet id, and the `first_rows` of others: one request, a second one if
        formulas seem to stand in the whole ones.

        Where a formula may fill other cells, the second one asks for grid data: values alone do
        not tell what was typed from what was filled.
        """
        wanted = sorted(set(sheet_ids))
        if not wanted:
            return {}
        tabs: dict[int, TabRead] = {}
        for _ in range(_PAIRS_OF_READINGS):
            tabs, doubt = self._values(wanted, "FORMULA", first_rows)
            if not doubt:
                return tabs
            doubtful = {number: answers.formulas_in(tabs[number]) for number in wanted}
            rest = [number for number in wanted if doubtful[number]]
            if not rest:
                return tabs
            if any(may_spill(text) for number in rest for text in doubtful[number]):
                return tabs | self._grids(rest)
            shown, _ = self._values(rest, "UNFORMATTED_VALUE")
            told = {number: answers.told_apart(tabs[number], shown[number]) for number in rest}
            if None not in told.values():
                return tabs | {number: tab for number, tab in told.items() if tab is not None}
        return tabs | self._grids(wanted)

    def _values(
        self, sheet_ids: Sequence[int], render: str, first_rows: Sequence[int] = ()
    ) -> tuple[dict[int, TabRead], bool]:
        """The tabs, and whether formulas may stand in any of them."""
        tops = [{"sheetId": number, "startRowIndex": 0, "endRowIndex": 1} for number in first_rows]
        body = {
            "dataFilters": _whole_sheets(sheet_ids) + [{"gridRange": top} for top in tops],
            "majorDimension": "ROWS",
            "valueRenderOption": render,
            "dateTimeRenderOption": "SERIAL_NUMBER",
        }
        wanted = (*sheet_ids, *first_rows)
        url, params = f"{self._url}/values:batchGetByDataFilter", {"prettyPrint": "false"}
        return self._client.ask_bytes(
            Question("POST", url, params, body),
            lambda answer: (
                answers.value_ranges(answer, wanted),
                answers.may_hold_formulas(answer),
            ),
        )

    def _grids(self, sheet_ids: Sequence[int]) -> dict[int, TabRead]:
        """The tabs in one reading that tells all, at several times the size of the answer."""
        question = self._grid_question(sheet_ids, _GRID_FIELDS)
        return self._client.ask(question, lambda answer: answers.grid_tabs(answer, sheet_ids))

    def _grid_question(self, sheet_ids: Sequence[int], fields: str) -> Question:
        return self._filtered(_whole_sheets(sheet_ids), fields)

    def look(
        self, rows: Mapping[int, Sequence[tuple[int, int]]]
    ) -> dict[tuple[int, int, int], CellLook]:
        """Notes and backgrounds of the cells that have either, in these rows. One request."""
        if not rows:
            return {}
        body = {"dataFilters": ranges_of(rows), "includeGridData": True}
        params = {"fields": LOOK_FIELDS}
        question = Question("POST", f"{self._url}:getByDataFilter", params, body)
        return self._client.ask(question, cell_looks)

    def shown(
        self, rows: Mapping[int, Sequence[tuple[int, int]]]
    ) -> dict[tuple[int, int, int], ShownCell]:
        """What numbers in these rows show. One request."""
        if not rows:
            return {}
        body = {"dataFilters": ranges_of(rows), "includeGridData": True}
        params = {"fields": SHOWN_FIELDS}
        question = Question("POST", f"{self._url}:getByDataFilter", params, body)
        return self._client.ask(question, shown_cells)

    def locks(self) -> Locks:
        """What is protected against our account. One request."""
        question = Question("GET", self._url, {"fields": LOCK_FIELDS})
        account = self._client.connection.account or "crm-sync"
        return self._client.ask(question, lambda answer: locks_in(answer, account))

    def merges(self, sheet_ids: Sequence[int]) -> dict[int, tuple[Merge, ...]]:
        """The merged cells of these sheets. One request."""
        body = {"dataFilters": _whole_sheets(sheet_ids)}
        params = {"fields": MERGE_FIELDS}
        question = Question("POST", f"{self._url}:getByDataFilter", params, body)
        return self._client.ask(question, merged_cells)

    def journal(
        self, journal_id: int, watched: Sequence[tuple[int, int]]
    ) -> tuple[str, tuple[PreImage, ...]]:
        """The operation id in the journal tab and what its swap answered. One request, two if there
        is no such tab.
        """

        def written(answer: bytes) -> tuple[str, tuple[PreImage, ...]]:
            rows = journal_rows(answer)
            return answers.operation_in(rows), answers.pre_images(rows, layout(watched), watched)

        try:
            question = self._grid_question([journal_id], JOURNAL_FIELDS)
            return self._client.ask_bytes(question, written)
        except ShapeError:
            if journal_id in {sheet.sheet_id for sheet in self.outline().sheets}:
                raise
            return "", ()

    def looks(self, sheets: Sequence[SheetOutline]) -> FoundBook:
        """The looks of these sheets, without what stands in their cells. Two requests."""
        head = self._client.ask(self._filtered(head_filters(sheets), HEAD_FIELDS), dict)
        question = self._filtered(cell_filters(sheets), CELL_FIELDS)
        return self._client.ask_bytes(question, lambda cells: found_book(head, cells, sheets))

    def dress(self, looks: Sequence[Dressing]) -> None:
        """Gives the workbook these looks in one request, that may be sent again."""
        if not looks:
            return
        requests = [request for look in looks for request in dressing_requests(look)]
        self._write({"requests": requests}, "looks", self._own)

    def _filtered(self, filters: Sequence[Json], fields: str) -> Question:
        body = {"dataFilters": list(filters), "includeGridData": True}
        return Question("POST", f"{self._url}:getByDataFilter", {"fields": fields}, body)

    def swap(self, batch: Batch) -> tuple[PreImage, ...]:
        """Writes the batch in one request and returns each watched row as it stood then."""
        if batch.empty:
            return ()
        journals = [new for new in batch.new_tabs if new.sheet_id == batch.journal_id]
        if journals and any(sheet.watched for sheet in batch.sheets):
            # Whether an answer may show a tab that its own batch makes, no source says.
            self._write(new_journal_body(journals[0]), batch.operation, self._own)
            rest = tuple(new for new in batch.new_tabs if new not in journals)
            return self.swap(replace(batch, new_tabs=rest))
        return self._swap(batch)

    def _swap(self, batch: Batch, uncopied: frozenset[Run] = frozenset()) -> tuple[PreImage, ...]:
        body = swap_body(batch, uncopied)
        if len(body["requests"]) > MOST_REQUESTS:
            raise ShapeError(
                N_("The write has {count} parts; Google takes at most {most} at a time."),
                N_("Sync fewer changed rows at a time."),
                count=len(body["requests"]),
                most=MOST_REQUESTS,
            )
        try:
            return self._write(body, batch.operation, lambda answer: self._met(answer, batch))
        except (ShapeError, AccessError) as exc:
            message = str(getattr(exc.__cause__, "message", ""))
            if refused_by_fence(message):
                raise Overtaken from exc
            if isinstance(exc, AccessError):
                raise
            # Merged cells can stand in the way of a copy, not of a write. Nothing was done yet.
            refused = refused_run(batch, body, message)
            if refused is None or len(uncopied) >= _MOST_UNCOPIED:
                raise
            return self._swap(batch, uncopied | {refused})

    def _write(
        self, body: Json, operation: str, reader: Callable[[bytes], tuple[PreImage, ...]]
    ) -> tuple[PreImage, ...]:
        url = SPREADSHEET_BATCH_UPDATE_URL % self._id
        params = {"fields": swap_fields(body)}
        return self._client.ask_bytes(Question("POST", url, params, body, operation), reader)

    def _own(self, answer: bytes) -> tuple[PreImage, ...]:
        if parsed(answer).get("spreadsheetId") != self._id:
            raise Malformed("another spreadsheet")
        return ()

    def _met(self, answer: bytes, batch: Batch) -> tuple[PreImage, ...]:
        """The watched rows as the answer shows them; Malformed unless it is this batch's answer."""
        watched = watched_rows(batch)
        if not watched:
            return self._own(answer)
        rows = swapped_rows(answer, self._id)
        if answers.operation_in(rows) != batch.operation:
            raise Malformed("another operation")
        return answers.pre_images(rows, layout(watched), watched)


def _whole_sheets(sheet_ids: Sequence[int]) -> list[Json]:
    return [{"gridRange": {"sheetId": number}} for number in sheet_ids]
