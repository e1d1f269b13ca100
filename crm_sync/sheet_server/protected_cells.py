"""Protected ranges, as they bind those who may not edit them.

What a request did is judged by what it left: cells that were protected from the caller before it
must be the same after it, wherever rows and columns were moved to meanwhile.
"""

from collections.abc import Iterator
from typing import Any

from crm_sync.sheet_server.api_error import ApiError, invalid
from crm_sync.sheet_server.grid import Area, Cell, Row
from crm_sync.sheet_server.metadata import grid_area
from crm_sync.sheet_server.workbook import Json, Sheet, Workbook

MESSAGE = (
    "You are trying to edit a protected cell or object. Please contact the spreadsheet owner to"
    " remove protection if you need to edit."
)


def check_unchanged(before: Workbook, after: Workbook, email: str) -> None:
    """Raises ApiError 400 if anything that is protected from an account was changed."""
    for sheet in before.sheets:
        closed = [each for each in sheet.part("protectedRanges") if not may_edit(each, email)]
        if not closed:
            continue
        current = after.sheet(sheet.id)
        if current is None:
            raise invalid(MESSAGE)
        kept = {each["protectedRangeId"]: each for each in current.part("protectedRanges")}
        for entry in closed:
            now = kept.get(entry["protectedRangeId"])
            if now is None or _rules(now) != _rules(entry):
                raise invalid(MESSAGE)
            _Guarded(before, sheet, entry).check(_Guarded(after, current, now))


def may_edit(entry: Json, email: str) -> bool:
    """Whether a protected range lets an account edit; a mere warning stops nobody here."""
    users = entry.get("editors", {}).get("users", [])
    return bool(entry.get("warningOnly")) or email in (str(user).lower() for user in users)


def as_seen_by(answer: Json, email: str) -> Json:
    """A Spreadsheet message as an account sees it: the editors of a range only if it is one."""
    if not any("protectedRanges" in sheet for sheet in answer.get("sheets", ())):
        return answer
    sheets = [
        {**sheet, "protectedRanges": [_seen(each, email) for each in sheet["protectedRanges"]]}
        if "protectedRanges" in sheet
        else sheet
        for sheet in answer["sheets"]
    ]
    return {**answer, "sheets": sheets}


def with_place(error: ApiError, body: Json) -> ApiError:
    """The refusal of a batchUpdate in Google's words, which name a request by its number.

    The first one is named: which of several hit the range is not told apart.
    """
    kind = next(iter(body["requests"][0]))
    message = f"Invalid requests[0].{kind}: {error.message}"
    return ApiError(error.code, error.status, message, error.details)


class _Guarded:
    """The cells of one protected range in one state of the workbook."""

    def __init__(self, workbook: Workbook, sheet: Sheet, entry: Json) -> None:
        self.sheet = sheet
        self.area = grid_area(workbook, entry["range"])
        self.free = [grid_area(workbook, each) for each in entry.get("unprotectedRanges", [])]
        self.open_right = "endColumnIndex" not in entry["range"]

    def check(self, after: "_Guarded") -> None:
        """Raises ApiError 400 unless the same cells are there in `after`."""
        width, width_after = self.area.width, after.area.width
        if width_after < width or (width_after > width and not self.open_right):
            raise invalid(MESSAGE)
        rows_after = {row.key: (index, row) for index, row in after.rows()}
        for index, row in self.rows():
            found = rows_after.pop(row.key, None)
            if found is None:
                if any(self._held(index, row)):
                    raise invalid(MESSAGE)
            elif found[1] is not row:
                self._compare(index, row, after, *found)
        for index, row in rows_after.values():
            if any(after._held(index, row)):
                raise invalid(MESSAGE)

    def rows(self) -> Iterator[tuple[int, Row]]:
        """The rows that have ever been touched, with their indexes."""
        for index in range(self.area.top, self.area.bottom):
            row = self.sheet.rows[index]
            if row is not None:
                yield index, row

    def _compare(
        self, index: int, row: Row, after: "_Guarded", index_after: int, row_after: Row
    ) -> None:
        across = after.area.left - self.area.left
        for column in range(self.area.left, self.area.left + after.area.width):
            if _is_free(self.free, index, column):
                continue
            now = _cell(row_after, column + across)
            if not _same(_cell(row, column), now):
                raise invalid(MESSAGE)

    def _held(self, index: int, row: Row) -> Iterator[bool]:
        """For each protected cell of a row whether there is something in it."""
        for column in range(self.area.left, min(self.area.right, len(row.cells))):
            cell = row.cells[column]
            filled = cell is not None and (_entered(cell) is not None or cell.note is not None)
            yield filled and not _is_free(self.free, index, column)


def _cell(row: Row, column: int) -> Cell | None:
    return row.cells[column] if column < len(row.cells) else None


def _entered(cell: Cell) -> Any:
    """What somebody entered: a formula's result is not of their doing, nor what an array fills."""
    return cell.value if cell.formula is None else cell.formula or None


def _same(one: Cell | None, other: Cell | None) -> bool:
    if one is other:
        return True
    if one is None or other is None:
        left = one or other
        # An array formula elsewhere may fill an empty cell, or leave it again.
        return left is not None and left.formula == "" and left.marks is None and not left.note
    entered, now = _entered(one), _entered(other)
    return (
        type(entered) is type(now)
        and entered == now
        and one.note == other.note
        and _marks(one) == _marks(other)
    )


def _marks(cell: Cell) -> tuple[Any, ...] | None:
    marks = cell.marks
    return None if marks is None else (marks.format, marks.validation, marks.other)


def _is_free(areas: list[Area], row: int, column: int) -> bool:
    return any(area.holds(row, column) for area in areas)


def _rules(entry: Json) -> Json:
    moving = ("range", "unprotectedRanges")
    return {name: value for name, value in entry.items() if name not in moving}


def _seen(entry: Json, email: str) -> Json:
    if may_edit(entry, email):
        return entry
    hidden = ("requestingUserCanEdit", "editors")
    return {name: value for name, value in entry.items() if name not in hidden}
