"""Protected ranges: who may edit which cells."""

from __future__ import annotations

from typing import NamedTuple

from crm_sync.sheet_server.api_error import ApiError, invalid
from crm_sync.sheet_server.grid import Area
from crm_sync.sheet_server.ranges import bounded
from crm_sync.sheet_server.workbook import Json, Sheet, Workbook


class Caller(NamedTuple):
    """Who asks, and who owns the file; empty e-mails when it is not known."""

    email: str = ""
    owner: str = ""

    @property
    def is_free(self) -> bool:
        """Whether no protection holds this caller: the owner, or a caller nobody knows."""
        return not self.email or self.email == self.owner


def may_edit(entry: Json, caller: Caller) -> bool:
    """Whether the caller may edit what a ProtectedRange protects."""
    if caller.is_free or entry.get("warningOnly"):
        return True
    editors = entry.get("editors", {})
    return caller.email in editors.get("users", ()) or bool(editors.get("domainUsersCanEdit"))


def check_cells(workbook: Workbook, caller: Caller, area: Area) -> None:
    """ApiError 400 when the area holds a cell that is protected from the caller."""
    if caller.is_free:
        return
    sheet = workbook.sheet(area.sheet_id)
    if sheet is None:
        return
    for entry in sheet.parts.get("protectedRanges", ()):
        if may_edit(entry, caller):
            continue
        if not bounded(sheet, entry["range"]).meets(area):
            continue
        free = [bounded(sheet, held) for held in entry.get("unprotectedRanges", ())]
        if not any(part.covers(area) for part in free):
            raise protected()


def check_sheet(workbook: Workbook, caller: Caller, sheet: Sheet) -> None:
    """ApiError 400 when the sheet as a whole is protected from the caller."""
    for entry in sheet.parts.get("protectedRanges", ()):
        is_whole = not any(name.endswith("Index") for name in entry["range"])
        if is_whole and not may_edit(entry, caller):
            raise protected()


def protected() -> ApiError:
    """The 400 for an edit that a protection forbids."""
    return invalid(
        "You are trying to edit a protected cell or object. Please contact the spreadsheet owner "
        "to remove protection if you need to edit."
    )


def seen_by(entry: Json, caller: Caller) -> Json:
    """A ProtectedRange as this caller sees it: who may not edit does not see who may."""
    if may_edit(entry, caller) or entry.get("warningOnly"):
        return entry
    hidden = ("editors", "requestingUserCanEdit")
    return {name: item for name, item in entry.items() if name not in hidden}
