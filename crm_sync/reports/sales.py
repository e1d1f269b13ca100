"""Sales: won agreements by day, as columns, and the refunds that take them back."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from itertools import compress
from typing import NamedTuple, TypeVar

from crm_sync.reports.book import Book
from crm_sync.reports.periods import Window

_T = TypeVar("_T")


class Basis(StrEnum):
    """Which day and which amount make a sale of a won agreement: the day it was fulfilled, the day
    it was agreed on, or what was paid for it on the day of payment.
    """

    FULFILLED = "fulfilled"
    AGREED = "agreed"
    PAID = "paid"


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


class LeftOut(StrEnum):
    """Why a dated agreement is in no figure: no rate for its currency, bought from a supplier, done
    but without a date, dated but not done.
    """

    NO_RATE = "no_rate"
    SUPPLIER = "supplier"
    UNDATED = "undated"
    NOT_DONE = "not_done"


class Sale(NamedTuple):
    """One won agreement. `counts` is False for a refund, which only lowers sums. `amount` is in
    base currency.
    """

    id: str
    client: str
    day: date
    amount: Decimal
    counts: bool


class Omission(NamedTuple):
    """An agreement that is in no figure. `day` is an ordinal, None without a date."""

    why: LeftOut
    id: str
    client: str
    day: int | None
    product_group: str
    campaign: str
    owner: str
    branch: str


@dataclass(frozen=True, eq=False)
class Sales:
    """All sales of a book, in order of day and id: one list a column, all equally long.

    `days` are ordinals of dates, `units` amounts as whole numbers with `places` digits after the
    point. `plain` is False for refunds. `refunded` gives the ordinal of the day on which a sale was
    taken back in full, by id. `unpriced` are sales in currencies without a rate: they did happen,
    but what they are worth is unknown.
    """

    book: Book
    basis: Basis
    places: int
    days: Sequence[int]
    ids: Sequence[str]
    clients: Sequence[str]
    units: Sequence[int]
    plain: Sequence[bool]
    product_groups: Sequence[str]
    campaigns: Sequence[str]
    owners: Sequence[str]
    branches: Sequence[str]
    refunded: Mapping[str, int]
    omissions: tuple[Omission, ...] = ()
    unpriced: Sales | None = None
    first_of_all: date | None = None

    @property
    def first_day(self) -> date | None:
        """The day of the first sale of all, whatever was filtered out since; None without any."""
        if self.first_of_all is not None:
            return self.first_of_all
        return date.fromordinal(self.days[0]) if self.days else None

    def range(self, window: Window) -> range:
        """The numbers of the window's sales."""
        start = bisect_left(self.days, window.start.toordinal())
        return range(start, bisect_right(self.days, window.end.toordinal(), start))

    def column(self, dimension: Dimension) -> Sequence[str]:
        """The value of a dimension of each sale, "" where it has none."""
        match dimension:
            case Dimension.PRODUCT_GROUP:
                return self.product_groups
            case Dimension.CAMPAIGN:
                return self.campaigns
            case Dimension.OWNER:
                return self.owners
            case Dimension.BRANCH:
                return self.branches
            case Dimension.KIND:
                return self._kinds
            case Dimension.SOURCE:
                return self._sources

    @property
    def buyers(self) -> Sequence[str]:
        """Each client who has sales, once."""
        return self._buyers[0]

    @property
    def buyer_of(self) -> Sequence[int]:
        """For each sale the number of its client among the `buyers`: what is added up by client is
        found in a list by that, much faster than in a dictionary of a hundred thousand names.
        """
        return self._buyers[1]

    @cached_property
    def _buyers(self) -> tuple[Sequence[str], Sequence[int]]:
        numbers = {client: number for number, client in enumerate(dict.fromkeys(self.clients))}
        return list(numbers), list(map(numbers.__getitem__, self.clients))

    def of_kind(self, kind: str) -> Sales:
        """Only the sales to clients who are of this kind, whatever else they are."""
        clients = self.book.clients
        wanted = {key for key, client in clients.items() if kind in client.kinds}
        return self._only([client in wanted for client in self.clients], wanted)

    def amount(self, units: int) -> Decimal:
        """Units as an amount of base currency."""
        return Decimal(units).scaleb(-self.places)

    def sale(self, number: int, *, counts: bool) -> Sale:
        """One sale by its number."""
        day = date.fromordinal(self.days[number])
        amount = self.amount(self.units[number])
        return Sale(self.ids[number], self.clients[number], day, amount, counts)

    def _only(self, kept: Sequence[bool], clients: set[str]) -> Sales:
        def part(column: Sequence[_T]) -> list[_T]:
            return list(compress(column, kept))

        rest = self.unpriced
        return replace(
            self,
            days=part(self.days),
            ids=part(self.ids),
            clients=part(self.clients),
            units=part(self.units),
            plain=part(self.plain),
            product_groups=part(self.product_groups),
            campaigns=part(self.campaigns),
            owners=part(self.owners),
            branches=part(self.branches),
            omissions=tuple(each for each in self.omissions if each.client in clients),
            unpriced=rest and rest._only([each in clients for each in rest.clients], clients),
            first_of_all=self.first_day,
        )

    @cached_property
    def _kinds(self) -> Sequence[str]:
        clients = self.book.clients.items()
        return self._by_client({key: "; ".join(client.kinds) for key, client in clients})

    @cached_property
    def _sources(self) -> Sequence[str]:
        return self._by_client({key: each.source for key, each in self.book.clients.items()})

    def _by_client(self, values: Mapping[str, str]) -> Sequence[str]:
        return [values.get(client, "") for client in self.clients]


def left_out(omissions: Iterable[Omission], window: Window) -> dict[LeftOut, int]:
    """How many agreements of the window are in no figure, by reason; those without a date count
    to any window.
    """
    first, last = window.start.toordinal(), window.end.toordinal()
    found = dict.fromkeys(LeftOut, 0)
    for each in omissions:
        if each.day is None or first <= each.day <= last:
            found[each.why] += 1
    return found
