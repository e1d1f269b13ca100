"""Rows of a tab as read: the id, and the raw cell of each field that has a column."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from operator import itemgetter
from typing import TYPE_CHECKING

from crm_sync.core.binding import Binding
from crm_sync.core.grid import TabRead
from crm_sync.core.records import Base
from crm_sync.core.schema import FilledBy, Kind, Tab
from crm_sync.core.values import Cell, cell_text, is_blank, same_cell

if TYPE_CHECKING:
    from dataclasses import dataclass as value_class
else:
    from crm_sync.core.value_class import value_class


ID = "id"
"""The name of every table's id field."""

NEW_MARKS = frozenset({"new", "новый", "новая", "+"})
"""What staff may type into an id cell to say: this row is a new record, whatever it looks like."""

INFORMATIVE = frozenset(
    {Kind.TEXT, Kind.PHONE, Kind.EMAIL, Kind.DIGITS, Kind.DATE, Kind.DATETIME, Kind.DECIMAL}
)
"""Kinds whose values tell rows apart; statuses, references and flags are alike in many rows."""

_NONE: frozenset[str] = frozenset()
_NOTHING: Mapping[str, str] = {}


@dataclass(frozen=True)
class OwnHit:
    """A cell in a column of the staff's own that a write of ours hit: `found` stood there (as a
    `formula`, if that is not empty) and `wrote` replaced it.
    """

    found: Cell
    wrote: Cell
    formula: str = ""


@value_class(frozen=True)
class SheetRow:
    """One row. `id` is what its id cell says, in capitals and without blanks around it, and
    `id_cell` that cell; `cells` holds the raw cell of each bound field but the id; `formulas` the
    fields whose cell is a formula; `standing` what a cell holds at this moment where `cells` or
    `id_cell` was put right from a pre-image and the sheet has not been mended yet; `lost_formulas`
    the texts of formulas among those. `own_hits` are such cells in columns of the staff's own.
    """

    number: int
    id: str
    cells: Mapping[str, Cell]
    formulas: frozenset[str] = frozenset()
    standing: Mapping[str, Cell] = field(default_factory=dict)
    lost_formulas: Mapping[str, str] = field(default_factory=dict)
    id_cell: Cell = None
    own_hits: Mapping[int, OwnHit] = field(default_factory=dict)

    @property
    def standing_id_cell(self) -> Cell:
        """The id cell as it stands in the sheet at this moment."""
        return self.standing.get(ID, self.id_cell)

    @property
    def standing_id(self) -> str:
        """What that cell says."""
        return id_in(self.standing_id_cell)

    @property
    def says_new(self) -> bool:
        """True if someone typed into the id cell that the row is new."""
        return self.id.casefold() in NEW_MARKS


def id_in(cell: Cell) -> str:
    """What an id cell says: ids are compared in capitals and without blanks around them."""
    if cell is None:
        return ""
    return cell_text(cell).strip().upper()


def read_rows(
    tab: Tab, binding: Binding, read: TabRead, numbers: Iterable[int] | None = None
) -> Iterator[SheetRow]:
    """The rows below the headings that hold anything: an id, or a cell that a person filled. With
    `numbers` only these rows.
    """
    places = {
        name: index
        for name, index in binding.columns.items()
        if tab.by_field[name].field.kind is not Kind.ID
    }
    id_column = binding.columns[tab.columns[0].field.name]
    names, pick = tuple(places), itemgetter(id_column, *places.values())
    staff = [name for name in names if tab.by_field[name].field.filled_by is FilledBy.STAFF]
    reach = max((id_column, *places.values())) + 1
    formulas = _formulas_by_row(read, {index: name for name, index in places.items()})
    first = binding.header_row + 1
    rows = (
        enumerate(islice(read.rows, first, None), first)
        if numbers is None
        else ((number, read.rows[number]) for number in numbers)
    )
    for number, row in rows:
        lacking = reach - len(row)
        id_cell, *found = pick(row if lacking <= 0 else (*row, *(None,) * lacking))
        in_formula = formulas.get(number, _NONE)
        cells = dict(zip(names, found, strict=True))
        row_id = "" if id_cell is None else id_in(id_cell)
        if row_id or _any_filled(staff, cells, in_formula):
            yield SheetRow(number, row_id, cells, in_formula, _NOTHING, _NOTHING, id_cell)


def has_content(tab: Tab, row: SheetRow) -> bool:
    """True if any cell of a column that staff fill says something of its own."""
    return _any_filled(tab.table.staff_names, row.cells, row.formulas)


def _any_filled(staff: Iterable[str], cells: Mapping[str, Cell], formulas: frozenset[str]) -> bool:
    for name in staff:
        cell = cells.get(name)
        if cell is not None and _filled(cell) and name not in formulas:
            return True
    return False


def equals_base(tab: Tab, row: SheetRow, base: Base) -> bool:
    """True if every staff cell of the row is what was last seen of this record."""
    cells, seen = row.cells, base.cells
    for name in tab.table.staff_names:
        if name in cells:
            cell, known = cells[name], seen.get(name)
            is_same = cell == known and cell.__class__ is known.__class__
            if not is_same and not same_cell(cell, known):
                return False
    return True


def fingerprint(tab: Tab, cells: Mapping[str, Cell], fields: frozenset[str]) -> tuple[str, ...]:
    """The row's content as a key: the text of each staff cell among `fields`, in the table's
    order.
    """
    return tuple(
        _typed_text(cells.get(item.name)) for item in tab.table.staff_fields if item.name in fields
    )


def likeness(tab: Tab, row: SheetRow, base: Base) -> float:
    """How far a row is the same as a base: the share of equal cells among the informative ones that
    either fills; 0.0 if fewer than two are filled.
    """
    compared = equal = 0
    for item in tab.table.staff_fields:
        if item.kind not in INFORMATIVE or item.name not in row.cells:
            continue
        mine, known = row.cells[item.name], base.cells.get(item.name)
        if is_blank(mine) and is_blank(known):
            continue
        compared += 1
        equal += same_cell(mine, known)
    return equal / compared if compared > 1 else 0.0


def looks_like_id(text: str) -> bool:
    """True for text in the shape of an id: letters, a hyphen, digits."""
    return re.fullmatch(r"[A-Z]{1,3}-\d{1,12}", text) is not None


def _filled(cell: Cell) -> bool:
    return cell is not False and not is_blank(cell)


def _typed_text(cell: Cell) -> str:
    return f"{'s' if isinstance(cell, str) else 'v'}{cell_text(cell)}" if _filled(cell) else ""


def _formulas_by_row(read: TabRead, names: Mapping[int, str]) -> dict[int, frozenset[str]]:
    found: dict[int, set[str]] = {}
    for row, column in read.formulas:
        if column in names:
            found.setdefault(row, set()).add(names[column])
    return {row: frozenset(fields) for row, fields in found.items()}
