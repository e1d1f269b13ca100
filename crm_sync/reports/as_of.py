"""The records as they stood earlier, and in whose hands sales were when they were closed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from crm_sync.core.records import Record
from crm_sync.core.values import Scalar

_ARCHIVED = "archived_at"
Tables = Mapping[str, Mapping[str, Record]]


class Change(Protocol):
    """One entry of the history: `changes` gives field -> (old, new), `op` is create, update,
    archive, restore or delete.
    """

    @property
    def table(self) -> str: ...
    @property
    def record_id(self) -> str: ...
    @property
    def op(self) -> str: ...
    @property
    def changes(self) -> Mapping[str, tuple[Scalar, Scalar]]: ...


def rewound(tables: Tables, later: Iterable[Change]) -> dict[str, dict[str, Record]]:
    """The tables without the later changes, which come newest first."""
    found = {name: dict(records) for name, records in tables.items()}
    for change in later:
        records = found.get(change.table)
        if records is None:
            continue
        record = records.get(change.record_id)
        if change.op == "create":
            records.pop(change.record_id, None)
            continue
        before = {name: old for name, (old, _) in change.changes.items()}
        if record is None and change.op != "delete":
            continue
        archived = record.archived if record else False
        if _ARCHIVED in before:
            archived = before.pop(_ARCHIVED) is not None
        elif change.op in ("archive", "restore"):
            archived = change.op == "restore"
        values = {**(record.values if record else {}), **before}
        records[change.record_id] = Record(change.record_id, values, archived=archived)
    # A record that was deleted since comes back at its place.
    return {name: dict(sorted(each.items(), key=_by_id)) for name, each in found.items()}


def closed_with(
    agreements: Mapping[str, Record],
    changes: Iterable[Change],
    won: frozenset[str],
) -> dict[str, dict[str, Scalar]]:
    """What closed agreements were stamped with when they were won, by id: `owner_at_close`,
    `group_at_close`, for those in which either has changed since. `changes` are those of owner,
    product group and status, oldest first.
    """
    later: dict[str, list[Change]] = {}
    for change in changes:
        later.setdefault(change.record_id, []).append(change)
    found = {}
    for key, own in later.items():
        record = agreements.get(key)
        if record is None or str(record.values.get("status")) not in won:
            continue
        stamps: dict[str, Scalar] = {}
        for name, stamp in (("owner", "owner_at_close"), ("product_group", "group_at_close")):
            since_won: list[Change] = []
            for change in own:
                became = change.changes.get("status")
                if became is not None and str(became[1]) in won and str(became[0]) not in won:
                    since_won.clear()
                elif name in change.changes:
                    since_won.append(change)
            # An empty cell that was filled in later is no reassignment.
            first = next((each.changes[name][0] for each in since_won), None)
            if first:
                stamps[stamp] = first
        if stamps:
            found[key] = stamps
    return found


def _by_id(item: tuple[str, Record]) -> tuple[int, str]:
    return len(item[0]), item[0]
