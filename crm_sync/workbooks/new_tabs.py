"""Requests that make a tab, with all that its template says of its looks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from crm_sync.core.batch import NewTab
from crm_sync.core.grid import Grid
from crm_sync.core.looks import (
    HighlightLook,
    ListLook,
    WidthLook,
    dressings,
    place_of_new,
    runs,
)
from crm_sync.workbooks.cells import Json
from crm_sync.workbooks.dressing import dressing_requests, protection
from crm_sync.workbooks.fence import marked_protection


def new_tab_requests(new: NewTab, grid: Grid | None, *, journal: bool) -> Iterator[Json]:
    """Requests that make one tab. `grid` is what a generated tab will show, for its widths."""
    columns = len(new.tab.columns) if new.tab else grid.width if grid else 1
    frozen = 1 if new.tab else grid.frozen if grid else 0
    properties = {
        "sheetId": new.sheet_id,
        "title": new.title,
        "hidden": new.hidden,
        "gridProperties": {
            "rowCount": max(new.rows, frozen + 1),
            "columnCount": max(new.columns, columns),
            "frozenRowCount": frozen,
        },
    }
    if new.exists:
        fields = "title,hidden,gridProperties(rowCount,columnCount,frozenRowCount)"
        yield {"updateSheetProperties": {"properties": properties, "fields": fields}}
    else:
        yield {"addSheet": {"properties": properties}}
    if journal:
        yield marked_protection(new.sheet_id, "")
    elif new.lists:
        # Not a warning but a lock: staff have nothing to do there.
        yield protection({"sheetId": new.sheet_id}, warning=False)
    if new.tab is not None:
        place = place_of_new(new.tab, new.sheet_id, new.title)
        for look in dressings(new.tab, place, new.wardrobe):
            if not isinstance(look, HighlightLook):
                yield from dressing_requests(look)
    elif grid is not None:
        yield from _widths(new.sheet_id, grid.widths)


def highlight_requests(new: NewTab) -> Iterator[Json]:
    """Requests that colour the cells of one tab by condition: to be sent when its first rows are
    there. A row that is put in above the first cell of a condition pushes that down.
    """
    if new.tab is not None:
        place = place_of_new(new.tab, new.sheet_id, new.title)
        for look in dressings(new.tab, place, new.wardrobe):
            if isinstance(look, HighlightLook):
                yield from dressing_requests(look)


def list_requests(new: NewTab) -> Iterator[Json]:
    """Requests that fill the lists tab: to be sent when all the tabs that it names are there."""
    for (row, column), cell in sorted(new.lists.items()):
        yield from dressing_requests(ListLook(new.sheet_id, row, column, cell))


def _widths(sheet_id: int, widths: Sequence[int]) -> Iterator[Json]:
    for start, end, width in runs(list(enumerate(widths))):
        yield from dressing_requests(WidthLook(sheet_id, start, end, width))
