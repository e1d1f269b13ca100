"""What the services ask of a store about records that were merged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class Merged:
    """Records that were made one: `gone` ones were archived, `kept` stayed. `first` and `last` are
    the sequences of the changes that did it. Times are UTC, ISO 8601; `undone_at` is "" as long as
    they are one.
    """

    table: str
    kept: str
    gone: tuple[str, ...]
    first: int
    last: int
    at: str = ""
    by: str = ""
    undone_at: str = ""


class Merges(Protocol):
    """Which records were merged into which."""

    def note(self, merged: Merged, at: datetime) -> None:
        """Notes a merge. Call it in the transaction that makes it."""

    def of(self, record_id: str) -> Merged | None:
        """The last merge of this record, on either side, that was not undone."""

    def undone(self, merged: Merged, at: datetime) -> None:
        """Notes that a merge was taken back. Call it in the transaction that does so."""
