"""Cell formats: normalising what a request gives, and the format that a cell is shown in."""

from __future__ import annotations

from typing import Any

from crm_sync.sheet_server.formula import shown_number_format
from crm_sync.sheet_server.grid import Cell, Marks
from crm_sync.sheet_server.workbook import Json, Workbook

_STYLED = {
    "backgroundColor": "backgroundColorStyle",
    "foregroundColor": "foregroundColorStyle",
    "tabColor": "tabColorStyle",
    "color": "colorStyle",
}


def with_styles(value: Json) -> Json:
    """The format with each colour in both of its spellings: `x` and `xStyle.rgbColor`.

    A style that is given wins over the plain colour; theme colours have no plain twin.
    """
    result: Json = {}
    for key, item in value.items():
        result[key] = with_styles(item) if isinstance(item, dict) and key not in _STYLED else item
    for plain, styled in _STYLED.items():
        if styled in result:
            _set_twin(result, plain, styled)
        elif (
            plain in result and isinstance(result[plain], dict) and "rgbColor" not in result[plain]
        ):
            result[styled] = {"rgbColor": result[plain]}
    return result


def _set_twin(result: Json, plain: str, styled: str) -> None:
    style = result[styled]
    rgb = style.get("rgbColor")
    if rgb is not None:
        result[plain] = rgb
        return
    result.pop(plain, None)
    if not style:
        # Neither kind of colour is set: there is none.
        del result[styled]


def mask_with_styles(mask: dict[str, Any]) -> dict[str, Any]:
    """The mask with both spellings of each colour, so that a write of one replaces the other."""
    result = {key: mask_with_styles(below) for key, below in mask.items()}
    for plain, styled in _STYLED.items():
        if plain in result or styled in result:
            result[plain] = {}
            result[styled] = {}
    return result


def merged(base: Json, over: Json) -> Json:
    """The base format with everything that the other one sets, messages merged field by field."""
    result = dict(base)
    for key, item in over.items():
        present = result.get(key)
        whole = key in _STYLED or key in _STYLED.values() or key == "numberFormat"
        if isinstance(item, dict) and isinstance(present, dict) and not whole:
            result[key] = merged(present, item)
        else:
            result[key] = item
    return result


def effective_format(workbook: Workbook, cell: Cell) -> Json:
    """The format that the cell is shown in: the default, its own, its formula's number format."""
    base = _base_format(workbook.properties["defaultFormat"], cell.marks)
    if "numberFormat" not in base and (found := shown_number_format(cell)) is not None:
        return {"numberFormat": dict(found), **base}
    return base


_CACHE: dict[tuple[int, int], tuple[Json, Marks | None, Json]] = {}


def _base_format(default: Json, marks: Marks | None) -> Json:
    """Merged once for each pair; the cache holds both, so an id is not taken by another."""
    key = (id(default), id(marks))
    found = _CACHE.get(key)
    if found is not None and found[0] is default and found[1] is marks:
        return found[2]
    shown = merged(default, (marks.format if marks else None) or {})
    shown.setdefault("hyperlinkDisplayType", "PLAIN_TEXT")
    if len(_CACHE) > 10_000:
        _CACHE.clear()
    _CACHE[key] = (default, marks, shown)
    return shown
