"""Keeps the values of formula cells in step with the cells that they refer to.

As Google does with `autoRecalc: ON_CHANGE`, formulas are calculated with each change; beside
that when a workbook is loaded, and when it is read on another day than it was calculated.
"""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from crm_sync.sheet_server.formula import Calculator
from crm_sync.sheet_server.workbook import Sheet, Workbook


def calculate(workbook: Workbook, now: datetime) -> None:
    """Evaluates, in place, the formulas of a draft that depend on what has changed."""
    if not workbook.has_formulas:
        return
    if workbook.calculator is None:
        workbook.calculator = Calculator()
    workbook.calculator.bring_up_to_date(workbook, now)
    workbook.calculated_on = local_time(now, workbook.time_zone).date()


def concerns_formulas(workbook: Workbook, sheet: Sheet) -> bool:
    """Whether a formula stands in the sheet, or reads it, of a draft that `calculate` has seen."""
    return workbook.calculator is not None and workbook.calculator.concerns(sheet)


def is_stale(workbook: Workbook, now: datetime) -> bool:
    """Whether a formula would show something else today than when it was calculated."""
    calculator = workbook.calculator
    if calculator is None or workbook.calculated_on is None:
        return False
    today = local_time(now, workbook.time_zone).date()
    return today != workbook.calculated_on and calculator.needs(now)


def local_time(now: datetime, time_zone: str) -> datetime:
    """The wall clock of a time zone, without a zone; UTC for a zone that is not known."""
    if now.tzinfo is None:
        return now
    try:
        zone: ZoneInfo | None = ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        zone = None
    return now.astimezone(zone or UTC).replace(tzinfo=None)
