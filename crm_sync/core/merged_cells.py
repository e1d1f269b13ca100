"""Merged cells: only the first of them holds anything; of the others nobody can say what staff mean
by them, so they count as unknown, never as emptied.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from crm_sync.core.binding import Binding
from crm_sync.core.findings import Conflict, Problem, Severity
from crm_sync.core.grid import cell_name
from crm_sync.core.plan import Op, Plan, StoreChange
from crm_sync.core.records import Base
from crm_sync.core.rows import SheetRow
from crm_sync.core.schema import Tab
from crm_sync.core.values import N_, Cell, is_blank


@dataclass(frozen=True)
class Merge:
    """Merged cells of a sheet: zero-based, the ends excluded."""

    top: int
    bottom: int
    left: int
    right: int

    def covers(self, row: int, column: int) -> bool:
        """True for a cell that lies under the first one."""
        inside = self.top <= row < self.bottom and self.left <= column < self.right
        return inside and (row, column) != (self.top, self.left)


def may_be_merged(plan: Plan) -> bool:
    """True if the plan takes any cell for emptied, or a row for half-typed: then it is worth asking
    which cells are merged.
    """
    return any(
        any(map(_empties, tab.changes))
        or any(map(_is_emptied, tab.conflicts))
        or any(problem.code == "V02" for problem in tab.problems)
        for tab in plan.tabs
    )


def _empties(change: StoreChange) -> bool:
    return change.op is Op.UPDATE and None in change.values.values()


def _is_emptied(conflict: Conflict) -> bool:
    return bool(conflict.field) and conflict.theirs is None


def with_merges(
    tab: Tab,
    binding: Binding,
    rows: Sequence[SheetRow],
    bases: Mapping[str, Base],
    merges: Iterable[Merge],
) -> tuple[tuple[SheetRow, ...], tuple[Problem, ...]]:
    """The rows with what was last agreed on in each cell that lies under another, and a remark for
    each of those.
    """
    wide = [merge for merge in merges if merge.bottom > binding.header_row + 1]
    if not wide:
        return tuple(rows), ()
    found, problems = [], []
    for row in rows:
        known: Mapping[str, Cell] = bases[row.id].cells if row.id in bases else {}
        cells = dict(row.cells)
        for name, column in binding.columns.items():
            merge = next((each for each in wide if each.covers(row.number, column)), None)
            if merge is None or name not in cells or not is_blank(cells[name]):
                continue
            cells[name] = known.get(name)
            problems.append(_unknown(tab, row, name, column, merge))
        found.append(replace(row, cells=cells))
    return tuple(found), tuple(problems)


def _unknown(tab: Tab, row: SheetRow, name: str, column: int, merge: Merge) -> Problem:
    first = cell_name(merge.top, merge.left)
    return Problem(
        tab.table.name,
        "V01",
        Severity.WARN,
        N_("This cell is merged with {first}, so nothing can be read from it."),
        N_("Unmerge the cells (Format, Merge cells, Unmerge) and fill in each of them."),
        row.id,
        name,
        row.number,
        column,
        params={"first": first},
    )
