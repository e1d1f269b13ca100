"""CSV uploaded into a spreadsheet, as Drive v2's files.update does it, which gspread uses.

https://developers.google.com/workspace/drive/api/reference/rest/v2/files/update
"""

import base64
import csv
import io
import uuid
from typing import Any

from crm_sync.sheet_server.drive_error import bad_request
from crm_sync.sheet_server.drive_view import export_links, root_folder_id, user_view
from crm_sync.sheet_server.files import FileRecord, shown_time
from crm_sync.sheet_server.office import Office
from crm_sync.sheet_server.permissions import Role
from crm_sync.sheet_server.routes import Asked

# What a conversion leaves behind, whatever the spreadsheet had before.
_TIME_ZONE = "America/Los_Angeles"
_ROWS, _COLUMNS = 1000, 26
_V2_FILES = "https://www.googleapis.com/drive/v2/files"
_ICON = "https://drive-thirdparty.googleusercontent.com/16/type/"
_PICTURE = "https://lh3.googleusercontent.com/a/default-user=s64"


class DriveImport:
    """files.update with content, for spreadsheets and text/csv."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def update(self, asked: Asked) -> dict[str, Any]:
        """The v2 File message after its content became one sheet, named like the file.

        Cells are read as if typed. All other sheets are gone.
        """
        record = self._office.drive_file(asked.path["fileId"], asked.caller, Role.WRITER)
        media = asked.call.headers.get("content-type", "").partition(";")[0].strip().lower()
        if not record.is_spreadsheet or media != "text/csv" or not asked.call.flag("convert"):
            raise bad_request("Only text/csv can be converted, into a spreadsheet.")
        self._office.remember(record)
        self._replace_sheets(record, _rows(asked.call.body))
        return self._view(self._office.changed(record, asked.caller), asked)

    def _replace_sheets(self, record: FileRecord, rows: list[list[str]]) -> None:
        api = self._office.sheets
        old = [sheet.id for sheet in self._office.library.workbook(record.id).sheets]
        width = max(map(len, rows), default=0)
        grid = {"rowCount": max(_ROWS, len(rows)), "columnCount": max(_COLUMNS, width)}
        # The new sheet bears a name of its own until the one that may have the file's is gone.
        draft = uuid.uuid4().hex
        answer, _ = api.batch_update(
            record.id,
            {
                "requests": [
                    {"addSheet": {"properties": {"title": draft, "gridProperties": grid}}},
                    *({"deleteSheet": {"sheetId": sheet_id}} for sheet_id in old),
                    {
                        "updateSpreadsheetProperties": {
                            "properties": {"timeZone": _TIME_ZONE},
                            "fields": "timeZone",
                        }
                    },
                ]
            },
        )
        sheet_id = answer["replies"][0]["addSheet"]["properties"]["sheetId"]
        if any(rows):
            typed = {"valueInputOption": "USER_ENTERED"}
            api.values_update(record.id, f"{draft}!A1", typed, {"values": rows})
        properties = {"sheetId": sheet_id, "title": record.name}
        title = {"updateSheetProperties": {"properties": properties, "fields": "title"}}
        api.batch_update(record.id, {"requests": [title]})

    def _view(self, record: FileRecord, asked: Asked) -> dict[str, Any]:
        office = self._office
        role = office.role(record, asked.caller) or Role.WRITER
        owner = self._user(record.owner, asked)
        editor = self._user(record.modified_by, asked)
        own = f"{_V2_FILES}/{record.id}"
        page = f"https://docs.google.com/spreadsheets/d/{record.id}"
        return {
            "kind": "drive#file",
            "userPermission": {
                "id": "me",
                "type": "user",
                "role": role.label,
                "kind": "drive#permission",
                "selfLink": f"{own}/permissions/me",
                "etag": _etag(f"{record.id}/{asked.caller.email}/{role.label}"),
                "pendingOwner": False,
            },
            "selfLink": own,
            "ownerNames": [owner["displayName"]],
            "lastModifyingUserName": editor["displayName"],
            "parents": [_parent(record, own)],
            "shared": len(office.permissions.of_file(record.id)) > 1,
            "lastModifyingUser": editor,
            "owners": [owner],
            "etag": _etag(str(int(record.modified.timestamp() * 1000))),
            "embedLink": f"{page}/htmlembed?ouid={owner['permissionId']}",
            "alternateLink": f"{page}/edit?usp=drivesdk",
            **_own_members(record),
        }

    def _user(self, email: str, asked: Asked) -> dict[str, Any]:
        user = user_view(self._office.accounts.named(email), asked.caller.email)
        return {
            "displayName": user["displayName"],
            "kind": "drive#user",
            "isAuthenticatedUser": user["me"],
            "permissionId": user["permissionId"],
            "emailAddress": user["emailAddress"],
            "picture": {"url": _PICTURE},
        }


def _rows(content: bytes) -> list[list[str]]:
    """The lines of a CSV as lists of cells. Raises DriveError 400 if it is not UTF-8 CSV."""
    try:
        text = content.decode("utf-8-sig")
        return [list(row) for row in csv.reader(io.StringIO(text, newline=""), strict=True)]
    except (UnicodeDecodeError, csv.Error) as error:
        raise bad_request("The content cannot be converted.") from error


def _own_members(record: FileRecord) -> dict[str, Any]:
    """The members of a v2 File message that the record alone decides."""
    modified, kept = shown_time(record.modified), record.details
    trashed = record.trashed is not None
    return {
        "editable": True,
        "writersCanShare": bool(kept.get("writersCanShare", True)),
        "mimeType": record.mime_type,
        "exportLinks": export_links(record.id),
        "thumbnailLink": f"https://docs.google.com/feeds/vt?gd=true&id={record.id}&v=1&sz=s220",
        "appDataContents": False,
        "iconLink": _ICON + record.mime_type,
        "copyable": True,
        "fileSize": "1024",
        "copyRequiresWriterPermission": bool(kept.get("copyRequiresWriterPermission", False)),
        "spaces": ["drive"],
        "id": record.id,
        "title": record.name,
        "labels": {
            "viewed": True,
            "restricted": False,
            "starred": bool(kept.get("starred", False)),
            "hidden": False,
            "trashed": trashed,
        },
        "explicitlyTrashed": trashed,
        "createdDate": shown_time(record.created),
        "modifiedDate": modified,
        "modifiedByMeDate": modified,
        "lastViewedByMeDate": modified,
        "markedViewedByMeDate": "1970-01-01T00:00:00.000Z",
        "quotaBytesUsed": "1024",
        "version": str(record.version),
        "capabilities": {"canEdit": True, "canCopy": True},
    }


def _parent(record: FileRecord, own: str) -> dict[str, Any]:
    return {
        "selfLink": f"{own}/parents/{record.parent}",
        "id": record.parent,
        "isRoot": record.parent == root_folder_id(record.owner),
        "kind": "drive#parentReference",
        "parentLink": f"{_V2_FILES}/{record.parent}",
    }


def _etag(content: str) -> str:
    return '"' + base64.urlsafe_b64encode(content.encode()).decode().rstrip("=") + '"'
