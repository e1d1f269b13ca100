"""Puts the application together: the one module that knows the concrete adapters."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from crm_sync.config import Config, LocalWorkbook
from crm_sync.core.limits import Limits
from crm_sync.core.values import N_
from crm_sync.errors import ConfigError
from crm_sync.messages import Messages
from crm_sync.model import TABLES
from crm_sync.ports import Workbook
from crm_sync.services.application import Application, BoundWorkbook
from crm_sync.sheet_server.accounts import create_service_account
from crm_sync.sheet_server.server import DataFileBusy, SheetServer, running_url
from crm_sync.store import open_store
from crm_sync.templates import default_statuses, fingerprint, generated_titles, load_tabs
from crm_sync.workbooks.connection import Connection, load_key
from crm_sync.workbooks.factory import GoogleWorkbooks
from crm_sync.workbooks.staff import StaffHand


class SystemClock:
    """The clock of this machine."""

    def now(self) -> datetime:
        """The present moment, in UTC."""
        return datetime.now(UTC)


class ConfiguredWorkbooks:
    """Workbooks by their name in the configuration. Connections are made when first needed, so that
    work in the store alone asks nothing of any server; a local server that nobody runs is
    started, and stopped at the end.
    """

    def __init__(self, config: Config, stack: ExitStack) -> None:
        self._config = config
        self._stack = stack
        self._connected: dict[str, GoogleWorkbooks] = {}
        self._servers: dict[Path, str] = {}

    def open(self, name: str, spreadsheet_id: str) -> Workbook:
        """The workbook with this id."""
        return self._connect(name).open(name, spreadsheet_id)

    def create(
        self, name: str, title: str, *, locale: str, time_zone: str, first_tab: str
    ) -> Workbook:
        """A new workbook with one blank tab."""
        return self._connect(name).create(
            name, title, locale=locale, time_zone=time_zone, first_tab=first_tab
        )

    def _connect(self, name: str) -> GoogleWorkbooks:
        if name not in self._connected:
            self._connected[name] = GoogleWorkbooks({name: self._connection(name)})
        return self._connected[name]

    def _connection(self, name: str) -> Connection:
        bound = self._config.workbook(name)
        requests = self._config.requests
        base_url = None
        key_file = bound.key
        if isinstance(bound, LocalWorkbook):
            base_url = bound.url or self._server(bound.data)
            key_file = bound.key or local_key(bound.data)
        assert key_file is not None
        return Connection(
            load_key(key_file),
            base_url,
            requests.connect_timeout,
            requests.read_timeout,
            budget_seconds=requests.budget,
        )

    def _server(self, data: Path) -> str:
        """The address of the server of a data file: the one that runs, or one of our own."""
        if data not in self._servers:
            url = running_url(data)
            if url is None:
                data.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                url = self._stack.enter_context(SheetServer(data)).url
            self._servers[data] = url
        return self._servers[data]


def local_key(data: Path) -> Path:
    """The key file by which crm-sync signs in at the local server of a data file; made when
    missing.
    """
    key_file = data.with_name(f"{data.stem}-key.json")
    if not key_file.exists():
        data.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        create_service_account(data, key_file)
    return key_file


@contextmanager
def open_application(config: Config) -> Iterator[Application]:
    """The application of a configuration. Raises StoreError and its kin if the store will not
    open.
    """
    tabs = load_tabs(config.language, TABLES)
    messages = Messages(config.language)
    with ExitStack() as stack:
        store = open_store(config.store.path, TABLES)
        stack.callback(store.close)
        yield Application(
            store=store,
            workbooks=ConfiguredWorkbooks(config, stack),
            clock=SystemClock(),
            bound={item.name: _bound(config, item.name) for item in config.workbooks},
            tabs=tabs,
            titles=generated_titles(config.language),
            fingerprint=fingerprint(tabs),
            zone=config.zone,
            language=config.language,
            currency=config.currency,
            region=config.phone_region,
            limits=Limits(**config.limits.model_dump()),
            statuses=default_statuses(),
            say=messages.text,
        )


def _bound(config: Config, name: str) -> BoundWorkbook:
    item = config.workbook(name)
    title = item.title if isinstance(item, LocalWorkbook) else None
    return BoundWorkbook(name, title or f"CRM {name}", item.id or "")


def local_data(config: Config) -> Path:
    """The data file of the first local workbook. Raises ConfigError if there is none."""
    for item in config.workbooks:
        if isinstance(item, LocalWorkbook) and item.url is None:
            return item.data
    raise ConfigError(
        N_("The configuration has no local workbook to serve."),
        N_("Name the file: crm-sync serve --data workbook.db"),
    )


def serve_data(data: Path, port: int, token: str | None, ready: Callable[[str], None]) -> None:
    """Serves a data file until it is told to stop. Raises ConfigError if someone else serves it."""
    data.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        SheetServer(data, port, token).serve_forever(ready)
    except DataFileBusy as exc:
        raise ConfigError(
            N_("{data} is being served already, at {url}."),
            N_("Use that address, or stop the other server first."),
            data=data,
            url=exc.url or "?",
        ) from exc


@contextmanager
def open_demo(config: Config) -> Iterator[tuple[Application, StaffHand]]:
    """The application of a demonstration, and a member of staff at its local workbook."""
    token = secrets.token_urlsafe(24)
    with SheetServer(local_data(config), token=token) as server, open_application(config) as app:
        name = config.workbooks[0].name

        def spreadsheet_id() -> str:
            binding = app.store.bases.binding(name)
            assert binding is not None
            return binding.spreadsheet_id

        yield app, StaffHand(server.url, token, spreadsheet_id)
