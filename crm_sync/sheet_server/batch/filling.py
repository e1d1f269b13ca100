"""autoFill and pasteData: cells out of a pattern, cells out of a text."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from crm_sync.sheet_server import cells
from crm_sync.sheet_server.api_error import invalid
from crm_sync.sheet_server.batch.cell_writes import check_coordinate
from crm_sync.sheet_server.batch.context import Batch, Handler
from crm_sync.sheet_server.batch.dimensions import resize
from crm_sync.sheet_server.grid import Area, Cell, as_number
from crm_sync.sheet_server.workbook import Json, Sheet


def auto_fill(batch: Batch, request: Json) -> None:
    """Goes on with the series of the source; what is no series is repeated."""
    batch.calculate()
    if "sourceAndDestination" in request:
        given = request["sourceAndDestination"]
        source = batch.area(given.get("source", {}))
        down = given.get("dimension") != "COLUMNS"
        length = given.get("fillLength", 0)
    else:
        whole = batch.area(request.get("range", {}))
        source, down = _filled_part(batch.sheet(whole.sheet_id), whole)
        length = whole.bottom - source.bottom if down else whole.right - source.right
    sheet = batch.sheet(source.sheet_id)
    if not source.height or not source.width or not length:
        return
    _check_room(batch, sheet, source, down, length)
    alternate = request.get("useAlternateSeries", False)
    if down:
        spans = [
            source._replace(left=column, right=column + 1)
            for column in range(source.left, source.right)
        ]
    else:
        spans = [
            source._replace(top=row, bottom=row + 1) for row in range(source.top, source.bottom)
        ]
    for span in spans:
        _fill_line(batch, span, down, length, alternate)
    batch.touch()


def _filled_part(sheet: Sheet, whole: Area) -> tuple[Area, bool]:
    """The rows (or else columns) at the start of a range that hold data, and whether it is rows."""
    filled = [(row, column) for row, column, cell in sheet.cells(whole) if cell.value is not None]
    if not filled:
        return whole._replace(bottom=whole.top), True
    bottom = max(row for row, _ in filled) + 1
    right = max(column for _, column in filled) + 1
    if bottom < whole.bottom or right == whole.right:
        return whole._replace(bottom=bottom), True
    return whole._replace(right=right), False


def _check_room(batch: Batch, sheet: Sheet, source: Area, down: bool, length: int) -> None:
    start, end = (source.top, source.bottom) if down else (source.left, source.right)
    limit = sheet.row_count if down else sheet.column_count
    if start + min(length, 0) < 0 or end + max(length, 0) > limit:
        raise invalid("The destination of the fill lies outside of the grid.")
    first, last = (end, end + length) if length > 0 else (start + length, start)
    if down:
        batch.check_cells(source._replace(top=first, bottom=last))
    else:
        batch.check_cells(source._replace(left=first, right=last))


def _fill_line(batch: Batch, source: Area, down: bool, length: int, alternate: bool) -> None:
    """Fills on from one column (down) or one row."""
    sheet = batch.sheet(source.sheet_id)
    start, end = (source.top, source.bottom) if down else (source.left, source.right)

    def at(place: int) -> tuple[int, int]:
        return (place, source.left) if down else (source.top, place)

    pattern = [sheet.cell(*at(place)) for place in range(start, end)]
    places = range(end, end + length) if length > 0 else range(start + length, start)
    for place in places:
        row, column = at(place)
        offset = place - start
        origin = start + offset % len(pattern)
        cell = _continued(pattern, offset, alternate)
        if cell is not None and cell.formula:
            steps = place - origin
            moved = cells.shifted(
                cell.formula, steps if down else 0, 0 if down else steps, batch.workbook.locale
            )
            cell = cell.with_value(None, moved)
        sheet.put(row, column, cell)


def _continued(pattern: list[Cell | None], offset: int, alternate: bool) -> Cell | None:
    """The cell that comes so many places after the first one of the pattern."""
    model = pattern[offset % len(pattern)]
    numbers = [_number(cell) for cell in pattern]
    if model is None:
        return None
    if all(number is not None for number in numbers):
        known = [number for number in numbers if number is not None]
        return model.with_value(as_number(_in_line(known, offset, _step(model, alternate))))
    return _counted(model, offset, len(pattern))


def _step(model: Cell, alternate: bool) -> float:
    """A single date counts on, a single number stays; the alternate series is the other way."""
    return 1 if cells.is_moment(model) != alternate else 0


def _number(cell: Cell | None) -> float | None:
    if cell is None or cell.formula is not None or isinstance(cell.value, bool):
        return None
    return cell.value if isinstance(cell.value, (int, float)) else None


def _in_line(numbers: list[float], offset: int, step: float) -> float:
    """The value at a place of the straight line through the numbers (least squares)."""
    count = len(numbers)
    if count == 1:
        return numbers[0] + step * offset
    middle = (count - 1) / 2
    mean = sum(numbers) / count
    spread = sum((place - middle) ** 2 for place in range(count))
    slope = sum((place - middle) * (number - mean) for place, number in enumerate(numbers)) / spread
    return round(mean + slope * (offset - middle), 12)


def _counted(model: Cell, offset: int, length: int) -> Cell | None:
    """A text that ends in a number counts on; anything else is repeated as it is."""
    if model.formula is not None or not isinstance(model.value, str):
        return model
    match = re.fullmatch(r"(.*?)(\d{1,15})", model.value, re.DOTALL | re.ASCII)
    if match is None:
        return model
    number = int(match.group(2)) + offset - offset % length
    if number < 0:
        return model
    return model.with_value(f"{match.group(1)}{number:0{len(match.group(2))}d}")


def paste_data(batch: Batch, request: Json) -> None:
    """Puts delimited text, or an HTML table, from a cell on, as if it were typed."""
    start = request.get("coordinate", {})
    sheet = batch.sheet(start.get("sheetId", 0))
    top, left = start.get("rowIndex", 0), start.get("columnIndex", 0)
    check_coordinate(sheet, top, left)
    data = request.get("data", "")
    if request.get("html"):
        lines = _table_lines(data)
    elif "delimiter" in request:
        lines = [line.split(request["delimiter"]) for line in re.split(r"\r\n|\r|\n", data)]
    else:
        raise invalid("Must specify either a delimiter or html.")
    if request.get("type", "PASTE_NORMAL") not in (
        "PASTE_NORMAL",
        "PASTE_VALUES",
        "PASTE_FORMULA",
        "PASTE_NO_BORDERS",
    ):
        return
    width = max((len(line) for line in lines), default=0)
    batch.check_cells(Area(sheet.id, top, top + len(lines), left, left + width))
    if top + len(lines) > sheet.row_count:
        resize(batch, sheet, True, top + len(lines))
    if left + width > sheet.column_count:
        resize(batch, sheet, False, left + width)
    today = batch.today
    for down, line in enumerate(lines):
        for across, text in enumerate(line):
            before = sheet.cell(top + down, left + across)
            after = cells.enter(before, text, batch.workbook.locale, today)
            batch.note_formula(after)
            sheet.put(top + down, left + across, after)
    batch.touch()


class _TableReader(HTMLParser):
    """Collects the cells of HTML tables as texts."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[list[str]] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.lines.append([])
        elif tag in ("td", "th"):
            if not self.lines:
                self.lines.append([])
            self.lines[-1].append("")
            self._inside = True
        elif tag == "br" and self._inside:
            self.lines[-1][-1] += "\n"

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self._inside = False

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.lines[-1][-1] += data


def _table_lines(text: str) -> list[list[str]]:
    reader = _TableReader()
    reader.feed(text)
    reader.close()
    if reader.lines:
        return [[cell.strip() for cell in line] for line in reader.lines]
    return [[re.sub(r"<[^>]*>", "", text).strip()]]


KINDS: dict[str, Handler] = {"autoFill": auto_fill, "pasteData": paste_data}
