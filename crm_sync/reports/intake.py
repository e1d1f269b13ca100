"""Agreements read into sales: fast, for there may be a million of them.

Amounts become whole numbers of the smallest unit that any of them needs, so that sums are exact
whatever the rates were.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Context, Decimal, InvalidOperation
from functools import cached_property
from typing import NamedTuple

from crm_sync.core.values import Scalar
from crm_sync.reports.book import Book
from crm_sync.reports.currency import NO_RATES, Rates
from crm_sync.reports.entries import SUPPLIER_ONLY
from crm_sync.reports.fields import wall
from crm_sync.reports.sales import Basis, LeftOut, Omission, Sales


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


class Exact(NamedTuple):
    """A number: whole digits, and how many of them stand after the point."""

    digits: int
    places: int


_NOTHING = Exact(0, 0)
_MANY_DIGITS = Context(prec=100)


def sales_of(book: Book, basis: Basis = Basis.FULFILLED, rates: Rates = NO_RATES) -> Sales:
    """All sales of the book, whatever their day."""
    names = AgreementRow._fields[1:]
    rows = (
        AgreementRow(record.id, *map(record.values.get, names))
        for record in book.records("agreements").values()
        if not record.archived
    )
    return sales_from(rows, book, basis, rates)


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


def exact(value: Scalar) -> Exact | None:
    """A canonical decimal exactly, None for what is no finite number."""
    if value is None:
        return None
    whole, point, fraction = str(value).partition(".")
    try:
        return Exact(int(whole + fraction), len(fraction)) if point else Exact(int(whole), 0)
    except ValueError:
        return _by_decimal(str(value))


def _by_decimal(text: str) -> Exact | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return _exactly(number) if number.is_finite() and abs(number.adjusted()) < 50 else None


def _exactly(number: Decimal) -> Exact:
    places = max(0, -int(number.as_tuple().exponent))
    return Exact(int(number.scaleb(places, _MANY_DIGITS)), places)


class _Taken(NamedTuple):
    day: int
    id: str
    client: str
    worth: Exact
    plain: bool
    product_group: str
    campaign: str
    owner: str
    branch: str


class _Worth(NamedTuple):
    """What an agreement or a refund is worth: in its own currency and in the base one."""

    day: int
    own: Exact
    currency: str
    base: Exact | None


@dataclass
class _Intake:
    """Takes rows one by one; `sales` is what they come to."""

    book: Book
    basis: Basis
    rates: Rates
    taken: list[_Taken] = field(default_factory=list)
    unpriced: list[_Taken] = field(default_factory=list)
    omissions: list[Omission] = field(default_factory=list)
    originals: dict[str, _Worth] = field(default_factory=dict)
    refunds: dict[str, list[_Worth]] = field(default_factory=dict)

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
            self._take(row, day, worth)

    def _take(self, row: AgreementRow, day: int, worth: Exact) -> None:
        currency = str(row.currency).upper() if row.currency else self.book.base_currency
        base = self._in_base(worth, currency, day)
        key = str(row.id)
        plain = not row.refund_of and worth.digits >= 0
        if row.refund_of:
            back = _Worth(day, worth, currency, base)
            self.refunds.setdefault(str(row.refund_of), []).append(back)
        else:
            self.originals[key] = _Worth(day, worth, currency, base)
        client = "" if row.client is None else str(row.client)
        if base is None:
            self._omit(LeftOut.NO_RATE, row, day)
            self.unpriced.append(_Taken(day, key, client, _NOTHING, plain, *self._values(row)))
        else:
            self.taken.append(_Taken(day, key, client, base, plain, *self._values(row)))

    def sales(self) -> Sales:
        """The sales in order of day and id."""
        refunded = dict(self._refunded())
        unpriced = self._columns(self.unpriced, refunded, None)
        return self._columns(self.taken, refunded, unpriced)

    def _columns(
        self, taken: list[_Taken], refunded: Mapping[str, int], unpriced: Sales | None
    ) -> Sales:
        taken.sort()
        columns = list(zip(*taken, strict=True)) or [()] * len(_Taken._fields)
        worths = columns[3]
        places = max((worth[1] for worth in worths), default=0)
        return Sales(
            book=self.book,
            basis=self.basis,
            places=places,
            days=columns[0],
            ids=columns[1],
            clients=columns[2],
            units=[digits * 10 ** (places - own) for digits, own in worths],
            plain=columns[4],
            product_groups=columns[5],
            campaigns=columns[6],
            owners=columns[7],
            branches=columns[8],
            refunded=refunded,
            omissions=tuple(self.omissions) if unpriced is not None else (),
            unpriced=unpriced,
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

    def _in_base(self, worth: Exact, currency: str, day: int) -> Exact | None:
        if currency == self.book.base_currency or not worth.digits:
            return worth
        rate = self.rates.on(currency, date.fromordinal(day))
        if rate is None:
            return None
        times = _exactly(rate)
        return Exact(worth.digits * times.digits, worth.places + times.places)

    def _values(self, row: AgreementRow) -> tuple[str, str, str, str]:
        owner = row.owner_at_close or row.owner
        branch = row.branch_at_close
        if not branch:
            pair = row.client, owner
            try:
                branch = self._branches[pair]
            except KeyError:
                client = self.book.clients.get(str(row.client))
                branch = self.book.branch_of(client, str(owner or ""))
                self._branches[pair] = branch
        group = row.group_at_close or row.product_group
        return str(group or ""), str(row.campaign or ""), str(owner or ""), str(branch)

    def _omit(self, why: LeftOut, row: AgreementRow, day: int | None) -> None:
        client = str(row.client or "")
        self.omissions.append(Omission(why, str(row.id), client, day, *self._values(row)))

    def _refunded(self) -> Iterator[tuple[str, int]]:
        """The sales taken back in full, each with the day on which that was so."""
        for key, parts in self.refunds.items():
            sold = self.originals.get(key)
            if sold is None or sold.own.digits <= 0:
                continue
            own = all(part.currency == sold.currency for part in parts)
            rest = _decimal(sold.own if own else sold.base)
            for part in sorted(parts):
                back = _decimal(part.own if own else part.base)
                if rest is None or back is None:
                    break
                rest += back
                if rest <= 0:
                    yield key, part.day
                    break

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

    @cached_property
    def _branches(self) -> dict[tuple[Scalar, Scalar], str]:
        return {}


def _decimal(worth: Exact | None) -> Decimal | None:
    return None if worth is None else Decimal(worth.digits).scaleb(-worth.places, _MANY_DIGITS)
