"""Spreadsheets as files: what Drive's files.export gives."""

import csv
import io
from collections.abc import Callable

from crm_sync.sheet_server import office_suite
from crm_sync.sheet_server.drive_error import DriveError, bad_request
from crm_sync.sheet_server.exchange import Answer, json_answer
from crm_sync.sheet_server.files import FileRecord
from crm_sync.sheet_server.oauth import Caller
from crm_sync.sheet_server.office import Office
from crm_sync.sheet_server.permissions import Role
from crm_sync.sheet_server.routes import Asked
from crm_sync.sheet_server.values import Rendering, read_values
from crm_sync.sheet_server.xlsx_export import MEDIA_TYPE as XLSX_TYPE
from crm_sync.sheet_server.xlsx_export import DoesNotFit, xlsx_file

CSV_TYPE = "text/csv"
TSV_TYPE = "text/tab-separated-values"
PDF_TYPE = "application/pdf"
ODS_TYPE = "application/vnd.oasis.opendocument.spreadsheet"
# What LibreOffice makes, by its ending.
_CONVERTED = {
    PDF_TYPE: "pdf",
    ODS_TYPE: "ods",
    # Drive's exportLinks, and gspread after them, name the type so.
    "application/x-vnd.oasis.opendocument.spreadsheet": "ods",
}
_LARGEST_EXPORT = 10 * 1024 * 1024


class DriveExport:
    """files.export, and the same files by their usual endings."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._writers: dict[str, Callable[[str, int | None], bytes]] = {
            CSV_TYPE: self._comma_separated,
            TSV_TYPE: self._tab_separated,
            XLSX_TYPE: self._workbook,
        }

    def export(self, asked: Asked) -> Answer:
        """The file in the asked media type; csv and tsv hold the first sheet, as shown."""
        record = self._office.drive_file(asked.path["fileId"], asked.caller, Role.READER)
        media = asked.call.first("mimeType")
        if not media:
            raise DriveError(400, "required", "Required parameter: mimeType", location="mimeType")
        if not record.is_spreadsheet:
            raise DriveError(403, "fileNotExportable", "Export only supports Docs Editors files.")
        return self.exported(record, asked.caller, media)

    def exported(
        self, record: FileRecord, caller: Caller, media: str, sheet_id: int | None = None
    ) -> Answer:
        """A spreadsheet in this media type for somebody who may read it. Raises DriveError.

        csv and tsv hold one sheet: that of the id, else the first one.
        """
        role = self._office.role(record, caller) or Role.READER
        if role < Role.WRITER and record.details.get("copyRequiresWriterPermission"):
            raise DriveError(403, "cannotExportFile", "This file cannot be exported by the user.")
        if media in _CONVERTED:
            return self._converted(record.id, media)
        writer = self._writers.get(media)
        if writer is None:
            raise bad_request("The requested conversion is not supported.")
        content = writer(record.id, sheet_id)
        if len(content) > _LARGEST_EXPORT:
            raise _too_large()
        return Answer(200, content, media)

    def _comma_separated(self, file_id: str, sheet_id: int | None) -> bytes:
        stream = io.StringIO()
        writer = csv.writer(stream, lineterminator="\r\n")
        writer.writerows(self._shown(file_id, sheet_id))
        return stream.getvalue().removesuffix("\r\n").encode()

    def _tab_separated(self, file_id: str, sheet_id: int | None) -> bytes:
        # The format has no quoting: what would break a line or a column becomes a space.
        lines = ["\t".join(map(_one_line, row)) for row in self._shown(file_id, sheet_id)]
        return "\r\n".join(lines).encode()

    def _workbook(self, file_id: str, _: int | None = None) -> bytes:
        try:
            return xlsx_file(self._office.library.workbook(file_id))
        except DoesNotFit as error:
            raise _too_large() from error

    def _converted(self, file_id: str, media: str) -> Answer:
        ending = _CONVERTED[media]
        program = office_suite.find_program()
        if program is None:
            raise bad_request(
                "The requested conversion is not supported:"
                f" {ending} needs LibreOffice on the computer of this server."
            )
        locale = self._office.library.workbook(file_id).locale
        source = self._workbook(file_id)

        def later() -> Answer:
            try:
                content = office_suite.converted(program, source, ending, locale)
            except office_suite.NotConverted:
                failure = DriveError(500, "internalError", "The conversion failed.")
                return json_answer(failure.body(), failure.code)
            if len(content) > _LARGEST_EXPORT:
                return json_answer(_too_large().body(), 403)
            return Answer(200, content, media)

        return Answer(200, b"", media, later=later)

    def _shown(self, file_id: str, sheet_id: int | None) -> list[list[str]]:
        """A sheet as shown, every row padded to the widest one."""
        workbook = self._office.library.workbook(file_id)
        sheet = workbook.sheets[0] if sheet_id is None else workbook.sheet(sheet_id)
        if sheet is None:
            raise bad_request(f"The spreadsheet has no sheet {sheet_id}.")
        rows = read_values(workbook, sheet, sheet.area, Rendering())
        width = max(map(len, rows), default=0)
        return [[*map(str, row), *[""] * (width - len(row))] for row in rows]


def _too_large() -> DriveError:
    return DriveError(403, "exportSizeLimitExceeded", "This file is too large to be exported.")


def _one_line(text: str) -> str:
    return text.replace("\t", " ").replace("\r", " ").replace("\n", " ")
