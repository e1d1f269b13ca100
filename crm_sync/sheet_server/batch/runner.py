"""Runs the requests of one batchUpdate in order on a draft; the first bad one ends it."""

from __future__ import annotations

from crm_sync.sheet_server.api_error import ApiError, invalid
from crm_sync.sheet_server.batch import (
    borders,
    cell_writes,
    cleaning,
    dimensions,
    drawings,
    filling,
    filters,
    groups,
    markers,
    merging,
    names,
    paste,
    protection,
    rules,
    sheets,
    shifting,
    sorting,
    tables,
    text,
)
from crm_sync.sheet_server.batch.context import Batch, Handler
from crm_sync.sheet_server.workbook import Json

KINDS: dict[str, Handler] = {
    **borders.KINDS,
    **cell_writes.KINDS,
    **cleaning.KINDS,
    **dimensions.KINDS,
    **drawings.KINDS,
    **filling.KINDS,
    **filters.KINDS,
    **groups.KINDS,
    **markers.KINDS,
    **merging.KINDS,
    **names.KINDS,
    **paste.KINDS,
    **protection.KINDS,
    **rules.KINDS,
    **sheets.KINDS,
    **shifting.KINDS,
    **sorting.KINDS,
    **tables.KINDS,
    **text.KINDS,
}

# These read and write no formula, so that a row of them lets formulas follow all at once.
_RESHAPING = frozenset({"insertDimension", "deleteDimension", "moveDimension", "appendDimension"})


def run_requests(batch: Batch, requests: list[Json]) -> list[Json]:
    """The replies, one for each request, `{}` where a kind has none.

    Raises ApiError 400 `Invalid requests[n].kind: ...`; the draft is then of no more use.
    """
    replies: list[Json] = []
    for place, request in enumerate(requests):
        if len(request) != 1:
            raise _not_one_kind(place, request)
        ((kind, body),) = request.items()
        handler = KINDS.get(kind)
        if handler is None:
            raise invalid(f"Invalid requests[{place}].{kind}: This request is not supported.")
        if kind not in _RESHAPING:
            batch.settle_references()
        try:
            reply = handler(batch, body)
        except ApiError as error:
            raise ApiError(
                error.code,
                error.status,
                f"Invalid requests[{place}].{kind}: {error.message}",
                error.details,
            ) from None
        replies.append({} if reply is None else {kind: reply})
    batch.calculate()
    return replies


def _not_one_kind(place: int, request: Json) -> ApiError:
    if not request:
        return invalid(f"Invalid requests[{place}]: No request set.")
    second = list(request)[1]
    return invalid(
        f"Invalid value at 'requests[{place}]' (oneof), oneof field 'kind' is already set. "
        f"Cannot set '{second}'"
    )
