"""What waits for somebody at single records."""

from __future__ import annotations

from collections.abc import Collection

from crm_sync.ports import OpenConflict, OpenProblem
from crm_sync.services.application import Application

Place = tuple[str, str]
"""A record by its table and id."""


def waiting_for(
    app: Application, places: Collection[Place]
) -> tuple[tuple[OpenConflict, ...], tuple[OpenProblem, ...]]:
    """The open conflicts and problems of these records."""
    findings = app.store.findings
    conflicts = (
        each
        for each in findings.conflicts()
        if (each.conflict.table, each.conflict.record_id) in places
    )
    problems = (
        each
        for each in findings.problems()
        if (each.problem.table, each.problem.record_id) in places and not each.accepted
    )
    return tuple(conflicts), tuple(problems)
