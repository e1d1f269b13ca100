"""A process may die at any moment: the store opens, is sound, and holds what was acknowledged."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.crash import store_victim
from tests.crash.syncs import REASON, can_watch, watching
from tests.unit.store.builders import folder_in_memory


@pytest.fixture
def folder() -> Iterator[Path]:
    with folder_in_memory() as folder:
        yield folder


def found(kind: str, folder: Path, **environment: str) -> list[dict[str, Any]]:
    """What was found after each death."""
    program = Path(store_victim.__file__)
    done = subprocess.run(
        [sys.executable, program, kind, folder],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        env=os.environ | {"PYTHONPATH": str(program.parents[2])} | environment,
    )
    return json.loads(done.stdout)  # type: ignore[no-any-return]


def test_death_before_any_statement_loses_only_the_step_that_was_under_way(folder: Path) -> None:
    deaths = found("at_each_statement", folder)
    assert len(deaths) > 100
    assert {death["acknowledged"] for death in deaths} == set(range(len(store_victim.STEPS) + 1))
    assert [number for number, death in enumerate(deaths, 1) if not death["sound"]] == []


def test_half_written_commit_is_taken_back_whole(folder: Path) -> None:
    deaths = found("in_the_middle_of_a_commit", folder)
    assert all(death["killed"] and not death["acknowledged"] for death in deaths)
    assert sum(death["half"] for death in deaths) > 5
    assert [number for number, death in enumerate(deaths, 1) if not death["sound"]] == []


def test_death_at_any_moment_keeps_every_acknowledged_transaction(folder: Path) -> None:
    deaths = found("at_any_moment", folder)
    assert [number for number, death in enumerate(deaths, 1) if not death["sound"]] == []


def test_write_that_the_disk_refuses_is_told_and_leaves_the_store_as_it_was(folder: Path) -> None:
    (outcome,) = found("refused_by_the_disk", folder)
    assert "disk reports an error" in outcome["told"]
    assert outcome["sound"]


@pytest.mark.skipif(not can_watch(), reason=REASON)
def test_power_cut_at_any_sync_keeps_all_that_was_acknowledged(
    folder: Path, tmp_path: Path
) -> None:
    cuts = found("in_a_power_cut", folder, **watching(tmp_path))
    assert {cut["acknowledged"] for cut in cuts} == set(range(len(store_victim.STEPS)))
    assert [cut for cut in cuts if not cut["sound"]] == []
