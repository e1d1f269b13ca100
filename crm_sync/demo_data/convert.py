"""Makes the demo data from the Northwind files: `python -m crm_sync.demo_data.convert FOLDER`.

Dates stay as in the source; `load` moves them. References are keys: "C1" for the first client.
"""

from __future__ import annotations

import csv
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from pathlib import Path

from crm_sync.demo_data.load import CURRENCY
from crm_sync.demo_data.phones import international

Row = dict[str, str]

_CENT = Decimal("0.01")
_BRANCHES = {"USA": "B1", "UK": "B2"}
_HEADS = {"2": "director", "5": "branch_head"}
# Who deals with suppliers and carriers: the inside sales coordinator.
_INSIDE = "8"
_LARGE_DISCOUNT = Decimal("0.10")
_NAMED_PRODUCTS = 3
_CHANNELS = ("call", "email", "site", "messenger")
_FOLLOW_UP_DAYS = 8


@dataclass(frozen=True)
class Order:
    """An order with what its details add up to. `discount` is the largest of its lines."""

    id: str
    customer: str
    employee: str
    carrier: str
    ordered: date
    required: date
    shipped: date | None
    amount: Decimal
    category: str
    products: tuple[str, ...]
    discount: Decimal


@dataclass(frozen=True)
class Source:
    """The Northwind files of one folder."""

    folder: Path

    def read(self, name: str) -> list[Row]:
        """All rows of one file, texts without white space around them."""
        with (self.folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            return [
                {key: " ".join(text.split()) for key, text in row.items()}
                for row in csv.DictReader(file)
            ]

    @cached_property
    def orders(self) -> list[Order]:
        """Orders as the file has them, by number."""
        lines = defaultdict(list)
        for line in self.read("order_details"):
            lines[line["order_id"]].append(line)
        products = {row["product_id"]: row for row in self.read("products")}
        return [_order(row, lines[row["order_id"]], products) for row in self.read("orders")]


def _order(row: Row, lines: list[Row], products: Mapping[str, Row]) -> Order:
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for line in lines:
        # The source keeps single-precision floats: 0.150000006 is 0.15.
        price, discount = _cents(line["unit_price"]), _cents(line["discount"])
        category = products[line["product_id"]]["category_id"]
        sums[category] += price * int(line["quantity"]) * (1 - discount)
    return Order(
        id=row["order_id"],
        customer=row["customer_id"],
        employee=row["employee_id"],
        carrier=row["ship_via"],
        ordered=date.fromisoformat(row["order_date"]),
        required=date.fromisoformat(row["required_date"]),
        shipped=date.fromisoformat(row["shipped_date"]) if row["shipped_date"] else None,
        amount=sum(sums.values(), Decimal(0)).quantize(_CENT, ROUND_HALF_UP),
        category=min(sums, key=lambda key: (-sums[key], int(key))),
        products=tuple(products[line["product_id"]]["product_name"] for line in lines),
        discount=max(_cents(line["discount"]) for line in lines),
    )


def _cents(text: str) -> Decimal:
    return Decimal(text).quantize(_CENT, ROUND_HALF_UP)


def branches() -> list[Row]:
    """The two places where the staff sit."""
    return [
        {"key": "B1", "name": "Seattle", "timezone": "America/Los_Angeles", "currency": CURRENCY},
        {"key": "B2", "name": "London", "timezone": "Europe/London", "currency": CURRENCY},
    ]


def employees(source: Source) -> list[Row]:
    """The staff, superiors before those who report to them."""
    found = source.read("employees")
    superiors = {row["reports_to"] for row in found}
    found.sort(key=lambda row: (bool(row["reports_to"]), row["employee_id"] not in superiors))
    return [
        {
            "key": f"E{row['employee_id']}",
            "name": f"{row['first_name']} {row['last_name']}",
            "phone_ext": row["extension"],
            "role": _HEADS.get(row["employee_id"], "manager"),
            "branch": _BRANCHES[row["country"]],
            "manager": f"E{row['reports_to']}" if row["reports_to"] else "",
            "hired": row["hire_date"],
            "active": "1",
        }
        for row in found
    ]


def product_groups(source: Source) -> list[Row]:
    """The categories of products."""
    return [
        {"key": f"G{row['category_id']}", "name": row["category_name"], "active": "1"}
        for row in source.read("categories")
    ]


def campaigns(source: Source) -> list[Row]:
    """Two offers, each lasting from the first to the last order that it won."""
    days: dict[str, list[date]] = defaultdict(list)
    for order in source.orders:
        days[_campaign(order)].append(order.ordered)
    return [
        {
            "key": key,
            "type": "discount",
            "start": min(days[key]).isoformat(),
            "end": max(days[key]).isoformat(),
            "currency": CURRENCY,
        }
        for key in ("P1", "P2")
    ]


def _campaign(order: Order) -> str:
    if not order.discount:
        return ""
    return "P1" if order.discount <= _LARGE_DISCOUNT else "P2"


def clients(source: Source) -> list[Row]:
    """Customers, suppliers and carriers, numbered in this order."""
    orders = defaultdict(list)
    for order in source.orders:
        orders[order.customer].append(order)
    carriers = {order.carrier for order in source.orders}
    branch_of = {row["key"]: row["branch"] for row in employees(source)}
    found = [
        *(_customer(row, orders[row["customer_id"]]) for row in source.read("customers")),
        *(_partner(row, "supplier", "served") for row in source.read("suppliers")),
        *(
            _partner(row, "partner", "served" if row["shipper_id"] in carriers else "cold")
            for row in source.read("shippers")
        ),
    ]
    return [
        {"key": f"C{number}", **row, "branch": branch_of[row["owner"]]}
        for number, row in enumerate(found, 1)
    ]


def _customer(row: Row, orders: list[Order]) -> Row:
    last = max(orders, key=lambda order: order.ordered, default=None)
    waits = any(order.shipped is None for order in orders)
    status = "waiting" if waits else "served" if orders else "cold"
    return _client(row, "customer", status, last.employee if last else _INSIDE)


def _partner(row: Row, kind: str, status: str) -> Row:
    return _client(row, kind, status, _INSIDE)


def _client(row: Row, kind: str, status: str, employee: str) -> Row:
    parts = (row.get("address"), row.get("region"), row.get("postal_code"), row.get("country"))
    return {
        "kind": kind,
        "is_company": "company",
        "full_name": row["company_name"],
        "contact_person": row.get("contact_name", ""),
        "phone": international(row["phone"], row.get("country", "USA")),
        "address": ", ".join(part for part in parts if part),
        "city": row.get("city", ""),
        "status": status,
        "owner": f"E{employee}",
    }


def agreements(source: Source) -> list[Row]:
    """One agreement an order."""
    customers = {
        row["customer_id"]: f"C{number}" for number, row in enumerate(source.read("customers"), 1)
    }
    return [
        {
            "key": f"A{number}",
            "client": customers[order.customer],
            "subject": _subject(order),
            "status": "fulfilled" if order.shipped else "in_progress",
            "obligor": "us",
            "amount": _plain(order.amount),
            "currency": CURRENCY,
            "product_group": f"G{order.category}",
            "campaign": _campaign(order),
            "agreed_at": order.ordered.isoformat(),
            "due_date": order.required.isoformat(),
            "next_call_at": "" if order.shipped or number % 2 else _follow_up(order),
            "fulfilled_at": order.shipped.isoformat() if order.shipped else "",
            "owner": f"E{order.employee}",
        }
        for number, order in enumerate(source.orders, 1)
    ]


def _subject(order: Order) -> str:
    named = ", ".join(order.products[:_NAMED_PRODUCTS])
    more = len(order.products) - _NAMED_PRODUCTS
    return f"№ {order.id}: {named}" + (f" +{more}" if more > 0 else "")


def _plain(amount: Decimal) -> str:
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _follow_up(order: Order) -> str:
    day = order.ordered + timedelta(days=_FOLLOW_UP_DAYS)
    return f"{day.isoformat()} 10:00" if int(order.id) % 3 == 0 else day.isoformat()


def contacts(source: Source) -> list[Row]:
    """How each order came in, and the word given to those whose order went out late."""
    found = []
    for number, order in enumerate(source.orders, 1):
        minute = 9 * 60 + int(order.id) * 7 % (8 * 60)
        step = "" if order.shipped or not number % 2 else _follow_up(order)
        found.append(
            _contact(number, order.ordered, minute, "in", "order", "ordered")
            | {"channel": _CHANNELS[int(order.id) % len(_CHANNELS)], "next_step_at": step}
        )
        if order.shipped and order.shipped > order.required:
            found.append(_contact(number, order.shipped, minute, "out", "awaiting", "info_given"))
    found.sort(key=lambda row: row["contact_at"])
    return [{"key": f"K{number}", **row} for number, row in enumerate(found, 1)]


def _contact(number: int, day: date, minute: int, direction: str, reason: str, outcome: str) -> Row:
    return {
        "agreement": f"A{number}",
        "contact_at": f"{day.isoformat()} {minute // 60:02}:{minute % 60:02}",
        "channel": "call",
        "direction": direction,
        "reason": reason,
        "outcome": outcome,
        "next_step_at": "",
    }


def convert(source: Source, target: Path) -> None:
    """Writes every table's file into the folder."""
    tables: Mapping[str, Iterable[Row]] = {
        "branches": branches(),
        "employees": employees(source),
        "product_groups": product_groups(source),
        "campaigns": campaigns(source),
        "clients": clients(source),
        "agreements": agreements(source),
        "contacts": contacts(source),
    }
    for name, rows in tables.items():
        listed = list(rows)
        with (target / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(listed[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(listed)


if __name__ == "__main__":
    convert(Source(Path(sys.argv[1])), Path(__file__).parent)
