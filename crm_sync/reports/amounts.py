"""Amounts as whole digits and a point, so that nothing is ever rounded."""

from __future__ import annotations

from decimal import Context, Decimal, InvalidOperation
from typing import NamedTuple

from crm_sync.core.values import Scalar

_MANY_DIGITS = Context(prec=100)


class Exact(NamedTuple):
    """A number: whole digits, and how many of them stand after the point."""

    digits: int
    places: int


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


def times(worth: Exact, rate: Decimal) -> Exact:
    """What it is worth by a rate."""
    factor = _exactly(rate)
    return Exact(worth.digits * factor.digits, worth.places + factor.places)


def decimal(worth: Exact | None) -> Decimal | None:
    """The same as a decimal."""
    return None if worth is None else Decimal(worth.digits).scaleb(-worth.places, _MANY_DIGITS)
