"""A tab with all that its merge needs, and what the merge of one row says."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final

from crm_sync.core.automatic import ASK_ALL, Automatic
from crm_sync.core.binding import Binding
from crm_sync.core.codecs import Codec
from crm_sync.core.codecs.links import ReferenceCodec
from crm_sync.core.findings import HELD, Conflict, Finding, Notice, Problem, Side
from crm_sync.core.grid import TabRead
from crm_sync.core.plan import CellWrite, Op, RowDelete, StoreChange
from crm_sync.core.records import ROW, Base, Record
from crm_sync.core.rows import ID, SheetRow, equals_base, id_in
from crm_sync.core.schema import OWN_ID, Field, Kind, Tab
from crm_sync.core.values import (
    Cell,
    Scalar,
    Unreadable,
    cell_text,
    same_cell,
)
from crm_sync.core.view import View

if TYPE_CHECKING:
    from dataclasses import dataclass as value_class
else:
    from crm_sync.core.value_class import value_class

_MEANT: Final = frozenset({Kind.REFERENCE, Kind.CHOICE})
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?: |\Z)")

Values = Mapping[str, Scalar]
Check = Callable[[Values, Values | None], Sequence[Finding]]
"""The rules of a table: the values as they would be, and as they were (None for a new record)."""


Archiving = Callable[[Values], Finding | None]
"""What holds up the archiving of a record with these values."""


Suspects = Callable[[Sequence[Values]], Iterable[int]]
"""The places of those of many new records that may break a rule of the table."""


def let_go(values: Values) -> None:
    """Nothing holds up the archiving of any record."""


def all_of(records: Sequence[Values]) -> Iterable[int]:
    """The places of all of them."""
    return range(len(records))


@dataclass(frozen=True)
class TabWork:
    """One tab with all that its merge needs. `rows` are in the order of the sheet. `decided` tells
    by record id and field whose value someone chose in place of one that will not do; `approved`
    are the new rows that a closed period no longer holds up: field and what the row says. A run
    that looks at a part of the tab has `others` bases beside these, whose row and record are as
    they were; `skipped` is the record of each such row of the sheet, "" for every other one.
    `unnamed_returns` if a row is being put back of which nobody can say whose it is: until that
    is known, no record counts as gone.
    """

    tab: Tab
    binding: Binding
    read: TabRead
    rows: tuple[SheetRow, ...]
    bases: Mapping[str, Base]
    records: Mapping[str, Record]
    codecs: Mapping[str, Codec]
    check: Check
    decided: Mapping[tuple[str, str], Side] = field(default_factory=dict)
    view: View | None = None
    automatic: Automatic = ASK_ALL
    others: int = 0
    skipped: Sequence[str] = ()
    approved: frozenset[tuple[str, str]] = frozenset()
    unnamed_returns: bool = False
    suspects: Suspects = all_of
    archiving: Archiving = let_go

    def typed(self, row: SheetRow, name: str) -> str:
        """What stands in a cell, for messages: a day as such, not as the number that it is."""
        cell = row.cells.get(name)
        if isinstance(cell, (int, float)) and name in self.codecs:
            read = self.codecs[name].parse(cell)
            if isinstance(read, str) and _DAY.match(read):
                return read
        return cell_text(cell)

    def holds_up(self, finding: Finding, record_id: str, row: str = "") -> bool:
        """True unless the owner has let this edit, this new `row`, or the end of a row through."""
        if finding.code != HELD:
            return True
        name = finding.fields[0] if finding.fields else ROW
        if not record_id:
            return (name, row) not in self.approved
        return self.decided.get((record_id, name)) is not Side.SHEET

    @property
    def known(self) -> int:
        """How many records both sides agreed on before."""
        return len(self.bases) + self.others

    def skips(self, row: int) -> bool:
        """True for the row of a record that this run does not look at."""
        return 0 <= row < len(self.skipped) and bool(self.skipped[row])

    @cached_property
    def bound(self) -> tuple[Field, ...]:
        """The staff fields that have a column in this sheet."""
        return tuple(
            item for item in self.tab.table.staff_fields if item.name in self.binding.columns
        )

    @cached_property
    def bound_names(self) -> frozenset[str]:
        """The names of those fields."""
        return frozenset(item.name for item in self.bound)

    @cached_property
    def meant(self) -> tuple[Field, ...]:
        """The bound fields whose values stand for something else that has a name."""
        return tuple(item for item in self.bound if item.kind in _MEANT)

    @cached_property
    def meant_names(self) -> frozenset[str]:
        """The names of those fields."""
        return frozenset(item.name for item in self.meant)

    def still_means(self, name: str, value: Scalar) -> bool:
        """True for a value of the store that is canonical now. Many records hold the same."""
        found = self._meanings.get((name, value))
        if found is None:
            read = self.codecs[name].normal(value)
            found = not isinstance(read, Unreadable) and read == value
            self._meanings[name, value] = found
        return found

    def names(self, item: Field, cell: Cell, value: Scalar) -> bool:
        """True for the cell of a reference or a choice that shows its value as it is called now.
        Many rows show the same.
        """
        found = self._names.get((item.name, cell, value))
        if found is None:
            codec = self.codecs[item.name]
            found = (
                codec.shows(cell, value)
                if isinstance(codec, ReferenceCodec)
                else codec.parse(cell) == value
            )
            self._names[item.name, cell, value] = found
        return found

    @cached_property
    def _names(self) -> dict[tuple[str, Cell, Scalar], bool]:
        return {}

    @cached_property
    def _meanings(self) -> dict[tuple[str, Scalar], bool]:
        return {}

    @cached_property
    def grouped(self) -> tuple[str, ...]:
        """The fields that belong together with others and can be read here."""
        names = {name for group in self.tab.table.groups for name in group}
        return tuple(sorted(name for name in names if name in self.codecs))

    @cached_property
    def named_by_id(self) -> tuple[str, ...]:
        """The staff fields that take their record's own id when they are left empty."""
        return tuple(item.name for item in self.tab.table.staff_fields if item.default == OWN_ID)

    @cached_property
    def unseen(self) -> frozenset[str]:
        """The fields that staff fill elsewhere, not here: guarded and hidden ones."""
        return frozenset(self.view.entry) if self.view else frozenset()


@value_class(frozen=False)
class Merged:
    """What the merge of one row says. `base` is what to remember once the writes are verified.
    `passing` comes before `change`: values that gave way, so that the history holds them. The
    record of a row that `left` is out of scope, that `waits` goes later; `held`: touch nothing.
    """

    record_id: str
    change: StoreChange | None = None
    passing: StoreChange | None = None
    notices: list[Notice] = field(default_factory=list)
    writes: list[CellWrite] = field(default_factory=list)
    delete: RowDelete | None = None
    conflicts: list[Conflict] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    base: Base | None = None
    forget: bool = False
    left: bool = False
    waits: bool = False
    held: bool = False


def cell_write(work: TabWork, row: SheetRow, name: str, record_id: str, after: Cell) -> CellWrite:
    """The write of one cell of a row, with what stands there now."""
    column = work.binding.columns[name]
    if not row.standing:
        id_cell = row.id_cell
        row_id = "" if id_cell is None else id_in(id_cell)
        stands = id_cell if name == ID else row.cells.get(name)
        return CellWrite(row.number, column, stands, after, name, record_id, row_id)
    stands = row.standing_id_cell if name == ID else row.standing.get(name, row.cells.get(name))
    return CellWrite(row.number, column, stands, after, name, record_id, row.standing_id)


def whole_row(work: TabWork, row: SheetRow) -> tuple[Cell, ...]:
    """All cells of a row as read, those of the staff's own columns too."""
    return work.read.rows[row.number] if row.number < len(work.read.rows) else ()


def said_since(work: TabWork, row: SheetRow, base: Base) -> str:
    """All that a row says that was not agreed on, as one text."""
    return "; ".join(
        cell_text(row.cells[item.name])
        for item in work.bound
        if not same_cell(row.cells[item.name], base.cells.get(item.name))
    )


def last_words(work: TabWork, row: SheetRow, record: Record) -> StoreChange | None:
    """What the row of an archived record says beyond the record, for its history."""
    read = {item.name: work.codecs[item.name].parse(row.cells[item.name]) for item in work.bound}
    values = {
        name: value
        for name, value in read.items()
        if not isinstance(value, Unreadable) and value != record.values.get(name)
    }
    if not values:
        return None
    return StoreChange(Op.UPDATE, work.tab.table.name, record.id, values, record.version)


def untouched(work: TabWork, record: Record, row: SheetRow, base: Base) -> bool:
    """True if neither side changed since the base; nearly every row of nearly every run."""
    if (
        base.unsettled
        or base.version != record.version
        or row.id != record.id
        or row.standing
        or not work.bound_names <= base.cells.keys()
    ):
        return False
    same = base.cells.items() <= row.cells.items() or equals_base(work.tab, row, base)
    return same and not any(
        (value := base.values.get(item.name)) is not None
        and not work.names(item, row.cells.get(item.name), value)
        for item in work.meant
    )
