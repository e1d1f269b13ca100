"""What the services ask of the copies of a store."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from crm_sync.core.keeping import Backup, BackupCheck, Opener


class Backups(Protocol):
    """Copies of the store in a folder of their own. All methods raise StoreError when a file cannot
    be read or written, and NotFound for a backup that is not there.
    """

    def make(self, at: datetime, reason: str, passphrase: str = "") -> Backup:
        """A new copy, whole or not at all, taken while others may write; encrypted with the
        passphrase if there is one.
        """

    def all(self) -> tuple[Backup, ...]:
        """Those that are there, newest first."""

    def drop(self, names: Sequence[str]) -> None:
        """Removes backups."""

    def check(self, name: str, opener: Opener) -> BackupCheck:
        """Restores a backup into a temporary store, and compares."""

    def put_back(self, name: str, opener: Opener) -> None:
        """Makes the store what the backup holds, whole or not at all. Call it with the lease."""
