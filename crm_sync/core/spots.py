"""A cell of a record, and the problems that may be told of it."""

from __future__ import annotations

from dataclasses import dataclass

from crm_sync.core.findings import STORE_FAULT, Finding, Problem, Severity
from crm_sync.core.values import Scalar, Unreadable


@dataclass(frozen=True)
class Spot:
    """Where a problem is: the record's field ("" for all of it), the zero-based row and column of
    its cell; None for a record that has no row.
    """

    table: str
    record_id: str
    field: str
    row: int | None
    column: int | None


def cell_problem(spot: Spot, unread: Unreadable, stored: Scalar) -> Problem:
    """The sheet's cell cannot be read."""
    return Problem(
        spot.table,
        unread.code,
        Severity.REJECT,
        unread.reason,
        unread.remedy,
        spot.record_id,
        spot.field,
        spot.row,
        spot.column,
        unread.typed,
        stored,
        unread.params,
    )


def store_problem(spot: Spot, unread: Unreadable, stored: Scalar) -> Problem:
    """The store's own value cannot be read."""
    return Problem(
        spot.table,
        unread.code,
        Severity.REJECT,
        STORE_FAULT,
        unread.remedy,
        spot.record_id,
        spot.field,
        spot.row,
        spot.column,
        unread.typed,
        stored,
        {**unread.params, "typed": unread.typed},
    )


def rule_problem(
    spot: Spot, finding: Finding, severity: Severity, typed: str, stored: Scalar
) -> Problem:
    """The record breaks a rule, and this cell is the likeliest culprit."""
    return Problem(
        spot.table,
        finding.code,
        severity,
        finding.message,
        finding.remedy,
        spot.record_id,
        spot.field,
        spot.row,
        spot.column if spot.field else None,
        typed,
        stored,
        finding.params,
    )
