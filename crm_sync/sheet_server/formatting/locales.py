"""What a spreadsheet's locale decides: separators, date order, names of months, booleans, currency.

The data is CLDR's, by babel. Sheets' own choices that CLDR does not have (words for TRUE and FALSE,
the argument separator) stand in tables here.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.numbers import get_currency_symbol, get_territory_currencies

BLANKS = " \u00a0\u202f\u2009"
"""Blanks that people and locales put between thousands."""

_TYPED_ALIKE = (BLANKS, "’'")

# Sheets shows and reads booleans in the words of the spreadsheet's language.
_BOOLEAN_WORDS = {
    "ru": ("ИСТИНА", "ЛОЖЬ"),
    "de": ("WAHR", "FALSCH"),
    "fr": ("VRAI", "FAUX"),
    "es": ("VERDADERO", "FALSO"),
    "it": ("VERO", "FALSO"),
    "pt": ("VERDADEIRO", "FALSO"),
    "pl": ("PRAWDA", "FAŁSZ"),
    "nl": ("WAAR", "ONWAAR"),
    "sv": ("SANT", "FALSKT"),
    "fi": ("TOSI", "EPÄTOSI"),
    "da": ("SAND", "FALSK"),
    "nb": ("SANN", "USANN"),
    "cs": ("PRAVDA", "NEPRAVDA"),
    "hu": ("IGAZ", "HAMIS"),
    "tr": ("DOĞRU", "YANLIŞ"),
    "uk": ("ІСТИНА", "ХИБНІСТЬ"),
}

_OTHER_CURRENCY_MARKS = {"RU": ("р.", "руб.")}


@dataclass(frozen=True, slots=True)
class SheetLocale:
    """One locale's conventions, ready for reading and showing cells.

    `date_order` is a permutation of `DMY`. Patterns are in Sheets' notation (`dd.MM.yyyy`,
    `h:mm:ss am/pm`). Month names come twice: within a date (`мая`) and standing alone (`май`).
    """

    code: str
    decimal: str
    group: str
    typed_groups: str
    date_order: str
    date_separators: str
    date_pattern: str
    time_pattern: str
    date_time_pattern: str
    months: tuple[str, ...]
    months_alone: tuple[str, ...]
    months_short: tuple[str, ...]
    months_short_alone: tuple[str, ...]
    weekdays: tuple[str, ...]
    weekdays_short: tuple[str, ...]
    am: str
    pm: str
    true: str
    false: str
    currency_symbol: str
    currency_marks: tuple[str, ...]
    currency_pattern: str
    argument_separator: str
    column_separator: str


def _parsed(code: str) -> Locale:
    for candidate in (code, code.split("_")[0], "en_US"):
        try:
            return Locale.parse(candidate)
        except (UnknownLocaleError, ValueError):
            continue
    raise AssertionError("en_US is always known")


def _territory(locale: Locale) -> str:
    if locale.territory:
        return locale.territory
    likely = get_global("likely_subtags").get(locale.language, "en_Latn_US")
    return str(likely).rsplit("_", 1)[-1]


def _bare(pattern: str) -> str:
    """A CLDR pattern without quoted words, direction marks and unusual blanks."""
    without_words = re.sub(r"'[^']*'\.?", "", pattern)
    return re.sub(r"[\u200e\u200f]", "", re.sub(r"[\u202f\u00a0]", " ", without_words)).strip()


def _date_pattern(locale: Locale) -> str:
    short = _bare(locale.date_formats["short"].pattern)
    return re.sub(r"y+", "yyyy", short).rstrip(" .") if "y" in short else "M/d/yyyy"


def _time_pattern(locale: Locale) -> str:
    medium = _bare(locale.time_formats["medium"].pattern)
    return re.sub(r"\s*[abB]+\s*", " am/pm", medium).strip().replace("H", "h")


def _date_order(pattern: str) -> str:
    letters = {"d": "D", "M": "M", "y": "Y"}
    ordered = [letters[char] for char in dict.fromkeys(pattern) if char in letters]
    return "".join(ordered) if len(ordered) == 3 else "MDY"


def _names(table: dict[int, str], count: int) -> tuple[str, ...]:
    first = 1 if count == 12 else 0
    return tuple(str(table[first + index]) for index in range(count))


def _day_period(locale: Locale, period: str) -> str:
    # CLDR writes "am" for en_GB and "a. m." for es; Sheets has room for a short mark only.
    name = str(locale.day_periods["format"]["abbreviated"].get(period, period))
    if "." in name:
        return period.upper()
    return name.upper() if name.isascii() else name


def _currency(locale: Locale, decimal: str) -> tuple[str, tuple[str, ...], str]:
    territory = _territory(locale)
    codes = get_territory_currencies(territory) or ["USD"]
    symbol = str(get_currency_symbol(str(codes[0]), locale))
    marks = (symbol, *_OTHER_CURRENCY_MARKS.get(territory, ()), "$", "€", "£", "¥")
    cldr = _bare(locale.currency_formats["standard"].pattern).split(";")[0]
    pattern = cldr.replace("¤", f'"{symbol}"').replace("#,##,##0", "#,##0")
    return symbol, tuple(dict.fromkeys(marks)), pattern


@lru_cache(maxsize=64)
def sheet_locale(code: str) -> SheetLocale:
    """The conventions of a spreadsheet's locale (`ru_RU`); an unknown one reads as en_US."""
    locale = _parsed(code)
    symbols = locale.number_symbols["latn"]
    decimal, group = str(symbols["decimal"]), str(symbols["group"])
    date_pattern, time_pattern = _date_pattern(locale), _time_pattern(locale)
    hours = "h:mm:ss" if time_pattern.startswith("h:") else "hh:mm:ss"
    months, days = locale.months, locale.days
    true, false = _BOOLEAN_WORDS.get(locale.language, ("TRUE", "FALSE"))
    symbol, marks, currency_pattern = _currency(locale, decimal)
    comma_decimal = decimal == ","
    return SheetLocale(
        code=code,
        decimal=decimal,
        group=group,
        typed_groups=next((alike for alike in _TYPED_ALIKE if group in alike), group),
        date_order=_date_order(date_pattern),
        date_separators="./-" if comma_decimal or "." in date_pattern else "/-",
        date_pattern=date_pattern,
        time_pattern=time_pattern,
        date_time_pattern=f"{date_pattern} {hours}",
        months=_names(months["format"]["wide"], 12),
        months_alone=_names(months["stand-alone"]["wide"], 12),
        months_short=_names(months["format"]["abbreviated"], 12),
        months_short_alone=_names(months["stand-alone"]["abbreviated"], 12),
        weekdays=_names(days["format"]["wide"], 7),
        weekdays_short=_names(days["format"]["abbreviated"], 7),
        am=_day_period(locale, "am"),
        pm=_day_period(locale, "pm"),
        true=true,
        false=false,
        currency_symbol=symbol,
        currency_marks=marks,
        currency_pattern=currency_pattern,
        argument_separator=";" if comma_decimal else ",",
        column_separator="\\" if comma_decimal else ",",
    )
