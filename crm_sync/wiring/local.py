"""The local Sheets server: the file with its workbooks, the key to it, who serves it."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import orjson
from filelock import FileLock, Timeout

from crm_sync.config import Config, LocalWorkbook
from crm_sync.core.values import N_
from crm_sync.errors import ConfigError

# The server is loaded where it is needed: it takes longer than most commands.

LOCAL_ACCOUNT = "crm-sync@crm-sync-local.iam.gserviceaccount.com"
"""As whom crm-sync signs in at a server of its own: always the same, so that a lost key file can be
made anew and opens what the old one opened.
"""


def local_data(config: Config) -> Path:
    """The data file of the first local workbook. Raises ConfigError if there is none."""
    for item in config.workbooks:
        if isinstance(item, LocalWorkbook) and item.url is None:
            return item.data
    raise ConfigError(
        N_("The configuration has no local workbook to serve."),
        N_("Name the file: crm-sync serve --data workbook.db"),
    )


def local_key(data: Path) -> Path:
    """The key file by which crm-sync signs in at the local server of a data file; made when it is
    missing, or when the data file is and the key thus opens nothing. Raises ConfigError if the data
    file will not do.
    """
    key_file = data.with_name(f"{data.stem}-key.json")
    with _told_plainly(data):
        if not data.exists():
            key_file.unlink(missing_ok=True)
        if not key_file.exists():
            from crm_sync.sheet_server.accounts import create_service_account

            data.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            try:
                create_service_account(data, key_file, LOCAL_ACCOUNT)
            except BaseException:
                key_file.unlink(missing_ok=True)
                raise
    return key_file


def start_server(data: Path, stack: ExitStack) -> str:
    """The address of the server of a data file: of the one that runs, or of one that is started and
    ends with the stack. Raises ConfigError if the data file will not do.
    """
    with _told_plainly(data):
        url = served_at(data)
        if url is not None:
            return url
        from crm_sync.sheet_server.server import DataFileBusy, SheetServer

        data.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            return stack.enter_context(SheetServer(data)).url
        except DataFileBusy as exc:
            # Someone else began to serve it in this very moment.
            if exc.url is None:
                raise _in_use(data) from exc
            return exc.url


def served_at(data: Path) -> str | None:
    """The address at which a data file is being served, None if it is not. The server says so in a
    file beside it; one that a killed server left behind does not count, for nobody holds its lock.
    """
    # The server's own `running_url` tells the same, but to ask it is to load the whole server, in
    # each command that finds one running.
    try:
        note = orjson.loads(data.with_name(f"{data.name}.serving").read_bytes())
    except (FileNotFoundError, orjson.JSONDecodeError):
        return None
    url = note.get("url") if isinstance(note, dict) else None
    place = Path(f"{data}.lock")
    if not isinstance(url, str) or not place.exists():
        return None
    lock = FileLock(place, mode=0o600, thread_local=False)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return url
    lock.release()
    return None


def serve_data(data: Path, port: int, token: str | None, ready: Callable[[str], None]) -> None:
    """Serves a data file until it is told to stop. Raises ConfigError if it will not do, or someone
    else serves it or holds the port.
    """
    from crm_sync.sheet_server.server import DataFileBusy, SheetServer

    if data.is_dir():
        raise ConfigError(
            N_("{data} is a folder, not a file with workbooks."),
            N_("Name a file in it, for example {data}/workbook.db; it is made when it is missing."),
            data=data,
        )
    with _told_plainly(data, port):
        data.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            SheetServer(data, port, token).serve_forever(ready)
        except DataFileBusy as exc:
            raise _in_use(data) if exc.url is None else _served(data, exc.url) from exc


def _served(data: Path, url: str) -> ConfigError:
    return ConfigError(
        N_("{data} is being served already, at {url}."),
        N_("Use that address, or end the other server first, with Ctrl-C in its window."),
        data=data,
        url=url,
    )


def _in_use(data: Path) -> ConfigError:
    return ConfigError(
        N_("The file {data} is in use by another program."),
        N_("Let it finish or end it, then type the command again."),
        data=data,
    )


@contextmanager
def _told_plainly(data: Path, port: int = 0) -> Iterator[None]:
    """Turns what SQLite and the system say of a data file, or of a port, into ConfigError."""
    try:
        yield
    except sqlite3.DatabaseError as exc:
        code = getattr(exc, "sqlite_errorcode", 0) & 0xFF
        if code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
            raise ConfigError(
                N_("The file {data} holds no workbooks: it is of another kind, or damaged."),
                N_("Name another file, or put a backup in its place."),
                data=data,
            ) from exc
        raise _unusable(data, str(exc), full=code == sqlite3.SQLITE_FULL) from exc
    except BrokenPipeError:
        raise
    except OSError as exc:
        if port and exc.errno in (errno.EADDRINUSE, errno.EACCES):
            raise ConfigError(
                N_("The port {port} is taken, or not for this user."),
                N_("Choose another, or a free one by itself: crm-sync serve --port 0"),
                port=port,
            ) from exc
        raise _unusable(data, exc.strerror or "?", full=exc.errno == errno.ENOSPC) from exc


def _unusable(data: Path, reason: str, *, full: bool) -> ConfigError:
    hint = N_("Check that its folder exists, and that this user may read and write in it.")
    if full:
        hint = N_("Free some space on the disk, then run the command again.")
    return ConfigError(
        N_("The file {data} with the workbooks cannot be used: {reason}."),
        hint,
        data=data,
        reason=reason,
    )
