"""Charts as requests of the API.

https://developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets/charts
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from crm_sync.core.charts import CellRange, Chart, ChartKind
from crm_sync.core.drawing import Drawing, Hung, Stroke
from crm_sync.workbooks.cells import Json

_SIZE: Final = {"widthPixels": 640, "heightPixels": 340}
_BASIC: Final = {
    ChartKind.LINE: "LINE",
    ChartKind.COLUMN: "COLUMN",
    ChartKind.STACKED: "COLUMN",
    ChartKind.BAR: "BAR",
}


def drawing_requests(drawings: Iterable[Drawing]) -> Iterator[Json]:
    """The requests in order, one for each drawing."""
    for each in drawings:
        hung = each.hung
        if hung is None or each.stroke is Stroke.DELETE:
            yield {"deleteEmbeddedObject": {"objectId": each.chart_id}}
        elif each.stroke is Stroke.ADD:
            chart = {"chartId": hung.chart_id, "spec": chart_spec(hung), "position": _place(hung)}
            yield {"addChart": {"chart": chart}}
        elif each.stroke is Stroke.UPDATE:
            yield {"updateChartSpec": {"chartId": hung.chart_id, "spec": chart_spec(hung)}}
        else:
            yield {
                "updateEmbeddedObjectPosition": {
                    "objectId": hung.chart_id,
                    "newPosition": {"overlayPosition": {"anchorCell": _anchor(hung)}},
                    "fields": "anchorCell",
                }
            }


def chart_spec(hung: Hung) -> Json:
    """The ChartSpec of a chart over cells of its tab."""
    chart = hung.chart
    spec: Json = {"title": chart.title, "titleTextFormat": {"fontSize": 12}}
    if chart.kind is ChartKind.PIE:
        spec["pieChart"] = {
            "legendPosition": "RIGHT_LEGEND",
            "domain": _data(hung, chart.categories),
            "series": _data(hung, chart.series[0].cells),
        }
        return spec
    spec["basicChart"] = _basic(hung, chart)
    return spec


def _basic(hung: Hung, chart: Chart) -> Json:
    is_bar = chart.kind is ChartKind.BAR
    values, labels = ("BOTTOM_AXIS", "LEFT_AXIS") if is_bar else ("LEFT_AXIS", "BOTTOM_AXIS")
    alone = len(chart.series) == 1
    basic: Json = {
        "chartType": _BASIC[chart.kind],
        "legendPosition": "NO_LEGEND" if alone else "TOP_LEGEND",
        "axis": [
            {"position": labels, "title": chart.x_title},
            {"position": values, "title": chart.y_title},
        ],
        "domains": [{"domain": _data(hung, chart.categories)}],
        "series": [
            {"series": _data(hung, each.cells), "targetAxis": values} for each in chart.series
        ],
        "headerCount": hung.headings,
    }
    if chart.kind is ChartKind.STACKED:
        basic["stackedType"] = "STACKED"
    return basic


def _data(hung: Hung, cells: CellRange) -> Json:
    """The cells as a source; those of a basic chart begin higher up, at their heading."""
    above = 0 if hung.chart.kind is ChartKind.PIE else hung.headings
    source = {
        "sheetId": hung.sheet_id,
        "startRowIndex": cells.first_row - above,
        "endRowIndex": cells.last_row + 1,
        "startColumnIndex": cells.first_column,
        "endColumnIndex": cells.last_column + 1,
    }
    return {"sourceRange": {"sources": [source]}}


def _place(hung: Hung) -> Json:
    return {"overlayPosition": {"anchorCell": _anchor(hung), **_SIZE}}


def _anchor(hung: Hung) -> Json:
    return {
        "sheetId": hung.sheet_id,
        "rowIndex": hung.chart.row,
        "columnIndex": hung.chart.column,
    }
