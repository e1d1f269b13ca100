"""`read_only`, `masked` and `hidden`: lists of fields such as "clients.phone"."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from crm_sync.core.schema import Field, FilledBy, Kind
from crm_sync.core.values import N_
from crm_sync.messages import Phrase
from crm_sync.messages.faults import Wrong, nearest
from crm_sync.messages.toml_file import Place
from crm_sync.model import TABLES

_MASKABLE: Final = frozenset({Kind.PHONE, Kind.EMAIL, Kind.TEXT, Kind.DIGITS})
_FIELDS: Final = {f"{table.name}.{item.name}": item for table in TABLES for item in table.fields}


def field_of_tab(text: str) -> str:
    """The text, if it names a field of a tab, for a validator."""
    if text not in _FIELDS:
        table = text.partition(".")[0]
        tables = [item.name for item in TABLES]
        if table not in tables:
            raise Wrong(
                N_("“{typed}” is no field. Write the tab and the field, like clients.phone."),
                typed=text,
            )
        meant = nearest(text, _FIELDS)
        fields = ", ".join(
            name.partition(".")[2] for name in _FIELDS if name.startswith(table + ".")
        )
        raise Wrong(
            N_("“{typed}” is no field. Did you mean “{meant}”? There are: {fields}.")
            if meant
            else N_("“{typed}” is no field. There are: {fields}."),
            typed=text,
            meant=meant,
            fields=fields,
        )
    return text


def field_faults(
    read_only: tuple[str, ...], masked: tuple[str, ...], hidden: tuple[str, ...]
) -> Iterator[tuple[Place, Phrase]]:
    """What is wrong with the lists together, each fault with its place in the section."""
    taken: dict[str, str] = {}
    for key, names in (("read_only", read_only), ("masked", masked), ("hidden", hidden)):
        for index, name in enumerate(names):
            fault = _fault(key, name, _FIELDS[name], taken.setdefault(name, key))
            if fault is not None:
                yield (key, index), fault


def policy_faults(lists: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[Place, Phrase]]:
    """What is wrong with the lists of fields that need no question in a conflict."""
    taken: dict[str, str] = {}
    for key, names in lists.items():
        for index, name in enumerate(names):
            other = taken.setdefault(name, key)
            if other != key:
                text = N_("“{name}” stands in {other} already; a field can be in one list only.")
                yield (key, index), Phrase(text, {"name": name, "other": other})
            elif _FIELDS[name].filled_by is not FilledBy.STAFF:
                text = N_("“{name}” is filled by crm-sync, so there is nothing to decide.")
                yield (key, index), Phrase(text, {"name": name})


def _fault(key: str, name: str, item: Field, taken: str) -> Phrase | None:
    if taken != key:
        text = N_("“{name}” stands in {other} already; a field can be in one list only.")
        return Phrase(text, {"name": name, "other": taken})
    if item.filled_by is not FilledBy.STAFF and key != "hidden":
        return Phrase(N_("“{name}” is filled by crm-sync; it can only be hidden."), {"name": name})
    if key == "masked" and item.kind not in _MASKABLE:
        text = N_(
            "“{name}” cannot be masked: only texts, phones, e-mails and numbers like a tax id."
        )
        return Phrase(text, {"name": name})
    if key == "hidden" and item.required and item.default is None:
        text = N_("“{name}” must be filled in every new row, so it cannot be hidden.")
        return Phrase(text, {"name": name})
    return None
