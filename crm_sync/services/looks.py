"""Where the tabs of a workbook stand, for lists and looks that name their columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from crm_sync.core.batch import NewTab
from crm_sync.core.looks import Place, list_cells
from crm_sync.services.application import LISTS, Application
from crm_sync.services.reading import TabReading
from crm_sync.services.setup import Attached


def places_of(readings: Mapping[str, TabReading]) -> dict[str, Place]:
    """The places of the tabs that could be read, by table."""
    return {
        name: Place(
            found.read.sheet_id,
            found.read.title,
            found.columns.header_row,
            found.columns.columns,
        )
        for name, found in readings.items()
    }


def with_lists(
    app: Application, attached: Attached, places: Mapping[str, Place]
) -> tuple[NewTab, ...]:
    """The tabs that are to be made; the one with the lists, if it is among them, gets its
    formulas.
    """
    lists = attached.sheets.get(LISTS)
    return tuple(
        replace(new, lists=list_cells(app.tabs, places, app.language))
        if new.sheet_id == lists
        else new
        for new in attached.new_tabs
    )
