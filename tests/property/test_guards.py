"""Guards that are switched off are missed: a few here, all with `make guards`."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import pytest

from tests.property.guards import GUARDS, Guard, module_of, plays, switched_off
from tests.property.histories.stage import Stage, open_stage
from tests.property.test_histories import ONCE_BROKEN


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with open_stage() as opened:
        yield opened


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.name)
def test_line_of_each_guard_is_there(guard: Guard) -> None:
    assert inspect.getsource(module_of(guard)).count(guard.line) == 1


@pytest.mark.parametrize(
    ("guard", "history"),
    [
        (
            "a repair that missed its row is owed on",
            "cell of another row that a dead run hit and whose mending missed it",
        ),
        (
            "what was hit and then typed over is kept",
            "cell that a dead run's write hit, and staff typed over what it had written",
        ),
        (
            "no record goes while an unnamed row comes back",
            "new row deleted by a write that was meant for the row above",
        ),
        (
            "what a write hit is put back",
            "cell of another row that a dead run hit and whose mending missed it",
        ),
    ],
)
def test_guard_that_is_switched_off_is_missed(stage: Stage, guard: str, history: str) -> None:
    found = next(item for item in GUARDS if item.name == guard)
    with switched_off(found):
        assert plays(stage, ONCE_BROKEN[history]).outcome.wrong
