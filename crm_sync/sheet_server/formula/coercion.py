"""Values read as numbers, texts and booleans, and compared, in the way formulas do it.

An error is the return value `ErrorValue`, never an exception: errors are ordinary values here.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from crm_sync.sheet_server.entry.moments import parse_moment
from crm_sync.sheet_server.entry.numbers import parse_number
from crm_sync.sheet_server.formatting.automatic import format_automatic
from crm_sync.sheet_server.formatting.error_value import ErrorType, ErrorValue, Scalar
from crm_sync.sheet_server.formatting.locales import sheet_locale

DIVIDE_BY_ZERO = ErrorValue(ErrorType.DIVIDE_BY_ZERO, "Function DIVIDE parameter 2 cannot be zero.")
NO_ARRAY_HERE = ErrorValue(ErrorType.VALUE, "An array value could not be found.")


def not_a_number(function: str, position: int, text: str) -> ErrorValue:
    """Google's message for a text where a number belongs; positions count from 1."""
    return ErrorValue(
        ErrorType.VALUE,
        f"Function {function} parameter {position} expects number values. "
        f"But '{text}' is a text and cannot be coerced to a number.",
    )


@lru_cache(maxsize=4096)
def number_of_text(text: str, locale: str, year: int) -> float | None:
    """The number or serial date that the text would be as an entry, or None.

    `year` completes dates that have none.
    """
    trimmed = text.strip()
    if not trimmed or not any(char.isdigit() for char in trimmed):
        return None
    conventions = sheet_locale(locale)
    number = parse_number(trimmed, conventions)
    if number is not None:
        return number.value
    moment = parse_moment(trimmed, conventions, date(year, 1, 1))
    return None if moment is None else moment.serial


def text_of(value: Scalar, locale: str) -> str:
    """The value joined into a text: numbers with up to 15 digits, dates as serial numbers."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        conventions = sheet_locale(locale)
        return conventions.true if value else conventions.false
    if isinstance(value, ErrorValue):
        return value.text
    return format_automatic(value, sheet_locale(locale).decimal, significant=15)


def truth_of(value: Scalar, function: str, position: int) -> bool | ErrorValue:
    """The value as a condition: zero, blank and empty are false."""
    if isinstance(value, (bool, ErrorValue)):
        return value
    if value is None:
        return False
    if isinstance(value, str):
        word = value.strip().upper()
        if word in ("TRUE", "FALSE"):
            return word == "TRUE"
        return ErrorValue(
            ErrorType.VALUE,
            f"Function {function} parameter {position} expects boolean values. "
            f"But '{value}' is a text and cannot be coerced to a boolean.",
        )
    return value != 0


def _rank(value: Scalar) -> int:
    if isinstance(value, bool):
        return 2
    return 1 if isinstance(value, str) else 0


def compare(left: Scalar, right: Scalar) -> int:
    """-1, 0 or 1: numbers come before texts, texts before booleans; letter case does not count.

    A blank equals 0, an empty text and FALSE. Errors must be sorted out before.
    """
    if left is None:
        left = _blank_like(right)
    if right is None:
        right = _blank_like(left)
    ranks = _rank(left), _rank(right)
    if ranks[0] != ranks[1]:
        return -1 if ranks[0] < ranks[1] else 1
    if isinstance(left, str):
        left, right = left.casefold(), str(right).casefold()
    if left == right:
        return 0
    return -1 if left < right else 1  # type: ignore[operator]


def _blank_like(other: Scalar) -> Scalar:
    if isinstance(other, bool):
        return False
    return "" if isinstance(other, str) else 0
