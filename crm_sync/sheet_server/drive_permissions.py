"""Drive's permissions: list, get, create, update, delete."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from crm_sync.sheet_server.drive_error import (
    DriveError,
    bad_request,
    insufficient_role,
    permission_not_found,
)
from crm_sync.sheet_server.drive_paging import page_size, page_start, page_token
from crm_sync.sheet_server.drive_view import permission_view
from crm_sync.sheet_server.files import FileRecord
from crm_sync.sheet_server.office import Office
from crm_sync.sheet_server.permissions import (
    GRANTEE_TYPES,
    ROLES,
    Permission,
    Role,
    new_permission,
)
from crm_sync.sheet_server.routes import Asked

_LARGEST_PAGE = 100


class DrivePermissions:
    """One method for each method of Drive's `permissions`; each gives back a message."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def search(self, asked: Asked) -> dict[str, Any]:
        """permissions.list, for those who may share the file: others get a 403, as measured in
        https://github.com/oomol-lab/open-connector/issues/556
        """
        record = self._office.drive_file(asked.path["fileId"], asked.caller, Role.WRITER)
        self._check_may_share(record, asked)
        everyone = self._office.permissions.of_file(record.id)
        # Without a page size Drive gives all permissions of a file that is in no shared drive.
        size = page_size(asked.call.first("pageSize"), max(1, len(everyone)), _LARGEST_PAGE)
        start = page_start(asked.call.first("pageToken"))
        answer: dict[str, Any] = {"kind": "drive#permissionList"}
        if start + size < len(everyone):
            answer["nextPageToken"] = page_token(start + size)
        answer["permissions"] = [self._view(line) for line in everyone[start : start + size]]
        return answer

    def get(self, asked: Asked) -> dict[str, Any]:
        """permissions.get: anybody may see their own, writers may see all."""
        record = self._office.drive_file(asked.path["fileId"], asked.caller, Role.READER)
        permission = self._find(record, asked.path["permissionId"])
        role = self._office.role(record, asked.caller)
        if permission.grantee != asked.caller.email and (role is None or role < Role.WRITER):
            raise insufficient_role()
        return self._view(permission)

    def create(self, asked: Asked) -> dict[str, Any]:
        """permissions.create: gives a role; who has one already gets the new one instead.

        No mail is sent, whatever `sendNotificationEmail` says.
        """
        record = self._sharable(asked)
        permission = self._requested(record, asked)
        known = self._office.permissions.find(record.id, permission.id)
        if known is not None and known.role is Role.OWNER:
            return self._view(known)
        if "pendingOwner" in asked.body:
            permission = self._offered(record, permission, asked)
        if permission.role is Role.OWNER:
            return self._transfer(record, permission.grantee, asked)
        if permission.type in ("user", "group"):
            self._office.accounts.add(permission.grantee, self._office.now())
        self._office.give(record, permission)
        return self._view(permission)

    def update(self, asked: Asked) -> dict[str, Any]:
        """permissions.update: another role, or another end of it."""
        record = self._office.drive_file(asked.path["fileId"], asked.caller, Role.READER)
        permission = self._find(record, asked.path["permissionId"])
        role = _role(asked.body.get("role", permission.role.label))
        if role is Role.OWNER and permission.role is not Role.OWNER:
            offered = permission.pending_owner and permission.grantee == asked.caller.email
            return self._transfer(record, permission.grantee, asked, offered=offered)
        self._check_may_share(record, asked)
        if permission.role is Role.OWNER and role is not Role.OWNER:
            raise insufficient_role()
        after = replace(permission, role=role)
        if "pendingOwner" in asked.body:
            after = self._offered(record, after, asked)
        if asked.call.flag("removeExpiration"):
            after = replace(after, expires=None)
        elif "expirationTime" in asked.body:
            after = replace(after, expires=_time(asked.body["expirationTime"]))
        self._office.give(record, after)
        return self._view(after)

    def delete(self, asked: Asked) -> None:
        """permissions.delete: takes a role away; everybody may give up their own."""
        record = self._office.drive_file(asked.path["fileId"], asked.caller, Role.READER)
        permission = self._find(record, asked.path["permissionId"])
        if permission.role is Role.OWNER:
            raise insufficient_role()
        if permission.grantee != asked.caller.email:
            self._check_may_share(record, asked)
        self._office.take(record, permission)

    def _sharable(self, asked: Asked) -> FileRecord:
        record = self._office.drive_file(asked.path["fileId"], asked.caller, Role.READER)
        self._check_may_share(record, asked)
        return record

    def _check_may_share(self, record: FileRecord, asked: Asked) -> None:
        role = self._office.role(record, asked.caller) or Role.READER
        writers_share = bool(record.details.get("writersCanShare", True))
        if role is not Role.OWNER and not (role is Role.WRITER and writers_share):
            raise insufficient_role()

    def _requested(self, record: FileRecord, asked: Asked) -> Permission:
        body = asked.body
        kind = body.get("type")
        if kind is None:
            raise DriveError(400, "required", "The permission type field is required.")
        if kind not in GRANTEE_TYPES:
            raise bad_request("The specified permission type is invalid.")
        role = _role(body.get("role"))
        grantee = _grantee(kind, body)
        discoverable = body.get("allowFileDiscovery") is True
        permission = new_permission(record.id, kind, role, grantee, discoverable=discoverable)
        if role is Role.OWNER and kind != "user":
            raise bad_request("The specified role is not valid for this permission type.")
        if "expirationTime" in body:
            permission = replace(permission, expires=_time(body["expirationTime"]))
        return permission

    def _offered(self, record: FileRecord, permission: Permission, asked: Asked) -> Permission:
        """The permission with the offer of the file that its owner makes or takes back."""
        wanted = asked.body["pendingOwner"] is True
        if wanted == permission.pending_owner:
            return permission
        if self._office.role(record, asked.caller) is not Role.OWNER:
            raise insufficient_role()
        if wanted and (permission.type != "user" or permission.role is not Role.WRITER):
            raise bad_request("Only a user who is a writer can become the pending owner.")
        return replace(permission, pending_owner=wanted)

    def _transfer(
        self, record: FileRecord, grantee: str, asked: Asked, *, offered: bool = False
    ) -> dict[str, Any]:
        """Hands the file over, as its owner may, and the person to whom it was offered."""
        if not offered and self._office.role(record, asked.caller) is not Role.OWNER:
            raise insufficient_role()
        if not asked.call.flag("transferOwnership"):
            raise DriveError(
                403,
                "forbidden",
                "The transferOwnership parameter must be enabled when the permission role is"
                " 'owner'.",
                location="transferOwnership",
            )
        self._office.hand_over(record, grantee)
        owner = new_permission(record.id, "user", Role.OWNER, grantee)
        return self._view(owner)

    def _find(self, record: FileRecord, identity: str) -> Permission:
        permission = self._office.permissions.find(record.id, identity)
        if permission is None:
            raise permission_not_found(identity)
        return permission

    def _view(self, permission: Permission) -> dict[str, Any]:
        named = permission.type in ("user", "group")
        account = self._office.accounts.named(permission.grantee) if named else None
        return permission_view(permission, account)


def _grantee(kind: str, body: dict[str, Any]) -> str:
    if kind == "anyone":
        return ""
    name = "domain" if kind == "domain" else "emailAddress"
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise bad_request(f"The {name} field is required for this permission type.")
    if kind != "domain" and "@" not in value:
        raise DriveError(
            400, "invalidSharingRequest", "The email address is invalid or not applicable."
        )
    return value.lower()


def _role(label: Any) -> Role:
    if label is None:
        raise DriveError(400, "required", "The permission role field is required.")
    role = ROLES.get(label) if isinstance(label, str) else None
    if role is None:
        raise bad_request("The specified role is invalid or not supported for this item.")
    return role


def _time(value: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise bad_request("Invalid value for: expirationTime") from error
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
