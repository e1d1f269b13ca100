"""What SQLite and the system say when a store cannot be used, in words that a person can act on."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crm_sync.core.values import N_
from crm_sync.errors import StoreDamaged, StoreError

_TRY_AGAIN = N_("Run the command again.")

# By primary result code: https://www.sqlite.org/rescode.html
_BY_CODE: dict[int, tuple[str, str]] = {
    sqlite3.SQLITE_NOTADB: (
        N_("{path} is not a SQLite database, or it is encrypted."),
        N_("Give the store another path in config.toml, or take a backup: crm-sync backup restore"),
    ),
    sqlite3.SQLITE_CORRUPT: (
        N_("The store {path} is damaged."),
        N_("Put the newest backup in its place: crm-sync backup restore"),
    ),
    sqlite3.SQLITE_FULL: (
        N_("The disk is full: the store {path} was left as it was."),
        N_("Free some space on the disk, then run the command again."),
    ),
    sqlite3.SQLITE_READONLY: (
        N_("The store {path} cannot be written: the file or its folder is read-only."),
        N_("Check who owns the file and its folder, and that this user may write in both."),
    ),
    sqlite3.SQLITE_CANTOPEN: (
        N_("The store {path} cannot be opened."),
        N_("Check that its folder exists, and that this user may read and write in it."),
    ),
    sqlite3.SQLITE_PERM: (
        N_("The store {path} cannot be opened."),
        N_("Check that its folder exists, and that this user may read and write in it."),
    ),
    sqlite3.SQLITE_BUSY: (
        N_("Another program is using the store {path} and does not let go of it."),
        N_("Let it finish or close it, then run the command again."),
    ),
    sqlite3.SQLITE_LOCKED: (
        N_("Another program is using the store {path} and does not let go of it."),
        N_("Let it finish or close it, then run the command again."),
    ),
    sqlite3.SQLITE_IOERR: (
        N_("The disk reports an error for the store {path}."),
        N_("Check the disk and that it is still connected, then run the command again."),
    ),
}
_BY_EXTENDED_CODE: dict[int, tuple[str, str]] = {
    sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY: (
        N_("A record would refer to one that the store {path} does not have; nothing was changed."),
        _TRY_AGAIN,
    ),
}
_ANY_OTHER = N_("SQLite refuses this on the store {path}: {reason}")


@contextmanager
def told_plainly(path: Path) -> Iterator[None]:
    """Turns errors of SQLite and of the system into StoreError. A misuse of the connection (closed,
    other thread) is a fault of ours and passes as it is.
    """
    try:
        yield
    except sqlite3.Error as exc:
        code = getattr(exc, "sqlite_errorcode", None)
        if code is None:
            raise
        raise _from_code(code, exc, path) from exc
    except OSError as exc:
        raise StoreError(
            N_("The store {path} cannot be used: {reason}"),
            N_("Check that its folder exists, and that this user may read and write in it."),
            path=str(path),
            reason=exc.strerror or type(exc).__name__,
        ) from exc
    except (UnicodeEncodeError, OverflowError) as exc:
        # The texts of these two show the value; it may be somebody's name or number.
        raise StoreError(
            N_("A value cannot be kept in the store {path}: {reason}"),
            N_("Look for a very long number or a broken character in the cells last typed."),
            path=str(path),
            reason=type(exc).__name__,
        ) from exc


def damaged(path: Path) -> StoreDamaged:
    """The error for a store whose file is not whole any more."""
    return StoreDamaged(*_BY_CODE[sqlite3.SQLITE_CORRUPT], path=str(path))


def _from_code(code: int, exc: sqlite3.Error, path: Path) -> StoreError:
    words = _BY_EXTENDED_CODE.get(code) or _BY_CODE.get(code & 0xFF)
    if words is None:
        return StoreError(_ANY_OTHER, _TRY_AGAIN, path=str(path), reason=str(exc))
    message, hint = words
    unusable = code & 0xFF in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT)
    return (StoreDamaged if unusable else StoreError)(message, hint, path=str(path))
