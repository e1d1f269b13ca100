"""Texts that mean one thing in one locale and another in another: "03/04/2026", "1,500". People
type them with an apostrophe before, or into cells that are formatted as text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from crm_sync.core.records import Base
from crm_sync.core.rows import SheetRow
from crm_sync.core.schema import Kind, Tab
from crm_sync.core.values import Cell

_KINDS: Final = frozenset({Kind.DATE, Kind.DATETIME, Kind.DECIMAL, Kind.INTEGER})


def is_open_to_locales(cell: Cell) -> bool:
    """True for a text in which there is a digit."""
    return isinstance(cell, str) and any(map(str.isdigit, cell))


def hangs_on_locale(tab: Tab, rows: Iterable[SheetRow], bases: Mapping[str, Base]) -> bool:
    """True if such a text stands in a column of dates or numbers and is not agreed on yet."""
    names = [item.name for item in tab.table.staff_fields if item.kind in _KINDS]
    return any(
        is_open_to_locales(cell := row.cells.get(name)) and not _is_agreed(bases, row, name, cell)
        for row in rows
        for name in names
    )


def _is_agreed(bases: Mapping[str, Base], row: SheetRow, name: str, cell: Cell) -> bool:
    base = bases.get(row.id)
    return base is not None and base.cells.get(name) == cell
