"""What the services ask of a workbook and of a clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

# Most commands open no workbook: what these need is loaded by those that do.
if TYPE_CHECKING:
    from crm_sync.core.access import Rights, Share
    from crm_sync.core.batch import Batch, Label, PreImage
    from crm_sync.core.drift import FoundBook
    from crm_sync.core.grid import TabRead
    from crm_sync.core.locked import Locks
    from crm_sync.core.looks import Dressing
    from crm_sync.core.marks import CellLook
    from crm_sync.core.merged_cells import Merge
    from crm_sync.core.parting import Most
    from crm_sync.core.shown_cells import ShownCell


class Clock(Protocol):
    """The time."""

    def now(self) -> datetime:
        """The present moment, with a time zone."""


@dataclass(frozen=True)
class SheetOutline:
    """One sheet of a workbook without its cells."""

    sheet_id: int
    title: str
    row_count: int
    column_count: int


@dataclass(frozen=True)
class Outline:
    """A workbook without its cells. `locale` and `time_zone` are the workbook's own ("ru_RU",
    "Europe/Moscow"). `charts` are the ids of the charts on its sheets.
    """

    spreadsheet_id: str
    title: str
    locale: str
    time_zone: str
    sheets: tuple[SheetOutline, ...]
    charts: tuple[int, ...] = ()


class Workbook(Protocol):
    """One spreadsheet behind a connection. Errors of all methods: AccessError, KeyFileError,
    WorkbookGone, ShapeError, Unreachable, QuotaExhausted. It knows nothing of records; it keeps
    no state between calls but its connection.
    """

    @property
    def most(self) -> Most:
        """What one write may hold; the services send what is more in parts."""

    @property
    def spreadsheet_id(self) -> str:
        """The file's id; it never changes."""

    @property
    def address(self) -> str:
        """Where a person opens it."""

    def probe(self) -> int:
        """The file's version, which grows with every change by anyone. One request, reads no
        cells.
        """

    def labels(self) -> tuple[Label, ...]:
        """The columns that bear a field's name out of sight, as our writes left it. One request."""

    def modified(self) -> datetime:
        """When anyone last changed the file. One request, reads no cells."""

    def shares(self) -> tuple[Share, ...]:
        """Who may open the file now, our own account apart. One request for a hundred of them.
        Raises AccessError if our account may not share the file.
        """

    def rights(self) -> Rights:
        """What our own account may do with the file. One request."""

    def outline(self) -> Outline:
        """The sheets and their sizes. One request, reads no cells."""

    def read(self, sheet_ids: Sequence[int], first_rows: Sequence[int] = ()) -> dict[int, TabRead]:
        """Whole tabs as they stand, and of the sheets in `first_rows` the first row, in one
        request; a second one only if formulas stand in the whole ones. Dates are serial days,
        numbers unformatted. Raises ShapeError if a sheet is gone."""

    def look(
        self, rows: Mapping[int, Sequence[tuple[int, int]]]
    ) -> dict[tuple[int, int, int], CellLook]:
        """Notes and backgrounds by sheet id, row and column, of cells that have either, in these
        rows (start, end excluded) of these sheets; no rows stand for the whole sheet. One request.
        Raises ShapeError if a sheet is gone.
        """

    def shown(
        self, rows: Mapping[int, Sequence[tuple[int, int]]]
    ) -> dict[tuple[int, int, int], ShownCell]:
        """What numbers in these rows (start, end excluded) show, by sheet id, row and column. One
        request.
        """

    def locks(self) -> Locks:
        """What is protected against our account. One request, reads no cells."""

    def merges(self, sheet_ids: Sequence[int]) -> dict[int, tuple[Merge, ...]]:
        """The merged cells of these sheets. One request, reads no cells."""

    def journal(
        self, journal_id: int, watched: Sequence[tuple[int, int]]
    ) -> tuple[str, tuple[PreImage, ...]]:
        """The operation id that stands in the journal tab ("" if there is no such tab), and what
        the swap of that operation answered. `watched` are its (sheet id, row) pairs. One request.
        """

    def looks(self, sheets: Sequence[SheetOutline]) -> FoundBook:
        """The looks of these sheets: formats and rules of their cells, protection, colours, the
        headings. Two requests, reads no cells. Raises ShapeError if a sheet is gone.
        """

    def dress(self, looks: Sequence[Dressing]) -> None:
        """Gives the workbook these looks, all or none. Nothing of it is data. Raises UnknownOutcome
        when the answer was lost; then it may be done again.
        """

    def swap(self, batch: Batch) -> tuple[PreImage, ...]:
        """Writes the batch atomically and returns each watched row as it stood at that moment, in
        order of sheet and row, but for rows that cannot be copied. An empty batch asks nothing.
        Raises UnknownOutcome when the answer was lost, Overtaken when another operation than
        `batch.after` stands in the journal tab, Locked when it meets a protected range,
        ShapeError when Google refused the write whole for another reason; never
        sends a write twice that may have been applied.
        """


class Workbooks(Protocol):
    """Opens and makes workbooks by their name in the configuration."""

    @property
    def requests_made(self) -> int:
        """How many requests were sent so far, signing in apart."""

    def open(self, name: str, spreadsheet_id: str) -> Workbook:
        """The workbook with this id. Asks nothing of the network yet."""

    def create(
        self, name: str, title: str, *, locale: str, time_zone: str, first_tab: str
    ) -> Workbook:
        """A new workbook with one blank tab. Raises AccessError where the account may own no
        files.
        """
