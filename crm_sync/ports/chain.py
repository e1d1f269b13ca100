"""The chain that proves the store's history."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from crm_sync.core.chain import ChainCheck


class Chain(Protocol):
    """The chain of hashes over all that the store wrote down."""

    def seal(self) -> None:
        """Seals what was written down since the last link."""

    def seal_again(self, keys: Iterable[int]) -> None:
        """Lets these entries of history go or change: call it in the transaction of an erasure,
        which has to name them.
        """

    def links(self, head: str) -> tuple[str, ...]:
        """The times of the links whose hash, in hex, begins so: none if the chain never had it."""

    def check(self) -> ChainCheck:
        """Goes along the whole chain to where it breaks first; changes nothing."""
