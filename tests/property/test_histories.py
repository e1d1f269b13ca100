"""Histories of an office, short and many: whatever people, programs, faults and deaths do, all that
was typed can be found again, and after two quiet runs both sides agree.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator

import pytest

from tests.outside.soak import Ended, soak
from tests.property.histories.eventful import eventful
from tests.property.histories.lot import history, storm
from tests.property.histories.play import Outcome, Player
from tests.property.histories.shrink import shrunk
from tests.property.histories.stage import LEAN, Stage, open_stage
from tests.property.histories.steps import (
    WHOLE,
    Archive,
    Blank,
    ClearRow,
    CopyRow,
    CutRows,
    Decide,
    Delete,
    DeleteRow,
    Filter,
    Formula,
    History,
    Insert,
    InsertRows,
    MoveColumn,
    MoveRow,
    NewRow,
    PasteDown,
    PutBack,
    Race,
    Rest,
    Run,
    Sort,
    SortColumn,
    SpoilId,
    Trouble,
    Type,
    Undo,
    Update,
)
from tests.property.oracle import whole_pass_as_oracle

HISTORIES = 200
CHUNKS = 10
EVENTFUL = 60
EVENTFUL_CHUNKS = 4
IN_SOAK = int(os.environ.get("CRM_SYNC_DAYS", "10000"))
FIRST_IN_SOAK = 5000


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    """The whole office, with all reports and a copy of the store before each run."""
    with open_stage() as opened:
        yield opened


@pytest.fixture(scope="module")
def lean() -> Iterator[Stage]:
    """The same without what costs the most time and has tests of its own."""
    with open_stage(LEAN) as opened:
        yield opened


def played(stage: Stage, steps: History) -> Outcome:
    """What comes of a history on a fresh scene."""
    scene = stage.scene()
    try:
        return Player(scene).play(steps)
    finally:
        scene.close()


def must_hold(stage: Stage, steps: History, name: str) -> Counter[str]:
    """Plays a history; fails with the shortest one that breaks as much."""
    outcome = played(stage, steps)
    if outcome.wrong:
        shortest = shrunk(steps, lambda fewer: bool(played(stage, fewer).wrong))
        told = "\n".join(f"        {step}," for step in shortest)
        wrong = "\n".join(played(stage, shortest).wrong or outcome.wrong)
        pytest.fail(f"{name}:\n{told}\n{wrong}", pytrace=False)
    return outcome.met


BEFORE_WRITE = 3
"""The request of a run that writes: the file's version and the cells are read before it."""

ONCE_BROKEN: dict[str, History] = {
    "nonsense typed over an id in small letters": (SpoilId(3, "x?"), Rest()),
    "copied row that moves while its id is written": (
        CopyRow(3),
        Run(races=(Race(BEFORE_WRITE, (InsertRows(0),)),)),
        Rest(),
    ),
    "row that says new and moves while its id is written": (
        NewRow(WHOLE, says_new=True),
        Run(races=(Race(BEFORE_WRITE, (InsertRows(0),)),)),
        Rest(),
    ),
    "row emptied while its record is deleted": (Delete(0), ClearRow(0), Rest()),
    "copied row whose original is emptied but for one cell": (
        CopyRow(3),
        ClearRow(3),
        Type(3, "city"),
        Rest(),
    ),
    "row deleted after a run that died with its edit half carried over": (
        Type(1, "city"),
        Run(troubles=(Trouble(BEFORE_WRITE, "cut"),)),
        DeleteRow(1),
        Rest(),
    ),
    "row that comes back after a run that died while it archived the record": (
        DeleteRow(1),
        Run(troubles=(Trouble(BEFORE_WRITE, "cut"),)),
        PutBack(),
        Rest(),
    ),
    "column moved while a cell is written": (
        Update(1, "city"),
        Run(races=(Race(BEFORE_WRITE, (MoveColumn(10, 3),)),)),
        Rest(),
    ),
    "column moved while a row is added": (
        Insert(),
        Run(races=(Race(BEFORE_WRITE, (MoveColumn(10, 3),)),)),
        Rest(),
    ),
    "id column moved while a row is added": (
        Insert(),
        Run(races=(Race(BEFORE_WRITE, (MoveColumn(0, 8),)),)),
        Rest(),
    ),
    "id column moved while an id is written": (
        NewRow(WHOLE),
        Run(races=(Race(BEFORE_WRITE, (MoveColumn(0, 8),)),)),
        Rest(),
    ),
    "id column moved while a row is taken out": (
        Archive(1),
        Run(races=(Race(BEFORE_WRITE, (MoveColumn(0, 8),)),)),
        Rest(),
    ),
    "cell edited after a run that died with its write done": (
        Update(1, "city"),
        Run(troubles=(Trouble(BEFORE_WRITE, "cut", after=True), Trouble(4, "status", 400))),
        Type(1, "city"),
        Rest(),
    ),
    "added row edited after a run that died with its write done": (
        Insert(),
        Run(troubles=(Trouble(BEFORE_WRITE, "cut", after=True), Trouble(4, "status", 400))),
        Type(4, "full_name"),
        Blank(4, "phone"),
        Rest(),
    ),
    "id written into another row by a run that died, and staff went on typing there": (
        SpoilId(2),
        Run(
            races=(Race(BEFORE_WRITE, (MoveRow(3, 5),)),),
            troubles=(Trouble(BEFORE_WRITE, "cut", after=True), Trouble(4, "status", 400)),
        ),
        Type(2, "note"),
        Rest(),
    ),
    "new row in which staff go on typing": (
        NewRow(WHOLE),
        Run(races=(Race(BEFORE_WRITE, (Type(4, "full_name"), Type(4, "city"))),)),
        Rest(),
    ),
    "copied row whose record two dead runs had begun": (
        Run(kill=15),
        CopyRow(2),
        Run(kill=20),
        Run(kill=19),
        Rest(),
    ),
    "new row whose time of change comes to stand under a heading of staff": (
        Insert(),
        Run(races=(Race(BEFORE_WRITE, (MoveColumn(19, 24),)),)),
        Rest(),
    ),
    "new row deleted by a write that was meant for the row above": (
        Archive(3),
        NewRow(WHOLE),
        Run(races=(Race(BEFORE_WRITE, (DeleteRow(1),)),)),
        Rest(),
    ),
    "row without its id deleted by a write that was meant for the row above": (
        SpoilId(3),
        Archive(2),
        Run(races=(Race(BEFORE_WRITE, (DeleteRow(1),)),)),
        Rest(),
    ),
    "cell of another row that a dead run hit and whose mending missed it": (
        Update(1, "full_name"),
        Run(races=(Race(BEFORE_WRITE, (DeleteRow(1),)),), kill=23),
        Run(races=(Race(BEFORE_WRITE, (InsertRows(1),)),)),
        Rest(),
    ),
    "id of another row that a dead run hit and whose mending missed it": (
        Run(races=(Race(2, (InsertRows(1, 2),), after=True),)),
        SpoilId(3),
        Run(races=(Race(2, (MoveRow(3, 3),), after=True),), kill=19),
        Run(races=(Race(BEFORE_WRITE, (DeleteRow(1),), after=True),)),
        Rest(),
    ),
    "cell that a dead run's write hit, in a column that moved before it was put back": (
        Update(2, "note"),
        Run(races=(Race(2, (Type(2, "note"),), after=True),), kill=22),
        MoveColumn(22, 7),
        Rest(),
    ),
    "cell that a dead run's write hit, in a column that moves while it is put back": (
        Update(2, "note"),
        Run(races=(Race(2, (Type(2, "note"),), after=True),), kill=22),
        Run(races=(Race(BEFORE_WRITE, (MoveColumn(22, 7),)),)),
        Rest(),
    ),
    "cell that a dead run's write hit, and staff typed over what it had written": (
        Update(0, "phone"),
        Run(races=(Race(2, (Type(0, "phone"),), after=True),), kill=22),
        Type(0, "phone"),
        Rest(),
    ),
}


ONCE_BROKEN |= {
    "value typed for a conflict while its tab is written anew": (
        Update(3, "full_name"),
        Type(3, "full_name"),
        Run(),
        Update(2, "full_name"),
        Type(2, "full_name"),
        Run(races=(Race(BEFORE_WRITE, (Decide("conflicts", 0),)),)),
        Rest(),
    ),
    "value typed for a conflict whose record is deleted before it is read": (
        Update(3, "full_name"),
        Type(3, "full_name"),
        Run(),
        Delete(3),
        Decide("conflicts", 0),
        Rest(),
    ),
    "value typed beside a decision for a conflict whose record is archived meanwhile": (
        Update(0, "city"),
        Type(0, "city"),
        Run(),
        Decide("conflicts", 0),
        Decide("conflicts", 0, "Keep mine"),
        Run(races=(Race(BEFORE_WRITE, (Archive(0),), after=True),)),
        Rest(),
    ),
    "id that a dead run wrote a row too low, and that its repair looked for in its rightful row": (
        NewRow(WHOLE),
        Insert(),
        Run(races=(Race(2, (SpoilId(3, "C-999999"),)),), kill=19),
        Run(races=(Race(2, (InsertRows(0),), after=True),), kill=25),
        NewRow(("city",)),
        Run(races=(Race(4, (Sort("phone"),), after=True),), kill=18),
        DeleteRow(3),
        SpoilId(1),
        Run(races=(Race(2, (ClearRow(1),), after=True),)),
        Rest(),
    ),
    "duplicates that are to become one, decided while the problems are written anew": (
        CopyRow(3),
        Run(),
        CopyRow(1),
        Run(races=(Race(BEFORE_WRITE, (Decide("problems", 0, "Merge duplicates"),)),)),
        Rest(),
    ),
}
ONCE_BROKEN |= {
    "new row edited just before a write deletes it that was meant for the row above": (
        Archive(3),
        NewRow(WHOLE),
        Run(races=(Race(BEFORE_WRITE, (DeleteRow(1), Type(3, "city"))),)),
        Rest(),
    ),
    "new row below a blank one that a write deletes, and that was meant for the row above": (
        CutRows(2, 1, None),
        Archive(1),
        NewRow(WHOLE),
        Run(races=(Race(BEFORE_WRITE, (DeleteRow(1),)),)),
        Rest(),
    ),
    "decision changed while the one that would not do is written back": (
        PasteDown(1, "phone", 1),
        Run(),
        Decide("problems", 0, "Take the store's"),
        Type(3, "city"),
        Run(races=(Race(BEFORE_WRITE, (Decide("problems", 0, "Merge duplicates"),)),)),
        Rest(),
    ),
    "ids written into a blank row by a run that died and by the next one": (
        NewRow(WHOLE),
        Run(races=(Race(BEFORE_WRITE, (DeleteRow(3),)),), kill=24),
        CutRows(2, 1, None),
        Run(races=(Race(BEFORE_WRITE + 1, (InsertRows(0),)),)),
        Rest(),
    ),
    "row hit by the mending of a blank row that a dead run had hit": (
        Delete(2),
        Insert(),
        Run(),
        NewRow(WHOLE),
        Run(races=(Race(2, (DeleteRow(1),), after=True),), kill=24),
        Archive(3),
        Run(races=(Race(2, (Sort("city", descending=True),), after=True),)),
        Rest(),
    ),
    "new row of a run that died and was undone": (
        NewRow(WHOLE),
        Run(kill=20),
        Undo(0),
        Rest(),
    ),
    "row put back after it was decided that it is to go": (
        DeleteRow(0),
        Update(0, "city"),
        Run(),
        Decide("conflicts", 0, "Keep mine"),
        PutBack(),
        Rest(),
    ),
    "cell typed anew after it was decided that the store's value is to stand there": (
        Type(2, "phone", bad=True),
        Run(),
        Decide("problems", 0, "Take the store's"),
        Type(2, "phone", bad=True),
        Rest(),
    ),
    "row whose record changes while it is added and a column moves": (
        Insert(),
        Run(races=(Race(BEFORE_WRITE, (Update(4, "note"), MoveColumn(20, 2))),)),
        Rest(),
    ),
    "row put right after a dead run, whose id is mangled meanwhile": (
        Update(1, "city"),
        Run(races=(Race(BEFORE_WRITE, (InsertRows(0),)),), kill=24),
        Run(races=(Race(BEFORE_WRITE, (SpoilId(0, "x?"),)),)),
        Rest(),
    ),
    "formula that is put back into a row that has moved away": (
        Archive(1),
        Run(races=(Race(2, (DeleteRow(3),), after=True),)),
        Update(1, "city"),
        Run(races=(Race(2, (Formula(3, "city"),), after=True),), kill=20),
        Run(races=(Race(2, (Sort("phone", descending=True),), after=True),)),
        Rest(),
    ),
    "row typed into after it was decided that it goes": (
        Undo(0),
        Type(2, "phone", bad=True),
        Run(),
        Filter(3, "full_name"),
        Run(races=(Race(2, (Decide("conflicts", 0, "Take the store's"),), after=True),)),
        Type(2, "phone", bad=True),
        Rest(),
    ),
    "decision that will not do, changed while its tab is written": (
        Run(races=(Race(2, (Type(0, "note"),), after=True),)),
        CopyRow(0),
        Run(),
        Decide("problems", 1, "Accept as it is"),
        Run(races=(Race(BEFORE_WRITE, (Decide("problems", 1, "Merge duplicates"),)),)),
        Rest(),
    ),
    "store changed after a write whose columns moved and whose answer was lost": (
        Update(1, "city"),
        Run(
            races=(Race(BEFORE_WRITE, (MoveColumn(18, 11),)),),
            troubles=(Trouble(4, "html", 200),),
        ),
        Update(1, "city"),
        Rest(),
    ),
    "row that one write hit and the next one, which was to put it right, too": (
        NewRow(("full_name", "phone", "city")),
        Update(3, "note"),
        Run(races=(Race(2, (DeleteRow(0),), after=True),), kill=23),
        NewRow(("full_name", "phone", "city")),
        Run(races=(Race(BEFORE_WRITE, (InsertRows(3, 2),)),)),
        Rest(),
    ),
    "cell typed into once more while what a dead run had hit there is put back": (
        Update(0, "full_name"),
        Run(races=(Race(BEFORE_WRITE, (Type(0, "full_name"),)),), kill=20),
        Run(races=(Race(BEFORE_WRITE, (Type(0, "full_name"),), after=True),)),
        Rest(),
    ),
    "row under the wrong headings that staff edit while it is taken out": (
        Insert(),
        Run(races=(Race(BEFORE_WRITE, (MoveColumn(1, 18),)),), kill=22),
        Run(races=(Race(2, (Type(4, "note"),), after=True),)),
        Rest(),
    ),
    "copy of a row that a write deletes by mistake": (
        CopyRow(2),
        Delete(1),
        MoveRow(0, 5),
        Run(races=(Race(2, (MoveRow(3, 0),), after=True),)),
        Rest(),
    ),
    "store changed after a run that died when it had hit another cell of the row": (
        Update(2, "note"),
        Update(2, "city"),
        Run(races=(Race(2, (Type(2, "city"),), after=True),), kill=20),
        Update(2, "note"),
        Rest(),
    ),
    "deleted row that is put back just when a column moves": (
        Archive(1),
        Run(races=(Race(BEFORE_WRITE, (Type(1, "city"),)),), kill=22),
        Run(races=(Race(BEFORE_WRITE, (MoveColumn(14, 25),)),)),
        Rest(),
    ),
    "new row that is put right while the column moves": (
        Update(3, "note"),
        Blank(2, "city"),
        NewRow(("full_name", "phone", "city")),
        Run(races=(Race(BEFORE_WRITE, (DeleteRow(0),), after=True),), kill=23),
        Run(races=(Race(BEFORE_WRITE, (MoveColumn(19, 14),)),)),
        Rest(),
    ),
    "note hit in a row that had lost its id, and sorted away by itself at once": (
        Run(races=(Race(2, (DeleteRow(1),), after=True),)),
        Update(2, "note"),
        SpoilId(1),
        Run(
            races=(
                Race(BEFORE_WRITE, (SortColumn("note"),), after=True),
                Race(1, (NewRow(WHOLE),)),
                Race(2, (Type(1, "note"),), after=True),
            )
        ),
        Rest(),
    ),
    "new row whose record is deleted before its id is written": (
        NewRow(WHOLE),
        Run(kill=19),
        Delete(4),
        Rest(),
    ),
    "note that a dead run hit, and whose row is deleted by mistake while it is put back": (
        Update(2, "note"),
        Run(races=(Race(2, (Type(2, "note"),), after=True),), kill=19),
        Archive(0),
        Run(races=(Race(BEFORE_WRITE, (Sort("note", descending=True),)),)),
        Rest(),
    ),
    "value typed for a conflict while a run that dies writes its tab, and another one after it": (
        Update(0, "city"),
        Type(0, "city"),
        Run(),
        Decide("conflicts", 0, "Take the store's"),
        Run(
            races=(
                Race(1, (Decide("conflicts", 0),)),
                Race(BEFORE_WRITE, (Decide("conflicts", 0),)),
            ),
            kill=23,
        ),
        Run(races=(Race(2, (Decide("conflicts", 0),)),)),
        Rest(),
    ),
    "row that a dead run hit, copied by staff and deleted while it is put right": (
        SpoilId(1),
        DeleteRow(0),
        Update(1, "phone"),
        Run(races=(Race(2, (Type(0, "full_name"),), after=True),), kill=21),
        CopyRow(0),
        Run(races=(Race(BEFORE_WRITE, (DeleteRow(0),)),)),
        Rest(),
    ),
    "row added by a run that dies while a column moves, and typed into before the next one": (
        Insert(),
        Run(races=(Race(BEFORE_WRITE, (MoveColumn(16, 6),)),), kill=19),
        Type(4, "full_name"),
        Rest(),
    ),
    "rows added while a column moves, sorted just when they are put right": (
        Insert(),
        Insert(),
        Run(races=(Race(BEFORE_WRITE, (MoveColumn(13, 1),)),), kill=23),
        Run(races=(Race(BEFORE_WRITE, (CopyRow(1),)),), kill=21),
        Run(races=(Race(BEFORE_WRITE, (Sort("phone"),)),)),
        Rest(),
    ),
    "rows added while a column moves, and another one just before they are put right": (
        Insert(),
        Insert(),
        Run(races=(Race(BEFORE_WRITE, (MoveColumn(13, 1),)),), kill=23),
        Run(races=(Race(BEFORE_WRITE, (MoveColumn(4, 11), CopyRow(1))),), kill=21),
        Run(races=(Race(BEFORE_WRITE, (Sort("phone"),)),)),
        Rest(),
    ),
    "value pasted over by the one that stood there when the last run came by": (
        Update(1, "city"),
        Update(2, "city"),
        Run(races=(Race(2, (ClearRow(1),), after=True),)),
        Update(0, "city"),
        Run(),
        SortColumn("city"),
        PasteDown(1, "city", 4),
        Update(2, "city"),
        Rest(),
    ),
}
ONCE_BROKEN["id of another row that a dead run hit and whose mending hit it once more"] = history(
    1108
)


@pytest.mark.parametrize("name", ONCE_BROKEN)
def test_what_once_broke_holds(stage: Stage, name: str) -> None:
    # Each plan that is made of a part is compared with that of the whole.
    with whole_pass_as_oracle():
        must_hold(stage, ONCE_BROKEN[name], name)


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_nothing_is_lost_and_both_sides_agree_in_the_end(lean: Stage, chunk: int) -> None:
    met: Counter[str] = Counter()
    for seed in range(chunk, HISTORIES, CHUNKS):
        met += must_hold(lean, history(seed), f"seed {seed}")
    for kind in ("agreement", "raced", "killed"):
        assert met[kind], f"no history met: {kind}"


@pytest.mark.parametrize("chunk", range(EVENTFUL_CHUNKS))
def test_nothing_is_lost_when_much_happens_at_once(lean: Stage, chunk: int) -> None:
    met: Counter[str] = Counter()
    for seed in range(chunk, EVENTFUL, EVENTFUL_CHUNKS):
        met += must_hold(lean, eventful(seed), f"eventful seed {seed}")
    for kind in ("agreement", "raced", "killed", "decided in the sheet"):
        assert met[kind], f"no history met: {kind}"


@pytest.mark.soak
def test_thousands_of_histories_lose_nothing(
    lean: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    kinds = (eventful, history, eventful, storm)

    def live(seed: int) -> Ended:
        steps = kinds[seed % len(kinds)](seed)
        outcome = played(lean, steps)
        return Ended(outcome.met, [f"{step}," for step in steps], outcome.wrong)

    soak(live, range(FIRST_IN_SOAK, FIRST_IN_SOAK + IN_SOAK), capsys, "histories")
