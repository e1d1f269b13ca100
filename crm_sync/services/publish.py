"""The generated tabs: Follow-ups, Comparison, Problems, Conflicts, each rewritten only if it
differs.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Set
from dataclasses import replace
from itertools import zip_longest

from crm_sync.core.batch import GeneratedTab
from crm_sync.core.charts import ROWS, Chart, placed
from crm_sync.core.codecs.cleaning import LONGEST_CELL, fitting
from crm_sync.core.drawing import shades
from crm_sync.core.grid import Grid, TabRead
from crm_sync.core.prints import at, foreseen
from crm_sync.core.values import Cell, same_cell
from crm_sync.reports.answers import TAB as FOLLOWUPS
from crm_sync.reports.conflicts import conflicts_grid
from crm_sync.reports.followups_grid import ListView, fillable_list
from crm_sync.reports.names import REPORTS, tab_of
from crm_sync.reports.problems import problems_grid
from crm_sync.reports.report import Report
from crm_sync.services.answers import Answered
from crm_sync.services.application import Application
from crm_sync.services.decisions import Decided
from crm_sync.services.marking import reader_of
from crm_sync.services.planning import Planned
from crm_sync.services.reading import Reading
from crm_sync.services.reporting import Wish, desk_over
from crm_sync.services.setup import GENERATED_COLUMNS, GENERATED_ROWS
from crm_sync.services.world import World

MOST_CLIENTS = 2000
"""A tab lists no more clients by name: it would be too long to read, and to write each day."""


def workbook_reports(
    app: Application, world: World, answered: Answered, standing: Set[str]
) -> dict[str, Report]:
    """The reports that the workbook has, with what staff typed into them and is not taken over; of
    the `standing` ones, by tab, there are none.
    """
    wanted = [
        name for name in REPORTS if tab_of(name) in app.titles and tab_of(name) not in standing
    ]
    if not wanted:
        return {}
    asked = answered.asked
    desk = replace(desk_over(app, world, Wish(question=asked.question), asked), most=MOST_CLIENTS)
    found: dict[str, Report] = {}
    for name in wanted:
        if name == FOLLOWUPS:
            view = ListView(
                world.show,
                app.currency,
                kept=answered.kept,
                outcomes=_outcomes(app),
                most=MOST_CLIENTS,
            )
            found[name] = fillable_list(desk.found.followups, app.say, view)
        else:
            found[tab_of(name)] = desk.report(name)
    return found


def _outcomes(app: Application) -> tuple[str, ...]:
    column = app.column("contacts", "outcome")
    return tuple(column.labels.get(key, key) for key in column.field.choices)


def report_grids(app: Application, world: World) -> dict[str, Grid]:
    """The reports that the records alone make, those that the workbook has."""
    desk = desk_over(app, world, Wish())
    return {tab_of(name): desk.report(name).grid for name in REPORTS if tab_of(name) in app.titles}


def finding_grids(
    app: Application, workbook: str, planned: Planned, decided: Decided
) -> dict[str, Grid]:
    """Problems and Conflicts as the store lists them now, with the cells as they will stand."""
    reader = reader_of(app, planned)
    plans = {plan.table: plan for plan in planned.plan.tabs}
    places = {
        (table, record_id): (plans[table].row_afterwards(row), found.columns.columns)
        for table, rows in planned.places.items()
        for found in (planned.readings[table],)
        for record_id, row in rows.items()
    }
    findings = app.store.findings
    return {
        "problems": problems_grid(
            findings.problems(workbook), reader, decided.problems, planned.plan.stops
        ),
        "conflicts": conflicts_grid(
            findings.conflicts(workbook), reader, places, decided.conflicts
        ),
    }


def generated_tabs(
    app: Application,
    reading: Reading,
    grids: Mapping[str, Grid],
    charts: Mapping[str, tuple[Chart, ...]],
) -> tuple[GeneratedTab, ...]:
    """The tabs of these grids whose content differs from what stands in the workbook."""
    found = []
    grids = {name: _fitting(grid) for name, grid in grids.items()}
    moments = app.column("contacts", "contact_at").pattern or ""
    for name in app.generated:
        if name not in grids:
            continue
        sheet_id = reading.attached.sheets[name]
        read = reading.reads.get(name)
        own = placed(charts.get(name, ()))
        reach = (
            max((chart.row + ROWS for chart in own), default=0),
            max((chart.column + 1 for chart in own), default=0),
        )
        colours = shades(own, grids[name])
        if read is None:
            size = GENERATED_ROWS, GENERATED_COLUMNS
            new = GeneratedTab(sheet_id, grids[name], *size, shades=colours, reach=reach)
            found.append(replace(new, moments=moments))
        elif not _same(grids[name], read):
            found.append(
                GeneratedTab(
                    sheet_id,
                    grids[name],
                    read.row_count,
                    read.column_count,
                    len(read.rows),
                    max((len(row) for row in read.rows), default=0),
                    colours,
                    reach,
                    moments,
                )
            )
    return tuple(found)


def _fitting(grid: Grid) -> Grid:
    """The grid without texts that no cell may hold: one of them, and the whole write is refused."""
    rows = tuple(
        tuple(
            replace(cell, value=fitting(cell.value)) if isinstance(cell.value, str) else cell
            for cell in row
        )
        if any(isinstance(cell.value, str) and 2 * len(cell.value) > LONGEST_CELL for cell in row)
        else row
        for row in grid.rows
    )
    return replace(grid, rows=rows)


def _same(grid: Grid, read: TabRead) -> bool:
    """True if the tab shows the grid, and nothing beside it. A problem that lasts while a tab waits
    for a decision is seen in each run: that alone writes nothing.
    """
    if read.formulas:
        return False
    height = max(len(grid.rows), len(read.rows))
    return all(_same_row(grid, read, number) for number in range(height))


def _same_row(grid: Grid, read: TabRead, number: int) -> bool:
    row = grid.rows[number] if number < len(grid.rows) else ()
    shown = [cell.value for cell in row]
    if foreseen(shown) == at(read.prints, number):
        return True
    found = read.rows[number] if number < len(read.rows) else ()
    return all(
        (column in grid.passing and _is_number(wanted) and _is_number(cell)) or _alike(wanted, cell)
        for column, (wanted, cell) in enumerate(zip_longest(shown, found))
    )


def _is_number(cell: Cell) -> bool:
    return isinstance(cell, (int, float)) and not isinstance(cell, bool)


def _alike(wanted: Cell, found: Cell) -> bool:
    if wanted is None and found is False:
        # A box that nobody has ticked, or that somebody ticked and cleared again.
        return True
    if isinstance(wanted, float) and isinstance(found, (int, float)):
        return math.isclose(wanted, found, rel_tol=1e-12)
    return same_cell(wanted, found)
