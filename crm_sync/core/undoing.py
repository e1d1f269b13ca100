"""Works out what takes changes back: pure, from the history of the records and their state now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from crm_sync.core.plan import Op, StoreChange
from crm_sync.core.records import Record
from crm_sync.core.values import Scalar


class Change(Protocol):
    """One change of one record, as history tells it: `changes` is field -> (old, new)."""

    @property
    def table(self) -> str: ...

    @property
    def record_id(self) -> str: ...

    @property
    def op(self) -> str: ...

    @property
    def changes(self) -> Mapping[str, tuple[Scalar, Scalar]]: ...


@dataclass(frozen=True)
class Kept:
    """What is not taken back, because somebody has changed it since. `field` is "" for a whole
    record that is there, or gone, by somebody's later doing; `wanted` is what it would have become,
    `stands` what it is now.
    """

    table: str
    record_id: str
    field: str
    wanted: Scalar = None
    stands: Scalar = None


@dataclass(frozen=True)
class Undoing:
    """The changes that take something back, and what is left as it is."""

    changes: tuple[StoreChange, ...]
    kept: tuple[Kept, ...]


def undoing(entries: Iterable[Change], records: Mapping[str, Mapping[str, Record]]) -> Undoing:
    """What takes these changes back, in order of table and record. `entries` are in the order in
    which they were made; `records` are all as they stand now, by table and id.

    A field that holds something else by now than the last of these changes left in it is kept. A
    record that they made is archived, unless it was changed since; one that they archived comes
    back.
    """
    by_record: dict[tuple[str, str], list[Change]] = {}
    for entry in entries:
        by_record.setdefault((entry.table, entry.record_id), []).append(entry)
    changes: list[StoreChange] = []
    kept: list[Kept] = []
    for (table, record_id), made in by_record.items():
        record = records.get(table, {}).get(record_id)
        if record is None:
            kept.append(Kept(table, record_id, ""))
            continue
        change = _undone(table, record, made, kept)
        if change is not None:
            changes.append(change)
    return Undoing(tuple(changes), tuple(kept))


def _undone(table: str, record: Record, made: list[Change], kept: list[Kept]) -> StoreChange | None:
    became = _net(made)
    if made[0].op == Op.CREATE:
        since = [name for name, (_, new) in became.items() if record.values.get(name) != new]
        if record.archived:
            return None
        if since:
            kept.append(Kept(table, record.id, ""))
            return None
        return StoreChange(Op.ARCHIVE, table, record.id, {}, record.version)
    values: dict[str, Scalar] = {}
    for name, (old, new) in became.items():
        stands = record.values.get(name)
        if stands == old:
            continue
        if stands == new:
            values[name] = old
        else:
            kept.append(Kept(table, record.id, name, old, stands))
    op = _op(record, made)
    if op is Op.UPDATE and not values:
        return None
    return StoreChange(op, table, record.id, values, record.version)


def _net(made: list[Change]) -> dict[str, tuple[Scalar, Scalar]]:
    """For each field what it was before the first of these changes, and after the last one."""
    net: dict[str, tuple[Scalar, Scalar]] = {}
    for entry in made:
        for name, (old, new) in entry.changes.items():
            net[name] = (net[name][0] if name in net else old, new)
    return net


def _op(record: Record, made: list[Change]) -> Op:
    """What becomes of the record as a whole: the opposite of what these changes left it as."""
    moves = [entry.op for entry in made if entry.op in (Op.ARCHIVE, Op.RESTORE)]
    if not moves:
        return Op.UPDATE
    was_archived = moves[0] == Op.RESTORE
    if was_archived == record.archived:
        return Op.UPDATE
    return Op.ARCHIVE if was_archived else Op.RESTORE
