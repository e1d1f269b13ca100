"""Named ranges: add, update, delete."""

from __future__ import annotations

import re

from crm_sync.sheet_server.api_error import invalid
from crm_sync.sheet_server.batch.context import Batch, Handler
from crm_sync.sheet_server.masks import apply_mask, parse_mask
from crm_sync.sheet_server.workbook import Json

_NAME = re.compile(r"[^\W\d][\w.]{0,249}")
_LIKE_CELLS = re.compile(r"[A-Za-z]{1,3}\d+|[Rr]\d*[Cc]\d*|true|false", re.IGNORECASE)


def add_named_range(batch: Batch, request: Json) -> Json:
    """Names a range; the id is given or a fresh digit string."""
    given = request.get("namedRange", {})
    ranges = batch.workbook.named_ranges
    range_id = given.get("namedRangeId") or str(
        batch.new_id(lambda range_id: str(range_id) in ranges)
    )
    if range_id in ranges:
        raise invalid(f"Named range with id {range_id} already exists.")
    held = _checked(batch, {**given, "namedRangeId": range_id}, range_id)
    ranges[range_id] = held
    batch.touch()
    return {"namedRange": held}


def _checked(batch: Batch, held: Json, range_id: str) -> Json:
    name = held.get("name", "")
    if not _NAME.fullmatch(name) or _LIKE_CELLS.fullmatch(name):
        raise invalid(f"Invalid name: {name}")
    for other_id, other in batch.workbook.named_ranges.items():
        if other_id != range_id and other["name"].casefold() == name.casefold():
            raise invalid(f'A named range with the name "{name}" already exists.')
    if "range" not in held:
        raise invalid("Must specify a range.")
    batch.area(held["range"])
    return {"namedRangeId": range_id, "name": name, "range": held["range"]}


def update_named_range(batch: Batch, request: Json) -> None:
    """Sets name or range of a named range."""
    given = request.get("namedRange", {})
    range_id = given.get("namedRangeId", "")
    present = batch.workbook.named_ranges.get(range_id)
    if present is None:
        raise invalid(f"No named range with id: {range_id}")
    mask = dict(parse_mask(request.get("fields", ""), "NamedRange"))
    mask.pop("namedRangeId", None)
    batch.workbook.named_ranges[range_id] = _checked(
        batch, apply_mask(present, given, mask), range_id
    )
    batch.touch()


def delete_named_range(batch: Batch, request: Json) -> None:
    """Forgets a name."""
    range_id = request.get("namedRangeId", "")
    if batch.workbook.named_ranges.pop(range_id, None) is None:
        raise invalid(f"No named range with id: {range_id}")
    batch.touch()


KINDS: dict[str, Handler] = {
    "addNamedRange": add_named_range,
    "updateNamedRange": update_named_range,
    "deleteNamedRange": delete_named_range,
}
