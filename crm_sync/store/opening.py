"""Opens the store: its file, its connection, its tables."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from crm_sync.core.schema import Table
from crm_sync.core.values import N_
from crm_sync.errors import StoreError
from crm_sync.store.backups import FolderBackups
from crm_sync.store.connection import Connection
from crm_sync.store.failures import told_plainly
from crm_sync.store.migrations import migrate
from crm_sync.store.places import refuse_bad_place
from crm_sync.store.sqlite_store import SqliteStore
from crm_sync.store.tables import fit_tables


def open_store(
    path: Path,
    tables: Sequence[Table],
    *,
    busy_seconds: float = 10,
    backups: Path | None = None,
    recipient: str = "",
) -> SqliteStore:
    """The store in this file, which is made if it is not there (0600, new folders 0700), with a
    table for each of `tables`. Waits `busy_seconds` for other programs that write. Its backups lie
    in the folder `backups` (by default one of that name beside the file), encrypted if there is a
    `recipient`.

    Raises StoreError for a file that cannot be used as a store, StoreNewer for one that a newer
    version has written.
    """
    refuse_bad_place(path)
    _make_file(path)
    connection = Connection(path, busy_seconds=busy_seconds)
    try:
        migrate(connection)
        fit_tables(connection, tables)
    except BaseException:
        connection.close()
        raise
    folder = backups or path.parent / "backups"
    return SqliteStore(connection, tables, FolderBackups(connection, tables, folder, recipient))


def _make_file(path: Path) -> None:
    with told_plainly(path):
        if path.is_dir():
            raise StoreError(
                N_("The store {path} is a folder, not a file."),
                N_("Give the store the path of a file in config.toml."),
                path=str(path),
            )
        _make_folder(path.parent)
        # SQLite would make the file readable by all; its journal files take over this mode.
        try:
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        except FileExistsError:
            return


def _make_folder(folder: Path) -> None:
    if not folder.exists():
        _make_folder(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)
