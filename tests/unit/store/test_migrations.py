"""Numbered steps that change the bookkeeping tables of stores that people already have."""

import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from crm_sync.core.records import Base
from crm_sync.errors import StoreError, StoreNewer
from crm_sync.store.connection import Connection
from crm_sync.store.migrations import MIGRATIONS, Migration, migrate
from tests.unit.store.builders import PEOPLE, apply, create, opened, query


def paint(connection: Connection) -> None:
    connection.run("UPDATE runs SET colour = 'red'")


ADD_COLOUR = Migration(2, "colour", ("ALTER TABLE runs ADD COLUMN colour TEXT",))
PAINT = Migration(3, "paint", (), paint)
ALL = (*MIGRATIONS[:1], ADD_COLOUR, PAINT)


def take(folder: Path, steps: tuple[Migration, ...]) -> None:
    with closing(Connection(folder / "crm.db", busy_seconds=0.05)) as connection:
        migrate(connection, steps)


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A folder with a store that has seen the first step alone and holds a run."""
    take(tmp_path, MIGRATIONS[:1])
    query(tmp_path, "INSERT INTO runs (workbook, started_at) VALUES ('perm', '2026')")
    return tmp_path


def test_steps_are_numbered_from_one_without_a_gap() -> None:
    assert [step.number for step in MIGRATIONS] == list(range(1, len(MIGRATIONS) + 1))


def test_each_step_that_the_file_has_not_seen_is_taken_once(old: Path) -> None:
    take(old, ALL)
    assert query(old, "SELECT workbook, colour FROM runs") == [("perm", "red")]
    assert query(old, "PRAGMA user_version") == [(3,)]
    query(old, "UPDATE runs SET colour = 'blue'")
    take(old, ALL)
    assert query(old, "SELECT colour FROM runs") == [("blue",)]


def test_existing_store_is_copied_before_its_first_step(old: Path) -> None:
    take(old, ALL)
    copy = old / "crm.db.before-2"
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert sorted(path.name for path in old.iterdir()) == ["crm.db", "crm.db.before-2"]
    copy.rename(old / "crm.db")
    assert query(old, "PRAGMA user_version") == [(1,)]
    assert query(old, "SELECT * FROM runs") == [(1, "perm", "2026", None, None, None)]


def test_new_store_and_one_up_to_date_are_not_copied(tmp_path: Path) -> None:
    take(tmp_path, ALL)
    take(tmp_path, ALL)
    assert [path.name for path in tmp_path.iterdir()] == ["crm.db"]


def fail(connection: Connection) -> None:
    connection.run("DELETE FROM runs")
    raise RuntimeError("power cut")


def test_step_that_fails_leaves_the_store_after_the_step_before(old: Path) -> None:
    with pytest.raises(RuntimeError, match="power cut"):
        take(old, (*ALL[:2], Migration(3, "breaks", ("DELETE FROM ids",), fail)))
    assert query(old, "PRAGMA user_version") == [(2,)]
    assert query(old, "SELECT workbook FROM runs") == [("perm",)]
    take(old, ALL)
    assert query(old, "SELECT colour FROM runs") == [("red",)]


def test_step_that_sqlite_refuses_is_told_as_a_fault_of_the_store(old: Path) -> None:
    with pytest.raises(StoreError, match="no such table"):
        take(old, (*ALL[:1], Migration(2, "breaks", ("DELETE FROM missing",))))
    assert query(old, "PRAGMA user_version") == [(1,)]


def test_older_program_refuses_a_newer_store(old: Path) -> None:
    take(old, ALL)
    with pytest.raises(StoreNewer, match="form 3, this is 1"):
        take(old, MIGRATIONS[:1])


class Overtaken(Connection):
    """A connection that looks at the file, and before it may write another process has migrated."""

    @contextmanager
    def transaction(self) -> Iterator[None]:
        take(self.path.parent, ALL)
        with super().transaction():
            yield


def test_step_that_another_process_took_meanwhile_is_not_taken_again(old: Path) -> None:
    with closing(Overtaken(old / "crm.db", busy_seconds=0.05)) as connection:
        migrate(connection, ALL)
    assert query(old, "SELECT workbook, colour FROM runs") == [("perm", "red")]


def test_many_processes_may_open_a_new_store_at_once(tmp_path: Path) -> None:
    def open_and_close(_: int) -> list[str]:
        with opened(tmp_path) as store:
            return list(store.records.all(PEOPLE))

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(open_and_close, range(24))) == [[]] * 24


def test_what_was_agreed_on_outlives_the_step_that_moves_it(tmp_path: Path) -> None:
    take(tmp_path, MIGRATIONS[:12])
    agreed = [
        ("omsk", "people", "C-1", "{}", "{}", 2, 0),
        ("perm", "people", "C-1", "{}", "{}", 0, 1),
    ]
    for base in reversed(agreed):
        query(tmp_path, "INSERT INTO bases VALUES (?, ?, ?, ?, ?, ?, ?)", *base)
    with opened(tmp_path) as store:
        assert query(tmp_path, "SELECT * FROM bases ORDER BY workbook") == agreed
        assert store.bases.open("perm", "people") == {"C-1"}
        assert store.bases.open("omsk", "people") == frozenset()


def test_store_whose_new_rows_were_written_twice_goes_on_from_there(tmp_path: Path) -> None:
    take(tmp_path, MIGRATIONS[:13])
    known = Base("C-1", {"name": "Анна"}, {"name": "Анна"}, 0, unsettled=True)
    row = ("perm", "people", "C-1", '{"name":"Анна"}', '{"name":"Анна"}', 0, 1)
    query(tmp_path, "INSERT INTO bases VALUES (?, ?, ?, ?, ?, ?, ?)", *row)
    with opened(tmp_path) as store:
        assert store.bases.all("perm", "people") == {"C-1": known}
        store.bases.begin("perm", "people", {"C-2": replace(known, version=1)}, {"C-2": {}})
        assert store.bases.open("perm", "people") == {"C-1", "C-2"}


def test_records_outlive_a_step(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        apply(store, create(PEOPLE, "C-1", name="Анна"))
    take(tmp_path, (*MIGRATIONS, Migration(len(MIGRATIONS) + 1, "next", ("DELETE FROM ids",))))
    query(tmp_path, f"PRAGMA user_version = {len(MIGRATIONS)}")
    with opened(tmp_path) as store:
        assert store.records.all(PEOPLE)["C-1"].values["name"] == "Анна"
