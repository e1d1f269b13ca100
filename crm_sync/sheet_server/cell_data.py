"""CellData of a request put into cells: which members a field mask sets, and how."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from crm_sync.sheet_server.api_error import invalid
from crm_sync.sheet_server.formats import mask_with_styles, with_styles
from crm_sync.sheet_server.grid import EMPTY, Cell, Marks, Value, as_number, make_cell
from crm_sync.sheet_server.masks import Mask, apply_mask, parse_mask
from crm_sync.sheet_server.values import MAX_TEXT, too_long
from crm_sync.sheet_server.workbook import Json

_KEPT = (
    "textFormatRuns",
    "pivotTable",
    "dataSourceTable",
    "dataSourceFormula",
    "chipRuns",
)

Put = Callable[[Cell | None], Cell | None]


@lru_cache(maxsize=512)
def cell_mask(fields: str) -> Mask:
    """The mask of CellData, its formats widened to both spellings of a colour."""
    mask = parse_mask(fields, "CellData")
    if mask.get("userEnteredFormat"):
        return {**mask, "userEnteredFormat": mask_with_styles(mask["userEnteredFormat"])}
    return mask


def entered_value(data: Json) -> tuple[Value, str | None]:
    """Value and formula that `userEnteredValue` holds; both None when it empties the cell."""
    given = data.get("userEnteredValue")
    if not given:
        return None, None
    if len(given) > 1:
        raise invalid("Only one value may be set in ExtendedValue.")
    ((kind, value),) = given.items()
    if kind == "formulaValue":
        if not value.startswith("="):
            raise invalid(f"Formula must begin with '=': {value}")
        _check_length(value)
        return None, value
    if kind == "errorValue":
        raise invalid("Invalid value: errorValue is read-only and cannot be set.")
    if kind == "numberValue":
        return as_number(value), None
    if kind == "stringValue":
        _check_length(value)
        return value or None, None
    return bool(value), None


def _check_length(text: str) -> None:
    if len(text) > MAX_TEXT:
        raise too_long()


def putter(data: Json, mask: Mask) -> Put:
    """A function that gives the cell with the masked members of this CellData.

    Cells with the same marks before share their marks after, too.
    """
    sets_value = "userEnteredValue" in mask
    sets_note = "note" in mask
    value, formula = entered_value(data) if sets_value else (None, None)
    note = data.get("note") if sets_note else None
    remark = _marks_putter(data, mask)
    if sets_value and not sets_note and remark is None:
        return lambda cell: (
            make_cell(value, formula, None, None) if cell is None else cell.written(value, formula)
        )

    def put(cell: Cell | None) -> Cell | None:
        before = cell or EMPTY
        marks = before.marks
        if sets_value and marks is not None:
            marks = marks.for_new_value()
        if remark is not None:
            marks = remark(marks)
        return make_cell(
            value if sets_value else before.value,
            formula if sets_value else before.formula,
            marks,
            note if sets_note else before.note,
        )

    return put


def _marks_putter(data: Json, mask: Mask) -> Callable[[Marks | None], Marks | None] | None:
    """A function that gives marks with the masked members; None if the mask has none of them."""
    if not any(name in mask for name in ("userEnteredFormat", "dataValidation", *_KEPT)):
        return None
    wanted = with_styles(data.get("userEnteredFormat") or {})
    seen: dict[Marks | None, Marks | None] = {}

    def remark(before: Marks | None) -> Marks | None:
        if before not in seen:
            seen[before] = _remarked(before or Marks(), data, mask, wanted)
        return seen[before]

    return remark


def _remarked(before: Marks, data: Json, mask: Mask, wanted: Json) -> Marks:
    after_format: dict[str, Any] | None = before.format
    if "userEnteredFormat" in mask:
        below = mask["userEnteredFormat"]
        after_format = apply_mask(before.format or {}, wanted, below) if below else wanted
    validation = data.get("dataValidation") if "dataValidation" in mask else before.validation
    other = dict(before.other or {})
    for name in _KEPT:
        if name in mask:
            other.pop(name, None)
            if name in data:
                other[name] = data[name]
    return Marks(after_format, validation, other)
