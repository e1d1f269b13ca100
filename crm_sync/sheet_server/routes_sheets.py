"""The addresses of Sheets v4: who may, and what the file learns of it, around SheetsApi."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from crm_sync.sheet_server import schema
from crm_sync.sheet_server.api_error import violations
from crm_sync.sheet_server.batch import Caller
from crm_sync.sheet_server.field_mask import Mask, inside, reaches
from crm_sync.sheet_server.files import SPREADSHEET_TYPE, FileRecord
from crm_sync.sheet_server.office import NewFile, Office
from crm_sync.sheet_server.permissions import Role
from crm_sync.sheet_server.routes import Api, Asked, Handler, Route, scopes
from crm_sync.sheet_server.sheets_api import SheetsApi
from crm_sync.sheet_server.spreadsheets import CELL_FIELDS

_BOOKS = "/v4/spreadsheets"
_BOOK = _BOOKS + "/{spreadsheetId}"
_VALUES = _BOOK + "/values"
_RANGE = _VALUES + "/{+range}"

_CHANGE = scopes("spreadsheets", "drive", "drive.file")
_LOOK = _CHANGE | scopes("spreadsheets.readonly", "drive.readonly")
_RENDERING = frozenset({"majorDimension", "valueRenderOption", "dateTimeRenderOption"})
_WRITING = frozenset(
    {
        "valueInputOption",
        "includeValuesInResponse",
        "responseValueRenderOption",
        "responseDateTimeRenderOption",
    }
)
_RENDERING_MANY = _RENDERING | {"ranges"}
_GRID = frozenset({"includeGridData", "excludeTablesInBandedRanges"})
# The messages that bear the parameters above as fields, and so know their types.
_READ_MESSAGE = "BatchGetValuesByDataFilterRequest"
_WRITE_MESSAGE = "BatchUpdateValuesRequest"
_GRID_MESSAGE = "GetSpreadsheetByDataFilterRequest"
_BOOLEANS = _GRID | {"includeValuesInResponse"}
_INTEGER = re.compile(r"-?\d{1,18}")
_RPC = "google.apps.sheets.v4.SpreadsheetsService."
_INSERTING = frozenset({"", "INSERT_DATA_OPTION_UNSPECIFIED", "OVERWRITE", "INSERT_ROWS"})

Json = dict[str, Any]


def sheets_routes(office: Office) -> tuple[Route, ...]:
    """Every Sheets route, in the order in which they are tried."""
    desk = _SheetsDesk(office)
    return (*_book_routes(desk), *_value_routes(desk))


class _SheetsDesk:
    """Checks the caller's role, asks SheetsApi, and records what changed."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def api(self, asked: Asked, record: FileRecord) -> SheetsApi:
        """The methods as the caller may use them on a file."""
        # Who owns every file is held by no protection, as its owner is not.
        email = record.owner if asked.caller.everywhere else asked.caller.email
        return self._office.sheets.acting_for(Caller(email, record.owner))

    def reading(self, ask: Callable[[Asked, FileRecord], Json]) -> Handler:
        """A handler for a method that a reader may call."""

        def handle(asked: Asked) -> Json:
            file_id = asked.path["spreadsheetId"]
            return ask(asked, self._office.sheet_file(file_id, asked.caller, Role.READER))

        return handle

    def writing(self, change: Callable[[Asked, FileRecord], tuple[Json, bool]]) -> Handler:
        """A handler for a method that changes the spreadsheet of its path."""

        def handle(asked: Asked) -> Json:
            file_id = asked.path["spreadsheetId"]
            record = self._office.sheet_file(file_id, asked.caller, Role.WRITER)
            self._office.remember(record)
            answer, changed = change(asked, record)
            if changed:
                self._note(record, asked)
            return answer

        return handle

    def create(self, asked: Asked) -> Json:
        """spreadsheets.create: a workbook as the body describes it, and its file."""
        answer, _ = self._office.sheets.create(asked.body)
        file_id = str(answer["spreadsheetId"])
        title = self._office.library.workbook(file_id).title
        self._office.create(NewFile(title, SPREADSHEET_TYPE, file_id=file_id), asked.caller)
        return answer

    def copy_to(self, asked: Asked) -> Json:
        """sheets.copyTo: one must be a writer of the destination, which is what changes."""
        source = self._office.sheet_file(asked.path["spreadsheetId"], asked.caller, Role.READER)
        wanted = schema.read("CopySheetToAnotherSpreadsheetRequest", asked.body)
        target_id = str(wanted.get("destinationSpreadsheetId", ""))
        target = self._office.sheet_file(target_id, asked.caller, Role.WRITER)
        sheet_id = asked.path["sheetId"]
        if not _INTEGER.fullmatch(sheet_id):
            text = f"Invalid value at 'sheet_id' (TYPE_INT32), \"{sheet_id}\""
            raise violations([("sheet_id", text)])
        self._office.remember(target)
        answer, _ = self.api(asked, target).copy_to(source.id, int(sheet_id), asked.body)
        self._note(target, asked)
        return answer

    def _note(self, record: FileRecord, asked: Asked) -> None:
        title = self._office.library.workbook(record.id).title
        self._office.changed(replace(record, name=title), asked.caller)


def _book_routes(desk: _SheetsDesk) -> tuple[Route, ...]:
    def get(asked: Asked, book: FileRecord) -> Json:
        params = _params(asked, _GRID_MESSAGE, _GRID)
        ranges = list(asked.call.query.get("ranges", ()))
        # With a mask Google takes the mask's word, not the parameter's.
        with_grid = bool(params.get("includeGridData"))
        if asked.mask is not None:
            with_grid = reaches(asked.mask, "sheets/data")
        return desk.api(asked, book).get(book.id, ranges, with_grid, _cell_fields(asked.mask))

    def get_by_filter(asked: Asked, book: FileRecord) -> Json:
        body = asked.body
        if asked.mask is not None:
            body = {**body, "includeGridData": reaches(asked.mask, "sheets/data")}
        fields = _cell_fields(asked.mask)
        return desk.api(asked, book).get_by_data_filter(book.id, body, fields)

    def batch_update(asked: Asked, record: FileRecord) -> tuple[Json, bool]:
        fields = _cell_fields(inside(asked.mask, "updatedSpreadsheet"))
        return desk.api(asked, record).batch_update(record.id, asked.body, cell_fields=fields)

    def metadata(asked: Asked, book: FileRecord) -> Json:
        return desk.api(asked, book).metadata_get(book.id, asked.path["metadataId"])

    def search(asked: Asked, book: FileRecord) -> Json:
        return desk.api(asked, book).metadata_search(book.id, asked.body)

    entries = _BOOK + "/developerMetadata"
    found = "SearchDeveloperMetadataResponse"
    done = "BatchUpdateSpreadsheetResponse"
    filtered = _BOOK + ":getByDataFilter"
    copy = _BOOK + "/sheets/{sheetId}:copyTo"
    parameters = _GRID | {"ranges", "commentsViewMode"}
    look, change = desk.reading, desk.writing
    return (
        _post("CreateSpreadsheet", "Spreadsheet", _BOOKS, desk.create),
        _get("GetSpreadsheet", "Spreadsheet", _BOOK, look(get), parameters),
        _ask("GetSpreadsheetByDataFilter", "Spreadsheet", filtered, look(get_by_filter)),
        _post("BatchUpdateSpreadsheet", done, _BOOK + ":batchUpdate", change(batch_update)),
        _get(
            "GetDeveloperMetadata", "DeveloperMetadata", entries + "/{metadataId}", look(metadata)
        ),
        _ask("SearchDeveloperMetadata", found, entries + ":search", look(search)),
        _post("CopySheet", "SheetProperties", copy, desk.copy_to),
    )


def _value_routes(desk: _SheetsDesk) -> tuple[Route, ...]:
    return (*_value_reads(desk), *_value_writes(desk))


def _value_reads(desk: _SheetsDesk) -> tuple[Route, ...]:
    def get(asked: Asked, book: FileRecord) -> Json:
        params = _params(asked, _READ_MESSAGE, _RENDERING)
        return desk.api(asked, book).values_get(book.id, asked.path["range"], params)

    def batch_get(asked: Asked, book: FileRecord) -> Json:
        params = _params(asked, _READ_MESSAGE, _RENDERING)
        params["ranges"] = list(asked.call.query.get("ranges", ()))
        return desk.api(asked, book).values_batch_get(book.id, params)

    def by_filter(asked: Asked, book: FileRecord) -> Json:
        return desk.api(asked, book).values_batch_get_by_data_filter(book.id, asked.body)

    filtered = _VALUES + ":batchGetByDataFilter"
    many, some = "BatchGetValuesResponse", "BatchGetValuesByDataFilterResponse"
    look = desk.reading
    return (
        _get("GetValues", "ValueRange", _RANGE, look(get), _RENDERING),
        _get("BatchGetValues", many, _VALUES + ":batchGet", look(batch_get), _RENDERING_MANY),
        _ask("BatchGetValuesByDataFilter", some, filtered, look(by_filter)),
    )


def _value_writes(desk: _SheetsDesk) -> tuple[Route, ...]:
    def update(asked: Asked, record: FileRecord) -> tuple[Json, bool]:
        params = _params(asked, _WRITE_MESSAGE, _WRITING)
        return desk.api(asked, record).values_update(
            record.id, asked.path["range"], params, asked.body
        )

    def append(asked: Asked, record: FileRecord) -> tuple[Json, bool]:
        params = _params(asked, _WRITE_MESSAGE, _WRITING)
        params["insertDataOption"] = _insert_option(asked)
        return desk.api(asked, record).values_append(
            record.id, asked.path["range"], params, asked.body
        )

    def clear(asked: Asked, record: FileRecord) -> tuple[Json, bool]:
        return desk.api(asked, record).values_clear(record.id, asked.path["range"], asked.body)

    def batch_clear(asked: Asked, record: FileRecord) -> tuple[Json, bool]:
        return desk.api(asked, record).values_batch_clear(record.id, asked.body)

    def filtered_clear(asked: Asked, record: FileRecord) -> tuple[Json, bool]:
        return desk.api(asked, record).values_batch_clear_by_data_filter(record.id, asked.body)

    def batch_update(asked: Asked, record: FileRecord) -> tuple[Json, bool]:
        return desk.api(asked, record).values_batch_update(record.id, asked.body)

    def filtered_update(asked: Asked, record: FileRecord) -> tuple[Json, bool]:
        return desk.api(asked, record).values_batch_update_by_data_filter(record.id, asked.body)

    change = desk.writing
    inserting = _WRITING | {"insertDataOption"}
    one = _post("UpdateValues", "UpdateValuesResponse", _RANGE, change(update))
    more = _post("AppendValues", "AppendValuesResponse", _RANGE + ":append", change(append))
    return (
        replace(one, method="PUT", parameters=_WRITING),
        replace(more, parameters=inserting),
        _post("ClearValues", "ClearValuesResponse", _RANGE + ":clear", change(clear)),
        *(
            _post(name, f"{name}Response", _VALUES + verb, change(handle))
            for name, verb, handle in (
                ("BatchClearValues", ":batchClear", batch_clear),
                ("BatchClearValuesByDataFilter", ":batchClearByDataFilter", filtered_clear),
                ("BatchUpdateValues", ":batchUpdate", batch_update),
                ("BatchUpdateValuesByDataFilter", ":batchUpdateByDataFilter", filtered_update),
            )
        ),
    )


def _params(asked: Asked, message: str, names: frozenset[str]) -> Json:
    """The named query parameters, read as the fields of that name in a message."""
    given: Json = {}
    for name in sorted(names & asked.call.query.keys()):
        text = asked.call.first(name) or ""
        given[name] = text.lower() if name in _BOOLEANS else text
    return schema.read(message, {name: text for name, text in given.items() if text})


def _insert_option(asked: Asked) -> str:
    option = asked.call.first("insertDataOption") or ""
    if option not in _INSERTING:
        name = "type.googleapis.com/google.apps.sheets.v4.AppendValuesRequest.InsertDataOption"
        text = f"Invalid value at 'insert_data_option' ({name}), \"{option}\""
        raise violations([("insert_data_option", text)])
    return "" if option.endswith("_UNSPECIFIED") else option


def _cell_fields(mask: Mask | None) -> frozenset[str]:
    """The members of cells that a mask of a Spreadsheet wants: the others need not be made."""
    cells = inside(inside(inside(inside(mask, "sheets"), "data"), "rowData"), "values")
    return CELL_FIELDS if not cells or "*" in cells else CELL_FIELDS & cells.keys()


def _get(
    name: str, gives: str, template: str, handle: Handler, parameters: frozenset[str] = frozenset()
) -> Route:
    return Route(
        Api.SHEETS,
        _RPC + name,
        "GET",
        template,
        _LOOK,
        handle,
        parameters=parameters,
        gives=gives,
    )


def _ask(name: str, gives: str, template: str, handle: Handler) -> Route:
    """A read that is a POST. Google wants a scope for writing here."""
    return Route(Api.SHEETS, _RPC + name, "POST", template, _CHANGE, handle, gives=gives)


def _post(name: str, gives: str, template: str, handle: Handler) -> Route:
    return replace(_ask(name, gives, template, handle), writes=True)
