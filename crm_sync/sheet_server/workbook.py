"""A workbook in memory: its sheets, rows and everything that hangs on them.

A change works on a `draft()`: a shallow copy that shares rows and JSON values with the
workbook it was drawn from. So rules hold for whoever writes here: JSON values (properties,
parts, named ranges, metadata) are replaced, never changed in place, and rows are changed only
through `Sheet.edit`. A failed change is then undone by forgetting the draft.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

from crm_sync.sheet_server.grid import Area, Cell, Column, Row

if TYPE_CHECKING:
    from crm_sync.sheet_server.formula import Calculator

Json = dict[str, Any]

DEFAULT_ROW_HEIGHT = 21
DEFAULT_COLUMN_WIDTH = 100
MAX_CELLS = 10_000_000
MAX_COLUMNS = 18_278

# Members of a sheet beside properties and data, in the order in which Google prints them.
PARTS = (
    "merges",
    "conditionalFormats",
    "filterViews",
    "protectedRanges",
    "basicFilter",
    "charts",
    "bandedRanges",
    "rowGroups",
    "columnGroups",
    "slicers",
    "tables",
)


class Sheet:
    """One grid: properties as JSON, rows (None: never touched), columns, and its parts."""

    def __init__(
        self,
        id: int,
        properties: Json,
        rows: list[Row | None],
        columns: list[Column],
    ) -> None:
        self.id = id
        self.properties = properties
        self.rows = rows
        self.columns = columns
        self.parts: dict[str, Any] = {}
        self.next_key = 1
        self.owner: object = None

    @property
    def title(self) -> str:
        return str(self.properties["title"])

    @property
    def row_count(self) -> int:
        return len(self.rows)

    @property
    def column_count(self) -> int:
        return len(self.columns)

    @property
    def area(self) -> Area:
        """The whole grid."""
        return Area(self.id, 0, len(self.rows), 0, len(self.columns))

    def draft(self, owner: object) -> Sheet:
        """A copy that may be changed without this sheet noticing."""
        copy = Sheet(self.id, self.properties, self.rows.copy(), self.columns.copy())
        copy.parts = self.parts.copy()
        copy.next_key = self.next_key
        copy.owner = owner
        return copy

    def edit(self, index: int) -> Row:
        """The row to be changed in place; it is made, or copied for this draft, if need be."""
        row = self.rows[index]
        if row is None:
            row = Row(self.new_key(), owner=self.owner)
            self.rows[index] = row
        elif row.owner is not self.owner:
            row = row.copy(self.owner)
            self.rows[index] = row
        row.plain = row.shown = None
        return row

    def new_key(self) -> int:
        """A row key that this sheet never used before."""
        key = self.next_key
        self.next_key += 1
        return key

    def cell(self, row: int, column: int) -> Cell | None:
        """The cell, or None if there is nothing in it."""
        line = self.rows[row]
        if line is None or column >= len(line.cells):
            return None
        return line.cells[column]

    def put(self, row: int, column: int, cell: Cell | None) -> None:
        """Sets one cell; an empty one in an untouched row leaves the row untouched."""
        if cell is None and self.cell(row, column) is None:
            return
        self.edit(row).put(column, cell)

    def cells(self, area: Area) -> Iterator[tuple[int, int, Cell]]:
        """Row, column and cell of each cell that is not empty, row by row."""
        for index in range(area.top, area.bottom):
            row = self.rows[index]
            if row is None:
                continue
            for column in range(area.left, min(area.right, len(row.cells))):
                cell = row.cells[column]
                if cell is not None:
                    yield index, column, cell

    def part(self, name: str) -> list[Any]:
        """The list of this part (merges, charts, ...); empty when there is none."""
        return list(self.parts.get(name, ()))

    def set_part(self, name: str, value: Any) -> None:
        """Replaces a part; an empty one is taken away."""
        if value or value.__class__ is dict:
            self.parts[name] = value
        else:
            self.parts.pop(name, None)


class Workbook:
    """A spreadsheet: properties as JSON, sheets in order, named ranges and metadata by id.

    `metadata` entries hold `metadataKey, metadataValue, visibility` and a location with the
    sheet's id always written out; `metadataId` is the key of the dictionary.
    """

    def __init__(self, id: str, properties: Json) -> None:
        self.id = id
        self.properties = properties
        self.sheets: list[Sheet] = []
        self.named_ranges: dict[str, Json] = {}
        self.metadata: dict[int, Json] = {}
        self.has_formulas = False
        # Drafts share the calculator: it compares what it is shown with what it saw last.
        self.calculator: Calculator | None = None
        self.calculated_on: date | None = None

    @property
    def locale(self) -> str:
        return str(self.properties.get("locale", "en_US"))

    @property
    def time_zone(self) -> str:
        return str(self.properties.get("timeZone", "Etc/GMT"))

    @property
    def title(self) -> str:
        return str(self.properties.get("title", ""))

    def draft(self) -> Workbook:
        """A copy to be changed by one request; it shares all that the request leaves alone."""
        copy = Workbook(self.id, self.properties)
        owner = object()
        copy.sheets = [sheet.draft(owner) for sheet in self.sheets]
        copy.named_ranges = self.named_ranges.copy()
        copy.metadata = self.metadata.copy()
        copy.has_formulas = self.has_formulas
        copy.calculator = self.calculator
        copy.calculated_on = self.calculated_on
        return copy

    def metadata_by_id(self) -> list[tuple[int, Json]]:
        """The entries of developer metadata in the order of their ids, as they are shown."""
        return sorted(self.metadata.items())

    def sheet(self, sheet_id: int) -> Sheet | None:
        """The sheet with this id, or None."""
        for sheet in self.sheets:
            if sheet.id == sheet_id:
                return sheet
        return None

    def sheet_titled(self, title: str) -> Sheet | None:
        """The sheet of this title (letter case counts only to prefer an exact match)."""
        for sheet in self.sheets:
            if sheet.title == title:
                return sheet
        folded = title.casefold()
        for sheet in self.sheets:
            if sheet.title.casefold() == folded:
                return sheet
        return None

    @property
    def cell_count(self) -> int:
        """Cells of all grids, empty ones included, as the limit of 10 million counts them."""
        return sum(sheet.row_count * sheet.column_count for sheet in self.sheets)


def new_sheet(id: int, properties: Json, owner: object = None) -> Sheet:
    """An empty sheet with the grid size that `properties.gridProperties` gives."""
    grid = properties.get("gridProperties", {})
    rows: list[Row | None] = [None] * int(grid.get("rowCount", 1000))
    columns = [Column()] * int(grid.get("columnCount", 26))
    sheet = Sheet(id, properties, rows, columns)
    sheet.owner = owner
    return sheet
