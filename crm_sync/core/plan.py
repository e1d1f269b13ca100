"""The plan of a run: all that it will do, as a value."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

from crm_sync.core.blocks import Block
from crm_sync.core.findings import Conflict, Notice, Problem, Stop
from crm_sync.core.records import Base, Record
from crm_sync.core.values import Cell, Scalar

if TYPE_CHECKING:
    from dataclasses import dataclass as value_class
else:
    from crm_sync.core.value_class import value_class


class Op(StrEnum):
    """What a change does to a record."""

    CREATE = "create"
    UPDATE = "update"
    ARCHIVE = "archive"
    RESTORE = "restore"


@value_class(frozen=True)
class StoreChange:
    """A change for the store. `values` are the fields to set; `version` is the record's version
    that the plan saw (0 for a create).
    """

    op: Op
    table: str
    record_id: str
    values: Mapping[str, Scalar] = field(default_factory=dict)
    version: int = 0


def passing(
    record: Record, table: str, name: str, value: Scalar, moved: int = 0
) -> tuple[StoreChange, StoreChange]:
    """Two changes that leave a record as it is and a value in its history. `moved`: so many changes
    of the record come before them.
    """
    version = record.version + moved
    return (
        StoreChange(Op.UPDATE, table, record.id, {name: value}, version),
        StoreChange(Op.UPDATE, table, record.id, {name: record.values.get(name)}, version + 1),
    )


@value_class(frozen=True)
class CellWrite:
    """A cell to set in a row that stands in the sheet, to a value or a `formula`. `before` is
    what the plan saw there, `row_id` the id cell it saw. With `mends` it only puts back what stood
    there before a write of ours hit it; with `renames` it shows the same value by another name.
    """

    row: int
    column: int
    before: Cell
    after: Cell
    field: str
    record_id: str
    row_id: str
    formula: bool = False
    mends: bool = False
    renames: bool = False


@value_class(frozen=True)
class RowInsert:
    """A record's new row: cells by zero-based column."""

    record_id: str
    cells: Mapping[int, Cell]


@dataclass(frozen=True)
class RowDelete:
    """A row to take out of the sheet because its record left it. `cells` is the whole row as the
    plan saw it.
    """

    row: int
    record_id: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class TabPlan:
    """Everything for one tab. `bases` are what to remember of each record once its writes are
    verified, `dropped` the bases to forget. `block` are the rows that become records and what is
    written into them, `writes` all other cells. Of the rows that go, `left` are those whose record
    left the scope; those `waiting` go as soon as other workbooks have their record. Rows of `held`
    records are not touched at all.
    """

    table: str
    changes: tuple[StoreChange, ...] = ()
    writes: tuple[CellWrite, ...] = ()
    inserts: tuple[RowInsert, ...] = ()
    deletes: tuple[RowDelete, ...] = ()
    bases: Mapping[str, Base] = field(default_factory=dict)
    dropped: tuple[str, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    problems: tuple[Problem, ...] = ()
    notices: tuple[Notice, ...] = ()
    stop: Stop | None = None
    left: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    held: frozenset[str] = frozenset()
    block: Block | None = None

    @property
    def writes_sheet(self) -> bool:
        """True if anything in the sheet is to be changed."""
        return bool(self.writes or self.block or self.inserts or self.deletes)

    @property
    def every_write(self) -> tuple[CellWrite, ...]:
        """The cells to set one by one, those of the block too: a hundred thousand, it may be."""
        return (*self.writes, *(_writes(self.block) if self.block else ()))

    def cell_by_cell(self, rows: Set[int]) -> TabPlan:
        """The same with these rows taken out of the block, their cells among the other `writes`."""
        block = self.block
        if block is None or rows.isdisjoint(block.rows):
            return self
        writes = (*self.writes, *_writes(block.of_rows(rows)))
        return replace(self, writes=writes, block=block.of_rows(rows, inside=False) or None)

    @cached_property
    def created(self) -> frozenset[str]:
        """The records that are new with this plan."""
        return frozenset(change.record_id for change in self.changes if change.op is Op.CREATE)

    def row_afterwards(self, row: int) -> int:
        """Where a row stands once the rows that go are gone."""
        return row - bisect_left(self._going, row)

    @cached_property
    def _going(self) -> list[int]:
        return sorted(delete.row for delete in self.deletes)

    @property
    def lasting_problems(self) -> tuple[Problem, ...]:
        """The problems with the rows in which people find them after the write."""
        if not self.deletes:
            return self.problems
        return tuple(
            item if item.row is None else replace(item, row=self.row_afterwards(item.row))
            for item in self.problems
        )


def _writes(block: Block) -> Iterator[CellWrite]:
    names = zip(block.rows, block.record_ids, block.row_ids, block.seen, strict=True)
    for place, (row, record_id, row_id, seen) in enumerate(names):
        for item in block.fillings:
            if item.written is None or item.written[place]:
                column = item.column
                before = seen[column] if column < len(seen) else None
                after = item.after[place]
                yield CellWrite(row, column, before, after, item.field, record_id, row_id)


@dataclass(frozen=True)
class Plan:
    """The plan of one workbook: its tabs in the order in which they were merged."""

    tabs: tuple[TabPlan, ...]

    @property
    def changes(self) -> tuple[StoreChange, ...]:
        """All changes for the store, references before what refers to them."""
        return tuple(change for tab in self.tabs for change in tab.changes)

    @property
    def stops(self) -> tuple[Stop, ...]:
        """The tabs that are left alone, with the reason."""
        return tuple(tab.stop for tab in self.tabs if tab.stop is not None)

    @property
    def conflicts(self) -> tuple[Conflict, ...]:
        """Every open conflict."""
        return tuple(conflict for tab in self.tabs for conflict in tab.conflicts)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Every open problem."""
        return tuple(problem for tab in self.tabs for problem in tab.problems)
