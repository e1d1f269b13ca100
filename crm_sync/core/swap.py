"""What a write expects to meet, and what became of it: fetch-and-set, seen from the plan's side.

Google offers no compare-and-swap. The batch therefore brings back what stood in each row at the
moment of the write (`batch.PreImage`); `verify` compares that with what the plan had seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from crm_sync.core.batch import PreImage, Put, SheetBatch
from crm_sync.core.binding import Binding
from crm_sync.core.grid import TabRead
from crm_sync.core.plan import CellWrite, TabPlan
from crm_sync.core.rows import SheetRow, id_in
from crm_sync.core.schema import Tab
from crm_sync.core.values import Cell, same_cell


@dataclass(frozen=True)
class ExpectedPut:
    """A cell that the batch sets: what the plan saw there and what it wrote."""

    column: int
    field: str
    before: Cell
    after: Cell


@dataclass(frozen=True)
class Expected:
    """A watched row as the plan saw it; `cells` is the whole of it. A `deleted` row was to go. A
    row that bears its record's id is known by it, any other only by all that stands in it.
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


@dataclass(frozen=True)
class CellRepair:
    """A cell that a write of ours hit: `found` stood there and `wrote` replaced it. `left` is the
    row as that write left it, to find it again wherever it stands now.
    """

    table: str
    row_id: str
    column: int
    field: str
    found: Cell
    wrote: Cell
    left: tuple[Cell, ...]
    formula: str = ""


@dataclass(frozen=True)
class RowRepair:
    """A row that a write of ours deleted although it was another one, or had been edited."""

    table: str
    row_id: str
    cells: tuple[Cell, ...]
    formulas: Mapping[int, str] = field(default_factory=dict)


Repair = CellRepair | RowRepair


@dataclass(frozen=True)
class Verdict:
    """What became of a batch: records whose row was not as the plan saw it, by table, and what must
    be put back.
    """

    unsettled: frozenset[tuple[str, str]]
    repairs: tuple[Repair, ...]

    @property
    def clean(self) -> bool:
        """True if everything stood as the plan had seen it."""
        return not self.unsettled and not self.repairs


def sheet_batch(
    tab: Tab, binding: Binding, read: TabRead, plan: TabPlan, revived: Sequence[RowRepair] = ()
) -> tuple[SheetBatch | None, tuple[Expected, ...]]:
    """The writes of a tab's plan as places in its sheet, and what they expect to meet there."""
    if not plan.writes_sheet and not revived:
        return None, ()
    by_row: dict[int, list[CellWrite]] = {}
    for write in plan.writes:
        by_row.setdefault(write.row, []).append(write)
    id_column = binding.columns[tab.columns[0].field.name]
    patterns = {index: tab.by_field[name].pattern for name, index in binding.columns.items()}
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
    expected.sort(key=lambda item: item.row)
    inserts, count = _inserts(plan, patterns, revived)
    batch = SheetBatch(
        read.sheet_id,
        read.row_count,
        _width(binding, read),
        watched=tuple(sorted({item.row for item in expected})),
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
    )
    return batch, tuple(expected)


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
        tuple(ExpectedPut(item.column, item.field, item.before, item.after) for item in writes),
        cells=read.rows[row] if row < len(read.rows) else (),
    )


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


def _width(binding: Binding, read: TabRead) -> int:
    """Columns that a row reaches: headings of ours and of the staff, and cells beside them."""
    used = max((len(row) for row in read.rows), default=0)
    return min(max(used, *binding.columns.values()) + 1, max(read.column_count, 1))


def verify(expected: Sequence[Expected], found: Iterable[PreImage]) -> Verdict:
    """Compares what was met with what was expected. A row missing in `found` is unsettled."""
    images = {(item.sheet_id, item.row): item for item in found}
    unsettled: set[tuple[str, str]] = set()
    repairs: list[Repair] = []
    for item in expected:
        image = images.get((item.sheet_id, item.row))
        if image is None:
            unsettled.add((item.table, item.record_id))
            continue
        hit = _deleted_wrongly(item, image) if item.deleted else _cells_hit(item, image)
        if hit:
            unsettled.add((item.table, item.record_id))
            repairs.extend(hit)
    return Verdict(frozenset(unsettled), tuple(repairs))


def _id_of(item: Expected, image: PreImage) -> str:
    return id_in(_at(image.cells, item.id_column))


def _deleted_wrongly(item: Expected, image: PreImage) -> tuple[RowRepair, ...]:
    if _same_row(item, image) and not image.formulas.keys() - _formula_columns(item):
        return ()
    return (RowRepair(item.table, _id_of(item, image), image.cells, image.formulas),)


def _same_row(item: Expected, image: PreImage) -> bool:
    width = max(len(item.cells), len(image.cells))
    return all(same_cell(_at(item.cells, i), _at(image.cells, i)) for i in range(width))


def _formula_columns(item: Expected) -> set[int]:
    """A deleted row's own formulas are allowed: their values were compared."""
    return set(range(len(item.cells)))


def _cells_hit(item: Expected, image: PreImage) -> tuple[CellRepair, ...]:
    moved = _id_of(item, image) != item.row_id or (
        item.row_id != item.record_id and not _same_row(item, image)
    )
    left = list(image.cells)
    for put in item.puts:
        left.extend([None] * (put.column + 1 - len(left)))
        left[put.column] = put.after
    row_id = _id_of(item, image)
    return tuple(
        CellRepair(
            item.table,
            row_id,
            put.column,
            put.field,
            _at(image.cells, put.column),
            put.after,
            tuple(left),
            image.formulas.get(put.column, ""),
        )
        for put in item.puts
        if (moved or _differs(put, image))
        and not same_cell(_at(image.cells, put.column), put.after)
    ) or ((_moved_only(item, image, row_id, left),) if moved else ())


def _differs(put: ExpectedPut, image: PreImage) -> bool:
    return not same_cell(_at(image.cells, put.column), put.before) or put.column in image.formulas


def _moved_only(item: Expected, image: PreImage, row_id: str, left: Sequence[Cell]) -> CellRepair:
    """The row had moved, yet the cells hit held the very values written: nothing to put back, but
    the record meant is not settled.
    """
    put = item.puts[0]
    found = _at(image.cells, put.column)
    return CellRepair(item.table, row_id, put.column, put.field, found, put.after, tuple(left))


def _at(cells: Sequence[Cell], column: int) -> Cell:
    return cells[column] if column < len(cells) else None


def with_repairs(
    rows: Sequence[SheetRow], repairs: Sequence[CellRepair], read: TabRead
) -> tuple[SheetRow, ...]:
    """The rows with the cells that a write of ours hit put right: `cells` as they had been,
    `standing` as they stand. A cell that staff have edited since is theirs and stays.
    """
    by_row: dict[int, list[CellRepair]] = {}
    for repair in repairs:
        number = _find(rows, repair, read)
        if number is not None:
            by_row.setdefault(number, []).append(repair)
    return tuple(
        _repaired(row, by_row[row.number]) if row.number in by_row else row for row in rows
    )


def _find(rows: Sequence[SheetRow], repair: CellRepair, read: TabRead) -> int | None:
    width = len(repair.left)
    candidates = [
        row.number for row in rows if same_cell(read.cell(row.number, repair.column), repair.wrote)
    ]
    for number in candidates:
        cells = read.rows[number]
        if all(same_cell(_at(cells, i), repair.left[i]) for i in range(width)):
            return number
    for row in rows:
        if row.number in candidates and repair.row_id and row.id == repair.row_id:
            return row.number
    return None


def _repaired(row: SheetRow, repairs: Sequence[CellRepair]) -> SheetRow:
    cells = dict(row.cells)
    standing = dict(row.standing)
    lost = dict(row.lost_formulas)
    id_cell = row.id_cell
    for repair in repairs:
        if repair.field in cells:
            cells[repair.field] = repair.found
            standing[repair.field] = repair.wrote
            if repair.formula:
                lost[repair.field] = repair.formula
        else:
            id_cell = repair.found
            standing[repair.field] = repair.wrote
    formulas = row.formulas | lost.keys()
    return SheetRow(row.number, id_in(id_cell), cells, formulas, standing, lost, id_cell)
