"""A sheet that staff made by themselves, set against the tabs of the templates: which tab it is,
and what becomes of each of its columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from crm_sync.core.binding import SEARCHED_ROWS
from crm_sync.core.grid import TabRead, column_letter
from crm_sync.core.headings import heading_key
from crm_sync.core.likeness import Guess, How, Likeness, plain_heading
from crm_sync.core.rows import ID
from crm_sync.core.schema import Kind, Tab
from crm_sync.core.values import Cell, cell_text, is_blank

FIRST_NAMES: Final = frozenset({"имя", "name", "first name", "firstname", "given name"})
SURNAMES: Final = frozenset({"фамилия", "surname", "last name", "lastname", "family name"})
PATRONYMICS: Final = frozenset({"отчество", "patronymic", "middle name"})


class Fate(StrEnum):
    """What becomes of a column: it is `taken` as a field, it could be one but somebody has to say
    so (`unsure`), it would be a `second` one of a field, it is a part of the name that is `joined`,
    or it stays the staff's `own`.
    """

    TAKEN = "taken"
    UNSURE = "unsure"
    SECOND = "second"
    JOINED = "joined"
    OWN = "own"


@dataclass(frozen=True)
class ColumnFate:
    """One column of the sheet. `field` is the field that it holds or may hold, "" for none."""

    column: int
    heading: str
    fate: Fate
    field: str = ""
    how: How | None = None
    filled: int = 0

    @property
    def letter(self) -> str:
        """The column as people call it."""
        return column_letter(self.column)


@dataclass(frozen=True)
class Fit:
    """A sheet as a tab. `header_row` is zero-based; `added` are the fields whose columns are put at
    the right end: the id, and what every record needs; `joined` the columns whose texts make the
    name.
    """

    table: str
    read: TabRead
    header_row: int
    columns: tuple[ColumnFate, ...]
    added: tuple[str, ...] = ()
    joined: tuple[int, ...] = ()
    score: float = 0.0

    @property
    def taken(self) -> dict[str, int]:
        """The columns by field."""
        return {item.field: item.column for item in self.columns if item.fate is Fate.TAKEN}

    @property
    def lacking(self) -> tuple[str, ...]:
        """The fields that every record needs and that no column of the sheet holds."""
        made = {"full_name"} if self.joined else set()
        return tuple(name for name in self.added if name not in {ID, *made})

    @property
    def rows(self) -> int:
        """The rows below the headings that hold anything."""
        below = self.read.rows[self.header_row + 1 :]
        return sum(any(not is_blank(cell) for cell in row) for row in below)

    @property
    def headings(self) -> dict[str, str]:
        """The field of each heading, "" for one that is to stay the staff's own, whatever it reads
        like: what has to be known to find the columns again.
        """
        return {
            heading_key(item.heading): item.field if item.fate is Fate.TAKEN else ""
            for item in sorted(self.columns, key=lambda item: item.fate is Fate.TAKEN)
            if item.heading
        }


Told = Mapping[str, str]
"""What somebody said of headings: heading key -> field, "" for an own column."""


def fit(tab: Tab, synonyms: Mapping[str, Sequence[str]], read: TabRead, told: Told) -> Fit | None:
    """The sheet as this tab; None if its first rows do not look like the tab's headings at all."""
    likeness = Likeness(tab, synonyms)
    best = max(
        range(min(SEARCHED_ROWS, len(read.rows))),
        key=lambda row: (_known_in_row(likeness, read.rows[row], told), -row),
        default=None,
    )
    if best is None or _known_in_row(likeness, read.rows[best], told) < 1:
        return None
    columns = _fates(tab, likeness, read, best, told)
    found = Fit(tab.table.name, read, best, columns)
    if tab.table.label == "full_name":
        found = _joined(found)
    return replace(found, added=_added(tab, found), score=_score(tab, found))


def _known_in_row(likeness: Likeness, row: Sequence[Cell], told: Told) -> int:
    known = {
        told.get(heading_key(cell)) or (guess.field if (guess := likeness.words(cell)) else "")
        for cell in row
        if isinstance(cell, str)
    }
    return len(known - {""})


def _fates(
    tab: Tab, likeness: Likeness, read: TabRead, header: int, told: Told
) -> tuple[ColumnFate, ...]:
    width = max((len(row) for row in read.rows), default=0)
    below = read.rows[header + 1 :]
    guesses: dict[int, tuple[str, Guess | None, int]] = {}
    for column in range(width):
        heading = cell_text(read.cell(header, column)).strip()
        values = [row[column] for row in below if column < len(row)]
        filled = sum(not is_blank(cell) for cell in values)
        if not heading and not filled:
            continue
        guesses[column] = (heading, _guess(tab, likeness, heading, values, told), filled)
    chosen = _chosen(guesses)
    return tuple(_fate(column, *known, chosen=chosen) for column, known in sorted(guesses.items()))


def _guess(
    tab: Tab, likeness: Likeness, heading: str, values: Iterable[Cell], told: Told
) -> Guess | None:
    said = told.get(heading_key(heading))
    if said == "":
        return None
    if said is not None and said in tab.by_field:
        return Guess(said, How.TOLD, sure=True)
    return likeness.guess(heading, values)


def _chosen(guesses: Mapping[int, tuple[str, Guess | None, int]]) -> dict[str, int]:
    """The column of each field: the surest one, then the one with the most values."""
    order = list(How)
    ranked = sorted(
        (not guess.sure, order.index(guess.how), -filled, column, guess.field)
        for column, (_, guess, filled) in guesses.items()
        if guess is not None
    )
    chosen: dict[str, int] = {}
    for *_, column, name in ranked:
        chosen.setdefault(name, column)
    return chosen


def _fate(
    column: int, heading: str, guess: Guess | None, filled: int, *, chosen: Mapping[str, int]
) -> ColumnFate:
    if guess is None:
        return ColumnFate(column, heading, Fate.OWN, filled=filled)
    fate = Fate.SECOND
    if chosen[guess.field] == column:
        # Without a heading a column could not be found again.
        fate = Fate.TAKEN if guess.sure and heading else Fate.UNSURE
    return ColumnFate(column, heading, fate, guess.field, guess.how, filled)


def _joined(found: Fit) -> Fit:
    """The sheet with the name made of surname, first name and patronymic, if it has those apart."""
    parts: dict[str, int] = {}
    for item in found.columns:
        text = plain_heading(item.heading)
        for part, words in (
            ("surname", SURNAMES),
            ("name", FIRST_NAMES),
            ("patronymic", PATRONYMICS),
        ):
            if text in words:
                parts.setdefault(part, item.column)
    whole = found.taken.get("full_name")
    if not {"surname", "name"} <= parts.keys() or whole not in (None, *parts.values()):
        return found
    joined = tuple(parts[part] for part in ("surname", "name", "patronymic") if part in parts)
    columns = tuple(
        replace(item, fate=Fate.JOINED, field="full_name") if item.column in joined else item
        for item in found.columns
    )
    return replace(found, columns=columns, joined=joined)


def _added(tab: Tab, found: Fit) -> tuple[str, ...]:
    needed = [
        column.field.name
        for column in tab.columns
        if column.field.kind is Kind.ID or (column.field.required and column.field.default is None)
    ]
    return tuple(name for name in needed if name not in found.taken)


def _score(tab: Tab, found: Fit) -> float:
    """How much the sheet is like the tab: fields found, less those that are needed and missing."""
    titled = 3.0 if heading_key(found.read.title) == heading_key(tab.title) else 0.0
    return len(found.taken) + titled + 2.0 * bool(found.joined) - 1.5 * len(found.lacking)
