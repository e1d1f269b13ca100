"""One atomic write to a workbook, as a value: what is put where, and which rows must be watched.

The adapter turns it into ONE request that first copies the watched rows into the journal tab
beside the operation's id, then writes, and answers with what stood in those rows at that very
moment.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from crm_sync.core.blocks import Block
from crm_sync.core.drawing import Drawing
from crm_sync.core.grid import Grid
from crm_sync.core.looks import Dressing, Wardrobe
from crm_sync.core.schema import Tab
from crm_sync.core.stamp import NO_STAMP, Stamp
from crm_sync.core.values import Cell

if TYPE_CHECKING:
    from dataclasses import dataclass as value_class
else:
    from crm_sync.core.value_class import value_class

JOURNAL_TITLE: Final = "_crm_journal"
"""The title of the hidden tab that keeps what the last write met."""


UNMARKED: Final = "unmarked"
"""Stands for the operation in a journal tab whose mark somebody took away."""


@value_class(frozen=True)
class Put:
    """A cell to set; None and "" clear it. `pattern` is the number format to give it, None to
    leave the cell's format as it is. Text stays text whatever it looks like, but with `formula`
    it is a formula.
    """

    row: int
    column: int
    cell: Cell
    pattern: str | None = None
    formula: bool = False


@dataclass(frozen=True)
class Paint:
    """A cell's look to set: its note, its background ("#rrggbb", "theme:NAME"). None leaves that as
    it is, "" takes it away.
    """

    row: int
    column: int
    note: str | None = None
    colour: str | None = None


@dataclass(frozen=True)
class SheetBatch:
    """The writes for one tab. Rows and columns are zero-based and count in the sheet as it was
    read.

    `width` columns of each row of `watched` (sorted) are copied to the journal before anything is
    written. `inserts` become new rows that start at row `insert_at` (their puts count rows from
    there), the last `revived` of them rows that are put back; `deletes` (sorted) go last, from the
    bottom up. `row_count` and `column_count` are the grid's size as read; puts beyond its right
    edge make it wider. Of `blocks` each cell is written, in the format that `patterns` has for its
    column; their rows stand in no put.
    """

    sheet_id: int
    row_count: int
    width: int
    watched: tuple[int, ...] = ()
    puts: tuple[Put, ...] = ()
    insert_at: int = 0
    inserts: tuple[Put, ...] = ()
    inserted_rows: int = 0
    deletes: tuple[int, ...] = ()
    column_count: int = 0
    paints: tuple[Paint, ...] = ()
    revived: int = 0
    blocks: tuple[Block, ...] = ()
    patterns: Mapping[int, str | None] = field(default_factory=dict)

    @property
    def right_end(self) -> int:
        """How many columns the cells reach that are written."""
        cells = (put.column for put in (*self.puts, *self.inserts))
        columns = (item.column for block in self.blocks for item in block.fillings)
        return 1 + max((*cells, *columns), default=-1)


@dataclass(frozen=True)
class NewTab:
    """A tab to be made: of records (`tab`) or generated (`tab` is None; its grid follows as a
    `GeneratedTab`). With `exists`, the blank sheet that already bears this id is made into it.
    `lists` are the formulas of the lists tab by (row, column), `wardrobe` what the looks of a tab
    of records need.
    """

    sheet_id: int
    title: str
    tab: Tab | None = None
    rows: int = 1000
    columns: int = 26
    hidden: bool = False
    exists: bool = False
    wardrobe: Wardrobe = field(default_factory=Wardrobe)
    lists: Mapping[tuple[int, int], Cell] = field(default_factory=dict)


@dataclass(frozen=True)
class GeneratedTab:
    """A generated tab's new content. `row_count` and `column_count` are the grid's size now;
    `old_rows` and `old_columns` is how far its old content reaches, so that surplus is cleared in
    the same write. `shades` colour cells, 0 to 1; its charts `reach` so many rows and columns,
    which there must be. `moments` is the number format of days with a time.
    """

    sheet_id: int
    grid: Grid
    row_count: int
    column_count: int
    old_rows: int = 0
    old_columns: int = 0
    shades: Mapping[tuple[int, int], float] = field(default_factory=dict)
    reach: tuple[int, int] = (0, 0)
    moments: str = ""


@dataclass(frozen=True)
class Label:
    """A column that is to bear its field's name out of sight, so that it is known by that when its
    heading is renamed.
    """

    sheet_id: int
    column: int
    field: str


@dataclass(frozen=True)
class Batch:
    """All that one request writes. `journal_id` is the sheet id of the hidden journal tab, where
    the write leaves its `stamp`; with `renews` it is sent for the stamp alone, if need be. `looks`
    are given to tabs that stand there already, when the cells are written; `drawings` are what is
    done to charts, last of all. `after` is the operation that the journal tab bore when the
    workbook was read, "" for none: the write is refused whole if another one of ours has landed
    since. UNMARKED leaves its mark and asks for nothing, None does neither.
    """

    operation: str
    journal_id: int
    sheets: tuple[SheetBatch, ...] = ()
    new_tabs: tuple[NewTab, ...] = ()
    generated: tuple[GeneratedTab, ...] = ()
    looks: tuple[Dressing, ...] = ()
    drawings: tuple[Drawing, ...] = ()
    stamp: Stamp = NO_STAMP
    labels: tuple[Label, ...] = ()
    renews: bool = False
    after: str | None = None

    @property
    def empty(self) -> bool:
        """True if nothing would be written."""
        parts = (self.sheets, self.new_tabs, self.generated, self.looks)
        return not any((*parts, self.drawings, self.renews))


@value_class(frozen=True)
class PreImage:
    """A watched row as it stood when the write landed.

    `cells` are as in `TabRead.rows`: trailing blanks are cut, a formula's cell holds its value.
    `formulas` gives the text of each formula by column, as it read in its own row.
    """

    sheet_id: int
    row: int
    cells: tuple[Cell, ...]
    formulas: Mapping[int, str] = field(default_factory=dict)
