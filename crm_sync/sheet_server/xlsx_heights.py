"""How high rows of an .xlsx file must be to show texts that are broken over several lines. Sheets
finds that out by itself; a file has to say it.
"""

from typing import Final

from xlsxwriter.utility import cell_autofit_width

from crm_sync.sheet_server.grid import Cell
from crm_sync.sheet_server.ranges import bounded
from crm_sync.sheet_server.workbook import DEFAULT_COLUMN_WIDTH, Sheet

_LINE: Final = 17
"""Pixels of a line of the usual size, ten points."""

_USUAL_SIZE: Final = 10
_MARGIN: Final = 4
_HIGHEST: Final = 545
"""Pixels of the highest row that Excel has."""

_PADDING: Final = 7
"""What the measure of a text adds to it."""

_BOLD: Final = 1.08


def wrapped_heights(sheet: Sheet) -> dict[int, int]:
    """The heights, in pixels, of the rows that need more than one line."""
    lines: dict[int, float] = {}
    merged = {
        (area.top, area.left)
        for held in sheet.part("merges")
        for area in (bounded(sheet, held),)
        if area.width * area.height > 1
    }
    for row, column, cell in sheet.cells(sheet.area):
        if isinstance(cell.value, str) and (row, column) not in merged:
            size = sheet.columns[column].size if column < len(sheet.columns) else None
            needed = _needed(cell, DEFAULT_COLUMN_WIDTH if size is None else size)
            lines[row] = max(lines.get(row, 0), needed)
    return {
        row: min(round(needed * _LINE) + _MARGIN, _HIGHEST)
        for row, needed in lines.items()
        if needed > 1
    }


def _needed(cell: Cell, width: int) -> float:
    """How many lines of the usual height a text takes in a column of this width."""
    text = str(cell.value)
    own = (cell.marks.format if cell.marks else None) or {}
    if own.get("wrapStrategy") != "WRAP" and "\n" not in text:
        return 1
    style = own.get("textFormat", {})
    grown = float(style.get("fontSize", _USUAL_SIZE)) / _USUAL_SIZE
    scale = grown * (_BOLD if style.get("bold") else 1)
    return grown * sum(_lines(line, width, scale) for line in text.split("\n"))


def _lines(text: str, width: int, scale: float) -> int:
    """Lines of one paragraph, words kept whole where they fit."""
    room = max(width - _MARGIN, 1)
    count, used = 1, 0.0
    for word in text.split(" "):
        length = _length(word, scale)
        blank = _length(" ", scale) if used else 0.0
        if used and used + blank + length > room:
            count, used, blank = count + 1, 0.0, 0.0
        if length > room:
            broken = int(length // room)
            count, used = count + broken, length - broken * room
        else:
            used += blank + length
    return count


def _length(text: str, scale: float) -> float:
    return (cell_autofit_width(text) - _PADDING) * scale if text else 0.0
