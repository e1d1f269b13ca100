"""Keeps what stands in the staff's own columns in the store, if the configuration asks for it."""

from __future__ import annotations

from crm_sync.core.values import Cell, is_blank
from crm_sync.services.application import Application
from crm_sync.services.planning import Planned
from crm_sync.services.reading import TabReading


def keep_own_columns(app: Application, workbook: str, planned: Planned) -> None:
    """Stores the cells of own columns that changed since the last run. A row that is gone keeps
    what it had: it may come back. Call it within a transaction.
    """
    for table, reading in planned.readings.items():
        if not reading.columns.own:
            continue
        known = app.store.bases.own(workbook, table)
        changed = {}
        for record_id, row in planned.places.get(table, {}).items():
            cells = _own_cells(reading, row)
            before = known.get(record_id, {})
            news = {heading: cell for heading, cell in cells.items() if cell != before.get(heading)}
            if news:
                changed[record_id] = news
        app.store.bases.put_own(workbook, table, changed)


def _own_cells(reading: TabReading, row: int) -> dict[str, Cell]:
    found: dict[str, Cell] = {}
    for column, heading in reading.columns.own.items():
        cell = reading.read.cell(row, column)
        found[heading] = None if is_blank(cell) else cell
    return found
