"""What a tab showed when a run left it settled, and what is new in it since.

A row whose print and record are as they were then needs no second look: neither side changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import cached_property

from crm_sync.core.grid import TabRead
from crm_sync.core.plan import TabPlan
from crm_sync.core.prints import BLANK, UNKNOWN, at, foreseen, split
from crm_sync.core.values import Cell


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
    def places(self) -> Mapping[str, int]:
        """The row of each record whose row is as it was, of those to be looked at too."""
        return {record_id: row for row, record_id in enumerate(self.ids) if record_id}

    def look_at(self, record_ids: Iterable[str]) -> None:
        """Adds the rows of these records to those to be looked at."""
        for row in [self.places[key] for key in record_ids if key in self.places]:
            self.ids[row] = ""


def news(seen: Seen, prints: bytes) -> News:
    """What is new in a tab whose rows have these prints now. A row that only moved is as it was."""
    if prints == seen.prints:
        return News(list(seen.ids))
    before, now = split(seen.prints), split(prints)
    ids = seen.ids[: len(now)] + [""] * (len(now) - len(before))
    differing = [row for row, (old, new) in enumerate(zip(before, now, strict=False)) if old != new]
    waiting: dict[bytes, list[str]] = {}
    for row in (*differing, *range(len(now), len(before))):
        if seen.ids[row]:
            waiting.setdefault(before[row], []).append(seen.ids[row])
    for row in differing:
        ids[row] = ""
    for row in (*differing, *range(len(before), len(now))):
        found = waiting.get(now[row])
        if found:
            ids[row] = found.pop()
    return News(ids, {record_id for left in waiting.values() for record_id in left})


def rows_to_read(found: News, prints: bytes, header_row: int) -> tuple[int, ...]:
    """The rows below the headings to be looked at, in order."""
    return tuple(
        row
        for row in range(header_row + 1, len(found.ids))
        if not found.ids[row] and at(prints, row) != BLANK
    )


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
    prints = split(read.prints)
    for row, cells in _written(read, plan):
        # A row that lies beyond what was read cannot be told from one that is added.
        if row >= len(prints):
            return None
        prints[row] = UNKNOWN if cells is None else foreseen(cells)
    for delete in sorted(plan.deletes, key=lambda item: -item.row):
        del ids[delete.row], prints[delete.row]
    for insert in plan.inserts:
        ids.append(insert.record_id)
        prints.append(foreseen(_in_a_row(insert.cells)))
    if any("\n" in record_id for record_id in ids):
        return None
    bases = (left.bases | plan.bases.keys()) - set(plan.dropped)
    rowless = bases - left.places.keys() - {insert.record_id for insert in plan.inserts}
    return Seen(
        b"".join(prints),
        "\n".join(ids),
        left.header_row,
        left.others + len(bases),
        tuple(sorted(rowless | (left.live - bases))),
    )


def _written(read: TabRead, plan: TabPlan) -> Iterator[tuple[int, list[Cell] | None]]:
    """The rows that the plan writes to, as they will be; None for what cannot be foreseen."""
    rows: dict[int, list[Cell] | None] = {}
    for write in plan.writes:
        if write.row not in rows:
            rows[write.row] = list(read.rows[write.row]) if write.row < len(read.rows) else []
        cells = rows[write.row]
        if write.formula or cells is None:
            rows[write.row] = None
            continue
        cells.extend([None] * (write.column + 1 - len(cells)))
        cells[write.column] = write.after
    yield from rows.items()


def _in_a_row(cells: Mapping[int, Cell]) -> list[Cell]:
    return [cells.get(column) for column in range(max(cells, default=-1) + 1)]
