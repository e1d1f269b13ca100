"""Reports as one web page that needs nothing else: tables, and charts as pictures within it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Final

from crm_sync.core.charts import Chart, ChartKind
from crm_sync.core.grid import Grid, Shown, Style
from crm_sync.exports.svg import Text, chart_svg, shade, shares_of
from crm_sync.reports.report import Report

_STYLE: Final = """
:root { color-scheme: light; }
body { font: 14px/1.45 Roboto, 'Segoe UI', Helvetica, Arial, sans-serif; color: #222;
  margin: 24px auto; max-width: 1500px; padding: 0 20px; background: #fff; }
h1 { font-size: 24px; margin: 8px 0 18px; } h2 { font-size: 17px; margin: 28px 0 8px; }
.wide { overflow-x: auto; } table { border-collapse: collapse; margin: 4px 0 10px; }
th { background: #eef2f7; text-align: left; font-weight: 600; position: sticky; top: 0; }
th, td { padding: 4px 10px; border-bottom: 1px solid #e3e8ee; vertical-align: top; }
td.n { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
td.d { white-space: nowrap; } tr.total td { font-weight: 600; background: #fafbfc; }
p.note { color: #666; font-style: italic; margin: 3px 0; }
figure { margin: 14px 0; } svg { max-width: 100%; height: auto; border: 1px solid #e3e8ee; }
@media print { th { position: static; } figure { break-inside: avoid; } }
"""


def html_page(title: str, reports: Mapping[str, Report], text: Text, language: str) -> str:
    """The page; `reports` by their title. `text` gives cells in the language of the page."""
    body = []
    for name, report in reports.items():
        body.append(f"<h1>{escape(name)}</h1>")
        body += _figures(report, text)
        body += _tables(report, text)
    return _page(title, body, language)


def charts_page(title: str, report: Report, text: Text, language: str) -> str:
    """A page of the report's charts alone."""
    return _page(title, [f"<h1>{escape(title)}</h1>", *_figures(report, text)], language)


def _page(title: str, body: Sequence[str], language: str) -> str:
    return (
        f'<!DOCTYPE html>\n<html lang="{escape(language)}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>\n"
        f"<body>\n{chr(10).join(body)}\n</body></html>\n"
    )


def _figures(report: Report, text: Text) -> Iterator[str]:
    for chart in report.charts:
        if chart.kind is not ChartKind.HEAT:
            yield f"<figure>{chart_svg(chart, report.grid, text)}</figure>"


def _tables(report: Report, text: Text) -> Iterator[str]:
    """Rows as they stand in the tab: titles and remarks as lines, tables below their headings."""
    colours = _heat(report.charts, report.grid)
    rows: list[str] = []
    for number, row in enumerate(report.grid.rows):
        filled = [each for each in row if each.value not in (None, "")]
        if any(each.style is Style.HEADER for each in row):
            if not _is_heading(row):
                rows.append(_row(number, row, text, colours))
                continue
            yield from _table(rows)
            cells = "".join(f"<th>{escape(text(each))}</th>" for each in row)
            rows = [f"<tr>{cells}</tr>"]
        elif not filled:
            yield from _table(rows)
            rows = []
        elif filled[0].style in (Style.TITLE, Style.NOTE) and len(filled) <= 3:
            yield from _table(rows)
            rows = []
            words = " · ".join(escape(text(each)) for each in filled)
            is_title = filled[0].style is Style.TITLE
            yield f"<h2>{words}</h2>" if is_title else f'<p class="note">{words}</p>'
        else:
            rows.append(_row(number, row, text, colours))
    yield from _table(rows)


def _is_heading(row: Sequence[Shown]) -> bool:
    """True for a row of headings; a row whose first cell alone is one is named by it."""
    return all(each.style is Style.HEADER or each.value is None for each in row)


def _table(rows: Sequence[str]) -> Iterator[str]:
    if rows:
        yield f'<div class="wide"><table>{"".join(rows)}</table></div>'


def _row(
    number: int, row: Sequence[Shown], text: Text, colours: Mapping[tuple[int, int], str]
) -> str:
    cells = []
    for column, shown in enumerate(row):
        numeric = isinstance(shown.value, int | float) and shown.style not in (
            Style.DATE,
            Style.DATETIME,
        )
        kind = "n" if numeric else "d" if shown.style in (Style.DATE, Style.DATETIME) else ""
        colour = colours.get((number, column))
        look = f' style="background:{colour}"' if colour else ""
        head = "th" if shown.style is Style.HEADER else "td"
        mark = f' class="{kind}"' if kind else ""
        cells.append(f"<{head}{mark}{look}>{escape(text(shown))}</{head}>")
    total = ' class="total"' if row and row[0].style is Style.TOTAL else ""
    return f"<tr{total}>{''.join(cells)}</tr>"


def _heat(charts: Sequence[Chart], grid: Grid) -> dict[tuple[int, int], str]:
    found = {}
    for chart in charts:
        if chart.kind is ChartKind.HEAT:
            places = list(chart.series[0].cells.cells())
            values = [_value(grid, *place) for place in places]
            for place, share in zip(places, shares_of(values), strict=True):
                if share is not None:
                    found[place] = shade(share * 0.7)
    return found


def _value(grid: Grid, row: int, column: int) -> float | None:
    if row >= len(grid.rows) or column >= len(grid.rows[row]):
        return None
    value = grid.rows[row][column].value
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
