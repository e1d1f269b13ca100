"""What staff typed into cells that are not theirs, and a run put back: it stands nowhere else, so
it is told until somebody has seen it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from crm_sync.core.findings import OpenProblem, Problem, Severity
from crm_sync.core.values import N_

PUT_BACK = "V11"

TIRELESS = 3
"""A grey cell that was put back in so many runs on end is written by no person."""

MOST = 5
"""So many texts of one cell are told; of a script that never types the same twice the last ones."""


def told_on(problems: Iterable[Problem], told: Sequence[OpenProblem]) -> list[Problem]:
    """The problems of a tab with those texts that earlier runs put back and nobody has accepted.
    `told` are all open problems of the tab. What stands in the cell is no longer what they are
    about: they name no cell.
    """
    cells: dict[str, list[OpenProblem]] = {}
    for item in told:
        if item.problem.code == PUT_BACK:
            cells.setdefault(item.problem.key, []).append(item)
    found = []
    typed: dict[str, set[str]] = {}
    for problem in problems:
        if problem.code == PUT_BACK and problem.severity is Severity.WARN:
            typed.setdefault(problem.key, set()).add(problem.typed)
            found.append(_tireless(problem, cells.get(problem.key, ())))
        else:
            found.append(problem)
    for key, items in cells.items():
        again = typed.get(key, set())
        waiting = [item for item in items if not item.accepted and item.problem.typed not in again]
        waiting.sort(key=lambda item: item.id)
        older = max(len(waiting) + len(again) - MOST, 0)
        found += [replace(item.problem, row=None, column=None) for item in waiting[older:]]
    return found


def _tireless(problem: Problem, before: Sequence[OpenProblem]) -> Problem:
    """The remark about a cell that was put back; another one if it was so run after run."""
    times = max((item.times for item in before), default=0)
    if times < TIRELESS - 1 or all(item.problem.row is None for item in before):
        return problem
    return replace(
        problem,
        message=N_(
            "“{typed}” comes back here however often it is put right: something in the workbook "
            "writes into a column that the program fills."
        ),
        remedy=N_("Look for a script or an add-on under Extensions, and let it write elsewhere."),
    )
