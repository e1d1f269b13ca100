"""Agreements read into sales: fast, for there may be a million of them.

Amounts become whole numbers of the smallest unit that any of them needs, so that sums are exact
whatever the rates were.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from itertools import chain, compress
from typing import NamedTuple, TypeVar

from crm_sync.core.columns import Columns
from crm_sync.core.values import Scalar
from crm_sync.reports.amounts import Exact, decimal, exact, times
from crm_sync.reports.book import Book
from crm_sync.reports.currency import NO_RATES, Rates
from crm_sync.reports.entries import SUPPLIER_ONLY
from crm_sync.reports.fields import wall
from crm_sync.reports.sales import Basis, LeftOut, Omission, Sales

_T = TypeVar("_T")


class AgreementRow(NamedTuple):
    """What is read of an agreement. A field that the store lacks is None; `*_at_close` are the
    values of the day on which it was closed, and go before those of today.
    """

    id: Scalar
    client: Scalar = None
    status: Scalar = None
    amount: Scalar = None
    currency: Scalar = None
    refund_of: Scalar = None
    agreed_at: Scalar = None
    fulfilled_at: Scalar = None
    paid_amount: Scalar = None
    paid_at: Scalar = None
    product_group: Scalar = None
    campaign: Scalar = None
    owner: Scalar = None
    group_at_close: Scalar = None
    owner_at_close: Scalar = None
    branch_at_close: Scalar = None


_NOTHING = Exact(0, 0)
_DAY_FIELDS = {Basis.FULFILLED: "fulfilled_at", Basis.AGREED: "agreed_at"}


def sales_of(book: Book, basis: Basis = Basis.FULFILLED, rates: Rates = NO_RATES) -> Sales:
    """All sales of the book, whatever their day."""
    intake = _Intake(book, basis, rates)
    intake.take_all(Columns.of(book.records("agreements"), AgreementRow._fields[1:]).live())
    return intake.sales()


def sales_from(
    rows: Iterable[AgreementRow],
    book: Book,
    basis: Basis = Basis.FULFILLED,
    rates: Rates = NO_RATES,
) -> Sales:
    """The same from rows, say straight from a query, without archived agreements; only clients,
    employees and statuses are taken from the book.
    """
    intake = _Intake(book, basis, rates)
    for row in rows:
        intake.take(row)
    return intake.sales()


@dataclass
class _Columns:
    """Sales in the order in which they were read, a list for each column. Lists rather than rows:
    a million tuples would keep the collector of garbage busy.
    """

    days: list[int] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    clients: list[str] = field(default_factory=list)
    digits: list[int] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    plain: list[bool] = field(default_factory=list)
    values: tuple[list[str], ...] = field(default_factory=lambda: ([], [], [], []))

    def add(self, row: AgreementRow, day: int, worth: Exact, *, plain: bool) -> None:
        """Adds a sale without its values."""
        self.days.append(day)
        self.ids.append(str(row.id))
        self.clients.append("" if row.client is None else str(row.client))
        self.digits.append(worth.digits)
        self.places.append(worth.places)
        self.plain.append(plain)

    def add_values(self, values: tuple[str, str, str, str]) -> None:
        """Adds the values of the sale that was added last."""
        for column, value in zip(self.values, values, strict=True):
            column.append(value)

    def add_amounts(self, amounts: Iterable[Scalar]) -> None:
        """The amounts of sales that are no refunds."""
        add_digits, add_places = self.digits.append, self.places.append
        for amount in amounts:
            try:
                whole, _, fraction = str(amount).partition(".")
                digits, places = int(whole + fraction), len(fraction)
            except ValueError:
                digits, places = exact(amount) or _NOTHING
            add_digits(digits)
            add_places(places)
            self.plain.append(digits >= 0)

    def order(self) -> list[int]:
        """The numbers of the sales in order of day and id."""
        numbers = sorted(range(len(self.ids)), key=self.ids.__getitem__)
        # Days are few: to put each sale to its day takes a third of sorting a million of them.
        by_day: dict[int, list[int]] = {}
        for number, day in zip(numbers, map(self.days.__getitem__, numbers), strict=True):
            if day in by_day:
                by_day[day].append(number)
            else:
                by_day[day] = [number]
        return list(chain.from_iterable(by_day[day] for day in sorted(by_day)))

    def units(self) -> tuple[list[int], int]:
        """The amounts as whole numbers, and how many of their digits stand after the point."""
        most = max(self.places, default=0)
        factors = [10 ** (most - own) for own in range(most + 1)]
        pairs = zip(self.digits, self.places, strict=True)
        return [digits * factors[own] for digits, own in pairs], most


class _Worth(NamedTuple):
    """What an agreement or a refund is worth: in its own currency and in the base one."""

    day: int
    own: Exact
    currency: str
    base: Exact | None


@dataclass
class _Intake:
    """Takes rows one by one; `sales` is what they come to. `foreign` are sales in other currencies
    by id, `refunds` those of each sale.
    """

    book: Book
    basis: Basis
    rates: Rates
    taken: _Columns = field(default_factory=_Columns)
    unpriced: _Columns = field(default_factory=_Columns)
    omissions: list[Omission] = field(default_factory=list)
    foreign: dict[str, _Worth] = field(default_factory=dict)
    refunds: dict[str, list[_Worth]] = field(default_factory=dict)

    def take_all(self, records: Columns) -> None:
        """Takes all at once. Ordinary sales (done, in base currency, no refunds), which nearly all
        are, go straight into the columns; the others are taken one by one.
        """
        ordinary = self._ordinary(records)
        self._take_ordinary(records, ordinary)
        rest = [not each for each in ordinary]
        names = AgreementRow._fields[1:]
        columns = (compress(records.column(name), rest) for name in names)
        for row in zip(compress(records.ids, rest), *columns, strict=True):
            self.take(AgreementRow(*row))

    def _ordinary(self, records: Columns) -> list[bool]:
        if self.basis not in _DAY_FIELDS:
            return [False] * len(records)
        written = records.column(_DAY_FIELDS[self.basis])
        dated = {each for each in set(written) if self._day(each) is not None}
        statuses = records.column("status")
        won = {each for each in set(statuses) if self._types.get(str(each)) == "won"}
        own, suppliers = {None, "", self.book.base_currency}, self._suppliers
        return [
            status in won
            and day in dated
            and currency in own
            and not refund
            and client not in suppliers
            for status, day, currency, refund, client in zip(
                statuses,
                written,
                records.column("currency"),
                records.column("refund_of"),
                records.column("client"),
                strict=True,
            )
        ]

    def _take_ordinary(self, records: Columns, ordinary: Sequence[bool]) -> None:
        def texts(*names: str) -> list[str]:
            """The first of some fields that is filled."""
            found: list[Scalar] = [None] * len(days)
            for name in names:
                if name in records.fields:
                    own = compress(records.column(name), ordinary)
                    found = [one or two for one, two in zip(found, own, strict=True)]
            known = {each: str(each or "") for each in set(found)}
            return [known[each] for each in found]

        columns, field_name = self.taken, _DAY_FIELDS.get(self.basis)
        if field_name is None:
            return
        written = compress(records.column(field_name), ordinary)
        days = [day for each in written if (day := self._days[each]) is not None]
        columns.days += days
        columns.ids += compress(records.ids, ordinary)
        columns.add_amounts(compress(records.column("amount"), ordinary))
        clients = texts("client")
        columns.clients += clients
        owners = texts("owner_at_close", "owner")
        groups, campaigns = texts("group_at_close", "product_group"), texts("campaign")
        of_owners = self.book.branches_of_employees
        of_clients = {key: self._branch_of_client(key) for key in set(clients)}
        branches = [
            branch or of_owners.get(owner) or of_clients[client]
            for branch, owner, client in zip(texts("branch_at_close"), owners, clients, strict=True)
        ]
        for column, values in zip(
            columns.values, (groups, campaigns, owners, branches), strict=True
        ):
            column.extend(values)

    def take(self, row: AgreementRow) -> None:
        """Takes an agreement if it is a sale; if it nearly is one, notes why it is none."""
        # An agreement with an unknown status counts as open.
        kind = self._types.get(str(row.status), "open")
        if kind == "lost":
            return
        day, worth = self._by_basis(row)
        if worth is None:
            return
        if kind != "won":
            if day is not None:
                self._omit(LeftOut.NOT_DONE, row, day)
        elif day is None:
            self._omit(LeftOut.UNDATED, row, None)
        elif row.client in self._suppliers:
            self._omit(LeftOut.SUPPLIER, row, day)
        else:
            base = self._in_base(row, worth, day)
            columns = self.taken if base else self.unpriced
            columns.add(row, day, base or _NOTHING, plain=not row.refund_of and worth.digits >= 0)
            columns.add_values(self._values(row))
            if base is None:
                self._omit(LeftOut.NO_RATE, row, day)

    def sales(self) -> Sales:
        """The sales in order of day and id."""
        refunded = dict(self._refunded())
        unpriced = self._sales(self.unpriced, refunded)
        return replace(
            self._sales(self.taken, refunded),
            omissions=tuple(self.omissions),
            unpriced=unpriced,
        )

    def _sales(self, columns: _Columns, refunded: Mapping[str, int]) -> Sales:
        order = columns.order()
        units, places = columns.units()

        def ordered(column: Sequence[_T]) -> list[_T]:
            return list(map(column.__getitem__, order))

        groups, campaigns, owners, branches = columns.values
        return Sales(
            book=self.book,
            basis=self.basis,
            places=places,
            days=ordered(columns.days),
            ids=ordered(columns.ids),
            clients=ordered(columns.clients),
            units=ordered(units),
            plain=ordered(columns.plain),
            product_groups=ordered(groups),
            campaigns=ordered(campaigns),
            owners=ordered(owners),
            branches=ordered(branches),
            refunded=refunded,
        )

    def _by_basis(self, row: AgreementRow) -> tuple[int | None, Exact | None]:
        """Day and worth of an agreement; no worth if it is no sale on this basis."""
        if self.basis is Basis.FULFILLED:
            return self._day(row.fulfilled_at), exact(row.amount) or _NOTHING
        if self.basis is Basis.AGREED:
            return self._day(row.agreed_at), exact(row.amount) or _NOTHING
        worth = exact(row.paid_amount)
        if worth is None and row.refund_of:
            worth = exact(row.amount)
        # Where nobody noted the day of payment, that of fulfilment stands for it.
        day = self._day(row.paid_at) or self._day(row.fulfilled_at)
        return day, worth if worth and worth.digits else None

    def _day(self, written: Scalar) -> int | None:
        try:
            return self._days[written]
        except KeyError:
            local = wall(str(written), self.book.zone) if written else ""
            found = date.fromisoformat(local[:10]).toordinal() if local else None
            self._days[written] = found
            return found

    def _in_base(self, row: AgreementRow, worth: Exact, day: int) -> Exact | None:
        """What it is worth in base currency, None without a rate; notes refunds and what may be
        refunded in another currency.
        """
        currency = row.currency
        if (not currency or currency == self.book.base_currency) and not row.refund_of:
            return worth
        code = str(currency or self.book.base_currency).upper()
        base: Exact | None = worth
        if code != self.book.base_currency and worth.digits:
            # An agreement is worth the same whichever day it counts on.
            rate = self.rates.on(code, date.fromordinal(self._day(row.fulfilled_at) or day))
            base = times(worth, rate) if rate is not None else None
        told = _Worth(day, worth, code, base)
        if row.refund_of:
            self.refunds.setdefault(str(row.refund_of), []).append(told)
        else:
            self.foreign[str(row.id)] = told
        return base

    def _values(self, row: AgreementRow) -> tuple[str, str, str, str]:
        owner = row.owner_at_close or row.owner or ""
        branch = row.branch_at_close or self.book.branches_of_employees.get(str(owner))
        group = row.group_at_close or row.product_group or ""
        if not branch:
            branch = self._branch_of_client(str(row.client))
        return str(group), str(row.campaign or ""), str(owner), str(branch)

    def _omit(self, why: LeftOut, row: AgreementRow, day: int | None) -> None:
        client = str(row.client or "")
        self.omissions.append(Omission(why, str(row.id), client, day, *self._values(row)))

    def _refunded(self) -> Iterator[tuple[str, int]]:
        """The sales taken back in full, each with the day on which that was so."""
        for key, sold in self._originals():
            parts = sorted(self.refunds[key], key=lambda part: part.day)
            own = all(part.currency == sold.currency for part in parts)
            rest = decimal(sold.own if own else sold.base)
            for part in parts if sold.own.digits > 0 else ():
                back = decimal(part.own if own else part.base)
                if rest is None or back is None:
                    break
                rest += back
                if rest <= 0:
                    yield key, part.day
                    break

    def _originals(self) -> Iterator[tuple[str, _Worth]]:
        """The sales that a refund names."""
        columns = self.taken
        for key, sold in self.foreign.items():
            if key in self.refunds:
                yield key, sold
        for number, key in enumerate(columns.ids if self.refunds else ()):
            if key in self.refunds and key not in self.foreign and columns.plain[number]:
                worth = Exact(columns.digits[number], columns.places[number])
                yield key, _Worth(columns.days[number], worth, self.book.base_currency, worth)

    @cached_property
    def _types(self) -> Mapping[str, str]:
        return self.book.status_types("agreement")

    @cached_property
    def _suppliers(self) -> frozenset[str]:
        clients = self.book.clients.items()
        return frozenset(key for key, client in clients if client.kinds == SUPPLIER_ONLY)

    @cached_property
    def _days(self) -> dict[Scalar, int | None]:
        return {}

    def _branch_of_client(self, key: str) -> str:
        client = self.book.clients.get(key)
        return self.book.branch_of(client) if client else ""
