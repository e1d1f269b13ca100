"""A company with several workbooks on one store, behind real HTTP, each in its own hands."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import gspread

from crm_sync.config import load_config
from crm_sync.services.application import Application
from crm_sync.services.result import RunResult
from crm_sync.services.sync import sync
from crm_sync.sheet_server.server import SheetServer
from crm_sync.wiring import open_application
from tests.scenarios.office import TOKEN, Tab, staff_client
from tests.unit.store.builders import folder_in_memory

HEAD = """
language = "{language}"
timezone = "Europe/Moscow"
currency = "RUB"
phone_region = "RU"
[store]
path = "crm.db"
"""
WORKBOOK = """
[[workbooks]]
name = "{name}"
kind = "local"
data = "workbook.db"
{more}
"""
EMPLOYEES = ("Anna Ivanova", "Pavel Petrov")
THREE = {
    "office": "",
    "anna": 'scope = { employee = "Anna Ivanova" }',
    "petrov": 'scope = { employee = ["Pavel Petrov"] }',
}


class Fleet:
    """One company; `book` is a workbook as its people see it, through gspread."""

    def __init__(self, app: Application, server: SheetServer, folder: Path) -> None:
        self.app = app
        self.server = server
        self.folder = folder
        self._books: dict[str, gspread.Spreadsheet] = {}

    def book(self, name: str) -> gspread.Spreadsheet:
        """A workbook in the hands of its people."""
        if name not in self._books:
            binding = self.app.store.bases.binding(name)
            assert binding is not None
            client = staff_client(self.server.url)
            self._books[name] = client.open_by_key(binding.spreadsheet_id)
        return self._books[name]

    def tab(self, name: str, title: str = "Clients") -> Tab:
        """A tab as its headings and rows."""
        return Tab(self.book(name).worksheet(title))

    def clients(self, name: str) -> dict[str, dict[str, Any]]:
        """The rows of the tab Clients of a workbook by the client's name."""
        return {str(row["Name"]): row for row in self.tab(name).rows()}

    def type(
        self, name: str, client: str, heading: str, value: object, *, raw: bool = False
    ) -> None:
        """Types into a cell of a client's row; with `raw` Sheets does not read what was typed."""
        tab = self.tab(name)
        row = next(row["#"] for row in tab.rows() if row["Name"] == client)
        tab.put(row, heading, value) if raw else tab.type(row, heading, value)

    def delete(self, name: str, client: str) -> None:
        """Deletes a client's row."""
        tab = self.tab(name)
        tab.sheet.delete_rows(next(row["#"] for row in tab.rows() if row["Name"] == client))

    def sync(self, name: str, *allow: str) -> RunResult:
        """One run over one workbook."""
        return sync(self.app, name, allowed=frozenset(allow))

    def round(self, *names: str) -> list[RunResult]:
        """One run over each workbook, in this order or in that of the configuration."""
        return [self.sync(name) for name in names or tuple(self.app.bound)]

    def sql(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """What a person does in the store with the sqlite3 command."""
        with sqlite3.connect(self.folder / "crm.db") as connection:
            rows = connection.execute(statement, values).fetchall()
        connection.close()
        return rows

    def owners(self) -> dict[str, str]:
        """Client -> the name of its owner, of all that are not archived."""
        return dict(
            self.sql(
                "select c.full_name, coalesce(e.name, '') from clients c"
                " left join employees e on e.id = c.owner where c.archived_at is null"
            )
        )

    def texts(self, name: str) -> str:
        """All that stands in a workbook, its hidden tabs too."""
        sheets = self.book(name).worksheets(exclude_hidden=False)
        return "|".join(str(cell) for sheet in sheets for row in sheet.get() for cell in row)


def config_of(workbooks: dict[str, str], language: str = "en", more: str = "") -> str:
    """A configuration with these workbooks and what else their sections say, and other sections."""
    sections = (WORKBOOK.format(name=name, more=said) for name, said in workbooks.items())
    return HEAD.format(language=language) + "".join(sections) + more


@contextmanager
def open_fleet(
    folder: Path, workbooks: dict[str, str], language: str = "en", more: str = ""
) -> Iterator[Fleet]:
    """A company in a folder, new or with a configuration that was changed."""
    (folder / "config.toml").write_text(config_of(workbooks, language, more), encoding="utf-8")
    config = load_config(folder / "config.toml")
    with (
        SheetServer(folder / "workbook.db", token=TOKEN) as server,
        open_application(config) as app,
    ):
        yield Fleet(app, server, folder)


@contextmanager
def copied(prepared: Path) -> Iterator[Path]:
    """A copy of the folder of a company that nobody works in at the moment."""
    with folder_in_memory() as folder:
        home = folder / "company"
        shutil.copytree(prepared, home)
        yield home


def begin(fleet: Fleet, clients: dict[str, str]) -> None:
    """Fills the office with employees and clients (name -> owner) and brings all to agreement."""
    fleet.sync("office")
    staff = fleet.tab("office", "Employees")
    for name in EMPLOYEES:
        staff.append(Name=name)
    tab = fleet.tab("office")
    for number, (name, owner) in enumerate(clients.items()):
        tab.append(Name=name, Phone=f"+791200000{number:02}", Owner=owner)
    settle(fleet)


def settle(fleet: Fleet, *order: str) -> None:
    """Two rounds bring agreement; the third writes nothing and reads no cell."""
    for _ in range(2):
        fleet.round(*order)
    assert_settled(fleet, *order)


def assert_settled(fleet: Fleet, *order: str) -> None:
    fleet.server.forget_requests()
    outcomes = [result.outcome for result in fleet.round(*order)]
    assert set(outcomes) == {"unchanged"}, outcomes
    assert {seen.method for seen in fleet.server.requests} == {"GET"}
