"""Charts of a sheet in an .xlsx file, as XlsxWriter draws them.

https://developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets/charts
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Final

from xlsxwriter.chart import Chart
from xlsxwriter.worksheet import Worksheet

from crm_sync.sheet_server.grid import Area
from crm_sync.sheet_server.ranges import bounded
from crm_sync.sheet_server.workbook import Json, Sheet

MakeChart = Callable[[Json], Chart | None]
Places = Mapping[int, tuple[str, Sheet]]
"""The title of the page that shows a sheet, and the sheet, by its id."""

_TYPES: Final = {
    "LINE": "line",
    "COLUMN": "column",
    "BAR": "bar",
    "AREA": "area",
    "STEPPED_AREA": "area",
    "SCATTER": "scatter",
}
_STACKED: Final = {"STACKED": "stacked", "PERCENT_STACKED": "percent_stacked"}
_LEGENDS: Final = {
    "TOP_LEGEND": "top",
    "LEFT_LEGEND": "left",
    "RIGHT_LEGEND": "right",
    "BOTTOM_LEGEND": "bottom",
}


def write_charts(page: Worksheet, sheet: Sheet, make: MakeChart, places: Places) -> None:
    """The charts of the sheet where they lie; a kind that Excel does not have is left out."""
    for held in sheet.part("charts"):
        spec = held.get("spec", {})
        drawn = (
            _pie(spec["pieChart"], make, places)
            if "pieChart" in spec
            else _basic(spec.get("basicChart", {}), make, places)
        )
        if drawn is None:
            continue
        drawn.set_title({"name": spec["title"]} if spec.get("title") else {"none": True})
        overlay = held.get("position", {}).get("overlayPosition", {})
        drawn.set_size(
            {"width": overlay.get("widthPixels", 600), "height": overlay.get("heightPixels", 371)}
        )
        anchor = overlay.get("anchorCell", {})
        offset = {
            "x_offset": overlay.get("offsetXPixels", 0),
            "y_offset": overlay.get("offsetYPixels", 0),
        }
        page.insert_chart(anchor.get("rowIndex", 0), anchor.get("columnIndex", 0), drawn, offset)


def _basic(spec: Json, make: MakeChart, places: Places) -> Chart | None:
    kind = spec.get("chartType", "")
    options: Json = {"type": _TYPES.get(kind, "")}
    if spec.get("stackedType") in _STACKED and kind != "SCATTER":
        options["subtype"] = _STACKED[spec["stackedType"]]
    headings = spec.get("headerCount", 0)
    domain: Json = next((each.get("domain", {}) for each in spec.get("domains", [])), {})
    categories = next(_sources(domain, places), None)
    values = (
        source
        for each in spec.get("series", [])
        for source in _sources(each.get("series", {}), places)
    )
    chart = _drawn(make, options, [_series(*each, categories, headings) for each in values])
    if chart is not None:
        _set_axes(chart, kind, spec)
        _set_legend(chart, spec)
    return chart


def _drawn(make: MakeChart, options: Json, series: Iterable[Json]) -> Chart | None:
    """The chart; None for one of which Excel knows no such kind, or that has nothing to show."""
    series = [each for each in series if each]
    chart = make(options) if options["type"] and series else None
    if chart is not None:
        for each in series:
            chart.add_series(each)
    return chart


def _set_axes(chart: Chart, kind: str, spec: Json) -> None:
    titles = {each.get("position"): each.get("title") for each in spec.get("axis", [])}
    bottom: Json = {"name": titles.get("BOTTOM_AXIS") or None}
    left: Json = {"name": titles.get("LEFT_AXIS") or None}
    # Categories keep to the edge where values are below zero; the first bar is on top.
    (left if kind == "BAR" else bottom)["label_position"] = "low"
    if kind == "BAR":
        left["reverse"] = True
        bottom["label_position"] = "high"
    chart.set_x_axis(bottom)
    chart.set_y_axis(left)


def _pie(spec: Json, make: MakeChart, places: Places) -> Chart | None:
    categories = next(_sources(spec.get("domain", {}), places), None)
    values = _sources(spec.get("series", {}), places)
    options = {"type": "doughnut" if spec.get("pieHole") else "pie"}
    chart = _drawn(make, options, [_series(*each, categories, 0) for each in islice(values, 1)])
    if chart is not None:
        _set_legend(chart, spec)
    return chart


def _sources(data: Json, places: Places) -> Iterator[tuple[str, Area]]:
    """The page and the cells of each range of a ChartData, none of a sheet that is gone."""
    for held in data.get("sourceRange", {}).get("sources", []):
        if (place := places.get(held.get("sheetId", 0))) is not None:
            title, sheet = place
            yield title, bounded(sheet, held)


def _series(page: str, area: Area, categories: tuple[str, Area] | None, headings: int) -> Json:
    """One series, its name in the first of the headings above its values; {} if it has none."""
    if area.height <= headings or not area.width:
        return {}
    series: Json = {"values": _cells(page, area, headings)}
    if categories is not None and categories[1].height > headings and categories[1].width:
        series["categories"] = _cells(*categories, headings)
    if headings:
        series["name"] = [page, area.top, area.left]
    return series


def _cells(page: str, area: Area, headings: int) -> list[str | int]:
    return [page, area.top + headings, area.left, area.bottom - 1, area.right - 1]


def _set_legend(chart: Chart, spec: Json) -> None:
    place = _LEGENDS.get(spec.get("legendPosition", ""))
    chart.set_legend({"position": place} if place else {"none": True})
