"""Records that seem to be one: they share a phone, an e-mail or a tax id. They are told of and
merged (`core.uniting`) only when a person says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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
                for part in parts_of(item, record.values.get(item.name)):
                    yield record_id, item.name, part


def parts_of(item: Field, value: Scalar) -> set[str]:
    """The single values of a field, each once."""
    if value is None:
        return set()
    return set(str(value).split("; ")) if item.many else {str(value)}
