"""Drive's permissions of a file: https://developers.google.com/workspace/drive/api/reference/rest/v3/permissions

The scope drive.metadata.readonly is enough to list them, for an account that may share the file:
for an editor where editors may not share, Google answers with a 403.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from gspread.urls import DRIVE_FILES_API_V3_URL

from crm_sync.core.access import ANYONE, Rights, Share
from crm_sync.workbooks.answers import Malformed
from crm_sync.workbooks.http_client import Question, SheetsClient

_FIELDS: Final = (
    "nextPageToken,permissions(id,type,role,emailAddress,domain,deleted,expirationTime)"
)
# In a shared drive a page has at most a hundred, and that is also what is given unasked.
_PAGE: Final = "100"


def shares_of(client: SheetsClient, spreadsheet_id: str) -> tuple[Share, ...]:
    """Who may open the file now, our own account apart, in the order of the address."""
    found: list[Share] = []
    token = ""
    while True:
        params = {"fields": _FIELDS, "supportsAllDrives": "true", "pageSize": _PAGE}
        if token:
            params["pageToken"] = token
        url = f"{DRIVE_FILES_API_V3_URL}/{spreadsheet_id}/permissions"
        answer = client.ask(Question("GET", url, params), _checked)
        found += [_share(line) for line in answer["permissions"] if _counts(line)]
        token = str(answer.get("nextPageToken", ""))
        if not token:
            own = client.connection.account
            others = (share for share in found if share.who.casefold() != own.casefold())
            return tuple(sorted(others, key=lambda share: (share.kind, share.who)))


def rights_on(client: SheetsClient, spreadsheet_id: str) -> Rights:
    """What our own account may do with the file."""
    params = {"fields": "capabilities(canEdit,canShare)", "supportsAllDrives": "true"}
    question = Question("GET", f"{DRIVE_FILES_API_V3_URL}/{spreadsheet_id}", params)
    return client.ask(question, _rights)


def _rights(answer: Mapping[str, Any]) -> Rights:
    able = answer.get("capabilities")
    if not isinstance(able, dict):
        raise Malformed("files.get")
    return Rights(bool(able.get("canEdit")), bool(able.get("canShare")))


def _checked(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    lines = answer.get("permissions")
    if not isinstance(lines, list) or not all(_is_line(line) for line in lines):
        raise Malformed("permissions.list")
    return answer


def _is_line(line: object) -> bool:
    return isinstance(line, dict) and all(
        isinstance(line.get(key), str) for key in ("id", "type", "role")
    )


def _counts(line: Mapping[str, Any]) -> bool:
    """False for an account that was deleted, and for a permission that has run out."""
    if line.get("deleted"):
        return False
    try:
        return datetime.fromisoformat(line["expirationTime"]) > datetime.now(UTC)
    except (KeyError, TypeError, ValueError):
        return True


def _share(line: Mapping[str, Any]) -> Share:
    """One of an account that Google does not name is of somebody whom no list names either."""
    kind = str(line["type"])
    named = ANYONE if kind == ANYONE else line.get("domain" if kind == "domain" else "emailAddress")
    return Share(kind, str(named or line["id"]), str(line["role"]))
