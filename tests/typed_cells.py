"""The corpus of typed cells (`tests/data/typed_cells.txt`), line by line."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from crm_sync.core.values import Cell

PATH = Path(__file__).parent / "data" / "typed_cells.txt"
_ESCAPE = re.compile(r"\\u([0-9a-f]{4})|\\n|\\t")
_EPOCH = datetime(1899, 12, 30)


@dataclass(frozen=True)
class TypedCell:
    """One line: `outcome` is "=", "!" or "~"; `value` what is read, `words` what is said."""

    number: int
    locale: str
    column: str
    typed: str
    cell: Cell
    outcome: str
    value: str = ""
    words: str = ""

    def __str__(self) -> str:
        return f"{self.number}-{self.locale}-{self.column}"


def typed_cells() -> list[TypedCell]:
    """All of them, in the order of the file."""
    found = []
    locale = ""
    for number, line in enumerate(PATH.read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith("["):
            locale = line.strip("[]")
        elif line and not line.startswith("#"):
            found.append(_cell(number, locale, line))
    return found


def _cell(number: int, locale: str, line: str) -> TypedCell:
    column, typed, handed, becomes = line.split("|")
    typed = _plain(typed.removeprefix(" ").removesuffix(" "))
    outcome, _, rest = becomes.strip().partition(" ")
    value, words = "", ""
    if outcome == "=":
        value = _plain(rest)
    elif outcome == "!":
        words = rest
    else:
        value, words = (part.strip() for part in rest.split(" : ", 1))
    cell = _handed(handed.strip(), typed)
    return TypedCell(number, locale, column.strip(), typed, cell, outcome, value, words)


def _plain(text: str) -> str:
    def sign(match: re.Match[str]) -> str:
        if match[1]:
            return chr(int(match[1], 16))
        return "\n" if match[0] == r"\n" else "\t"

    return _ESCAPE.sub(sign, text)


def _handed(kind: str, typed: str) -> Cell:
    name, _, value = kind.partition(" ")
    match name:
        case "text":
            return typed
        case "number":
            return float(value) if {".", "e"} & set(value) else int(value)
        case "date":
            delta = datetime.fromisoformat(value) - _EPOCH
            return delta.days + delta.seconds / 86400 if delta.seconds else delta.days
        case "yes" | "no":
            return name == "yes"
        case "blank":
            return None
    raise AssertionError(kind)
