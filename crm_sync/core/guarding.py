"""Guarded cells: columns that people of a workbook read and do not fill. What somebody types there
is put back and said, never read as an edit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from crm_sync.core.findings import Problem, Severity
from crm_sync.core.masking import masked
from crm_sync.core.merging import TabWork
from crm_sync.core.plan import CellWrite, TabPlan
from crm_sync.core.records import Base, Record
from crm_sync.core.rows import ID, SheetRow, id_in
from crm_sync.core.schema import Kind
from crm_sync.core.values import N_, Cell, Scalar, cell_text, is_blank, same_cell
from crm_sync.core.view import View

ASK: Final = N_(
    "Ask those who may change this column; what was typed is kept here until somebody chooses "
    "“Accept as it is” in the tab Problems."
)

TAKEN_OUT: Final = N_(
    "“{typed}” was typed into a cell that is not to be filled here; its row was taken out."
)

Shown = Mapping[str, Mapping[str, Scalar]]
"""What guarded columns are to show, by record id and field."""


def guarded_names(work: TabWork) -> tuple[str, ...]:
    """The guarded fields that have a column in this sheet."""
    return tuple(
        item.name
        for item in (work.view.whole.staff_fields if work.view else ())
        if item.name in work.unseen and item.name in work.binding.columns
    )


def guarded_values(view: View, names: tuple[str, ...], records: Mapping[str, Record]) -> Shown:
    """What the guarded columns are to show: the record's values, or their masks."""
    kinds = {name: view.whole.by_name[name].kind for name in names}
    return {
        record_id: {
            name: _value(view, name, kinds[name], record.values.get(name)) for name in names
        }
        for record_id, record in records.items()
    }


def _value(view: View, name: str, kind: Kind, value: Scalar) -> Scalar:
    return masked(kind, value) if name in view.masked else value


def with_guarded_cells(
    work: TabWork,
    plan: TabPlan,
    rows: Mapping[str, SheetRow],
    going: Mapping[str, SheetRow],
    shown: Shown,
) -> TabPlan:
    """The plan with what staff typed into guarded cells told as problems, of rows that are `going`
    too, and with what the cells are to show in the bases, by which such an edit is known the next
    time. The cells themselves are written as all that the engine fills.
    """
    names = guarded_names(work)
    if not names or work.view is None or plan.stop is not None:
        return plan
    bases = dict(plan.bases)
    problems = list(plan.problems)
    added = {insert.record_id for insert in plan.inserts}
    for record_id in (*rows, *added):
        row = rows.get(record_id)
        base = bases.get(record_id) or work.bases.get(record_id)
        if base is None:
            continue
        values, cells = dict(base.values), dict(base.cells)
        # A plan that changes the record has a base without guarded cells: they are not merged.
        before = work.bases.get(record_id, base)
        typed_over = False
        for name in names:
            value = shown.get(record_id, {}).get(name)
            after = work.codecs[name].format(value)
            if row is not None and _edited(work, row, before, name, after):
                problems.append(_put_back(work, row, record_id, name, value))
                typed_over = True
            cells[name] = after
            if name not in work.view.masked:
                values[name] = value
        if cells != base.cells or values != base.values or typed_over:
            unsettled = base.unsettled or typed_over
            bases[record_id] = replace(base, values=values, cells=cells, unsettled=unsettled)
    problems += _going_with_rows(work, names, going, shown)
    return replace(plan, bases=bases, problems=tuple(problems))


def _going_with_rows(
    work: TabWork, names: tuple[str, ...], going: Mapping[str, SheetRow], shown: Shown
) -> Iterator[Problem]:
    """What staff typed into guarded cells of rows that are taken out: no cell is named."""
    for record_id, row in going.items():
        if (base := work.bases.get(record_id)) is None:
            continue
        for name in names:
            value = shown.get(record_id, {}).get(name)
            if _edited(work, row, base, name, work.codecs[name].format(value)):
                typed = _put_back(work, row, record_id, name, value)
                yield replace(typed, message=TAKEN_OUT, row=None, column=None)


def _edited(work: TabWork, row: SheetRow, base: Base, name: str, after: Cell) -> bool:
    """True if a person typed into the cell since it was last put there. A new row is taken whole,
    so nothing is typed over in it.
    """
    cell = row.cells.get(name)
    if name in row.formulas or name not in base.cells or is_blank(cell):
        return False
    known = base.cells[name]
    codec = work.codecs[name]
    return not (
        same_cell(cell, known) or same_cell(cell, after) or codec.parse(cell) == codec.parse(after)
    )


def _put_back(work: TabWork, row: SheetRow, record_id: str, name: str, stored: Scalar) -> Problem:
    assert work.view is not None
    is_masked = name in work.view.masked
    return Problem(
        work.tab.table.name,
        "V11",
        Severity.WARN,
        N_("“{typed}” was typed into a cell that is masked in this workbook; it was put back.")
        if is_masked
        else N_("“{typed}” was typed into a cell that is read-only here; it was put back."),
        ASK,
        record_id,
        name,
        row.number,
        work.binding.columns[name],
        cell_text(row.cells.get(name)),
        None if is_masked else stored,
        {"typed": cell_text(row.cells.get(name))},
    )


def retired_cells(
    work: TabWork, columns: Mapping[str, int], rows: Mapping[str, SheetRow]
) -> tuple[tuple[CellWrite, ...], tuple[Problem, ...]]:
    """What empties the columns of fields that are hidden from now on, headings too, and the
    problems that keep what staff had typed there since the last agreement.
    """
    writes: list[CellWrite] = []
    problems: list[Problem] = []
    ids = {row.number: record_id for record_id, row in rows.items()}
    id_column = work.binding.columns[ID]
    for number in range(work.binding.header_row, len(work.read.rows)):
        row_id = id_in(work.read.cell(number, id_column))
        record_id = ids.get(number, "")
        for name, column in columns.items():
            cell = work.read.cell(number, column)
            if is_blank(cell):
                continue
            writes.append(CellWrite(number, column, cell, None, name, record_id, row_id))
            base = work.bases.get(record_id)
            if number > work.binding.header_row and not (
                base is not None and same_cell(cell, base.cells.get(name))
            ):
                problems.append(_hidden_away(work, number, record_id, name, cell))
    return tuple(writes), tuple(problems)


def _hidden_away(work: TabWork, row: int, record_id: str, name: str, cell: Cell) -> Problem:
    return Problem(
        work.tab.table.name,
        "V11",
        Severity.WARN,
        N_("“{typed}” stood in a column that this workbook no longer shows; it was taken out."),
        ASK,
        record_id,
        name,
        row,
        typed=cell_text(cell),
        params={"typed": cell_text(cell)},
    )
