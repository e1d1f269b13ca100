"""The stamp in a workbook's journal tab: which store wrote there last, and by which operation.

Every write leaves one, in the same atomic request. It stands in cells, not in developer metadata,
because cells surely go back with an old revision and come along with a copy of the file; and it is
read with the tabs, at the price of no request. Store and workbook thus notice when one of them was
put back, copied, or handed to another.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from crm_sync.core.values import Cell, cell_text


@dataclass(frozen=True)
class Stamp:
    """The last write to a workbook: its operation, the store that made it, the spreadsheet's id
    then, and the time (UTC, ISO 8601). All are "" in a workbook without one.
    """

    operation: str = ""
    store: str = ""
    file: str = ""
    at: str = ""

    @property
    def cells(self) -> tuple[str, ...]:
        """The stamp as it stands in the first row of the journal tab."""
        return (self.operation, self.store, self.file, self.at)


NO_STAMP: Final = Stamp()
WIDTH: Final = len(NO_STAMP.cells)
"""The columns of the journal tab that a stamp takes."""


def read_stamp(row: Sequence[Cell]) -> Stamp:
    """The stamp in the first row of a journal tab; what is missing there is ""."""
    cells = [cell_text(cell) for cell in row[:WIDTH]]
    return Stamp(*cells, *[""] * (WIDTH - len(cells)))


class Standing(Enum):
    """How a workbook and a store stand to each other."""

    TOGETHER = "the last write is known to both"
    UNSTAMPED = "no stamp: nothing is known"
    COPY = "the workbook is a copy of another file"
    OTHER_STORE = "another store wrote there last"
    BOOK_OLD = "the workbook went back to an older state"
    STORE_OLD = "the store went back to an older state, or a twin of it is at work"


def standing(
    stamp: Stamp, *, store: str, file: str, last: str, number: Callable[[str], int | None]
) -> Standing:
    """How they stand. `last` is the newest operation that the store has seen in the workbook, ""
    for none; `number` gives the running number of an operation of this store, None for one that
    it never began.
    """
    if stamp.operation and stamp.operation == last:
        return Standing.TOGETHER
    if not (stamp.operation and stamp.store):
        return Standing.UNSTAMPED
    if stamp.file != file:
        return Standing.COPY
    if stamp.store != store:
        return Standing.OTHER_STORE
    found, newest = number(stamp.operation), number(last) if last else None
    if found is None:
        return Standing.STORE_OLD
    # A newer one than the last that was seen: its answer was lost, or its run died.
    return Standing.BOOK_OLD if newest is not None and found < newest else Standing.TOGETHER
