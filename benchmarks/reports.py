"""`python -m benchmarks.reports`: what reports of many agreements cost, in CPU seconds of one core.

The data are made from a seed. `--rows 1000000` chooses how many agreements.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable
from datetime import date, timedelta
from typing import TypeVar

from crm_sync.core.records import Record
from crm_sync.reports.book import Book
from crm_sync.reports.comparison import compare
from crm_sync.reports.customers import client_base
from crm_sync.reports.history import History
from crm_sync.reports.intake import sales_of
from crm_sync.reports.periods import PeriodKind, windows
from crm_sync.reports.sales import Dimension
from crm_sync.reports.seasonality import seasonality

T = TypeVar("T")
SEED = 20261126
FIRST = date(2023, 1, 1)
DAYS = 1150
AS_OF = date(2026, 2, 20)


def made(rows: int) -> Book:
    """A book of so many sales to a tenth as many clients."""
    chance, clients = random.Random(SEED), max(rows // 10, 1)
    days = [(FIRST + timedelta(number)).isoformat() for number in range(DAYS)]
    agreements = {}
    for number in range(rows):
        day = chance.choice(days)
        values = {
            "client": f"C{chance.randrange(clients)}",
            "status": "fulfilled",
            "amount": f"{chance.randrange(1, 5_000_000) / 100:.2f}",
            "currency": "RUB",
            "agreed_at": day,
            "fulfilled_at": day,
            "product_group": f"G{chance.randrange(20)}",
            "owner": f"E{chance.randrange(30)}",
        }
        agreements[f"A{number}"] = Record(f"A{number}", values)
    won = {"entity": "agreement", "key": "fulfilled", "type": "won"}
    people = {f"C{number}": Record(f"C{number}", {"full_name": "x"}) for number in range(clients)}
    tables = {"statuses": {"S": Record("S", won)}, "clients": people, "agreements": agreements}
    return Book(tables, "RUB")


def measured(name: str, work: Callable[[], T]) -> T:
    """What the work gives, its CPU time printed."""
    begun = time.process_time()
    found = work()
    print(f"{name:44} {time.process_time() - begun:6.2f} s", flush=True)
    return found


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reports")
    parser.add_argument("--rows", type=int, default=1_000_000)
    rows = parser.parse_args().rows
    book = made(rows)
    sales = measured(f"{rows:,} agreements read into sales", lambda: sales_of(book))
    history = History(sales, AS_OF)
    for kind in (PeriodKind.MONTH, PeriodKind.YEAR):
        found = windows(kind, AS_OF)
        measured(
            f"comparison by {kind} and product group",
            lambda found=found: compare(history, found, Dimension.PRODUCT_GROUP),
        )
    measured("seasonality", lambda: seasonality(history))
    measured("client base", lambda: client_base(book, history))


if __name__ == "__main__":
    main()
