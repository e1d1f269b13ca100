"""Finds the headings of a tab: which column holds which field, wherever it stands now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from crm_sync.core.findings import Stop
from crm_sync.core.grid import TabRead, column_letter
from crm_sync.core.headings import heading_key
from crm_sync.core.schema import Tab
from crm_sync.core.values import N_, Cell, cell_text

SEARCHED_ROWS = 10
"""A heading row that staff pushed down (a title typed above it) is looked for this far."""


@dataclass(frozen=True)
class Binding:
    """Where the fields of a tab stand. `columns` is field -> zero-based column, the id included;
    `own` the staff's own headings by column; `missing` fields and `doubled` ones, of which several
    columns bear the heading, are not read at all; the columns of `added` fields are yet to be made
    by the run that reads this, those of `returned` ones were away at the last run. `renamed` are
    headings that were followed, by field.
    """

    header_row: int
    columns: Mapping[str, int]
    own: Mapping[int, str] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    doubled: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    added: frozenset[str] = frozenset()
    returned: frozenset[str] = frozenset()
    renamed: Mapping[str, str] = field(default_factory=dict)


def bind(tab: Tab, read: TabRead, labels: Mapping[str, int] | None = None) -> Binding | Stop:
    """The binding of a tab as read, or why the tab must be left alone. `labels` are the columns
    that bear a field's name out of sight: they tell what a heading that nobody knows was before.
    """
    header_row = _header_row(read, tab.by_heading)
    if header_row is None:
        return _stop(
            tab,
            "E-HEADER",
            N_("The tab “{tab}” has no heading row."),
            N_("Put the headings back ({headings}) or undo the last change, then sync again."),
            headings=", ".join(column.heading for column in tab.columns[:4]) + "…",
        )
    places, own = places_in(tab, read.rows[header_row])
    renamed = {
        name: own.pop(index, "")
        for name, index in (labels or {}).items()
        if name in tab.by_field and name not in places and not _taken(index, places)
    }
    places |= {name: [(labels or {})[name]] for name in renamed}
    found = _checked(tab, header_row, places, own)
    return found if isinstance(found, Stop) else replace(found, renamed=renamed)


def places_in(tab: Tab, row: Sequence[Cell]) -> tuple[dict[str, list[int]], dict[int, str]]:
    """What the headings in a row mean: the columns of each field, and the staff's own headings by
    column. Of a field with several columns none is sure.
    """
    known = tab.by_heading
    places: dict[str, list[int]] = {}
    own: dict[int, str] = {}
    for index, cell in enumerate(row):
        key = heading_key(cell)
        if key in known:
            places.setdefault(known[key], []).append(index)
        elif key:
            own[index] = cell_text(cell)
    _prefer_own_words(tab, row, places, own)
    return places, own


def letters(columns: Sequence[int]) -> str:
    """Columns as people name them: "D, J"."""
    return ", ".join(column_letter(index) for index in columns)


def _taken(index: int, places: Mapping[str, list[int]]) -> bool:
    return any(index in found for found in places.values())


def _prefer_own_words(
    tab: Tab, row: Sequence[Cell], places: dict[str, list[int]], own: dict[int, str]
) -> None:
    """Where the very heading of a column stands once, another that merely means the same is the
    staff's own column.
    """
    for name, found in places.items():
        if len(found) == 1:
            continue
        heading = heading_key(tab.by_field[name].heading)
        exact = [index for index in found if heading_key(row[index]) == heading]
        if len(exact) == 1:
            own.update((index, cell_text(row[index])) for index in found if index not in exact)
            places[name] = exact


def _header_row(read: TabRead, known: Mapping[str, str]) -> int | None:
    """The row with the most known headings, at least two of them."""
    best, best_count, most = None, 1, len(set(known.values()))
    for number, row in enumerate(read.rows[:SEARCHED_ROWS]):
        count = len({known[key] for key in map(heading_key, row) if key in known})
        if count > best_count:
            best, best_count = number, count
        if count == most:
            break
    return best


def _checked(
    tab: Tab, header_row: int, places: Mapping[str, list[int]], own: Mapping[int, str]
) -> Binding | Stop:
    needed = {
        column.field.name: column
        for position, column in enumerate(tab.columns)
        if position == 0 or (column.field.required and column.field.default is None)
    }
    doubled = {name: tuple(found) for name, found in places.items() if len(found) > 1}
    missing = tuple(column.field.name for column in tab.columns if column.field.name not in places)
    for name, column in needed.items():
        if name in doubled:
            return _stop(
                tab,
                "E-HEADER-DUP",
                N_("The tab “{tab}” has the heading “{heading}” twice: columns {letters}."),
                N_("Rename or remove one of the two columns, then sync again."),
                heading=column.heading,
                letters=letters(doubled[name]),
            )
        if name in missing:
            stop = _stop(
                tab,
                "E-HEADER",
                N_("The tab “{tab}” has no column “{heading}”."),
                N_(
                    "Put the heading back above its column, or above a blank one, which is filled "
                    "from the store; then sync again. Nothing was changed."
                ),
                heading=column.heading,
            )
            return replace(stop, missing=missing)
    columns = {name: found[0] for name, found in places.items() if name not in doubled}
    return Binding(header_row, columns, dict(own), missing, doubled)


def _stop(tab: Tab, code: str, message: str, hint: str, **params: str) -> Stop:
    return Stop(tab.table.name, code, message, hint, params={"tab": tab.title, **params})
