"""Columns of the staff's own: kept in the store if the configuration asks for it, and in any case
when the engine takes a row out of the sheet, so that they come back with it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from crm_sync.core.grid import column_letter
from crm_sync.core.plan import TabPlan
from crm_sync.core.records import FOR_GOOD
from crm_sync.core.values import Cell, is_blank
from crm_sync.services.application import Application
from crm_sync.services.planning import Planned
from crm_sync.services.reading import TabReading


def keep_own_columns(app: Application, workbook: str, planned: Planned) -> None:
    """Stores the cells of own columns that changed since the last run. A row that is gone keeps
    what it had: it may come back. Call it within a transaction.
    """
    for table, reading in planned.readings.items():
        _keep(app, workbook, reading, _kept(reading, planned.places.get(table, {})), table)


def keep_of_leaving(app: Application, workbook: str, planned: Planned) -> None:
    """Stores the cells of own columns of the rows that this plan takes out of the sheet. Call it
    within the transaction that comes before the sheet is written.
    """
    for plan in planned.plan.tabs:
        if plan.deletes:
            reading = planned.readings[plan.table]
            places = _kept(reading, {item.record_id: item.row for item in plan.deletes})
            _keep(app, workbook, reading, places, plan.table)
            beside = {record_id: _beside(reading, row) for record_id, row in places.items()}
            app.store.bases.put_own(workbook, plan.table, beside)


def with_own_cells(app: Application, workbook: str, reading: TabReading, plan: TabPlan) -> TabPlan:
    """The plan with new rows that hold what their records' rows once held in own columns."""
    if not plan.inserts or not reading.columns.own:
        return plan
    known = app.store.bases.own(workbook, plan.table)
    names = _names(reading)
    inserts = []
    for insert in plan.inserts:
        cells = known.get(insert.record_id, {})
        own = {column: cells[name] for column, name in names.items() if name in cells}
        inserts.append(replace(insert, cells={**own, **insert.cells}))
    return replace(plan, inserts=tuple(inserts))


def _kept(reading: TabReading, places: Mapping[str, int]) -> dict[str, int]:
    """The rows of which something is kept: not of people who are to be forgotten."""
    return {
        record_id: row
        for record_id, row in places.items()
        if (base := reading.bases.get(record_id)) is None or base.version not in FOR_GOOD
    }


def _keep(
    app: Application, workbook: str, reading: TabReading, places: Mapping[str, int], table: str
) -> None:
    if not reading.columns.own or not places:
        return
    known = app.store.bases.own(workbook, table)
    changed = {}
    for record_id, row in places.items():
        cells = _own_cells(reading, row)
        before = known.get(record_id, {})
        news = {heading: cell for heading, cell in cells.items() if cell != before.get(heading)}
        if news:
            changed[record_id] = news
    app.store.bases.put_own(workbook, table, changed)


def _names(reading: TabReading) -> dict[int, str]:
    """What each own column is kept under: its heading, with a number from the second of that name
    on.
    """
    counted: Counter[str] = Counter()
    names = {}
    for column, heading in sorted(reading.columns.own.items()):
        counted[heading] += 1
        count = counted[heading]
        names[column] = heading if count == 1 else f"{heading} ({count})"
    return names


def _own_cells(reading: TabReading, row: int) -> dict[str, Cell]:
    found: dict[str, Cell] = {}
    for column, name in _names(reading).items():
        cell = reading.read.cell(row, column)
        found[name] = None if is_blank(cell) else cell
    return found


def _beside(reading: TabReading, row: int) -> dict[str, Cell]:
    """What stands in columns without a heading, under their letters."""
    cells = reading.read.rows[row] if row < len(reading.read.rows) else ()
    headed = {*reading.columns.columns.values(), *reading.columns.own}
    return {
        f"({column_letter(column)})": cell
        for column, cell in enumerate(cells)
        if column not in headed and not is_blank(cell)
    }
