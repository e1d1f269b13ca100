"""Columns whose values moved to rows beside them are recognised without a look at the rows that did
not change: a run that looks at a part stops where one that looks at everything does.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from itertools import pairwise

import pytest

from benchmarks.__main__ import office
from crm_sync.services.sync import sync
from tests.property.oracle import whole_pass_as_oracle
from tests.property.test_parts import World

WORLDS = 5
STEPS = 9
CLIENTS = 32
CITIES = ("Пермь", "Омск", "Тверь", "Казань", "Уфа", "Сочи", "Псков")


def phone(number: int, rng: random.Random) -> str:
    """One number, as this hand or that types it."""
    digits = f"{number:010d}"
    return rng.choice((f"+7{digits}", f"8 {digits[:3]} {digits[3:6]}-{digits[6:]}"))


def some_rows(world: World) -> list[int]:
    """Rows in which something moved: a few, often beside each other, sometimes far apart."""
    last = len(world.rows("clients"))
    count = world.rng.choice((3, 4, 5, 7, 10))
    if world.rng.random() < 0.5:
        first = world.rng.choice((1, last - count, world.rng.randrange(1, last - count)))
        return list(range(first, first + count))
    return sorted(world.rng.sample(range(1, last), count))


def beside(world: World) -> None:
    """Cells take what stood above or below them; one perhaps does not."""
    field, by = world.rng.choice(("phone", "city")), world.rng.choice((-1, 1))
    rows, column = world.rows("clients"), world.columns["clients"][field]
    stood = [row[column] if len(row) > column else None for row in rows]
    chosen = some_rows(world)
    missed = world.rng.choice((0, 0, 1, 2))
    for place, row in enumerate(chosen):
        cell = stood[row + by] if 0 < row + by < len(stood) else None
        if place < missed or cell is None:
            cell = phone(9_130_000_000 + world.rng.randrange(10**6), world.rng)
        elif field == "phone":
            cell = phone(int("".join(filter(str.isdecimal, str(cell)))[-10:]), world.rng)
        world.type("clients", row, **{field: cell})


def dragged(world: World) -> None:
    """A cell is dragged down or up, from beside the first cell or from elsewhere."""
    rows, column = world.rows("clients"), world.columns["clients"]["phone"]
    first = world.rng.randrange(2, len(rows) - 6)
    count, step = world.rng.choice((4, 5, 6)), world.rng.choice((-1, 0, 1))
    start = int("".join(filter(str.isdecimal, str(rows[first - 1][column])))[-10:])
    if world.rng.random() < 0.3:
        start += 7
    for place in range(count):
        number = start + step * (place + 1)
        world.type("clients", first + place, phone=phone(number, world.rng))


def typed(world: World) -> None:
    """Values that none beside them held."""
    for row in some_rows(world):
        number = 9_140_000_000 + world.rng.randrange(10**6)
        world.type("clients", row, phone=phone(number, world.rng))


def blanks_between(world: World) -> None:
    """Blank rows come between those that are to change."""
    rows = world.rows("clients")
    for _ in range(3):
        rows.insert(world.rng.randrange(1, len(rows)), [])
    beside_filled(world)


def beside_filled(world: World) -> None:
    """As `beside`, over the rows that are filled."""
    rows, column = world.rows("clients"), world.columns["clients"]["phone"]
    filled = [number for number in range(1, len(rows)) if len(rows[number]) > column]
    first = world.rng.randrange(1, len(filled) - 8)
    chosen = filled[first - 1 : first + 6]
    stood = {number: rows[number][column] for number in chosen}
    for above, row in pairwise(chosen):
        world.type("clients", row, phone=stood[above])


MISHAPS: tuple[Callable[[World], None], ...] = (
    beside,
    beside,
    dragged,
    typed,
    blanks_between,
)


def play(seed: int) -> Counter[str]:
    """Plays one world; what kinds of plans were made."""
    rng = random.Random(seed)
    with office() as (app, workbook, store), whole_pass_as_oracle() as made:
        sync(app, "office")
        world = World(app, workbook, store, rng)
        for number in range(1, CLIENTS + 1):
            digits = 9_120_000_000 + rng.randrange(10**6)
            name, city = f"Клиент {number}", rng.choice(CITIES)
            world.type("clients", number, full_name=name, phone=f"+7{digits}", city=city)
        sync(app, "office")
        for _ in range(STEPS):
            workbook.touch()
            sync(app, "office")
            before = [list(row) for row in world.rows("clients")]
            rng.choice(MISHAPS)(world)
            if sync(app, "office").stops:
                world.rows("clients")[:] = before
        return made


@pytest.mark.parametrize("seed", range(WORLDS))
def test_part_of_a_tab_shows_as_scrambled_what_the_whole_does(seed: int) -> None:
    made = play(seed)
    assert made["part"]
    assert made["scrambled"]
