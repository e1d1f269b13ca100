"""Formulas: parsing, references that follow their cells, calculation."""

from crm_sync.sheet_server.formula.calculated_cells import (
    FILLED,
    CalculatedCell,
    calculated_link,
    shown_number_format,
)
from crm_sync.sheet_server.formula.calculator import Calculator
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
    "FILLED",
    "CalculatedCell",
    "Calculator",
    "CellsMoved",
    "Change",
    "Deleted",
    "Formula",
    "Inserted",
    "Moved",
    "Renamed",
    "SheetGone",
    "adjust",
    "calculated_link",
    "parse",
    "qualify",
    "shift",
    "shown_number_format",
]
