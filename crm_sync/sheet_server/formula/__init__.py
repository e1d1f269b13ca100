"""Formulas: parsing, references that follow their cells, calculation."""

from crm_sync.sheet_server.formula.moves import (
    CellsMoved,
    Change,
    Deleted,
    Inserted,
    Moved,
    Renamed,
    SheetGone,
    adjust,
    qualify,
    shift,
)
from crm_sync.sheet_server.formula.syntax import Formula, parse

__all__ = [
    "CellsMoved",
    "Change",
    "Deleted",
    "Formula",
    "Inserted",
    "Moved",
    "Renamed",
    "SheetGone",
    "adjust",
    "parse",
    "qualify",
    "shift",
]
