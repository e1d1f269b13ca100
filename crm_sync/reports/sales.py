"""Sales: won agreements by the day they were fulfilled, and the refunds that take them back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from crm_sync.reports.book import Agreement, Book, Client
from crm_sync.reports.periods import Window

SUPPLIER_ONLY = ("supplier",)


class Dimension(StrEnum):
    """What sales are split by. Each sale has exactly one value of each, "" if not specified, so
    that the values' rows add up to the total.
    """

    PRODUCT_GROUP = "product_group"
    CAMPAIGN = "campaign"
    OWNER = "owner"
    BRANCH = "branch"
    KIND = "kind"
    SOURCE = "source"


@dataclass(frozen=True, slots=True)
class Sale:
    """A won agreement in base currency. `counts` is False for a refund, which only lowers sums,
    and for a sale that was refunded in full, which is no purchase any more. The rest are its
    values of the dimensions.
    """

    id: str
    client: str
    day: date
    amount: Decimal
    counts: bool
    product_group: str
    campaign: str
    owner: str
    branch: str
    kind: str
    source: str

    def value(self, dimension: Dimension) -> str:
        """Its value of a dimension."""
        return str(getattr(self, dimension.value))


@dataclass(frozen=True)
class Omitted:
    """How many won agreements are in no figure, and why: another currency than the base one, no
    date of fulfilment, a client who is a supplier only.
    """

    other_currency: int = 0
    undated: int = 0
    suppliers: int = 0


@dataclass(frozen=True)
class Sales:
    """All sales up to a day, in order of day and id. `first_day` is that of the first one, None
    without any.
    """

    sales: tuple[Sale, ...]
    first_day: date | None
    omitted: Omitted


def sales_of(book: Book, as_of: date, within: Iterable[Window] = ()) -> Sales:
    """The sales known on a day: later ones, and later refunds, do not exist yet.

    Agreements in other currencies and with suppliers are counted as omitted if their day lies
    `within` one of the windows.
    """
    seen = tuple(within)
    sales, foreign, suppliers, undated = [], 0, 0, 0
    for agreement in book.agreements.values():
        day = agreement.fulfilled_at
        if agreement.type != "won" or (day and day > as_of):
            continue
        if day is None:
            undated += 1
            continue
        in_view = any(day in window for window in seen)
        if _is_from_supplier(book, agreement):
            suppliers += in_view
        elif agreement.amount and agreement.currency != book.base_currency:
            foreign += in_view
        else:
            sales.append((agreement, day))
    made = _sales(book, sales)
    return Sales(made, made[0].day if made else None, Omitted(foreign, undated, suppliers))


def _sales(book: Book, agreements: list[tuple[Agreement, date]]) -> tuple[Sale, ...]:
    refunded = _refunded([agreement for agreement, _ in agreements])
    branches = _branches(book)
    made = [
        _sale(agreement, day, book.clients.get(agreement.client), branches, refunded)
        for agreement, day in agreements
    ]
    return tuple(sorted(made, key=lambda sale: (sale.day, sale.id)))


def _sale(
    agreement: Agreement,
    day: date,
    client: Client | None,
    branches: Mapping[str, str],
    refunded: frozenset[str],
) -> Sale:
    amount = agreement.amount or Decimal(0)
    owner = agreement.owner or (client.owner if client else "")
    return Sale(
        id=agreement.id,
        client=agreement.client,
        day=day,
        amount=amount,
        counts=not agreement.refund_of and amount >= 0 and agreement.id not in refunded,
        product_group=agreement.product_group,
        campaign=agreement.campaign,
        owner=agreement.owner,
        branch=branches.get(owner) or (client.branch if client else ""),
        kind="; ".join(client.kinds) if client else "",
        source=client.source if client else "",
    )


def _is_from_supplier(book: Book, agreement: Agreement) -> bool:
    client = book.clients.get(agreement.client)
    return client is not None and client.kinds == SUPPLIER_ONLY


def _refunded(agreements: list[Agreement]) -> frozenset[str]:
    """The ids of those that were taken back in full."""
    back: dict[str, Decimal] = {}
    for each in agreements:
        if each.refund_of and each.amount:
            back[each.refund_of] = back.get(each.refund_of, Decimal(0)) - each.amount
    amounts = {each.id: each.amount for each in agreements if each.amount and each.amount > 0}
    return frozenset(key for key, sum_ in back.items() if key in amounts and sum_ >= amounts[key])


def _branches(book: Book) -> Mapping[str, str]:
    records = book.tables.get("employees", {})
    return {key: str(record.values.get("branch") or "") for key, record in records.items()}
