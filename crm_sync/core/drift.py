"""What a workbook lacks of what its templates ask for: template and looks as found -> drift, each
with what mends it. Whatever staff added by themselves is no drift.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from crm_sync.core.binding import letters
from crm_sync.core.findings import Stop
from crm_sync.core.grid import TabRead, column_letter
from crm_sync.core.headings import heading_key
from crm_sync.core.looks import (
    MARK,
    Dressing,
    FormatLook,
    FrozenLook,
    NoteLook,
    Place,
    Protection,
    Rule,
    RuleKind,
    RuleLook,
    UnprotectLook,
    Wardrobe,
    highlight_look,
    mark_text,
    protections,
    rule_of,
)
from crm_sync.core.schema import Column, FilledBy, Kind, Tab
from crm_sync.core.values import Cell


class Lack(StrEnum):
    """What may be missing or wrong."""

    LOCALE = "locale"
    TAB = "tab"
    HEADINGS = "headings"
    COLUMN = "column"
    DOUBLED = "doubled"
    HEADING = "heading"
    FROZEN = "frozen"
    NOTE = "note"
    FORMAT = "format"
    LIST = "list"
    CHECKBOX = "checkbox"
    PROTECTION = "protection"
    HIGHLIGHT = "highlight"
    LISTS = "lists"


@dataclass(frozen=True)
class Drift:
    """One thing that is not as the template has it. `tab` is the tab's title, `cells` a range in it
    ("F2:F40"), `found` and `wanted` what is to be told, `stop` why its headings cannot be read;
    `mends` puts it right. What only a run of the engine can put right (a tab, a column) has no
    `mends`.
    """

    lack: Lack
    table: str = ""
    tab: str = ""
    field: str = ""
    heading: str = ""
    cells: str = ""
    found: str = ""
    wanted: str = ""
    mends: tuple[Dressing, ...] = ()
    stop: Stop | None = None


@dataclass(frozen=True)
class CellForm:
    """The number format's type ("" for none) and the rule of a cell."""

    format: str = ""
    rule: Rule | None = None


@dataclass(frozen=True)
class Run:
    """Rows from `top` to before `bottom` whose cells look alike."""

    top: int
    bottom: int
    look: CellForm


@dataclass(frozen=True)
class FoundProtection:
    """A protected range that bears our mark. `end` is None for one without an end."""

    id: int
    start: int
    end: int | None
    lock: bool


@dataclass(frozen=True)
class FoundHighlight:
    """A conditional format with a formula of its own, at its place among those of the tab."""

    index: int
    formula: str
    start: int
    top: int


@dataclass(frozen=True)
class FoundTab:
    """The looks of one tab. `read` holds its first rows alone; `notes` those of these rows by
    (row, column); `runs` the cells below by column, as far as they were looked at, trailing cells
    without any look left out; `seen` the spans of rows that were looked at.
    """

    read: TabRead
    frozen: int = 0
    notes: Mapping[tuple[int, int], str] = field(default_factory=dict)
    runs: Mapping[int, tuple[Run, ...]] = field(default_factory=dict)
    seen: tuple[tuple[int, int], ...] = ()
    protections: tuple[FoundProtection, ...] = ()
    highlights: tuple[FoundHighlight, ...] = ()


@dataclass(frozen=True)
class FoundBook:
    """The looks of a workbook, its tabs by sheet id."""

    locale: str
    time_zone: str
    tabs: Mapping[int, FoundTab]


_PLAIN: Final = CellForm()
# What a cell may be formatted as without harm, by the kind of its field. A person may well like
# another pattern of the same sort.
_HARMLESS: Final[Mapping[Kind, frozenset[str]]] = {
    Kind.DATE: frozenset({"", "DATE", "DATE_TIME"}),
    Kind.DATETIME: frozenset({"", "DATE", "DATE_TIME", "TIME"}),
    Kind.INTEGER: frozenset({"", "NUMBER", "CURRENCY", "PERCENT", "SCIENTIFIC"}),
    Kind.DECIMAL: frozenset({"", "NUMBER", "CURRENCY", "PERCENT", "SCIENTIFIC"}),
}
_TEXT: Final = frozenset({"TEXT"})


def tab_drift(tab: Tab, place: Place, found: FoundTab, wardrobe: Wardrobe) -> Iterator[Drift]:
    """What a tab of records lacks, in the order of its columns. `place` says where they stand."""
    name, title = tab.table.name, found.read.title
    if found.frozen < place.header_row + 1:
        look = FrozenLook(place.sheet_id, place.header_row + 1)
        yield Drift(Lack.FROZEN, name, title, mends=(look,))
    for column in tab.columns:
        if column.field.name in place.doubled:
            cells = letters(place.doubled[column.field.name])
            yield Drift(Lack.DOUBLED, name, title, column.field.name, column.heading, cells)
            continue
        if column.field.name not in place.columns:
            yield Drift(Lack.COLUMN, name, title, column.field.name, column.heading)
            continue
        for item in _column_drift(column, place, found, wardrobe):
            yield _named(item, tab, found, column)
    yield from _protection_drift(tab, place, found, wardrobe.protection)
    for highlight in tab.highlights:
        wanted = highlight_look(highlight, place)
        known = [item for item in found.highlights if mark_text(highlight.name) in item.formula]
        if wanted is None or any(_plain(item.formula) == _plain(wanted.formula) for item in known):
            continue
        if known:
            wanted = replace(wanted, replaces=known[0].index)
        column = tab.by_field[highlight.field]
        drift = Drift(Lack.HIGHLIGHT, wanted=highlight.name, mends=(wanted,))
        yield _named(drift, tab, found, column)


def list_drift(
    wanted: Mapping[tuple[int, int], Cell], standing: TabRead
) -> dict[tuple[int, int], Cell]:
    """The cells of the lists tab that do not hold their formula."""
    lacking = {}
    for (row, column), cell in wanted.items():
        there = standing.formulas.get((row, column)) or standing.cell(row, column)
        if _plain(str(there or "")) != _plain(str(cell)):
            lacking[row, column] = cell
    return lacking


def _named(drift: Drift, tab: Tab, found: FoundTab, column: Column) -> Drift:
    return replace(
        drift,
        table=tab.table.name,
        tab=found.read.title,
        field=column.field.name,
        heading=column.heading,
    )


def _column_drift(
    column: Column, place: Place, found: FoundTab, wardrobe: Wardrobe
) -> Iterator[Drift]:
    index = place.columns[column.field.name]
    row, top = place.header_row, place.header_row + 1
    heading = found.read.cell(row, index)
    if not _known(column, heading):
        yield Drift(Lack.HEADING, cells=_cells(index, row, row + 1), found=str(heading or ""))
    if column.note and not found.notes.get((row, index)):
        look = NoteLook(place.sheet_id, row, index, column.note)
        yield Drift(Lack.NOTE, cells=_cells(index, row, row + 1), mends=(look,))
    below = tuple(_from(top, found.runs.get(index, ()), found.seen))
    yield from _format_drift(column, place.sheet_id, index, below)
    rule = rule_of(column, wardrobe.lists)
    if rule is not None:
        lacking = [run for run in below if not _offers(run.look.rule, rule)]
        if lacking:
            lack = Lack.CHECKBOX if rule.kind is RuleKind.CHECKBOX else Lack.LIST
            mend = RuleLook(place.sheet_id, top, index, rule)
            cells = ", ".join(_cells(index, *span) for span in _joined(lacking))
            yield Drift(lack, cells=cells, mends=(mend,))


def _format_drift(
    column: Column, sheet_id: int, index: int, below: tuple[Run, ...]
) -> Iterator[Drift]:
    if column.pattern is None:
        return
    harmless = _HARMLESS.get(column.field.kind, _TEXT)
    if "@" in column.pattern:
        harmless = _TEXT
    lacking = [run for run in below if run.look.format not in harmless]
    if not lacking:
        return
    spans = list(_joined(lacking))
    kinds = sorted({run.look.format or "AUTOMATIC" for run in lacking})
    yield Drift(
        Lack.FORMAT,
        cells=", ".join(_cells(index, *span) for span in spans),
        found=", ".join(kinds),
        wanted=column.pattern,
        mends=tuple(
            FormatLook(sheet_id, top, bottom, index, index + 1, column.pattern)
            for top, bottom in spans
        ),
    )


def _protection_drift(
    tab: Tab, place: Place, found: FoundTab, protection: Protection
) -> Iterator[Drift]:
    """One drift for all protected columns of a tab: ours are taken off and laid anew."""
    standing = sorted(
        ((index, tab.by_field[name]) for name, index in place.columns.items()),
        key=lambda item: item[0],
    )
    wanted = set()
    if protection is not Protection.NONE:
        wanted = {
            index for index, column in standing if column.field.filled_by is not FilledBy.STAFF
        }
    lock = protection is Protection.LOCK
    held = {
        index
        for item in found.protections
        if item.lock == lock
        for index in range(item.start, item.end or found.read.column_count)
    }
    strange = [item for item in found.protections if item.lock != lock]
    theirs = {
        index for index, column in standing if column.field.filled_by is FilledBy.STAFF
    } & held
    lacking = wanted - held
    if not (lacking or theirs or (strange and wanted) or (found.protections and not wanted)):
        return
    mends: list[Dressing] = [UnprotectLook(item.id) for item in found.protections]
    mends += protections(place.sheet_id, standing, protection)
    guarded = {
        index
        for item in found.protections
        for index in range(item.start, item.end or found.read.column_count)
    }
    letters = ", ".join(column_letter(index) for index in sorted(wanted ^ guarded | lacking))
    yield Drift(
        Lack.PROTECTION, tab.table.name, found.read.title, cells=letters, mends=tuple(mends)
    )


def _known(column: Column, heading: Cell) -> bool:
    return heading_key(heading) in map(heading_key, (column.heading, *column.aliases))


def _offers(found: Rule | None, wanted: Rule) -> bool:
    if found is None or found.kind is not wanted.kind:
        return False
    if wanted.kind is RuleKind.LIST:
        return found.values == wanted.values
    return [_plain(value) for value in found.values] == [_plain(item) for item in wanted.values]


def _plain(formula: str) -> str:
    """A formula for comparison: as Sheets may write it anew, without blanks, quotes and dollars."""
    return re.sub(r"[\s'$=]", "", formula).replace(",", ";").casefold()


def _from(top: int, runs: Iterable[Run], seen: tuple[tuple[int, int], ...]) -> Iterator[Run]:
    """The runs from a row on, gaps between them filled with cells without any look."""
    ordered = sorted(runs, key=lambda run: run.top)
    for start, end in seen:
        at = max(start, top)
        for run in ordered:
            if run.bottom <= at or run.top >= end:
                continue
            if run.top > at:
                yield Run(at, run.top, _PLAIN)
            yield Run(max(run.top, at), min(run.bottom, end), run.look)
            at = min(run.bottom, end)
        if at < end:
            yield Run(at, end, _PLAIN)


def _joined(runs: Iterable[Run]) -> Iterator[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    for run in runs:
        if spans and spans[-1][1] == run.top:
            spans[-1] = (spans[-1][0], run.bottom)
        else:
            spans.append((run.top, run.bottom))
    yield from spans


def _cells(column: int, top: int, bottom: int) -> str:
    letter = column_letter(column)
    first = f"{letter}{top + 1}"
    return first if bottom == top + 1 else f"{first}:{letter}{bottom}"


def is_ours(description: str) -> bool:
    """True for the description of a protected range that we laid."""
    return description == MARK
