"""Conditions written as text, as COUNTIF and its kin take them: `">5"`, `"a*"`, `"<>"`."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from crm_sync.sheet_server.formatting.error_value import ErrorValue, Scalar
from crm_sync.sheet_server.formula.arrays import match_key
from crm_sync.sheet_server.formula.coercion import compare, number_of_text

_OPERATOR = re.compile(r"(<=|>=|<>|=|<|>)?(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Criterion:
    """One condition: `holds(value)`; `key` is set when it asks for equality with one value.

    A key lets a caller look the rows up in `Array.positions` instead of trying each.
    """

    holds: Callable[[Scalar], bool]
    key: object = None


def criterion(value: Scalar, locale: str, year: int) -> Criterion:
    """The condition that an argument states; a number or boolean asks for equality."""
    if isinstance(value, str):
        return _of_text(value, locale, year)
    if value is None:
        return _equal_number(0.0)
    if isinstance(value, ErrorValue):
        return Criterion(lambda cell: cell == value, value)
    return _equal_to(value)


@lru_cache(maxsize=1024)
def _of_text(text: str, locale: str, year: int) -> Criterion:
    match = _OPERATOR.fullmatch(text)
    assert match is not None
    operator, operand = match[1] or "", match[2]
    target = _operand(operand, locale, year)
    if operator in ("", "="):
        return _equality(target, operator)
    if operator == "<>":
        same = _equality(target, "=").holds
        return Criterion(lambda cell: not same(cell))
    return Criterion(_order(operator, target))


def _operand(text: str, locale: str, year: int) -> Scalar:
    number = number_of_text(text, locale, year)
    if number is not None:
        return number
    if text.upper() in ("TRUE", "FALSE"):
        return text.upper() == "TRUE"
    return text


def _equality(target: Scalar, operator: str) -> Criterion:
    if target == "":
        # "=" asks for a blank cell, an empty criterion also takes empty texts.
        if operator == "=":
            return Criterion(lambda cell: cell is None)
        return Criterion(lambda cell: cell is None or cell == "")
    if isinstance(target, str):
        pattern = wildcard(target)
        if pattern is not None:
            found = pattern
            return Criterion(
                lambda cell: isinstance(cell, str) and found.fullmatch(cell) is not None
            )
        return _equal_to(re.sub(r"~([*?~])", r"\1", target))
    if isinstance(target, (int, float)) and not isinstance(target, bool):
        return _equal_number(target)
    return _equal_to(target)


def _equal_number(target: float) -> Criterion:
    return Criterion(
        lambda cell: not isinstance(cell, (bool, str)) and cell is not None and cell == target,
        target,
    )


def _equal_to(target: Scalar) -> Criterion:
    key = match_key(target)
    return Criterion(lambda cell: cell is not None and match_key(cell) == key, key)


def _order(operator: str, target: Scalar) -> Callable[[Scalar], bool]:
    """Order within one type only: a number is neither above nor below a text."""
    wanted = {"<": (-1,), "<=": (-1, 0), ">": (1,), ">=": (0, 1)}[operator]
    is_text, is_boolean = isinstance(target, str), isinstance(target, bool)

    def holds(cell: Scalar) -> bool:
        if cell is None or isinstance(cell, ErrorValue):
            return False
        if isinstance(cell, str) is not is_text or isinstance(cell, bool) is not is_boolean:
            return False
        return compare(cell, target) in wanted

    return holds


@lru_cache(maxsize=1024)
def wildcard(text: str) -> re.Pattern[str] | None:
    """The pattern of a text with `*` or `?` in it (`~` takes their meaning away), else None."""
    if not re.search(r"(?<!~)[*?]", text):
        return None
    parts = re.findall(r"~[*?~]|[*?]|[^*?~]+|~", text)
    pattern = "".join(
        ".*" if part == "*" else "." if part == "?" else re.escape(part.lstrip("~") or part)
        for part in parts
    )
    return re.compile(pattern, re.IGNORECASE | re.DOTALL)
