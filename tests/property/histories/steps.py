"""What may happen in a history: each step is a value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True)
class Type:
    """Staff type a new value into a field of the n-th row."""

    row: int
    field: str
    bad: bool = False


@dataclass(frozen=True)
class Blank:
    """Staff empty a cell."""

    row: int
    field: str


@dataclass(frozen=True)
class Formula:
    """Staff type a formula into a cell."""

    row: int
    field: str


@dataclass(frozen=True)
class OwnNote:
    """Staff type into their own column."""

    row: int


@dataclass(frozen=True)
class NewRow:
    """Staff type a new row below the last one; without some of `fields` it is a draft."""

    fields: tuple[str, ...]
    says_new: bool = False


@dataclass(frozen=True)
class DeleteRow:
    row: int


@dataclass(frozen=True)
class PutBack:
    """Staff undo the last deletion of a row."""


@dataclass(frozen=True)
class ClearRow:
    """Staff empty all cells of a row but its id."""

    row: int


@dataclass(frozen=True)
class CopyRow:
    """Staff copy a row below the last one, id and all."""

    row: int


@dataclass(frozen=True)
class SpoilId:
    """Staff erase an id or type nonsense over it."""

    row: int
    text: str = ""


@dataclass(frozen=True)
class Sort:
    field: str
    descending: bool = False


@dataclass(frozen=True)
class InsertRows:
    row: int
    count: int = 1


@dataclass(frozen=True)
class MoveRow:
    row: int
    to: int


@dataclass(frozen=True)
class MoveColumn:
    column: int
    to: int


@dataclass(frozen=True)
class CutRows:
    """Staff cut so many rows and paste them below the last one; or one of them over the n-th row,
    of which nothing is left.
    """

    row: int
    count: int = 1
    onto: int | None = None


@dataclass(frozen=True)
class PasteDown:
    """Staff copy so many cells of a column and paste them one row too low."""

    row: int
    field: str
    count: int


@dataclass(frozen=True)
class SortColumn:
    """Staff sort one column by itself: its values come to stand in the rows of others."""

    field: str
    descending: bool = False


@dataclass(frozen=True)
class Filter:
    """Staff hide by a filter the rows that hold what the n-th holds."""

    row: int
    field: str


@dataclass(frozen=True)
class Decide:
    """Staff answer the n-th line of the tab Conflicts or Problems; without a decision they type a
    value of their own.
    """

    tab: str
    line: int
    decision: str = ""


Staff: TypeAlias = (
    Type
    | Blank
    | Formula
    | OwnNote
    | NewRow
    | DeleteRow
    | PutBack
    | ClearRow
    | CopyRow
    | SpoilId
    | Sort
    | InsertRows
    | MoveRow
    | MoveColumn
    | CutRows
    | PasteDown
    | SortColumn
    | Filter
    | Decide
)


@dataclass(frozen=True)
class Update:
    """A program changes a field of the n-th record in the store."""

    record: int
    field: str


@dataclass(frozen=True)
class Insert:
    """A program inserts a record in the store, without an id."""


@dataclass(frozen=True)
class Archive:
    record: int


@dataclass(frozen=True)
class Delete:
    """A program deletes a record in the store for good."""

    record: int


@dataclass(frozen=True)
class Resolve:
    """A person decides the n-th open conflict."""

    conflict: int
    side: str


Program: TypeAlias = Update | Insert | Archive | Delete | Resolve


@dataclass(frozen=True)
class Undo:
    """A manager takes back the n-th last run."""

    run: int


@dataclass(frozen=True)
class Restore:
    """A manager brings the n-th archived record back."""

    record: int


@dataclass(frozen=True)
class Merge:
    """A manager makes one record of two; the first one's values stay."""

    record: int
    other: int


@dataclass(frozen=True)
class Unmerge:
    """A manager takes the n-th merge back that is still in force."""

    merge: int


Manager: TypeAlias = Undo | Restore | Merge | Unmerge


@dataclass(frozen=True)
class Race:
    """Others act before or after the n-th request of a run."""

    request: int
    acts: tuple[Staff | Update | Archive, ...]
    after: bool = False


@dataclass(frozen=True)
class Trouble:
    """The n-th request of a run goes wrong."""

    request: int
    kind: str
    status: int = 503
    after: bool = False


@dataclass(frozen=True)
class Run:
    """A run, with what happens while it works; `kill` is the step at which its process dies."""

    races: tuple[Race, ...] = ()
    troubles: tuple[Trouble, ...] = ()
    kill: int = 0


@dataclass(frozen=True)
class Rest:
    """Two undisturbed runs; then all must be as the promises say."""


Step: TypeAlias = Staff | Program | Manager | Run | Rest
History: TypeAlias = tuple[Step, ...]

WHOLE = ("full_name", "phone", "city")
"""What staff fill in a new row that is to become a record."""
