"""Backups of the store: plain SQLite files, or encrypted with age, each beside its description."""

from __future__ import annotations

import hashlib
import json
import os
import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from crm_sync.core.keeping import Backup, BackupCheck, Opener
from crm_sync.core.schema import Table
from crm_sync.core.values import N_
from crm_sync.errors import NotFound
from crm_sync.store import sealing
from crm_sync.store.connection import Connection
from crm_sync.store.copying import copy_to, sync_to_disk
from crm_sync.store.failures import told_plainly
from crm_sync.store.migrations import MIGRATIONS
from crm_sync.store.moments import moment_in_names, utc_text
from crm_sync.store.triggers import quoted

_NAME = re.compile(r"crm-\d{8}T\d{9}Z\.db(\.age)?")
Fault = tuple[str, Mapping[str, object]]


class FolderBackups:
    """A `ports.Backups` in one folder. With a `recipient` (an age public key) new ones are
    encrypted, and can be read only with its private key.
    """

    def __init__(
        self,
        connection: Connection,
        tables: Sequence[Table],
        folder: Path,
        recipient: str = "",
    ) -> None:
        self._connection = connection
        self._tables = tables
        self._folder = folder
        self._recipient = recipient

    def make(self, at: datetime, reason: str, passphrase: str = "") -> Backup:
        """A new copy (0600, its folder 0700), whole or not at all. A passphrase takes the place of
        the recipient.
        """
        name = f"crm-{moment_in_names(at)}.db"
        with told_plainly(self._folder):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            # What a run that died while it was copying has left.
            for draft in self._folder.glob("crm-*.part"):
                draft.unlink(missing_ok=True)
        plain, sealed = self._folder / name, bool(passphrase or self._recipient)
        with self._connection.one_view(), self._connection.told_plainly():
            # Asked of the store: to open the copy takes longer than to make it.
            sequence = _sequence(self._connection.raw)
            records = _counts(self._connection.raw, self._tables)
            copy_to(self._connection, plain)
        with told_plainly(plain):
            try:
                target = self._sealed(plain, passphrase) if sealed else plain
                made = Backup(
                    target.name,
                    target.stat().st_size,
                    utc_text(at),
                    reason,
                    sequence,
                    records,
                    _digest(plain),
                    encrypted=sealed,
                    passphrase=bool(passphrase),
                )
                _write(_description(target), json.dumps(asdict(made), ensure_ascii=False, indent=1))
            finally:
                if sealed:
                    plain.unlink(missing_ok=True)
        return made

    def all(self) -> tuple[Backup, ...]:
        """Those that are there, newest first."""
        with told_plainly(self._folder):
            if not self._folder.is_dir():
                return ()
            found = [path for path in self._folder.iterdir() if _NAME.fullmatch(path.name)]
        return tuple(_known(path) for path in sorted(found, reverse=True))

    def drop(self, names: Sequence[str]) -> None:
        """Removes backups with their descriptions; one that is gone already is no error."""
        for name in names:
            path = self._folder / name
            with told_plainly(path):
                path.unlink(missing_ok=True)
                _description(path).unlink(missing_ok=True)

    def check(self, name: str, opener: Opener) -> BackupCheck:
        """Opens a copy of the backup as a store, reads all of it and compares: with its
        description, and its history with that of the store.
        """
        with self._unsealed(name, opener) as (backup, path):
            faults: list[Fault] = []
            if backup.digest and _digest(path) != backup.digest:
                faults.append((N_("The file is not as it was written."), {}))
            try:
                with closing(_opened(path)) as copy:
                    records, shared = self._compared(copy, backup, faults)
            except sqlite3.DatabaseError as exc:
                faults.append((N_("It is no readable store: {reason}."), {"reason": str(exc)}))
                records, shared = {}, 0
        return BackupCheck(backup, records, shared, tuple(faults))

    def put_back(self, name: str, opener: Opener) -> None:
        """Copies the backup over the store in one transaction of SQLite."""
        with (
            self._unsealed(name, opener) as (_, path),
            told_plainly(self._connection.path),
            closing(_opened(path)) as copy,
        ):
            copy.backup(self._connection.raw)
            self._connection.use_safe_journal()

    def _sealed(self, plain: Path, passphrase: str) -> Path:
        target, content = plain.with_name(f"{plain.name}.age"), plain.read_bytes()
        if passphrase:
            _write(target, sealing.seal_with_passphrase(content, passphrase))
        else:
            _write(target, sealing.seal(content, self._recipient))
        return target

    @contextmanager
    def _unsealed(self, name: str, opener: Opener) -> Iterator[tuple[Backup, Path]]:
        """The backup as a plain file of its own, gone at the end."""
        path = self._folder / name
        if not _NAME.fullmatch(name) or not path.is_file():
            raise NotFound(
                N_("There is no backup “{name}”."),
                N_("crm-sync backup list shows those that are there."),
                name=name,
            )
        with TemporaryDirectory(prefix="crm-sync-") as folder:
            plain = Path(folder) / "crm.db"
            with told_plainly(path):
                content = path.read_bytes()
                if path.suffix == ".age":
                    content = sealing.unseal(content, opener)
                _write(plain, content)
            yield _known(path), plain

    def _compared(
        self, copy: sqlite3.Connection, backup: Backup, faults: list[Fault]
    ) -> tuple[dict[str, int], int]:
        answer = copy.execute("PRAGMA integrity_check(1)").fetchone()[0]
        if answer != "ok":
            faults.append((N_("It is damaged: {reason}."), {"reason": answer}))
        if copy.execute("PRAGMA foreign_key_check").fetchone() is not None:
            faults.append((N_("A record in it refers to one that is not there."), {}))
        if copy.execute("PRAGMA user_version").fetchone()[0] > len(MIGRATIONS):
            faults.append((N_("It was made by a newer crm-sync."), {}))
        records = _counts(copy, self._tables)
        if backup.records and records != dict(backup.records):
            faults.append((N_("It does not hold as many records as were written."), {}))
        shared, differing = _history(copy, self._connection.raw)
        if differing:
            faults.append(
                (
                    N_("{count} entries of its history are not those of the store."),
                    {"count": differing},
                )
            )
        return records, shared


def _opened(path: Path) -> sqlite3.Connection:
    """A copy that nobody writes: SQLite makes no files beside it."""
    return sqlite3.connect(f"{path.absolute().as_uri()}?immutable=1", uri=True)


def _known(path: Path) -> Backup:
    """The backup as its description says; what is not described is left empty."""
    size = path.stat().st_size
    with suppress(OSError, ValueError, TypeError):
        told = json.loads(_description(path).read_text(encoding="utf-8"))
        return Backup(**{**told, "name": path.name, "size": size})
    with suppress(OSError), path.open("rb") as file:
        asks = sealing.wants_passphrase(file.read(200))
        return Backup(path.name, size, encrypted=path.suffix == ".age", passphrase=asks)
    return Backup(path.name, size, encrypted=path.suffix == ".age")


def _description(path: Path) -> Path:
    return path.with_name(f"{path.name}.json")


def _sequence(copy: sqlite3.Connection) -> int:
    found = copy.execute("SELECT seq FROM sqlite_sequence WHERE name = 'history'").fetchone()
    return int(found[0]) if found else 0


def _counts(copy: sqlite3.Connection, tables: Sequence[Table]) -> dict[str, int]:
    """Records by table; a table that an older store does not have counts none."""
    there = {name for (name,) in copy.execute("SELECT name FROM sqlite_master")}
    return {
        table.name: copy.execute(f"SELECT count(*) FROM {quoted(table.name)}").fetchone()[0]
        for table in tables
        if table.name in there
    }


def _history(copy: sqlite3.Connection, store: sqlite3.Connection) -> tuple[int, int]:
    """How many entries both have alike, and how many the backup has otherwise. Entries after the
    store's last one are of a time from which the store went back; erased ones are as the law asks.
    """
    last = _sequence(store)
    erased = {
        seq
        for (entries,) in store.execute("SELECT entries FROM erasures")
        for seq in json.loads(entries)
    }
    sql = "SELECT seq, table_name, record_id, version, op, changes, at FROM history ORDER BY seq"
    shared = differing = 0
    mine = iter(store.execute(sql))
    known = next(mine, None)
    for entry in copy.execute(sql):
        while known is not None and known[0] < entry[0]:
            known = next(mine, None)
        if known == entry:
            shared += 1
        elif entry[0] <= last and entry[0] not in erased:
            differing += 1
    return shared, differing


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write(path: Path, content: bytes | str) -> None:
    """Writes a file for its owner alone, whole or not at all."""
    draft = path.with_name(f"{path.name}.part")
    draft.unlink(missing_ok=True)
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    sync_to_disk(path.parent)
