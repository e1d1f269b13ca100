"""Records that seem to be one: they share a phone, an e-mail or a tax id. They are told of and
merged only when a person says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from crm_sync.core.plan import Op, StoreChange
from crm_sync.core.records import Record
from crm_sync.core.schema import Field, Kind, Table
from crm_sync.core.values import Scalar

STRONG: Final = frozenset({Kind.PHONE, Kind.EMAIL, Kind.DIGITS})
"""Kinds of key fields by which two records are likely the same; two people may share a name."""

DUPLICATE: Final = "V10"
"""The code of the problem that two records seem to be one."""

Shared = Mapping[str, tuple[str, str, frozenset[str]]]
"""By record id: the field that is shared, its value, and the other records that have it."""


def duplicates(table: Table, records: Mapping[str, Record]) -> Shared:
    """The live records that share a strong key with others: of each the first shared value."""
    holders: dict[tuple[str, str], list[str]] = {}
    for record_id, name, part in _keys(table, records):
        holders.setdefault((name, part), []).append(record_id)
    found: dict[str, tuple[str, str, frozenset[str]]] = {}
    for (name, value), ids in holders.items():
        if len(ids) > 1:
            for record_id in ids:
                others = frozenset(ids) - {record_id}
                if others:
                    found.setdefault(record_id, (name, value, others))
    return found


def strong_fields(table: Table) -> tuple[Field, ...]:
    """The fields by which two records of a table are likely the same."""
    return tuple(item for item in table.staff_fields if item.key and item.kind in STRONG)


def strong_keys(table: Table, records: Mapping[str, Record]) -> dict[str, set[str]]:
    """What the live ones of these records hold in such fields, by field."""
    found: dict[str, set[str]] = {}
    for _, name, part in _keys(table, records):
        found.setdefault(name, set()).add(part)
    return found


def _keys(table: Table, records: Mapping[str, Record]) -> Iterator[tuple[str, str, str]]:
    """Record id, field and value of each strong key of the live records."""
    fields = strong_fields(table)
    for record_id, record in records.items():
        if not record.archived:
            for item in fields:
                value = record.values.get(item.name)
                if value is not None:
                    for part in _parts(str(value), many=item.many):
                        yield record_id, item.name, part


def _parts(value: str, *, many: bool) -> set[str]:
    return set(value.split("; ")) if many else {value}


def merge_changes(
    table: Table,
    tables: Mapping[str, Table],
    records: Mapping[str, Mapping[str, Record]],
    winner: str,
    loser: str,
) -> tuple[StoreChange, ...]:
    """The changes that make two records one: what the winner lacks comes from the loser, lists and
    notes are joined, what referred to the loser refers to the winner, and the loser is archived.
    """
    kept, gone = records[table.name][winner], records[table.name][loser]
    values = dict(_united(table, kept, gone))
    changes = [StoreChange(Op.UPDATE, table.name, winner, values, kept.version)] if values else []
    for name, other in tables.items():
        fields = [item.name for item in other.stored_fields if item.refers_to == table.name]
        for record_id, record in records[name].items() if fields else ():
            moved: dict[str, Scalar] = {
                field: winner for field in fields if record.values.get(field) == loser
            }
            if moved:
                changes.append(StoreChange(Op.UPDATE, name, record_id, moved, record.version))
    changes.append(StoreChange(Op.ARCHIVE, table.name, loser, version=gone.version))
    return tuple(changes)


def _united(table: Table, kept: Record, gone: Record) -> Iterator[tuple[str, Scalar]]:
    for item in table.staff_fields:
        ours, theirs = kept.values.get(item.name), gone.values.get(item.name)
        if theirs is None or theirs == ours:
            continue
        if ours is None:
            yield item.name, theirs
        elif item.many:
            parts = dict.fromkeys([*str(ours).split("; "), *str(theirs).split("; ")])
            if len(parts) > len(str(ours).split("; ")):
                yield item.name, "; ".join(parts)
        elif item.name == "note":
            yield item.name, f"{ours}\n{theirs}"
