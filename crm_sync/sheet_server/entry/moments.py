"""Typed dates, times and durations in the orders, separators and month names of a locale.

Each reader answers a part of the cell's serial number and the pattern that shows it as typed.
"""

import re
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from crm_sync.sheet_server.formatting.error_value import NumberFormat, tidy_number
from crm_sync.sheet_server.formatting.locales import SheetLocale, sheet_locale
from crm_sync.sheet_server.formatting.moment_pattern import SERIAL_EPOCH


class TypedMoment(NamedTuple):
    """A serial number and the format that shows it in the shape in which it was typed."""

    serial: float
    number_format: NumberFormat


class _Day(NamedTuple):
    serial: int
    pattern: str


class _Time(NamedTuple):
    seconds: float
    pattern: str
    is_duration: bool


def serial_of_day(day: date) -> int:
    """Days since 1899-12-30."""
    return day.toordinal() - SERIAL_EPOCH


def parse_moment(text: str, locale: SheetLocale, today: date) -> TypedMoment | None:
    """The serial number and format of a trimmed text that is a date, a time or both; else None.

    A date without a year is of `today`'s year.
    """
    time_alone = _parse_time(text, locale)
    if time_alone is not None:
        return TypedMoment(
            tidy_number(time_alone.seconds / 86400), {"type": "TIME", "pattern": time_alone.pattern}
        )
    day = _parse_day(text, locale, today)
    if day is not None:
        return TypedMoment(day.serial, {"type": "DATE", "pattern": day.pattern})
    for blank in re.finditer(r"\s+", text):
        time = _parse_time(text[blank.end() :], locale)
        if time is None or time.is_duration:
            continue
        day = _parse_day(text[: blank.start()], locale, today)
        if day is not None:
            serial = (day.serial * 86400 + time.seconds) / 86400
            pattern = f"{day.pattern} {time.pattern}"
            return TypedMoment(tidy_number(serial), {"type": "DATE_TIME", "pattern": pattern})
    return None


@lru_cache(maxsize=64)
def _time_shape(locale_code: str) -> re.Pattern[str]:
    locale = sheet_locale(locale_code)
    halves = "|".join(re.escape(half) for half in ("am", "pm", locale.am, locale.pm))
    return re.compile(
        rf"(?P<hours>[0-9]{{1,4}})(?::(?P<minutes>[0-9][0-9])(?::(?P<seconds>[0-9][0-9])"
        rf"(?:{re.escape(locale.decimal)}(?P<fraction>[0-9]+))?)?)?(?P<blank>\s*)(?P<half>{halves})?",
        re.IGNORECASE,
    )


def _parse_time(text: str, locale: SheetLocale) -> _Time | None:
    match = _time_shape(locale.code).fullmatch(text)
    if match is None or not (match["minutes"] or match["half"]):
        return None
    hours, minutes = int(match["hours"]), int(match["minutes"] or 0)
    seconds = float(f"{match['seconds'] or 0}.{match['fraction'] or 0}")
    if minutes > 59 or seconds >= 60:
        return None
    if match["half"] is not None:
        if not 0 <= hours <= 12:
            return None
        is_pm = match["half"].casefold() in ("pm", locale.pm.casefold())
        hours = hours % 12 + (12 if is_pm else 0)
    is_duration = hours > 23
    return _Time(
        hours * 3600 + minutes * 60 + seconds, _time_pattern(match, is_duration), is_duration
    )


def _time_pattern(match: re.Match[str], is_duration: bool) -> str:
    hours = "hh" if match["hours"].startswith("0") and len(match["hours"]) == 2 else "h"
    pattern = f"[{hours}]" if is_duration else hours
    if match["minutes"]:
        pattern += ":mm"
    if match["seconds"]:
        pattern += ":ss"
    if match["fraction"]:
        pattern += "." + "0" * min(len(match["fraction"]), 3)
    if match["half"]:
        pattern += (" " if match["blank"] else "") + "am/pm"
    return pattern


def _parse_day(text: str, locale: SheetLocale, today: date) -> _Day | None:
    return (
        _parse_three_numbers(text, locale)
        or _parse_two_numbers(text, locale, today)
        or _parse_with_month_name(text, locale, today)
    )


def _year(digits: str) -> int | None:
    """Two digits are 2000 to 2029 and 1930 to 1999; four stand for themselves."""
    if len(digits) == 2:
        return int(digits) + (2000 if int(digits) < 30 else 1900)
    return int(digits) if len(digits) == 4 and int(digits) > 0 else None


def _day_of(year: int | None, month: int, day: int, pattern: str) -> _Day | None:
    if year is None:
        return None
    try:
        return _Day(serial_of_day(date(year, month, day)), pattern)
    except ValueError:
        return None


def _letters(letter: str, digits: str) -> str:
    if letter == "y":
        return "yyyy" if len(digits) == 4 else "yy"
    return letter * 2 if digits.startswith("0") else letter


@lru_cache(maxsize=8)
def _three_numbers(separators: str) -> re.Pattern[str]:
    sign = rf"[{re.escape(separators)}]|\. "
    return re.compile(rf"([0-9]{{1,4}})({sign})([0-9]{{1,2}})\2([0-9]{{1,4}})\.?")


def _parse_three_numbers(text: str, locale: SheetLocale) -> _Day | None:
    match = _three_numbers(locale.date_separators).fullmatch(text)
    if match is None:
        return None
    parts = (match[1], match[3], match[4])
    order = "YMD" if len(parts[0]) == 4 else locale.date_order
    typed = dict(zip(order, parts, strict=True))
    if any(len(typed[unit]) > 2 for unit in "MD"):
        return None
    pattern = match[2].join(_shown_unit(unit, typed, order, locale) for unit in order)
    if pattern == locale.date_pattern.lower():
        pattern = locale.date_pattern
    return _day_of(_year(typed["Y"]), int(typed["M"]), int(typed["D"]), pattern)


def _shown_unit(unit: str, typed: dict[str, str], order: str, locale: SheetLocale) -> str:
    """The letters for one unit; two digits without a zero look to the other unit, then the locale.

    So that `2024-12-31` is `yyyy-mm-dd`, and `12/31/2024` is `m/d/yyyy` in en_US.
    """
    letter, digits = unit.lower(), typed[unit]
    if unit == "Y" or len(digits) == 1 or digits.startswith("0"):
        return _letters(letter, digits)
    others = [typed[other] for other in "MD" if other != unit]
    if any(len(other) == 1 for other in others):
        return letter
    starts_with_zero = any(other.startswith("0") for other in others)
    is_iso = order == "YMD" and locale.date_order != "YMD"
    if starts_with_zero or is_iso or letter * 2 in locale.date_pattern.lower():
        return letter * 2
    return letter


def _parse_two_numbers(text: str, locale: SheetLocale, today: date) -> _Day | None:
    separators = re.escape(locale.date_separators)
    match = re.fullmatch(rf"([0-9]{{1,4}})([{separators}])([0-9]{{1,4}})", text)
    if match is None:
        return None
    first, separator, second = match.groups()
    if len(first) <= 2 and len(second) <= 2:
        order = locale.date_order.replace("Y", "")
        typed = dict(zip(order, (first, second), strict=True))
        pattern = separator.join(_shown_unit(unit, typed, order, locale) for unit in order)
        return _day_of(today.year, int(typed["M"]), int(typed["D"]), pattern)
    # "12/2024" is the first day of a month; "1.2024" is left to the readers of numbers.
    if separator != "." and len(first) <= 2 and len(second) == 4:
        return _day_of(
            _year(second),
            int(first),
            1,
            f"{_letters('m', first)}{separator}{_letters('y', second)}",
        )
    if separator != "." and len(first) == 4 and len(second) <= 2:
        return _day_of(
            _year(first),
            int(second),
            1,
            f"{_letters('y', first)}{separator}{_letters('m', second)}",
        )
    return None


@lru_cache(maxsize=64)
def _month_numbers(locale_code: str) -> dict[str, tuple[int, str]]:
    """Every way to write a month: `{lower-case name: (1..12, pattern letters)}`."""
    names: dict[str, tuple[int, str]] = {}
    for locale in (sheet_locale("en_US"), sheet_locale(locale_code)):
        tables = (
            (locale.months_short_alone, "mmm"),
            (locale.months_short, "mmm"),
            (locale.months_alone, "mmmm"),
            (locale.months, "mmmm"),
        )
        for table, letters in tables:
            for index, name in enumerate(table):
                # "May" is both the short and the whole name: shown the same either way.
                names[name.casefold().rstrip(".")] = (index + 1, letters)
    return names


_NAME = r"(?P<month>[^\W\d_][^\d\s,/-]*)"
_WITH_MONTH_NAME = (
    re.compile(
        rf"(?P<day>[0-9]{{1,2}})(?P<gap>\.?\s+|\.|-|/)?{_NAME}"
        rf"(?:(?P<gap2>,?\s+|-|/)(?P<year>[0-9]{{4}}|[0-9][0-9])(?:\s*г\.?)?)?"
    ),
    re.compile(
        rf"{_NAME}(?P<gap>\s+|-|/)(?P<day>[0-9]{{1,2}})"
        rf"(?:(?P<gap2>,\s*|\s+|-|/)(?P<year>[0-9]{{4}}|[0-9][0-9]))?"
    ),
    re.compile(rf"{_NAME}(?P<gap>,?\s+|-|/)(?P<year>[0-9]{{4}})(?P<day>)(?P<gap2>)(?:\s*г\.?)?"),
)


def _parse_with_month_name(text: str, locale: SheetLocale, today: date) -> _Day | None:
    months = _month_numbers(locale.code)
    for shape in _WITH_MONTH_NAME:
        match = shape.fullmatch(text)
        if match is None:
            continue
        month, letters = months.get(match["month"].casefold().rstrip("."), (0, ""))
        if not month:
            continue
        day, year = match["day"], match["year"]
        found = _day_of(
            _year(year) if year else today.year,
            month,
            int(day or 1),
            _named_pattern(match, letters),
        )
        if found is not None:
            return found
    return None


def _named_pattern(match: re.Match[str], letters: str) -> str:
    shown = {"month": letters}
    if match["day"]:
        shown["day"] = _letters("d", match["day"])
    if match["year"]:
        shown["year"] = _letters("y", match["year"])
    parts = sorted(shown, key=match.start)
    gaps = [match["gap"] or "", match["gap2"] or ""]
    pattern = shown[parts[0]]
    for gap, part in zip(gaps, parts[1:], strict=False):
        pattern += gap + shown[part]
    return pattern
