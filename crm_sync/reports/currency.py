"""Amounts of other currencies in the base currency, by dated rates."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple


class Rate(NamedTuple):
    """What one unit of a currency (ISO 4217) cost in the base currency on a day."""

    day: date
    currency: str
    rate: Decimal


@dataclass(frozen=True)
class Rates:
    """The known rates, in any order. A rate is good for its day and `good_for_days` more: on
    weekends and holidays banks set none.
    """

    rates: tuple[Rate, ...] = ()
    good_for_days: int = 7

    def on(self, currency: str, day: date) -> Decimal | None:
        """The last rate known on that day, None if there is none or it is too old."""
        known = self._by_currency.get(currency.upper(), ())
        number = bisect_right(known, day, key=lambda rate: rate.day)
        if not number or (day - known[number - 1].day).days > self.good_for_days:
            return None
        return known[number - 1].rate

    @cached_property
    def _by_currency(self) -> Mapping[str, tuple[Rate, ...]]:
        found: dict[str, list[Rate]] = {}
        for rate in sorted(self.rates):
            found.setdefault(rate.currency.upper(), []).append(rate)
        return {currency: tuple(rates) for currency, rates in found.items()}


NO_RATES = Rates()
"""No rates at all: only the base currency can be summed."""
