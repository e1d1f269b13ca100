"""findReplace: text in values and formulas."""

from __future__ import annotations

import re
from collections.abc import Callable

from crm_sync.sheet_server import cells
from crm_sync.sheet_server.api_error import invalid
from crm_sync.sheet_server.batch.context import Batch, Handler
from crm_sync.sheet_server.grid import Area, Cell
from crm_sync.sheet_server.workbook import Json

Substitute = Callable[[str], tuple[str, int]]


def find_replace(batch: Batch, request: Json) -> Json:
    """Replaces text in a range, a sheet or all sheets; the reply counts what changed."""
    batch.calculate()
    substitute = _substitution(request)
    counts = {"valuesChanged": 0, "formulasChanged": 0, "rowsChanged": 0, "sheetsChanged": 0}
    occurrences = 0
    for area in _scope(batch, request):
        sheet = batch.sheet(area.sheet_id)
        rows = set()
        for row, column, cell in list(sheet.cells(area)):
            replaced = _replaced(batch, cell, substitute, request.get("includeFormulas", False))
            if replaced is None:
                continue
            after, hits = replaced
            occurrences += hits
            if after is cell:
                continue
            batch.check_cells(Area(sheet.id, row, row + 1, column, column + 1))
            counts["formulasChanged" if cell.formula is not None else "valuesChanged"] += 1
            batch.note_formula(after)
            sheet.put(row, column, after)
            rows.add(row)
        counts["rowsChanged"] += len(rows)
        counts["sheetsChanged"] += bool(rows)
    if counts["rowsChanged"]:
        batch.touch()
    counts["occurrencesChanged"] = occurrences
    return {name: count for name, count in counts.items() if count}


def _scope(batch: Batch, request: Json) -> list[Area]:
    given = [name for name in ("range", "sheetId", "allSheets") if name in request]
    if "range" in request:
        return [batch.area(request["range"])]
    if request.get("allSheets"):
        return [sheet.area for sheet in batch.workbook.sheets]
    if len(given) > 1:
        raise invalid("Only one of range, sheetId and allSheets may be set.")
    return [batch.sheet(request.get("sheetId", 0)).area]


def _substitution(request: Json) -> Substitute:
    find = request.get("find", "")
    if not find:
        raise invalid("The text to find must not be empty.")
    replacement = request.get("replacement", "")
    is_pattern = request.get("searchByRegex", False)
    try:
        flags = 0 if request.get("matchCase") else re.IGNORECASE
        pattern = re.compile(find if is_pattern else re.escape(find), flags)
    except re.error as error:
        raise invalid(f"Invalid regular expression: {error}") from None
    whole = request.get("matchEntireCell", False)

    def expand(match: re.Match[str]) -> str:
        return _expanded(replacement, match) if is_pattern else replacement

    def substitute(text: str) -> tuple[str, int]:
        if whole and not pattern.fullmatch(text):
            return text, 0
        return pattern.subn(expand, text)

    return substitute


def _expanded(replacement: str, match: re.Match[str]) -> str:
    """The replacement with `$1` for groups, as RE2 and Java write them."""

    def group(found: re.Match[str]) -> str:
        number = int(found.group(1))
        if number > (match.re.groups or 0):
            return found.group(0)
        return match.group(number) or ""

    return re.sub(r"\$(\d)", group, replacement)


def _replaced(
    batch: Batch, cell: Cell, substitute: Substitute, in_formulas: bool
) -> tuple[Cell | None, int] | None:
    """The cell after the substitution and its hits; None when nothing was found."""
    if cell.formula is not None:
        if not in_formulas or not cell.formula:
            return None
        formula, hits = substitute(cell.formula)
        if not hits:
            return None
        if formula == cell.formula:
            return cell, hits
        return cells.enter(cell, formula, batch.workbook.locale, batch.today), hits
    if cell.value is None:
        return None
    shown = cells.shown(cell, batch.workbook.locale)
    text, hits = substitute(shown)
    if not hits:
        return None
    if text == shown:
        return cell, hits
    return cells.enter(cell, text, batch.workbook.locale, batch.today), hits


KINDS: dict[str, Handler] = {"findReplace": find_replace}
