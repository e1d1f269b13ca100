"""Processes that write to a store and are killed, and what they leave behind.

Run as a program: `store_victim.py KIND FOLDER` kills one forked process after another and prints,
as JSON, what was found after each death. Forks need a process without threads, so the tests run
this file on its own.
"""

import json
import os
import random
import resource
import select
import shutil
import signal
import sqlite3
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from crm_sync.core.findings import Problem, Severity
from crm_sync.core.records import Base
from crm_sync.errors import StoreError
from crm_sync.ports import Binding, Operation, RunReport
from crm_sync.store import SqliteStore
from tests.crash.syncs import before_each_sync
from tests.unit.store.builders import LATER, NOTES, NOW, PEOPLE, archive, create, opened, update

Step = Callable[[SqliteStore], object]

PROBLEM = Problem("people", "V03", Severity.REJECT, "No phone.", typed="12-", params={"a": "b"})


def mint(store: SqliteStore) -> None:
    store.records.mint(PEOPLE, 2)


def start(store: SqliteStore) -> None:
    store.journal.start_run("perm", NOW)


def begin(store: SqliteStore) -> None:
    store.journal.open(Operation("op-1", "perm", 1, "{}"), NOW)


def create_records(store: SqliteStore) -> None:
    with store.transaction():
        store.records.apply(
            [
                create(NOTES, "K-0000013", person="C-000013", text="звонок"),
                create(PEOPLE, "C-000013", name="Анна"),
                create(PEOPLE, "C-000021", name="Пётр", friend="C-000013"),
            ],
            source="sheet:perm",
            by="anna",
            at=NOW,
            run=1,
        )


def settle(store: SqliteStore) -> None:
    with store.transaction():
        store.records.apply(
            [update(PEOPLE, "C-000013", 1, age=30), archive(PEOPLE, "C-000021", 1)],
            source="sheet:perm",
            by="anna",
            at=LATER,
            run=1,
        )
        store.bases.put("perm", "people", {"C-000013": Base("C-000013", {"name": "Анна"})})
        store.bases.bind(Binding("perm", "1AbC", {"people": 17}))
        store.findings.put_problems("perm", "people", [PROBLEM], LATER)
        store.journal.settle("op-1", LATER)


def finish(store: SqliteStore) -> None:
    with store.transaction():
        store.bases.drop("perm", "people", ["C-000013"])
        store.findings.put_problems("perm", "people", [], LATER)
        store.journal.finish_run(1, RunReport("perm", "synced", "{}"), LATER)


STEPS: tuple[Step, ...] = (mint, start, begin, create_records, settle, finish)

SHOWN = {
    "seals": "number, kind, key",
    "chain": "number, last_seal, last_history, last_export, last_erasure",
}


def state(store: SqliteStore) -> list[Any]:
    """Every row of every table, after checking that the file is sound and its chain holds. What is
    made of chance is left out.
    """
    rows = store._connection.rows
    assert rows("PRAGMA integrity_check") == [("ok",)]
    assert rows("PRAGMA foreign_key_check") == []
    assert store.chain.check().fault is None
    tables = rows("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    return [
        [name, [list(row) for row in rows(f'SELECT {SHOWN.get(name, "*")} FROM "{name}"')]]
        for (name,) in tables
        if name not in ("sqlite_stat1", "identity")
    ]


def states(folder: Path) -> list[Any]:
    """The state after the opening and after each step, when nobody is killed."""
    with opened(folder) as store:
        seen = [state(store)]
        for step in STEPS:
            step(store)
            seen.append(state(store))
    return seen


def run_child(work: Callable[[int], None]) -> tuple[int, int]:
    """Forks, and gives (pipe that the child acknowledges steps on, the child's pid)."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid:
        os.close(writer)
        return reader, pid
    # Whatever happens, the child must not go on with what is the parent's.
    try:
        os.close(reader)
        work(writer)
    finally:
        if error := sys.exc_info()[1]:
            traceback.print_exception(error)
        os._exit(1 if error else 0)


def wait(reader: int, pid: int) -> tuple[int, bool]:
    """The number of steps that the child acknowledged, and whether it was killed."""
    acknowledged = 0
    while chunk := os.read(reader, 4096):
        acknowledged += len(chunk)
    os.close(reader)
    _, status = os.waitpid(pid, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return acknowledged, os.WIFSIGNALED(status)


def fresh(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder


def at_each_statement(folder: Path) -> list[dict[str, Any]]:
    """Kills before the n-th statement that SQLite runs, triggers' included, for every n."""
    expected = states(fresh(folder / "whole"))
    found = []
    for number in range(1, 10_000):
        home = fresh(folder / "killed")

        def work(writer: int, number: int = number, home: Path = home) -> None:
            left = number

            def count(_: str) -> None:
                nonlocal left
                left -= 1
                if left == 0:
                    os.kill(os.getpid(), signal.SIGKILL)

            trace(count)
            with opened(home) as store:
                for step in STEPS:
                    step(store)
                    os.write(writer, b".")

        acknowledged, killed = wait(*run_child(work))
        with opened(home) as store:
            after = state(store)
        possible = expected[acknowledged : acknowledged + 2]
        found.append({"sound": after in possible, "acknowledged": acknowledged})
        if not killed:
            return found
    raise AssertionError("the steps never ended")


def trace(callback: Callable[[str], None]) -> None:
    """Calls back before each statement of every connection that this process opens from now on."""
    connect = sqlite3.connect

    def connect_and_trace(*arguments: Any, **options: Any) -> sqlite3.Connection:
        connection = connect(*arguments, **options)
        connection.set_trace_callback(callback)
        return connection

    sqlite3.connect = connect_and_trace  # type: ignore[assignment]


def in_the_middle_of_a_commit(folder: Path) -> list[dict[str, Any]]:
    """Kills when a file grows beyond a size: some pages of a commit are written, some are not.
    `half` tells that the store was left with a journal or a log to be made good.
    """
    home = fresh(folder / "killed")
    with opened(home) as store:
        store.records.mint(PEOPLE, 1)
        before = state(store)
    start = (home / "crm.db").stat().st_size
    saved = (home / "crm.db").read_bytes()
    found = []
    for limit in range(start, start + 200_000, 8192):

        def work(writer: int, limit: int = limit) -> None:
            signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
            with opened(home) as store:
                resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
                with store.transaction():
                    store.records.apply(many(), source="cli", by="", at=NOW)
                os.write(writer, b".")

        acknowledged, killed = wait(*run_child(work))
        half_done = home / "crm.db-wal"
        if (home / "crm.db").read_bytes() != saved:
            half_done = home / "crm.db-journal"
        half = half_done.exists() and half_done.stat().st_size > 512
        with opened(home) as store:
            sound = state(store) == before
        found.append({"sound": sound, "killed": killed, "acknowledged": acknowledged, "half": half})
    return found


def many() -> list[Any]:
    return [create(PEOPLE, f"C-{number}", name="имя" * 50) for number in range(400)]


def at_any_moment(folder: Path) -> list[dict[str, Any]]:
    """Kills a process that makes one transaction after another, on the same store again and
    again.
    """
    home = fresh(folder / "killed")
    with opened(home):
        pass
    chance = random.Random(20260310)
    found = []
    done = 0
    for _ in range(40):

        def work(writer: int, done: int = done) -> None:
            with opened(home) as store:
                for number in range(done, done + 1000):
                    with store.transaction():
                        store.records.apply(pair(number), source="cli", by="", at=NOW)
                    os.write(writer, b".")

        reader, pid = run_child(work)
        os.read(reader, 1)
        # Nothing comes on an empty list: this waits, and for less than a millisecond.
        select.select([], [], [], chance.random() * 0.004)
        os.kill(pid, signal.SIGKILL)
        acknowledged, _ = wait(reader, pid)
        with opened(home) as store:
            state(store)
            people, notes = (len(store.records.all(table)) for table in (PEOPLE, NOTES))
        found.append(
            {
                "sound": people == notes
                and done + acknowledged + 1 <= people <= done + acknowledged + 2
            }
        )
        done = people
    return found


def pair(number: int) -> list[Any]:
    """A note and a person who belong together."""
    return [
        create(NOTES, f"K-{number}", person=f"C-{number}"),
        create(PEOPLE, f"C-{number}", name="имя" * 200),
    ]


def refused_by_the_disk(folder: Path) -> list[dict[str, Any]]:
    """Lets writes fail instead of killing: the error is told and the store is as it was."""
    home = fresh(folder / "killed")
    with opened(home) as store:
        before = state(store)
    limit = (home / "crm.db").stat().st_size

    def work(writer: int) -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        with opened(home) as store:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
            try:
                with store.transaction():
                    store.records.apply(many(), source="cli", by="", at=NOW)
            except StoreError as error:
                os.write(writer, str(error).encode())

    reader, pid = run_child(work)
    told = os.read(reader, 4096).decode()
    wait(reader, pid)
    with opened(home) as store:
        return [{"sound": state(store) == before, "told": told}]


class Disk:
    """What is surely on the disk: files as they were when they were last synced, and the folder's
    names as they were when it was. It is kept in a folder beside, and outlives the process.
    """

    def __init__(self, home: Path, kept: Path) -> None:
        self.home = home
        self.kept = kept

    def synced(self, file: int) -> None:
        """Takes over what is synced now. Nothing is opened: that would cost SQLite its locks."""
        path = Path(f"/proc/self/fd/{file}").readlink()
        if path == self.home:
            for item in list(self.kept.iterdir()):
                if not (path / item.name).exists():
                    item.unlink()
        elif path.parent == self.home:
            content = os.pread(file, os.fstat(file).st_size, 0)
            (self.kept / path.name).write_bytes(content)


PAGE = 512
CUTS = ("nothing else", "names too", "some pages")


def after_the_cut(home: Path, kept: Path, cut: str, chance: random.Random) -> None:
    """Makes of a folder what a power cut leaves of it: what was synced and nothing else; that, with
    the files gone that were removed; that, with some of the pages written since, in any order.
    """
    written = {item.name: item.read_bytes() for item in home.iterdir()}
    synced = {item.name: item.read_bytes() for item in kept.iterdir()}
    left = dict(synced)
    if cut == "names too":
        left = {name: synced[name] for name in synced.keys() & written.keys()}
    elif cut == "some pages":
        for name in sorted(synced.keys() | written.keys()):
            old, new = synced.get(name, b""), written.get(name, b"")
            if name not in written or name not in synced:
                left.pop(name, None)
                if chance.random() < 0.5:
                    left[name] = old or new
                continue
            ends = range(0, max(len(old), len(new)), PAGE)
            pages = [chance.choice((old, new))[start : start + PAGE] for start in ends]
            left[name] = b"".join(pages)
    fresh(home)
    for name, content in left.items():
        (home / name).write_bytes(content)


def in_a_power_cut(folder: Path) -> list[dict[str, Any]]:
    """Cuts the power before the n-th sync of a file or of the folder, for every n: what was
    acknowledged by then must be there, whatever became of all that was not synced.
    """
    expected = states(fresh(folder / "whole"))
    chance = random.Random(20260310)
    found = []
    for number in range(1, 10_000):
        home, kept = fresh(folder / "cut"), fresh(folder / "kept")

        def work(writer: int, number: int = number, home: Path = home, kept: Path = kept) -> None:
            disk, left = Disk(home, kept), number

            def count(file: int) -> None:
                nonlocal left
                left -= 1
                if left == 0:
                    os.kill(os.getpid(), signal.SIGKILL)
                disk.synced(file)

            before_each_sync(count)
            with opened(home) as store:
                for step in STEPS:
                    step(store)
                    os.write(writer, b".")

        acknowledged, killed = wait(*run_child(work))
        if not killed:
            return found
        possible = expected[acknowledged : acknowledged + 2]
        shutil.copytree(home, fresh(folder / "died"), dirs_exist_ok=True)
        for cut in CUTS:
            shutil.copytree(folder / "died", fresh(home), dirs_exist_ok=True)
            after_the_cut(home, kept, cut, chance)
            with opened(home) as store:
                sound = state(store) in possible
            found.append({"sound": sound, "acknowledged": acknowledged, "cut": cut, "sync": number})
    raise AssertionError("the steps never ended")


if __name__ == "__main__":
    kinds = (
        at_each_statement,
        in_the_middle_of_a_commit,
        at_any_moment,
        refused_by_the_disk,
        in_a_power_cut,
    )
    kind = {item.__name__: item for item in kinds}[sys.argv[1]]
    json.dump(kind(Path(sys.argv[2])), sys.stdout)
