"""Opens the store: its file, its connection, its tables."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from crm_sync.core.schema import Table
from crm_sync.core.values import N_
from crm_sync.errors import StoreDamaged, StoreError
from crm_sync.store.backups import FolderBackups
from crm_sync.store.connection import Connection
from crm_sync.store.copying import make_folder
from crm_sync.store.failures import told_plainly
from crm_sync.store.migrations import migrate
from crm_sync.store.places import refuse_bad_place
from crm_sync.store.sqlite_store import SqliteStore
from crm_sync.store.tables import fit_tables

_PATIENCE = 10.0
"""For so many seconds other programs that write are waited for."""


def open_store(
    path: Path,
    tables: Sequence[Table],
    *,
    busy_seconds: float = _PATIENCE,
    backups: Path | None = None,
    recipient: str = "",
    place: Path | None = None,
) -> SqliteStore:
    """The store in this file, which is made if it is not there (0600, new folders 0700), with a
    table for each of `tables`. Waits `busy_seconds` for other programs that write. Its backups lie
    in the folder `backups` (by default one of that name beside the file), encrypted if there is a
    `recipient`. It may stand in for the store that belongs in another `place`.

    Raises StoreError for a file that cannot be used as a store, StoreNewer for one that a newer
    version has written.
    """
    refuse_bad_place(place or path)
    _make_file(path)
    connection = Connection(path, busy_seconds=busy_seconds)
    try:
        migrate(connection)
        fit_tables(connection, tables)
    except BaseException:
        connection.close()
        raise
    place = place or path
    folder = backups or usual_backups(place)
    return SqliteStore(
        connection, tables, FolderBackups(connection, tables, folder, recipient), place
    )


def usual_backups(path: Path) -> Path:
    """The folder of a store's backups, if no other is named."""
    return path.parent / "backups"


def is_whole(path: Path) -> bool:
    """Whether a file lies there that SQLite can read from end to end. Raises StoreError if that
    cannot be found out.
    """
    if not path.exists():
        return False
    try:
        with closing(Connection(path, busy_seconds=_PATIENCE)) as connection:
            return bool(connection.value("PRAGMA quick_check(1)") == "ok")
    except StoreDamaged:
        return False


def _make_file(path: Path) -> None:
    with told_plainly(path):
        if path.is_dir():
            raise StoreError(
                N_("The store {path} is a folder, not a file."),
                N_("Give the store the path of a file in config.toml."),
                path=str(path),
            )
        make_folder(path.parent)
        # SQLite would make the file readable by all; its journal files take over this mode.
        try:
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        except FileExistsError:
            return
