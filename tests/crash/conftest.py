"""A busy morning of an office, for the tests that disturb it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.crash.morning import Morning, busy_morning
from tests.property.histories.stage import Scene, open_stage


@pytest.fixture(scope="module")
def morning() -> Iterator[Morning]:
    with open_stage() as stage:
        yield busy_morning(stage)


@pytest.fixture
def scene(morning: Morning) -> Iterator[Scene]:
    """A morning of its own for each test."""
    opened = morning.again()
    yield opened
    opened.close()
