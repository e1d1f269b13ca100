"""`make bench-reading`: what it takes to read a large tab from the local server, over real HTTP.

Every figure stands beside `json.dumps` of the same values, timed in the same run. The server is a
process of its own; the client takes the bytes in and decodes nothing. "first" is the read right
after the values were written, "again" the best of three more, "started" the first one after the
server was started anew and had the workbook loaded.
"""

from __future__ import annotations

import argparse
import json
import platform
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

SEED = 20261123
COLUMNS = 20
OPTIONS = ("FORMATTED_VALUE", "UNFORMATTED_VALUE", "FORMULA")
# Number formats of the mixed tab, by column modulo five.
FORMATS = {
    2: {"type": "NUMBER", "pattern": "#,##0.00"},
    3: {"type": "DATE", "pattern": "yyyy-mm-dd"},
}
Rows = list[list[Any]]


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(prog="make bench-reading")
    parser.add_argument("--cells", type=int, default=1_000_000)
    parser.add_argument("--kinds", nargs="+", default=list(KINDS), choices=list(KINDS))
    options = parser.parse_args()
    height = options.cells // COLUMNS
    print(f"Python {platform.python_version()}, {height * COLUMNS:,} cells")
    print("ratio = seconds by those of json.dumps of the same values, in the same run\n")
    print(f"{'values':<7} {'read as':<18} {'json.dumps':>10}   first   again  started")
    for kind in options.kinds:
        measure(kind, height)


def texts(rng: random.Random, row: int, column: int) -> Any:
    """A cell of words."""
    return f"Client {row} {column}"


def whole(rng: random.Random, row: int, column: int) -> Any:
    """A cell with a whole number."""
    return rng.randrange(10**6)


def decimals(rng: random.Random, row: int, column: int) -> Any:
    """A cell with an amount."""
    return round(rng.random() * 10**4, 2)


def mixed(rng: random.Random, row: int, column: int) -> Any:
    """A cell of an office's tab: words, a number, money, a date, a phone."""
    return (
        f"Client {row} {column}",
        rng.randrange(10**6),
        round(rng.random() * 10**4, 2),
        45_000 + rng.randrange(900),
        f"+7916{rng.randrange(10**7):07d}",
    )[column % 5]


KINDS: dict[str, Callable[[random.Random, int, int], Any]] = {
    "mixed": mixed,
    "texts": texts,
    "whole": whole,
    "decimal": decimals,
}


def measure(kind: str, height: int) -> None:
    """Prints one line for each way of reading."""
    rng = random.Random(SEED)
    rows = [[KINDS[kind](rng, row, column) for column in range(COLUMNS)] for row in range(height)]
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "workbooks.db"
        books: dict[str, str] = {}
        figures: dict[str, list[float]] = {}
        for option in OPTIONS:
            with serving(data) as url:
                book = books[option] = filled(url, rows, kind == "mixed")
                first, values = read(url, book, option)
                again = min(read(url, book, option)[0] for _ in range(3))
                baseline = min(seconds(lambda: json.dumps(values)) for _ in range(3))  # noqa: B023
                figures[option] = [baseline, first, again]
        for option in OPTIONS:
            with serving(data) as url:
                session().get(f"{url}/v4/spreadsheets/{books[option]}/values/S!A1").close()
                figures[option].append(read(url, books[option], option)[0])
    for option, (baseline, *times) in figures.items():
        shown = "".join(f"{time / baseline:>8.2f}" for time in times)
        print(f"{kind:<7} {option:<18} {baseline:>8.3f} s {shown}", flush=True)


@contextmanager
def serving(data: Path) -> Iterator[str]:
    """The address of a server process over a data file."""
    program = Path(sys.executable).with_name("crm-sync")
    command = [str(program), "serve", "--port", "0", "--data", str(data), "--token", "T"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        for line in server.stdout:
            address = re.search(r"http://127\.0\.0\.1:\d+", line)
            if address:
                yield address[0]
                return
        raise SystemExit("the server did not start")
    finally:
        server.terminate()
        server.communicate()


def session() -> requests.Session:
    """A client that is signed in."""
    client = requests.Session()
    client.trust_env = False
    client.headers["Authorization"] = "Bearer T"
    return client


def filled(url: str, rows: Rows, with_formats: bool) -> str:
    """The id of a new workbook that holds the rows."""
    grid = {"rowCount": len(rows), "columnCount": COLUMNS}
    sheet = {"properties": {"sheetId": 0, "title": "S", "gridProperties": grid}}
    with session() as client:
        book = client.post(f"{url}/v4/spreadsheets", json={"sheets": [sheet]}).json()
        address = f"{url}/v4/spreadsheets/{book['spreadsheetId']}"
        if with_formats:
            body = {
                "requests": [repeat(column) for column in range(COLUMNS) if column % 5 in FORMATS]
            }
            client.post(f"{address}:batchUpdate", json=body).raise_for_status()
        place = f"{address}/values/S!A1?valueInputOption=RAW"
        client.put(place, json={"values": rows}).raise_for_status()
    return str(book["spreadsheetId"])


def repeat(column: int) -> dict[str, Any]:
    """The request that formats a column."""
    return {
        "repeatCell": {
            "range": {"sheetId": 0, "startColumnIndex": column, "endColumnIndex": column + 1},
            "cell": {"userEnteredFormat": {"numberFormat": FORMATS[column % 5]}},
            "fields": "userEnteredFormat.numberFormat",
        }
    }


def read(url: str, book: str, option: str) -> tuple[float, Rows]:
    """How many seconds until all bytes are here, and the values in them."""
    address = f"{url}/v4/spreadsheets/{book}/values/S?valueRenderOption={option}"
    with session() as client:
        start = time.perf_counter()
        body = client.get(address).content
        taken = time.perf_counter() - start
    rows: Rows = json.loads(body)["values"]
    return taken, rows


def seconds(work: Callable[[], object]) -> float:
    """How many seconds it takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
