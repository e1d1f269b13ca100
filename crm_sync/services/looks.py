"""Where the tabs of a workbook stand, for lists and looks that name their columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from crm_sync.core.batch import NewTab
from crm_sync.core.looks import Dressing, ListLook, Place, dressings, list_cells
from crm_sync.services.application import LISTS, Application
from crm_sync.services.planning import Planned
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


def new_column_looks(
    app: Application, planned: Planned, places: Mapping[str, Place]
) -> tuple[Dressing, ...]:
    """What the columns are given that tabs which were there before gain in this run."""
    looks: list[Dressing] = []
    for plan in planned.plan.tabs:
        if plan.stop is None:
            found = planned.readings[plan.table]
            if new := found.columns.added | found.columns.returned:
                looks += dressings(found.tab, places[plan.table], app.wardrobe, new)
    return tuple(looks)


def list_looks(
    app: Application, attached: Attached, places: Mapping[str, Place]
) -> tuple[Dressing, ...]:
    """The lists anew that draw on tabs which this run makes, for a lists tab that stands there."""
    lists = attached.sheets.get(LISTS)
    made = {new.sheet_id for new in attached.new_tabs}
    if lists is None or lists in made:
        return ()
    anew = {name: place for name, place in places.items() if place.sheet_id in made}
    return tuple(
        ListLook(lists, row, column, cell)
        for (row, column), cell in sorted(list_cells(app.tabs, anew, app.language).items())
        if row
    )
