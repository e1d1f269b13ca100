"""An office to play in: a store, a local workbook behind real HTTP, staff with plain gspread."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import gspread
from google.oauth2.credentials import Credentials

from crm_sync.config import load_config
from crm_sync.services.application import Application
from crm_sync.services.result import RunResult
from crm_sync.services.sync import sync
from crm_sync.services.world import load_world
from crm_sync.sheet_server.server import SheetServer
from crm_sync.wiring import open_application
from tests.unit.store.builders import folder_in_memory

CONFIG = """
language = "{language}"
timezone = "Europe/Moscow"
currency = "RUB"
phone_region = "RU"
[store]
path = "crm.db"
[[workbooks]]
name = "main"
kind = "local"
data = "workbook.db"
"""
TOKEN = "staff"


class Office:
    """One company on one machine. `staff` is the workbook as its people see it, through gspread."""

    def __init__(self, app: Application, server: SheetServer, folder: Path) -> None:
        self.app = app
        self.server = server
        self.folder = folder
        self._book: gspread.Spreadsheet | None = None

    @property
    def staff(self) -> gspread.Spreadsheet:
        """The workbook in the hands of staff; made by the first sync."""
        if self._book is None:
            binding = self.app.store.bases.binding("main")
            assert binding is not None
            self._book = staff_client(self.server.url).open_by_key(binding.spreadsheet_id)
        return self._book

    def sync(self, *, dry_run: bool = False, allow: tuple[str, ...] = ()) -> RunResult:
        """One run."""
        return sync(self.app, "main", dry_run=dry_run, allowed=frozenset(allow))

    def counted_sync(self) -> tuple[RunResult, list[tuple[str, str]]]:
        """One run, and the requests that it made, as (method, path)."""
        self.server.forget_requests()
        result = self.sync()
        return result, [(seen.method, seen.path) for seen in self.server.requests]

    def sql(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """What a person does in the store with the sqlite3 command."""
        with sqlite3.connect(self.folder / "crm.db") as connection:
            rows = connection.execute(statement, values).fetchall()
        connection.close()
        return rows

    def disagreements(self) -> list[str]:
        """Where sheet and store differ, but for open conflicts and problems."""
        binding = self.app.store.bases.binding("main")
        assert binding is not None
        world = load_world(self.app, binding)
        waiting = {
            (item.conflict.table, item.conflict.record_id, item.conflict.field)
            for item in self.app.store.findings.conflicts("main")
        } | {
            (item.problem.table, item.problem.record_id, item.problem.field)
            for item in self.app.store.findings.problems("main")
        }
        found = []
        for tab in self.app.tabs:
            name = tab.table.name
            sheet_rows = self.tab(tab.title).rows()
            rows = {str(row["ID"]): row for row in sheet_rows if row["ID"]}
            if len(rows) < sum(bool(row["ID"]) for row in sheet_rows):
                found.append(f"{name}: an id stands in two rows")
            live = {key for key, record in world.records[name].items() if not record.archived}
            found += [
                f"{name}: {key} on one side only"
                for key in sorted(live ^ rows.keys())
                if (name, key, "") not in waiting
            ]
            codecs = world.codecs(tab)
            for key in sorted(live & rows.keys()):
                for item in tab.table.staff_fields:
                    heading = tab.by_field[item.name].heading
                    if heading not in rows[key] or (name, key, item.name) in waiting:
                        continue
                    cell = rows[key][heading]
                    theirs = codecs[item.name].parse(None if cell == "" else cell)
                    ours = world.records[name][key].values.get(item.name)
                    if theirs != ours:
                        found.append(f"{name}: {key}.{item.name}: {ours!r} against {theirs!r}")
        return found

    def tab(self, title: str) -> Tab:
        """A tab as its headings and rows."""
        return Tab(self.staff.worksheet(title))


class Tab:
    """A tab in the hands of a person: cells by heading and row number (1 is the heading row)."""

    def __init__(self, sheet: gspread.Worksheet) -> None:
        self.sheet = sheet
        self.grid: list[list[Any]] = sheet.get(
            value_render_option=gspread.utils.ValueRenderOption.unformatted
        )

    @property
    def headings(self) -> list[str]:
        return [str(cell) for cell in self.grid[0]]

    def column(self, heading: str) -> int:
        """The one-based column of a heading."""
        return self.headings.index(heading) + 1

    def rows(self) -> list[dict[str, Any]]:
        """The rows below the heading row that hold anything."""
        found = []
        for number, row in enumerate(self.grid[1:], start=2):
            cells = dict(zip(self.headings, [*row, *[""] * len(self.headings)], strict=False))
            if any(cell != "" for cell in row):
                found.append({"#": number, **cells})
        return found

    def type(self, row: int, heading: str, value: object) -> None:
        """Types into a cell, as a person does."""
        name = gspread.utils.rowcol_to_a1(row, self.column(heading))
        self.sheet.update([[value]], name, value_input_option="USER_ENTERED")

    def put(self, row: int, heading: str, value: object) -> None:
        """Sets a cell without Sheets' reading of what was typed."""
        name = gspread.utils.rowcol_to_a1(row, self.column(heading))
        self.sheet.update([[value]], name, value_input_option="RAW")

    def append(self, **cells: object) -> int:
        """Types a new row below the last one; gives its number."""
        number = len(self.grid) + 1
        row = [cells.get(heading.replace(" ", "_"), "") for heading in self.headings]
        name = gspread.utils.rowcol_to_a1(number, 1)
        self.sheet.update([row], name, value_input_option="USER_ENTERED")
        self.grid.append(row)
        return number


def staff_client(url: str, token: str = TOKEN) -> gspread.Client:
    """Plain gspread, its hosts mapped to a local server."""

    class Mapped(gspread.HTTPClient):
        def request(self, method: str, endpoint: str, *args: Any, **kwargs: Any) -> Any:
            for host in ("https://sheets.googleapis.com", "https://www.googleapis.com"):
                endpoint = endpoint.replace(host, url)
            return super().request(method, endpoint, *args, **kwargs)

    return gspread.Client(Credentials(token), http_client=Mapped)  # type: ignore[no-untyped-call]


@contextmanager
def open_office(folder: Path, language: str = "en") -> Iterator[Office]:
    """An office in an empty folder."""
    (folder / "config.toml").write_text(CONFIG.format(language=language))
    config = load_config(folder / "config.toml")
    with (
        SheetServer(folder / "workbook.db", token=TOKEN) as server,
        open_application(config) as app,
    ):
        yield Office(app, server, folder)


@contextmanager
def office_after(begin: Callable[[Office], None], language: str = "en") -> Iterator[Office]:
    """An office as `begin` leaves an empty one."""
    with folder_in_memory() as folder:
        lay_out(folder, begin, language)
        with open_office(folder, language) as office:
            yield office


@cache
def with_clients(count: int) -> Callable[[Office], None]:
    """The beginning of an office with so many clients, in agreement on both sides."""

    def begin(office: Office) -> None:
        office.sync()
        tab = office.tab("Clients")
        for number in range(1, count + 1):
            tab.append(Name=f"Client {number}", Phone=f"+7912000000{number}", City="Perm")
        office.sync()
        assert office.disagreements() == []

    return begin


def lay_out(folder: Path, begin: Callable[[Office], None], language: str = "en") -> None:
    """Puts there the files of an office as `begin` leaves an empty one. That is done once; each
    test gets copies.
    """
    for name, content in _files_after(begin, language).items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        # As crm-sync leaves them, the key to the workbook among them.
        file.chmod(0o600)


@cache
def _files_after(begin: Callable[[Office], None], language: str) -> dict[Path, bytes]:
    with folder_in_memory() as folder:
        with open_office(folder, language) as office:
            begin(office)
        files = [file for file in folder.rglob("*") if file.is_file()]
        return {file.relative_to(folder): file.read_bytes() for file in files}
