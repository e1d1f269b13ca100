"""`python -m benchmarks.desk`: what each interactive command takes on a large store, the start of
Python, the opening of the store and the printing included.

The store is made from a seed. `--rows 100000` chooses the number of clients, `--keep FOLDER` leaves
it there for the next time, `--write` puts the table into docs/performance.md.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.report import machine
from crm_sync.config import load_config, sample_config
from crm_sync.core.ids import check_digit, written
from crm_sync.core.plan import Op, StoreChange
from crm_sync.core.values import Scalar
from crm_sync.services.application import Application
from crm_sync.wiring import open_application

SEED = 20261126
PAGE = Path("docs/performance.md")
BEGIN, END = "<!-- figures: python -m benchmarks.desk -->", "<!-- end of these figures -->"
SURNAMES = ("Иванов", "Петров", "Сидоров", "Кузнецов", "Смирнов", "Попов", "Фёдоров", "Семёнов")
NAMES = ("Анна", "Мария", "Пётр", "Иван", "Сергей", "Алексей", "Ольга", "Елена", "Артём", "Фёдор")
CITIES = ("Пермь", "Москва", "Казань", "Самара", "Омск", "Уфа", "Тверь", "Тула")
ROUNDS = 3
NOTHING_FOUND = 1

COMMANDS = (
    ("client find", ["client", "find", "семенова", "анна"]),
    ("client find, one word that many have", ["client", "find", "иван"]),
    ("client find, digits of a phone", ["client", "find", "912 004-56"]),
    ("find, everywhere", ["find", "федоров", "чай"]),
    ("find, nothing there", ["client", "find", "zzzzz"]),
    ("client show, by id", ["client", "show", "{client}"]),
    ("client show, by phone", ["client", "show", "{phone}"]),
    ("client show, by name", ["client", "show", "{name}"]),
    ("card", ["card", "{client}"]),
    ("client add", ["client", "add", "Новый Клиент", "--phone", "8 999 {number}"]),
    ("client edit", ["client", "edit", "{client}", "--note", "{number}"]),
    ("contact add", ["contact", "add", "{client}", "звонил", "--reason", "inquiry"]),
    ("agreement add", ["agreement", "add", "{phone}", "чай", "--amount", "1 234,50"]),
    ("history", ["history", "{client}"]),
    ("merge, dry run", ["merge", "{client}", "{other}", "--take", "all=keep", "--dry-run"]),
    (
        "done",
        ["done", "{waiting}", "--group", "overdue", "--comment", "звонил", "--next", "31.12.2099"],
    ),
    ("status", ["status"]),
    ("conflicts list", ["conflicts", "list"]),
    ("problems list", ["problems", "list"]),
    ("log", ["log"]),
    ("duplicates", ["duplicates"]),
)


def main() -> None:
    """Makes the store, measures and prints."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.desk")
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--only", default="")
    parser.add_argument("--write", action="store_true", help=f"put the table into {PAGE}")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = options.keep or Path(name)
        if not (folder / "config.toml").exists():
            made(folder, options.rows)
        lines = [
            f"{machine()} {options.rows:,} clients, as many contacts, half as many agreements."
        ]
        lines += ["", "| command | CPU s |", "| --- | ---: |"]
        print("\n".join(lines), flush=True)
        for title, words in COMMANDS:
            if options.only in title:
                lines.append(measured(folder, title, words))
                print(lines[-1], flush=True)
    if options.write:
        text = PAGE.read_text(encoding="utf-8")
        head, _, rest = text.partition(BEGIN)
        table = "\n".join([BEGIN, *lines, END])
        PAGE.write_text(head + table + rest.partition(END)[2], encoding="utf-8")


def measured(folder: Path, title: str, words: list[str]) -> str:
    """A line of the table: processor time, the best of a few times, so that other programs on the
    machine count little.
    """
    best = float("inf")
    for number in range(ROUNDS):
        typed = [word.format(**places(number)) for word in words]
        before = os.times()
        done = subprocess.run(
            [sys.executable, "-m", "crm_sync.cli.main", *typed, "-c", folder / "config.toml"],
            capture_output=True,
            text=True,
            check=False,
        )
        after = os.times()
        if done.returncode != (NOTHING_FOUND if title.endswith("nothing there") else 0):
            sys.exit(f"{title}: {done.stderr}")
        used = after.children_user - before.children_user
        best = min(best, used + after.children_system - before.children_system)
    return f"| {title} | {best:.2f} |"


def places(number: int) -> dict[str, str]:
    """What stands for the places in a command the n-th time."""
    return {
        "client": client(45_000 % 997 + number),
        "other": client(300 + number),
        "waiting": client(600 + number * 20),
        "phone": f"8 912 000-{(number + 700) // 100:02d}-{(number + 700) % 100:02d}",
        "name": f"Единственный {number + 1}",
        "number": f"{time.time_ns() % 10**7:07d}",
    }


def client(number: int) -> str:
    """The id of the n-th client."""
    with_digit = f"{number:05d}"
    return f"C-{with_digit}{check_digit(with_digit)}"


def made(folder: Path, rows: int) -> None:
    """A folder with a configuration and a store of so many clients."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.toml").write_text(sample_config("ru"), encoding="utf-8")
    with open_application(load_config(folder / "config.toml")) as app:
        statuses = app.tab("statuses").table
        first = [
            StoreChange(Op.CREATE, "statuses", written(statuses, number), values)
            for number, values in enumerate(app.statuses, 1)
        ]
        for changes in (first, clients(app, rows), contacts(app, rows), agreements(app, rows)):
            with app.store.transaction():
                app.store.records.apply(
                    list(changes), source="sheet:office", by="", at=app.clock.now()
                )
        for name, last in (("statuses", len(first)), ("clients", rows), ("contacts", rows)):
            with app.store.transaction():
                app.store.records.reserve(app.tab(name).table, last)


def clients(app: Application, rows: int) -> Iterator[StoreChange]:
    """Clients of whom a few are alike."""
    chance, table = random.Random(SEED), app.tab("clients").table
    for number in range(1, rows + 1):
        name = f"{chance.choice(SURNAMES)}а {chance.choice(NAMES)} {number % 9973}"
        values: dict[str, Scalar] = {
            "kind": "customer",
            "is_company": "person",
            "full_name": f"Единственный {number}" if number < 10 else name,
            "phone": f"+7912{number if number % 500 else number - 1:07d}",
            "email": f"client{number}@example.org",
            "city": chance.choice(CITIES),
            "address": f"ул. Ленина, {number}",
            "status": "served",
            "note": f"заметка {number}, любит чай",
        }
        yield StoreChange(Op.CREATE, "clients", written(table, number), values)


def contacts(app: Application, rows: int) -> Iterator[StoreChange]:
    """A contact with each client; one in twenty is still to be held."""
    table, clients_table = app.tab("contacts").table, app.tab("clients").table
    for number in range(1, rows + 1):
        is_planned = number % 20 == 0
        values: dict[str, Scalar] = {
            "client": written(clients_table, number),
            "contact_at": "2026-01-15 10:00",
            "channel": "call",
            "direction": "out",
            "reason": "offer",
            "status": "planned" if is_planned else "held",
            "summary": f"предложили чай и кофе, заказ {number}",
        }
        yield StoreChange(Op.CREATE, "contacts", written(table, number), values)


def agreements(app: Application, rows: int) -> Iterator[StoreChange]:
    """An agreement with every second client."""
    table, clients_table = app.tab("agreements").table, app.tab("clients").table
    for number in range(1, rows // 2 + 1):
        values: dict[str, Scalar] = {
            "client": written(clients_table, number * 2),
            "subject": f"поставка чая {number}",
            "status": "fulfilled",
            "amount": str(number % 5000 + 1),
            "currency": "RUB",
            "agreed_at": "2026-01-10",
            "fulfilled_at": "2026-01-20",
        }
        yield StoreChange(Op.CREATE, "agreements", written(table, number), values)


if __name__ == "__main__":
    main()
