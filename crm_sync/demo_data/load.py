"""The demo company, its dates moved as a whole so that its last order was made yesterday."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from crm_sync.core.schema import Field, Kind, Table
from crm_sync.core.values import N_, Scalar
from crm_sync.model import table
from crm_sync.resources import resource

TABLES = (
    "branches",
    "employees",
    "product_groups",
    "campaigns",
    "clients",
    "agreements",
    "contacts",
)
"""The tables that have rows, references before what refers to them."""

CURRENCY = "USD"
"""The currency of every amount: the base currency of the demo company."""

# With a longer gap the comparison of a month that has just begun would have nothing to show.
_LAST_ORDER_DAYS_AGO = 1

_NEXT_STEP = N_("Confirm the day of delivery")
_CAMPAIGNS = {
    "P1": N_("Discounts up to 10 %"),
    "P2": N_("Discounts above 10 %"),
}


@dataclass(frozen=True)
class DemoRow:
    """A record to be made. `key` ("C1") stands for the id that it will be given; references in
    `values` hold keys too, save those to statuses, which hold the status's own key.
    """

    key: str
    values: Mapping[str, Scalar]


@dataclass(frozen=True)
class DemoData:
    """All rows by table, in the order of `TABLES`; within a table, references before what refers
    to them. `shift` is how far the dates were moved from those of the source.
    """

    rows: Mapping[str, tuple[DemoRow, ...]]
    shift: timedelta


def load(today: date, say: Callable[[str], str] = str) -> DemoData:
    """The demo company as it stands today, with canonical values. `say` puts the few texts that
    are not the company's own into the reader's language.
    """
    folder = resource("demo_data")
    raw = {name: _read(folder / f"{name}.csv") for name in TABLES}
    last_order = max(date.fromisoformat(row["agreed_at"]) for row in raw["agreements"])
    shift = today - timedelta(days=_LAST_ORDER_DAYS_AGO) - last_order
    rows = {name: _rows(table(name), raw[name], shift) for name in TABLES}
    rows["contacts"] = _whole_contacts(rows["contacts"], rows["agreements"], say)
    rows["campaigns"] = tuple(
        DemoRow(row.key, {"name": say(_CAMPAIGNS[row.key]), **row.values})
        for row in rows["campaigns"]
    )
    return DemoData(rows, shift)


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _rows(of: Table, raw: list[dict[str, str]], shift: timedelta) -> tuple[DemoRow, ...]:
    return tuple(
        DemoRow(
            row["key"],
            {
                name: _canonical(of.by_name[name], text, shift)
                for name, text in row.items()
                if name != "key" and text
            },
        )
        for row in raw
    )


def _canonical(field: Field, text: str, shift: timedelta) -> Scalar:
    if field.kind is Kind.DATE or (field.kind is Kind.DATETIME and len(text) <= 10):
        return (date.fromisoformat(text) + shift).isoformat()
    if field.kind is Kind.DATETIME:
        return (datetime.fromisoformat(text) + shift).strftime("%Y-%m-%d %H:%M")
    if field.kind in (Kind.INTEGER, Kind.BOOLEAN):
        return int(text)
    return text


def _whole_contacts(
    contacts: tuple[DemoRow, ...], agreements: tuple[DemoRow, ...], say: Callable[[str], str]
) -> tuple[DemoRow, ...]:
    """Contacts with what they share with their agreement: client, employee, what it was about."""
    by_key = {row.key: row.values for row in agreements}
    whole = []
    for row in contacts:
        agreement = by_key[str(row.values["agreement"])]
        shared: dict[str, Scalar] = {
            "client": agreement["client"],
            "status": "held",
            "summary": agreement["subject"],
            "employee": agreement["owner"],
        }
        if "next_step_at" in row.values:
            shared["next_step"] = say(_NEXT_STEP)
        whole.append(DemoRow(row.key, {**shared, **row.values}))
    return tuple(whole)
