"""`make bench`: what a run costs from payload bytes to a committed result, the network apart.

Every figure stands beside L, the decoding of the same payload with orjson in the same run. The data
are made from a seed. `make bench ARGS="--rows 1000 100000"` chooses the sizes, `--full` takes all
from 1,000 to 1,000,000, `--cli 10000` those that are measured through the command line, `--write`
puts the tables into docs/performance.md. `pip install '.[bench]'` adds baselines that need other
libraries.
"""

from __future__ import annotations

import argparse
import random
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson

from benchmarks import baselines, command_line, memory, report
from benchmarks.clients import FIELDS, typed_client
from benchmarks.payload import OneWorkbook, PayloadWorkbook
from benchmarks.report import Measured
from crm_sync.config import load_config, sample_config
from crm_sync.core.limits import UNLIMITED
from crm_sync.services.application import Application
from crm_sync.services.sync import sync
from crm_sync.wiring import open_application

SIDES = ("in the sheet", "in the store", "on both sides")
MOST_BY_SIDE = 2_000
"""With more changed rows both sides are changed at once, and not each alone."""

SHARES = (0.001, 0.01, 0.1, 1.0)
SEED = 20261123
MOST_FOR = {"daff": 10_000}
"""Baselines that take minutes beyond so many rows."""

FULL = (1_000, 10_000, 100_000, 1_000_000)
PAGE = Path("docs/performance.md")


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000, 10_000])
    parser.add_argument("--full", action="store_true", help="up to 1,000,000 rows: an hour, 10 GB")
    parser.add_argument(
        "--cli", type=int, nargs="*", default=[1_000], metavar="ROWS", help="on Linux"
    )
    parser.add_argument("--write", action="store_true", help=f"put the tables into {PAGE}")
    options = parser.parse_args()
    print(report.machine())
    print("L = decoding the same payload with orjson, in the same run; processor time\n")
    print(report.line(report.HEADINGS))
    found = []
    for rows in FULL if options.full else options.rows:
        for measured in measure(rows):
            print(report.line(measured.cells), flush=True)
            found.append(measured)
    print(
        "\nthrough the command line, against crm-sync serve; requests as the server counts them\n"
    )
    print(report.line(command_line.HEADINGS))
    typed = []
    for rows in options.cli if Path("/proc/self/status").exists() else ():
        for ran in command_line.measure(rows):
            print(report.line(ran.cells), flush=True)
            typed.append(ran)
    if options.write:
        text = PAGE.read_text(encoding="utf-8")
        text = report.replaced(text, "make bench", report.HEADINGS, [item.cells for item in found])
        cells = [item.cells for item in typed]
        text = report.replaced(text, "through the command line", command_line.HEADINGS, cells)
        PAGE.write_text(text, encoding="utf-8")


def measure(rows: int) -> Iterator[Measured]:
    """All cases of one size."""
    rng = random.Random(SEED)
    with office() as (opened, workbook, store):
        app = replace(opened, limits=UNLIMITED, backup_rule=None, clock=Clock())
        sync(app, "office")
        workbook.touch()
        sync(app, "office")
        sheet_id = sheet_of(app, "clients")
        typed_rows(app, workbook, sheet_id, rows)
        yield timed(app, workbook, rows, "first import, all rows new")
        yield timed(app, workbook, rows, "probe says that nothing changed")
        # Someone else's edit, so that the probe does not end the run; the first such run also makes
        # what later ones find made.
        for _ in range(2):
            workbook.touch()
            found = timed(app, workbook, rows, "read, nothing changed")
        yield found
        yield from changed_rows(app, workbook, store, rng)
        edit_store(store, rng, max(rows // 1000, 1), "phone", lambda: new_phone(rng))
        workbook.touch()
        yield timed(app, workbook, rows, "0.1% of phones changed in the store")
        edit_store(store, rng, 1, "status", lambda: "cold")
        workbook.touch()
        yield timed(app, workbook, rows, "1 client to be called: reports made anew")
        payload = workbook.payload(*workbook.asked)
        for name, work in baselines.known():
            if rows > MOST_FOR.get(name, rows):
                continue
            yield clocked(rows, f"for comparison: {name}", payload, lambda work=work: work(payload))


def changed_rows(
    app: Application, workbook: PayloadWorkbook, store: Path, rng: random.Random
) -> Iterator[Measured]:
    """Runs after shares of the rows changed: notes in the sheet, cities in the store, both."""
    sheet_id, note = sheet_of(app, "clients"), place(app, "note")
    rows = len(workbook.tabs[sheet_id]) - 1
    for share in SHARES:
        count = max(round(rows * share), 1)
        for side in SIDES if count <= MOST_BY_SIDE else SIDES[-1:]:
            if side != "in the store":
                for row in rng.sample(range(1, rows + 1), count):
                    workbook.edit(sheet_id, row, note, f"sheet {rng.randrange(10**6)}")
            if side != "in the sheet":
                edit_store(store, rng, count, "city", lambda: f"City {rng.randrange(10**6)}")
            yield timed(app, workbook, rows, f"{share:.1%} changed {side}")


def new_phone(rng: random.Random) -> str:
    """A phone that nobody had."""
    return f"+7999{rng.randrange(10**7):07d}"


def edit_store(
    store: Path, rng: random.Random, count: int, field: str, value: Callable[[], str]
) -> None:
    """What another program does to some clients."""
    connection = sqlite3.connect(store)
    with connection:
        ids = [found[0] for found in connection.execute("select id from clients")]
        connection.executemany(
            f"update clients set {field} = ? where id = ?",
            [(value(), key) for key in rng.sample(ids, count)],
        )
    connection.close()


class Clock:
    """The time of day, some minutes on for each look at a case: rows show when they were changed,
    to the minute.
    """

    def __init__(self) -> None:
        self.ahead = timedelta()

    def now(self) -> datetime:
        """The moment."""
        return datetime.now(UTC) + self.ahead


def timed(app: Application, workbook: PayloadWorkbook, rows: int, case: str) -> Measured:
    """One run over what the workbook holds now, some minutes after the one before."""
    assert isinstance(app.clock, Clock)
    app.clock.ahead += timedelta(minutes=3)
    workbook.requests, workbook.sent, workbook.apart = 0, 0, 0.0
    payload = workbook.payload(*workbook.asked)
    measured = clocked(rows, case, payload, lambda: sync(app, "office"))
    return replace(
        measured,
        seconds=measured.seconds - workbook.apart,
        requests=workbook.requests,
        sent=workbook.sent,
    )


def clocked(rows: int, case: str, payload: bytes, work: Callable[[], object]) -> Measured:
    """What a piece of work takes, beside the decoding of the payload."""
    decode = min(seconds_of(lambda: orjson.loads(payload)) for _ in range(3))
    before = memory.reset_peak()
    seconds = seconds_of(work)
    peak = memory.peak_since(before)
    return Measured(rows, case, seconds, decode, peak, len(payload), 0)


def seconds_of(work: Callable[[], object]) -> float:
    """How much processor time it takes: other programs on the machine do not count."""
    start = time.process_time()
    work()
    return time.process_time() - start


@contextmanager
def office() -> Iterator[tuple[Application, PayloadWorkbook, Path]]:
    """An application whose workbook is bytes in memory."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "config.toml").write_text(sample_config("ru"), encoding="utf-8")
        config = load_config(folder / "config.toml")
        with open_application(config) as app:
            workbook = PayloadWorkbook()
            yield replace(app, workbooks=OneWorkbook(workbook)), workbook, config.store.path


def sheet_of(app: Application, table: str) -> int:
    """The sheet id of a table's tab."""
    binding = app.store.bases.binding("office")
    assert binding is not None
    return binding.sheets[table]


def place(app: Application, field: str) -> int:
    """The column of a field in a tab that nobody rearranged."""
    names = [column.field.name for column in app.tab("clients").columns]
    return names.index(field)


def typed_rows(app: Application, workbook: PayloadWorkbook, sheet_id: int, rows: int) -> None:
    """Clients as staff would have typed them."""
    places = {name: place(app, name) for name in FIELDS}
    for number in range(1, rows + 1):
        for name, value in typed_client(number).items():
            workbook.edit(sheet_id, number, places[name], value)


if __name__ == "__main__":
    main()
