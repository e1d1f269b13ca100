"""`make bench`: what a run costs from payload bytes to a committed result, the network apart.

Every figure stands beside a baseline of the same run: decoding the same payload with orjson. The
data are made from a seed. `make bench ARGS="--rows 1000 10000"` chooses the sizes.
"""

from __future__ import annotations

import argparse
import platform
import random
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import orjson

from benchmarks.payload import OneWorkbook, PayloadWorkbook
from crm_sync.config import load_config, sample_config
from crm_sync.services.application import Application
from crm_sync.services.sync import sync
from crm_sync.wiring import open_application

SHARES = (0.0, 0.001, 0.01, 0.1)
FIELDS = ("full_name", "phone", "email", "address", "city", "note", "contact_person", "source")
SEED = 20261123


@dataclass(frozen=True)
class Measured:
    """One line of the table. Times in seconds, the payload in bytes."""

    rows: int
    case: str
    seconds: float
    decode: float
    payload: int
    requests: int

    def line(self) -> str:
        """The line as it is printed."""
        return (
            f"{self.rows:>9,}  {self.case:<28} {self.seconds:>8.3f} s  "
            f"{self.seconds / self.decode:>8.1f} L  {self.payload / 1e6:>7.1f} MB  "
            f"{self.requests:>3}"
        )


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000, 10_000, 50_000])
    options = parser.parse_args()
    print(f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, one run each")
    print("L = decoding the same payload with orjson, in the same run\n")
    print("     rows  case                             time      ratio   payload  requests")
    for rows in options.rows:
        for measured in measure(rows):
            print(measured.line(), flush=True)


def measure(rows: int) -> Iterator[Measured]:
    """All cases of one size."""
    rng = random.Random(SEED)
    with office() as (app, workbook, store):
        sync(app, "office")
        sheet_id = sheet_of(app, "clients")
        typed_rows(app, workbook, sheet_id, rows)
        yield timed(app, workbook, rows, "first import")
        columns = {name: place(app, name) for name in FIELDS}
        for share in SHARES:
            changed = round(rows * share)
            for row in rng.sample(range(1, rows + 1), changed):
                workbook.edit(sheet_id, row, columns["note"], f"sheet {rng.randrange(10**6)}")
            with sqlite3.connect(store) as connection:
                ids = [found[0] for found in connection.execute("select id from clients")]
                connection.executemany(
                    "update clients set city = ? where id = ?",
                    [(f"City {rng.randrange(10**6)}", key) for key in rng.sample(ids, changed)],
                )
            connection.close()
            # Someone else's edit, so that the probe does not end the run.
            workbook.version += 1
            yield timed(app, workbook, rows, f"{share:.1%} changed, both sides")


def timed(app: Application, workbook: PayloadWorkbook, rows: int, case: str) -> Measured:
    """One run, and the decoding of what it read."""
    binding = app.store.bases.binding("office")
    assert binding is not None
    sheets = tuple(number for name, number in binding.sheets.items() if name[0] != "_")
    payload = workbook.payload(sheets)
    decode = min(clocked(lambda: orjson.loads(payload)) for _ in range(3))
    workbook.requests = 0
    seconds = clocked(lambda: sync(app, "office"))
    return Measured(rows, case, seconds, decode, len(payload), workbook.requests)


def clocked(work: Callable[[], object]) -> float:
    """How many seconds it takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


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
        values = {
            "full_name": f"Клиент {number}",
            "phone": f"+7912{number:07d}",
            "email": f"client{number}@example.org",
            "address": f"ул. Ленина, {number}",
            "city": "Пермь",
            "note": f"заметка {number}",
            "contact_person": f"Иванова Анна {number}",
            "source": "Сайт",
        }
        for name, value in values.items():
            workbook.edit(sheet_id, number, places[name], value)


if __name__ == "__main__":
    main()
