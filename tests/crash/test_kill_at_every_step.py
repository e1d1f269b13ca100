"""kill -9 at every request, every commit and every fsync of a run, and a polite end at every
request: the next runs end where a whole one does.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from crm_sync.sheet_server.faults import Fault, FaultKind, When
from tests.crash import sync_victim
from tests.crash.morning import Morning, state, write_config
from tests.crash.syncs import REASON, can_watch, watching
from tests.property.histories.hand import Hand
from tests.property.histories.stage import Scene

Death = dict[str, Any]
STATEMENTS = 12
"""How many deaths between commits are tried; those within a commit are the store's own tests."""
SYNCS = 6
"""How many deaths at an fsync are tried, of those of a whole run; `make soak` tries all."""


class Victims:
    """The program that forks the processes which are to die."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def run(
        self, home: Path, death: Death | None = None, arm: Callable[[int], None] | None = None
    ) -> dict[str, Any]:
        """What became of one process; `arm` is told its id before it begins."""
        pid = self._ask(json.dumps({"home": str(home), "death": death}))["pid"]
        if arm is not None:
            arm(pid)
        return self._ask("go")

    def _ask(self, line: str) -> dict[str, Any]:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def victims(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Victims]:
    program = Path(sync_victim.__file__)
    environment = os.environ | {"PYTHONPATH": str(program.parents[2])}
    if can_watch():
        environment |= watching(tmp_path_factory.mktemp("syncs"))
    with subprocess.Popen(
        [sys.executable, program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    ) as process:
        yield Victims(process)
        assert process.stdin
        process.stdin.close()


@pytest.fixture(scope="module")
def whole(morning: Morning) -> dict[str, Any]:
    """How the morning ends when nobody dies."""
    scene = morning.again()
    for _ in range(2):
        scene.sync()
    ended = state(scene)
    scene.close()
    assert len(ended["clients"]) == 8
    assert len(ended["sheet of clients"]) == 8
    assert any("Copy" in row for row in ended["clients"])
    assert any("Anna" in row for row in ended["contacts"])
    assert len(ended["problems"]) == 6
    assert len(ended["conflicts"]) == 1
    return ended


def healed(scene: Scene) -> dict[str, Any]:
    """The state after two more runs; the one after them writes nothing."""
    scene.reopen()
    scene.stage.server.clear_faults()
    for _ in range(2):
        scene.sync()
    requests = scene.requests(scene.sync)
    assert [method for method, _ in requests] == ["GET"]
    return state(scene)


@pytest.fixture
def scene(morning: Morning) -> Iterator[Scene]:
    opened = morning.again()
    write_config(opened)
    yield opened
    opened.close()


def requests_of_a_run(morning: Morning, victims: Victims) -> int:
    scene = morning.again()
    write_config(scene)
    scene.stage.server.forget_requests()
    done = victims.run(scene.home)
    count = len(scene.stage.server.requests)
    scene.close()
    assert (done["signal"], done["code"]) == (0, 0), done["said"]
    return count


def kill_at_request(
    scene: Scene, number: int, when: When, path: str = "", by: signal.Signals = signal.SIGKILL
) -> Callable[[int], None]:
    """Arms the server to end a process at its n-th request of this path."""

    def arm(pid: int) -> None:
        fault = Fault(FaultKind.STAFF, path=path, nth=number, when=when)
        scene.staff_at(fault, lambda hand: os.kill(pid, by))

    return arm


@pytest.mark.slow
@pytest.mark.parametrize("when", list(When))
def test_death_before_and_after_each_request_heals(
    morning: Morning, victims: Victims, whole: dict[str, Any], when: When
) -> None:
    count = requests_of_a_run(morning, victims)
    assert 5 <= count <= 12
    for number in range(1, count + 1):
        scene = morning.again()
        write_config(scene)
        died = victims.run(scene.home, arm=kill_at_request(scene, number, when))
        assert died["signal"] == signal.SIGKILL, f"request {number}: {died['said']}"
        assert healed(scene) == whole, f"death {when.value} request {number}"
        scene.close()


@pytest.mark.slow
@pytest.mark.parametrize("after", [False, True])
def test_death_before_and_after_each_commit_heals(
    morning: Morning, victims: Victims, whole: dict[str, Any], after: bool
) -> None:
    commit, died = 0, {"signal": signal.SIGKILL}
    while died["signal"]:
        commit += 1
        scene = morning.again()
        write_config(scene)
        died = victims.run(scene.home, {"commit": commit, "after": after})
        assert healed(scene) == whole, f"death at commit {commit}"
        scene.close()
    assert commit > 6


@pytest.mark.slow
def test_death_at_some_statements_heals(
    morning: Morning, victims: Victims, whole: dict[str, Any]
) -> None:
    scene = morning.again()
    write_config(scene)
    statements = victims.run(scene.home)["statements"]
    scene.close()
    chance = random.Random(9)
    for number in sorted(chance.sample(range(1, statements), STATEMENTS)):
        scene = morning.again()
        write_config(scene)
        died = victims.run(scene.home, {"statement": number})
        assert died["signal"] == signal.SIGKILL
        assert healed(scene) == whole, f"death at statement {number}"
        scene.close()


def deaths_at_syncs(
    morning: Morning, victims: Victims, whole: dict[str, Any], numbers: Iterable[int]
) -> None:
    for number in numbers:
        scene = morning.again()
        write_config(scene)
        died = victims.run(scene.home, {"sync": number})
        assert died["signal"] == signal.SIGKILL, f"fsync {number}: {died['said']}"
        assert healed(scene) == whole, f"death at fsync {number}"
        scene.close()


def syncs_of_a_run(morning: Morning, victims: Victims) -> int:
    scene = morning.again()
    write_config(scene)
    syncs = victims.run(scene.home)["syncs"]
    scene.close()
    assert syncs > 20
    return int(syncs)


@pytest.mark.skipif(not can_watch(), reason=REASON)
def test_death_at_some_syncs_heals(
    morning: Morning, victims: Victims, whole: dict[str, Any]
) -> None:
    count = syncs_of_a_run(morning, victims)
    deaths_at_syncs(
        morning, victims, whole, sorted(random.Random(9).sample(range(1, count), SYNCS))
    )


@pytest.mark.soak
@pytest.mark.skipif(not can_watch(), reason=REASON)
def test_death_at_every_sync_heals(
    morning: Morning, victims: Victims, whole: dict[str, Any]
) -> None:
    count = syncs_of_a_run(morning, victims)
    deaths_at_syncs(morning, victims, whole, range(1, count + 1))


@pytest.mark.slow
def test_run_that_is_asked_to_end_finishes_its_write_and_says_so(
    morning: Morning, victims: Victims, whole: dict[str, Any]
) -> None:
    writes = 0
    for number in range(1, requests_of_a_run(morning, victims) + 1):
        scene = morning.again()
        write_config(scene)
        server = scene.stage.server
        server.forget_requests()
        by = signal.SIGINT if number % 2 else signal.SIGTERM
        ended = victims.run(scene.home, arm=kill_at_request(scene, number, When.BEFORE, by=by))
        assert (ended["signal"], ended["code"]) == (0, 130), f"request {number}: {ended['said']}"
        assert ended["said"].strip() == "Stopped. Nothing is lost: the next run goes on from here."
        # A read ends at once, a write with its answer; nothing is asked after either.
        assert len(server.requests) <= number
        writes += any(seen.path.endswith(":batchUpdate") for seen in server.requests[number - 1 :])
        assert healed(scene) == whole, f"{by.name} at request {number}"
        scene.close()
    assert writes


def test_deaths_one_after_another_heal(
    scene: Scene, victims: Victims, whole: dict[str, Any]
) -> None:
    for number in (3, 4, 2, 4, 3):
        died = victims.run(scene.home, arm=kill_at_request(scene, number, When.AFTER))
        assert died["signal"] == signal.SIGKILL
        scene.stage.server.clear_faults()
    assert healed(scene) == whole


@pytest.mark.parametrize("when", list(When))
def test_what_is_typed_after_a_death_is_nobodys_conflict(
    scene: Scene, victims: Victims, when: When
) -> None:
    died = victims.run(scene.home, arm=kill_at_request(scene, 1, when, ":batchUpdate$"))
    assert died["signal"] == signal.SIGKILL

    def type_on(hand: Hand) -> None:
        grid = hand.grid()
        rows = {str(grid.cell(row, "Name")): row for row in grid.filled()}
        hand.put(rows["Anna"], grid.column("City"), "Moved")
        hand.put(rows["Copy"], grid.column("Name"), "Copy of one")
        hand.put(rows["Client 2"], grid.column("Messenger"), "tg:two")
        if when is When.AFTER:
            hand.put(rows["Client 1"], grid.column("Note"), "typed over it")
            hand.put(rows["From the store"], grid.column("City"), "Typed")

    scene.staff(type_on)
    scene.sql("update clients set address = 'Stored again' where full_name = 'Client 2'")
    ended = healed(scene)

    fields = {text.split(",")[2].strip(" '") for text in ended["conflicts"]}
    assert fields == {"city"}, "only the clash that was there before"
    clients = "\n".join(ended["clients"])
    for value in ("Moved", "Copy of one", "tg:two", "Stored again"):
        assert value in clients
    assert ("typed over it" in clients) is (when is When.AFTER)
    assert len(ended["clients"]) == 8
