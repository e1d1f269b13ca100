"""What `ports.Store` promises of transactions and of the lease."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from crm_sync.errors import RunInProgress, StoreError
from crm_sync.store import SqliteStore
from tests.unit.store.builders import NOW, PEOPLE, create, opened, query, sql

HOLDER = """
import sys
from pathlib import Path
from crm_sync.store import open_store
store = open_store(Path(sys.argv[1]), ())
with store.lease():
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    with opened(tmp_path, busy_seconds=0.05) as opened_store:
        yield opened_store


@pytest.fixture
def holder(store: SqliteStore, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lease of the same store until its input ends."""
    command = [sys.executable, "-c", HOLDER, str(tmp_path / "crm.db")]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path.cwd()
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        if process.poll() is None:
            process.kill()


def put_person(store: SqliteStore, record_id: str) -> None:
    store.records.apply([create(PEOPLE, record_id)], source="cli", by="", at=NOW)


def test_writes_of_a_transaction_are_seen_by_others_when_it_ends(
    store: SqliteStore, tmp_path: Path
) -> None:
    with store.transaction():
        put_person(store, "C-000013")
        assert query(tmp_path, "SELECT id FROM people") == []
        assert list(store.records.all(PEOPLE)) == ["C-000013"]
    assert query(tmp_path, "SELECT id FROM people") == [("C-000013",)]


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, StoreError])
def test_error_within_a_transaction_takes_back_all_writes(
    store: SqliteStore, error: type[BaseException]
) -> None:
    def fail() -> None:
        with store.transaction():
            put_person(store, "C-000013")
            raise error("stop")

    with pytest.raises(error, match="stop"):
        fail()
    assert store.records.all(PEOPLE) == {}
    with store.transaction():
        put_person(store, "C-000021")
    assert list(store.records.all(PEOPLE)) == ["C-000021"]


def test_transaction_does_not_nest_and_the_outer_one_goes_on(store: SqliteStore) -> None:
    with store.transaction():
        put_person(store, "C-000013")
        with pytest.raises(StoreError), store.transaction():
            put_person(store, "C-000021")
        put_person(store, "C-000037")
    assert list(store.records.all(PEOPLE)) == ["C-000013", "C-000037"]


def test_transaction_takes_the_write_lock_at_once(store: SqliteStore, tmp_path: Path) -> None:
    with (
        store.transaction(),
        opened(tmp_path, busy_seconds=0.05) as other,
        pytest.raises(StoreError, match="Another program is using"),
        other.transaction(),
    ):
        pytest.fail("two writers at once")


def test_program_that_reads_on_and_on_makes_the_commit_fail_as_a_whole(
    store: SqliteStore, tmp_path: Path
) -> None:
    def write() -> None:
        with store.transaction():
            put_person(store, "C-000013")

    with sql(tmp_path) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM people").fetchall()
        if query(tmp_path, "PRAGMA journal_mode") == [("wal",)]:
            pytest.skip("with a write-ahead log a reader holds nobody up")
        with pytest.raises(StoreError, match="Another program is using"):
            write()
        reader.execute("ROLLBACK")
    assert store.records.all(PEOPLE) == {}
    write()
    assert list(store.records.all(PEOPLE)) == ["C-000013"]


def test_program_that_locks_the_whole_file_is_told_of_when_reading(
    store: SqliteStore, tmp_path: Path
) -> None:
    with sql(tmp_path) as other:
        if query(tmp_path, "PRAGMA journal_mode") == [("wal",)]:
            pytest.skip("with a write-ahead log nobody can keep others from reading")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreError, match="Another program is using"):
            store.records.all(PEOPLE)
        other.execute("ROLLBACK")
    assert store.records.all(PEOPLE) == {}


def test_lease_is_held_by_one_run_at_a_time(store: SqliteStore, tmp_path: Path) -> None:
    with opened(tmp_path) as other:
        with store.lease():
            with pytest.raises(RunInProgress), other.lease():
                pytest.fail("two runs at once")
            with pytest.raises(RunInProgress), store.lease():
                pytest.fail("two runs in one process")
        with other.lease():
            pass


def test_lease_does_not_hinder_reading_and_editing(store: SqliteStore, tmp_path: Path) -> None:
    with store.lease(), opened(tmp_path) as other:
        put_person(other, "C-000013")
    assert list(store.records.all(PEOPLE)) == ["C-000013"]


def test_lease_of_another_process_is_respected_and_free_when_it_ends(
    store: SqliteStore, holder: subprocess.Popen[str]
) -> None:
    with pytest.raises(RunInProgress, match=r"crm\.db"), store.lease():
        pytest.fail("two runs at once")
    holder.communicate()
    with store.lease():
        pass


def test_lease_of_a_killed_process_is_free_at_once(
    store: SqliteStore, holder: subprocess.Popen[str], tmp_path: Path
) -> None:
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    assert (tmp_path / "crm.db.lock").exists()
    with store.lease():
        pass


def test_lock_file_is_for_its_owner_alone(store: SqliteStore, tmp_path: Path) -> None:
    with store.lease():
        assert (tmp_path / "crm.db.lock").stat().st_mode & 0o777 == 0o600
