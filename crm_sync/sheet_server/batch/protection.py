"""Protected ranges: add, update, delete."""

from __future__ import annotations

from crm_sync.sheet_server.api_error import invalid
from crm_sync.sheet_server.batch.context import Batch, Handler
from crm_sync.sheet_server.guard import may_edit, protected
from crm_sync.sheet_server.masks import apply_mask, parse_mask
from crm_sync.sheet_server.workbook import Json, Sheet


def add_protected_range(batch: Batch, request: Json) -> Json:
    """Protects a range; the caller and the owner may always edit it."""
    given = dict(request.get("protectedRange", {}))
    range_id = given.pop("protectedRangeId", None)
    if range_id is None:
        range_id = batch.new_id(lambda range_id: _find(batch, range_id) is not None)
    elif _find(batch, range_id) is not None:
        raise invalid(f"Protected range with id {range_id} already exists.")
    held = _checked(batch, given)
    sheet = _sheet_of(batch, held)
    reply = _printed(range_id, held, held.get("editors", {}))
    entry = _printed(range_id, held, _with_own(batch, held))
    sheet.set_part("protectedRanges", [*sheet.part("protectedRanges"), entry])
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


def _find(batch: Batch, range_id: int) -> tuple[Sheet, int, Json] | None:
    for sheet in batch.workbook.sheets:
        for place, entry in enumerate(sheet.parts.get("protectedRanges", ())):
            if entry["protectedRangeId"] == range_id:
                return sheet, place, entry
    return None


def _found(batch: Batch, range_id: int) -> tuple[Sheet, int, Json]:
    found = _find(batch, range_id)
    if found is None:
        raise invalid(f"No protected range with id: {range_id}")
    return found


def _check_own(batch: Batch, entry: Json) -> None:
    if not may_edit(entry, batch.caller):
        raise protected()


def update_protected_range(batch: Batch, request: Json) -> None:
    """Sets masked members of a protected range."""
    given = request.get("protectedRange", {})
    sheet, place, entry = _found(batch, given.get("protectedRangeId", 0))
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
    rest = sheet.part("protectedRanges")
    target = _sheet_of(batch, held)
    if target is sheet:
        rest[place] = updated
    else:
        rest.pop(place)
        target.set_part("protectedRanges", [*target.part("protectedRanges"), updated])
    sheet.set_part("protectedRanges", rest)


def delete_protected_range(batch: Batch, request: Json) -> None:
    """Takes the protection of a range away."""
    sheet, place, entry = _found(batch, request.get("protectedRangeId", 0))
    _check_own(batch, entry)
    rest = sheet.part("protectedRanges")
    rest.pop(place)
    sheet.set_part("protectedRanges", rest)


KINDS: dict[str, Handler] = {
    "addProtectedRange": add_protected_range,
    "updateProtectedRange": update_protected_range,
    "deleteProtectedRange": delete_protected_range,
}
