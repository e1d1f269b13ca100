"""Copies of the store's file, whole and consistent while others write."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

from crm_sync.store.connection import Connection
from crm_sync.store.failures import told_plainly
from crm_sync.store.moments import moment_in_names


def copy_to(connection: Connection, target: Path) -> None:
    """Writes a copy of the store as it stands to `target`, readable by its owner alone, replacing
    what is there. The copy appears whole or not at all.
    """
    draft = target.with_name(f"{target.name}.part")
    with connection.told_plainly():
        draft.unlink(missing_ok=True)
        os.close(os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        try:
            with closing(sqlite3.connect(draft, isolation_level=None)) as copy:
                connection.raw.backup(copy)
            sync_to_disk(draft)
            draft.replace(target)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
        sync_to_disk(target.parent)


def set_aside(path: Path, at: datetime) -> None:
    """Gives a store that cannot be used another name, PATH.damaged-TIME, with what SQLite keeps
    beside it: a log that is not its own would spoil the one that comes in its place.
    """
    name = f"{path.name}.damaged-{moment_in_names(at)}"
    with told_plainly(path):
        for ending in ("-journal", "-wal", "-shm", ""):
            found = path.with_name(f"{path.name}{ending}")
            if found.exists():
                found.rename(path.with_name(f"{name}{ending}"))


def make_folder(folder: Path) -> None:
    """Makes a folder that only its owner may enter, and those above it that are not there."""
    if not folder.exists():
        make_folder(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)


def sync_to_disk(path: Path) -> None:
    """Has the system write a file, or the entries of a folder, to the disk now."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
