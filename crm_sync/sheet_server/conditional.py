"""Conditional formats laid over the format of a cell. Gradients and custom formulas are not."""

from __future__ import annotations

from datetime import date

from crm_sync.sheet_server import cells
from crm_sync.sheet_server.conditions import ConditionReader, Test
from crm_sync.sheet_server.formats import merged
from crm_sync.sheet_server.grid import Area, Cell
from crm_sync.sheet_server.ranges import bounded
from crm_sync.sheet_server.workbook import Json, Sheet, Workbook


class ConditionalFormats:
    """The boolean rules of one sheet, ready to be asked for many cells."""

    def __init__(self, workbook: Workbook, sheet: Sheet, today: date) -> None:
        self._locale = workbook.locale
        reader = ConditionReader(workbook.locale, today)
        self._rules: list[tuple[list[Area], Test, Json]] = []
        for rule in sheet.parts.get("conditionalFormats", ()):
            held = rule.get("booleanRule")
            if held and held.get("format"):
                spans = [bounded(sheet, one) for one in rule["ranges"]]
                self._rules.append((spans, reader.test(held["condition"]), held["format"]))

    def over(self, base: Json, cell: Cell, row: int, column: int) -> Json:
        """The format with those of the rules that the cell meets; the first rule wins."""
        if not self._rules:
            return base
        result = base
        shown = cells.shown(cell, self._locale)
        for spans, test, rule_format in reversed(self._rules):
            if any(span.holds(row, column) for span in spans) and test(cell.value, shown):
                result = merged(result, rule_format)
        return result
