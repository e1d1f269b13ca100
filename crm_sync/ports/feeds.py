"""What the services ask of Drive's lists of changes: one request for all workbooks of a fleet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Changes:
    """Which files changed, each with its version now (None: it is gone, or the list does not say),
    and the token from which to go on.
    """

    files: Mapping[str, int | None]
    token: str


class Feeds(Protocol):
    """The lists of changes of the servers behind the workbooks. A list is a hint: it may come late,
    it never tells what changed. Errors of all methods but `feed`: those of a `Workbook`.
    """

    def feed(self, name: str) -> str:
        """Which list tells of this workbook: the same for all behind one account. Asks nothing of
        the network.
        """

    def start(self, name: str) -> str:
        """The token of this moment in the list that tells of this workbook. One request."""

    def changes(self, name: str, token: str) -> Changes | None:
        """What changed since a token; None if the server does not know it. One request, more only
        if a thousand files changed.
        """
