"""What a backup says of itself is true of its file, whoever writes meanwhile."""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress
from pathlib import Path

import pytest

from crm_sync.core.keeping import Opener
from crm_sync.store import backups
from crm_sync.store.connection import Connection
from tests.unit.store.builders import NOW, opened, sql


def test_edit_in_the_moment_of_the_copy_makes_no_backup_untrue(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy_to = backups.copy_to

    def overtaken(connection: Connection, target: Path) -> None:
        # Where the file allows no writer beside a reader, that one has to wait.
        with (
            closing(sqlite3.connect(tmp_path / "crm.db", timeout=0)) as other,
            suppress(sqlite3.OperationalError),
            other,
        ):
            other.execute("insert into people (name) values ('late')")
        copy_to(connection, target)

    with opened(tmp_path) as store:
        with sql(tmp_path) as other:
            other.execute("insert into people (name) values ('early')")
        before = store.records.sequence()
        monkeypatch.setattr(backups, "copy_to", overtaken)
        made = store.backups.make(NOW, "by hand")
        assert (made.sequence, made.records) == (before, {"people": 1, "notes": 0})
        assert store.backups.check(made.name, Opener()).faults == ()
