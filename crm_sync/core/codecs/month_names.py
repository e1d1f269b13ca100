"""Dates as people write them in words: "31 декабря 2026 г.", "Dec 31, 2026"."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from crm_sync.core.codecs.cleaning import fold
from crm_sync.core.codecs.locales import locale_named

_YEAR: Final = r"(?P<year>[0-9]{4})(?: ?(?:г\.?|года|year))?"
_DAY: Final = r"(?P<day>[0-9]{1,2})(?:st|nd|rd|th|-?го|-?е|\.)?"
_NAME: Final = r"(?P<name>[^\W\d_]{3,12})\.?"
_DAY_FIRST: Final = re.compile(rf"{_DAY}[ -]?(?:of )?{_NAME},?[ -]{_YEAR},?", re.IGNORECASE)
_MONTH_FIRST: Final = re.compile(rf"{_NAME} {_DAY},? {_YEAR},?", re.IGNORECASE)
_AFTER_YEAR: Final = re.compile(
    r"(?<=[0-9]{4}) ?(?:года|г\.?)(?=[ ,]|$)|(?<=[0-9]{4})\.$|(?<=[.][0-9]{2}) ?г\.?(?=[ ,]|$)"
)
_ZONE: Final = re.compile(
    r".*[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?(?: ?[AaPp]\.?[Mm]\.?)? ?\(?"
    r"(?:Z|(?:UTC|GMT|MSK|МСК)? ?[+-][0-9]{1,2}(?::?[0-9]{2})?|МСК|мск|[A-Z]{3,4}|по мск|по Москве"
    r"|Moscow time)\)?"
)


def with_numbers(typed: str, locale: str) -> str:
    """The text with a month's name as its number, year first: "2026-12-31 14:05". A text without
    one stays, but for a "г." behind the year. Months are known by their names in the locale's
    language and in English.
    """
    for shape in (_DAY_FIRST, _MONTH_FIRST):
        match = shape.match(typed)
        month = month_names(locale).get(fold(match["name"])) if match else None
        if match and month:
            rest = typed[match.end() :].lstrip()
            day = f"{match['year']}-{month:02}-{int(match['day']):02}"
            return f"{day} {rest}" if rest else day
    return _AFTER_YEAR.sub("", typed, count=1)


def names_a_zone(typed: str) -> bool:
    """True for a time with a zone behind it: "14:05 МСК", "14:05:00+03:00"."""
    return _ZONE.fullmatch(typed) is not None


@lru_cache
def month_names(locale: str) -> Mapping[str, int]:
    """The months by their folded names, whole and short, in this locale's language and English."""
    found: dict[str, int] = {"сент": 9, "нояб": 11, "sept": 9}
    for name in ("en", locale):
        known = locale_named(name)
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                months = known.months[context][width] if known else {}
                for number, text in months.items():
                    found[fold(text).rstrip(".")] = int(number)
    for text, number in list(found.items()):
        found.setdefault(text[:3], number)
    return found
