"""Cells that somebody protected against our account: what a plan would write there waits, and the
rest of it goes on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from typing import Final

from crm_sync.core.findings import Problem, Severity
from crm_sync.core.grid import column_letter
from crm_sync.core.plan import CellWrite, RowInsert, TabPlan
from crm_sync.core.records import CLEARED, Base
from crm_sync.core.redacting import notes_of
from crm_sync.core.rows import ID
from crm_sync.core.values import N_

LOCKED: Final = "LOCKED"
"""The code of a problem of a value that cannot be written, since its cell is protected."""

_MESSAGE: Final = N_(
    "{cells} is protected against {account}, so what the store holds cannot be written here."
)
_REMEDY: Final = N_(
    "Data, Protect sheets and ranges: choose {cells} and let {account} edit it, or remove the "
    "protection. The next run writes it."
)


@dataclass(frozen=True)
class Span:
    """Cells of a sheet from `top` and `left` to before `bottom` and `right`; None for no end."""

    top: int = 0
    bottom: int | None = None
    left: int = 0
    right: int | None = None

    def holds(self, row: int, column: int) -> bool:
        """True if the cell is one of these."""
        return self.has_row(row) and self.has_column(column)

    def has_row(self, row: int) -> bool:
        """True if cells of this row are among these."""
        return self.top <= row and (self.bottom is None or row < self.bottom)

    def has_column(self, column: int) -> bool:
        """True if cells of this column are among these."""
        return self.left <= column and (self.right is None or column < self.right)

    @property
    def whole(self) -> bool:
        """True for a whole sheet."""
        return self == Span()

    @property
    def name(self) -> str:
        """As people call it: "D2:D40", "D:D", "2:5"; "" for a whole sheet."""
        if self.whole:
            return ""
        rows = self.top or self.bottom is not None
        columns = self.left or self.right is not None
        first = column_letter(self.left) if columns or self.bottom is None else ""
        last = column_letter(self.right - 1) if self.right is not None else ""
        start = f"{first}{self.top + 1 if rows else ''}"
        end = f"{last}{self.bottom if self.bottom is not None else ''}"
        return start if start == end and rows else f"{start}:{end}"


@dataclass(frozen=True)
class LockedRange:
    """A protected range of a sheet that our account may not edit, but for the `free` parts."""

    sheet_id: int
    span: Span
    free: tuple[Span, ...] = ()

    def holds(self, row: int, column: int) -> bool:
        """True if the cell may not be written."""
        return self.span.holds(row, column) and not any(f.holds(row, column) for f in self.free)


@dataclass(frozen=True)
class Locks:
    """All that is protected against `account` in a workbook."""

    account: str
    ranges: tuple[LockedRange, ...] = ()

    def over(self, sheet_id: int, row: int, column: int) -> LockedRange | None:
        """The range that keeps us from writing this cell."""
        return next((held for held in self.on(sheet_id) if held.holds(row, column)), None)

    def on(self, sheet_id: int) -> Iterator[LockedRange]:
        """The ranges of a sheet."""
        return (held for held in self.ranges if held.sheet_id == sheet_id)


NO_LOCKS: Final = Locks("")


@dataclass(frozen=True)
class Ground:
    """Where a plan is written: the sheet, its title, and the row at which new ones are put in."""

    sheet_id: int
    title: str
    insert_at: int


def within_locks(plan: TabPlan, locks: Locks, ground: Ground, known: Mapping[str, Base]) -> TabPlan:
    """The plan without the writes that would be refused. Their bases stay as `known`, so that the
    next run plans them anew; a problem says of each where it waits, and what to do.
    """
    held = list(locks.on(ground.sheet_id))
    if not held or not plan.writes_sheet:
        return plan
    plan = plan.cell_by_cell(frozenset(plan.block.rows if plan.block else ()))
    refused = [
        (write, lock)
        for write in plan.writes
        if (lock := locks.over(ground.sheet_id, write.row, write.column)) is not None
    ]
    rows = [(new, lock) for new in plan.inserts if (lock := _over_new(new, held, ground.insert_at))]
    going = [
        (gone, lock)
        for gone in plan.deletes
        if (lock := next((each for each in held if each.span.has_row(gone.row)), None))
    ]
    if not (refused or rows or going):
        return plan
    stays = {item.record_id for item, _ in going}
    new = {item.record_id for item, _ in rows}
    kept = {write for write, _ in refused}
    problems = [
        *(_problem(plan.table, lock, locks, ground, write) for write, lock in refused),
        *(_problem(plan.table, lock, locks, ground, None, item.record_id) for item, lock in rows),
        *(
            replace(_problem(plan.table, lock, locks, ground, None, item.record_id), row=item.row)
            for item, lock in going
        ),
    ]
    return replace(
        plan,
        writes=tuple(write for write in plan.writes if write not in kept),
        inserts=tuple(item for item in plan.inserts if item.record_id not in new),
        deletes=tuple(item for item in plan.deletes if item.record_id not in stays),
        dropped=tuple(key for key in plan.dropped if key not in stays),
        bases=_bases(plan.bases, (write for write, _ in refused), known, new),
        problems=(*plan.problems, *problems),
    )


def so_far(base: Base, old: Base | None, pending: Set[str]) -> Base:
    """The base with its old values in the fields that are yet to be written. While the id itself is
    yet to be written, a record that no row has borne stays one.
    """
    values = {name: value for name, value in base.values.items() if name not in pending}
    cells = {name: cell for name, cell in base.cells.items() if name not in pending}
    if old is not None:
        values |= {name: value for name, value in old.values.items() if name in pending}
        cells |= {name: cell for name, cell in old.cells.items() if name in pending}
        cells |= notes_of(old.cells, frozenset(pending))
    unseen = ID in pending and old is not None and not old.version
    cleared = old is not None and old.version == CLEARED
    version = 0 if unseen else CLEARED if cleared else base.version
    return Base(base.record_id, values, cells, version, unsettled=True)


def _bases(
    bases: Mapping[str, Base],
    refused: Iterable[CellWrite],
    known: Mapping[str, Base],
    new: Set[str],
) -> dict[str, Base]:
    pending: dict[str, set[str]] = {}
    for write in refused:
        pending.setdefault(write.record_id, set()).add(write.field)
    found = {key: base for key, base in bases.items() if key not in new}
    for key, fields in pending.items():
        if key in found:
            old = known.get(key)
            base = so_far(found[key], old, fields)
            # A row that bears no id yet is known again by what stands in it.
            unseen = ID in fields and old is None
            found[key] = replace(base, version=0) if unseen else base
    return found


def _over_new(new: RowInsert, held: Sequence[LockedRange], insert_at: int) -> LockedRange | None:
    """The range that a new row would lie in: one that reaches over the place grows with it."""
    return next(
        (
            each
            for each in held
            if each.span.whole
            or (
                each.span.top < insert_at
                and each.span.has_row(insert_at)
                and any(each.span.has_column(column) for column in new.cells)
            )
        ),
        None,
    )


def _problem(
    table: str,
    lock: LockedRange,
    locks: Locks,
    ground: Ground,
    write: CellWrite | None,
    record_id: str = "",
) -> Problem:
    cells = f"{ground.title}!{lock.span.name}" if lock.span.name else ground.title
    return Problem(
        table,
        LOCKED,
        Severity.WARN,
        _MESSAGE,
        _REMEDY,
        record_id=write.record_id if write else record_id,
        field=write.field if write else "",
        row=write.row if write else None,
        column=write.column if write else None,
        params={"cells": cells, "account": locks.account},
    )
