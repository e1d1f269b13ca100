"""Where in the journal tab each watched row is copied: the same for the write and for reading it.

Row 0 holds the operation's id in column A. Below it stand the values of the watched rows, and
below those the same rows once more with their formulas: a formula that is copied points
elsewhere and may give another value, so neither copy can do without the other.

What a copy does with rows that a filter hides, Google does not say; in its pages they are skipped.
So column A of the values is filled with a mark first: where it still stands, the rows of that run
have moved up or are missing, and none of them is trusted.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Final

from crm_sync.core.batch import Batch

NOT_COPIED: Final = "∅ not copied"

# Copying rows that nobody asked for costs less than one more request does.
_SMALL_GAP: Final = 3


@dataclass(frozen=True)
class Run:
    """Neighbouring rows `start` to `end` (excluded) of a sheet; their values go to row `at`."""

    sheet_id: int
    start: int
    end: int
    at: int

    @property
    def length(self) -> int:
        """The number of rows."""
        return self.end - self.start


@dataclass(frozen=True)
class Layout:
    """The runs of one operation in order of sheet and row; `copied` rows in all."""

    runs: tuple[Run, ...]
    copied: int

    @property
    def row_count(self) -> int:
        """How tall the journal tab must be."""
        return 1 + 2 * self.copied

    def formulas_at(self, run: Run) -> int:
        """The row of the journal to which a run's formulas are copied."""
        return run.at + self.copied


def watched_rows(batch: Batch) -> list[tuple[int, int]]:
    """The (sheet id, row) pairs that a batch watches, in order of sheet and row."""
    return sorted({(sheet.sheet_id, row) for sheet in batch.sheets for row in sheet.watched})


def layout(watched: Iterable[tuple[int, int]]) -> Layout:
    """Where each (sheet id, row) pair is copied; the order in which they are given is nothing."""
    runs: list[Run] = []
    below = 1
    for sheet_id, places in groupby(sorted(set(watched)), itemgetter(0)):
        start = end = -_SMALL_GAP - 1
        for _, row in places:
            if row - end > _SMALL_GAP:
                if end > start:
                    runs.append(Run(sheet_id, start, end, below))
                    below += end - start
                start = row
            end = row + 1
        runs.append(Run(sheet_id, start, end, below))
        below += end - start
    return Layout(tuple(runs), below - 1)
