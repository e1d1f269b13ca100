"""Several records made one: what is filled, what is joined, and where somebody has to choose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from crm_sync.core.records import Record
from crm_sync.core.schema import Field, Table
from crm_sync.core.values import Scalar


@dataclass(frozen=True)
class Rival:
    """A field that the records fill differently: its value in each of them that fills it."""

    field: str
    values: Mapping[str, Scalar]


@dataclass(frozen=True)
class Union:
    """What the record that stays becomes: the fields that change, and those that are undecided."""

    values: Mapping[str, Scalar]
    rivals: tuple[Rival, ...] = ()


def united(
    table: Table, kept: Record, gone: Sequence[Record], takes: Mapping[str, str], usual: str = ""
) -> Union:
    """The record that stays, with what it lacks from the others; lists and long texts are joined.
    Where they differ, `takes` names the record whose value stays, by field, and `usual` the one for
    all other fields; without either the field is undecided.
    """
    values: dict[str, Scalar] = {}
    rivals = []
    for item in table.staff_fields:
        filled = {
            each.id: value
            for each in (kept, *gone)
            if (value := each.values.get(item.name)) is not None
        }
        chosen = takes.get(item.name)
        if chosen is not None:
            value = filled.get(chosen)
        elif item.many or item.prose:
            value = _joined(item, tuple(filled.values()))
        elif len(set(filled.values())) < 2:
            value = next(iter(filled.values()), None)
        elif usual:
            value = filled.get(usual, next(iter(filled.values())))
        else:
            rivals.append(Rival(item.name, filled))
            continue
        if value != kept.values.get(item.name):
            values[item.name] = value
    return Union(values, tuple(rivals))


def _joined(item: Field, filled: Sequence[Scalar]) -> Scalar:
    """All that the records say, each part once."""
    sign = "; " if item.many else "\n"
    parts = dict.fromkeys(part for value in filled for part in str(value).split(sign))
    return sign.join(parts) or None
