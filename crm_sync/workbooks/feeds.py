"""Drive's list of changes: https://developers.google.com/workspace/drive/api/guides/manage-changes"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from crm_sync.errors import AccessError, ShapeError, WorkbookGone
from crm_sync.ports import Changes
from crm_sync.workbooks.answers import Malformed
from crm_sync.workbooks.http_client import Question, SheetsClient

_URL: Final = "https://www.googleapis.com/drive/v3/changes"
_SHARED: Final = {"supportsAllDrives": "true"}
_FIELDS: Final = "nextPageToken,newStartPageToken,changes(fileId,removed,file(version,trashed))"
_PAGE: Final = 1000
_MOST_PAGES: Final = 20


def start_token(client: SheetsClient) -> str:
    """The token of this moment."""
    params = {**_SHARED, "fields": "startPageToken"}
    return client.ask(Question("GET", f"{_URL}/startPageToken", params), _token)


def changes_since(client: SheetsClient, token: str) -> Changes | None:
    """What changed since a token; None if the server does not know it, or if so much changed that
    asking each file is as good.
    """
    files: dict[str, int | None] = {}
    at = token
    for _ in range(_MOST_PAGES):
        try:
            answer = client.ask(_question(at), _checked)
        except (ShapeError, WorkbookGone, AccessError):
            # An old token is answered as a bad parameter, or as something that is not there.
            return None
        for change in answer.get("changes", ()):
            files[str(change.get("fileId"))] = _version(change)
        if "newStartPageToken" in answer:
            new = str(answer["newStartPageToken"])
            return None if _goes_back(token, new) else Changes(files, new)
        at = str(answer["nextPageToken"])
    return None


def _question(token: str) -> Question:
    params = {
        **_SHARED,
        "pageToken": token,
        "pageSize": str(_PAGE),
        "includeItemsFromAllDrives": "true",
        "includeRemoved": "true",
        "fields": _FIELDS,
    }
    return Question("GET", _URL, params)


def _goes_back(old: str, new: str) -> bool:
    """True if the server was put back to an older state: then it tells of nothing in between."""
    return old.isdecimal() and new.isdecimal() and int(new) < int(old)


def _version(change: Mapping[str, Any]) -> int | None:
    file = change.get("file", {})
    if change.get("removed") or file.get("trashed"):
        return None
    version = str(file.get("version", ""))
    return int(version) if version.isdecimal() else None


def _token(answer: Mapping[str, Any]) -> str:
    token = answer.get("startPageToken")
    if not isinstance(token, str) or not token:
        raise Malformed("changes.getStartPageToken")
    return token


def _checked(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    if not {"newStartPageToken", "nextPageToken"} & answer.keys():
        raise Malformed("changes.list")
    if not all(isinstance(change, dict) for change in answer.get("changes", ())):
        raise Malformed("changes.list")
    return answer
