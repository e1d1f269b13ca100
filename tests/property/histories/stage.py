"""A stage for many short histories: one server, one prepared office, a fresh copy for each."""

from __future__ import annotations

import json
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import stamina

from crm_sync.config import load_config
from crm_sync.model import TABLES
from crm_sync.services.application import Application
from crm_sync.services.result import RunResult
from crm_sync.services.sync import sync
from crm_sync.sheet_server.desk import Desk
from crm_sync.sheet_server.faults import Fault, StaffAction
from crm_sync.sheet_server.server import SheetServer
from crm_sync.store import open_store
from crm_sync.wiring import open_application
from tests.property.histories.hand import MARK, OWN, Hand
from tests.property.histories.mortal import Life, MortalStore, MortalWorkbooks

CONFIG = """
language = "en"
timezone = "Europe/Moscow"
currency = "RUB"
phone_region = "RU"
[store]
path = "crm.db"
[requests]
read_timeout = 5.0
budget = 60.0
[[workbooks]]
name = "main"
kind = "local"
data = "workbook.db"
"""
LEAN_SECTIONS = """
[backup]
before_runs = false
[reports]
tabs = ["followups"]
"""
"""No copies of the store, which nobody looks at here, and one report in the place of five: two
thirds of what a run costs. They have tests of their own.
"""
LEAN = CONFIG + LEAN_SECTIONS
FIRST_CLIENTS = 4
ROWS = 24
T = TypeVar("T")


def first_client(number: int) -> dict[str, str]:
    """What stands in the row of one of the clients that there are at the beginning, by heading."""
    return {
        "Name": f"Client {number}",
        "Phone": f"+7911000000{number}",
        "City": f"City {number}",
    }


@dataclass
class OfficeClock:
    """A clock that a history alone moves on, so that each seed is one history."""

    moment: datetime = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment

    def later(self) -> None:
        """Two minutes later: what shows the time to the minute has changed by then."""
        self.moment += timedelta(minutes=2)


@dataclass
class Stage:
    """The server and the prepared office that every history begins with."""

    folder: Path
    server: SheetServer
    app: Application
    book: str
    clients: int
    account: str
    sheets: Mapping[str, int]
    scenes: int = 0

    def scene(self, book: str = "", store: Path | None = None) -> Scene:
        """A fresh copy of the prepared office, or of another workbook and its store."""
        self.scenes += 1
        home = self.folder / f"scene-{self.scenes}"
        home.mkdir()
        path = f"/drive/v3/files/{book or self.book}/copy"
        copy = self.server.act(StaffAction("POST", path, {"name": home.name}, email=self.account))
        shutil.copyfile(store or self.folder / "start.db", home / "crm.db")
        return Scene(self, home, copy["id"])


class Scene:
    """One company in one history: its store, its workbook, its staff."""

    def __init__(self, stage: Stage, home: Path, book: str) -> None:
        self.stage = stage
        self.home = home
        self.book = book
        self.clock = OfficeClock()
        self._client = sqlite3.connect(home / "crm.db", check_same_thread=False)
        self.sql("update workbooks set spreadsheet_id = ?, version = null", book)
        store = open_store(home / "crm.db", TABLES)
        self.app = replace(stage.app, store=store, clock=self.clock)

    def close(self) -> None:
        """Ends the scene and clears it away."""
        server = self.stage.server
        server.clear_faults()
        self.app.store.close()
        self._client.close()
        path = f"/drive/v3/files/{self.book}"
        server.act(StaffAction("DELETE", path, email=self.stage.account))
        shutil.rmtree(self.home)

    def sync(self, allowed: frozenset[str] = frozenset()) -> RunResult:
        """One run."""
        self.clock.later()
        return sync(self.app, "main", allowed=allowed)

    def sync_mortally(self, life: Life) -> RunResult:
        """One run of a process that dies when its life is over; raises Killed then."""
        self.clock.later()
        app = replace(
            self.app,
            store=MortalStore(self.app.store, life),
            workbooks=MortalWorkbooks(self.app.workbooks, life),
        )
        try:
            return sync(app, "main")
        finally:
            self.reopen()

    def reopen(self) -> None:
        """The store as the next process finds it."""
        self.app.store.close()
        self.app = replace(self.app, store=open_store(self.home / "crm.db", TABLES))

    def staff(self, act: Callable[[Hand], T]) -> T:
        """Lets staff act at once."""
        return self.stage.server.in_worker(lambda desk: act(self._hand(desk)))

    def staff_at(self, fault: Fault, act: Callable[[Hand], Any]) -> None:
        """Lets staff act when the request comes that the fault waits for."""

        def arm(desk: Desk) -> None:
            def run() -> None:
                act(self._hand(desk))

            desk.faults.add(replace(fault, run=run))

        self.stage.server.in_worker(arm)

    def _hand(self, desk: Desk) -> Hand:
        return Hand(desk, self.book, self.stage.clients)

    def sql(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """What any SQLite client does to the store."""
        with self._client:
            return self._client.execute(statement, values).fetchall()

    def requests(self, act: Callable[[], Any]) -> list[tuple[str, str]]:
        """The requests that were made during an act, as (method, path)."""
        self.stage.server.forget_requests()
        act()
        return [(seen.method, seen.path) for seen in self.stage.server.requests]


def without_empty_rows(hand: Hand) -> None:
    """Staff take the empty rows away from below: most of what a request costs was theirs."""
    tabs = hand.ask("GET", "", fields="sheets.properties")["sheets"]
    sizes = {}
    for tab in tabs:
        number, title = tab["properties"].get("sheetId", 0), tab["properties"]["title"]
        if not title.startswith("_"):
            sizes[number] = ROWS + len(Hand(hand.desk, hand.book, number).grid().rows)
    hand.batch(
        *(
            {
                "updateSheetProperties": {
                    "properties": {"sheetId": number, "gridProperties": {"rowCount": rows}},
                    "fields": "gridProperties.rowCount",
                }
            }
            for number, rows in sizes.items()
        )
    )


@contextmanager
def open_stage(config: str = CONFIG) -> Iterator[Stage]:
    """A stage in the system's own memory, where there is such."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as name:
        folder = Path(name)
        (folder / "config.toml").write_text(config)
        was = stamina.is_testing()
        stamina.set_testing(True, attempts=5, cap=True)
        try:
            with (
                SheetServer(folder / "workbook.db") as server,
                open_application(load_config(folder / "config.toml")) as app,
            ):
                yield _prepared(folder, server, app)
        finally:
            stamina.set_testing(was)


def _prepared(folder: Path, server: SheetServer, app: Application) -> Stage:
    """An office with a few clients, in agreement on both sides."""
    sync(app, "main")
    binding = app.store.bases.binding("main")
    assert binding is not None
    sheet_id = binding.sheets["clients"]

    def fill(desk: Desk) -> None:
        hand = Hand(desk, binding.spreadsheet_id, sheet_id)
        headings = hand.grid().headings
        width = len(headings)
        properties = {"sheetId": sheet_id, "gridProperties": {"columnCount": width + 4}}
        fields = "gridProperties.columnCount"
        hand.batch({"updateSheetProperties": {"properties": properties, "fields": fields}})
        hand.put_row(0, {width: MARK, width + 1: OWN})
        for number in range(1, FIRST_CLIENTS + 1):
            cells = first_client(number)
            typed = {headings.index(name): value for name, value in cells.items()}
            hand.put_row(number, typed | {width: f"first {number}", width + 1: f"own {number}"})

    server.in_worker(fill)
    server.in_worker(lambda desk: without_empty_rows(Hand(desk, binding.spreadsheet_id, sheet_id)))
    for _ in range(2):
        sync(app, "main")
    shutil.copyfile(folder / "crm.db", folder / "start.db")
    account = json.loads((folder / "workbook-key.json").read_text())["client_email"]
    return Stage(folder, server, app, binding.spreadsheet_id, sheet_id, account, binding.sheets)
