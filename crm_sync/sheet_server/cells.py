"""What a typed text becomes and how a cell is shown: the door to entry, formatting, formula."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from crm_sync.sheet_server import formula
from crm_sync.sheet_server.entry import number_format_after, parse_entry
from crm_sync.sheet_server.formatting import ErrorValue, format_value, number_text
from crm_sync.sheet_server.grid import Cell, Marks, Value, as_number, make_cell
from crm_sync.sheet_server.workbook import Sheet, Workbook

_MOMENTS = frozenset({"DATE", "TIME", "DATE_TIME"})


def number_format(marks: Marks | None) -> dict[str, Any] | None:
    """The number format on a cell, or None."""
    if marks is None or marks.format is None:
        return None
    found: dict[str, Any] | None = marks.format.get("numberFormat")
    return found


def enter(cell: Cell | None, text: str, locale: str, today: date) -> Cell | None:
    """The cell after a person typed the text into it: value or formula, perhaps a new format."""
    marks = cell.marks.for_new_value() if cell is not None and cell.marks is not None else None
    note = cell.note if cell is not None else None
    present = number_format(marks)
    entry = parse_entry(text, locale, today, cell_format=present)
    wanted = number_format_after(present, entry.number_format)
    if wanted is not None and wanted is not present:
        old = marks or Marks()
        marks = Marks(
            {**(old.format or {}), "numberFormat": dict(wanted)}, old.validation, old.other
        )
    return make_cell(entry.value, entry.formula, marks, note)


def put_raw(cell: Cell | None, value: str | int | float | bool) -> Cell | None:
    """The cell after a program stored the value as it is; an empty text empties the cell."""
    stored: Value = None if value == "" else value
    if isinstance(value, (int, float)) and value.__class__ is not bool:
        stored = as_number(value)
    if cell is None:
        return None if stored is None else Cell(stored)
    return cell.written(stored)


def shown(cell: Cell, locale: str) -> str:
    """The text that the cell shows; empty when it has no value."""
    value = cell.value
    marks = cell.marks
    if value is None:
        return ""
    if isinstance(value, str) and (marks is None or marks.format is None):
        return value
    if isinstance(value, (str, bool, ErrorValue)):
        return format_value(value, number_format(marks), locale)
    found = formula.shown_number_format(cell)
    if found is None:
        return _automatic(value, locale)
    return number_text(found.get("type") or "", found.get("pattern") or "", locale)(value)


@lru_cache(maxsize=65536, typed=True)
def _automatic(value: float, locale: str) -> str:
    return format_value(value, None, locale)


# Whole numbers below it, without a format, are shown by their digits alone.
LARGEST_PLAIN = 10**15


class _NumberTexts(dict[float, str]):
    """The texts of numbers in one format, each made when it is first asked for."""

    def __init__(self, show: Callable[[float], str]) -> None:
        super().__init__()
        self._show = show

    def __missing__(self, value: float) -> str:
        text = self[value] = self._show(value)
        return text


class CellTexts:
    """The texts of many cells, as `shown` gives them one by one."""

    def __init__(self, locale: str) -> None:
        self._locale = locale
        self._by_marks: dict[Marks | None, Callable[[float], str]] = {}
        self._by_format: dict[tuple[str, str], Callable[[float], str]] = {}
        self._words = {flag: format_value(flag, None, locale) for flag in (False, True)}

    def line(self, cells: list[Cell | None]) -> list[str]:
        """The texts of a row's cells, empty for an empty one."""
        text_of = self._text
        # Texts and whole numbers without a format show themselves: kept out of a call.
        return [
            ""
            if cell is None
            else value
            if (value := cell.value).__class__ is str and cell.marks is None
            else str(value)
            if value.__class__ is int
            and cell.marks is None
            and cell.formula is None
            and -LARGEST_PLAIN < value < LARGEST_PLAIN
            else text_of(cell)
            for cell in cells
        ]

    def _text(self, cell: Cell) -> str:
        value = cell.value
        kind = value.__class__
        if (kind is float or kind is int) and cell.formula is None:
            marks = cell.marks
            show = self._by_marks.get(marks)
            if show is None:
                show = self._by_marks[marks] = self._number_text(number_format(marks) or {})
            return show(value)  # type: ignore[arg-type]
        if kind is bool:
            return self._words[value]  # type: ignore[index]
        return shown(cell, self._locale)

    def _number_text(self, wanted: dict[str, Any]) -> Callable[[float], str]:
        key = (wanted.get("type") or "", wanted.get("pattern") or "")
        show = self._by_format.get(key)
        if show is None:
            show = number_text(*key, self._locale)
            if key[0] in _MOMENTS:
                # A column has few dates, and each takes long to write out.
                show = _NumberTexts(show).__getitem__
            self._by_format[key] = show
        return show


def is_moment(cell: Cell) -> bool:
    """Whether the cell holds a number that its format shows as a date or a time."""
    if isinstance(cell.value, bool) or not isinstance(cell.value, (int, float)):
        return False
    found = formula.shown_number_format(cell)
    return found is not None and found.get("type") in _MOMENTS


def hyperlink(cell: Cell) -> str | None:
    """The link of a cell as a whole, from its formula or format; None when it has none."""
    calculated = formula.calculated_link(cell)
    if calculated is not None or cell.marks is None or cell.marks.format is None:
        return calculated
    link = cell.marks.format.get("textFormat", {}).get("link")
    return None if link is None else link.get("uri")


def shifted(text: str, rows: int, columns: int, locale: str) -> str:
    """The formula as it reads after it was copied so many rows down and columns right."""
    if not rows and not columns:
        return text
    return formula.shift(text, rows, columns, locale)


def adjust_formulas(workbook: Workbook, changes: Sequence[formula.Change]) -> None:
    """Rewrites the references of all formulas of a draft after changes of structure, in order."""
    if not workbook.has_formulas or not changes:
        return
    locale = workbook.locale
    for sheet in workbook.sheets:
        for index, column, cell in list(formula_cells(sheet)):
            text = cell.formula or ""
            for change in changes:
                text = formula.adjust(text, change, _title_before(change, sheet), locale)
            if text != cell.formula:
                sheet.put(index, column, cell.with_value(cell.value, text))


def _title_before(change: formula.Change, sheet: Sheet) -> str:
    is_renamed = isinstance(change, formula.Renamed) and sheet.title == change.title
    return change.sheet if is_renamed else sheet.title


def formula_cells(sheet: Sheet) -> Iterator[tuple[int, int, Cell]]:
    """Row, column and cell of each formula of a sheet, without the cells that one fills."""
    for index, row in enumerate(sheet.rows):
        if row is not None:
            for column, cell in enumerate(row.cells):
                if cell is not None and cell.formula:
                    yield index, column, cell


# Arial's advance widths in thousandths of an em, by character; others as a digit's.
_ADVANCES = {
    char: advance
    for chars, advance in (
        ("ijl'", 222),
        ("ftI.,;:!/\\[]| ", 278),
        ('r()-`"', 333),
        ("ckvsxyzJ", 500),
        ("FTZ", 611),
        ("ABEKPSVXY&", 667),
        ("CDHNRUw", 722),
        ("GOQ", 778),
        ("mM", 833),
        ("%", 889),
        ("W", 944),
        ("@", 1015),
        ("+=<>~", 584),
    )
    for char in chars
}
# Pixels of one em at 10 points, such that 1024 letters A make the 8691 pixels that Google says.
_EM = 12.7202


def fitting_width(workbook: Workbook, sheet: Sheet, column: int) -> int | None:
    """The width in pixels that shows the longest text of a column; None for an empty column."""
    longest = 0
    for row in sheet.rows:
        cell = row.cells[column] if row is not None and column < len(row.cells) else None
        if cell is not None and cell.value is not None:
            longest = max(longest, text_width(shown(cell, workbook.locale)))
    return longest + 3 if longest else None


def text_width(text: str) -> int:
    """The width of the widest line in the default font, in pixels."""
    return max(
        round(sum(_ADVANCES.get(char, 556) for char in line) * _EM / 1000)
        for line in text.split("\n")
    )
