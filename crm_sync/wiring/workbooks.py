"""Workbooks by their name in the configuration, each behind its own connection."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from crm_sync.config import Config, LocalWorkbook
from crm_sync.config.settings import GOOGLE_PER_MINUTE
from crm_sync.core.values import N_
from crm_sync.errors import WorkbookGone
from crm_sync.ports import Changes, Workbook
from crm_sync.wiring.local import local_key, start_server

if TYPE_CHECKING:
    from crm_sync.workbooks.connection import Connection
    from crm_sync.workbooks.factory import GoogleWorkbooks


class ConfiguredWorkbooks:
    """Workbooks by their name in the configuration. Connections are made when first needed, so that
    work in the store alone asks nothing of any server (and loads nothing of it); a local server
    that nobody runs is started, and stopped at the end.
    """

    def __init__(self, config: Config, stack: ExitStack) -> None:
        self._config = config
        self._stack = stack
        self._connected: set[str] = set()
        self._google: GoogleWorkbooks | None = None
        self._servers: dict[Path, str] = {}
        self._places: dict[tuple[Path, str | None], Connection] = {}

    def open(self, name: str, spreadsheet_id: str) -> Workbook:
        """The workbook with this id. Raises WorkbookGone if it is a local one whose file is not
        there.
        """
        bound = self._config.workbook(name)
        if isinstance(bound, LocalWorkbook) and not bound.url and not bound.data.exists():
            raise WorkbookGone(
                N_("The file {data}, which held the workbook “{name}”, is gone."),
                N_(
                    "Put it back, from a backup if need be. To have a new workbook made from the "
                    "store, give the workbook another name in {config}."
                ),
                data=bound.data,
                name=name,
                config=self._config.file,
            )
        return self._connect(name).open(name, spreadsheet_id)

    def create(
        self, name: str, title: str, *, locale: str, time_zone: str, first_tab: str
    ) -> Workbook:
        """A new workbook with one blank tab."""
        return self._connect(name).create(
            name, title, locale=locale, time_zone=time_zone, first_tab=first_tab
        )

    def account(self, name: str) -> str:
        """The address with which this workbook is shared. Raises KeyFileError, ConfigError."""
        return self._connect(name).account(name)

    def clock_skew(self, name: str) -> float:
        """How many seconds this computer's clock is ahead of the workbook's server, as its last
        answer showed.
        """
        return self._connect(name).clock_skew(name)

    @property
    def requests_made(self) -> int:
        """How many requests were sent so far, signing in apart."""
        return self._google.requests_made if self._google else 0

    def feed(self, name: str) -> str:
        """Which list of changes tells of this workbook: one for each server and key."""
        bound = self._config.workbook(name)
        server = (bound.url or bound.data) if isinstance(bound, LocalWorkbook) else "google"
        return f"{server}|{bound.key or ''}"

    def start(self, name: str) -> str:
        """The token of this moment in the list that tells of this workbook."""
        return self._connect(name).start(name)

    def changes(self, name: str, token: str) -> Changes | None:
        """What changed since a token; None if the server does not know it."""
        return self._connect(name).changes(name, token)

    def _connect(self, name: str) -> GoogleWorkbooks:
        from crm_sync.workbooks.factory import GoogleWorkbooks

        # All in one, so that workbooks behind one account sign in once.
        self._google = self._google or GoogleWorkbooks({})
        if name not in self._connected:
            self._google.add(name, self._connection(name))
            self._connected.add(name)
        return self._google

    def _connection(self, name: str) -> Connection:
        """How the server of a workbook is reached: the same for all behind one account."""
        bound = self._config.workbook(name)
        if isinstance(bound, LocalWorkbook):
            # The key first: making it says whether the file will do at all.
            key_file = bound.key or local_key(bound.data)
            place: tuple[Path, str | None] = (key_file, bound.url or self._server(bound.data))
        else:
            place = (bound.key, None)
        if place not in self._places:
            self._places[place] = self._reached(*place)
        return self._places[place]

    def _reached(self, key_file: Path, base_url: str | None) -> Connection:
        from crm_sync.workbooks.connection import Connection, load_key

        requests = self._config.requests
        return Connection(
            load_key(key_file),
            base_url,
            requests.connect_timeout,
            requests.read_timeout,
            budget_seconds=requests.budget,
            per_minute=requests.per_minute or (None if base_url else GOOGLE_PER_MINUTE),
        )

    def _server(self, data: Path) -> str:
        if data not in self._servers:
            self._servers[data] = start_server(data, self._stack)
        return self._servers[data]
