"""Keeps the values of formula cells in step with the cells that they refer to."""

from __future__ import annotations

from datetime import datetime

from crm_sync.sheet_server.workbook import Workbook


def recalculate(workbook: Workbook, now: datetime) -> None:
    """Evaluates the formulas of a draft and puts their values into their cells."""
