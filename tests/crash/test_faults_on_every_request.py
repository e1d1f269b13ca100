"""Every fault on every request of a run: it ends well or with words, and the next runs heal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from crm_sync.errors import QuotaExhausted, Unreachable, UserError
from crm_sync.sheet_server.faults import FaultKind, When
from tests.crash.morning import Morning, state
from tests.property.histories.stage import Scene

WRITE = r":batchUpdate$"
READ = r"values:batchGetByDataFilter$"
MOST_REQUESTS = 12


@dataclass(frozen=True)
class Trouble:
    """A fault and how a run ends that meets it once: on a read, and on the write."""

    kind: FaultKind
    status: int = 0
    when: When = When.BEFORE
    read: type[UserError] | None = None
    write: type[UserError] | None = None

    def __str__(self) -> str:
        return f"{self.kind.value} {self.status} {self.when.value}"

    def arm(self, scene: Scene, **match: Any) -> None:
        scene.stage.server.fault(
            self.kind, status=self.status or 503, when=self.when, delay=0.05, **match
        )


AFTER = When.AFTER
TROUBLES = (
    Trouble(FaultKind.STATUS, 429),
    Trouble(FaultKind.STATUS, 429, When.AFTER),
    Trouble(FaultKind.STATUS, 500, write=Unreachable),
    Trouble(FaultKind.STATUS, 503, write=Unreachable),
    Trouble(FaultKind.STATUS, 500, AFTER),
    Trouble(FaultKind.STATUS, 503, AFTER),
    Trouble(FaultKind.HTML, 502, write=Unreachable),
    Trouble(FaultKind.HTML, 502, AFTER),
    Trouble(FaultKind.HTML, 200, read=Unreachable, write=Unreachable),
    Trouble(FaultKind.HTML, 200, AFTER, read=Unreachable),
    Trouble(FaultKind.CUT, write=Unreachable),
    Trouble(FaultKind.CUT, when=AFTER),
    Trouble(FaultKind.TRUNCATE, when=AFTER),
    Trouble(FaultKind.EMPTY, 200, write=Unreachable),
    Trouble(FaultKind.EMPTY, 200, AFTER),
    Trouble(FaultKind.SLOW, when=AFTER),
    Trouble(FaultKind.DROP_WRITE, write=Unreachable),
)


@pytest.fixture(scope="module")
def whole(morning: Morning) -> dict[str, Any]:
    """How the morning ends when nothing goes wrong."""
    scene = morning.again()
    for _ in range(2):
        scene.sync()
    ended = state(scene)
    scene.close()
    return ended


def ending(scene: Scene) -> type[UserError] | None:
    """The error that a run ends with, None if it ends well."""
    try:
        scene.sync()
    except UserError as exc:
        error = exc
    else:
        return None
    assert error.exit_code == 4, error
    assert error.hint, "a person must be told what to do"
    return type(error)


def healed(scene: Scene) -> dict[str, Any]:
    """The state after two undisturbed runs; the one after them writes nothing."""
    scene.stage.server.clear_faults()
    for _ in range(2):
        scene.sync()
    assert [method for method, _ in scene.requests(scene.sync)] == ["GET"]
    return state(scene)


@pytest.mark.parametrize("trouble", TROUBLES, ids=str)
def test_trouble_with_the_write_is_found_out_and_healed(
    scene: Scene, whole: dict[str, Any], trouble: Trouble
) -> None:
    trouble.arm(scene, path=WRITE)
    assert ending(scene) is trouble.write
    assert healed(scene) == whole


@pytest.mark.parametrize("trouble", TROUBLES, ids=str)
def test_trouble_with_a_read_is_tried_again_or_told(
    scene: Scene, whole: dict[str, Any], trouble: Trouble
) -> None:
    trouble.arm(scene, path=READ)
    assert ending(scene) is trouble.read
    assert healed(scene) == whole


@pytest.mark.slow
@pytest.mark.parametrize("trouble", TROUBLES, ids=str)
def test_trouble_with_any_request_ends_in_words_and_heals(
    morning: Morning, whole: dict[str, Any], trouble: Trouble
) -> None:
    for number in range(1, 8):
        scene = morning.again()
        trouble.arm(scene, nth=number)
        assert ending(scene) in (None, Unreachable, QuotaExhausted)
        assert healed(scene) == whole, f"request {number}"
        scene.close()


LASTING = [
    trouble for trouble in TROUBLES if trouble.kind not in (FaultKind.SLOW, FaultKind.DROP_WRITE)
]


@pytest.mark.parametrize("trouble", LASTING, ids=str)
def test_trouble_that_lasts_ends_the_run_soon(
    scene: Scene, whole: dict[str, Any], trouble: Trouble
) -> None:
    trouble.arm(scene, times=None)
    made: list[Any] = []
    requests = scene.requests(lambda: made.append(ending(scene)))
    assert made[0] in (Unreachable, QuotaExhausted)
    assert len(requests) <= MOST_REQUESTS
    assert healed(scene) == whole


@pytest.mark.parametrize("kind", [FaultKind.STALE_VERSION, FaultKind.STALE_READ])
def test_state_of_a_moment_ago_is_caught_up_with(
    scene: Scene, whole: dict[str, Any], kind: FaultKind
) -> None:
    scene.stage.server.fault(kind, times=3)
    ending(scene)
    assert healed(scene) == whole


@pytest.mark.parametrize("lag", range(1, 12))
def test_write_that_lands_when_nobody_waits_for_it_any_more_changes_nothing_twice(
    scene: Scene, whole: dict[str, Any], lag: int
) -> None:
    """Google may work on a write for minutes; by then another run has read, or has written."""
    scene.stage.server.fault(FaultKind.LATE, path=WRITE, lag=lag)
    assert (ending(scene) is None) is (lag == 1), "the first thing after it is to look for it"
    ending(scene)
    ending(scene)
    assert healed(scene) == whole


def test_half_a_tab_is_made_good_by_the_next_run(scene: Scene, whole: dict[str, Any]) -> None:
    """Sound JSON that ends after half of the rows: what was archived by it comes back."""
    scene.stage.server.fault(FaultKind.SHORT, path=READ, when=AFTER)
    ending(scene)
    assert healed(scene) == whole
