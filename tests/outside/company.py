"""A company as its people see it: a folder, the command line, HTTP to the served workbook, SQLite.

Nothing of crm_sync is imported here: what is tested is what the programs do.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

CONFIG = """
language = "en"
timezone = "Europe/Moscow"
currency = "RUB"
phone_region = "RU"
[store]
path = "data/crm.db"
[[workbooks]]
name = "office"
kind = "local"
data = "data/workbook.db"
[requests]
budget = 20.0
"""
TOKEN = "letmein"
PATIENCE = 20.0


class Crew:
    """The program that forks `crm-sync` processes."""

    def __init__(self) -> None:
        root = Path(__file__).parents[2]
        environment = os.environ | {"PYTHONPATH": str(root), "NO_COLOR": "1"}
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).parent / "crew.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )

    def ask(self, **order: Any) -> dict[str, Any]:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())  # type: ignore[no-any-return]

    def close(self) -> None:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


class Refused(Exception):
    """The server refused a request."""


@dataclass
class Tab:
    """A tab of the workbook as it stands: unformatted values and formulas, without the heading."""

    headings: list[str]
    rows: list[dict[str, Any]]
    formulas: list[dict[str, str]]
    numbers: list[int]
    """The 0-based row of each in the sheet."""


@dataclass
class Company:
    """One company, whose workbook is being served."""

    crew: Crew
    home: Path
    server: int = 0
    url: str = ""
    admin: str = ""
    book: str = ""
    sheets: dict[str, int] = field(default_factory=dict)
    actions: int = 0

    def open(self) -> Company:
        """Begins to serve."""
        (self.home / "data").mkdir(exist_ok=True)
        argv = ["serve", "--port", "0", "--data", "data/workbook.db", "--token", TOKEN]
        self.server = self.crew.ask(home=str(self.home), argv=argv)["pid"]
        until = time.monotonic() + PATIENCE
        while not self._is_served():
            assert time.monotonic() < until, "crm-sync serve does not serve"
            time.sleep(0.01)
        return self

    def _is_served(self) -> bool:
        try:
            told = json.loads((self.home / "data/workbook.db.serving").read_text())
            self.url, self.admin = told["url"], told["admin_token"]
            self.ask("GET", "/drive/v3/files")
        except (OSError, ValueError):
            return False
        return bool(told["pid"] == self.server)

    def close(self) -> None:
        self.crew.ask(wait=self.server)

    def crm_sync(
        self, *argv: str, death: dict[str, Any] | None = None, clock: float = 0.0
    ) -> dict[str, Any]:
        """One command; what became of it."""
        done = self.crew.ask(home=str(self.home), argv=list(argv), death=death, clock=clock)
        assert "Traceback" not in done["said"], done["said"]
        return done

    def json(self, *argv: str) -> dict[str, Any]:
        """What a command prints with --json."""
        said = self.crm_sync(*argv, "--json")["said"]
        # What is said to people goes another way than what is said to programs.
        return json.loads(said[said.index("{") :])  # type: ignore[no-any-return]

    def sql(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        connection = sqlite3.connect(self.home / "data/crm.db", timeout=PATIENCE)
        with connection:
            rows = connection.execute(statement, values).fetchall()
        connection.close()
        return rows

    def find_book(self) -> None:
        """Notes the workbook's id and its tabs."""
        self.book = self.ask("GET", "/drive/v3/files")["files"][0]["id"]
        told = self.ask("GET", f"/v4/spreadsheets/{self.book}")
        self.sheets = {
            sheet["properties"]["title"]: sheet["properties"].get("sheetId", 0)
            for sheet in told["sheets"]
        }

    def ask(self, method: str, path: str, body: Any = None, token: str = TOKEN) -> Any:
        """One request to the server."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answered:
                return json.loads(answered.read() or b"{}")
        except urllib.error.HTTPError as exc:
            with exc:
                raise Refused(exc.read().decode()) from None

    def fault(self, **fault: Any) -> None:
        """Sets a fault, as the measuring party would."""
        self.ask("POST", "/admin/faults", fault, self.admin)

    def calm(self) -> None:
        """Takes all faults back."""
        self.ask("DELETE", "/admin/faults", token=self.admin)

    def batch(self, *requests: dict[str, Any]) -> None:
        """Staff change the workbook."""
        self.ask("POST", f"/v4/spreadsheets/{self.book}:batchUpdate", {"requests": list(requests)})

    def batch_later(self, nth: int, when: str, *requests: dict[str, Any]) -> None:
        """Staff change the workbook around the n-th request from now."""
        path = f"/v4/spreadsheets/{self.book}:batchUpdate"
        action = {"method": "POST", "path": path, "body": {"requests": list(requests)}}
        self.fault(kind="staff", nth=nth, when=when, actions=[action])

    def acted(self) -> bool:
        """Whether anybody acted around a request since this was last asked."""
        answers = self.ask("GET", "/admin/actions", token=self.admin)["answers"]
        refused = [each for each in answers if each["status"] >= 400]
        assert not refused, refused
        before, self.actions = self.actions, len(answers)
        return len(answers) > before

    def values(self, title: str, render: str) -> list[list[Any]]:
        place = quote(title, safe="")
        query = f"valueRenderOption={render}&dateTimeRenderOption=SERIAL_NUMBER"
        found = self.ask("GET", f"/v4/spreadsheets/{self.book}/values/{place}?{query}")
        return found.get("values", [])  # type: ignore[no-any-return]

    def tab(self, title: str = "Clients") -> Tab:
        """A tab as it stands."""
        shown = self.values(title, "UNFORMATTED_VALUE")
        typed = self.values(title, "FORMULA")
        headings = [str(cell) for cell in shown[0]] if shown else []
        tab = Tab(headings, [], [], [])
        for number, row in enumerate(shown[1:], 1):
            cells = {name: cell for name, cell in zip(headings, row, strict=False) if cell != ""}
            if cells:
                entered = dict(zip(headings, typed[number], strict=False))
                tab.rows.append(cells)
                tab.formulas.append(
                    {
                        name: text
                        for name, text in entered.items()
                        if isinstance(text, str) and text[:1] == "=" and cells.get(name) != text
                    }
                )
                tab.numbers.append(number)
        return tab

    def type(self, row: int, column: int, text: Any, title: str = "Clients") -> None:
        """A person types into a cell: what looks like a number or a formula becomes one."""
        self.enter(row, column, [text], title)

    def enter(
        self,
        row: int,
        column: int,
        cells: list[Any],
        title: str = "Clients",
        how: str = "USER_ENTERED",
    ) -> None:
        """A person types into cells beside each other; with "RAW" text stays text."""
        place = f"'{title}'!{letters(column)}{row + 1}"
        self.ask(
            "PUT",
            f"/v4/spreadsheets/{self.book}/values/{quote(place, safe='')}?valueInputOption={how}",
            {"values": [cells]},
        )


def letters(column: int) -> str:
    """A column's name: 0 is A, 26 is AA."""
    text, column = "", column + 1
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(ord("A") + rest) + text
    return text


def founded(crew: Crew, home: Path, clients: int = 5) -> Path:
    """A prepared company with a few clients, in agreement on both sides; its folder, at rest."""
    home.mkdir()
    (home / "config.toml").write_text(CONFIG)
    company = Company(crew, home).open()
    company.crm_sync("sync")
    company.find_book()
    sheet = company.sheets["Clients"]
    width = len(company.tab().headings)
    properties = {"sheetId": sheet, "gridProperties": {"columnCount": width + 3}}
    fields = "gridProperties.columnCount"
    company.batch({"updateSheetProperties": {"properties": properties, "fields": fields}})
    company.enter(0, width, ["Mark", "Mine"])
    for number in range(1, clients + 1):
        at = company.tab().headings.index
        company.type(number, at("Name"), f"Client {number}")
        company.enter(number, at("Phone"), [f"+7911000000{number}"], how="RAW")
        company.type(number, at("City"), f"City {number}")
        company.enter(number, width, [f"first {number}", f"own {number}"])
    for _ in range(2):
        done = company.crm_sync("sync")
        assert done["code"] == 0, done["said"]
    company.close()
    return home


def opened(crew: Crew, prepared: Path, home: Path) -> Company:
    """A copy of a prepared company, being served."""
    shutil.copytree(prepared, home, ignore=shutil.ignore_patterns("*.serving", "*.lock"))
    company = Company(crew, home).open()
    company.find_book()
    return company
