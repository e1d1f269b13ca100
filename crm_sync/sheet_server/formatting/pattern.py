"""The parts of a format pattern: sections, and in each the placeholders and literals in order.

Notation: https://developers.google.com/workspace/sheets/api/guides/formats
"""

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache


class Kind(Enum):
    """What one token of a pattern stands for."""

    LITERAL = auto()
    DIGIT = auto()
    POINT = auto()
    COMMA = auto()
    PERCENT = auto()
    EXPONENT = auto()
    SLASH = auto()
    TEXT = auto()
    LETTERS = auto()
    ELAPSED = auto()
    HALF_DAY = auto()
    GENERAL = auto()
    CONDITION = auto()
    SECTION = auto()


@dataclass(frozen=True, slots=True)
class Token:
    """One token; `text` is what it prints (a literal) or how it was written (a placeholder)."""

    kind: Kind
    text: str


_CONDITIONS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
    "<>": operator.ne,
}


@dataclass(frozen=True, slots=True)
class Section:
    """One of the up to four parts between semicolons."""

    tokens: tuple[Token, ...]
    condition: tuple[str, float] | None

    def has(self, *kinds: Kind) -> bool:
        """Whether any token is of one of these kinds."""
        return any(token.kind in kinds for token in self.tokens)

    def accepts(self, value: float) -> bool:
        """Whether the section's condition (`[<100]`) holds; True without a condition."""
        if self.condition is None:
            return True
        sign, bound = self.condition
        return _CONDITIONS[sign](value, bound)


_TOKEN = re.compile(
    r"""
      "(?P<quoted>[^"]*)"?
    | \\(?P<escaped>.)
    | _(?P<blank>.)
    | \*(?P<fill>.)
    | \[(?P<elapsed>[hH]+|[mM]+|[sS]+)\]
    | \[\$(?P<currency>[^\]-]*)(?:-[^\]]*)?\]
    | \[(?P<condition>[<>=]+-?[0-9.]+)\]
    | \[(?P<colour>[^\]]*)\]
    | (?P<general>General)
    | (?P<half_day>am/pm|AM/PM|a/p|A/P)
    | (?P<letters>d+|D+|m+|M+|y+|Y+|h+|H+|s+|S+)
    | (?P<exponent>[eE][+-])
    | (?P<digit>[0\#?])
    | (?P<point>\.)
    | (?P<comma>,)
    | (?P<percent>%)
    | (?P<slash>/)
    | (?P<text>@)
    | (?P<section>;)
    | (?P<literal>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_KIND_OF_GROUP = {
    "quoted": Kind.LITERAL,
    "escaped": Kind.LITERAL,
    "fill": Kind.LITERAL,
    "currency": Kind.LITERAL,
    "literal": Kind.LITERAL,
    "elapsed": Kind.ELAPSED,
    "condition": Kind.CONDITION,
    "general": Kind.GENERAL,
    "half_day": Kind.HALF_DAY,
    "letters": Kind.LETTERS,
    "exponent": Kind.EXPONENT,
    "digit": Kind.DIGIT,
    "point": Kind.POINT,
    "comma": Kind.COMMA,
    "percent": Kind.PERCENT,
    "slash": Kind.SLASH,
    "text": Kind.TEXT,
    "section": Kind.SECTION,
}


def _tokens(pattern: str) -> list[Token]:
    found = []
    for match in _TOKEN.finditer(pattern):
        group = match.lastgroup or "literal"
        if group == "colour":
            continue
        # "_x" leaves the width of x free: one blank in text.
        text = " " if group == "blank" else match[group]
        found.append(Token(_KIND_OF_GROUP.get(group, Kind.LITERAL), text))
    return found


@lru_cache(maxsize=1024)
def sections(pattern: str) -> tuple[Section, ...]:
    """The sections of a pattern, at least one. Colours are dropped: they do not change the text."""
    parts: list[list[Token]] = [[]]
    for token in _tokens(pattern):
        if token.kind is Kind.SECTION:
            parts.append([])
        else:
            parts[-1].append(token)
    return tuple(_section(part) for part in parts)


def _section(tokens: list[Token]) -> Section:
    condition = None
    kept = []
    for token in tokens:
        if token.kind is Kind.CONDITION:
            condition = _condition(token.text)
        else:
            kept.append(token)
    return Section(tuple(kept), condition)


def _condition(text: str) -> tuple[str, float] | None:
    match = re.fullmatch(r"([<>=]+)(-?\d*\.?\d+)", text)
    if match is None or match[1] not in _CONDITIONS:
        return None
    return match[1], float(match[2])
