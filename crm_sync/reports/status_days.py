"""Since when records have been in their status."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, tzinfo


def status_days(
    changes: Iterable[tuple[str, str, str]], zone: tzinfo
) -> dict[tuple[str, str], date]:
    """The local day of the last change of status, by table and record id. `changes` are table,
    record id and time (UTC, ISO 8601), in any order.
    """
    latest: dict[tuple[str, str], datetime] = {}
    # What was made at once has one time: nearly all records of a company that has just begun.
    moments: dict[str, datetime] = {}
    for table, record, stamp in changes:
        at = moments.get(stamp)
        if at is None:
            at = moments[stamp] = _moment(stamp)
        known = latest.get((table, record))
        if known is None or at > known:
            latest[table, record] = at
    days = {at: at.astimezone(zone).date() for at in set(latest.values())}
    return {key: days[at] for key, at in latest.items()}


def _moment(stamp: str) -> datetime:
    at = datetime.fromisoformat(stamp)
    return at if at.tzinfo else at.replace(tzinfo=UTC)
