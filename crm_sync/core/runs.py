"""Rows gathered into runs of neighbours."""

from __future__ import annotations

from collections.abc import Iterable


def runs_of(rows: Iterable[int]) -> list[tuple[int, int]]:
    """The rows as (start, end) of neighbours, the end excluded; in order, each once."""
    runs: list[tuple[int, int]] = []
    for row in sorted(set(rows)):
        if runs and runs[-1][1] == row:
            runs[-1] = (runs[-1][0], row + 1)
        else:
            runs.append((row, row + 1))
    return runs
