"""The store as the services see it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from crm_sync.core.chain import Fault
from crm_sync.core.schema import Table
from crm_sync.core.values import N_
from crm_sync.errors import RunInProgress
from crm_sync.store.backups import FolderBackups
from crm_sync.store.bases import SqliteBases
from crm_sync.store.chain import SqliteChain
from crm_sync.store.connection import Connection
from crm_sync.store.copying import copy_to, make_folder, set_aside
from crm_sync.store.erasing import SqliteErasing
from crm_sync.store.failures import damaged
from crm_sync.store.findings import SqliteFindings
from crm_sync.store.journal import SqliteJournal
from crm_sync.store.marks import SqliteMarks
from crm_sync.store.merges import SqliteMerges
from crm_sync.store.past import SqlitePast
from crm_sync.store.records import SqliteRecords
from crm_sync.store.searching import SqliteSearch
from crm_sync.store.sightings import SqliteSightings
from crm_sync.store.verifying import base_faults, file_faults, replay_faults


class SqliteStore:
    """A `ports.Store` in one SQLite file. Made by `open_store`; used by one thread."""

    def __init__(
        self,
        connection: Connection,
        tables: Sequence[Table],
        backups: FolderBackups,
        place: Path,
    ) -> None:
        self._connection = connection
        self._tables = tables
        self._place = place
        self.backups = backups
        self.records = SqliteRecords(connection, tables)
        self.bases = SqliteBases(connection)
        self.journal = SqliteJournal(connection)
        self.findings = SqliteFindings(connection)
        self.marks = SqliteMarks(connection)
        self.past = SqlitePast(connection)
        self.chain = SqliteChain(connection)
        self.erasing = SqliteErasing(connection, tables, self.chain)
        self.sightings = SqliteSightings(connection)
        self.search = SqliteSearch(connection)
        self.merges = SqliteMerges(connection)

    @property
    def identity(self) -> str:
        """What tells this store from all others: given when it was made, kept by its backups."""
        return str(self._connection.value("SELECT store FROM identity"))

    def check(self) -> None:
        """Looks the whole file over. Raises StoreError if it is damaged."""
        if self._connection.value("PRAGMA quick_check(1)") != "ok":
            raise damaged(self._connection.path)

    def faults(self) -> Iterator[Fault]:
        """Where the store does not agree with itself: file and references, history and records,
        bases. The chain has a check of its own.
        """
        yield from file_faults(self._connection)
        yield from replay_faults(self._connection, self._tables)
        yield from base_faults(self._connection, self._tables)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commits all writes inside together, or none, with a link of the chain for what was
        written down. Raises StoreError within another one.
        """
        with self._connection.transaction():
            yield
            self.chain.seal()

    @contextmanager
    def lease(self) -> Iterator[None]:
        """Holds PATH.lock while inside. Raises RunInProgress at once if another run holds it."""
        path = self._place
        # A lock of the kernel's, not a file's existence: it is gone with the process that held it.
        lock = FileLock(path.with_name(f"{path.name}.lock"), timeout=0, mode=0o600)
        with self._connection.told_plainly():
            make_folder(path.parent)
            try:
                lock.acquire()
            except Timeout as exc:
                raise RunInProgress(
                    N_("Another run is working on the store {path} at this moment."),
                    N_("Wait until it is done; a run takes a minute or two."),
                    path=str(path),
                ) from exc
        try:
            yield
        finally:
            lock.release()

    def take_place(self, at: datetime) -> None:
        """Puts a store that stands in for another one in its place, whole or not at all. What lies
        there is kept beside it as PATH.damaged-TIME. Call it with the lease.
        """
        if self._place == self._connection.path:
            return
        set_aside(self._place, at)
        copy_to(self._connection, self._place)

    def close(self) -> None:
        """Closes the file; an open transaction is rolled back."""
        self._connection.close()
