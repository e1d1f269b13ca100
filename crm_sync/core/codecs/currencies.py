"""Currencies: ISO 4217 codes in the store, in the sheet whatever people call them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from babel.numbers import list_currencies

from crm_sync.core.codecs.cleaning import bare, fold
from crm_sync.core.codecs.codec import CellCodec, unreadable
from crm_sync.core.values import N_, Cell, Scalar, Unreadable

# "Dollar" and "$" mean that of the United States wherever nobody says otherwise; a yen and a yuan
# share one sign, so that is nobody's.
_NAMES: Final = {
    "₽": "RUB", "р": "RUB", "руб": "RUB", "рубль": "RUB", "рубли": "RUB", "рублей": "RUB",
    "rur": "RUB", "rouble": "RUB", "roubles": "RUB", "ruble": "RUB", "rubles": "RUB",
    "$": "USD", "us$": "USD", "доллар": "USD", "доллары": "USD", "долл": "USD", "dollar": "USD",
    "dollars": "USD", "€": "EUR", "евро": "EUR", "euro": "EUR", "euros": "EUR", "£": "GBP",
    "фунт": "GBP", "фунты": "GBP", "pound": "GBP", "pounds": "GBP", "юань": "CNY", "юани": "CNY",
    "yuan": "CNY", "₸": "KZT", "тенге": "KZT", "₴": "UAH", "гривна": "UAH", "грн": "UAH",
    "бел руб": "BYN", "zł": "PLN", "злотый": "PLN",
}  # fmt: skip


_LOOK_LATIN: Final = str.maketrans("АВЕКМНОРСТУХ", "ABEKMHOPCTYX")


@lru_cache
def _codes() -> frozenset[str]:
    # Codes that begin with X are metals and the like.
    return frozenset(code for code in list_currencies() if not code.startswith("X"))


@dataclass(frozen=True)
class CurrencyCodec(CellCodec):
    """A currency by its code, sign or name."""

    def format(self, value: Scalar) -> Cell:
        """The code."""
        return value

    def _read_text(self, text: str) -> Scalar | Unreadable:
        word = bare(text)
        code = word.upper()
        if code in _codes():
            return code
        latin = code.translate(_LOOK_LATIN)
        if latin in _codes():
            return latin
        return _NAMES.get(fold(word).rstrip(".").replace(".", " ")) or _not_a_currency(text)

    def _read_number(self, number: int | float) -> Scalar | Unreadable:
        return _not_a_currency(number)

    def _read_boolean(self, flag: bool) -> Scalar | Unreadable:
        return _not_a_currency(flag)


def _not_a_currency(cell: Cell) -> Unreadable:
    return unreadable(
        cell,
        "V04",
        N_('"{typed}" is no currency.'),
        N_("Type its code of three letters, like RUB, USD or EUR."),
    )
