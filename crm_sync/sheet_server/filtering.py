"""The rows that a basic filter hides."""

from __future__ import annotations

from datetime import date

from crm_sync.sheet_server import cells
from crm_sync.sheet_server.conditions import ConditionReader, Test
from crm_sync.sheet_server.grid import Cell
from crm_sync.sheet_server.workbook import Json, Sheet, Workbook


def hidden_rows(workbook: Workbook, sheet: Sheet, today: date) -> frozenset[int]:
    """The rows below the filter's header that one of its criteria leaves out."""
    held = sheet.parts.get("basicFilter")
    if not held or not held.get("criteria"):
        return frozenset()
    reader = ConditionReader(workbook.locale, today)
    columns = [
        _Column(int(column), criteria, reader) for column, criteria in held["criteria"].items()
    ]
    top = held["range"].get("startRowIndex", 0) + 1
    bottom = min(held["range"].get("endRowIndex", sheet.row_count), sheet.row_count)
    return frozenset(
        index
        for index in range(top, bottom)
        if any(column.hides(sheet, index, workbook.locale) for column in columns)
    )


class _Column:
    """The criteria of one column."""

    def __init__(self, index: int, criteria: Json, reader: ConditionReader) -> None:
        self.index = index
        self.hidden = frozenset(criteria.get("hiddenValues", ()))
        self.background = criteria.get("visibleBackgroundColor")
        self.foreground = criteria.get("visibleForegroundColor")
        self.test: Test | None = None
        if criteria.get("condition"):
            self.test = reader.test(criteria["condition"])

    def hides(self, sheet: Sheet, row: int, locale: str) -> bool:
        """Whether the row is left out because of this column."""
        cell = sheet.cell(row, self.index)
        shown = "" if cell is None else cells.shown(cell, locale)
        if shown in self.hidden:
            return True
        if self.test is not None and not self.test(None if cell is None else cell.value, shown):
            return True
        if self.background is not None and _format(cell).get("backgroundColor") != self.background:
            return True
        text = _format(cell).get("textFormat", {})
        return self.foreground is not None and text.get("foregroundColor") != self.foreground


def _format(cell: Cell | None) -> Json:
    return (cell.marks.format if cell is not None and cell.marks is not None else None) or {}
