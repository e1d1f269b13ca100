"""What the erasing of a person asks of the store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from crm_sync.core.erasing import Traces


@dataclass(frozen=True)
class Named:
    """Where a person stands in the store, by what would be done: ids by table.

    `person` is the record itself, `merged` are those that were made one with it; `cleared` are
    records about them alone, whose texts go; `named` are others whose texts name them; `alike` are
    other people's records with the same name or number, which stay as they are; `shown` are records
    that refer to them, whose cells show their name. `entries` counts entries of history, `findings`
    conflicts and problems, `own` cells of the staff's own columns, `exports` the exports whose note
    names them.
    """

    table: str
    person: str
    traces: Traces
    cleared: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    named: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    alike: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    shown: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    entries: int = 0
    findings: int = 0
    own: int = 0
    exports: tuple[int, ...] = ()
    merged: tuple[str, ...] = ()

    @property
    def people(self) -> tuple[str, ...]:
        """The ids under which the person stands: the record itself, and those merged into it."""
        return (self.person, *self.merged)


@dataclass(frozen=True)
class Erasure:
    """A person erased, as the store keeps it: `records` are all that were touched, by table, the
    person's own first; `counts` how much went.
    """

    number: int
    at: str
    by: str
    records: Mapping[str, tuple[str, ...]]
    counts: Mapping[str, int]

    @property
    def person(self) -> tuple[str, str]:
        """The table and the id of who was erased."""
        return next(((table, ids[0]) for table, ids in self.records.items() if ids), ("", ""))


class Erasing(Protocol):
    """Takes a person out of the store for good."""

    def find(self, table: str, person: str) -> Named:
        """Where a person stands; changes nothing."""

    def erase(self, named: Named, *, by: str, at: datetime, instead: str) -> None:
        """Takes them out of records, history and findings; the record itself is archived under
        `instead` as its name. Call it within a transaction.
        """

    def done(self) -> tuple[Erasure, ...]:
        """Who was erased, the newest first; no names."""

    def waiting(self) -> tuple[str, ...]:
        """The workbooks over which no run has gone to its end since somebody was erased."""

    def standing(self) -> tuple[str, ...]:
        """The workbooks in which, as far as the store knows, a row of somebody erased stands."""

    def shown_in(self, named: Named) -> tuple[str, ...]:
        """The workbooks in which, as far as the store knows, a row of the person stands."""

    def remains(self, traces: Traces) -> tuple[str, ...]:
        """The tables in which a text still names them."""

    def copies(self) -> tuple[str, ...]:
        """Copies of the file that upgrades have left beside it."""

    def clean(self) -> None:
        """Writes the file anew, so that nothing is left of what was deleted. Not within a
        transaction.
        """
