"""A1 notation: reads ranges as the API takes them and writes them as it answers."""

from __future__ import annotations

import re
from functools import lru_cache

from crm_sync.sheet_server.api_error import ApiError, invalid
from crm_sync.sheet_server.grid import Area
from crm_sync.sheet_server.workbook import Sheet, Workbook

_CELL = re.compile(r"\$?([A-Za-z]{1,3})\$?([1-9]\d{0,8})", re.ASCII)
_COLUMN = re.compile(r"\$?([A-Za-z]{1,3})", re.ASCII)
_ROW = re.compile(r"\$?([1-9]\d{0,8})", re.ASCII)
_R1C1 = re.compile(r"[Rr]([1-9]\d{0,8})[Cc]([1-9]\d{0,8})", re.ASCII)
_PLAIN_TITLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_LOOKS_LIKE_CELL = re.compile(r"[A-Za-z]{1,3}\d+|[Rr]\d*[Cc]\d*|[RrCc]", re.ASCII)


@lru_cache(maxsize=1024)
def column_name(index: int) -> str:
    """The letters of a zero-based column: 0 -> A, 26 -> AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def column_index(letters: str) -> int:
    """The zero-based column of its letters: A -> 0, AA -> 26."""
    index = 0
    for letter in letters.upper():
        index = index * 26 + ord(letter) - 64
    return index - 1


def quoted(title: str) -> str:
    """The title as Google writes it before `!`: in quotes unless it is a plain ASCII word."""
    if _PLAIN_TITLE.fullmatch(title) and not _LOOKS_LIKE_CELL.fullmatch(title):
        return title
    return "'" + title.replace("'", "''") + "'"


def cells_name(top: int, bottom: int, left: int, right: int) -> str:
    """The range without its sheet, `A1:C5`; a single cell as `A1`. Zero-based, half-open."""
    first = f"{column_name(left)}{top + 1}"
    if bottom - top <= 1 and right - left <= 1:
        return first
    return f"{first}:{column_name(right - 1)}{bottom}"


def range_name(title: str, area: Area) -> str:
    """The range with its sheet, as the API answers it: `Sheet1!A1:C5`."""
    return f"{quoted(title)}!{cells_name(area.top, area.bottom, area.left, area.right)}"


class Reference:
    """A parsed range: its sheet and bounds, None where the text leaves a side open."""

    __slots__ = ("bottom", "left", "right", "sheet", "single", "top")

    def __init__(
        self,
        sheet: Sheet,
        bounds: tuple[int | None, int | None, int | None, int | None],
        single: bool = False,
    ) -> None:
        self.sheet = sheet
        self.top, self.bottom, self.left, self.right = bounds
        # A single cell is an anchor for writes: values may go beyond it.
        self.single = single

    def area(self) -> Area:
        """The cells meant, cut at the grid. ApiError 400 when it begins outside of the grid."""
        sheet = self.sheet
        top, left = self.top or 0, self.left or 0
        bottom = sheet.row_count if self.bottom is None else self.bottom
        right = sheet.column_count if self.right is None else self.right
        if top >= sheet.row_count or left >= sheet.column_count:
            name = cells_name(top, max(bottom, top + 1), left, max(right, left + 1))
            raise beyond_grid(sheet, name)
        return Area(
            sheet.id, top, min(bottom, sheet.row_count), left, min(right, sheet.column_count)
        )


def beyond_grid(sheet: Sheet, name: str) -> ApiError:
    """The 400 for cells outside of the grid; name is the range without its sheet."""
    return invalid(
        f"Range ({quoted(sheet.title)}!{name}) exceeds grid limits. "
        f"Max rows: {sheet.row_count}, max columns: {sheet.column_count}"
    )


def parse_range(workbook: Workbook, text: str) -> Reference:
    """The range that a request names: A1 or R1C1, a sheet's title, or a named range.

    Without a sheet, a text that looks like cells means the first sheet, even if a sheet has
    that title. Raises ApiError 400 `Unable to parse range: ...`.
    """
    title, cells = _split(text)
    sheet = None
    if title is None:
        found = _bounds(text)
        if found is not None and workbook.sheets:
            return Reference(workbook.sheets[0], *found)
        named = _named(workbook, text)
        if named is not None:
            return named
        sheet, cells = workbook.sheet_titled(text), None
    else:
        sheet = workbook.sheet_titled(title.replace("''", "'")) or workbook.sheet_titled(title)
    if sheet is None:
        raise unparsed(text)
    if cells is None:
        return Reference(sheet, (None, None, None, None))
    found = _bounds(cells)
    if found is not None:
        return Reference(sheet, *found)
    named = _named(workbook, cells)
    if named is not None and named.sheet is sheet:
        return named
    raise unparsed(text)


def unparsed(text: str) -> ApiError:
    """The 400 for a text that is no range of the workbook."""
    return invalid(f"Unable to parse range: {text}")


def _split(text: str) -> tuple[str | None, str | None]:
    """Title and cells; no title when the text has none, no cells when it is a quoted title."""
    if text.startswith("'"):
        end = text.rfind("'!")
        if end > 0:
            return text[1:end], text[end + 2 :]
        if len(text) > 2 and text.endswith("'"):
            return text[1:-1], None
    mark = text.rfind("!")
    if mark > 0:
        return text[:mark], text[mark + 1 :]
    return None, text


Bounds = tuple[int | None, int | None, int | None, int | None]


@lru_cache(maxsize=65536)
def _bounds(cells: str) -> tuple[Bounds, bool] | None:
    """Bounds of `A1`, `A1:B2`, `A:B`, `2:3`, `A2:C`, `A2:5` or R1C1; None if it is neither."""
    first, colon, second = cells.partition(":")
    start = _corner(first.strip())
    end = _corner(second.strip()) if colon else start
    if start is None or end is None:
        return None
    if not colon and (start[0] is None or start[1] is None):
        return None
    # One row bound of two: `A2:C` is open below, `A2:2` is open to the right.
    rows = sorted(row for row in (start[0], end[0]) if row is not None)
    columns = sorted(column for column in (start[1], end[1]) if column is not None)
    top = rows[0] if rows else None
    bottom = rows[-1] + 1 if len(rows) == 2 else None
    left = columns[0] if columns else None
    right = columns[-1] + 1 if len(columns) == 2 else None
    return (top, bottom, left, right), not colon


def _corner(text: str) -> tuple[int | None, int | None] | None:
    match = _CELL.fullmatch(text)
    if match:
        return int(match.group(2)) - 1, column_index(match.group(1))
    match = _R1C1.fullmatch(text)
    if match:
        return int(match.group(1)) - 1, int(match.group(2)) - 1
    match = _COLUMN.fullmatch(text)
    if match:
        return None, column_index(match.group(1))
    match = _ROW.fullmatch(text)
    if match:
        return int(match.group(1)) - 1, None
    return None


def _named(workbook: Workbook, name: str) -> Reference | None:
    folded = name.casefold()
    for entry in workbook.named_ranges.values():
        if entry["name"].casefold() != folded:
            continue
        held = entry.get("range", {})
        sheet = workbook.sheet(held.get("sheetId", 0))
        if sheet is None:
            return None
        bounds = (
            held.get("startRowIndex"),
            held.get("endRowIndex"),
            held.get("startColumnIndex"),
            held.get("endColumnIndex"),
        )
        return Reference(sheet, bounds)
    return None
