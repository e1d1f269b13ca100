"""Texts: joining, cutting, searching, letter case, numbers as text and back."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from crm_sync.sheet_server.formatting import format_value, sheet_locale
from crm_sync.sheet_server.formatting.error_value import ErrorType, ErrorValue, Scalar
from crm_sync.sheet_server.formula.arrays import Array, Value
from crm_sync.sheet_server.formula.criteria import wildcard
from crm_sync.sheet_server.formula.environment import Env
from crm_sync.sheet_server.formula.functions.registry import function

_MAX_LENGTH = 50_000


def _wrong(message: str) -> ErrorValue:
    return ErrorValue(ErrorType.VALUE, message)


def _negative(name: str, position: int, value: float) -> ErrorValue:
    return _wrong(
        f"Function {name} parameter {position} value is {value:g}. "
        "It should be greater than or equal to 0."
    )


def _limited(text: str) -> Scalar:
    if len(text) > _MAX_LENGTH:
        return _wrong(f"Text result is longer than the limit of {_MAX_LENGTH} characters.")
    return text


def _texts(env: Env, values: Sequence[Value]) -> Iterator[str | ErrorValue]:
    for value in values:
        cells = value.every() if isinstance(value, Array) else iter([value])
        for cell in cells:
            yield cell if isinstance(cell, ErrorValue) else env.text(cell)


def _joined(env: Env, delimiter: str, values: Sequence[Value], *, skip_empty: bool) -> Scalar:
    parts: list[str] = []
    for text in _texts(env, values):
        if isinstance(text, ErrorValue):
            return text
        if text or not skip_empty:
            parts.append(text)
    return _limited(delimiter.join(parts))


@function("CONCATENATE", "r", repeat=1)
def _concatenate(env: Env, *values: Value) -> Scalar:
    return _joined(env, "", values, skip_empty=False)


@function("CONCAT", "t t")
def _concat(env: Env, first: str, second: str) -> Scalar:
    return _limited(first + second)


@function("JOIN", "t r", repeat=1)
def _join(env: Env, delimiter: str, *values: Value) -> Scalar:
    return _joined(env, delimiter, values, skip_empty=False)


@function("TEXTJOIN", "t b r", repeat=1)
def _textjoin(env: Env, delimiter: str, skip_empty: bool, *values: Value) -> Scalar:
    return _joined(env, delimiter, values, skip_empty=skip_empty)


@function("LEFT", "t n?")
def _left(env: Env, text: str, count: float = 1) -> Scalar:
    return _negative("LEFT", 2, count) if count < 0 else text[: int(count)]


@function("RIGHT", "t n?")
def _right(env: Env, text: str, count: float = 1) -> Scalar:
    if count < 0:
        return _negative("RIGHT", 2, count)
    return text[max(0, len(text) - int(count)) :]


@function("MID", "t n n")
def _mid(env: Env, text: str, start: float, count: float) -> Scalar:
    if start < 1:
        return ErrorValue(
            ErrorType.NUM,
            f"Function MID parameter 2 value is {start:g}. "
            "It should be greater than or equal to 1.",
        )
    if count < 0:
        return _negative("MID", 3, count)
    return text[int(start) - 1 : int(start) - 1 + int(count)]


@function("LEN", "t")
def _len(env: Env, text: str) -> Scalar:
    return len(text)


@function("TRIM", "t")
def _trim(env: Env, text: str) -> Scalar:
    return re.sub(" +", " ", text.strip(" "))


@function("CLEAN", "t")
def _clean(env: Env, text: str) -> Scalar:
    return "".join(char for char in text if ord(char) >= 32)


@function("UPPER", "t")
def _upper(env: Env, text: str) -> Scalar:
    return text.upper()


@function("LOWER", "t")
def _lower(env: Env, text: str) -> Scalar:
    return text.lower()


@function("PROPER", "t")
def _proper(env: Env, text: str) -> Scalar:
    return re.sub(r"[^\W\d_]+", lambda word: word[0].capitalize(), text)


@function("SUBSTITUTE", "t t t n?")
def _substitute(env: Env, text: str, old: str, new: str, occurrence: float = 0) -> Scalar:
    if not old:
        return text
    if int(occurrence) == 0:
        return _limited(text.replace(old, new))
    position = -1
    for _ in range(int(occurrence)):
        position = text.find(old, position + 1)
        if position < 0:
            return text
    return _limited(text[:position] + new + text[position + len(old) :])


@function("REPLACE", "t n n t")
def _replace(env: Env, text: str, start: float, count: float, new: str) -> Scalar:
    if start < 1 or count < 0:
        return _wrong("Function REPLACE needs a position of at least 1 and a length of at least 0.")
    index = int(start) - 1
    return _limited(text[:index] + new + text[index + int(count) :])


@function("FIND", "t t n?")
def _find(env: Env, wanted: str, text: str, start: float = 1) -> Scalar:
    position = text.find(wanted, max(0, int(start) - 1))
    return _not_within("FIND", wanted, text) if position < 0 else position + 1


@function("SEARCH", "t t n?")
def _search(env: Env, wanted: str, text: str, start: float = 1) -> Scalar:
    pattern = wildcard(wanted) or re.compile(
        re.escape(re.sub(r"~([*?~])", r"\1", wanted)), re.IGNORECASE
    )
    match = pattern.search(text, max(0, int(start) - 1))
    return _not_within("SEARCH", wanted, text) if match is None else match.start() + 1


def _not_within(name: str, wanted: str, text: str) -> ErrorValue:
    return _wrong(f"In {name} evaluation, cannot find '{wanted}' within '{text}'.")


@function("REPT", "t n")
def _rept(env: Env, text: str, count: float) -> Scalar:
    if count < 0:
        return _negative("REPT", 2, count)
    if len(text) * count > _MAX_LENGTH:
        return _limited("x" * (_MAX_LENGTH + 1))
    return text * int(count)


@function("EXACT", "t t")
def _exact(env: Env, first: str, second: str) -> Scalar:
    return first == second


@function("CHAR", "n")
def _char(env: Env, code: float) -> Scalar:
    if not 1 <= code <= 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        return ErrorValue(
            ErrorType.NUM, f"Function CHAR parameter 1 value {code:g} is out of range."
        )
    return chr(int(code))


@function("CODE", "t")
def _code(env: Env, text: str) -> Scalar:
    return ord(text[0]) if text else _wrong("Function CODE parameter 1 value should be non-empty.")


@function("VALUE", "v")
def _value(env: Env, value: Scalar) -> Scalar:
    if value is None:
        return 0
    number = env.number(value, "VALUE", 1)
    if isinstance(number, ErrorValue):
        return _wrong(f"VALUE parameter '{env.text(value)}' cannot be parsed to number.")
    return number


@function("TEXT", "v t")
def _text(env: Env, value: Scalar, pattern: str) -> Scalar:
    if isinstance(value, str):
        number = env.number(value, "TEXT", 1)
        if isinstance(number, ErrorValue):
            return format_value(value, {"pattern": pattern}, env.locale)
        value = number
    if value is None:
        value = 0
    if not pattern:
        return ""
    return format_value(value, {"pattern": _invariant(pattern, env.locale)}, env.locale)


@lru_cache(maxsize=256)
def _invariant(pattern: str, locale: str) -> str:
    """The pattern with point and comma in their invariant roles.

    TEXT takes patterns with the locale's own separators (`# ##0,00` in ru_RU), a cell's
    NumberFormat always the English ones. A pattern that is English already stays.
    """
    conventions = sheet_locale(locale)
    if conventions.decimal == "." or "#,##0" in pattern or not re.search(r"[0#?],[0#?]", pattern):
        return pattern
    swapped = pattern.replace(".", "\0").replace(",", ".").replace("\0", ",")
    return re.sub(r"(?<=#)[ \u00a0\u202f](?=##0)", ",", swapped)


@function("TO_TEXT", "v")
def _to_text(env: Env, value: Scalar) -> Scalar:
    return env.text(value)


@function("SPLIT", "t t b? b?")
def _split(
    env: Env, text: str, delimiter: str, by_each: bool = True, drop_empty: bool = True
) -> Value:
    if not delimiter:
        return _wrong("Function SPLIT parameter 2 value should be non-empty.")
    pattern = f"[{re.escape(delimiter)}]" if by_each else re.escape(delimiter)
    parts = [part for part in re.split(pattern, text) if part or not drop_empty]
    return Array([[_parsed(env, part) for part in parts] or [""]])


def _parsed(env: Env, text: str) -> Scalar:
    number = env.number(text, "SPLIT", 1) if text else ""
    return text if isinstance(number, ErrorValue) else number


def _expression(name: str, pattern: str) -> re.Pattern[str] | ErrorValue:
    try:
        return re.compile(pattern)
    except re.error:
        return ErrorValue(
            ErrorType.REF,
            f'Function {name} parameter 2 value "{pattern}" is not a valid regular expression.',
        )


@function("REGEXMATCH", "t t")
def _regexmatch(env: Env, text: str, pattern: str) -> Scalar:
    expression = _expression("REGEXMATCH", pattern)
    if isinstance(expression, ErrorValue):
        return expression
    return expression.search(text) is not None


@function("REGEXEXTRACT", "t t")
def _regexextract(env: Env, text: str, pattern: str) -> Value:
    expression = _expression("REGEXEXTRACT", pattern)
    if isinstance(expression, ErrorValue):
        return expression
    match = expression.search(text)
    if match is None:
        return ErrorValue(
            ErrorType.N_A,
            f'Function REGEXEXTRACT parameter 2 value "{pattern}" does not match text of '
            f'Function REGEXEXTRACT parameter 1 value "{text}".',
        )
    groups = [group or "" for group in match.groups()]
    return Array([[*groups]]) if len(groups) > 1 else (groups or [match[0]])[0]


@function("REGEXREPLACE", "t t t")
def _regexreplace(env: Env, text: str, pattern: str, new: str) -> Scalar:
    expression = _expression("REGEXREPLACE", pattern)
    if isinstance(expression, ErrorValue):
        return expression
    return _limited(expression.sub(re.sub(r"\$(\d+)", r"\\\1", new), text))
