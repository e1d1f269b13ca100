"""Protected ranges: add, update, delete."""

from __future__ import annotations

from crm_sync.sheet_server.api_error import invalid
from crm_sync.sheet_server.batch import kept_parts
from crm_sync.sheet_server.batch.context import Batch, Handler
from crm_sync.sheet_server.batch.kept_parts import PROTECTED_RANGE
from crm_sync.sheet_server.guard import may_edit, protected
from crm_sync.sheet_server.masks import apply_mask, parse_mask
from crm_sync.sheet_server.workbook import Json, Sheet


def add_protected_range(batch: Batch, request: Json) -> Json:
    """Protects a range; the caller and the owner may always edit it."""
    given = dict(request.get("protectedRange", {}))
    range_id = kept_parts.fresh_id(batch, PROTECTED_RANGE, given.pop("protectedRangeId", None))
    held = _checked(batch, given)
    sheet = _sheet_of(batch, held)
    reply = _printed(range_id, held, held.get("editors", {}))
    entry = _printed(range_id, held, _with_own(batch, held))
    kept_parts.add(sheet, PROTECTED_RANGE, entry)
    return {"protectedRange": reply}


def _printed(range_id: int, held: Json, editors: Json) -> Json:
    entry: Json = {"protectedRangeId": range_id}
    for name in ("range", "namedRangeId", "tableId", "description", "warningOnly"):
        if name in held:
            entry[name] = held[name]
    entry["requestingUserCanEdit"] = True
    if "unprotectedRanges" in held:
        entry["unprotectedRanges"] = held["unprotectedRanges"]
    entry["editors"] = editors
    return entry


def _with_own(batch: Batch, held: Json) -> Json:
    editors = held.get("editors", {})
    own = [email for email in (batch.caller.owner, batch.caller.email) if email]
    users = list(dict.fromkeys([*own, *editors.get("users", [])]))
    return {**editors, "users": users} if users else editors


def _checked(batch: Batch, held: Json) -> Json:
    if held.get("warningOnly") and any((held.get("editors") or {}).values()):
        raise invalid("ProtectedRange is warningOnly. Editors cannot be set on it.")
    if "namedRangeId" in held:
        named = batch.workbook.named_ranges.get(held["namedRangeId"])
        if named is None:
            raise invalid(f"No named range with id: {held['namedRangeId']}")
        held = {**held, "range": named["range"]}
    if "range" not in held:
        raise invalid("Must specify a range to protect.")
    batch.area(held["range"])
    whole = not any(key.endswith("Index") for key in held["range"])
    if held.get("unprotectedRanges") and not whole:
        raise invalid("Unprotected ranges are only supported on protected sheets.")
    for free in held.get("unprotectedRanges", []):
        batch.area(free)
    return held


def _sheet_of(batch: Batch, held: Json) -> Sheet:
    return batch.sheet(held["range"].get("sheetId", 0))


def _check_own(batch: Batch, entry: Json) -> None:
    if not may_edit(entry, batch.caller):
        raise protected()


def update_protected_range(batch: Batch, request: Json) -> None:
    """Sets masked members of a protected range."""
    given = request.get("protectedRange", {})
    found = kept_parts.find(batch, PROTECTED_RANGE, given.get("protectedRangeId", 0))
    entry = found.entry
    _check_own(batch, entry)
    mask = dict(parse_mask(request.get("fields", ""), "ProtectedRange"))
    for name in ("protectedRangeId", "requestingUserCanEdit"):
        mask.pop(name, None)
    held = _checked(batch, apply_mask(entry, given, mask))
    if held.get("warningOnly"):
        editors: Json = {}
    else:
        editors = _with_own(batch, held) if "editors" in mask else held.get("editors", {})
    updated = _printed(entry["protectedRangeId"], held, editors)
    kept_parts.replace(batch, PROTECTED_RANGE, found, updated, _sheet_of(batch, held).id)


def delete_protected_range(batch: Batch, request: Json) -> None:
    """Takes the protection of a range away."""
    found = kept_parts.find(batch, PROTECTED_RANGE, request.get("protectedRangeId", 0))
    _check_own(batch, found.entry)
    kept_parts.remove(PROTECTED_RANGE, found)


KINDS: dict[str, Handler] = {
    "addProtectedRange": add_protected_range,
    "updateProtectedRange": update_protected_range,
    "deleteProtectedRange": delete_protected_range,
}
