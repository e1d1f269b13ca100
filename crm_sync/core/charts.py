"""Charts as specifications: what is drawn from which cells of a report's own grid. How, is the
business of whoever draws them (a spreadsheet, a picture, a page).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from crm_sync.core.grid import Grid
from crm_sync.core.values import Cell


class ChartKind(StrEnum):
    """How it is drawn. `HEAT` colours the cells themselves, from white (least) to full (most)."""

    LINE = "line"
    COLUMN = "column"
    STACKED = "stacked"
    BAR = "bar"
    PIE = "pie"
    HEAT = "heat"


@dataclass(frozen=True)
class CellRange:
    """A rectangle of cells, zero-based, its last row and column included."""

    first_row: int
    first_column: int
    last_row: int
    last_column: int

    def cells(self) -> Iterator[tuple[int, int]]:
        """Its places, row by row."""
        for row in range(self.first_row, self.last_row + 1):
            for column in range(self.first_column, self.last_column + 1):
                yield row, column


def column_range(first_row: int, last_row: int, column: int) -> CellRange:
    """The cells of one column."""
    return CellRange(first_row, column, last_row, column)


@dataclass(frozen=True)
class Series:
    """One line, one colour of columns or the values of a pie; `cells` are as many as the chart
    has categories (of a heat map: the whole rectangle).
    """

    name: str
    cells: CellRange


@dataclass(frozen=True)
class Chart:
    """A chart. `categories` are the cells with the labels below the axis; `row` and `column` where
    its upper left corner stands in the grid.
    """

    kind: ChartKind
    title: str
    categories: CellRange
    series: tuple[Series, ...]
    row: int
    column: int
    x_title: str = ""
    y_title: str = ""


ROWS = 18
"""How many rows of a sheet a chart covers."""


def placed(charts: Iterable[Chart]) -> tuple[Chart, ...]:
    """The charts moved down so that none lies upon another: each column of charts is one pile."""
    free: dict[int, int] = {}
    found = []
    for chart in charts:
        if chart.kind is ChartKind.HEAT:
            found.append(chart)
            continue
        row = max(chart.row, free.get(chart.column, 0))
        free[chart.column] = row + ROWS
        found.append(replace(chart, row=row))
    return tuple(found)


@dataclass(frozen=True)
class ChartData:
    """A chart's labels and, for each series, its name and values; None is a gap."""

    labels: tuple[Cell, ...]
    values: tuple[tuple[str, tuple[float | int | None, ...]], ...]


def chart_data(chart: Chart, grid: Grid) -> ChartData:
    """What a chart shows, read off the grid that it belongs to."""
    values = tuple(
        (series.name, tuple(_number(_cell(grid, *place)) for place in series.cells.cells()))
        for series in chart.series
    )
    return ChartData(tuple(_cell(grid, *place) for place in chart.categories.cells()), values)


def _cell(grid: Grid, row: int, column: int) -> Cell:
    if row < len(grid.rows) and column < len(grid.rows[row]):
        return grid.rows[row][column].value
    return None


def _number(cell: Cell) -> float | int | None:
    return cell if isinstance(cell, int | float) and not isinstance(cell, bool) else None
