"""Lets just one of several writes land that were made from the same state of a workbook.

Google has no "write if unchanged", and may carry out a write minutes after its answer was given up.
But an id can be given once: a batch that adds a protected range with an id that exists is refused
whole, and so is one that deletes a range that does not. So each write of ours takes away the
protection of the journal tab that bears the mark of the write before it, and puts one with its
own mark there. A write that was thought lost, or that is sent twice, finds the mark of the one
before it gone, and changes nothing.

https://developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets/request
(AddProtectedRangeRequest: "It is an error to specify the ID of a range that already exists.")
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from typing import Final

from crm_sync.core.batch import UNMARKED
from crm_sync.workbooks.cells import Json

_REFUSED: Final = re.compile(r"requests\[\d+\]\.(?:delete|add)ProtectedRange")


def mark(operation: str) -> int:
    """The id of the protected range that stands when this operation was the last to land; that of
    "" stands in a journal tab that no operation has been written to.
    """
    return zlib.crc32(operation.encode()) & 0x7FFF_FFFE | 1


def marked_protection(journal_id: int, operation: str) -> Json:
    """The request that protects the journal tab: a lock, since staff have nothing to do there."""
    protected = {
        "protectedRangeId": mark(operation),
        "range": {"sheetId": journal_id},
        "description": "crm-sync",
        "warningOnly": False,
    }
    return {"addProtectedRange": {"protectedRange": protected}}


def fence_requests(journal_id: int, after: str | None, operation: str) -> Iterator[Json]:
    """The first requests of a write that may land only `after` that other one."""
    if after is None:
        return
    if after != UNMARKED:
        yield {"deleteProtectedRange": {"protectedRangeId": mark(after)}}
    yield marked_protection(journal_id, operation)


def refused_by_fence(message: str) -> bool:
    """Whether this is how Google refuses a write that was overtaken."""
    return _REFUSED.search(message) is not None
