"""How a workbook looks to staff, as values: lists to choose from, checkboxes, formats, protection,
colours. What a tab ought to have follows from its template and from where its columns stand.

The adapter turns a `Dressing` into requests; `core.drift` tells what a workbook lacks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import groupby
from typing import Final, TypeVar

from crm_sync.core.grid import column_letter
from crm_sync.core.schema import Column, Field, FilledBy, Highlight, Kind, Tab
from crm_sync.core.values import Cell

LISTS_TITLE: Final = "_crm_lists"
"""The title of the hidden tab whose formulas gather what drop-downs offer."""

MARK: Final = "crm-sync"
"""By this word, the description of a protected range and the formula of a highlight, we know our
own: whatever does not bear it belongs to the staff.
"""

T = TypeVar("T")
_FIELD: Final = re.compile(r"\{(\w+)\}")
_WITH_ID: Final = frozenset({"clients", "agreements"})


class Protection(StrEnum):
    """What protects the columns that staff do not fill: a warning before an edit, or a lock (which
    also keeps staff from sorting and from deleting rows), or nothing.
    """

    WARN = "warn"
    LOCK = "lock"
    NONE = "none"


class RuleKind(StrEnum):
    """What a cell offers: a fixed list, the cells of a range, a checkbox, or a rule of the staff's
    own.
    """

    LIST = "list"
    RANGE = "range"
    CHECKBOX = "checkbox"
    OTHER = "other"


@dataclass(frozen=True)
class Rule:
    """What a cell offers. `values` are the words of a list, or the one range as Sheets writes it:
    "'_crm_lists'!$A$2:$A".
    """

    kind: RuleKind
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Place:
    """Zero-based columns by field, the id included; a `doubled` field has several."""

    sheet_id: int
    title: str
    header_row: int
    columns: Mapping[str, int]
    doubled: Mapping[str, tuple[int, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Heading:
    """A heading: its text, who fills the column (white, grey, blue), its help note."""

    text: str
    filled_by: FilledBy
    note: str


@dataclass(frozen=True)
class HeadingsLook:
    """Neighbouring headings from `column` on; without `written` all but their text."""

    sheet_id: int
    row: int
    column: int
    headings: tuple[Heading, ...]
    written: bool = True


@dataclass(frozen=True)
class NoteLook:
    """The help note of a heading alone."""

    sheet_id: int
    row: int
    column: int
    note: str


@dataclass(frozen=True)
class WidthLook:
    """Widths in pixels of neighbouring columns, and whether they are hidden."""

    sheet_id: int
    start: int
    end: int
    width: int
    hidden: bool = False


@dataclass(frozen=True)
class FormatLook:
    """A number format for the cells from `top` to before `bottom` (None: to the end of the tab)."""

    sheet_id: int
    top: int
    bottom: int | None
    start: int
    end: int
    pattern: str


@dataclass(frozen=True)
class RuleLook:
    """A rule for the cells of a column from `top` on."""

    sheet_id: int
    top: int
    column: int
    rule: Rule


@dataclass(frozen=True)
class ProtectLook:
    """The protection of neighbouring columns."""

    sheet_id: int
    start: int
    end: int
    lock: bool


@dataclass(frozen=True)
class UnprotectLook:
    """A protected range of ours that goes."""

    protected_id: int


@dataclass(frozen=True)
class HighlightLook:
    """A colour ("#RRGGBB") for the cells of a column from `top` on where a formula holds. With
    `replaces` the rule at that place among those of its tab becomes this one.
    """

    sheet_id: int
    top: int
    column: int
    formula: str
    colour: str
    replaces: int | None = None


@dataclass(frozen=True)
class FrozenLook:
    """The rows that stay in sight."""

    sheet_id: int
    rows: int


@dataclass(frozen=True)
class ListLook:
    """A cell of our own making: in row 0 a text, as the name of a list; below it a formula."""

    sheet_id: int
    row: int
    column: int
    cell: Cell


@dataclass(frozen=True)
class RoomLook:
    """New blank columns at a place: what stands there moves to the right."""

    sheet_id: int
    at: int
    columns: int


@dataclass(frozen=True)
class LocaleLook:
    """The workbook's locale."""

    locale: str


Dressing = (
    HeadingsLook
    | NoteLook
    | WidthLook
    | FormatLook
    | RuleLook
    | ProtectLook
    | UnprotectLook
    | HighlightLook
    | FrozenLook
    | ListLook
    | RoomLook
    | LocaleLook
)
"""One thing that a workbook is to be given."""


@dataclass(frozen=True)
class Wardrobe:
    """What dressing a workbook needs to know beside the tab: the column of each list in the lists
    tab, and how columns are protected.
    """

    lists: Mapping[str, int] = field(default_factory=dict)
    protection: Protection = Protection.WARN


def place_of_new(tab: Tab, sheet_id: int, title: str) -> Place:
    """Where the columns of a tab stand that is made anew."""
    columns = {column.field.name: index for index, column in enumerate(tab.columns)}
    return Place(sheet_id, title, 0, columns)


def dressings(
    tab: Tab, place: Place, wardrobe: Wardrobe, only: Iterable[str] | None = None
) -> Iterator[Dressing]:
    """All that a new tab is given; or what the columns of `only` these fields are, whose headings
    somebody else writes.
    """
    chosen = set(place.columns if only is None else only)
    found = sorted(
        (index, tab.by_field[name]) for name, index in place.columns.items() if name in chosen
    )
    sheet_id, top = place.sheet_id, place.header_row + 1
    for start, end, _ in runs([(index, None) for index, _ in found]):
        headings = tuple(
            Heading(item.heading, item.field.filled_by, item.note)
            for index, item in found
            if start <= index < end
        )
        yield HeadingsLook(sheet_id, place.header_row, start, headings, written=only is None)
    for start, end, width in runs([(index, (item.width, item.hidden)) for index, item in found]):
        yield WidthLook(sheet_id, start, end, *width)
    patterned = [(index, item.pattern) for index, item in found if item.pattern is not None]
    for start, end, pattern in runs(patterned):
        yield FormatLook(sheet_id, top, None, start, end, pattern)
    for index, column in found:
        rule = rule_of(column, wardrobe.lists)
        if rule is not None:
            yield RuleLook(sheet_id, top, index, rule)
    yield from protections(sheet_id, found, wardrobe.protection)
    for highlight in tab.highlights:
        if highlight.field in chosen and (look := highlight_look(highlight, place)):
            yield look


def protections(
    sheet_id: int, columns: Sequence[tuple[int, Column]], protection: Protection
) -> Iterator[ProtectLook]:
    """What protects those of the columns (sorted, with their places) that staff do not fill."""
    if protection is Protection.NONE:
        return
    ours = [(index, True) for index, item in columns if item.field.filled_by is not FilledBy.STAFF]
    for start, end, _ in runs(ours):
        yield ProtectLook(sheet_id, start, end, protection is Protection.LOCK)


def rule_of(column: Column, lists: Mapping[str, int]) -> Rule | None:
    """What the cells of a column offer; None for nothing, also while there is no such list."""
    if column.field.kind is Kind.BOOLEAN:
        return Rule(RuleKind.CHECKBOX)
    if not column.dropdown:
        return None
    if column.labels:
        keys = column.field.choices or tuple(column.labels)
        labels = (column.labels[key] for key in keys if key in column.labels)
        return Rule(RuleKind.LIST, tuple(labels))
    key = list_key(column.field)
    if key is None or key not in lists:
        return None
    letter = column_letter(lists[key])
    return Rule(RuleKind.RANGE, (f"{quoted(LISTS_TITLE)}!${letter}$2:${letter}",))


def highlight_look(highlight: Highlight, place: Place) -> HighlightLook | None:
    """A highlight for a tab whose columns stand there; None if one that it needs is missing."""
    names = {highlight.field, *_FIELD.findall(highlight.when)}
    if not names <= place.columns.keys():
        return None
    row = place.header_row + 2

    def cell(match: re.Match[str]) -> str:
        return f"${column_letter(place.columns[match[1]])}{row}"

    condition = _FIELD.sub(cell, highlight.when)
    formula = f"=({condition})*(N({mark_text(highlight.name)})=0)"
    return HighlightLook(
        place.sheet_id,
        place.header_row + 1,
        place.columns[highlight.field],
        formula,
        highlight.colour,
    )


def mark_text(name: str) -> str:
    """The text in a highlight's formula by which it is known again; N() of a text is 0."""
    return f'"{MARK} {name}"'


def list_key(item: Field) -> str | None:
    """The name of the list that a reference draws on: "clients", "statuses:agreement"."""
    if item.kind is not Kind.REFERENCE or item.refers_to is None:
        return None
    return f"{item.refers_to}:{item.entity}" if item.entity else item.refers_to


def list_columns(tabs: Iterable[Tab]) -> dict[str, int]:
    """The lists that the drop-downs of these tabs draw on, with their columns in the lists tab, in
    the order of their names.
    """
    keys = {
        key
        for tab in tabs
        for column in tab.columns
        if column.dropdown and (key := list_key(column.field))
    }
    return {key: index for index, key in enumerate(sorted(keys))}


def list_cells(
    tabs: Sequence[Tab], places: Mapping[str, Place], language: str
) -> dict[tuple[int, int], Cell]:
    """The formulas of the lists tab by (row, column), below a row with the names of the lists. A
    list whose tab is not placed is left out. Its formula names whole columns, so that it follows
    when staff move a column and takes in each new row by itself.
    """
    by_name = {tab.table.name: tab for tab in tabs}
    cells: dict[tuple[int, int], Cell] = {}
    for key, index in list_columns(tabs).items():
        table, _, entity = key.partition(":")
        cells[0, index] = key
        formula = _list_formula(by_name[table], places.get(table), entity, language)
        if formula:
            cells[1, index] = formula
    return cells


def _list_formula(tab: Tab, place: Place | None, entity: str, language: str) -> str:
    if place is None:
        return ""

    def whole(name: str) -> str:
        letter = column_letter(place.columns[name])
        return f"{quoted(place.title)}!{letter}:{letter}"

    label = language if entity and language in place.columns else tab.table.label
    needed = {label, "id", *(["entity", "key"] if entity else [])}
    if not needed <= place.columns.keys():
        return ""
    shown = whole(label)
    if entity and label != "key":
        shown = f'IF({whole(label)}="";{whole("key")};{whole(label)})'
    elif tab.table.name in _WITH_ID:
        shown = f'{whole(label)}&" ("&{whole("id")}&")"'
    conditions = [f"ROW({whole('id')})>{place.header_row + 1}", f'{whole(label)}<>""']
    if entity:
        word = tab.by_field["entity"].labels.get(entity, entity)
        conditions[1] = f'{whole("entity")}="{word.replace(chr(34), chr(34) * 2)}"'
    if tab.table.name in _WITH_ID:
        conditions.append(f'{whole("id")}<>""')
    if "active" in place.columns:
        # A blank cell means active; compared with FALSE it would be equal.
        conditions.append(f"ISBLANK({whole('active')})+({whole('active')}=TRUE)")
    # Semicolons part arguments in every locale.
    return f'=IFERROR(FILTER({shown};{";".join(conditions)});"")'


def quoted(title: str) -> str:
    """The title of a tab as formulas name it."""
    return "'" + title.replace("'", "''") + "'"


def runs(items: Sequence[tuple[int, T]]) -> Iterator[tuple[int, int, T]]:
    """Neighbouring columns with an equal look, as (start, end, look)."""
    for _, group in groupby(enumerate(items), lambda item: (item[1][0] - item[0], item[1][1])):
        members = [item for _, item in group]
        yield members[0][0], members[-1][0] + 1, members[0][1]
