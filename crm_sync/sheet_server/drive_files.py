"""Drive's files: create, get, list, update, copy, delete."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from crm_sync.sheet_server.accounts import Account
from crm_sync.sheet_server.drive_error import (
    DriveError,
    bad_request,
    file_not_found,
    insufficient_role,
)
from crm_sync.sheet_server.drive_paging import page_size, page_start, page_token
from crm_sync.sheet_server.drive_query import Candidate, in_order, parse_query
from crm_sync.sheet_server.drive_view import KEPT_MEMBERS, file_view, root_folder_id
from crm_sync.sheet_server.files import FOLDER_TYPE, FileRecord, new_file_id
from crm_sync.sheet_server.oauth import Caller
from crm_sync.sheet_server.office import NewFile, Office
from crm_sync.sheet_server.permissions import Permission, Role
from crm_sync.sheet_server.routes import Asked

_UNTITLED = "Untitled"
_PAGE_SIZE, _LARGEST_PAGE = 100, 1000
_FILE_ID = re.compile(r"[A-Za-z0-9_-]{25,64}")


class DriveFiles:
    """One method for each method of Drive's `files`; each gives back a File message."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def create(self, asked: Asked) -> dict[str, Any]:
        """files.create without content: a spreadsheet gets its workbook at once."""
        body = asked.body
        wanted = NewFile(
            name=_text(body, "name") or _UNTITLED,
            mime_type=_text(body, "mimeType") or "application/octet-stream",
            parent=_single_parent(body),
            details=_kept(body),
            file_id=self._chosen_id(body),
        )
        record = self._office.create(wanted, asked.caller)
        if record.is_spreadsheet:
            self._office.library.create_workbook(record.id, record.name)
        return self.view(record, asked.caller)

    def get(self, asked: Asked) -> dict[str, Any]:
        """files.get; the alias `root` is the caller's My Drive."""
        file_id = asked.path["fileId"]
        if file_id in ("root", root_folder_id(asked.caller.email)):
            return _root_view(asked.caller)
        record = self._office.drive_file(file_id, asked.caller, Role.READER)
        return self.view(record, asked.caller)

    def update(self, asked: Asked) -> dict[str, Any]:
        """files.update of metadata: name, trash, folder and the members that are kept as sent."""
        office, body, caller = self._office, asked.body, asked.caller
        record = office.drive_file(asked.path["fileId"], caller, Role.WRITER)
        trash = _boolean(body, "trashed")
        if trash is not None and office.role(record, caller) is not Role.OWNER:
            raise insufficient_role()
        after = replace(record, details={**record.details, **_kept(body)})
        name = _text(body, "name")
        if name is not None:
            after = replace(after, name=name)
        if trash is not None:
            after = replace(
                after,
                trashed=(record.trashed or office.now()) if trash else None,
                trashed_by=caller.email if trash else None,
            )
        after = self._moved(after, asked)
        if record.is_spreadsheet:
            office.remember(record)
        after = office.changed(after, caller)
        if record.is_spreadsheet and after.name != record.name:
            retitle(office, after)
        return self.view(after, caller)

    def copy(self, asked: Asked) -> dict[str, Any]:
        """files.copy: the copy belongs to the caller alone. Without a name: `Copy of ...`."""
        office, body = self._office, asked.body
        record = office.drive_file(asked.path["fileId"], asked.caller, Role.READER)
        role = office.role(record, asked.caller) or Role.READER
        if role < Role.WRITER and record.details.get("copyRequiresWriterPermission"):
            raise DriveError(403, "cannotCopyFile", "This file cannot be copied by the user.")
        wanted = NewFile(
            name=_text(body, "name") or f"Copy of {record.name}",
            mime_type=record.mime_type,
            parent=_single_parent(body),
            details={**_copied_details(record), **_kept(body)},
            file_id=self._chosen_id(body) or new_file_id(),
        )
        copied = office.create(wanted, asked.caller)
        if record.is_spreadsheet:
            copy_workbook(office, record.id, copied)
        return self.view(copied, asked.caller)

    def delete(self, asked: Asked) -> None:
        """files.delete: for good, without the trash; by an owner only."""
        record = self._office.drive_file(asked.path["fileId"], asked.caller, Role.OWNER)
        self._office.delete(record)

    def search(self, asked: Asked) -> dict[str, Any]:
        """files.list of what the caller may see; trashed files too, unless `q` says otherwise."""
        call = asked.call
        test = parse_query(call.first("q") or "")
        found = [
            (candidate, record.id)
            for record in self._visible(asked.caller)
            if test(candidate := self._candidate(record, asked.caller))
        ]
        ordered = in_order(found, call.first("orderBy"))
        size = page_size(call.first("pageSize"), _PAGE_SIZE, _LARGEST_PAGE)
        start = page_start(call.first("pageToken"))
        page = ordered[start : start + size]
        answer: dict[str, Any] = {"kind": "drive#fileList"}
        if start + size < len(ordered):
            answer["nextPageToken"] = page_token(start + size)
        answer["incompleteSearch"] = False
        answer["files"] = [self._view_of(file_id, asked.caller) for _, file_id in page]
        return answer

    def generate_ids(self, asked: Asked) -> dict[str, Any]:
        """files.generateIds: ids that a later create may use."""
        count = page_size(asked.call.first("count"), 10, 1000)
        ids = [new_file_id() for _ in range(count)]
        return {"kind": "drive#generatedIds", "space": "drive", "ids": ids}

    def _chosen_id(self, body: Mapping[str, Any]) -> str | None:
        """The id that the client asks for, if it does: one as files.generateIds gives them."""
        wanted = _text(body, "id")
        if wanted is None:
            return None
        if not _FILE_ID.fullmatch(wanted):
            raise DriveError(400, "invalid", "The provided file ID is not usable.")
        if self._office.files.find(wanted) is not None:
            raise DriveError(409, "fileIdInUse", "A file already exists with the provided ID.")
        return wanted

    def view(self, record: FileRecord, caller: Caller) -> dict[str, Any]:
        """The File message of a record for a caller who may read it."""
        office = self._office
        permissions = office.permissions.of_file(record.id)
        people = self._people(record, permissions)
        role = office.role(record, caller) or Role.READER
        return file_view(record, people, role, caller.email, permissions)

    def _view_of(self, file_id: str, caller: Caller) -> dict[str, Any]:
        record = self._office.files.find(file_id)
        if record is None:
            raise file_not_found(file_id)
        return self.view(record, caller)

    def _people(
        self, record: FileRecord, permissions: tuple[Permission, ...]
    ) -> dict[str, Account]:
        emails = {record.owner, record.modified_by}
        if record.trashed_by is not None:
            emails.add(record.trashed_by)
        emails.update(
            permission.grantee for permission in permissions if permission.type in ("user", "group")
        )
        return {email: self._office.accounts.named(email) for email in emails}

    def _visible(self, caller: Caller) -> list[FileRecord]:
        # A file that is open to anyone with its link is found by its id, not by a search.
        office = self._office
        if caller.everywhere:
            return [*office.files.all()]
        listed = office.permissions.listed_for(caller.email, office.now())
        return [record for record in office.files.all() if record.id in listed]

    def _candidate(self, record: FileRecord, caller: Caller) -> Candidate:
        permissions = self._office.permissions.of_file(record.id)

        def holders(role: Role) -> tuple[str, ...]:
            return tuple(line.grantee for line in permissions if line.role >= role)

        def kept(name: str) -> dict[str, Any]:
            value = record.details.get(name)
            return dict(value) if isinstance(value, Mapping) else {}

        return Candidate(
            name=record.name,
            mime_type=record.mime_type,
            created=record.created,
            modified=record.modified,
            trashed=record.trashed is not None,
            parents=(record.parent, "root")
            if record.parent == root_folder_id(caller.email)
            else (record.parent,),
            owners=_mine(holders(Role.OWNER), caller),
            writers=_mine(holders(Role.WRITER), caller),
            readers=_mine(holders(Role.READER), caller),
            shared_with_me=record.owner != caller.email,
            starred=bool(record.details.get("starred")),
            properties=kept("properties"),
            app_properties=kept("appProperties"),
        )

    def _moved(self, record: FileRecord, asked: Asked) -> FileRecord:
        added = asked.call.first("addParents")
        if not added:
            return record
        folder_id = added.split(",")[0]
        if folder_id in ("root", root_folder_id(asked.caller.email)):
            return replace(record, parent=root_folder_id(asked.caller.email))
        folder = self._office.drive_file(folder_id, asked.caller, Role.WRITER)
        if folder.mime_type != FOLDER_TYPE:
            raise DriveError(403, "parentNotAFolder", "The specified parent is not a folder.")
        return replace(record, parent=folder.id)


def retitle(office: Office, record: FileRecord) -> None:
    """Gives the workbook of a file the file's name as its title."""
    draft = office.library.workbook(record.id).draft()
    draft.properties = {**draft.properties, "title": record.name}
    office.library.save(draft)


def copy_workbook(office: Office, source_id: str, target: FileRecord) -> None:
    """Saves the workbook of one file again as that of a new one, under the new file's name."""
    draft = office.library.workbook(source_id).draft()
    draft.id = target.id
    draft.properties = {**draft.properties, "title": target.name}
    office.library.add_workbook(draft)


def _root_view(caller: Caller) -> dict[str, Any]:
    return {
        "kind": "drive#file",
        "id": root_folder_id(caller.email),
        "name": "My Drive",
        "mimeType": FOLDER_TYPE,
    }


def _text(body: Mapping[str, Any], name: str) -> str | None:
    value = body.get(name)
    if value is None or isinstance(value, str):
        return value
    raise bad_request(f'Invalid value for: Expected a string for "{name}".')


def _boolean(body: Mapping[str, Any], name: str) -> bool | None:
    value = body.get(name)
    if value is None or isinstance(value, bool):
        return value
    raise bad_request(f'Invalid value for: Expected a boolean for "{name}".')


def _single_parent(body: Mapping[str, Any]) -> str | None:
    parents = body.get("parents")
    if not parents:
        return None
    if not isinstance(parents, list) or not all(isinstance(item, str) for item in parents):
        raise bad_request('Invalid value for: Expected a list of strings for "parents".')
    if len(parents) > 1:
        raise DriveError(
            403, "multipleParentsNotSupported", "A file cannot have more than one parent."
        )
    return str(parents[0])


def _kept(body: Mapping[str, Any]) -> dict[str, Any]:
    return {name: body[name] for name in sorted(KEPT_MEMBERS & body.keys())}


def _copied_details(record: FileRecord) -> dict[str, object]:
    # Stars and sharing rules belong to the original; what describes the content goes along.
    carried = ("description", "properties", "appProperties")
    return {name: record.details[name] for name in carried if name in record.details}


def _mine(emails: tuple[str, ...], caller: Caller) -> tuple[str, ...]:
    return (*emails, "me") if caller.email in emails else emails
