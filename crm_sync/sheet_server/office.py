"""All that one data file serves, put together: library, files, sharing, accounts, tokens.

Every change of a file goes through here, so that its version grows by one each time.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from crm_sync.sheet_server.accounts import OWNER_EMAIL, AccountBook
from crm_sync.sheet_server.api_error import ApiError, not_found
from crm_sync.sheet_server.discussion import CommentTable
from crm_sync.sheet_server.drive_error import DriveError, file_not_found, insufficient_role
from crm_sync.sheet_server.drive_view import root_folder_id
from crm_sync.sheet_server.files import FileRecord, FileTable, new_file_id, touched
from crm_sync.sheet_server.history import FileHistory
from crm_sync.sheet_server.last_number import LastNumber
from crm_sync.sheet_server.oauth import SCOPE_ROOT, Caller, TokenEndpoint, Tokens
from crm_sync.sheet_server.permissions import Permission, PermissionTable, Role, new_permission
from crm_sync.sheet_server.sheets_api import SheetsApi
from crm_sync.sheet_server.storage import Library
from crm_sync.sheet_server.workbook import Workbook

ALL_SCOPES = frozenset({SCOPE_ROOT + "spreadsheets", SCOPE_ROOT + "drive"})


@dataclass(frozen=True, slots=True)
class NewFile:
    """What somebody wants to create."""

    name: str
    mime_type: str
    parent: str | None = None
    details: Mapping[str, object] | None = None
    file_id: str | None = None


class Office:
    """The tables and rules behind the routes. Not thread-safe: one thread asks at a time."""

    def __init__(self, library: Library, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self.library = library
        self._present = SheetsApi(library)
        self._before: dict[str, Workbook] = {}
        self._past = SheetsApi(_Past(library, self._before))
        self._in_the_past = False
        with library.transaction():
            self.accounts = AccountBook(library.connection)
            self.files = FileTable(library.connection)
            self.permissions = PermissionTable(library.connection)
            self.history = FileHistory(library.connection, LastNumber(library.path))
            self.comments = CommentTable(library.connection)
            self._go_on_after_what_is_lost()
        self.tokens = Tokens()
        self.token_endpoint = TokenEndpoint(self.accounts, self.tokens)

    @property
    def sheets(self) -> SheetsApi:
        """The Sheets methods; inside `in_the_past`, on workbooks before their last change."""
        return self._past if self._in_the_past else self._present

    @contextmanager
    def in_the_past(self) -> Iterator[None]:
        """Reads inside see each workbook as it was before its last change in this run."""
        self._in_the_past = True
        try:
            yield
        finally:
            self._in_the_past = False

    def remember(self, record: FileRecord) -> None:
        """Keeps the workbook as it stands; to be called before a change of it."""
        self._before[record.id] = self.library.workbook(record.id)

    def now(self) -> datetime:
        """The time in UTC, cut to the milliseconds that Google shows."""
        moment = self._clock().astimezone(UTC)
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000)

    def welcome_owner(self, token: str) -> None:
        """Makes a fixed token that of the office's owner, who may do all with every file."""
        with self.library.transaction():
            self.accounts.add(OWNER_EMAIL, self.now())
        self.tokens.keep(token, Caller(OWNER_EMAIL, ALL_SCOPES, everywhere=True))

    def caller(self, token: str) -> Caller | None:
        """Who holds a token, or None."""
        return self.tokens.caller(token, self.now())

    def role(self, record: FileRecord, caller: Caller) -> Role | None:
        """What the caller may do with a file."""
        return self.permissions.role_of(record.id, caller, self.now())

    def sheet_file(self, file_id: str, caller: Caller, need: Role) -> FileRecord:
        """The record of a spreadsheet for a Sheets request. Raises ApiError 404, 403 or 400."""
        record = self.files.find(file_id)
        if record is None:
            raise not_found()
        role = self.role(record, caller)
        if role is None or role < need:
            raise ApiError(403, "PERMISSION_DENIED", "The caller does not have permission")
        if not record.is_spreadsheet:
            raise ApiError(
                400, "FAILED_PRECONDITION", "This operation is not supported for this document"
            )
        return record

    def drive_file(self, file_id: str, caller: Caller, need: Role) -> FileRecord:
        """The record of a file for a Drive request. Raises DriveError 404 or 403."""
        record = self.files.find(file_id)
        role = None if record is None else self.role(record, caller)
        if record is None or role is None:
            raise file_not_found(file_id)
        if role < need:
            raise insufficient_role()
        return record

    def create(self, wanted: NewFile, caller: Caller) -> FileRecord:
        """The record of a new file owned by the caller. Its workbook is made by who asks."""
        now = self.now()
        self.accounts.add(caller.email, now)
        record = FileRecord(
            id=wanted.file_id or new_file_id(),
            name=wanted.name,
            mime_type=wanted.mime_type,
            owner=caller.email,
            created=now,
            modified=now,
            modified_by=caller.email,
            parent=self._parent(wanted.parent, caller),
            details=dict(wanted.details or {}),
        )
        self.files.put(record)
        self.permissions.put(new_permission(record.id, "user", Role.OWNER, caller.email))
        self.history.edited(record)
        return record

    def changed(self, record: FileRecord, caller: Caller) -> FileRecord:
        """Records that the caller changed a file: one version on, now."""
        self.accounts.add(caller.email, self.now())
        after = touched(record, caller.email, self.now())
        self.files.put(after)
        self.history.edited(after)
        return after

    def trash(self, record: FileRecord, caller: Caller) -> FileRecord:
        """Puts a file into the trash, where it can still be read."""
        return self.changed(
            replace(record, trashed=record.trashed or self.now(), trashed_by=caller.email), caller
        )

    def counted(self, record: FileRecord) -> FileRecord:
        """Records a change that is not of the content: one version on, but not modified."""
        after = replace(record, version=record.version + 1)
        self.files.put(after)
        self.history.touched(after, self.now())
        return after

    def give(self, record: FileRecord, permission: Permission) -> FileRecord:
        """Gives a permission, or changes the one with its id."""
        self.permissions.put(permission)
        self.history.regained(record.id, permission.grantee)
        return self.counted(record)

    def take(self, record: FileRecord, permission: Permission) -> FileRecord:
        """Takes a permission away."""
        self.permissions.remove(record.id, permission.id)
        after = self.counted(record)
        if permission.type == "user":
            self.history.lost(record.id, permission.grantee, self.now())
        return after

    def hand_over(self, record: FileRecord, email: str) -> FileRecord:
        """Makes another account the owner; who was it stays as a writer."""
        self.accounts.add(email, self.now())
        self.permissions.transfer(record.id, email)
        self.history.regained(record.id, email)
        return self.counted(replace(record, owner=email))

    def revoke(self, record: FileRecord, email: str) -> FileRecord:
        """Takes an account's own permission away; its files pass to the office's owner."""
        after = self.hand_over(record, OWNER_EMAIL) if record.owner == email else record
        for permission in self.permissions.of_file(record.id):
            if permission.grantee == email:
                after = self.take(after, permission)
        return after

    def delete(self, record: FileRecord) -> None:
        """Ends a file with its workbook, permissions, comments and revisions."""
        people = [line.grantee for line in self.permissions.of_file(record.id)]
        if record.is_spreadsheet:
            self.library.delete_workbook(record.id)
        self.permissions.remove_all(record.id)
        self.comments.remove_all(record.id)
        self.files.remove(record.id)
        self.history.deleted(record.id, people, self.now())
        self._before.pop(record.id, None)

    def _go_on_after_what_is_lost(self) -> None:
        """Sees to it that versions only grow, as they do at Google, though the data file was put
        back from a copy: a version that some other content had is given to none.
        """
        lost = self.history.lacking()
        if lost:
            self.history.skip(lost)
            for record in self.files.all():
                # Each of the lost changes may have been one of this file.
                self.counted(replace(record, version=record.version + lost))

    def _parent(self, parent: str | None, caller: Caller) -> str:
        own_root = root_folder_id(caller.email)
        if parent is None or parent in ("root", own_root):
            return own_root
        folder = self.files.find(parent)
        role = None if folder is None else self.role(folder, caller)
        if role is None:
            raise file_not_found(parent)
        if role < Role.WRITER:
            raise DriveError(
                403,
                "insufficientParentPermissions",
                "Insufficient permissions for the specified parent.",
            )
        return parent


class _Past(Library):
    """Another library's workbooks before their last change; for reading only."""

    def __init__(self, library: Library, before: Mapping[str, Workbook]) -> None:
        self._library = library
        self._before = before
        self.clock = library.clock

    def workbook(self, file_id: str) -> Workbook:
        return self._before.get(file_id) or self._library.workbook(file_id)
