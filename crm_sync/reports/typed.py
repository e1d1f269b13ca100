"""Cells of generated tabs that staff may type into, read and shown by the codecs of columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from crm_sync.core.codecs import Conventions, codec_for
from crm_sync.core.findings import Problem, Severity
from crm_sync.core.grid import Shown
from crm_sync.core.schema import Column, Field, Kind
from crm_sync.core.values import Cell, Scalar, Unreadable
from crm_sync.reports import cells


@dataclass(frozen=True)
class Place:
    """A typed cell: the generated tab, its zero-based row and column."""

    tab: str
    row: int
    column: int


def choice(name: str, heading: str, labels: Mapping[str, str], *, many: bool = False) -> Column:
    """A column whose cells hold one key of a closed list (or several), shown by labels."""
    field = Field(name, Kind.CHOICE, choices=tuple(labels), many=many)
    return Column(field, heading, labels=labels, dropdown=not many)


def read(cell: Cell, column: Column, conventions: Conventions) -> Scalar | Unreadable:
    """What the cell says, None for a blank one."""
    return codec_for(column, conventions, {}).parse(cell)


def show(value: Scalar, column: Column) -> Shown:
    """A canonical value as the cell that staff see and may change."""
    cell = None if value is None else codec_for(column, Conventions(), {}).format(value)
    return cells.shown(cell, column.field.kind)


def as_typed(cell: Cell) -> Shown:
    """A cell put back just as somebody typed it."""
    return cells.text(cell) if isinstance(cell, str) else Shown(cell)


def problem(found: Unreadable, place: Place, field: str, record_id: str = "") -> Problem:
    """A typed cell that cannot be read, as people are told of it."""
    return Problem(
        table=place.tab,
        code=found.code,
        severity=Severity.REJECT,
        message=found.reason,
        remedy=found.remedy,
        record_id=record_id,
        field=field,
        row=place.row,
        column=place.column,
        typed=found.typed,
        params=found.params,
    )


def cell_at(rows: Sequence[Sequence[Cell]], row: int, column: int) -> Cell:
    """A cell of ragged rows, None beyond their ends."""
    return rows[row][column] if row < len(rows) and column < len(rows[row]) else None
