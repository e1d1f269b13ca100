"""What may happen in a history: each step is a value, and a seed gives a list of them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True)
class Type:
    """Staff type a new value into a field of the n-th row."""

    row: int
    field: str
    bad: bool = False


@dataclass(frozen=True)
class Blank:
    """Staff empty a cell."""

    row: int
    field: str


@dataclass(frozen=True)
class Formula:
    """Staff type a formula into a cell."""

    row: int
    field: str


@dataclass(frozen=True)
class OwnNote:
    """Staff type into their own column."""

    row: int


@dataclass(frozen=True)
class NewRow:
    """Staff type a new row below the last one; without some of `fields` it is a draft."""

    fields: tuple[str, ...]
    says_new: bool = False


@dataclass(frozen=True)
class DeleteRow:
    row: int


@dataclass(frozen=True)
class PutBack:
    """Staff undo the last deletion of a row."""


@dataclass(frozen=True)
class ClearRow:
    """Staff empty all cells of a row but its id."""

    row: int


@dataclass(frozen=True)
class CopyRow:
    """Staff copy a row below the last one, id and all."""

    row: int


@dataclass(frozen=True)
class SpoilId:
    """Staff erase an id or type nonsense over it."""

    row: int
    text: str = ""


@dataclass(frozen=True)
class Sort:
    field: str
    descending: bool = False


@dataclass(frozen=True)
class InsertRows:
    row: int
    count: int = 1


@dataclass(frozen=True)
class MoveRow:
    row: int
    to: int


@dataclass(frozen=True)
class MoveColumn:
    column: int
    to: int


Staff: TypeAlias = (
    Type
    | Blank
    | Formula
    | OwnNote
    | NewRow
    | DeleteRow
    | PutBack
    | ClearRow
    | CopyRow
    | SpoilId
    | Sort
    | InsertRows
    | MoveRow
    | MoveColumn
)


@dataclass(frozen=True)
class Update:
    """A program changes a field of the n-th record in the store."""

    record: int
    field: str


@dataclass(frozen=True)
class Insert:
    """A program inserts a record in the store, without an id."""


@dataclass(frozen=True)
class Archive:
    record: int


@dataclass(frozen=True)
class Delete:
    """A program deletes a record in the store for good."""

    record: int


@dataclass(frozen=True)
class Resolve:
    """A person decides the n-th open conflict."""

    conflict: int
    side: str


Program: TypeAlias = Update | Insert | Archive | Delete | Resolve


@dataclass(frozen=True)
class Race:
    """Others act before or after the n-th request of a run."""

    request: int
    acts: tuple[Staff | Update | Archive, ...]
    after: bool = False


@dataclass(frozen=True)
class Trouble:
    """The n-th request of a run goes wrong."""

    request: int
    kind: str
    status: int = 503
    after: bool = False


@dataclass(frozen=True)
class Run:
    """A run, with what happens while it works; `kill` is the step at which its process dies."""

    races: tuple[Race, ...] = ()
    troubles: tuple[Trouble, ...] = ()
    kill: int = 0


@dataclass(frozen=True)
class Rest:
    """Two undisturbed runs; then all must be as the promises say."""


Step: TypeAlias = Staff | Program | Run | Rest
History: TypeAlias = tuple[Step, ...]

FIELDS = ("full_name", "phone", "city", "note")
WHOLE = ("full_name", "phone", "city")
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
            steps += _clash(chance)
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
            steps += _clash(chance)
        else:
            steps += [_staff(chance) for _ in range(chance.randrange(3))]
            steps += [_program(chance) for _ in range(chance.randrange(2))]
            steps.append(_stormy_run(chance))
    return (*steps, Rest())


def _stormy_run(chance: random.Random) -> Run:
    races = tuple(_race(chance) for _ in range(chance.choice((0, 1, 1, 2))))
    troubles = tuple(_trouble(chance) for _ in range(chance.choice((0, 0, 1, 1, 2))))
    kill = chance.randrange(6, 26) if chance.random() < 0.5 else 0
    return Run(races, troubles, kill)


def _clash(chance: random.Random) -> list[Step]:
    """Something that a run must write, and what others do to the very rows while it does."""
    row, field = _row(chance), _field(chance)
    writes: list[Step] = chance.choices(
        (
            [Update(row, field)],
            [Update(row, field), Update(_row(chance), _field(chance))],
            [NewRow(WHOLE)],
            [CopyRow(row)],
            [SpoilId(row)],
            [Insert()],
            [Archive(row)],
            [Archive(row), Update(_row(chance), _field(chance))],
        ),
        (6, 4, 3, 2, 1, 2, 2, 1),
    )[0]
    act: Staff = chance.choices(
        (
            Type(row, field),
            Type(row, _field(chance)),
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
    trouble = (_trouble(chance),) if chance.random() < 0.15 else ()
    kill = chance.randrange(8, 24) if chance.random() < 0.2 else 0
    return [*writes, Run((Race(request, (act,), after),), trouble, kill)]


def _mover(chance: random.Random) -> Staff:
    return chance.choice(
        (
            Sort(_field(chance), chance.random() < 0.5),
            InsertRows(chance.randrange(4), chance.randrange(1, 3)),
            DeleteRow(_row(chance)),
            MoveRow(_row(chance), chance.randrange(6)),
            MoveColumn(chance.randrange(COLUMNS), chance.randrange(COLUMNS)),
        )
    )


def _step(chance: random.Random) -> Step:
    if chance.random() < 0.06:
        return Rest()
    if chance.random() < 0.30:
        return _program(chance)
    return _staff(chance)


def _field(chance: random.Random) -> str:
    # Few fields and few rows: clashes must happen.
    return chance.choices(FIELDS, (2, 2, 4, 3))[0]


def _row(chance: random.Random) -> int:
    return chance.randrange(4)


def _staff(chance: random.Random) -> Staff:
    kinds: Sequence[tuple[int, Staff]] = (
        (22, Type(_row(chance), _field(chance), chance.random() < 0.08)),
        (3, Blank(_row(chance), _field(chance))),
        (2, Formula(_row(chance), chance.choice(("city", "note")))),
        (2, OwnNote(_row(chance))),
        (8, NewRow(_new_fields(chance), chance.random() < 0.1)),
        (4, DeleteRow(_row(chance))),
        (2, PutBack()),
        (1, ClearRow(_row(chance))),
        (3, CopyRow(_row(chance))),
        (3, SpoilId(_row(chance), chance.choice(("", "", "x?", "C-999999")))),
        (4, Sort(_field(chance), chance.random() < 0.5)),
        (3, InsertRows(chance.randrange(5), chance.randrange(1, 3))),
        (3, MoveRow(_row(chance), chance.randrange(6))),
        (1, MoveColumn(chance.randrange(COLUMNS), chance.randrange(COLUMNS))),
    )
    return chance.choices([kind for _, kind in kinds], [weight for weight, _ in kinds])[0]


def _new_fields(chance: random.Random) -> tuple[str, ...]:
    if chance.random() < 0.8:
        return WHOLE
    return tuple(name for name in FIELDS if chance.random() < 0.5) or ("city",)


def _program(chance: random.Random) -> Program:
    return chance.choices(
        (
            Update(chance.randrange(5), _field(chance)),
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
        return Run(troubles=(_trouble(chance),))
    if kind < 0.92:
        return Run(kill=chance.randrange(1, 24))
    return Run((_race(chance),), (_trouble(chance),), 0 if chance.random() < 0.5 else 20)


def _race(chance: random.Random) -> Race:
    count = 1 if chance.random() < 0.7 else 2
    acts = tuple(
        Update(chance.randrange(5), _field(chance)) if chance.random() < 0.15 else _staff(chance)
        for _ in range(count)
    )
    return Race(chance.randrange(1, 6), acts, chance.random() < 0.3)


def _trouble(chance: random.Random) -> Trouble:
    kind, status = chance.choice(TROUBLES)
    return Trouble(chance.randrange(1, 6), kind, status, chance.random() < 0.5)
