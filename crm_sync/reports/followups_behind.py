"""What stands behind the numbers of the follow-up list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal

from crm_sync.reports.customers_grid import purchase_parts
from crm_sync.reports.explain import Listed, Part, Trace
from crm_sync.reports.followup_groups import FollowUp, Group
from crm_sync.reports.history import History

_DAYS, _AMOUNT = 1, 7
"""The columns of days overdue and of the amount."""


def behind_list(
    items: Iterable[FollowUp], history: History, recent_days: int, currency: str
) -> Mapping[tuple[int, int], Trace]:
    """The traces of the list's numbers by row and column, below its one heading row: the record in
    which the day stands, the agreement of the amount, of a sleeping customer the purchases.
    """
    since = history.as_of - timedelta(days=recent_days - 1)
    found: dict[tuple[int, int], Trace] = {}
    for number, item in enumerate(items, 1):
        if item.overdue_days:
            found[number, _DAYS] = _one(_waiting(item))
        if item.amount is None or item.currency not in ("", currency):
            continue
        if item.group is Group.SLEEPING:
            found[number, _AMOUNT] = _bought(history, item.client, since)
        else:
            part = Part("agreements", item.agreement, item.amount, None, item.client)
            found[number, _AMOUNT] = _one(part)
    return found


def _waiting(item: FollowUp) -> Part:
    day = date.fromisoformat(item.at[:10]) if item.at else None
    days, record = Decimal(item.overdue_days), item.record or item.agreement
    if not record:
        return Part("clients", item.client, days, day, item.client)
    table = "agreements" if record == item.agreement else "contacts"
    return Part(table, record, days, day, item.client)


def _one(part: Part) -> Listed:
    return Listed("record", lambda: (part,))


def _bought(history: History, client: str, since: date) -> Listed:
    def parts() -> tuple[Part, ...]:
        return tuple(purchase_parts(history, client, since, only_counted=False))

    return Listed("sum", parts)
