"""Which field a column of somebody's own sheet may hold: told by its heading, and by its values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from rapidfuzz import fuzz, process

from crm_sync.core.headings import heading_key
from crm_sync.core.schema import Column, Kind, Tab
from crm_sync.core.values import Cell, cell_text, is_blank

Synonyms = Mapping[str, Sequence[str]]
"""Words for the fields of one table."""

_SIMILAR: Final = 86
_MOST_VALUES: Final = 200
_ENOUGH: Final = 3
_FEW: Final = 0.3
_MOST: Final = 0.8
_PHONE: Final = re.compile(
    r"\+?[\d\s().\-–\u00a0]{9,24}(?:\s*(?:доб|ext)\.?\s*\d+)?", re.IGNORECASE
)
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_DAY: Final = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{2,4}([ T]+\d{1,2}:\d{2}(:\d{2})?)?")


class How(StrEnum):
    """By what a column was known, the surest first."""

    TOLD = "told"
    HEADING = "heading"
    SYNONYM = "synonym"
    LIKENESS = "likeness"
    VALUES = "values"


@dataclass(frozen=True)
class Guess:
    """A field that a column may hold; `sure` if nobody has to be asked."""

    field: str
    how: How
    sure: bool


def plain_heading(heading: Cell) -> str:
    """A heading without what people put around words: numbers, dots, brackets."""
    words = re.findall(r"[^\W\d_]+", heading_key(heading))
    # Ф.И.О. is one word.
    apart = len(words) > 1 and all(len(word) == 1 for word in words)
    return ("" if apart else " ").join(words)


class Likeness:
    """Knows the words for the fields of one tab."""

    def __init__(self, tab: Tab, synonyms: Synonyms) -> None:
        self._tab = tab
        self._known = {
            heading_key(word): column.field.name
            for column in reversed(tab.columns)
            for word in (*column.aliases, column.heading)
        }
        plain: dict[str, set[str]] = {}
        for column in tab.columns:
            name = column.field.name
            for word in (column.heading, *column.aliases, *synonyms.get(name, ())):
                plain.setdefault(plain_heading(word), set()).add(name)
        # A word for two fields tells nothing.
        self._plain = {
            word: min(names) for word, names in plain.items() if len(names) == 1 and word
        }

    def words(self, heading: Cell) -> Guess | None:
        """The field that a heading names, by itself or by a word much like it."""
        known = self._known.get(heading_key(heading))
        if known:
            return Guess(known, How.HEADING, sure=True)
        text = plain_heading(heading)
        if not text:
            return None
        if text in self._plain:
            return Guess(self._plain[text], How.SYNONYM, sure=True)
        near = self._near(text)
        return Guess(self._plain[near], How.LIKENESS, sure=False) if near else None

    def _near(self, text: str) -> str:
        """The known word that a heading is much like, or begins with: “телефон для связи”."""
        found = process.extractOne(
            text, list(self._plain), scorer=fuzz.ratio, score_cutoff=_SIMILAR
        )
        if found is not None:
            return str(found[0])
        begun = [word for word in self._plain if len(word) > 3 and text.startswith(f"{word} ")]
        return max(begun, key=len, default="")

    def guess(self, heading: Cell, values: Iterable[Cell]) -> Guess | None:
        """The field of a column. What its values deny is not sure, whatever its heading says."""
        filled = [cell for cell in values if not is_blank(cell)][:_MOST_VALUES]
        named = self.words(heading)
        if named is not None:
            share = _share(self._tab.by_field[named.field], filled)
            doubtful = len(filled) >= _ENOUGH and share is not None and share < _FEW
            return Guess(named.field, named.how, sure=named.sure and not doubtful)
        for kind in (Kind.EMAIL, Kind.PHONE):
            column = next((item for item in self._tab.columns if item.field.kind is kind), None)
            if (
                column is not None
                and len(filled) >= _ENOUGH
                and (_share(column, filled) or 0) >= _MOST
            ):
                return Guess(column.field.name, How.VALUES, sure=False)
        return None


def _share(column: Column, filled: Sequence[Cell]) -> float | None:
    """The share of values that look like those of a column's kind; None if that cannot be told."""
    if not filled:
        return None
    match column.field.kind:
        case Kind.PHONE:
            fits = [_looks_like_phone(cell) for cell in filled]
        case Kind.EMAIL:
            fits = [bool(_EMAIL.search(cell_text(cell))) for cell in filled]
        case Kind.DATE | Kind.DATETIME:
            fits = [
                not isinstance(cell, str) or bool(_DAY.fullmatch(cell.strip())) for cell in filled
            ]
        case Kind.INTEGER | Kind.DECIMAL:
            fits = [any(sign.isdigit() for sign in cell_text(cell)) for cell in filled]
        case _:
            return None
    return sum(fits) / len(fits)


def _looks_like_phone(cell: Cell) -> bool:
    text = cell_text(cell).strip()
    first = re.split(r"[;,/\n]", text)[0].strip()
    digits = sum(sign.isdigit() for sign in first)
    return bool(_PHONE.fullmatch(first)) and 7 <= digits <= 15
