"""The signs of a locale, for numbers typed as text."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from babel import Locale, UnknownLocaleError

# The currency of a region, as people write it beside an amount. Any other currency in the cell
# would be lost, so it is refused there: it has a column of its own.
_EURO: Final = ("€", "EUR", "euros", "euro", "евро")
_CURRENCY_MARKS: Final = {
    "RU": ("₽", "рублей", "рубля", "рубль", "руб.", "руб", "р.", "р", "RUB", "RUR"),
    "BY": ("Br", "BYN", "руб.", "руб", "р."),
    "KZ": ("₸", "KZT", "тг", "тг.", "тенге"),
    "UA": ("₴", "UAH", "грн", "грн."),
    "US": ("$", "USD", "US$", "dollars", "dollar"),
    "GB": ("£", "GBP", "pounds", "pound"),
    "CH": ("CHF", "Fr."),
    "PL": ("zł", "PLN"),
    **dict.fromkeys(("AT", "BE", "DE", "ES", "FI", "FR", "IE", "IT", "NL", "PT"), _EURO),
}


@lru_cache
def locale_named(name: str) -> Locale | None:
    """The locale that Sheets names so ("ru_RU", "en"), None for a name that nobody knows: another
    country with the same language may well write the month first.
    """
    code = name.replace("-", "_")
    try:
        found = Locale.parse(code)
    except (UnknownLocaleError, ValueError):
        return None
    return found if found.territory in (None, code.rpartition("_")[2]) or "_" not in code else None


@lru_cache
def decimal_sign(name: str) -> str:
    """What parts whole from fraction in this locale, written with Latin digits: "," or "."."""
    return _symbol(name, "decimal", ".")


@lru_cache
def group_sign(name: str) -> str:
    """What parts thousands in this locale: " " stands for every kind of blank."""
    sign = _symbol(name, "group", " ")
    return " " if sign.isspace() else sign


def _symbol(name: str, kind: str, fallback: str) -> str:
    locale = locale_named(name)
    symbols = locale.number_symbols.get("latn", {}) if locale else {}
    return str(symbols.get(kind, fallback))


OTHER_CURRENCY: Final = re.compile(
    r"[$€£¥₽₸₴]|\b(?:usd|eur|gbp|rub|cny|kzt|byn|uah|chf|jpy|cad|aud|nzd|pln|czk|sek|nok|dkk|huf|try|aed|inr|ils"
    r"|amd|azn|gel|kgs|uzs|tjs|mdl|euro?s?|dollars?|pounds?)\b|у\.?е\.?"
    r"|\b(?:руб\w*|долл?\w*|евро|тенге|юан\w*)",
    re.IGNORECASE,
)
"""A currency that stands beside an amount."""


def currency_marks(region: str) -> tuple[str, ...]:
    """How the currency of this country is written beside an amount, longest first."""
    return tuple(sorted(_CURRENCY_MARKS.get(region, ()), key=len, reverse=True))
