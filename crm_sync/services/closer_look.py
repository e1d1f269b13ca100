"""Looks at a workbook once more where its values alone may mislead: one request each for merged
cells, for what numbers show and for the locale of texts, and only when a plan would act on them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from crm_sync.core.locale_texts import hangs_on_locale
from crm_sync.core.merged_cells import may_be_merged
from crm_sync.core.runs import runs_of
from crm_sync.core.shown_cells import TELLING, ShownCell, doubtful_rows
from crm_sync.ports import Workbook
from crm_sync.services.planning import Planned
from crm_sync.services.reading import Reading


def look_closer(workbook: Workbook, reading: Reading, planned: Planned) -> Reading:
    """The reading with what was seen, or the very same if nothing there changes the plan."""
    made = {new.sheet_id for new in reading.attached.new_tabs}
    found = reading
    if may_be_merged(planned.plan):
        sheets = [tab.read.sheet_id for tab in planned.readings.values()]
        merges = workbook.merges([number for number in sheets if number not in made])
        if any(merges.values()):
            found = replace(found, merges=merges)
    rows = {sheet: runs for sheet, runs in _doubtful(planned).items() if sheet not in made}
    shown = workbook.shown(rows) if rows else {}
    telling = {place: cell for place, cell in shown.items() if cell.format in TELLING}
    if not found.locale and _hangs_on_locale(planned):
        locale = workbook.outline().locale
        if locale != planned.world.conventions.locale:
            found = replace(found, locale=locale)
    if telling:
        by_sheet: dict[int, dict[tuple[int, int], ShownCell]] = {}
        for (sheet, row, column), cell in telling.items():
            by_sheet.setdefault(sheet, {})[row, column] = cell
        found = replace(found, shown=by_sheet)
    return found


def _hangs_on_locale(planned: Planned) -> bool:
    return any(
        hangs_on_locale(reading.tab, reading.rows, reading.bases)
        for reading in planned.readings.values()
    )


def _doubtful(planned: Planned) -> Mapping[int, list[tuple[int, int]]]:
    rows: dict[int, list[tuple[int, int]]] = {}
    for plan in planned.plan.tabs:
        reading = planned.readings.get(plan.table)
        if plan.stop is None and reading is not None:
            places = planned.places.get(plan.table, {})
            wanted = set(doubtful_rows(reading.tab, plan, reading.rows, places))
            if wanted:
                rows[reading.read.sheet_id] = runs_of(wanted)
    return rows
