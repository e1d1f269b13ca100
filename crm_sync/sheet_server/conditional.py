"""Conditional formats laid over the format of a cell. Gradients and custom formulas are not."""

from __future__ import annotations

from datetime import date

from crm_sync.sheet_server import cells
from crm_sync.sheet_server.conditions import ConditionReader, Test
from crm_sync.sheet_server.formats import merged
from crm_sync.sheet_server.grid import Cell
from crm_sync.sheet_server.workbook import Json, Sheet, Workbook

# Rows and columns, half-open, of one range of a rule.
_Span = tuple[int, int, int, int]


class ConditionalFormats:
    """The boolean rules of one sheet, ready to be asked for many cells."""

    def __init__(self, workbook: Workbook, sheet: Sheet, today: date) -> None:
        self._locale = workbook.locale
        reader = ConditionReader(workbook.locale, today)
        self._rules: list[tuple[list[_Span], Test, Json]] = []
        for rule in sheet.parts.get("conditionalFormats", ()):
            held = rule.get("booleanRule")
            if held and held.get("format"):
                spans = [_span(sheet, one) for one in rule["ranges"]]
                self._rules.append((spans, reader.test(held["condition"]), held["format"]))

    def over(self, base: Json, cell: Cell, row: int, column: int) -> Json:
        """The format with those of the rules that the cell meets; the first rule wins."""
        if not self._rules:
            return base
        result = base
        shown = cells.shown(cell, self._locale)
        for spans, test, rule_format in reversed(self._rules):
            inside = any(
                top <= row < bottom and left <= column < right for top, bottom, left, right in spans
            )
            if inside and test(cell.value, shown):
                result = merged(result, rule_format)
        return result


def _span(sheet: Sheet, held: Json) -> _Span:
    return (
        held.get("startRowIndex", 0),
        held.get("endRowIndex", sheet.row_count),
        held.get("startColumnIndex", 0),
        held.get("endColumnIndex", sheet.column_count),
    )
