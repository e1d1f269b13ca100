"""Histories in which more happens at once: decisions in the tabs of findings, blocks that are cut
and pasted, managers who take back and merge, and runs that die while others act.
"""

from __future__ import annotations

import random

from tests.property.histories.lot import (
    drawn_clash,
    drawn_field,
    drawn_program,
    drawn_row,
    drawn_staff,
    drawn_trouble,
)
from tests.property.histories.steps import (
    WHOLE,
    Archive,
    CopyRow,
    CutRows,
    Decide,
    DeleteRow,
    Filter,
    History,
    Insert,
    InsertRows,
    Manager,
    Merge,
    NewRow,
    PasteDown,
    Race,
    Rest,
    Restore,
    Run,
    SortColumn,
    Staff,
    Step,
    Type,
    Undo,
    Unmerge,
    Update,
)

CONFLICT_DECISIONS = ("Keep mine", "Take the store's", "")
PROBLEM_DECISIONS = ("Take the store's", "Merge duplicates", "Accept as it is")


def eventful(seed: int, length: int = 14) -> History:
    """The history of a seed, with at least so many steps."""
    chance = random.Random(f"eventful {seed}")
    steps: list[Step] = []
    while len(steps) < length:
        kind = chance.random()
        if kind < 0.30:
            steps += _finding(chance)
        elif kind < 0.42:
            steps += drawn_clash(chance)
        else:
            steps.append(_step(chance))
            if chance.random() < 0.5:
                steps.append(_run(chance))
    return (*steps, Rest())


def _step(chance: random.Random) -> Step:
    kind = chance.random()
    if kind < 0.04:
        return Rest()
    if kind < 0.20:
        return _manager(chance)
    if kind < 0.40:
        return drawn_program(chance)
    return _staff(chance)


def _finding(chance: random.Random) -> list[Step]:
    """Something that waits for a decision, and the decision, with more going on around it."""
    row, field = drawn_row(chance), drawn_field(chance)
    steps: list[Step] = chance.choices(
        (
            [Update(row, field), Type(row, field), Run()],
            [Type(row, field), DeleteRow(row), Update(row, field), Run()],
            [Archive(row), Type(row, field), Run()],
            [Type(row, "phone", bad=True), Run()],
            [CopyRow(row), Run()],
            [PasteDown(row, "phone", 1), Run()],
            [Insert(), Insert(), Run(), PasteDown(row, chance.choice(("phone", "full_name")), 5)],
        ),
        (8, 2, 2, 3, 3, 2, 1),
    )[0]
    if chance.random() < 0.4:
        steps.append(_staff(chance))
    decision = _decision(chance)
    kind = chance.random()
    if kind < 0.35:
        return [*steps, Run((Race(chance.randrange(1, 6), (decision,), chance.random() < 0.3),))]
    steps.append(decision)
    if kind < 0.65:
        steps.append(drawn_program(chance) if chance.random() < 0.5 else drawn_staff(chance))
    return [*steps, _run(chance)]


def _decision(chance: random.Random) -> Decide:
    if chance.random() < 0.7:
        return Decide("conflicts", chance.randrange(3), chance.choice(CONFLICT_DECISIONS))
    return Decide("problems", chance.randrange(3), chance.choice(PROBLEM_DECISIONS))


def _staff(chance: random.Random) -> Staff:
    row, field = drawn_row(chance), drawn_field(chance)
    return chance.choices(
        (
            drawn_staff(chance),
            CutRows(row, chance.choice((1, 1, 2, 3))),
            CutRows(row, 1, drawn_row(chance)),
            PasteDown(row, field, chance.choice((1, 2, 4))),
            SortColumn(field, chance.random() < 0.5),
            Filter(row, field),
            _decision(chance),
        ),
        (8, 2, 1, 2, 1, 1, 3),
    )[0]


def _manager(chance: random.Random) -> Manager:
    return chance.choice(
        (
            Undo(chance.randrange(3)),
            Restore(chance.randrange(3)),
            Merge(drawn_row(chance), drawn_row(chance)),
            Unmerge(chance.randrange(2)),
        )
    )


def _run(chance: random.Random) -> Run:
    """Mostly one in which somebody acts, or that dies, or both."""
    races = tuple(_race(chance) for _ in range(chance.choice((0, 1, 1, 2, 3))))
    troubles = (drawn_trouble(chance),) if chance.random() < 0.25 else ()
    kill = chance.randrange(1, 28) if chance.random() < 0.4 else 0
    return Run(races, troubles, kill)


def _race(chance: random.Random) -> Race:
    acts: list[Staff | Update | Archive] = []
    for _ in range(chance.choice((1, 1, 2))):
        kind = chance.random()
        if kind < 0.15:
            acts.append(Update(chance.randrange(5), drawn_field(chance)))
        elif kind < 0.20:
            acts.append(Archive(chance.randrange(5)))
        elif kind < 0.28:
            acts.append(InsertRows(0))
        elif kind < 0.34:
            acts.append(NewRow(WHOLE))
        else:
            acts.append(_staff(chance))
    return Race(chance.randrange(1, 6), tuple(acts), chance.random() < 0.4)
