"""Reports as an Excel workbook: a sheet each, with formats, widths and Excel's own charts."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO
from typing import Any, Final

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from crm_sync.core.charts import CellRange, Chart, ChartKind, placed
from crm_sync.core.grid import Shown, Style
from crm_sync.exports.svg import COLOURS
from crm_sync.reports.report import Report

_PIXELS_OF_COLUMN: Final = 7.0
_USUAL_WIDTH: Final = 64
_LETTER: Final = 8.2
_LONGEST_NAME: Final = 31
_FULL: Final = "#2E8B57"
_LOOKS: Final[Mapping[Style, Mapping[str, object]]] = {
    Style.TITLE: {"bold": True, "font_size": 13},
    Style.HEADER: {
        "bold": True,
        "text_wrap": True,
        "valign": "top",
        "indent": 1,
        "bg_color": "#EEF2F7",
        "bottom": 1,
    },
    Style.TEXT: {"num_format": "@", "valign": "top", "indent": 1, "text_wrap": True},
    Style.INTEGER: {"num_format": "#,##0"},
    Style.MONEY: {"num_format": "#,##0.00"},
    Style.PERCENT: {"num_format": "0.0%"},
    Style.TOTAL: {"bold": True, "indent": 1},
    Style.ANSWER: {"bg_color": "#FFFADE"},
    Style.ANSWER_DATE: {"bg_color": "#FFFADE"},
    Style.TICK: {"bg_color": "#FFFADE"},
    Style.NOTE: {"italic": True, "font_color": "#666666"},
}
_TYPES: Final = {
    ChartKind.LINE: {"type": "line"},
    ChartKind.COLUMN: {"type": "column"},
    ChartKind.STACKED: {"type": "column", "subtype": "stacked"},
    ChartKind.BAR: {"type": "bar"},
    ChartKind.PIE: {"type": "pie"},
}
_SIZE: Final = {"width": 640, "height": 340}


@dataclass(frozen=True)
class Patterns:
    """How dates are written: "dd.mm.yyyy"."""

    date: str = "yyyy-mm-dd"
    datetime: str = "yyyy-mm-dd hh:mm"


def xlsx_bytes(reports: Mapping[str, Report], patterns: Patterns, created: datetime) -> bytes:
    """The workbook; `reports` by the title of their sheet. The same reports give the same bytes."""
    out = BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False})
    book.set_properties({"created": created.replace(tzinfo=None)})
    formats = _Formats(book, patterns)
    for title, report in reports.items():
        _Sheet(book, book.add_worksheet(_sheet_name(title)), report, formats).write()
    book.close()
    return out.getvalue()


def _sheet_name(title: str) -> str:
    return "".join("-" if letter in "[]:*?/\\" else letter for letter in title)[:_LONGEST_NAME]


@dataclass(frozen=True)
class _Formats:
    book: Workbook
    patterns: Patterns
    made: dict[Style, Format] = field(default_factory=dict)

    def of(self, style: Style) -> Format:
        """The format of a style."""
        if style not in self.made:
            # Numbers stand where their row begins, however many lines its texts have.
            look = {"valign": "top", **_LOOKS.get(style, {})}
            if style in (Style.DATE, Style.DATETIME, Style.ANSWER_DATE):
                is_day = style is Style.DATE
                look["num_format"] = self.patterns.date if is_day else self.patterns.datetime
                look["align"] = "left"
            self.made[style] = self.book.add_format(look)
        return self.made[style]


@dataclass(frozen=True)
class _Sheet:
    book: Workbook
    sheet: Worksheet
    report: Report
    formats: _Formats

    def write(self) -> None:
        """Writes cells, widths and charts."""
        grid = self.report.grid
        for column, width in enumerate(grid.widths):
            self.sheet.set_column(column, column, width / _PIXELS_OF_COLUMN)
        for number, row in enumerate(grid.rows):
            lines = self._lines(row)
            if lines > 1:
                self.sheet.set_row_pixels(number, 20 * lines)
            for column, shown in enumerate(row):
                self._cell(number, column, shown)
        if grid.rows and grid.frozen and any(each.style is Style.HEADER for each in grid.rows[0]):
            self.sheet.freeze_panes(grid.frozen, 1)
        self.sheet.hide_gridlines(2)
        self.sheet.set_landscape()
        self.sheet.fit_to_pages(1, 0)
        for chart in placed(self.report.charts):
            if chart.kind is ChartKind.HEAT:
                self._heat(chart)
            else:
                self._chart(chart)

    def _lines(self, row: Sequence[Shown]) -> int:
        """How many lines headings and texts need: Excel itself fits heights only on screen."""
        widths = (*self.report.grid.widths, *(_USUAL_WIDTH,) * len(row))
        return max(
            (
                math.ceil(len(str(shown.value)) * _LETTER / width)
                for shown, width in zip(row, widths, strict=False)
                if shown.style in (Style.HEADER, Style.TEXT) and shown.value
            ),
            default=1,
        )

    def _cell(self, row: int, column: int, shown: Shown) -> None:
        value, look = shown.value, self.formats.of(shown.style)
        if value is None or value == "":
            if shown.style is Style.HEADER:
                self.sheet.write_blank(row, column, None, look)
        elif isinstance(value, bool):
            self.sheet.write_boolean(row, column, value, look)
        elif isinstance(value, str):
            self.sheet.write_string(row, column, value, look)
        else:
            self.sheet.write_number(row, column, value, look)

    def _chart(self, chart: Chart) -> None:
        made: Any = self.book.add_chart(dict(_TYPES[chart.kind]))
        for number, series in enumerate(chart.series):
            colour = COLOURS[number % len(COLOURS)]
            about: dict[str, object] = {
                "name": series.name,
                "categories": self._range(chart.categories),
                "values": self._range(series.cells),
            }
            if chart.kind is ChartKind.PIE:
                labels = chart.categories.last_row - chart.categories.first_row + 1
                points = [{"fill": {"color": COLOURS[n % len(COLOURS)]}} for n in range(labels)]
                about |= {"points": points, "data_labels": {"percentage": True}}
            elif chart.kind is ChartKind.LINE:
                about["line"] = {"color": colour, "width": 2.25}
                about["marker"] = {"type": "circle", "size": 4, "fill": {"color": colour}}
            else:
                about |= {"fill": {"color": colour}, "gap": 60}
            made.add_series(about)
        look = self._axis(chart)
        made.set_title({"name": chart.title, "name_font": {"size": 12}})
        made.set_legend({"position": "right" if chart.kind is ChartKind.PIE else "top"})
        if len(chart.series) == 1 and chart.kind is not ChartKind.PIE:
            made.set_legend({"none": True})
        if chart.kind is ChartKind.BAR:
            # Excel draws the first bar at the bottom.
            made.set_y_axis({"reverse": True, "name": chart.x_title or None})
            made.set_x_axis({"name": chart.y_title or None, "label_position": "low", **look})
        elif chart.kind is not ChartKind.PIE:
            made.set_x_axis({"name": chart.x_title or None, "label_position": "low"})
            made.set_y_axis({"name": chart.y_title or None, **look})
        made.set_size(_SIZE)
        made.show_blanks_as("gap")
        self.sheet.insert_chart(chart.row, chart.column, made, {"object_position": 3})

    def _axis(self, chart: Chart) -> dict[str, object]:
        """The format of an axis that has shares on it."""
        rows = self.report.grid.rows
        styles = {
            rows[row][column].style
            for series in chart.series
            for row, column in series.cells.cells()
            if row < len(rows) and column < len(rows[row]) and rows[row][column].value is not None
        }
        return {"num_format": "0%"} if styles == {Style.PERCENT} else {}

    def _heat(self, chart: Chart) -> None:
        for series in chart.series:
            own = series.cells
            rectangle = own.first_row, own.first_column, own.last_row, own.last_column
            scale = {"type": "2_color_scale", "min_color": "#FFFFFF", "max_color": _FULL}
            self.sheet.conditional_format(*rectangle, scale)

    def _range(self, own: CellRange) -> list[object]:
        return [
            self.sheet.get_name(),
            own.first_row,
            own.first_column,
            own.last_row,
            own.last_column,
        ]
