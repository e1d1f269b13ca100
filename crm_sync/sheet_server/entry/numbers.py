"""Typed numbers: separators, percent, currency and exponent in the manner of a locale."""

import math
import re
from functools import lru_cache
from typing import NamedTuple

from crm_sync.sheet_server.formatting.error_value import NumberFormat, tidy_number
from crm_sync.sheet_server.formatting.locales import BLANKS, SheetLocale, sheet_locale

# Digits of an exponent: with more of them, a number is beyond all bounds.
_LONGEST_POWER = 3


class TypedNumber(NamedTuple):
    """A number and the format that Sheets gives a cell in which it was typed so (or None)."""

    value: float
    number_format: NumberFormat | None


@lru_cache(maxsize=64)
def _number_shape(locale_code: str) -> re.Pattern[str]:
    locale = sheet_locale(locale_code)
    group = f"[{re.escape(locale.typed_groups)}]"
    # A group may be longer than three digits when its sign is not a blank: Sheets reads de_DE
    # "1.123456789" as 1123456789 (github.com/robin900/gspread-dataframe/issues/29).
    size = "{3}" if locale.typed_groups[0] in BLANKS else "{3,}"
    mark = "|".join(re.escape(mark) for mark in locale.currency_marks)
    decimal = re.escape(locale.decimal)
    return re.compile(
        rf"(?P<sign>[+-])?(?P<before>{mark})?[{BLANKS}]?(?P<inner_sign>[+-])?"
        rf"(?:(?P<grouped>[0-9]+(?:{group}[0-9]{size})+)|(?P<plain>[0-9]+))?"
        rf"(?:{decimal}(?P<fraction>[0-9]*))?"
        rf"(?P<exponent>[eE][+-]?[0-9]+)?"
        rf"[{BLANKS}]?(?:(?P<percent>%)|(?P<after>{mark}))?"
    )


def parse_number(text: str, locale: SheetLocale) -> TypedNumber | None:
    """The number that the trimmed text is in this locale, with its format; None if it is no number.

    An overflow, two signs or two currency marks make it text.
    """
    match = _number_shape(locale.code).fullmatch(text)
    if match is None or not _is_complete(match):
        return None
    whole = match["plain"] or re.sub(r"[^0-9]", "", match["grouped"] or "")
    power = (match["exponent"] or "")[1:]
    digits = power.lstrip("+-0")
    if len(digits) > _LONGEST_POWER:
        return None
    exponent = int(digits or 0) * (-1 if "-" in power else 1) - (2 if match["percent"] else 0)
    sign = "-" if "-" in (match["sign"], match["inner_sign"]) else ""
    value = float(f"{sign}{whole or '0'}.{match['fraction'] or '0'}e{exponent}")
    if math.isinf(value):
        return None
    return TypedNumber(tidy_number(value), _typed_format(match))


def _is_complete(match: re.Match[str]) -> bool:
    has_digits = bool(match["plain"] or match["grouped"] or match["fraction"])
    signs = bool(match["sign"]) + bool(match["inner_sign"])
    marks = bool(match["before"]) + bool(match["after"]) + bool(match["percent"])
    lone_inner_sign = bool(match["inner_sign"]) and not match["before"]
    return has_digits and signs <= 1 and marks <= 1 and not lone_inner_sign


def _typed_format(match: re.Match[str]) -> NumberFormat | None:
    decimals = ".00" if match["fraction"] else ""
    if match["percent"]:
        return {"type": "PERCENT", "pattern": f"0{decimals}%"}
    if match["before"]:
        return {"type": "CURRENCY", "pattern": f'"{match["before"]}"#,##0{decimals}'}
    if match["after"]:
        blank = " " if match[0].rstrip(match["after"])[-1:] in BLANKS else ""
        return {"type": "CURRENCY", "pattern": f'#,##0{decimals}{blank}"{match["after"]}"'}
    if match["exponent"]:
        return {"type": "SCIENTIFIC", "pattern": "0.00E+00"}
    if match["grouped"]:
        return {"type": "NUMBER", "pattern": f"#,##0{decimals}"}
    return None
