"""A workbook that answers from bytes in memory: what one run costs with the network apart."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

import orjson

from crm_sync.core.batch import Batch, PreImage
from crm_sync.core.grid import TabRead
from crm_sync.core.marks import CellLook
from crm_sync.core.merged_cells import Merge
from crm_sync.core.parting import MOST
from crm_sync.core.shown_cells import ShownCell
from crm_sync.core.values import Cell
from crm_sync.ports import Outline, SheetOutline, Workbook
from crm_sync.workbooks.answers import value_ranges
from crm_sync.workbooks.requests import swap_body

Rows = list[list[Cell]]


class PayloadWorkbook:
    """Tabs as the bytes of values:batchGetByDataFilter. A write changes them, as a server would."""

    spreadsheet_id = "bench"
    address = "bench"
    most = MOST

    def __init__(self) -> None:
        self.version = 1
        self.tabs: dict[int, Rows] = {}
        self.titles: dict[int, str] = {}
        self.requests = 0
        self.sent = 0
        self.apart = 0.0
        self.asked: tuple[tuple[int, ...], tuple[int, ...]] = ((), ())
        self._payload: tuple[object, bytes] | None = None

    def probe(self) -> int:
        """The version; grows with each write."""
        self.requests += 1
        return self.version

    def outline(self) -> Outline:
        """The tabs that were made so far."""
        self.requests += 1
        sheets = tuple(
            SheetOutline(number, self.titles[number], len(rows) + 100, 40)
            for number, rows in self.tabs.items()
        )
        return Outline("bench", "bench", "ru_RU", "Europe/Moscow", sheets)

    def payload(self, sheet_ids: Sequence[int], first_rows: Sequence[int] = ()) -> bytes:
        """The answer of Google for these tabs, as bytes."""
        wanted = (tuple(sheet_ids), tuple(first_rows))
        if self._payload is None or self._payload[0] != wanted:
            ranges = [self._value_range(number, self.tabs[number]) for number in sheet_ids]
            ranges += [self._value_range(number, self.tabs[number][:1]) for number in first_rows]
            self._payload = wanted, orjson.dumps({"valueRanges": ranges})
        return self._payload[1]

    def read(self, sheet_ids: Sequence[int], first_rows: Sequence[int] = ()) -> dict[int, TabRead]:
        """The tabs, decoded from the bytes."""
        self.requests += 1
        self.asked = tuple(sheet_ids), tuple(first_rows)
        return value_ranges(self.payload(sheet_ids, first_rows), (*sheet_ids, *first_rows))

    def look(
        self, asked: Mapping[int, Sequence[tuple[int, int]]]
    ) -> dict[tuple[int, int, int], CellLook]:
        """Nobody paints here."""
        self.requests += 1
        return {}

    def shown(
        self, rows: Mapping[int, Sequence[tuple[int, int]]]
    ) -> dict[tuple[int, int, int], ShownCell]:
        """Numbers show what they are."""
        self.requests += 1
        return {}

    def merges(self, sheet_ids: Sequence[int]) -> dict[int, tuple[Merge, ...]]:
        """Nobody merges cells here."""
        self.requests += 1
        return dict.fromkeys(sheet_ids, ())

    def journal(
        self, journal_id: int, watched: Sequence[tuple[int, int]]
    ) -> tuple[str, tuple[PreImage, ...]]:
        """Nothing is ever left open here."""
        return "", ()

    def swap(self, batch: Batch) -> tuple[PreImage, ...]:
        """Writes, and gives back what stood in the watched rows. The time that this takes belongs
        to the other side: it is `apart`; to make the bytes of the write belongs to ours.
        """
        self.sent += len(orjson.dumps(swap_body(batch)))
        begun = time.process_time()
        images = self._swapped(batch)
        self.apart += time.process_time() - begun
        return images

    def _swapped(self, batch: Batch) -> tuple[PreImage, ...]:
        self.requests += 1
        self.version += 1
        for new in batch.new_tabs:
            headings = [column.heading for column in new.tab.columns] if new.tab else []
            self.tabs[new.sheet_id] = [list(headings)] if headings else []
            self.titles[new.sheet_id] = new.title
        images = []
        for sheet in batch.sheets:
            rows = self.tabs[sheet.sheet_id]
            images += [
                PreImage(sheet.sheet_id, row, tuple(rows[row]) if row < len(rows) else ())
                for row in sheet.watched
            ]
            for block in sheet.blocks:
                for item in block.fillings:
                    for row, cell in zip(block.rows, item.after, strict=True):
                        _put(rows, row, item.column, cell)
            for put in sheet.puts:
                _put(rows, put.row, put.column, put.cell)
            for put in sheet.inserts:
                _put(rows, sheet.insert_at + put.row, put.column, put.cell)
            for row in reversed(sheet.deletes):
                del rows[row]
        for generated in batch.generated:
            self.tabs[generated.sheet_id] = [
                [_told(cell.value) for cell in row] for row in generated.grid.rows
            ]
        stamp = replace(batch.stamp, operation=batch.operation)
        self.tabs[batch.journal_id] = [list(stamp.cells)]
        self._payload = None
        return tuple(images)

    def touch(self) -> None:
        """Says that someone edited the workbook."""
        self.version += 1
        self._payload = None

    def edit(self, sheet_id: int, row: int, column: int, cell: Cell) -> None:
        """What a person types."""
        _put(self.tabs[sheet_id], row, column, cell)
        self.touch()

    def _value_range(self, sheet_id: int, rows: Rows) -> dict[str, object]:
        return {
            "valueRange": {
                "range": f"'{self.titles[sheet_id]}'!A1:AN{len(rows) + 100}",
                "majorDimension": "ROWS",
                "values": [["" if cell is None else cell for cell in row] for row in rows],
            },
            "dataFilters": [{"gridRange": {"sheetId": sheet_id}}],
        }


class OneWorkbook:
    """Opens the one workbook there is."""

    def __init__(self, workbook: PayloadWorkbook) -> None:
        self.workbook = workbook

    def open(self, name: str, spreadsheet_id: str) -> Workbook:
        """The workbook."""
        return self.workbook

    def create(
        self, name: str, title: str, *, locale: str, time_zone: str, first_tab: str
    ) -> Workbook:
        """The workbook."""
        return self.workbook


def _put(rows: Rows, row: int, column: int, cell: Cell) -> None:
    while len(rows) <= row:
        rows.append([])
    cells = rows[row]
    cells.extend([None] * (column + 1 - len(cells)))
    cells[column] = _told(cell)


def _told(cell: Cell) -> Cell:
    """The cell as spreadsheets tell it: a whole number without a point."""
    return int(cell) if isinstance(cell, float) and cell.is_integer() else cell
