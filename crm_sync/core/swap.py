"""The write of a tab's plan, and what it expects to meet: fetch-and-set, seen from the plan's side.

Google offers no compare-and-swap. The batch therefore brings back what stood in each row at the
moment of the write (`batch.PreImage`); `verifying.verify` compares that with what the plan had
seen.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from crm_sync.core.batch import Put, SheetBatch
from crm_sync.core.binding import Binding
from crm_sync.core.blocks import Block
from crm_sync.core.grid import TabRead
from crm_sync.core.plan import CellWrite, TabPlan
from crm_sync.core.schema import Tab
from crm_sync.core.values import Cell

if TYPE_CHECKING:
    from dataclasses import dataclass as value_class
else:
    from crm_sync.core.value_class import value_class


@value_class(frozen=True)
class ExpectedPut:
    """A cell that the batch sets: what the plan saw there and what it wrote."""

    column: int
    field: str
    before: Cell
    after: Cell
    mends: bool = False


@value_class(frozen=True)
class Expected:
    """A watched row as the plan saw it; `cells` is the whole of it. A `deleted` row was to go. A
    row that bears its record's id is known by it, any other only by all that stands in it. The
    `heading` row tells where the columns stand.
    """

    table: str
    sheet_id: int
    row: int
    row_id: str
    record_id: str
    id_column: int
    puts: tuple[ExpectedPut, ...] = ()
    deleted: bool = False
    cells: tuple[Cell, ...] = ()
    heading: bool = False


@dataclass(frozen=True)
class ExpectedBlock:
    """The rows of a block as the plan saw them."""

    table: str
    sheet_id: int
    id_column: int
    block: Block

    def each(self) -> Iterator[Expected]:
        """The rows one by one."""
        block = self.block
        rows = zip(block.rows, block.row_ids, block.record_ids, block.seen, strict=True)
        for place, (row, row_id, record_id, seen) in enumerate(rows):
            puts = tuple(
                ExpectedPut(
                    item.column,
                    item.field,
                    seen[item.column] if item.column < len(seen) else None,
                    item.after[place],
                )
                for item in block.fillings
            )
            yield Expected(
                self.table,
                self.sheet_id,
                row,
                row_id,
                record_id,
                self.id_column,
                puts,
                cells=seen,
            )


@dataclass(frozen=True)
class RowRepair:
    """A row that a write of ours deleted although it was another one, or had been edited.
    `headings` are those above it then.
    """

    table: str
    row_id: str
    cells: tuple[Cell, ...]
    formulas: Mapping[int, str] = field(default_factory=dict)
    headings: tuple[Cell, ...] = ()


@value_class(frozen=True)
class Added:
    """A row that the write adds, for a new record or one whose row returns: its cells where the
    plan saw the columns.
    """

    table: str
    sheet_id: int
    record_id: str
    cells: tuple[Cell, ...]
    formulas: Mapping[int, str] = field(default_factory=dict)


def added_rows(sheet_id: int, plan: TabPlan, revived: Sequence[RowRepair]) -> Iterator[Added]:
    """The rows that the write adds, in the order in which it does."""
    for insert in plan.inserts:
        width = max(insert.cells, default=-1) + 1
        cells = tuple(insert.cells.get(column) for column in range(width))
        yield Added(plan.table, sheet_id, insert.record_id, cells)
    for repair in revived:
        yield Added(plan.table, sheet_id, repair.row_id, repair.cells, repair.formulas)


def sheet_batch(
    tab: Tab,
    binding: Binding,
    read: TabRead,
    plan: TabPlan,
    revived: Sequence[RowRepair] = (),
    *,
    is_new: bool = False,
) -> tuple[SheetBatch | None, tuple[Expected, ...], tuple[ExpectedBlock, ...]]:
    """The writes of a tab's plan as places in its sheet, and what they expect to meet there. The
    columns of a tab that the same write makes are where they are.
    """
    if not plan.writes_sheet and not revived:
        return None, (), ()
    # To a row all is done in one go.
    plan = plan.cell_by_cell({write.row for write in plan.writes})
    id_column = binding.columns[tab.columns[0].field.name]
    patterns = {index: tab.by_field[name].pattern for name, index in binding.columns.items()}
    expected = _expected_rows(plan, read, id_column)
    if not is_new:
        expected.append(_expected_headings(plan.table, read, binding, id_column))
    expected.sort(key=lambda item: item.row)
    blocks = tuple(
        ExpectedBlock(plan.table, read.sheet_id, id_column, block)
        for block in (plan.block.whole() if plan.block else ())
    )
    inserts, count = _inserts(plan, patterns, revived)
    batch = SheetBatch(
        read.sheet_id,
        read.row_count,
        _width(binding, read, expected, blocks, whole=bool(plan.deletes)),
        watched=_watched(expected, blocks),
        puts=tuple(
            Put(write.row, write.column, write.after, formula=True)
            if write.formula
            else Put(write.row, write.column, write.after, patterns.get(write.column))
            for write in plan.writes
        ),
        insert_at=max(len(read.rows), binding.header_row + 1),
        inserts=inserts,
        inserted_rows=count,
        deletes=tuple(delete.row for delete in plan.deletes),
        revived=len(revived),
        blocks=tuple(item.block for item in blocks),
        patterns=patterns,
    )
    return batch, tuple(expected), blocks


def row_by_row(
    batch: SheetBatch, blocks: Sequence[ExpectedBlock], rows: Collection[int]
) -> tuple[SheetBatch, tuple[Expected, ...], tuple[ExpectedBlock, ...]]:
    """The batch with these rows taken out of its blocks and written cell by cell, since more is
    done to them, and what is expected then.
    """
    puts: list[Put] = []
    expected: list[Expected] = []
    left: list[ExpectedBlock] = []
    for item in blocks:
        if item.sheet_id != batch.sheet_id or not any(row in rows for row in item.block.rows):
            left.append(item)
            continue
        for row in replace(item, block=item.block.of_rows(rows)).each():
            expected.append(row)
            puts.extend(
                Put(row.row, put.column, put.after, batch.patterns.get(put.column))
                for put in row.puts
            )
        if rest := item.block.of_rows(rows, inside=False):
            left.append(replace(item, block=rest))
    if not expected:
        return batch, (), tuple(blocks)
    mine = tuple(item.block for item in left if item.sheet_id == batch.sheet_id)
    return replace(batch, puts=(*batch.puts, *puts), blocks=mine), tuple(expected), tuple(left)


def _watched(expected: Sequence[Expected], blocks: Sequence[ExpectedBlock]) -> tuple[int, ...]:
    rows = {item.row for item in expected}
    return tuple(sorted(rows.union(*(item.block.rows for item in blocks))))


def watch_rows(
    tab: Tab,
    binding: Binding,
    read: TabRead,
    batch: SheetBatch,
    owners: Mapping[int, str],
    ids: Mapping[int, str],
) -> tuple[SheetBatch, tuple[Expected, ...]]:
    """The batch with these rows (and the headings) watched as well, and what it expects there.
    `owners` are the records of the rows, `ids` what their id cells say.
    """
    id_column = binding.columns[tab.columns[0].field.name]
    known = frozenset(batch.watched)
    new = [row for row in owners if row not in known]
    expected = [
        Expected(
            tab.table.name,
            read.sheet_id,
            row,
            ids.get(row, ""),
            owners[row],
            id_column,
            cells=read.rows[row] if row < len(read.rows) else (),
        )
        for row in new
    ]
    if binding.header_row not in batch.watched:
        expected.append(_expected_headings(tab.table.name, read, binding, id_column))
    watched = sorted({*batch.watched, *(item.row for item in expected)})
    width = max(batch.width, _width(binding, read, expected, (), whole=False))
    return replace(batch, watched=tuple(watched), width=width), tuple(expected)


def _expected_rows(plan: TabPlan, read: TabRead, id_column: int) -> list[Expected]:
    """The rows that are written to, and those that go."""
    by_row: dict[int, list[CellWrite]] = {}
    for write in plan.writes:
        by_row.setdefault(write.row, []).append(write)
    expected = [
        _expected_writes(plan.table, read, row, by_row[row], id_column) for row in sorted(by_row)
    ]
    expected.extend(
        Expected(
            plan.table,
            read.sheet_id,
            delete.row,
            delete.record_id,
            delete.record_id,
            id_column,
            deleted=True,
            cells=delete.cells,
        )
        for delete in plan.deletes
    )
    return expected


def _expected_writes(
    table: str, read: TabRead, row: int, writes: Sequence[CellWrite], id_column: int
) -> Expected:
    return Expected(
        table,
        read.sheet_id,
        row,
        writes[0].row_id,
        writes[0].record_id,
        id_column,
        tuple(
            ExpectedPut(item.column, item.field, item.before, item.after, item.mends)
            for item in writes
        ),
        cells=read.rows[row] if row < len(read.rows) else (),
    )


def _expected_headings(table: str, read: TabRead, binding: Binding, id_column: int) -> Expected:
    row = binding.header_row
    cells = read.rows[row]
    return Expected(table, read.sheet_id, row, "", "", id_column, cells=cells, heading=True)


def _inserts(
    plan: TabPlan, patterns: Mapping[int, str | None], revived: Sequence[RowRepair]
) -> tuple[tuple[Put, ...], int]:
    puts: list[Put] = []
    for offset, insert in enumerate(plan.inserts):
        for column, cell in sorted(insert.cells.items()):
            puts.append(Put(offset, column, cell, patterns.get(column)))
    for offset, repair in enumerate(revived, start=len(plan.inserts)):
        for column, cell in enumerate(repair.cells):
            formula = repair.formulas.get(column)
            if formula is not None:
                puts.append(Put(offset, column, formula, formula=True))
            elif cell is not None and cell != "":
                puts.append(Put(offset, column, cell, patterns.get(column)))
    return tuple(puts), len(plan.inserts) + len(revived)


def _width(
    binding: Binding,
    read: TabRead,
    expected: Sequence[Expected],
    blocks: Sequence[ExpectedBlock],
    *,
    whole: bool,
) -> int:
    """Columns that the watched rows reach: headings of ours and of staff, and cells beside them.
    Of rows that go, the whole is kept, whatever staff may type beyond that meanwhile.
    """
    headings = len(read.rows[binding.header_row])
    reach = max((len(item.cells) for item in expected), default=0)
    reach = max((reach, *(max(map(len, item.block.seen)) for item in blocks)))
    used = read.column_count if whole else max(headings, reach)
    return min(max(used, *binding.columns.values()) + 1, max(read.column_count, 1))
