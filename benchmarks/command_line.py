"""What staff's computer sees of a run: `crm-sync sync` as it is typed, against `crm-sync serve`.

Real processes, real HTTP, real files. Requests are those that the server counted. The processor
time and the highest memory are those of the command's process; the server's time stands beside
them. What starting Python and loading the program costs is in all of them.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import re
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from benchmarks.clients import typed_client
from crm_sync.config import load_config, sample_config
from crm_sync.core.grid import cell_name
from crm_sync.wiring import open_application

HEADINGS = ("rows", "case", "seconds", "CPU s", "peak MB", "server CPU s", "requests")
SHARES = (0.001, 0.01)
TOKEN = "T"
_ROWS_A_REQUEST = 50_000
_GLANCE = 0.02
"""Seconds between two looks at the memory of a process: often enough to see its peak, rarely enough
not to be measured itself.
"""


@dataclass(frozen=True)
class Ran:
    """One command: how long it took, its processor time, its memory in bytes, the server's time."""

    rows: int
    case: str
    seconds: float
    cpu: float
    peak: int
    server: float
    requests: int

    @property
    def cells(self) -> tuple[str, ...]:
        """The line as it is shown."""
        return (
            f"{self.rows:,}",
            self.case,
            f"{self.seconds:.2f}",
            f"{self.cpu:.2f}",
            f"{self.peak / 1e6:.0f}",
            f"{self.server:.2f}",
            str(self.requests),
        )


class Place:
    """A folder with a company in it, and the server of its workbook."""

    def __init__(self, folder: Path, server: subprocess.Popen[str], url: str) -> None:
        self.folder = folder
        self.server = server
        self.url = url
        note = json.loads((folder / "data/workbook.db.serving").read_text(encoding="utf-8"))
        self._admin = note["admin_token"]

    def ask(self, method: str, path: str, body: Any = None, *, admin: bool = False) -> Any:
        """One request to the server, as staff or as its administrator."""
        request = urllib.request.Request(
            self.url + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "Authorization": f"Bearer {self._admin if admin else TOKEN}",
                "Content-Type": "application/json",
            },
        )
        with urllib.request.urlopen(request, timeout=600) as answer:
            return json.loads(answer.read() or b"{}")

    def sync(self, rows: int, case: str) -> Ran:
        """One run of the command, measured."""
        self.ask("DELETE", "/admin/requests", admin=True)
        before, begun = self._server_seconds(), time.perf_counter()
        process = subprocess.Popen(
            [program(), "sync"],
            cwd=self.folder,
            env=os.environ | {"PYTHONPATH": str(self.folder / "without")},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        peak, status, usage = watched(process.pid)
        taken = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            assert process.stderr is not None
            raise SystemExit(process.stderr.read().decode())
        asked = self.ask("GET", "/admin/requests", admin=True)
        return Ran(
            rows,
            case,
            taken,
            usage.ru_utime + usage.ru_stime,
            peak,
            self._server_seconds() - before,
            len(asked["requests"] if isinstance(asked, dict) else asked),
        )

    def _server_seconds(self) -> float:
        fields = Path(f"/proc/{self.server.pid}/stat").read_text(encoding="ascii")
        ticks = fields.rpartition(")")[2].split()[11:13]
        return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")


def watched(pid: int) -> tuple[int, int, resource.struct_rusage]:
    """The highest memory of a process that runs to its end, its status, what it used. What the
    system tells at the end counts the moment before the program was loaded, too.
    """
    peak = 0
    while True:
        # It may be gone, or not be the program yet but still a copy of this one.
        with contextlib.suppress(OSError, KeyError):
            text = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
            told = dict(row.split(":\t", 1) for row in text.splitlines() if ":\t" in row)
            if told["Name"] == Path(program()).name:
                peak = max(peak, int(told["VmHWM"].split()[0]))
        ended, status, usage = os.wait4(pid, os.WNOHANG)
        if ended:
            return peak * 1024, status, usage
        time.sleep(_GLANCE)


def program() -> str:
    """The command of this installation."""
    return str(Path(sys.executable).with_name("crm-sync"))


@contextmanager
def place() -> Iterator[Place]:
    """A new company with its server."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "data").mkdir()
        (folder / "without").mkdir()
        # Whoever does not measure has no pandas; sqlite-utils loads it where it is.
        (folder / "without/pandas.py").write_text("raise ImportError\n", encoding="ascii")
        # A share of one: what is changed here, a person has said.
        text = sample_config("ru").replace("column_share = 0.30", "column_share = 1.0")
        (folder / "config.toml").write_text(text, encoding="utf-8")
        command = [program(), "serve", "--port", "0", "--data", "data/workbook.db"]
        server = subprocess.Popen(
            [*command, "--token", TOKEN], cwd=folder, stdout=subprocess.PIPE, text=True
        )
        try:
            assert server.stdout is not None
            found = (re.search(r"http://127\.0\.0\.1:\d+", line) for line in server.stdout)
            yield Place(folder, server, next(url[0] for url in found if url))
        finally:
            server.terminate()
            server.communicate()


def measure(rows: int) -> Iterator[Ran]:
    """All cases of one size."""
    rng = random.Random(rows)
    with place() as company:
        company.sync(rows, "")
        book = Book(company)
        book.fill(rows)
        yield company.sync(rows, "first import, all rows new")
        yield company.sync(rows, "nothing changed")
        book.edit(rng.sample(range(1, rows + 1), 1))
        yield company.sync(rows, "1 row changed on both sides")
        for share in SHARES:
            book.edit(rng.sample(range(1, rows + 1), max(round(rows * share), 1)))
            yield company.sync(rows, f"{share:.1%} changed on both sides")


class Book:
    """The Clients tab of the company's workbook, and its store, in the hands of others."""

    def __init__(self, company: Place) -> None:
        self._company = company
        self._store = company.folder / "data/crm.db"
        with sqlite3.connect(self._store) as connection:
            found = connection.execute("select spreadsheet_id, sheets from workbooks").fetchone()
        connection.close()
        self._path = f"/v4/spreadsheets/{found[0]}"
        self._sheet = json.loads(found[1])["clients"]
        sheets = company.ask("GET", f"{self._path}?fields=sheets.properties")["sheets"]
        titles = {item["properties"]["sheetId"]: item["properties"]["title"] for item in sheets}
        self._title = titles[self._sheet]
        with open_application(load_config(company.folder / "config.toml")) as app:
            self._names = [column.field.name for column in app.tab("clients").columns]

    def fill(self, rows: int) -> None:
        """Types so many clients into the tab."""
        size = {"sheetId": self._sheet, "gridProperties": {"rowCount": rows + 100}}
        grown = {"properties": size, "fields": "gridProperties.rowCount"}
        body = {"requests": [{"updateSheetProperties": grown}]}
        self._company.ask("POST", f"{self._path}:batchUpdate", body)
        for first in range(1, rows + 1, _ROWS_A_REQUEST):
            last = min(first + _ROWS_A_REQUEST - 1, rows)
            values = [
                [typed_client(number).get(name, "") for name in self._names]
                for number in range(first, last + 1)
            ]
            place = f"{quote(self._title)}!A{first + 1}?valueInputOption=RAW"
            self._company.ask("PUT", f"{self._path}/values/{place}", {"values": values})

    def edit(self, rows: Sequence[int]) -> None:
        """Changes a note in each of these rows, and in the store a city in as many others."""
        rng = random.Random(len(rows))
        column = self._names.index("note")
        data = [
            {
                "range": f"{self._title}!{cell_name(row, column)}",
                "values": [[f"sheet {rng.random()}"]],
            }
            for row in rows
        ]
        body = {"valueInputOption": "RAW", "data": data}
        self._company.ask("POST", f"{self._path}/values:batchUpdate", body)
        with sqlite3.connect(self._store) as connection:
            ids = [found for (found,) in connection.execute("select id from clients")]
            connection.executemany(
                "update clients set city = ? where id = ?",
                [(f"City {rng.random()}", found) for found in rng.sample(ids, len(rows))],
            )
        connection.close()
