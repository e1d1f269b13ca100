"""Drive's messages about files, permissions and users, complete: masks pick from them."""

import hashlib
from collections.abc import Sequence
from typing import Any

from crm_sync.sheet_server.accounts import Account
from crm_sync.sheet_server.files import FOLDER_TYPE, FileRecord, shown_time
from crm_sync.sheet_server.permissions import Permission, Role

EXPORTS = {
    "application/x-vnd.oasis.opendocument.spreadsheet": "ods",
    "text/tab-separated-values": "tsv",
    "application/pdf": "pdf",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "text/csv": "csv",
    "application/zip": "zip",
    "application/vnd.oasis.opendocument.spreadsheet": "ods",
}
FILE_DEFAULTS = "kind,id,name,mimeType"
PERMISSION_DEFAULTS = "kind,id,type,role"

_DOCS = "https://docs.google.com/spreadsheets"
# Members that Drive keeps as sent, with what it answers while they were never sent.
_KEPT: dict[str, Any] = {
    "writersCanShare": True,
    "copyRequiresWriterPermission": False,
    "starred": False,
    "description": None,
    "properties": None,
    "appProperties": None,
    "folderColorRgb": None,
    "contentRestrictions": None,
    "downloadRestrictions": None,
}
_RESTRICTIONS = ("contentRestrictions", "downloadRestrictions", "folderColorRgb")
KEPT_MEMBERS = frozenset(_KEPT)


def root_folder_id(email: str) -> str:
    """The id of an account's My Drive."""
    return "0A" + hashlib.sha256(email.encode()).hexdigest()[:11] + "Uk9PVA"


def user_view(account: Account, caller_email: str) -> dict[str, Any]:
    """A User message."""
    return {
        "kind": "drive#user",
        "displayName": account.display_name,
        "me": account.email == caller_email,
        "permissionId": account.permission_id,
        "emailAddress": account.email,
    }


def permission_view(permission: Permission, account: Account | None) -> dict[str, Any]:
    """A Permission message; `account` is that of a user's or group's permission."""
    view: dict[str, Any] = {
        "kind": "drive#permission",
        "id": permission.id,
        "type": permission.type,
        "role": permission.role.label,
    }
    if account is not None:
        view["emailAddress"] = account.email
        view["displayName"] = account.display_name
        view["deleted"] = account.disabled
        view["pendingOwner"] = permission.pending_owner
    if permission.type == "domain":
        view["domain"] = permission.grantee
        view["displayName"] = permission.grantee
    if permission.type in ("domain", "anyone"):
        view["allowFileDiscovery"] = permission.discoverable
    if permission.expires is not None:
        view["expirationTime"] = shown_time(permission.expires)
    return view


def file_view(
    record: FileRecord,
    people: dict[str, Account],
    role: Role,
    caller_email: str,
    permissions: Sequence[Permission],
) -> dict[str, Any]:
    """A File message as the caller sees it. `people` has every account that the file names."""
    kept = {name: record.details.get(name, default) for name, default in _KEPT.items()}
    view: dict[str, Any] = {
        "kind": "drive#file",
        "id": record.id,
        "name": record.name,
        "mimeType": record.mime_type,
        "description": kept["description"],
        "starred": kept["starred"],
        "trashed": record.trashed is not None,
        "explicitlyTrashed": record.trashed is not None,
        "trashedTime": None if record.trashed is None else shown_time(record.trashed),
        "trashingUser": _user_or_none(people, record.trashed_by, caller_email),
        "parents": [record.parent] if _sees_parent(record, caller_email) else None,
        "properties": kept["properties"],
        "appProperties": kept["appProperties"],
        "spaces": ["drive"],
        "version": str(record.version),
        "webViewLink": _web_link(record),
        "createdTime": shown_time(record.created),
        "modifiedTime": shown_time(record.modified),
        "modifiedByMe": record.modified_by == caller_email,
        "owners": [user_view(people[record.owner], caller_email)],
        "lastModifyingUser": user_view(people[record.modified_by], caller_email),
        "shared": len(permissions) > 1,
        "ownedByMe": record.owner == caller_email,
        "capabilities": _capabilities(record, role),
        "viewersCanCopyContent": not kept["copyRequiresWriterPermission"],
        "copyRequiresWriterPermission": kept["copyRequiresWriterPermission"],
        "writersCanShare": kept["writersCanShare"],
        "quotaBytesUsed": "1024" if record.is_spreadsheet else "0",
        "isAppAuthorized": True,
        **{name: kept[name] for name in _RESTRICTIONS},
    }
    if role >= Role.WRITER:
        view["permissions"] = [
            permission_view(line, people.get(line.grantee)) for line in permissions
        ]
        view["permissionIds"] = [each.id for each in permissions]
    if record.is_spreadsheet:
        view["exportLinks"] = export_links(record.id)
    return {name: value for name, value in view.items() if value is not None}


def export_links(file_id: str) -> dict[str, str]:
    """Where each export format of a spreadsheet is found, by media type."""
    return {
        media: f"{_DOCS}/export?id={file_id}&exportFormat={ending}"
        for media, ending in EXPORTS.items()
    }


def _capabilities(record: FileRecord, role: Role) -> dict[str, bool]:
    edits, owns = role >= Role.WRITER, role is Role.OWNER
    may_copy = edits or not record.details.get("copyRequiresWriterPermission", False)
    return {
        "canComment": role >= Role.COMMENTER,
        "canCopy": may_copy,
        "canDelete": owns,
        "canDownload": may_copy,
        "canEdit": edits,
        "canModifyContent": edits,
        "canReadRevisions": edits,
        "canRename": edits,
        "canShare": owns or (edits and bool(record.details.get("writersCanShare", True))),
        "canTrash": owns,
        "canUntrash": owns,
    }


def _sees_parent(record: FileRecord, caller_email: str) -> bool:
    # The folder in which the owner keeps a file is hidden from those it is shared with.
    return record.owner == caller_email or record.parent != root_folder_id(record.owner)


def _user_or_none(
    people: dict[str, Account], email: str | None, caller_email: str
) -> dict[str, Any] | None:
    return None if email is None else user_view(people[email], caller_email)


def _web_link(record: FileRecord) -> str:
    if record.is_spreadsheet:
        return f"{_DOCS}/d/{record.id}/edit?usp=drivesdk"
    if record.mime_type == FOLDER_TYPE:
        return f"https://drive.google.com/drive/folders/{record.id}"
    return f"https://drive.google.com/file/d/{record.id}/view?usp=drivesdk"
