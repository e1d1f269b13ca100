"""Copies of the store's file, whole and consistent while others write."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from crm_sync.store.connection import Connection


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


def sync_to_disk(path: Path) -> None:
    """Has the system write a file, or the entries of a folder, to the disk now."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
