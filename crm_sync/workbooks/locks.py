"""The protected ranges that our account may not edit, out of Google's answer.

`requestingUserCanEdit` is missing where it is false, and where a protection only warns it says
nothing: https://developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets/sheets
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from crm_sync.core.locked import LockedRange, Locks, Span
from crm_sync.workbooks.answers import Malformed

LOCK_FIELDS: Final = (
    "sheets(properties.sheetId,"
    "protectedRanges(range,warningOnly,requestingUserCanEdit,unprotectedRanges))"
)


def locks_in(answer: Mapping[str, Any], account: str) -> Locks:
    """What is protected against this account. Raises Malformed."""
    try:
        return Locks(account, tuple(_ranges(answer)))
    except (KeyError, TypeError, AttributeError, ValueError) as exc:
        raise Malformed("protected ranges") from exc


def _ranges(answer: Mapping[str, Any]) -> Iterator[LockedRange]:
    for sheet in answer["sheets"]:
        sheet_id = int(sheet["properties"].get("sheetId", 0))
        for held in sheet.get("protectedRanges", ()):
            if held.get("warningOnly") or held.get("requestingUserCanEdit"):
                continue
            free = tuple(_span(part) for part in held.get("unprotectedRanges", ()))
            yield LockedRange(sheet_id, _span(held.get("range", {})), free)


def _span(given: Mapping[str, Any]) -> Span:
    bottom, right = given.get("endRowIndex"), given.get("endColumnIndex")
    return Span(
        int(given.get("startRowIndex", 0)),
        None if bottom is None else int(bottom),
        int(given.get("startColumnIndex", 0)),
        None if right is None else int(right),
    )
