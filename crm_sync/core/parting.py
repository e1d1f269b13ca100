"""Parts a write that is too large for one request into several, each atomic by itself.

A row belongs to one part with all that is done to it. Cells are written first, then rows added,
then rows taken out from the bottom up, so that no part moves a row that a later one speaks of.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import add
from typing import TYPE_CHECKING

import orjson

from crm_sync.core.batch import Paint, Put, SheetBatch
from crm_sync.core.blocks import Block
from crm_sync.core.swap import Expected, ExpectedBlock
from crm_sync.core.values import Cell

if TYPE_CHECKING:
    from dataclasses import dataclass as value_class
else:
    from crm_sync.core.value_class import value_class

_PUT = 55
"""Bytes of the JSON of a cell to be set, beside the value itself."""

_SPOT = 700
"""Bytes of the requests for a row that has no neighbour in the write: to copy it, and to set it."""

_REQUESTS = 4
"""How many requests such a row takes."""

_FOUND = 90
"""Bytes of a cell in the answer, beside twice its value: it comes as value and as formula."""


@dataclass(frozen=True)
class Most:
    """What one request may hold: bytes `sent`, bytes that come `back`, and single `requests`."""

    sent: int = 2_000_000
    back: int = 8_000_000
    requests: int = 40_000


MOST = Most()
"""Google recommends requests of 2 MB at most and ends what takes it over 180 seconds."""

MOST_HERE = Most(sent=16_000_000, back=50_000_000)
"""Where nothing limits a request but the memory that its answer takes."""


@dataclass(frozen=True)
class Share:
    """What one of the parts writes and expects to meet; `inserted` are the numbers, counted from 0,
    of the sheet's new rows that it adds.
    """

    sheets: tuple[SheetBatch, ...]
    expected: tuple[Expected, ...]
    inserted: Mapping[int, Sequence[int]] = field(default_factory=dict)
    blocks: tuple[ExpectedBlock, ...] = ()


@dataclass
class _Weight:
    """What a part holds so far."""

    most: Most
    sent: int = 0
    back: int = 0
    requests: int = 0

    def takes(self, sent: int, back: int, requests: int) -> bool:
        """True if there is room for that; it is counted then. Something is always taken."""
        most = self.most
        if self.sent and (
            self.sent + sent > most.sent
            or self.back + back > most.back
            or self.requests + requests > most.requests
        ):
            return False
        self.sent += sent
        self.back += back
        self.requests += requests
        return True

    def begin(self) -> None:
        """Begins the next part."""
        self.sent = self.back = self.requests = 0


@dataclass
class _Growing:
    """The share of one sheet while it is gathered."""

    rows: list[int] = field(default_factory=list)
    puts: list[Put] = field(default_factory=list)
    paints: list[Paint] = field(default_factory=list)
    expected: list[Expected] = field(default_factory=list)
    inserts: list[Put] = field(default_factory=list)
    deletes: list[int] = field(default_factory=list)
    inserted: list[int] = field(default_factory=list)
    blocks: list[ExpectedBlock] = field(default_factory=list)


@value_class(frozen=True)
class _Item:
    """The least that is not parted: a row of the sheet, or one that is added (`insert`). `columns`
    are those of its puts.
    """

    sheet: int
    row: int
    puts: Sequence[Put] = ()
    columns: Sequence[int] = ()
    paints: Sequence[Paint] = ()
    expected: Sequence[Expected] = ()
    insert: bool = False
    delete: bool = False


def shares(
    sheets: Sequence[SheetBatch],
    expected: Sequence[Expected],
    most: Most = MOST,
    blocks: Sequence[ExpectedBlock] = (),
) -> list[Share]:
    """The parts in the order in which they are to be sent; one, just as it came, if it is not too
    large. `blocks` are those of the sheets.
    """
    whole = Share(
        tuple(sheets),
        tuple(expected),
        {sheet.sheet_id: range(sheet.inserted_rows) for sheet in sheets if sheet.inserted_rows},
        tuple(blocks),
    )
    if _is_small(sheets, expected, blocks, most):
        return [whole]
    headings = {item.sheet_id: item for item in expected if item.heading}
    parts: list[dict[int, _Growing]] = [{}]
    weight = _Weight(most)
    for together in blocks:
        for start, stop, is_new in _pieces(together.block, weight):
            if is_new:
                parts.append({})
            part = replace(together, block=together.block.piece(start, stop))
            parts[-1].setdefault(together.sheet_id, _Growing()).blocks.append(part)
    above: _Item | None = None
    for item in _items(sheets, expected):
        if not weight.takes(*_weight_of(item, above)):
            parts.append({})
            weight.begin()
            weight.takes(*_weight_of(item, None))
        above = item
        _take(parts[-1].setdefault(item.sheet, _Growing()), item)
    return list(_finished(sheets, parts, headings))


def _pieces(block: Block, weight: _Weight) -> Iterator[tuple[int, int, bool]]:
    """The block in pieces that fit, each from one place to the next, and whether it begins a part:
    of the first there may be room in the part that is growing.
    """
    sent = [_PUT * len(block.fillings)] * len(block)
    for item in block.fillings:
        sent = list(map(add, sent, map(_size, item.after)))
    back = list(map(_back, block.seen))
    apart = _SPOT, _REQUESTS + len(block.fillings)
    start, last, is_new = 0, -2, False
    for place, row in enumerate(block.rows):
        spot, requests = (0, 0) if row == last + 1 else apart
        if not weight.takes(sent[place] + spot, back[place], requests):
            if start < place:
                yield start, place, is_new
            start, is_new = place, True
            weight.begin()
            weight.takes(sent[place] + apart[0], back[place], apart[1])
        last = row
    yield start, len(block), is_new


def _is_small(
    sheets: Sequence[SheetBatch],
    expected: Sequence[Expected],
    blocks: Sequence[ExpectedBlock],
    most: Most,
) -> bool:
    """True if the whole fits into one request, however it is laid out."""
    cells = [cell for each in blocks for item in each.block.fillings for cell in item.after]
    puts = len(cells) + sum(
        len(sheet.puts) + len(sheet.inserts) + len(sheet.paints) for sheet in sheets
    )
    rows = sum(len(sheet.watched) for sheet in sheets)
    if puts * _PUT + rows * _SPOT > most.sent or (rows + puts) * _REQUESTS > most.requests:
        return False
    sent = sum(_size(put.cell) for sheet in sheets for put in (*sheet.puts, *sheet.inserts))
    sent += sum(len(paint.note or "") for sheet in sheets for paint in sheet.paints)
    sent += sum(map(_size, cells))
    back = sum(_back(item.cells) for item in expected)
    back += sum(_back(seen) for each in blocks for seen in each.block.seen)
    return sent + puts * _PUT + rows * _SPOT <= most.sent and back <= most.back


def _items(sheets: Sequence[SheetBatch], expected: Sequence[Expected]) -> Iterator[_Item]:
    """All that is written. Rows that are put back come first: until they stand, nothing else knows
    of them.
    """
    for sheet in sheets:
        yield from _inserts(sheet, range(sheet.inserted_rows - sheet.revived, sheet.inserted_rows))
    for sheet in sheets:
        going = set(sheet.deletes)
        rows = _rows(sheet, expected)
        yield from (rows[row] for row in sorted(rows) if row not in going)
        yield from _inserts(sheet, range(sheet.inserted_rows - sheet.revived))
        yield from (rows[row] for row in sorted(going, reverse=True) if row in rows)


def _inserts(sheet: SheetBatch, numbers: range) -> Iterator[_Item]:
    by_row: dict[int, list[Put]] = {}
    for put in sheet.inserts if numbers else ():
        by_row.setdefault(put.row, []).append(put)
    for number in numbers:
        puts = by_row.get(number, [])
        columns = [put.column for put in puts]
        yield _Item(sheet.sheet_id, number, puts, columns, insert=True)


def _rows(sheet: SheetBatch, expected: Sequence[Expected]) -> dict[int, _Item]:
    puts: dict[int, list[Put]] = {}
    for put in sheet.puts:
        puts.setdefault(put.row, []).append(put)
    paints: dict[int, list[Paint]] = {}
    for paint in sheet.paints:
        paints.setdefault(paint.row, []).append(paint)
    known: dict[int, list[Expected]] = {}
    for item in expected:
        if item.sheet_id == sheet.sheet_id and not item.heading:
            known.setdefault(item.row, []).append(item)
    going = set(sheet.deletes)
    return {
        row: _Item(
            sheet.sheet_id,
            row,
            mine := puts.get(row, []),
            [put.column for put in mine],
            paints.get(row, ()),
            known.get(row, ()),
            delete=row in going,
        )
        for row in puts.keys() | paints.keys() | known.keys() | going
    }


def _weight_of(item: _Item, above: _Item | None) -> tuple[int, int, int]:
    sent, back, requests = _PUT * len(item.puts), 0, 0
    for put in item.puts:
        sent += _size(put.cell)
    for seen in item.expected:
        back += _back(seen.cells)
    if item.paints:
        sent += sum(_PUT + len(paint.note or "") for paint in item.paints)
        requests = len(item.paints)
    if above is None or not _continues(item, above):
        # A cell apart from its neighbours is a request of its own, and so is each mark.
        requests += _REQUESTS + len(item.puts)
        sent += _SPOT
    return sent, back, requests


def _continues(item: _Item, above: _Item) -> bool:
    """True if the row's requests are those of the row above, made one row longer."""
    return (
        above.row == item.row - 1
        and above.sheet == item.sheet
        and above.insert == item.insert
        and above.columns == item.columns
    )


def _size(cell: Cell) -> int:
    if not isinstance(cell, str):
        return 8
    # As UTF-8: two bytes for a Cyrillic letter.
    return len(cell) if cell.isascii() else 2 * len(cell)


def _back(cells: Sequence[Cell]) -> int:
    try:
        size = len(orjson.dumps(cells))
    except TypeError:
        size = 2 * len(str(cells))
    return 2 * size + _FOUND * (len(cells) - cells.count(None))


def _take(part: _Growing, item: _Item) -> None:
    if item.insert:
        place = len(part.inserted)
        part.inserts.extend(
            put if put.row == place else replace(put, row=place) for put in item.puts
        )
        part.inserted.append(item.row)
        return
    part.puts.extend(item.puts)
    part.paints.extend(item.paints)
    part.expected.extend(item.expected)
    if item.expected:
        part.rows.append(item.row)
    if item.delete:
        part.deletes.append(item.row)


def _finished(
    sheets: Sequence[SheetBatch],
    parts: Iterable[Mapping[int, _Growing]],
    headings: Mapping[int, Expected],
) -> Iterator[Share]:
    """The parts as writes: each counts rows and columns as those before it will have left them."""
    left = {sheet.sheet_id: sheet for sheet in sheets}
    for part in parts:
        written: list[SheetBatch] = []
        expected: list[Expected] = []
        for sheet_id, share in part.items():
            heading = headings.get(sheet_id)
            met = [*share.expected, *([heading] if heading else ())]
            met.sort(key=lambda item: item.row)
            expected.extend(met)
            batch = replace(
                left[sheet_id],
                watched=tuple(
                    sorted(
                        {item.row for item in met}.union(
                            *(item.block.rows for item in share.blocks)
                        )
                    )
                ),
                puts=tuple(share.puts),
                paints=tuple(share.paints),
                inserts=tuple(share.inserts),
                inserted_rows=len(share.inserted),
                deletes=tuple(sorted(share.deletes)),
                revived=0,
                blocks=tuple(item.block for item in share.blocks),
            )
            written.append(batch)
            left[sheet_id] = _after(batch)
        expected.sort(key=lambda item: (item.sheet_id, item.row))
        added = {
            sheet_id: tuple(share.inserted) for sheet_id, share in part.items() if share.inserted
        }
        blocks = tuple(item for share in part.values() for item in share.blocks)
        yield Share(tuple(written), tuple(expected), added, blocks)


def _after(batch: SheetBatch) -> SheetBatch:
    """The sheet as it is once this much of it is written: what it measures, and where it ends."""
    height = batch.row_count
    if batch.inserted_rows:
        height = max(height, batch.insert_at + 1) + batch.inserted_rows
    return replace(
        batch,
        row_count=height - len(batch.deletes),
        insert_at=batch.insert_at + batch.inserted_rows,
        column_count=max(batch.column_count, batch.right_end) if batch.column_count else 0,
    )
