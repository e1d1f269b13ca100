"""The local Sheets server as a thing that starts and stops, in a thread or in the foreground."""

import os
import secrets
import socket
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import orjson
from filelock import FileLock, Timeout

from crm_sync.sheet_server.accounts import create_service_account
from crm_sync.sheet_server.app import build_app
from crm_sync.sheet_server.desk import Desk
from crm_sync.sheet_server.exchange import Answer
from crm_sync.sheet_server.faults import Fault, FaultKind, StaffAction, When
from crm_sync.sheet_server.oauth import TOKEN_LIFETIME, Caller
from crm_sync.sheet_server.office import ALL_SCOPES, Office
from crm_sync.sheet_server.quota import Limits
from crm_sync.sheet_server.request_log import Seen
from crm_sync.sheet_server.storage import Library
from crm_sync.sheet_server.web_server import HOST, WebServer, listening, signals_stop

_START_LIMIT = 30.0
# `running_url` holds the lock for a moment; a server that starts just then has to wait for it.
_LOCK_WAIT = 0.3
T = TypeVar("T")


class DataFileBusy(Exception):
    """Another process serves this data file; `url` is where, if it is known."""

    def __init__(self, data: Path, url: str | None) -> None:
        where = f" at {url}" if url else ""
        super().__init__(f"{data} is already served{where}; stop that server first")
        self.data = data
        self.url = url


class StaffActionFailed(Exception):
    """The server refused what a staff member was to do: the scene is not what it should be."""


def utc_now() -> datetime:
    """The time of this machine's clock."""
    return datetime.now(UTC)


class SheetServer:
    """One data file, served on loopback. As a context manager it starts and stops by itself.

    `port` 0 takes a free one. `token`: a bearer token that is the office's owner. While it runs,
    `<data>.serving` (0600) says where and how to administer it.
    """

    def __init__(
        self,
        data: Path,
        port: int = 0,
        token: str | None = None,
        *,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self.data = data
        self.token = token
        self.admin_token = secrets.token_urlsafe(24)
        self._port = port
        self._clock = clock
        self._lock = FileLock(f"{data}.lock", mode=0o600, thread_local=False)
        self._thread: threading.Thread | None = None
        self._running: _Running | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """`http://127.0.0.1:<port>`, while it runs."""
        return self._live().url

    @property
    def requests(self) -> list[Seen]:
        """What was asked since the start or since `forget_requests`, oldest first."""
        return self._live().desk.log.all()

    def forget_requests(self) -> None:
        """Begins a new count."""
        self._live().desk.log.clear()

    def start(self) -> None:
        """Serves in a thread; when this returns, requests are answered. Raises DataFileBusy."""
        running = self._open()
        thread = threading.Thread(target=running.serve, name="sheet-server", daemon=True)
        self._thread = thread
        thread.start()
        if not running.server.ready.wait(_START_LIMIT) or running.server.failed:
            self.stop()
            raise RuntimeError("the local Sheets server did not start")

    def stop(self) -> None:
        """Ends the serving and gives the data file free. Does nothing if it does not run."""
        running, thread = self._running, self._thread
        if running is None:
            return
        running.server.end()
        if thread is not None:
            thread.join()
        self._close()

    def serve_forever(self, on_ready: Callable[[str], None] | None = None) -> None:
        """Serves in this thread until SIGINT or SIGTERM. `on_ready` is told the url."""
        running = self._open()
        running.server.on_ready = None if on_ready is None else lambda: on_ready(running.url)
        try:
            with signals_stop(running.server):
                running.serve()
        finally:
            self._close()

    def create_service_account(self, key_file: Path, email: str | None = None) -> str:
        """The address of a new service account whose key file points at this server."""
        running = self._live()
        return create_service_account(self.data, key_file, email, token_uri=f"{running.url}/token")

    def token_for(
        self,
        email: str,
        scopes: frozenset[str] = ALL_SCOPES,
        lifetime: timedelta = TOKEN_LIFETIME,
    ) -> str:
        """An access token of an account, which is made if it is new."""

        def issue(desk: Desk) -> str:
            with desk.office.library.transaction():
                desk.office.accounts.add(email, desk.office.now())
            caller = Caller(email.lower(), scopes)
            return desk.office.tokens.issue(caller, desk.office.now(), lifetime)

        return self.in_worker(issue)

    def fault(self, kind: FaultKind, **details: Any) -> int:
        """Sets a fault (see `faults.Fault` for the details) and gives its number."""
        return self._live().desk.faults.add(Fault(kind, **details))

    def clear_fault(self, number: int) -> None:
        """Takes one fault back."""
        self._live().desk.faults.remove(number)

    def clear_faults(self) -> None:
        """Takes back every fault that has not come yet."""
        self._live().desk.faults.clear()

    def before(self, *actions: StaffAction, **match: Any) -> int:
        """Lets others act just before the request that matches (method, path, nth, times)."""
        return self.fault(FaultKind.STAFF, actions=actions, **match)

    def after(self, *actions: StaffAction, **match: Any) -> int:
        """Lets others act when the matching request is done, before its answer leaves."""
        return self.fault(FaultKind.STAFF, actions=actions, when=When.AFTER, **match)

    def act(self, action: StaffAction) -> Any:
        """Does a staff action now and gives its JSON. Raises StaffActionFailed if refused."""
        return _accepted(self.in_worker(lambda desk: desk.faulty.act(action)))

    def check_staff(self) -> None:
        """Raises StaffActionFailed if an action of `before` or `after` was refused so far."""
        for answer in self._live().desk.faulty.staff_answers:
            _accepted(answer)

    def forget_staff(self) -> None:
        """Forgets what staff actions were answered so far."""
        self._live().desk.faulty.staff_answers.clear()

    def limit(self, per_user: int | None = None, per_project: int | None = None) -> None:
        """Sets how many Sheets reads, and as many writes, a minute allows."""
        self._live().desk.quota.limits = Limits(per_user, per_project)

    def in_worker(self, work: Callable[[Desk], T]) -> T:
        """What `work` gives back, done between two requests."""
        running = self._live()
        return running.worker.submit(work, running.desk).result()

    def _live(self) -> "_Running":
        if self._running is None:
            raise RuntimeError("the local Sheets server is not running")
        return self._running

    def _open(self) -> "_Running":
        if self._running is not None:
            raise RuntimeError("the local Sheets server is running already")
        try:
            self._lock.acquire(timeout=_LOCK_WAIT, poll_interval=0.02)
        except Timeout as error:
            raise DataFileBusy(self.data, _noted_url(self.data)) from error
        try:
            self._running = _Running(self)
            self._note_serving(self._running.url)
        except BaseException:
            self._close()
            raise
        return self._running

    def _close(self) -> None:
        running, self._running, self._thread = self._running, None, None
        try:
            if running is not None:
                running.close()
            _serving_file(self.data).unlink(missing_ok=True)
        finally:
            self._lock.release()

    def _note_serving(self, url: str) -> None:
        note = {"url": url, "pid": os.getpid(), "admin_token": self.admin_token}
        path = _serving_file(self.data)
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        descriptor = os.open(draft, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(orjson.dumps(note, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
        draft.replace(path)

    def _library(self) -> Library:
        return Library(self.data, self._clock)


def running_url(data: Path) -> str | None:
    """The url of the server that serves this data file now, or None.

    A `.serving` file that a killed server left behind does not count: nobody holds its lock.
    """
    url = _noted_url(data)
    lock_path = Path(f"{data}.lock")
    if url is None or not lock_path.exists():
        return None
    lock = FileLock(lock_path, mode=0o600, thread_local=False)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return url
    lock.release()
    return None


class _Running:
    """Everything that is open while a server runs."""

    def __init__(self, owner: SheetServer) -> None:
        self.worker = ThreadPoolExecutor(1, "sheet-server-worker")
        self.library = owner._library()
        self.socket: socket.socket | None = None
        try:
            self.socket = listening(owner._port)
            self.url = f"http://{HOST}:{self.socket.getsockname()[1]}"
            office = Office(self.library, owner._clock)
            if owner.token is not None:
                office.welcome_owner(owner.token)
            self.desk = Desk(office, self.url, owner.admin_token)
            app = build_app(self.desk.answer, self.worker, owner._clock)
            self.server = WebServer(app)
        except BaseException:
            self.close()
            raise

    def serve(self) -> None:
        """Runs until the server's `should_exit`."""
        assert self.socket is not None
        try:
            self.server.run(sockets=[self.socket])
        except BaseException:
            self.server.failed = True
            raise
        finally:
            self.server.ready.set()

    def close(self) -> None:
        self.worker.shutdown(wait=True)
        if self.socket is not None:
            self.socket.close()
        self.library.close()


def _accepted(answer: Answer) -> Any:
    if answer.status >= 400:
        raise StaffActionFailed(f"{answer.status}: {answer.body.decode()}")
    return orjson.loads(answer.body) if answer.body else None


def _serving_file(data: Path) -> Path:
    return data.with_name(f"{data.name}.serving")


def _noted_url(data: Path) -> str | None:
    try:
        note = orjson.loads(_serving_file(data).read_bytes())
    except (FileNotFoundError, orjson.JSONDecodeError):
        return None
    url = note.get("url") if isinstance(note, dict) else None
    return url if isinstance(url, str) else None
