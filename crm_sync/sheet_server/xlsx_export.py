"""A workbook as an .xlsx file: values, formulas, formats, notes, widths, lists, merges, charts."""

import io
import json
import re
from collections.abc import Callable, Mapping
from itertools import groupby
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from crm_sync.sheet_server import formula
from crm_sync.sheet_server.formatting import ErrorValue, default_pattern
from crm_sync.sheet_server.formula.tokens import TokenKind
from crm_sync.sheet_server.grid import Area, Cell
from crm_sync.sheet_server.ranges import bounded
from crm_sync.sheet_server.workbook import DEFAULT_COLUMN_WIDTH, Json, Sheet, Workbook
from crm_sync.sheet_server.xlsx_charts import write_charts
from crm_sync.sheet_server.xlsx_heights import wrapped_heights
from crm_sync.sheet_server.xlsx_rules import is_checkbox, write_conditions, write_lists

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

_TITLE_LENGTH = 31
_FORBIDDEN = re.compile(r"[\[\]:*?/\\]")
_SEPARATORS = {TokenKind.ARGUMENT: ",", TokenKind.COLUMN: ",", TokenKind.ROW: ";"}
# Excel lacks these, or they would fetch something when the file is opened: their value is kept.
_GOOGLE_ONLY = re.compile(
    r"^(IMPORT\w*|GOOGLE\w*|QUERY|ARRAYFORMULA|SPLIT|JOIN|REGEX\w*|FLATTEN|SPARKLINE|IMAGE"
    r"|UNIQUE|FILTER|SORT|SORTN|ARRAY_CONSTRAIN|DETECTLANGUAGE|LAMBDA|MAP|REDUCE|SCAN|BYROW|BYCOL)$",
    re.IGNORECASE,
)
_BORDERS = {"SOLID": 1, "SOLID_MEDIUM": 2, "SOLID_THICK": 5, "DASHED": 3, "DOTTED": 4, "DOUBLE": 6}
# What a cell without a format looks like in Sheets.
_PLAIN_CELL = {"font_name": "Arial", "font_size": 10}
_BOX = '"☑";"☑";"☐"'
_LETTER, _A4 = 1, 9
_ON_LETTER = frozenset({"en_US", "en_CA", "es_MX", "fr_CA"})
_UPRIGHT = 900
"""Pixels of a sheet's columns that are still read on a page held upright."""

_VERTICAL = {"TOP": "top", "MIDDLE": "vcenter", "BOTTOM": "bottom"}


class DoesNotFit(Exception):
    """Excel cannot hold this cell or grid; nothing was cut to make it fit."""


def xlsx_file(workbook: Workbook) -> bytes:
    """The workbook as the bytes of an .xlsx file.

    Raises DoesNotFit for a text of more than 32,767 characters and for a grid beyond Excel's.
    """
    stream = io.BytesIO()
    options = {
        "in_memory": True,
        "use_future_functions": True,
        "strings_to_formulas": False,
        "default_format_properties": _PLAIN_CELL,
    }
    with xlsxwriter.Workbook(stream, options) as book:
        formats = _Formats(book.add_format, workbook.locale)
        titles: set[str] = set()
        pages = {
            sheet.title: (_title(sheet.title, titles), sheet.row_count) for sheet in workbook.sheets
        }
        places = {sheet.id: (pages[sheet.title][0], sheet) for sheet in workbook.sheets}
        for sheet in workbook.sheets:
            page = book.add_worksheet(pages[sheet.title][0])
            _SheetWriter(workbook, sheet, page, formats, pages).write()
            write_charts(page, sheet, book.add_chart, places)
    return stream.getvalue()


class _Formats:
    """Excel formats by the Sheets format that they show; each is made once."""

    def __init__(self, make: Callable[[Json], Format], locale: str) -> None:
        self._make = make
        self._locale = locale
        self._made: dict[str, Format] = {}

    def of(self, cell: Cell) -> Format | None:
        """The format of a cell, or None if it has none of its own."""
        own: Json = dict(cell.marks.format) if cell.marks and cell.marks.format else {}
        shown = formula.shown_number_format(cell)
        if shown is not None:
            own["numberFormat"] = shown
        if isinstance(cell.value, str) and "\n" in cell.value:
            # Sheets breaks lines wherever the text does, Excel only in cells that wrap.
            own.setdefault("wrapStrategy", "WRAP")
        if not own:
            return None
        return self.made(own)

    def ticked(self, cell: Cell) -> Format:
        """The format of a box to tick. Programs that know no such boxes show its pattern."""
        own: Json = dict(cell.marks.format) if cell.marks and cell.marks.format else {}
        own["numberFormat"] = {"type": "NUMBER", "pattern": _BOX}
        own.setdefault("horizontalAlignment", "CENTER")
        return self.made(own)

    def made(self, own: Json) -> Format:
        """The format that has these properties of a Sheets CellFormat."""
        key = json.dumps(own, sort_keys=True)
        if key not in self._made:
            self._made[key] = self._make(_excel_format(own, self._locale))
        return self._made[key]


class _SheetWriter:
    """Writes one sheet to one page."""

    def __init__(
        self,
        workbook: Workbook,
        sheet: Sheet,
        page: Worksheet,
        formats: _Formats,
        pages: Mapping[str, tuple[str, int]],
    ) -> None:
        self._workbook = workbook
        self._sheet = sheet
        self._page = page
        self._formats = formats
        self._pages = pages

    def write(self) -> None:
        """Cells first, then what lies around them."""
        for row, column, cell in self._sheet.cells(self._sheet.area):
            self._write_cell(row, column, cell)
        write_lists(self._page, self._sheet, self._pages)
        self._write_dimensions()
        self._write_conditions()
        self._write_merges()
        self._write_filter()
        grid = self._sheet.properties.get("gridProperties", {})
        frozen = (grid.get("frozenRowCount", 0), grid.get("frozenColumnCount", 0))
        if any(frozen):
            self._page.freeze_panes(*frozen)
        self._write_paper(frozen[0])
        if self._sheet.properties.get("hidden"):
            self._page.hide()

    def _write_cell(self, row: int, column: int, cell: Cell) -> None:
        style = self._formats.of(cell)
        if self._write_value(row, column, cell, style):
            raise DoesNotFit
        if cell.note and self._page.write_comment(row, column, cell.note):
            raise DoesNotFit

    def _write_value(self, row: int, column: int, cell: Cell, style: Format | None) -> int:
        """Writes what the cell holds; 0 if it fits, as XlsxWriter says it."""
        page, value = self._page, cell.value
        text = None if not cell.formula else excel_formula(cell.formula, self._workbook.locale)
        if text is not None:
            held = "" if value is None else value
            shown = held.text if isinstance(held, ErrorValue) else held
            return int(page.write_formula(row, column, text, style, shown))
        if value is None:
            return 0 if style is None else int(page.write_blank(row, column, None, style))
        if isinstance(value, bool):
            if is_checkbox(cell.marks.validation if cell.marks else None):
                box = self._formats.ticked(cell)
                return int(page.insert_checkbox(row, column, value, box))
            return int(page.write_boolean(row, column, value, style))
        if isinstance(value, (int, float)):
            return int(page.write_number(row, column, value, style))
        words = value.text if isinstance(value, ErrorValue) else value
        return int(page.write_string(row, column, words, style))

    def _write_dimensions(self) -> None:
        # Excel's own default is narrower: each column gets its width, equal neighbours at once.
        start = 0
        for column, equal in groupby(self._sheet.columns):
            end = start + len(list(equal))
            width = DEFAULT_COLUMN_WIDTH if column.size is None else column.size
            options = {"hidden": True} if column.hidden else {}
            self._page.set_column_pixels(start, end - 1, width, None, options)
            start = end
        heights = wrapped_heights(self._sheet)
        for index, row in enumerate(self._sheet.rows):
            size = heights.get(index) if row is None or row.size is None else row.size
            hidden = row is not None and row.hidden
            if size is not None or hidden:
                options = {"hidden": True} if hidden else {}
                self._page.set_row_pixels(index, size, None, options)

    def _write_conditions(self) -> None:
        locale = self._workbook.locale
        write_conditions(
            self._page,
            self._sheet,
            self._formats.made,
            _colour,
            lambda text: excel_formula(text, locale),
        )

    def _write_filter(self) -> None:
        held = self._sheet.parts.get("basicFilter")
        if held is not None:
            self._page.autofilter(*_corners(bounded(self._sheet, held["range"])))

    def _write_paper(self, frozen: int) -> None:
        """Printed, and made into a PDF, as Sheets does it: as wide as the paper."""
        self._page.set_paper(_LETTER if self._workbook.locale in _ON_LETTER else _A4)
        sizes = (column.size for column in self._sheet.columns if not column.hidden)
        if sum(DEFAULT_COLUMN_WIDTH if size is None else size for size in sizes) > _UPRIGHT:
            self._page.set_landscape()
        self._page.fit_to_pages(1, 0)
        if frozen:
            self._page.repeat_rows(0, frozen - 1)

    def _write_merges(self) -> None:
        for held in self._sheet.part("merges"):
            area = bounded(self._sheet, held)
            if area.height * area.width < 2:
                continue
            cell = self._sheet.cell(area.top, area.left)
            style = None if cell is None else self._formats.of(cell)
            self._page.merge_range(*_corners(area), "", style)
            if cell is not None:
                self._write_value(area.top, area.left, cell, style)


def _corners(area: Area) -> tuple[int, int, int, int]:
    """The first and the last cell, as XlsxWriter wants them."""
    return area.top, area.left, area.bottom - 1, area.right - 1


def excel_formula(text: str, locale: str) -> str | None:
    """A formula with Excel's separators; None if Excel cannot calculate it."""
    parsed = formula.parse(text, locale)
    if parsed.tree is None:
        return None
    written = []
    for token in parsed.tokens:
        name = token.text.rstrip("( ").strip()
        if token.kind is TokenKind.FUNCTION and _GOOGLE_ONLY.match(name):
            return None
        if token.kind is TokenKind.NUMBER:
            written.append(token.text.replace(",", "."))
        else:
            written.append(_SEPARATORS.get(token.kind, token.text))
    return "=" + "".join(written)


def excel_pattern(number_format: Json, locale: str) -> str:
    """A number format as Excel writes it; one without a pattern shows as in this locale."""
    kind = number_format.get("type", "")
    pattern = number_format.get("pattern") or default_pattern(kind, locale)
    if not pattern:
        return "@" if kind == "TEXT" else "General"
    return re.sub("am/pm", "AM/PM", pattern, flags=re.IGNORECASE)


def _excel_format(own: Json, locale: str) -> Json:
    """The properties that XlsxWriter wants, from a Sheets CellFormat."""
    given: Json = {}
    number = own.get("numberFormat")
    if number is not None:
        given["num_format"] = excel_pattern(number, locale)
    _add_text_format(given, own.get("textFormat", {}))
    background = _colour(own.get("backgroundColor"))
    if background is not None:
        given["bg_color"] = background
    if "horizontalAlignment" in own:
        given["align"] = own["horizontalAlignment"].lower()
    if "verticalAlignment" in own:
        given["valign"] = _VERTICAL.get(own["verticalAlignment"], "bottom")
    if own.get("wrapStrategy") == "WRAP":
        given["text_wrap"] = True
    for side, border in own.get("borders", {}).items():
        given[side] = _BORDERS.get(border.get("style", ""), 0)
    return given


def _add_text_format(given: Json, text: Json) -> None:
    for theirs, ours in (
        ("bold", "bold"),
        ("italic", "italic"),
        ("strikethrough", "font_strikeout"),
        ("underline", "underline"),
    ):
        if text.get(theirs):
            given[ours] = True
    if "fontSize" in text:
        given["font_size"] = text["fontSize"]
    if "fontFamily" in text:
        given["font_name"] = text["fontFamily"]
    colour = _colour(text.get("foregroundColor"))
    if colour is not None:
        given["font_color"] = colour


def _colour(colour: Any) -> str | None:
    if not isinstance(colour, dict):
        return None
    parts = (round(255 * float(colour.get(name, 0))) for name in ("red", "green", "blue"))
    return "#" + "".join(f"{part:02X}" for part in parts)


def _title(title: str, taken: set[str]) -> str:
    """A title that Excel takes: no longer than 31, without its forbidden signs, and unique."""
    base = _cut(_FORBIDDEN.sub("_", title).strip("'"), _TITLE_LENGTH) or "Sheet"
    chosen, number = base, 1
    while chosen.casefold() in taken:
        number += 1
        ending = f" ({number})"
        chosen = _cut(base, _TITLE_LENGTH - len(ending)) + ending
    taken.add(chosen.casefold())
    return chosen


def _cut(title: str, length: int) -> str:
    """The start of a title in so many units of UTF-16, as Excel counts; no quote at its end."""
    return title.encode("utf-16-le")[: 2 * length].decode("utf-16-le", "ignore").rstrip("'")
