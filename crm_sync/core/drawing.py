"""Charts on the tabs of a workbook: what has to be drawn, drawn anew, moved or taken away.

A chart is known by an id that follows from its tab and title, so that a write that is done twice
draws nothing twice. One that staff moved or restyled is left where it stands until the report
itself puts it elsewhere; one that they deleted stays away.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from enum import Enum

from crm_sync.core.charts import Chart, ChartKind, chart_data, placed
from crm_sync.core.grid import Grid, Style

_IDS = 1 << 30
_MOST_HEADINGS = 2


class Stroke(Enum):
    """What is done to a chart."""

    ADD = "add"
    UPDATE = "update"
    MOVE = "move"
    DELETE = "delete"


@dataclass(frozen=True)
class Hung:
    """A chart in its tab. `headings` rows above its cells name the series, the first of them the
    heading: 1 as a rule, more where a total stands between, 0 without a heading.
    """

    chart_id: int
    sheet_id: int
    chart: Chart
    headings: int = 0

    @property
    def looks(self) -> str:
        """What it shows, as one text: it is drawn anew when this changes."""
        chart = self.chart
        ranges = [(each.name, each.cells) for each in chart.series]
        shown = (chart.kind, chart.title, chart.categories, ranges, self.headings)
        return repr((self.sheet_id, *shown))

    @property
    def place(self) -> str:
        """Where the report puts it."""
        return f"{self.chart.row},{self.chart.column}"


@dataclass(frozen=True)
class Drawing:
    """One thing to be done; a chart that is deleted needs no more than its id."""

    stroke: Stroke
    chart_id: int
    hung: Hung | None = None


def sheet_in(looks: str) -> int:
    """The sheet whose chart has these `looks`."""
    return int(looks[1 : looks.index(",")])


def hang(tab: str, sheet_id: int, charts: Iterable[Chart], grid: Grid) -> tuple[Hung, ...]:
    """The charts of a tab with their ids, none upon another; heat maps are colours of cells, and no
    charts.
    """
    found: dict[int, Hung] = {}
    for chart in placed(charts):
        if chart.kind is ChartKind.HEAT:
            continue
        number = zlib.crc32(f"{tab}|{chart.kind}|{chart.title}".encode()) % _IDS + 1
        while number in found:
            number = number % _IDS + 1
        found[number] = Hung(number, sheet_id, chart, _headings(chart, grid))
    return tuple(found.values())


def shades(charts: Iterable[Chart], grid: Grid) -> dict[tuple[int, int], float]:
    """How full the colour of each cell of the heat maps is: 0 for the least, 1 for the most."""
    found = {}
    for chart in charts:
        if chart.kind is not ChartKind.HEAT:
            continue
        places = list(chart.series[0].cells.cells())
        (_, values), *_ = chart_data(chart, grid).values
        known = [value for value in values if value is not None]
        low, high = min(known, default=0), max(known, default=0)
        for place, value in zip(places, values, strict=True):
            if value is not None and high > low:
                found[place] = (value - low) / (high - low)
    return found


def _headings(chart: Chart, grid: Grid) -> int:
    cells = chart.series[0].cells
    for above in range(1, _MOST_HEADINGS + 1):
        row = cells.first_row - above
        if row < 0 or len(grid.rows[row]) <= cells.first_column:
            break
        if grid.rows[row][cells.first_column].style is Style.HEADER:
            return above
    return 0


def differing(wanted: Iterable[Hung], known: Mapping[int, tuple[str, str]]) -> bool:
    """True if anything has to be looked into. `known` are looks and place by id, as last drawn."""
    return {each.chart_id: (each.looks, each.place) for each in wanted} != dict(known)


def drawings(
    wanted: Iterable[Hung], known: Mapping[int, tuple[str, str]], there: Set[int]
) -> tuple[Drawing, ...]:
    """What makes the charts that are `there` (their ids) into those that are wanted."""
    found: list[Drawing] = []
    ids = set()
    for each in wanted:
        number = each.chart_id
        ids.add(number)
        before = known.get(number)
        if number not in there:
            # Known and not there: somebody has deleted it.
            if before is None:
                found.append(Drawing(Stroke.ADD, number, each))
            continue
        if before is None or before[0] != each.looks:
            found.append(Drawing(Stroke.UPDATE, number, each))
        if before is not None and before[1] != each.place:
            found.append(Drawing(Stroke.MOVE, number, each))
    gone = (number for number in sorted(known.keys() - ids) if number in there)
    return (*found, *(Drawing(Stroke.DELETE, number) for number in gone))
