"""What the services ask of a store to find records by."""

from __future__ import annotations

from typing import Protocol

from crm_sync.core.schema import Table


class Search(Protocol):
    """Records found by what people remember of them. Ids come the best first, at most `limit` of
    them. Case does not count, nor does ё differ from е.
    """

    def words(self, table: Table, typed: str, limit: int, *, archived: bool) -> tuple[str, ...]:
        """The records in which each word typed begins a word of some text."""

    def named(self, table: Table, typed: str, limit: int) -> tuple[str, ...]:
        """The records whose label holds all these words, archived ones too."""

    def resembling(self, table: Table, typed: str, limit: int) -> tuple[str, ...]:
        """The records with a word in their label that begins like one of these."""

    def digits(self, table: Table, digits: str, limit: int, *, archived: bool) -> tuple[str, ...]:
        """The records with these digits, one after the other, in a phone or a number."""

    def forget(self) -> None:
        """Leaves nothing in the index of words that no record holds any more."""
