"""The planner over every small world: whatever store, base and sheet hold, its plan loses nothing,
writes no row of another record, and leaves nothing to plan.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from itertools import islice, product

import pytest

from crm_sync.core.findings import Clash
from tests.property.small_laws import wrongs
from tests.property.small_worlds import (
    IDS,
    Pair,
    World,
    joined,
    plan_of,
    renamed,
    worlds_of_one,
)

COLOURS = (None, "red", "blue")
TWO_FIELDS: tuple[Pair, ...] = tuple(product(COLOURS, COLOURS))
ONE_FIELD: tuple[Pair, ...] = tuple((colour, "round") for colour in COLOURS)


def check(worlds: Iterable[World]) -> int:
    """How many worlds hold; fails at the first that does not."""
    count = 0
    for world in worlds:
        count += 1
        found = list(wrongs(world))
        if found:
            pytest.fail(f"{world}\nplan: {plan_of(world)}\n" + "\n".join(found), pytrace=False)
    return count


def pairs_of_worlds(pairs: tuple[Pair, ...]) -> Iterator[World]:
    ones = list(worlds_of_one(pairs))
    others = [renamed(world) for world in ones]
    yield from (joined(one, other) for one in ones for other in others)


def test_every_world_of_one_record_two_fields_and_three_values() -> None:
    assert check(worlds_of_one(TWO_FIELDS)) == 62_776


def test_some_worlds_of_two_records_two_fields_and_three_values() -> None:
    ones = list(worlds_of_one(TWO_FIELDS))
    others = [renamed(world) for world in ones]
    chance = random.Random(20260310)
    drawn = (
        joined(chance.choice(ones), chance.choice(others), swapped=chance.random() < 0.5)
        for _ in range(5_000)
    )
    assert check(drawn) == 5_000


@pytest.mark.soak
def test_every_world_of_two_records_one_field_and_three_values() -> None:
    assert check(pairs_of_worlds(ONE_FIELD)) > 1_000_000


def test_a_conflict_keeps_all_three_values() -> None:
    (world,) = islice(
        (
            world
            for world in worlds_of_one(ONE_FIELD)
            if world.store
            and world.bases
            and len(world.sheet) == 1
            and world.sheet[0].id == IDS[0]
            and world.store[IDS[0]].values["colour"] == "red"
            and not world.store[IDS[0]].archived
            and world.bases[IDS[0]].values["colour"] is None
            and world.bases[IDS[0]].version
            and world.sheet[0].cells[0] == "blue"
        ),
        1,
    )
    (conflict,) = plan_of(world).conflicts
    assert (conflict.clash, conflict.base, conflict.ours, conflict.theirs) == (
        Clash.EDIT_EDIT,
        None,
        "red",
        "blue",
    )
