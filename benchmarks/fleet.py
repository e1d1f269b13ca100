"""`python -m benchmarks.fleet`: a company with thousands of workbooks on one store.

Each workbook shows the clients of one employee, branch and status; an office shows all. The company
is made from a seed, served by the local server in a process of its own, and synced by the command
that a scheduler runs. Requests are counted at the server.
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
from dataclasses import dataclass
from pathlib import Path

from benchmarks import report
from crm_sync.sheet_server.server import SheetServer
from tests.scenarios.fleet import config_of
from tests.scenarios.office import TOKEN, staff_client

SEED = 20261126
STATUSES = ("cold", "offered", "inquired", "ordered")


@dataclass(frozen=True)
class Went:
    """One run of the command: seconds, processor seconds of its process, its peak of memory in
    MB, the requests that the server saw, and what it said as JSON.
    """

    seconds: float
    processor: float
    peak: float
    requests: Counter[str]
    said: dict[str, object]


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

    def fill_store(self) -> None:
        """Employees, branches, and a client for each workbook, as another program would."""
        connection = sqlite3.connect(self.folder / "crm.db")
        with connection:
            connection.executemany(
                "insert into branches (id, name) values (?, ?)",
                [(key, f"Branch {key}") for key in self.branches],
            )
            connection.executemany(
                "insert into employees (id, name) values (?, ?)",
                [(key, f"Employee {key}") for key in self.employees],
            )
            connection.executemany(
                "insert into clients (full_name, phone, owner, branch, status)"
                " values (?, ?, ?, ?, ?)",
                [(f"Client {n:05}", f"+7912{n:07}", *scope) for n, scope in enumerate(self.scopes)],
            )
        connection.close()

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
        return Went(seconds, processor, after.ru_maxrss / 1024, asked, json.loads(done.stdout))

    def edit(self, server: SheetServer, names: list[str], text: str) -> None:
        """A clerk types a city into the first client of each of these workbooks."""
        staff = staff_client(server.url)
        connection = sqlite3.connect(self.folder / "crm.db")
        known = dict(connection.execute("select workbook, spreadsheet_id from workbooks"))
        connection.close()
        for name in names:
            sheet = staff.open_by_key(known[name]).worksheet("Clients")
            column = sheet.row_values(1).index("City") + 1
            sheet.update_cell(2, column, text)


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
    parser.add_argument("--keep", type=Path, help="make the company here, or go on with it")
    options = parser.parse_args()
    print(report.machine())
    folder = options.keep or Path(tempfile.mkdtemp(prefix="crm-fleet-"))
    folder.mkdir(parents=True, exist_ok=True)
    try:
        measure(folder, options.workbooks, options.share)
    finally:
        if not options.keep:
            shutil.rmtree(folder)


def measure(folder: Path, count: int, share: float) -> None:
    """The runs of one company."""
    company = Company(folder, count)
    company.write_config()
    rng = random.Random(SEED)
    with SheetServer(folder / "workbook.db", token=TOKEN) as server:
        if not (folder / "crm.db").exists():
            say("the office alone", company.run(server, "office"))
            company.fill_store()
            say("all are made", company.run(server))
        while True:
            went = company.run(server)
            say("agreement", went)
            if all(book["outcome"] == "unchanged" for book in went.said["workbooks"]):
                break
        changed = rng.sample(company.names, max(1, round(count * share)))
        company.edit(server, changed, f"City {rng.randrange(10**6)}")
        say(f"{len(changed)} workbooks were edited", company.run(server))
        say("nothing changed", company.run(server))


def say(what: str, went: Went) -> None:
    """Prints one run."""
    total = sum(went.requests.values())
    print(
        f"{what}: {went.seconds:.1f} s, processor {went.processor:.1f} s, {went.peak:.0f} MB,"
        f" {total} requests {dict(went.requests.most_common(8))}",
        flush=True,
    )


if __name__ == "__main__":
    main()
