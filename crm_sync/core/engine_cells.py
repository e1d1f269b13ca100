"""The cells that the engine itself fills, in old rows and new ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from crm_sync.core.blocks import Block, Filling
from crm_sync.core.merging import TabWork, cell_write
from crm_sync.core.plan import CellWrite, RowInsert, TabPlan
from crm_sync.core.rows import SheetRow
from crm_sync.core.schema import FilledBy
from crm_sync.core.values import Cell, Scalar, same_cell

Derived = Mapping[str, Mapping[str, Scalar]]
"""Values that the engine fills, by record id and field."""


def with_engine_cells(
    work: TabWork, plan: TabPlan, rows: Mapping[str, SheetRow], derived: Derived
) -> TabPlan:
    """The plan with the columns that the engine fills brought up to date, in old rows and new
    ones.
    """
    columns = [
        item
        for item in work.tab.table.fields
        if item.filled_by is FilledBy.ENGINE and item.name in work.binding.columns
    ]
    if not columns or plan.stop is not None:
        return plan
    names = [item.name for item in columns]
    block, alone = plan.block, rows
    if block is not None:
        together = frozenset(block.record_ids)
        alone = {key: row for key, row in rows.items() if key not in together}
        block = block.filled(_engine_fillings(work, block, rows, names, derived))
    filled = list(_engine_writes(work, alone, names, derived))
    places = {(write.row, write.column) for write in filled}
    mine = {work.binding.columns[item.name] for item in columns}
    writes = [
        write
        for write in plan.writes
        if write.column not in mine or (write.row, write.column) not in places
    ]
    inserts = []
    for insert in plan.inserts:
        cells = dict(insert.cells)
        for item in columns:
            value = derived.get(insert.record_id, {}).get(item.name)
            if value is not None:
                cells[work.binding.columns[item.name]] = work.codecs[item.name].format(value)
        inserts.append(RowInsert(insert.record_id, cells))
    return replace(plan, writes=(*writes, *filled), inserts=tuple(inserts), block=block)


def _engine_fillings(
    work: TabWork,
    block: Block,
    rows: Mapping[str, SheetRow],
    names: Sequence[str],
    derived: Derived,
) -> Iterator[Filling]:
    """The same as `_engine_writes` for the rows of a block, by column."""
    nothing: Mapping[str, Scalar] = {}
    mine = [rows[record_id] for record_id in block.record_ids]
    values_by_row = [derived.get(record_id, nothing) for record_id in block.record_ids]
    for name in names:
        values = [each.get(name) for each in values_by_row]
        cells = [row.cells.get(name) for row in mine]
        if values.count(None) == cells.count(None) == len(mine):
            continue
        shown = {value: work.codecs[name].format(value) for value in set(values)}
        blank = {value: _is_due(work, name, None, value, after) for value, after in shown.items()}
        written = [
            (blank[value] if cell is None else _is_due(work, name, cell, value, shown[value]))
            and name not in row.formulas
            for row, value, cell in zip(mine, values, cells, strict=True)
        ]
        if any(written):
            yield filling(work, name, [shown[value] for value in values], written)


def _engine_writes(
    work: TabWork, rows: Mapping[str, SheetRow], names: Sequence[str], derived: Derived
) -> Iterator[CellWrite]:
    nothing: Mapping[str, Scalar] = {}
    shown: dict[tuple[str, Scalar], Cell] = {}
    for record_id, row in rows.items():
        values, cells = derived.get(record_id, nothing), row.cells
        for name in names:
            value, cell = values.get(name), cells.get(name)
            if value is None and cell is None:
                continue
            if (name, value) not in shown:
                shown[name, value] = work.codecs[name].format(value)
            after = shown[name, value]
            if name not in row.formulas and _is_due(work, name, cell, value, after):
                yield cell_write(work, row, name, record_id, after)


def _is_due(work: TabWork, name: str, cell: Cell, value: Scalar, after: Cell) -> bool:
    """True if the cell says something else than what it is to say."""
    return not same_cell(cell, after) and work.codecs[name].parse(cell) != value


def filling(
    work: TabWork, name: str, after: list[Cell], written: list[bool] | None = None
) -> Filling:
    """What is `written` of a field into the rows of a block."""
    column = work.binding.columns[name]
    return Filling(column, name, after, None if written is None or all(written) else written)
