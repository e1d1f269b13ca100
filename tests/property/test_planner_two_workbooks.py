"""The planner over small worlds with two workbooks on one store: whatever store, sheets and bases
hold, no run loses anything or writes another's row, and two rounds end in agreement.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product

import pytest

from crm_sync.core.plan import TabPlan
from crm_sync.core.records import Base
from tests.property.small_laws import disagreements, wrongs_of_a_step
from tests.property.small_worlds import (
    IDS,
    Pair,
    Row,
    World,
    base_states,
    carried_out,
    in_step,
    plan_of,
    renamed,
    sheet_states,
    store_states,
)

COLOURS = (None, "red", "blue")
TWO_FIELDS: tuple[Pair, ...] = tuple(product(COLOURS, COLOURS))
ONE_FIELD: tuple[Pair, ...] = tuple((colour, "round") for colour in COLOURS)
ROUNDS = 2


@dataclass(frozen=True)
class Workbook:
    """One workbook: its rows, and what it and the store last agreed on."""

    bases: Mapping[str, Base]
    sheet: tuple[Row, ...]


@dataclass(frozen=True)
class Company:
    """A store, as a world without rows, and the two workbooks on it."""

    store: World
    workbooks: tuple[Workbook, Workbook]

    def world(self, which: int) -> World:
        """What a run over one of the workbooks sees."""
        book = self.workbooks[which]
        return replace(self.store, bases=book.bases, sheet=book.sheet)

    def after(self, which: int, world: World) -> Company:
        """The company when a run over one of the workbooks has left this world."""
        books = list(self.workbooks)
        books[which] = Workbook(world.bases, world.sheet)
        return Company(replace(world, bases={}, sheet=()), (books[0], books[1]))


def wrongs(company: Company) -> Iterator[str]:
    """What runs over the workbooks in turn do that they must not."""
    plans: dict[int, TabPlan] = {}
    for number, which in product(range(ROUNDS), (0, 1)):
        world = company.world(which)
        plans[which] = plan_of(world)
        after = carried_out(world, plans[which])
        for wrong in wrongs_of_a_step(world, plans[which], after):
            yield f"round {number + 1}, workbook {which + 1}: {wrong}"
        company = company.after(which, after)
    for which in (0, 1):
        world = company.world(which)
        again = plan_of(world)
        if again.changes or again.writes_sheet or again.dropped:
            yield f"workbook {which + 1} never comes to rest: {again}"
        for wrong in disagreements(world, again):
            yield f"workbook {which + 1} in the end: {wrong}"


def check(companies: Iterable[Company]) -> int:
    """How many companies hold; fails at the first that does not."""
    count = 0
    for company in companies:
        count += 1
        found = list(wrongs(company))
        if found:
            pytest.fail(f"{company}\n" + "\n".join(found), pytrace=False)
    return count


def workbooks(record_id: str, pairs: tuple[Pair, ...]) -> list[tuple[Base | None, tuple[Row, ...]]]:
    """Every base and every sheet of one record."""
    return list(product(base_states(record_id, pairs), sheet_states(record_id, pairs)))


def company(world: World, *books: tuple[Base | None, tuple[Row, ...]]) -> Company:
    """A company of one record; the rows of each workbook are told apart."""
    ours = world.store.get(IDS[0])
    one, other = (
        Workbook(
            {IDS[0]: in_step(agreed, ours)} if agreed else {},
            tuple(replace(row, mine=f"{row.mine} {number}") for row in rows),
        )
        for number, (agreed, rows) in enumerate(books)
    )
    return Company(world, (one, other))


def stores(pairs: tuple[Pair, ...]) -> list[World]:
    return [World({IDS[0]: ours} if ours else {}) for ours in store_states(IDS[0], pairs)]


def drawn(pairs: tuple[Pair, ...], chance: random.Random) -> Company:
    books = BOOKS[pairs]
    return company(chance.choice(stores(pairs)), chance.choice(books), chance.choice(books))


BOOKS = {pairs: workbooks(IDS[0], pairs) for pairs in (ONE_FIELD, TWO_FIELDS)}


def joined(one: Company, other: Company) -> Company:
    """Two companies of one record each as one of two records."""
    second = [renamed(other.world(which)) for which in (0, 1)]
    books = (
        Workbook({**mine.bases, **world.bases}, (*mine.sheet, *world.sheet))
        for mine, world in zip(one.workbooks, second, strict=True)
    )
    store = World({**one.store.store, **second[0].store})
    return Company(store, (next(books), next(books)))


def test_some_worlds_of_one_record_two_fields_and_two_workbooks() -> None:
    chance = random.Random(20260310)
    assert check(drawn(TWO_FIELDS, chance) for _ in range(4_000)) == 4_000


def test_some_worlds_of_two_records_two_fields_and_two_workbooks() -> None:
    chance = random.Random(20260311)
    companies = (joined(drawn(TWO_FIELDS, chance), drawn(TWO_FIELDS, chance)) for _ in range(3_000))
    assert check(companies) == 3_000


@pytest.mark.soak
def test_every_world_of_one_record_one_field_and_two_workbooks() -> None:
    books = BOOKS[ONE_FIELD]
    every = (
        company(store, one, other)
        for store in stores(ONE_FIELD)
        for one in books
        for other in books
    )
    assert check(every) == 338_800
