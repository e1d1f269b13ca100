"""A report: a grid, its charts, and what stands behind its numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from crm_sync.core.charts import Chart
from crm_sync.core.grid import Grid, Shown
from crm_sync.reports.explain import Explanation, Trace

_CELL = re.compile(r"\$?([A-Za-z]{1,3})\$?([1-9][0-9]{0,6})")


class Traced(NamedTuple):
    """A shown number and what stands behind it."""

    shown: Shown
    trace: Trace


Entry: TypeAlias = Shown | Traced


@dataclass(frozen=True)
class Report:
    """A grid with its charts. `behind` gives the trace of each explained cell by zero-based row and
    column; two reports are equal if they show the same. `clients` are those who are named, by row.
    """

    grid: Grid
    charts: tuple[Chart, ...] = ()
    behind: Mapping[tuple[int, int], Trace] = field(default_factory=dict, compare=False)
    clients: Mapping[int, str] = field(default_factory=dict, compare=False)


@dataclass
class Page:
    """Lays out a report from top to bottom."""

    rows: list[tuple[Shown, ...]] = field(default_factory=list)
    charts: list[Chart] = field(default_factory=list)
    behind: dict[tuple[int, int], Trace] = field(default_factory=dict)
    clients: dict[int, str] = field(default_factory=dict)

    @property
    def row(self) -> int:
        """The number of the row that is added next."""
        return len(self.rows)

    def add(self, *entries: Entry, client: str = "") -> int:
        """Adds a row, which may be blank or name a client; gives its number."""
        number = self.row
        if client:
            self.clients[number] = client
        shown = []
        for column, entry in enumerate(entries):
            if isinstance(entry, Traced):
                self.behind[number, column] = entry.trace
                shown.append(entry.shown)
            else:
                shown.append(entry)
        self.rows.append(tuple(shown))
        return number

    def extend(self, rows: Iterable[Iterable[Entry]]) -> None:
        """Adds several rows."""
        for row in rows:
            self.add(*row)

    def report(self, widths: tuple[int, ...] = (), frozen: int = 1) -> Report:
        """The finished report."""
        grid = Grid(tuple(self.rows), widths, frozen)
        return Report(grid, tuple(self.charts), dict(self.behind), dict(self.clients))


def explain(report: Report, cell: str) -> Explanation | None:
    """What stands behind a cell named as people name it ("C7"), None for a cell that shows no
    number of the report's. Raises ValueError for what is no cell's name.
    """
    found = _CELL.fullmatch(cell.strip())
    if found is None:
        raise ValueError(cell)
    column = 0
    for letter in found[1].upper():
        column = column * 26 + ord(letter) - ord("A") + 1
    trace = report.behind.get((int(found[2]) - 1, column - 1))
    return trace.explain() if trace else None
