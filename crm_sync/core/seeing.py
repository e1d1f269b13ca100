"""What a tab showed when a run left it settled, and what is new in it since.

A row whose print and record are as they were then needs no second look: neither side changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from itertools import compress, count
from typing import Final

from crm_sync.core.blocks import Block
from crm_sync.core.grid import TabRead
from crm_sync.core.plan import TabPlan
from crm_sync.core.prints import BLANK, SIZE, UNKNOWN, at, foreseen
from crm_sync.core.values import Cell

_BUNDLE: Final = 16


@dataclass(frozen=True)
class Seen:
    """A tab as a run left it. `prints` are those of its rows, `listed` the record of each row, one
    a line (blank: nobody's). `loose` are records that every run looks at: those without a base or
    without a row. `known` is how many bases there are.
    """

    prints: bytes
    listed: str
    header_row: int
    known: int
    loose: tuple[str, ...] = ()

    @cached_property
    def ids(self) -> list[str]:
        """The record of each row, "" for nobody's."""
        return self.listed.split("\n") if self.prints else []


@dataclass
class News:
    """What is new in a tab: `ids` is the record of each row that is as it was, "" for all other
    rows; `gone` are the records whose row is not what it was.
    """

    ids: list[str]
    gone: set[str] = field(default_factory=set)

    @cached_property
    def open(self) -> set[int]:
        """The rows to be looked at, blank ones among them."""
        return set(_nobodys(self.ids))

    @cached_property
    def places(self) -> Mapping[str, int]:
        """The row of each record whose row is as it was, of those to be looked at too."""
        return {record_id: row for row, record_id in enumerate(self.ids) if record_id}

    def look_at(self, record_ids: Iterable[str]) -> None:
        """Adds the rows of these records to those to be looked at."""
        asked = frozenset(record_ids) - {""}
        rows = list(compress(count(), map(asked.__contains__, self.ids))) if asked else []
        for row in rows:
            self.ids[row] = ""
        self.open.update(rows)


def _nobodys(ids: Sequence[str]) -> Iterator[int]:
    """The rows of nobody, found without going through the others one by one."""
    row = -1
    with suppress(ValueError):
        while True:
            row = ids.index("", row + 1)
            yield row


def news(seen: Seen, prints: bytes) -> News:
    """What is new in a tab whose rows have these prints now. A row that only moved is as it was."""
    if prints == seen.prints:
        return News(list(seen.ids))
    before, now = len(seen.prints) // SIZE, len(prints) // SIZE
    ids = seen.ids[:now] + [""] * (now - before)
    differing = list(_differing(seen.prints, prints))
    waiting: dict[bytes, list[str]] = {}
    for row in (*differing, *range(now, before)):
        if seen.ids[row]:
            waiting.setdefault(at(seen.prints, row), []).append(seen.ids[row])
    for row in differing:
        ids[row] = ""
    for row in (*differing, *range(before, now)):
        found = waiting.get(at(prints, row))
        if found:
            ids[row] = found.pop()
    return News(ids, {record_id for left in waiting.values() for record_id in left})


def _differing(old: bytes, new: bytes) -> Iterator[int]:
    """The rows that both have and that differ. Most do not: they are compared in bundles."""
    end = min(len(old), len(new))
    for start in range(0, end, _BUNDLE * SIZE):
        stop = min(start + _BUNDLE * SIZE, end)
        if old[start:stop] != new[start:stop]:
            for place in range(start, stop, SIZE):
                if old[place : place + SIZE] != new[place : place + SIZE]:
                    yield place // SIZE


def rows_to_read(found: News, prints: bytes, header_row: int) -> tuple[int, ...]:
    """The rows below the headings to be looked at, in order."""
    return tuple(row for row in sorted(found.open) if row > header_row and at(prints, row) != BLANK)


@dataclass(frozen=True)
class Left:
    """How a run leaves a tab: its plan and `places`, the row as read of each record that it placed.
    `bases` are those that it loaded, `live` the records that are not archived; in a run that looked
    at a part of the tab, of that part alone. `ids` is then the record of each other row, and
    `others` how many bases it did not load.
    """

    read: TabRead
    header_row: int
    plan: TabPlan
    places: Mapping[str, int]
    bases: Set[str]
    live: Set[str]
    ids: Sequence[str] = ()
    others: int = 0


def seen_after(left: Left) -> Seen | None:
    """The tab as the next run is to find it, if nobody edits it; None where a look at its bytes
    would not tell.
    """
    read, plan = left.read, left.plan
    if plan.stop is not None or not read.prints:
        return None
    ids = list(left.ids) if left.ids else [""] * len(read.rows)
    for record_id, row in left.places.items():
        ids[row] = record_id
    prints = bytearray(read.prints)
    for row, cells in _written(read, plan):
        # A row that lies beyond what was read cannot be told from one that is added.
        if row >= len(read.prints) // SIZE:
            return None
        prints[row * SIZE : (row + 1) * SIZE] = UNKNOWN if cells is None else foreseen(cells)
    for delete in sorted(plan.deletes, key=lambda item: -item.row):
        del ids[delete.row], prints[delete.row * SIZE : (delete.row + 1) * SIZE]
    for insert in plan.inserts:
        ids.append(insert.record_id)
        prints += foreseen(_in_a_row(insert.cells))
    listed = "\n".join(ids)
    if listed.count("\n") >= max(len(ids), 1):
        return None
    bases = (left.bases | plan.bases.keys()) - set(plan.dropped)
    rowless = bases - left.places.keys() - {insert.record_id for insert in plan.inserts}
    return Seen(
        bytes(prints),
        listed,
        left.header_row,
        left.others + len(bases),
        tuple(sorted(rowless | (left.live - bases))),
    )


def _written(read: TabRead, plan: TabPlan) -> Iterator[tuple[int, list[Cell] | None]]:
    """The rows that the plan writes to, as they will be; None for what cannot be foreseen."""
    rows: dict[int, list[Cell] | None] = {}
    mixed = {write.row for write in plan.writes}
    for block in plan.block.whole() if plan.block else ():
        for row, filled in zip(block.rows, _filled(block), strict=True):
            if row in mixed:
                rows[row] = filled
            else:
                yield row, filled
    for write in plan.writes:
        if write.row not in rows:
            rows[write.row] = list(read.rows[write.row]) if write.row < len(read.rows) else []
        cells = rows[write.row]
        if write.formula or cells is None:
            rows[write.row] = None
            continue
        if write.column >= len(cells):
            cells.extend([None] * (write.column + 1 - len(cells)))
        cells[write.column] = write.after
    yield from rows.items()


def _filled(block: Block) -> Iterator[list[Cell]]:
    """The rows of a block of which each cell is written, as they will be."""
    columns = [item.column for item in block.fillings]
    width = max(columns, default=-1) + 1
    for seen, after in zip(
        block.seen, zip(*(item.after for item in block.fillings), strict=True), strict=True
    ):
        cells = [*seen, *(None,) * (width - len(seen))]
        for column, cell in zip(columns, after, strict=True):
            cells[column] = cell
        yield cells


def _in_a_row(cells: Mapping[int, Cell]) -> list[Cell]:
    return [cells.get(column) for column in range(max(cells, default=-1) + 1)]
