"""Edits in a closed period: they wait in their cells until the owner lets them through or takes
them back.
"""

from __future__ import annotations

from dataclasses import replace

from crm_sync.core.findings import HELD, Side
from crm_sync.core.values import N_
from crm_sync.errors import NotFound, UserError
from crm_sync.ports import OpenProblem
from crm_sync.services.application import Application
from crm_sync.services.reading import Reading
from crm_sync.services.setup import without_version


def held(app: Application, workbook: str | None = None) -> tuple[OpenProblem, ...]:
    """The edits on which the owner has not spoken yet, in order of table, row and column."""
    return tuple(item for item in _waiting(app, workbook) if not item.decided)


def judge(app: Application, number: int, side: Side) -> OpenProblem:
    """Notes the owner's word on an edit that waits: the sheet's value is let through, or gives way
    to the store's; a row that is gone stays gone, or is added again. The next run carries it out.

    Raises NotFound, UserError for a new row that is not wanted, RunInProgress while a run works.
    """
    with app.store.lease():
        found = next((item for item in held(app) if item.id == number), None)
        if found is None:
            raise NotFound(
                N_("No change number {number} waits for a word."),
                N_("crm-sync review list shows those that do."),
                number=number,
            )
        if side is Side.STORE and not found.problem.record_id:
            raise UserError(
                N_("Change {number} is a whole new row, and the store holds nothing in its place."),
                N_("Delete the row in the sheet, or give it a date after the closed period."),
                number=number,
            )
        with app.store.transaction():
            app.store.findings.decide_problem(number, side)
            binding = app.store.bases.binding(found.workbook)
            if binding is not None:
                app.store.bases.bind(without_version(binding))
        return found


def with_approved(app: Application, workbook: str, reading: Reading) -> Reading:
    """The reading with the new rows in a closed period that the owner lets through, and with what
    is known to be gone there. What was said of a record's cell, or of its end, goes the way of all
    decisions about problems.
    """
    approved: dict[str, set[tuple[str, str]]] = {}
    missed: dict[str, set[str]] = {}
    for item in _waiting(app, workbook):
        problem = item.problem
        if item.decided == Side.SHEET and not problem.record_id:
            approved.setdefault(problem.table, set()).add((problem.field, problem.typed))
        elif problem.record_id and not problem.field:
            missed.setdefault(problem.table, set()).add(problem.record_id)
    return replace(
        reading,
        approved={name: frozenset(rows) for name, rows in approved.items()},
        missed=missed,
    )


def _waiting(app: Application, workbook: str | None) -> tuple[OpenProblem, ...]:
    found = app.store.findings.problems(workbook)
    return tuple(item for item in found if item.problem.code == HELD)
