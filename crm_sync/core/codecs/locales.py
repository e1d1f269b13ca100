"""The signs of a locale, for numbers typed as text."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from babel import Locale, UnknownLocaleError

# The currency of a region, as people write it beside an amount. Any other currency in the cell
# would be lost, so it is refused there: it has a column of its own.
_EURO: Final = ("€", "EUR", "евро")
_CURRENCY_MARKS: Final = {
    "RU": ("₽", "руб.", "руб", "р.", "р", "RUB", "RUR"),
    "BY": ("Br", "BYN", "руб.", "руб", "р."),
    "KZ": ("₸", "KZT", "тг", "тг.", "тенге"),
    "UA": ("₴", "UAH", "грн", "грн."),
    "US": ("$", "USD"),
    "GB": ("£", "GBP"),
    "CH": ("CHF", "Fr."),
    "PL": ("zł", "PLN"),
    **dict.fromkeys(("AT", "BE", "DE", "ES", "FI", "FR", "IE", "IT", "NL", "PT"), _EURO),
}


@lru_cache
def locale_named(name: str) -> Locale | None:
    """The locale that Sheets names so ("ru_RU", "en"), None for a name that nobody knows."""
    for candidate in (name.replace("-", "_"), name.replace("-", "_").partition("_")[0]):
        try:
            return Locale.parse(candidate)
        except (UnknownLocaleError, ValueError):
            continue
    return None


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


def currency_marks(region: str) -> tuple[str, ...]:
    """How the currency of this country is written beside an amount, longest first."""
    return tuple(sorted(_CURRENCY_MARKS.get(region, ()), key=len, reverse=True))
