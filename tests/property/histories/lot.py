"""Histories drawn by lot: a seed gives a list of steps."""

from __future__ import annotations

import random
from collections.abc import Sequence

from tests.property.histories.steps import (
    WHOLE,
    Archive,
    Blank,
    ClearRow,
    CopyRow,
    Delete,
    DeleteRow,
    Formula,
    History,
    Insert,
    InsertRows,
    MoveColumn,
    MoveRow,
    NewRow,
    OwnNote,
    Program,
    PutBack,
    Race,
    Resolve,
    Rest,
    Run,
    Sort,
    SpoilId,
    Staff,
    Step,
    Trouble,
    Type,
    Update,
)

FIELDS = ("full_name", "phone", "city", "note")
TROUBLES = (
    ("status", 429),
    ("status", 500),
    ("status", 503),
    ("html", 502),
    ("html", 200),
    ("cut", 0),
    ("truncate", 0),
    ("empty", 200),
)
# Fewer columns of a sheet than this hold what histories play with.
COLUMNS = 26


def history(seed: int, length: int = 12) -> History:
    """The history of a seed, with at least so many steps."""
    chance = random.Random(seed)
    steps: list[Step] = []
    while len(steps) < length:
        if chance.random() < 0.4:
            steps += drawn_clash(chance)
        else:
            steps.append(_step(chance))
            if chance.random() < 0.35:
                steps.append(_run(chance))
    return (*steps, Rest())


def storm(seed: int, length: int = 16) -> History:
    """A history in which nearly every run is disturbed, several of them in a row, and nobody rests
    before the end.
    """
    chance = random.Random(f"storm {seed}")
    steps: list[Step] = []
    while len(steps) < length:
        if chance.random() < 0.3:
            steps += drawn_clash(chance)
        else:
            steps += [drawn_staff(chance) for _ in range(chance.randrange(3))]
            steps += [drawn_program(chance) for _ in range(chance.randrange(2))]
            steps.append(_stormy_run(chance))
    return (*steps, Rest())


def _stormy_run(chance: random.Random) -> Run:
    races = tuple(_race(chance) for _ in range(chance.choice((0, 1, 1, 2))))
    troubles = tuple(drawn_trouble(chance) for _ in range(chance.choice((0, 0, 1, 1, 2))))
    kill = chance.randrange(6, 26) if chance.random() < 0.5 else 0
    return Run(races, troubles, kill)


def drawn_clash(chance: random.Random) -> list[Step]:
    """Something that a run must write, and what others do to the very rows while it does."""
    row, field = drawn_row(chance), drawn_field(chance)
    writes: list[Step] = chance.choices(
        (
            [Update(row, field)],
            [Update(row, field), Update(drawn_row(chance), drawn_field(chance))],
            [NewRow(WHOLE)],
            [CopyRow(row)],
            [SpoilId(row)],
            [Insert()],
            [Archive(row)],
            [Archive(row), Update(drawn_row(chance), drawn_field(chance))],
        ),
        (6, 4, 3, 2, 1, 2, 2, 1),
    )[0]
    act: Staff = chance.choices(
        (
            Type(row, field),
            Type(row, drawn_field(chance)),
            _mover(chance),
            Type(4, field),
            DeleteRow(row),
            Formula(row, "city"),
            ClearRow(row),
            CopyRow(row),
        ),
        (5, 2, 9, 1, 2, 1, 1, 1),
    )[0]
    # Between the reading and the writing; or between the writing and its end.
    request, after = chance.choices(((2, True), (3, False), (3, True)), (4, 4, 2))[0]
    trouble = (drawn_trouble(chance),) if chance.random() < 0.15 else ()
    kill = chance.randrange(8, 24) if chance.random() < 0.2 else 0
    return [*writes, Run((Race(request, (act,), after),), trouble, kill)]


def _mover(chance: random.Random) -> Staff:
    return chance.choice(
        (
            Sort(drawn_field(chance), chance.random() < 0.5),
            InsertRows(chance.randrange(4), chance.randrange(1, 3)),
            DeleteRow(drawn_row(chance)),
            MoveRow(drawn_row(chance), chance.randrange(6)),
            MoveColumn(chance.randrange(COLUMNS), chance.randrange(COLUMNS)),
        )
    )


def _step(chance: random.Random) -> Step:
    if chance.random() < 0.06:
        return Rest()
    if chance.random() < 0.30:
        return drawn_program(chance)
    return drawn_staff(chance)


def drawn_field(chance: random.Random) -> str:
    # Few fields and few rows: clashes must happen.
    return chance.choices(FIELDS, (2, 2, 4, 3))[0]


def drawn_row(chance: random.Random) -> int:
    return chance.randrange(4)


def drawn_staff(chance: random.Random) -> Staff:
    kinds: Sequence[tuple[int, Staff]] = (
        (22, Type(drawn_row(chance), drawn_field(chance), chance.random() < 0.08)),
        (3, Blank(drawn_row(chance), drawn_field(chance))),
        (2, Formula(drawn_row(chance), chance.choice(("city", "note")))),
        (2, OwnNote(drawn_row(chance))),
        (8, NewRow(_new_fields(chance), chance.random() < 0.1)),
        (4, DeleteRow(drawn_row(chance))),
        (2, PutBack()),
        (1, ClearRow(drawn_row(chance))),
        (3, CopyRow(drawn_row(chance))),
        (3, SpoilId(drawn_row(chance), chance.choice(("", "", "x?", "C-999999")))),
        (4, Sort(drawn_field(chance), chance.random() < 0.5)),
        (3, InsertRows(chance.randrange(5), chance.randrange(1, 3))),
        (3, MoveRow(drawn_row(chance), chance.randrange(6))),
        (1, MoveColumn(chance.randrange(COLUMNS), chance.randrange(COLUMNS))),
    )
    return chance.choices([kind for _, kind in kinds], [weight for weight, _ in kinds])[0]


def _new_fields(chance: random.Random) -> tuple[str, ...]:
    if chance.random() < 0.8:
        return WHOLE
    return tuple(name for name in FIELDS if chance.random() < 0.5) or ("city",)


def drawn_program(chance: random.Random) -> Program:
    return chance.choices(
        (
            Update(chance.randrange(5), drawn_field(chance)),
            Insert(),
            Archive(chance.randrange(5)),
            Delete(chance.randrange(5)),
            Resolve(chance.randrange(3), chance.choice(("store", "sheet"))),
        ),
        (12, 3, 2, 1, 3),
    )[0]


def _run(chance: random.Random) -> Run:
    kind = chance.random()
    if kind < 0.30:
        return Run()
    if kind < 0.65:
        count = 1 if chance.random() < 0.8 else 2
        return Run(races=tuple(_race(chance) for _ in range(count)))
    if kind < 0.80:
        return Run(troubles=(drawn_trouble(chance),))
    if kind < 0.92:
        return Run(kill=chance.randrange(1, 24))
    return Run((_race(chance),), (drawn_trouble(chance),), 0 if chance.random() < 0.5 else 20)


def _race(chance: random.Random) -> Race:
    count = 1 if chance.random() < 0.7 else 2
    acts = tuple(
        Update(chance.randrange(5), drawn_field(chance))
        if chance.random() < 0.15
        else drawn_staff(chance)
        for _ in range(count)
    )
    return Race(chance.randrange(1, 6), acts, chance.random() < 0.3)


def drawn_trouble(chance: random.Random) -> Trouble:
    kind, status = chance.choice(TROUBLES)
    return Trouble(chance.randrange(1, 6), kind, status, chance.random() < 0.5)
