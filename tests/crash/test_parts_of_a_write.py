"""A write in several parts: a death, or an edit by staff, between two of them is healed like any
other.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest

from crm_sync.core.parting import Most
from crm_sync.errors import Unreachable
from crm_sync.sheet_server.faults import Fault, FaultKind
from crm_sync.workbooks.google import GoogleWorkbook
from tests.crash.morning import Morning, state
from tests.property.histories.hand import Hand
from tests.property.histories.mortal import Killed, Life
from tests.property.histories.stage import Scene

WRITE = r"spreadsheets/[^/:]+:batchUpdate$"


@pytest.fixture(scope="module")
def whole(morning: Morning) -> dict[str, Any]:
    """How the morning ends when each write goes out at once."""
    scene = morning.again()
    for _ in range(2):
        scene.sync()
    ended = state(scene)
    scene.close()
    return ended


@pytest.fixture
def small(whole: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests that hold two or three rows."""
    few = Most(sent=1_500, back=3_000, requests=30)
    monkeypatch.setattr(GoogleWorkbook, "most", few)


def writes(requests: list[tuple[str, str]]) -> int:
    return sum(path.endswith(":batchUpdate") for _, path in requests)


def healed(scene: Scene) -> dict[str, Any]:
    """The state after two more runs; the one after them writes nothing."""
    scene.stage.server.clear_faults()
    for _ in range(2):
        scene.sync()
    requests = scene.requests(scene.sync)
    assert [method for method, _ in requests] == ["GET"]
    return state(scene)


@pytest.mark.usefixtures("small")
def test_a_write_in_parts_ends_as_one_write_does(scene: Scene, whole: dict[str, Any]) -> None:
    assert writes(scene.requests(scene.sync)) >= 4
    assert scene.app.store.journal.unsettled("main") == ()
    assert healed(scene) == whole


@pytest.mark.slow
@pytest.mark.usefixtures("small")
def test_death_at_any_step_of_a_write_in_parts_heals(
    morning: Morning, whole: dict[str, Any]
) -> None:
    counted = Life(-1)
    scene = morning.again()
    scene.sync_mortally(counted)
    scene.close()
    # Not all of them: each is a step before or after a request or a commit.
    for number in range(10, counted.steps + 1, counted.steps // 8):
        scene = morning.again()
        with pytest.raises(Killed):
            scene.sync_mortally(Life(number))
        assert healed(scene) == whole, f"death at step {number}"
        scene.close()


class UntilWritten(Life):
    """The life of a process that dies as soon as a write of its has been carried out."""

    def __init__(self, scene: Scene) -> None:
        super().__init__(-1)
        self._server = scene.stage.server
        self._server.forget_requests()

    def step(self) -> None:
        if writes([(seen.method, seen.path) for seen in self._server.requests]):
            raise Killed


def test_what_was_hit_is_owed_until_the_last_part_has_put_it_right(
    scene: Scene, whole: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.staff_at(Fault(FaultKind.STAFF, path=WRITE), lambda hand: hand.insert_rows(1, 1))
    with pytest.raises(Killed):
        scene.sync_mortally(UntilWritten(scene))
    with monkeypatch.context() as patched:
        patched.setattr(GoogleWorkbook, "most", Most(sent=1_500, back=3_000, requests=30))
        with pytest.raises(Killed):
            scene.sync_mortally(UntilWritten(scene))
    assert healed(scene) == whole


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("number", [2, 3])
def test_rows_that_move_between_two_parts_take_no_others_values(
    scene: Scene, whole: dict[str, Any], number: int
) -> None:
    def shift(hand: Hand) -> None:
        hand.insert_rows(1, 1)

    scene.staff_at(Fault(FaultKind.STAFF, path=WRITE, nth=number), shift)
    scene.sync()
    assert healed(scene) == whole


@pytest.mark.usefixtures("small")
def test_part_that_was_answered_and_never_written_is_not_believed(
    morning: Morning, whole: dict[str, Any]
) -> None:
    scene = morning.again()
    count = writes(scene.requests(scene.sync))
    scene.close()
    for number in (2, count):
        scene = morning.again()
        scene.stage.server.fault(FaultKind.DROP_WRITE, path=WRITE, nth=number)
        # One between two others is found out by the next one, and the run plans anew.
        with suppress(Unreachable):
            scene.sync()
        assert healed(scene) == whole, f"part {number} of {count}"
        scene.close()
