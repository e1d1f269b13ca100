"""Cells as the Sheets API writes them: CellData, ExtendedValue, NumberFormat.

Formats: https://developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets/cells
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, Final, TypeAlias

from crm_sync.core.grid import Shown, Style
from crm_sync.core.values import Cell

Json: TypeAlias = dict[str, Any]

VALUE: Final = "userEnteredValue"
NUMBER_FORMAT: Final = "userEnteredFormat.numberFormat"

GREY: Final = {"red": 0.91, "green": 0.92, "blue": 0.93}
BLUE: Final = {"red": 0.81, "green": 0.89, "blue": 0.95}
WHITE: Final = {"red": 1, "green": 1, "blue": 1}

_SLIP: Final = {"red": 1, "green": 0.98, "blue": 0.87}
_FULL: Final = (0.42, 0.72, 0.55)
_BOLD: Final = {"textFormat": {"bold": True}}
# A heading or an advice that is cut off says nothing.
_WHOLE: Final = {"wrapStrategy": "WRAP", "verticalAlignment": "TOP"}
# Numbers stand where their row begins, however many lines its texts have.
_HIGH: Final = {"verticalAlignment": "TOP"}
# A type without a pattern is shown as the workbook's own locale writes it.
_STYLES: Final[Mapping[Style, Json]] = {
    Style.PLAIN: {},
    Style.TITLE: {"textFormat": {"bold": True, "fontSize": 14}},
    Style.HEADER: {**_BOLD, "backgroundColor": GREY, **_WHOLE},
    Style.TEXT: {"numberFormat": {"type": "TEXT", "pattern": "@"}, **_WHOLE},
    Style.INTEGER: {"numberFormat": {"type": "NUMBER", "pattern": "#,##0"}, **_HIGH},
    Style.MONEY: {"numberFormat": {"type": "NUMBER", "pattern": "#,##0.00"}, **_HIGH},
    Style.PERCENT: {"numberFormat": {"type": "PERCENT", "pattern": "0.0%"}, **_HIGH},
    Style.DATE: {"numberFormat": {"type": "DATE"}, **_HIGH},
    Style.DATETIME: {"numberFormat": {"type": "DATE_TIME"}, **_HIGH},
    Style.TOTAL: {**_BOLD, **_HIGH},
    Style.NOTE: {"textFormat": {"italic": True}},
    # Where staff are to type: the colour of an unwritten slip of paper.
    Style.ANSWER: {
        "numberFormat": {"type": "TEXT", "pattern": "@"},
        "backgroundColor": _SLIP,
        **_WHOLE,
    },
    Style.ANSWER_DATE: {
        "numberFormat": {"type": "DATE_TIME"},
        "backgroundColor": _SLIP,
        **_HIGH,
    },
    Style.TICK: {"backgroundColor": _SLIP, **_HIGH},
}

_LITERAL: Final = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)


def extended_value(cell: Cell, *, formula: bool = False) -> Json | None:
    """The ExtendedValue of a cell; None clears. Text is never looked at: "=1" stays text."""
    if cell is None or cell == "":
        return None
    if isinstance(cell, bool):
        return {"boolValue": cell}
    if isinstance(cell, str):
        return {"formulaValue" if formula else "stringValue": cell}
    return {"numberValue": cell}


def cell_data(cell: Cell, *, formula: bool = False) -> Json:
    """The CellData that sets or clears a cell's value."""
    value = extended_value(cell, formula=formula)
    return {} if value is None else {VALUE: value}


def shown_data(shown: Shown, moments: str = "") -> Json:
    """The CellData of a cell of a generated tab, with its format; `moments` is the pattern of days
    with a time, to the minute: the locale's own shows seconds that nobody has typed.
    """
    style = _STYLES[shown.style]
    if moments and shown.style in (Style.DATETIME, Style.ANSWER_DATE):
        style = {**style, "numberFormat": {"type": "DATE_TIME", "pattern": moments}}
    data = cell_data(shown.value)
    if shown.style is Style.PLAIN and shown.value is not None:
        style = _HIGH
    if shown.link:
        style = {**style, "textFormat": {"link": {"uri": shown.link}}}
    if shown.style is Style.TICK:
        data["dataValidation"] = {"condition": {"type": "BOOLEAN"}, "showCustomUi": True}
    if shown.choices:
        data["dataValidation"] = one_of(shown.choices)
    return {**data, "userEnteredFormat": style} if style else data


def shaded(data: Json, share: float | None) -> Json:
    """The CellData of a cell of a heat map: white for 0, the full colour for 1."""
    if share is None:
        return data
    parts = zip(("red", "green", "blue"), _FULL, strict=True)
    colour = {name: round(1 + (full - 1) * share, 3) for name, full in parts}
    look = {**data.get("userEnteredFormat", {}), "backgroundColor": colour}
    return {**data, "userEnteredFormat": look}


def one_of(choices: Iterable[str]) -> Json:
    """A drop-down that lets anything else be typed too: it is read, and told if it will not do."""
    values = [{"userEnteredValue": choice} for choice in choices]
    condition = {"type": "ONE_OF_LIST", "values": values}
    return {"condition": condition, "strict": False, "showCustomUi": True}


def number_format(pattern: str) -> Json:
    """The NumberFormat of a pattern: its type is told from the letters that it holds."""
    return {"type": _format_type(pattern), "pattern": pattern}


@cache
def _format_type(pattern: str) -> str:
    bare = _LITERAL.sub("", pattern).lower()
    if "@" in bare:
        return "TEXT"
    has_time = "h" in bare or "s" in bare
    has_date = "y" in bare or "d" in bare or ("m" in bare and not has_time)
    if has_date:
        return "DATE_TIME" if has_time else "DATE"
    if has_time:
        return "TIME"
    return "PERCENT" if "%" in bare else "NUMBER"
