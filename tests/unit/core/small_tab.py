"""A small tab of clients for tests of single rows: a name, a phone, a referrer, a price and its
currency.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from crm_sync.core.binding import Binding, bind
from crm_sync.core.codecs import codec_for
from crm_sync.core.codecs.codec import Conventions
from crm_sync.core.findings import Finding
from crm_sync.core.grid import TabRead
from crm_sync.core.records import Base, Record
from crm_sync.core.rows import SheetRow, read_rows
from crm_sync.core.schema import Column, Field, FilledBy, Kind, Tab, Table
from crm_sync.core.values import Cell, Scalar
from crm_sync.core.work import TabWork

FIELDS = (
    Field("name", required=True, key=True),
    Field("phone", Kind.PHONE, key=True),
    Field("city"),
    Field("price", Kind.DECIMAL),
    Field("currency"),
    Field("seen", filled_by=FilledBy.ENGINE),
)
TABLE = Table("clients", "C", 6, "name", FIELDS, (("price", "currency"),))
HEADINGS = ("ID", "Name", "Phone", "City", "Price", "Currency", "Seen")
TAB = Tab(
    TABLE,
    "Clients",
    tuple(
        Column(item, heading)
        for item, heading in zip((Field("id", Kind.ID), *FIELDS), HEADINGS, strict=True)
    ),
)
CODECS = {column.field.name: codec_for(column, Conventions(), {}) for column in TAB.columns}
ID = "C-000018"
OTHER = "C-000026"
ANNA: dict[str, Scalar] = {
    "name": "Anna",
    "phone": "+79120000001",
    "city": "Perm",
    "price": None,
    "currency": None,
    "seen": None,
}
TYPED: tuple[Cell, ...] = (ID, "Anna", "+7 912 000-00-01", "Perm")


def record(record_id: str = ID, version: int = 2, **values: Scalar) -> Record:
    archived = bool(values.pop("archived", False))
    return Record(record_id, {**ANNA, **values}, version, archived)


def base(record_id: str = ID, version: int = 2, *, unsettled: bool = False, **cells: Any) -> Base:
    """What both sides agreed on: Anna, with other cells where they are given."""
    known = {"name": "Anna", "phone": "+7 912 000-00-01", "city": "Perm"}
    raw = {**dict.fromkeys(TABLE.by_name.keys() - {"seen"}), **known, **cells}
    read = {name: CODECS[name].parse(cell) for name, cell in raw.items()}
    values: dict[str, Any] = dict(read)
    return Base(record_id, values, raw, version, unsettled)


def sheet(
    *rows: tuple[Cell, ...], formulas: Mapping[tuple[int, int], str] | None = None
) -> TabRead:
    return TabRead(
        1, TAB.title, 1000, len(HEADINGS), (HEADINGS, *rows), formulas=dict(formulas or {})
    )


def no_rules(after: object, before: object) -> Sequence[Finding]:
    return ()


def work(
    read: TabRead,
    bases: Sequence[Base] = (),
    records: Sequence[Record] = (),
    **more: Any,
) -> TabWork:
    binding = bind(TAB, read)
    assert isinstance(binding, Binding)
    rows: tuple[SheetRow, ...] = tuple(read_rows(TAB, binding, read))
    return TabWork(
        TAB,
        binding,
        read,
        rows,
        {item.record_id: item for item in bases},
        {item.id: item for item in records},
        CODECS,
        more.pop("check", no_rules),
        **more,
    )
