"""Spreadsheets as files: what Drive's files.export gives."""

import csv
import io
from collections.abc import Callable

from crm_sync.sheet_server.drive_error import DriveError, bad_request
from crm_sync.sheet_server.exchange import Answer
from crm_sync.sheet_server.office import Office
from crm_sync.sheet_server.permissions import Role
from crm_sync.sheet_server.routes import Asked
from crm_sync.sheet_server.xlsx_export import MEDIA_TYPE as XLSX_TYPE
from crm_sync.sheet_server.xlsx_export import DoesNotFit, xlsx_file

CSV_TYPE = "text/csv"
TSV_TYPE = "text/tab-separated-values"
_LARGEST_EXPORT = 10 * 1024 * 1024


class DriveExport:
    """files.export."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._writers: dict[str, Callable[[str], bytes]] = {
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
        role = self._office.role(record, asked.caller) or Role.READER
        if role < Role.WRITER and record.details.get("copyRequiresWriterPermission"):
            raise DriveError(403, "cannotExportFile", "This file cannot be exported by the user.")
        writer = self._writers.get(media)
        if writer is None:
            raise bad_request("The requested conversion is not supported.")
        content = writer(record.id)
        if len(content) > _LARGEST_EXPORT:
            raise _too_large()
        return Answer(200, content, media)

    def _comma_separated(self, file_id: str) -> bytes:
        stream = io.StringIO()
        writer = csv.writer(stream, lineterminator="\r\n")
        writer.writerows(self._shown(file_id))
        return stream.getvalue().removesuffix("\r\n").encode()

    def _tab_separated(self, file_id: str) -> bytes:
        # The format has no quoting: what would break a line or a column becomes a space.
        lines = ["\t".join(map(_one_line, row)) for row in self._shown(file_id)]
        return "\r\n".join(lines).encode()

    def _workbook(self, file_id: str) -> bytes:
        try:
            return xlsx_file(self._office.library.workbook(file_id))
        except DoesNotFit as error:
            raise _too_large() from error

    def _shown(self, file_id: str) -> list[list[str]]:
        """The first sheet as shown, every row padded to the widest one."""
        title = self._office.library.workbook(file_id).sheets[0].title
        quoted = "'" + title.replace("'", "''") + "'"
        rows = self._office.sheets.values_get(file_id, quoted, {}).get("values", [])
        width = max(map(len, rows), default=0)
        return [[*map(str, row), *[""] * (width - len(row))] for row in rows]


def _too_large() -> DriveError:
    return DriveError(403, "exportSizeLimitExceeded", "This file is too large to be exported.")


def _one_line(text: str) -> str:
    return text.replace("\t", " ").replace("\r", " ").replace("\n", " ")
