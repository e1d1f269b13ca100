"""Drive's revisions, changes and about."""

from collections.abc import Container
from typing import Any

from crm_sync.sheet_server.drive_error import DriveError, invalid_parameter
from crm_sync.sheet_server.drive_files import DriveFiles
from crm_sync.sheet_server.drive_paging import (
    check_fields_asked,
    page_size,
    page_start,
    page_token,
)
from crm_sync.sheet_server.drive_view import EXPORTS, export_links, user_view
from crm_sync.sheet_server.files import SPREADSHEET_TYPE, FileRecord, shown_time
from crm_sync.sheet_server.history import FileChange, Revision
from crm_sync.sheet_server.office import Office
from crm_sync.sheet_server.permissions import Role
from crm_sync.sheet_server.routes import Asked

_LARGEST_PAGE = 1000


class DriveRevisions:
    """revisions.list and revisions.get: who changed a file when. Older content is not kept."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def search(self, asked: Asked) -> dict[str, Any]:
        """revisions.list, for writers; oldest first."""
        record = self._record(asked)
        found = self._office.history.revisions(record.id)
        size = page_size(asked.call.first("pageSize"), 200, _LARGEST_PAGE)
        start = page_start(asked.call.first("pageToken"))
        answer: dict[str, Any] = {"kind": "drive#revisionList"}
        if start + size < len(found):
            answer["nextPageToken"] = page_token(start + size)
        page = found[start : start + size]
        answer["revisions"] = [self._view(record, revision, asked) for revision in page]
        return answer

    def get(self, asked: Asked) -> dict[str, Any]:
        """revisions.get; `head` is the last one."""
        record = self._record(asked)
        wanted = asked.path["revisionId"]
        found = self._office.history.revisions(record.id)
        for revision in reversed(found):
            if wanted in ("head", str(revision.id)):
                return self._view(record, revision, asked)
        message = f"Revision not found: {wanted}."
        raise DriveError(404, "notFound", message, location="revisionId")

    def _record(self, asked: Asked) -> FileRecord:
        return self._office.drive_file(asked.path["fileId"], asked.caller, Role.WRITER)

    def _view(self, record: FileRecord, revision: Revision, asked: Asked) -> dict[str, Any]:
        account = self._office.accounts.named(revision.email)
        view: dict[str, Any] = {
            "kind": "drive#revision",
            "id": str(revision.id),
            "mimeType": record.mime_type,
            "modifiedTime": shown_time(revision.modified),
            "published": False,
            "lastModifyingUser": user_view(account, asked.caller.email),
        }
        if record.is_spreadsheet:
            view["exportLinks"] = export_links(record.id)
        return view


class DriveChanges:
    """changes.getStartPageToken and changes.list: which files changed since a token."""

    def __init__(self, office: Office, files: DriveFiles) -> None:
        self._office = office
        self._files = files

    def start(self, asked: Asked) -> dict[str, Any]:
        """changes.getStartPageToken: from now on."""
        token = str(self._office.history.next_number())
        return {"kind": "drive#startPageToken", "startPageToken": token}

    def search(self, asked: Asked) -> dict[str, Any]:
        """changes.list: the last change of each file that the caller can see or has lost."""
        token = asked.call.first("pageToken") or ""
        if not token.isdecimal() or len(token) > 15:
            raise invalid_parameter("pageToken")
        size = page_size(asked.call.first("pageSize"), 100, _LARGEST_PAGE)
        with_removed = asked.call.flag("includeRemoved", default=True)
        shown: list[dict[str, Any]] = []
        answer: dict[str, Any] = {"kind": "drive#changeList"}
        listed = self._listed(asked)
        for change in self._concerning(int(token), asked):
            view = self._view(change, asked, listed)
            if view is None or (view["removed"] and not with_removed):
                continue
            if len(shown) == size:
                answer["nextPageToken"] = str(change.number)
                break
            shown.append(view)
        else:
            answer["newStartPageToken"] = str(self._office.history.next_number())
        answer["changes"] = shown
        return answer

    def _concerning(self, start: int, asked: Asked) -> tuple[FileChange, ...]:
        return self._office.history.changes(start, asked.caller.email)

    def _view(
        self, change: FileChange, asked: Asked, listed: Container[str] | None
    ) -> dict[str, Any] | None:
        view: dict[str, Any] = {
            "kind": "drive#change",
            "type": "file",
            "changeType": "file",
            "time": shown_time(change.time),
            "removed": change.removed,
            "fileId": change.file_id,
        }
        if not change.removed:
            record = self._office.files.find(change.file_id)
            if record is None or (listed is not None and record.id not in listed):
                return None
            view["file"] = self._files.view(record, asked.caller)
        return view

    def _listed(self, asked: Asked) -> Container[str] | None:
        """The files that the caller may see, None for all."""
        if asked.caller.everywhere:
            return None
        return self._office.permissions.listed_for(asked.caller.email, self._office.now())


class DriveAbout:
    """about.get."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def get(self, asked: Asked) -> dict[str, Any]:
        """Who is calling and what can be imported and exported; `fields` say how much of it."""
        check_fields_asked(asked)
        account = self._office.accounts.named(asked.caller.email)
        return {
            "kind": "drive#about",
            "user": user_view(account, asked.caller.email),
            "storageQuota": {"usage": "0", "usageInDrive": "0", "usageInDriveTrash": "0"},
            "importFormats": {"text/csv": [SPREADSHEET_TYPE]},
            "exportFormats": {SPREADSHEET_TYPE: sorted(EXPORTS)},
            "canCreateDrives": False,
        }
