"""`python -m benchmarks.fleet`: a company with thousands of workbooks on one store.

Each workbook shows the clients of one employee, branch and status; an office shows all. The office
and one workbook are made by the program itself; the others are copies of that one in the local
server's file and in the store, since to make ten thousand of them would take hours. In those that
are drawn, a clerk then types a new client. The command is the one that a scheduler runs, in a
process of its own; requests are counted at the server.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks import report
from crm_sync.config import load_config
from crm_sync.services.scopes import scope_of
from crm_sync.services.views import scope_text, seen_by
from crm_sync.sheet_server.server import SheetServer
from crm_sync.wiring import open_application
from tests.scenarios.fleet import config_of
from tests.scenarios.office import TOKEN, staff_client

SEED = 20261126
STATUSES = ("cold", "offered", "inquired", "ordered")


@dataclass(frozen=True)
class Went:
    """One run of the command: seconds, processor seconds of its process, the requests that the
    server saw, and how many workbooks came to each outcome.
    """

    seconds: float
    processor: float
    requests: Counter[str]
    outcomes: Counter[str]


class Company:
    """A company in a folder, its workbooks behind one server."""

    def __init__(self, folder: Path, count: int) -> None:
        self.folder = folder
        self.count = count
        side = next(n for n in itertools.count(1) if n * n * len(STATUSES) >= count)
        self.employees = [f"E{n:04}" for n in range(1, side + 1)]
        self.branches = [f"B{n:03}" for n in range(1, side + 1)]
        every = itertools.product(self.employees, self.branches, STATUSES)
        self.scopes = list(itertools.islice(every, count))
        self.names = [f"w{n:05}" for n in range(count)]

    def write_config(self) -> None:
        """config.toml with the office and every workbook, the small ones without reports."""
        books = {"office": ""}
        for name, (employee, branch, status) in zip(self.names, self.scopes, strict=True):
            books[name] = (
                f'scope = {{ employee = "{employee}", branch = "{branch}", status = "{status}" }}'
            )
        text = config_of(books).replace(
            "\n[[workbooks]]", '\n[reports]\ntabs = ["followups"]\n\n[[workbooks]]', 1
        )
        (self.folder / "config.toml").write_text(text, encoding="utf-8")

    def fill_store(self, clients: int) -> None:
        """Employees, branches, and clients that the office alone shows, as another program would
        put them there.
        """
        rows = (
            (f"Client {n:06}", f"+7912{n:07}", self.employees[n % len(self.employees)], "served")
            for n in range(clients)
        )
        with opened(self.folder / "crm.db") as store:
            store.executemany(
                "insert into branches (id, name) values (?, ?)",
                [(key, f"Branch {key}") for key in self.branches],
            )
            store.executemany(
                "insert into employees (id, name) values (?, ?)",
                [(key, f"Employee {key}") for key in self.employees],
            )
            store.executemany(
                "insert into clients (full_name, phone, owner, status) values (?, ?, ?, ?)", rows
            )

    def shorten(self, server: SheetServer) -> None:
        """Staff delete the blank rows of the first workbook: copies of it are then small."""
        book = staff_client(server.url).open_by_key(self.known()[self.names[0]])
        book.batch_update(
            {
                "requests": [
                    {
                        "updateSheetProperties": {
                            "properties": {
                                "sheetId": sheet.id,
                                "gridProperties": {
                                    "rowCount": min(sheet.row_count, len(sheet.get()) + 20)
                                },
                            },
                            "fields": "gridProperties.rowCount",
                        }
                    }
                    for sheet in book.worksheets(exclude_hidden=False)
                ]
            }
        )

    def known(self) -> dict[str, str]:
        """The spreadsheet of each workbook."""
        with opened(self.folder / "crm.db") as store:
            return dict(store.execute("select workbook, spreadsheet_id from workbooks"))

    def copy(self) -> None:
        """Every workbook but the first, as a copy of it. No server may run."""
        first = self.names[0]
        source = self.known()[first]
        names = self.names[1:]
        files = [f"{n:05}".join((source[:20], source[25:])) for n in range(1, self.count)]
        with opened(self.folder / "workbook.db") as served:
            for name, file in zip(names, files, strict=True):
                copy_file(served, source, file, name)
        with (
            open_application(load_config(self.folder / "config.toml")) as app,
            app.store.transaction(),
        ):
            binding = app.store.bases.bindings()[first]
            tables = [tab.table.name for tab in app.tabs]
            bases = {table: app.store.bases.all(first, table) for table in tables}
            seen = app.store.sightings.last(first)
            for name, file in zip(names, files, strict=True):
                for table, found in bases.items():
                    app.store.bases.put(name, table, found)
                app.store.sightings.note(name, seen)
                copied = replace(binding, workbook=name, spreadsheet_id=file)
                shown = seen_by(app, copied)
                scope = scope_text(scope_of(app, name))
                app.store.bases.bind(replace(copied, fingerprint=shown, scope=scope))

    def run(self, server: SheetServer, *arguments: str) -> Went:
        """`crm-sync sync` once, in a process of its own."""
        server.forget_requests()
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        begun = time.perf_counter()
        command = [str(Path(sys.executable).with_name("crm-sync")), "sync", "--json", *arguments]
        done = subprocess.run(
            [*command, "--config", str(self.folder / "config.toml")],
            capture_output=True,
            text=True,
            check=False,
        )
        seconds = time.perf_counter() - begun
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        if done.returncode:
            sys.exit(f"sync ended with {done.returncode}:\n{done.stderr[:2000]}")
        asked = Counter(f"{seen.method} {kind(seen.path)}" for seen in server.requests)
        processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        outcomes = Counter(run["outcome"] for run in json.loads(done.stdout)["workbooks"])
        return Went(seconds, processor, asked, outcomes)

    def edit(self, server: SheetServer, names: list[str], text: str) -> None:
        """A clerk types a new client into each of these workbooks."""
        staff, known = staff_client(server.url), self.known()
        for number, name in enumerate(names):
            sheet = staff.open_by_key(known[name]).worksheet("Clients")
            headings = sheet.row_values(1)
            row = [""] * len(headings)
            row[headings.index("Name")] = f"{text} {number}"
            row[headings.index("Phone")] = f"+7913{number:07}"
            sheet.update([row], f"A{len(sheet.get()) + 1}")


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """A file as another program opens it; all that is done inside is one transaction."""
    connection = sqlite3.connect(path)
    with closing(connection), connection:
        yield connection


def copy_file(served: sqlite3.Connection, source: str, file: str, name: str) -> None:
    """A copy of a workbook in the server's file, its stamp that of the copy."""
    (number,) = served.execute("select number from workbook where id = ?", (source,)).fetchone()
    added = served.execute(
        "insert into workbook (id, head) select ?, head from workbook where number = ?",
        (file, number),
    ).lastrowid
    for table, columns in (
        ("sheet", "id, position, head, layout"),
        ("mark", "id, marks"),
        ("metadata", "id, entry"),
    ):
        served.execute(
            f"insert into {table} (workbook, {columns})"
            f" select ?, {columns} from {table} where workbook = ?",
            (added, number),
        )
    served.execute(
        "insert into sheet_row (workbook, sheet, key, cells)"
        " select ?, sheet, key, cast(replace(cast(cells as text), ?, ?) as blob)"
        " from sheet_row where workbook = ?",
        (added, source, file, number),
    )
    for table, key, columns in (
        ("permission", "file_id", "id, type, role, grantee, discoverable, expires, position"),
        ("revision", "file_id", "id, begun, modified, email"),
        ("file_change", "file_id", "account, removed, time"),
        (
            "file",
            "id",
            "name, mime_type, owner, created, modified, modified_by, version, parent, details",
        ),
    ):
        served.execute(
            f"insert into {table} ({key}, {columns}) select ?, {columns} from {table}"
            f" where {key} = ?",
            (file, source),
        )


def kind(path: str) -> str:
    """A path without ids."""
    return "/".join(
        "*" if len(part) > 30 and "changes" not in part else part for part in path.split("/")
    )


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fleet")
    parser.add_argument("--workbooks", type=int, default=100)
    parser.add_argument("--share", type=float, default=0.01)
    parser.add_argument("--clients", type=int, default=10_000, help="in the office alone")
    parser.add_argument("--keep", type=Path, help="make the company here, or go on with it")
    options = parser.parse_args()
    print(report.machine())
    folder = options.keep or Path(tempfile.mkdtemp(prefix="crm-fleet-"))
    folder.mkdir(parents=True, exist_ok=True)
    try:
        measure(folder, options.workbooks, options.share, options.clients)
    finally:
        if not options.keep:
            shutil.rmtree(folder)


def measure(folder: Path, count: int, share: float, clients: int) -> None:
    """The runs of one company."""
    company = Company(folder, count)
    company.write_config()
    rng = random.Random(SEED)
    if not (folder / "crm.db").exists():
        with SheetServer(folder / "workbook.db", token=TOKEN) as server:
            company.run(server, "office")
            company.fill_store(clients)
            first = ("office", company.names[0])
            company.run(server, *first)
            company.shorten(server)
            for _ in range(2):
                company.run(server, *first)
        company.copy()
    with SheetServer(folder / "workbook.db", token=TOKEN) as server:
        say("the first run over all", company.run(server))
        say("nothing changed", company.run(server))
        changed = rng.sample(company.names, max(1, round(count * share)))
        company.edit(server, changed, f"Client {rng.randrange(10**6)}")
        say(f"{len(changed)} workbooks were edited", company.run(server))
        say("nothing changed", company.run(server))


def say(what: str, went: Went) -> None:
    """Prints one run."""
    total = sum(went.requests.values())
    print(
        f"{what}: {went.seconds:.1f} s, processor {went.processor:.1f} s, {total} requests"
        f" {dict(went.requests.most_common(8))} {dict(went.outcomes)}",
        flush=True,
    )


if __name__ == "__main__":
    main()
