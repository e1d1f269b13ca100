"""A run that looks at what changed alone plans what it would plan if it looked at everything."""

from __future__ import annotations

import random
import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import suppress

import pytest

from benchmarks.__main__ import office
from benchmarks.payload import PayloadWorkbook
from crm_sync.errors import UserError
from crm_sync.services.application import Application
from crm_sync.services.sync import sync
from tests.property.oracle import whole_pass_as_oracle

WORLDS = 15
STEPS = 12
NAMES = ("Анна Иванова", "Пётр Сидоров", "ООО «Ромашка»", "Ирина Гринь", "Иван Ли", "Анна  иванова")
SAYINGS = ("звонил", "ждёт счёт", "", "просил каталог")


class World:
    """A workbook and a store that a seeded hand edits."""

    def __init__(self, app: Application, workbook: PayloadWorkbook, store, rng: random.Random):
        self.app, self.workbook, self.store, self.rng = app, workbook, store, rng
        binding = app.store.bases.binding("office")
        assert binding is not None
        self.sheets = binding.sheets
        self.columns = {
            tab.table.name: {column.field.name: at for at, column in enumerate(tab.columns)}
            for tab in app.tabs
        }

    def rows(self, table: str):
        return self.workbook.tabs[self.sheets[table]]

    def type(self, table: str, row: int, **cells) -> None:
        for name, cell in cells.items():
            self.workbook.edit(self.sheets[table], row, self.columns[table][name], cell)

    def sql(self, statement: str, *values) -> list:
        connection = sqlite3.connect(self.store)
        with connection:
            found = connection.execute(statement, values).fetchall()
        connection.close()
        return found

    def client(self) -> str:
        """A client as staff would name it: sometimes by a name that several have, or none."""
        found = self.sql("select id, full_name, phone from clients")
        if not found or self.rng.random() < 0.1:
            return self.rng.choice(("Никто", *NAMES))
        record_id, name, phone = self.rng.choice(found)
        return self.rng.choice((f"{name} ({record_id})", str(name), str(phone), record_id))

    def row(self, table: str) -> int:
        return self.rng.randrange(1, max(len(self.rows(table)), 2))

    def any_table(self) -> str:
        return self.rng.choice(("clients", "clients", "contacts", "agreements"))


def new_client(world: World) -> None:
    number = world.rng.randrange(10**6)
    world.type(
        "clients",
        len(world.rows("clients")),
        full_name=world.rng.choice(NAMES),
        phone=f"+7912{number:07d}" if world.rng.random() < 0.9 else "нет",
    )


def new_contact(world: World) -> None:
    day = f"2026-11-{world.rng.randrange(1, 29):02d} 10:00"
    world.type(
        "contacts",
        len(world.rows("contacts")),
        client=world.client(),
        contact_at=day,
        channel="Звонок",
        direction="Исходящий",
        summary=world.rng.choice(SAYINGS),
    )


def new_agreement(world: World) -> None:
    world.type(
        "agreements",
        len(world.rows("agreements")),
        client=world.client(),
        subject=f"поставка {world.rng.randrange(9)}",
        amount=world.rng.choice((100, 2500.5, "три")),
    )


def edit_cell(world: World) -> None:
    table = world.any_table()
    name = world.rng.choice([*world.columns[table]])
    cell = world.rng.choice(("", "слово", 7, "+79120000001", world.client(), None))
    world.type(table, world.row(table), **{name: cell})


def delete_row(world: World) -> None:
    rows = world.rows(world.any_table())
    if len(rows) > 1:
        del rows[world.rng.randrange(1, len(rows))]
        world.workbook.touch()


def copy_row(world: World) -> None:
    rows = world.rows(world.any_table())
    if len(rows) > 1:
        rows.insert(world.rng.randrange(1, len(rows) + 1), list(world.rng.choice(rows[1:])))
        world.workbook.touch()


def sort_rows(world: World) -> None:
    rows = world.rows(world.any_table())
    rest = rows[1:]
    world.rng.shuffle(rest)
    rows[1:] = rest
    world.workbook.touch()


def blank_row(world: World) -> None:
    rows = world.rows(world.any_table())
    rows.insert(world.rng.randrange(1, len(rows) + 1), [])
    world.workbook.touch()


def clear_id(world: World) -> None:
    table = world.any_table()
    world.type(table, world.row(table), id=world.rng.choice((None, "new", "C-000001")))


def update_record(world: World) -> None:
    table, field = world.rng.choice(
        (
            ("clients", "city"),
            ("clients", "full_name"),
            ("contacts", "summary"),
            ("agreements", "subject"),
        )
    )
    world.sql(
        f"update {table} set {field} = ? where id in (select id from {table} limit 1 offset ?)",
        f"{field} {world.rng.randrange(99)}",
        world.rng.randrange(8),
    )


def move_contact(world: World) -> None:
    ids = [found for (found,) in world.sql("select id from clients order by id")]
    contacts = [found for (found,) in world.sql("select id from contacts order by id")]
    if ids and contacts:
        world.sql(
            "update contacts set client = ? where id = ?",
            world.rng.choice(ids),
            world.rng.choice(contacts),
        )


def insert_record(world: World) -> None:
    world.sql(
        "insert into clients (kind, full_name, phone, status) values ('customer', ?, ?, 'cold')",
        world.rng.choice(NAMES),
        f"+7913{world.rng.randrange(10**7):07d}",
    )


def archive_record(world: World) -> None:
    table = world.any_table()
    ids = [found for (found,) in world.sql(f"select id from {table} order by id")]
    if ids:
        world.sql(
            f"update {table} set archived_at ="
            " case when archived_at is null then '2026-11-01T00:00:00.000Z' end where id = ?",
            world.rng.choice(ids),
        )


def nothing(world: World) -> None:
    world.workbook.touch()


EDITS: tuple[tuple[Callable[[World], None], int], ...] = (
    (new_client, 4),
    (new_contact, 4),
    (new_agreement, 3),
    (edit_cell, 6),
    (delete_row, 1),
    (copy_row, 1),
    (sort_rows, 1),
    (blank_row, 1),
    (clear_id, 1),
    (update_record, 4),
    (move_contact, 2),
    (insert_record, 2),
    (archive_record, 2),
    (nothing, 2),
)


def play(seed: int) -> Counter[str]:
    """Plays one world; how many plans were made of a part, and of the whole."""
    rng = random.Random(seed)
    with office() as (app, workbook, store), whole_pass_as_oracle() as made:
        sync(app, "office")
        world = World(app, workbook, store, rng)
        for _ in range(6):
            new_client(world)
        sync(app, "office")
        for _ in range(STEPS):
            for edit in rng.choices(*zip(*EDITS, strict=True), k=rng.choice((1, 1, 2, 5))):
                edit(world)
            for _ in range(rng.choice((1, 2))):
                # A limit or a tab in disorder: that is for the whole pass to say.
                with suppress(UserError):
                    sync(app, "office")
        return made


@pytest.mark.parametrize("seed", range(WORLDS))
def test_plan_of_a_part_is_the_plan_of_the_whole(seed: int) -> None:
    assert play(seed)["part"]
