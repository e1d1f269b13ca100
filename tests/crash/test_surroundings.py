"""What happens around a run: clocks that jump, faults of our own, edits of the store meanwhile,
cells that staff have closed or limited. It ends well or with words, and the next runs heal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import cycle
from typing import Any

import pytest

from crm_sync.core.batch import JOURNAL_TITLE
from crm_sync.core.locked import LOCKED
from crm_sync.errors import StoreError, Unreachable, UserError
from crm_sync.ports import Workbooks
from crm_sync.services.sync import sync
from crm_sync.sheet_server.faults import Fault, FaultKind, StaffAction, When
from tests.crash.morning import Morning, state
from tests.property.histories.hand import Hand
from tests.property.histories.mortal import Killed, Life, MortalStore, MortalWorkbooks
from tests.property.histories.stage import Scene


@pytest.fixture(scope="module")
def whole(morning: Morning) -> dict[str, Any]:
    """How the morning ends when nothing happens beside it."""
    scene = morning.again()
    ended = healed(scene)
    scene.close()
    return ended


def healed(scene: Scene) -> dict[str, Any]:
    """The state after two undisturbed runs; the one after them writes nothing."""
    scene.stage.server.clear_faults()
    for _ in range(2):
        scene.sync()
    assert [method for method, _ in scene.requests(scene.sync)] == ["GET"]
    return state(scene)


class JumpingClock:
    """A clock that is set forth and back each time that somebody looks at it."""

    def __init__(self, *days: int) -> None:
        self._steps = cycle(days)
        self._moment = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)

    def now(self) -> datetime:
        self._moment += timedelta(days=next(self._steps))
        return self._moment


@pytest.mark.parametrize("days", [(-9_000, 9_000), (400, -400), (-1, -1), (0, 3, -2)], ids=str)
def test_clock_that_jumps_at_every_step_decides_nothing(
    scene: Scene, whole: dict[str, Any], days: tuple[int, ...]
) -> None:
    sync(replace(scene.app, clock=JumpingClock(*days)), "main")
    assert healed(scene) == whole


def test_later_edit_wins_though_the_clock_was_set_back(scene: Scene) -> None:
    healed(scene)
    scene.sql("update clients set city = 'First' where full_name = 'Client 2'")
    scene.sync()
    scene.clock.moment = datetime(2000, 1, 1, tzinfo=UTC)
    scene.staff(lambda hand: typed(hand, "Client 2", "City", "Second"))
    scene.sync()
    scene.sync()
    assert scene.sql("select city from clients where full_name = 'Client 2'") == [("Second",)]
    rows = scene.sql("select changes from history where changes like '%Second%'")
    assert "First" in str(rows)


def typed(hand: Hand, name: str, heading: str, value: str) -> None:
    grid = hand.grid()
    row = next(row for row in grid.filled() if grid.cell(row, "Name") == name)
    hand.put(row, grid.column(heading), value)


class Failing(Life):
    """A fault of our own at a chosen step, and never again."""

    def step(self) -> None:
        self.steps += 1
        if self.steps == self.left:
            raise MemoryError


@pytest.mark.slow
def test_fault_of_our_own_at_any_step_is_healed_by_the_next_run(
    morning: Morning, whole: dict[str, Any]
) -> None:
    scene = morning.again()
    calm = Failing(0)
    mortal_sync(scene, calm)
    scene.close()
    for number in range(1, calm.steps + 1, 4):
        scene = morning.again()
        with pytest.raises(MemoryError):
            mortal_sync(scene, Failing(number))
        assert healed(scene) == whole, f"step {number} of {calm.steps}"
        scene.close()


def mortal_sync(scene: Scene, life: Life) -> None:
    store: Any = MortalStore(scene.app.store, life)
    workbooks: Workbooks = MortalWorkbooks(scene.app.workbooks, life)
    sync(replace(scene.app, store=store, workbooks=workbooks), "main")


@pytest.mark.parametrize("when", list(When))
def test_edit_of_the_store_at_any_request_of_a_run_is_carried_over(
    morning: Morning, whole: dict[str, Any], when: When
) -> None:
    first = morning.again()
    count = len(first.requests(first.sync))
    first.close()
    for number in range(1, count + 1):
        scene = morning.again()

        def edited(_: Hand, scene: Scene = scene) -> None:
            scene.sql("update clients set messenger = 'tg:meanwhile' where full_name = 'Client 2'")

        scene.staff_at(Fault(FaultKind.STAFF, nth=number, when=when), edited)
        scene.sync()
        ended = healed(scene)
        for name in ("clients", "sheet of clients"):
            (row,) = [row for row in ended[name] if "Client 2" in row]
            assert "tg:meanwhile" in row, f"{when.value} request {number}: {name}"
        assert ended["conflicts"] == whole["conflicts"]
        scene.close()


class Watched:
    """A `ports.Store` that lets somebody act each time that it is asked what it holds."""

    def __init__(self, store: Any, act: Callable[[], None]) -> None:
        self._store, self._act, self._inside = store, act, False
        self.records, self.bases = self._asked(store.records), self._asked(store.bases)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        # Nobody else can write then.
        self._inside = True
        try:
            with self._store.transaction():
                yield
        finally:
            self._inside = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def _asked(self, part: Any) -> Any:
        def method(name: str) -> Any:
            real = getattr(part, name)
            if not callable(real):
                return real

            def asked(*args: Any, **kwargs: Any) -> Any:
                answer = real(*args, **kwargs)
                if not self._inside:
                    self._act()
                return answer

            return asked

        return _Each(method)


class _Each:
    def __init__(self, method: Callable[[str], Any]) -> None:
        self._method = method

    def __getattr__(self, name: str) -> Any:
        return self._method(name)


@pytest.mark.parametrize("settled", [False, True], ids=["whole", "part"])
def test_edit_of_the_store_between_any_two_looks_at_it_is_carried_over(
    morning: Morning, settled: bool
) -> None:
    before = morning.again()
    if settled:
        # Then a run looks at what changed alone, unless formulas stand in the tab.
        before.staff(lambda hand: typed(hand, "Client 1", "Address", "Street 5"))
        healed(before)
    day = Morning(morning.stage, before)

    def edited_after(look: int) -> tuple[int, Scene]:
        scene = day.again()
        scene.staff(lambda hand: typed(hand, "Client 3", "City", "Tver"))
        seen = 0

        def act() -> None:
            nonlocal seen
            seen += 1
            if seen == look:
                scene.sql("update clients set messenger = 'tg:now' where full_name = 'Client 2'")

        store: Any = Watched(scene.app.store, act)
        sync(replace(scene.app, store=store), "main")
        return seen, scene

    most, scene = edited_after(0)
    scene.close()
    # Both kinds of run look at the store at much the same points: each takes every other one.
    for look in range(1 + settled, most + 1, 2):
        _, scene = edited_after(look)
        ended = healed(scene)
        for name in ("clients", "sheet of clients"):
            (row,) = [row for row in ended[name] if "Client 2" in row]
            assert "tg:now" in row, f"look {look} of {most}: {name}"
        scene.close()
    before.close()


@dataclass
class Boss:
    """The owner of the workbook, in whose file our account is a guest."""

    scene: Scene
    email: str = "boss@example.com"

    def takes_the_file(self) -> None:
        self._owns(self.email, before=self.scene.stage.account)

    def gives_it_back(self) -> None:
        self._owns(self.scene.stage.account, before=self.email)

    def _owns(self, email: str, *, before: str) -> None:
        body = {"type": "user", "role": "owner", "emailAddress": email}
        path = f"/drive/v3/files/{self.scene.book}/permissions"
        query = {"transferOwnership": ("true",)}
        self.scene.stage.server.act(StaffAction("POST", path, body, before, query))

    def does(self, *requests: dict[str, Any]) -> list[dict[str, Any]]:
        path = f"/v4/spreadsheets/{self.scene.book}:batchUpdate"
        body = {"requests": list(requests)}
        done = self.scene.stage.server.act(StaffAction("POST", path, body, email=self.email))
        return list(done["replies"])


def test_range_that_staff_closed_is_told_and_waits_until_it_is_opened(
    scene: Scene, whole: dict[str, Any]
) -> None:
    boss = Boss(scene)
    boss.takes_the_file()
    closed = {"range": {"sheetId": scene.stage.clients}, "editors": {"users": [boss.email]}}
    (made,) = boss.does({"addProtectedRange": {"protectedRange": closed}})
    for _ in range(2):
        scene.sync()
        told = [item.problem for item in scene.app.store.findings.problems("main")]
        assert LOCKED in {problem.code for problem in told}
    identity = made["addProtectedRange"]["protectedRange"]["protectedRangeId"]
    boss.does({"deleteProtectedRange": {"protectedRangeId": identity}})
    assert healed(scene) == whole
    boss.gives_it_back()


def test_list_that_staff_laid_on_a_column_does_not_keep_the_stores_value_out(
    scene: Scene, whole: dict[str, Any]
) -> None:
    def limited(hand: Hand) -> None:
        grid = hand.grid()
        column = grid.column("City")
        values = [{"userEnteredValue": text} for text in ("Perm", "Omsk")]
        hand.batch(
            {
                "setDataValidation": {
                    "range": {
                        "sheetId": scene.stage.clients,
                        "startRowIndex": 1,
                        "startColumnIndex": column,
                        "endColumnIndex": column + 1,
                    },
                    "rule": {
                        "condition": {"type": "ONE_OF_LIST", "values": values},
                        "strict": True,
                    },
                }
            }
        )

    scene.staff(limited)
    assert healed(scene) == whole


def test_workbook_that_is_full_is_told_and_goes_on_when_there_is_room(
    scene: Scene, whole: dict[str, Any]
) -> None:
    query = {"fields": "sheets.properties.gridProperties(rowCount,columnCount)"}
    found = scene.staff(lambda hand: hand.ask("GET", "", None, **query))
    sizes = [sheet["properties"]["gridProperties"] for sheet in found["sheets"]]
    room = 10_000_000 - sum(size["rowCount"] * size["columnCount"] for size in sizes)
    filler = {"sheetId": 4711, "gridProperties": {"rowCount": room, "columnCount": 1}}
    scene.staff(lambda hand: hand.batch({"addSheet": {"properties": filler}}))
    with pytest.raises(UserError, match="full"):
        scene.sync()
    scene.staff(lambda hand: hand.batch({"deleteSheet": {"sheetId": 4711}}))
    assert healed(scene) == whole


def test_damage_that_no_query_meets_is_found_before_anything_is_planned(scene: Scene) -> None:
    healed(scene)
    scene.sql("update clients set city = 'New' where full_name = 'Client 2'")
    ((page,),) = scene.sql("select rootpage from sqlite_schema where name = 'exports'")
    ((size,),) = scene.sql("pragma page_size")
    scene.app.store.close()
    with (scene.home / "crm.db").open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\x0d\x00\x00\x00\xff")
    scene.reopen()
    scene.clock.moment += timedelta(days=1)
    before = scene.staff(lambda hand: hand.grid())
    with pytest.raises(StoreError, match="damaged"):
        scene.sync()
    assert scene.staff(lambda hand: hand.grid()).rows == before.rows


def test_mark_of_the_last_write_that_somebody_took_away_holds_nothing_up(
    scene: Scene, whole: dict[str, Any]
) -> None:
    binding = scene.app.store.bases.binding("main")
    assert binding is not None
    query = {"fields": "sheets(properties.sheetId,protectedRanges.protectedRangeId)"}
    found = scene.staff(lambda hand: hand.ask("GET", "", None, **query))
    (journal,) = [
        sheet
        for sheet in found["sheets"]
        if sheet["properties"].get("sheetId", 0) == binding.sheets[JOURNAL_TITLE]
    ]
    (mark,) = journal["protectedRanges"]
    removal = {"deleteProtectedRange": {"protectedRangeId": mark["protectedRangeId"]}}
    scene.staff(lambda hand: hand.batch(removal))
    scene.sync()
    assert healed(scene) == whole


def test_row_put_back_after_a_run_that_died_archiving_it_brings_its_record_back(
    scene: Scene,
) -> None:
    healed(scene)

    def taken_out(hand: Hand) -> dict[int, Any]:
        grid = hand.grid()
        row = next(row for row in grid.filled() if grid.cell(row, "Name") == "Client 2")
        hand.delete_row(row)
        return {column: cell for column, cell in enumerate(grid.rows[row]) if cell != ""}

    cells = scene.staff(taken_out)
    scene.stage.server.fault(FaultKind.CUT, path=r"spreadsheets/[^/:]+:batchUpdate$")
    with pytest.raises(Unreachable):
        scene.sync()
    archived = "select archived_at is not null from clients where full_name = 'Client 2'"
    assert scene.sql(archived) == [(1,)]
    scene.staff(lambda hand: hand.put_row(len(hand.grid().rows), cells))
    ended = healed(scene)
    assert scene.sql(archived) == [(0,)]
    assert len([row for row in ended["sheet of clients"] if "Client 2" in row]) == 1


class UntilWritten(Life):
    """The life of a process that dies as soon as so many of its writes were carried out."""

    def __init__(self, scene: Scene, writes: int) -> None:
        super().__init__(-1)
        self._server = scene.stage.server
        self._server.forget_requests()
        self._writes = writes

    def step(self) -> None:
        done = [seen for seen in self._server.requests if seen.path.endswith(":batchUpdate")]
        if len(done) >= self._writes:
            raise Killed


def test_edit_that_was_hit_and_put_back_by_a_run_that_died_then_is_still_a_conflict(
    scene: Scene,
) -> None:
    healed(scene)
    scene.sql("update clients set city = 'Stored again' where full_name = 'Client 2'")
    scene.staff_at(
        Fault(FaultKind.STAFF, path=r"spreadsheets/[^/:]+:batchUpdate$"),
        lambda hand: typed(hand, "Client 2", "City", "Typed meanwhile"),
    )
    with pytest.raises(Killed):
        mortal_sync(scene, UntilWritten(scene, 2))
    ended = healed(scene)
    (row,) = [row for row in ended["sheet of clients"] if "Client 2" in row]
    assert "Typed meanwhile" in row
    assert [text for text in ended["conflicts"] if "Stored again" in text]
