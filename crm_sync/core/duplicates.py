"""Records that seem to be one: they share a phone, an e-mail or a tax id. They are told of and
merged (`core.uniting`) only when a person says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from typing import Final

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
    fields = strong_fields(table)
    shared = {item.name: _held_twice(item, records) for item in fields}
    holders: dict[tuple[str, str], list[str]] = {}
    if any(shared.values()):
        for record_id, name, part in _keys(table, records):
            if part in shared[name]:
                holders.setdefault((name, part), []).append(record_id)
    found: dict[str, tuple[str, str, frozenset[str]]] = {}
    for (name, value), ids in holders.items():
        for record_id in ids:
            found.setdefault(record_id, (name, value, frozenset(ids) - {record_id}))
    return found


def _held_twice(item: Field, records: Mapping[str, Record]) -> Set[str]:
    """What more than one of the live records holds in a field: nearly always nothing."""
    seen: set[str] = set()
    twice: set[str] = set()
    for record in records.values():
        value = record.values.get(item.name)
        if value is not None and not record.archived:
            for part in parts_of(item, value):
                if part in seen:
                    twice.add(part)
                seen.add(part)
    return twice


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
                for part in parts_of(item, record.values.get(item.name)):
                    yield record_id, item.name, part


def parts_of(item: Field, value: Scalar) -> tuple[str, ...]:
    """The single values of a field, each once, in their order."""
    if value is None:
        return ()
    text = str(value)
    return tuple(dict.fromkeys(text.split("; "))) if item.many and "; " in text else (text,)
