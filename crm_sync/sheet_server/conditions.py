"""Boolean conditions of filters and conditional formats: does a cell meet them?

Typed values of a condition are read as the spreadsheet's locale reads them. CUSTOM_FORMULA is
not evaluated: it meets nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from functools import lru_cache

from crm_sync.sheet_server.entry import parse_entry
from crm_sync.sheet_server.entry.moments import serial_of_day
from crm_sync.sheet_server.formatting import ErrorValue
from crm_sync.sheet_server.grid import Value
from crm_sync.sheet_server.workbook import Json

# Value of a cell and the text that it shows -> whether the condition is met.
Test = Callable[[Value, str], bool]

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_URL = re.compile(r"(?:[a-z][a-z0-9+.-]*://|www\.)\S+", re.IGNORECASE)


class ConditionReader:
    """Turns conditions into tests, for one locale and day."""

    def __init__(self, locale: str, today: date) -> None:
        self.locale = locale
        self.today = today

    def test(self, condition: Json) -> Test:
        """The test that a BooleanCondition stands for."""
        kind = condition.get("type", "")
        given = condition.get("values", [])
        if kind in ("BLANK", "NOT_BLANK"):
            return lambda value, shown: (value is None or value == "") == (kind == "BLANK")
        if kind.startswith("TEXT_"):
            wanted = str(given[0].get("userEnteredValue", "")) if given else ""
            return _text_test(kind, wanted.casefold())
        if kind == "ONE_OF_LIST":
            texts = {held.get("userEnteredValue", "").casefold() for held in given}
            return lambda value, shown: shown.casefold() in texts
        if kind == "BOOLEAN":
            return lambda value, shown: isinstance(value, bool)
        numbers = [self._number(held) for held in given]
        known = [number for number in numbers if number is not None]
        if len(known) < len(numbers):
            return lambda value, shown: False
        return _number_test(kind, known)

    def _number(self, held: Json) -> float | None:
        if "relativeDate" in held:
            return float(serial_of_day(_relative_day(held["relativeDate"], self.today)))
        return _typed_number(str(held.get("userEnteredValue", "")), self.locale, self.today)


@lru_cache(maxsize=256)
def _typed_number(text: str, locale: str, today: date) -> float | None:
    value = parse_entry(text, locale, today).value
    return None if isinstance(value, (str, bool)) else value


def _relative_day(name: str, today: date) -> date:
    days = {"PAST_WEEK": 7, "PAST_MONTH": 30, "PAST_YEAR": 365, "YESTERDAY": 1, "TOMORROW": -1}
    return today - timedelta(days=days.get(name, 0))


def _text_test(kind: str, wanted: str) -> Test:
    compare: dict[str, Callable[[str], bool]] = {
        "TEXT_CONTAINS": lambda text: wanted in text,
        "TEXT_NOT_CONTAINS": lambda text: wanted not in text,
        "TEXT_STARTS_WITH": lambda text: text.startswith(wanted),
        "TEXT_ENDS_WITH": lambda text: text.endswith(wanted),
        "TEXT_EQ": lambda text: text == wanted,
        "TEXT_NOT_EQ": lambda text: text != wanted,
        "TEXT_IS_EMAIL": lambda text: bool(_EMAIL.fullmatch(text)),
        "TEXT_IS_URL": lambda text: bool(_URL.fullmatch(text)),
    }
    found = compare.get(kind)
    return lambda value, shown: found is not None and found(shown.casefold())


def _number_test(kind: str, known: list[float]) -> Test:
    """Numbers and dates alike; a date without its time is the whole day."""
    by_day = kind.startswith("DATE_")
    name = kind.partition("_")[2]
    compare = _comparison(name, known)

    def test(value: Value, shown: str) -> bool:
        if isinstance(value, (bool, str, ErrorValue)) or value is None:
            return False
        return compare(float(int(value // 1)) if by_day else value)

    return test


def _comparison(name: str, known: list[float]) -> Callable[[float], bool]:
    if name == "IS_VALID":
        return lambda number: True
    if not known:
        return lambda number: False
    first = known[0]
    last = known[1] if len(known) > 1 else first
    low, high = min(first, last), max(first, last)
    compare: dict[str, Callable[[float], bool]] = {
        "GREATER": lambda number: number > first,
        "AFTER": lambda number: number > first,
        "GREATER_THAN_EQ": lambda number: number >= first,
        "ON_OR_AFTER": lambda number: number >= first,
        "LESS": lambda number: number < first,
        "BEFORE": lambda number: number < first,
        "LESS_THAN_EQ": lambda number: number <= first,
        "ON_OR_BEFORE": lambda number: number <= first,
        "EQ": lambda number: number == first,
        "NOT_EQ": lambda number: number != first,
        "BETWEEN": lambda number: low <= number <= high,
        "NOT_BETWEEN": lambda number: not low <= number <= high,
    }
    return compare.get(name, lambda number: False)
