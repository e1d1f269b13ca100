"""The crew that forks `crm-sync`, and a prepared company to copy."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.outside.company import Company, Crew, founded, opened

Found = Callable[[], Company]


@pytest.fixture(scope="session")
def crew() -> Iterator[Crew]:
    crew = Crew()
    yield crew
    crew.close()


@pytest.fixture(scope="session")
def folder() -> Iterator[Path]:
    """A folder in the system's own memory, where there is such."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as name:
        yield Path(name)


@pytest.fixture(scope="session")
def prepared(crew: Crew, folder: Path) -> Path:
    return founded(crew, folder / "prepared")


@pytest.fixture(scope="session")
def numbers() -> Iterator[int]:
    return count()


@pytest.fixture
def company(crew: Crew, prepared: Path, folder: Path, numbers: Iterator[int]) -> Iterator[Company]:
    """A fresh company with five clients, in agreement on both sides."""
    opening = opened(crew, prepared, folder / f"company-{next(numbers)}")
    yield opening
    opening.close()
