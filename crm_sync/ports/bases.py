"""What the services ask of a store about what it and each workbook last agreed on."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from crm_sync.core.records import Base
from crm_sync.core.seeing import Seen
from crm_sync.core.values import Cell


@dataclass(frozen=True)
class Binding:
    """What the store knows of one workbook: its file, the sheet of each tab ("clients" -> 17;
    generated tabs and the journal too), and the state at the last run that found everything
    settled.

    `version` is the file's version then (None: look anew), `sequence` the store's, `day` the
    local date. `fingerprint` is that of templates and model: a change of either makes the next
    run look at everything. `operation` is the newest one that was seen to have reached the file.
    `fields` are those that had a column then, by table, a masked one with a `*` behind it. `scope`
    is the workbook's at the last run that left nothing to be moved. `headings` are those of a sheet
    that was taken over, by table: the field of each ("" for one that stays the staff's own).
    """

    workbook: str
    spreadsheet_id: str
    sheets: Mapping[str, int] = field(default_factory=dict)
    version: int | None = None
    sequence: int | None = None
    day: str = ""
    fingerprint: str = ""
    locale: str = ""
    operation: str = ""
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    scope: str = ""
    headings: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


class Bases(Protocol):
    """What each workbook and the store last agreed on."""

    def all(self, workbook: str, table: str) -> dict[str, Base]:
        """Bases of one tab by record id."""

    def some(self, workbook: str, table: str, record_ids: Iterable[str]) -> dict[str, Base]:
        """The bases of these records; those of others are no error."""

    def open(self, workbook: str, table: str) -> frozenset[str]:
        """The records whose base is unsettled, awaited, let go or not seen in the sheet yet."""

    def put(self, workbook: str, table: str, bases: Mapping[str, Base]) -> None:
        """Stores or replaces these bases."""

    def begin(
        self,
        workbook: str,
        table: str,
        bases: Mapping[str, Base],
        stood: Mapping[str, Mapping[str, Cell]],
    ) -> None:
        """Stores or replaces the bases of records that are new with their rows. Until they are
        settled, they are read as `core.records.begun` says of what `stood` in each row.
        """

    def settle(self, workbook: str, table: str, record_ids: Collection[str]) -> None:
        """From now on the bases of these records hold as they were given when they were begun."""

    def drop(self, workbook: str, table: str, record_ids: Sequence[str]) -> None:
        """Forgets these bases; unknown ones are no error."""

    def holders(
        self, table: str, record_ids: Sequence[str], workbooks: Sequence[str]
    ) -> dict[str, frozenset[str]]:
        """Which of these workbooks have a row of each of these records, by record id."""

    def holding(self, table: str, record_ids: Iterable[str]) -> frozenset[str]:
        """The workbooks that have a row of at least one of these records."""

    def feed(self, feed: str) -> str:
        """The token up to which a list of changes was read, "" if it never was."""

    def put_feed(self, feed: str, token: str) -> None:
        """Notes how far a list of changes was read. Call it in the transaction that notes what it
        told.
        """

    def own(self, workbook: str, table: str) -> dict[str, dict[str, Cell]]:
        """What the staff's own columns hold, by record id and heading; empty cells are left out."""

    def put_own(self, workbook: str, table: str, cells: Mapping[str, Mapping[str, Cell]]) -> None:
        """Stores or replaces what the own columns of these records hold; None takes one away."""

    def binding(self, workbook: str) -> Binding | None:
        """What is known of the workbook, None before its first run."""

    def bindings(self) -> dict[str, Binding]:
        """What is known of each workbook that had a run, by its name."""

    def bind(self, binding: Binding) -> None:
        """Stores or replaces what is known of the workbook."""

    def catch_up(self, workbooks: Iterable[str], sequence: int) -> None:
        """Notes this sequence of the store for these workbooks: what changed is not theirs."""


class Sightings(Protocol):
    """What the tabs of a workbook showed when a run left them settled, as long as that tells what
    is new in them: not when a base has moved since.
    """

    def last(self, workbook: str) -> dict[str, Seen]:
        """The tabs of which that is known."""

    def note(self, workbook: str, seen: Mapping[str, Seen]) -> None:
        """Stores these tabs and forgets all others of the workbook. Call it within the transaction
        that notes the store's sequence in the binding.
        """
