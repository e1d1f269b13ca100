"""What `ports.Journal` promises."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from crm_sync.errors import StoreError
from crm_sync.ports import Operation, RunReport
from crm_sync.store import SqliteStore
from tests.unit.store.builders import LATER, LATER_TEXT, NOW, NOW_TEXT, opened, query

FIRST = Operation("op-b", "perm", 1, '{"rows": [1]}')
SECOND = Operation("op-a", "perm", 1, '{"rows": [2]}')
ELSEWHERE = Operation("op-c", "omsk", 2, "{}")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    with opened(tmp_path) as opened_store:
        yield opened_store


def test_runs_are_numbered_over_all_workbooks_and_never_again(
    store: SqliteStore, tmp_path: Path
) -> None:
    assert [store.journal.start_run(name, NOW) for name in ("perm", "omsk")] == [1, 2]
    query(tmp_path, "DELETE FROM runs")
    assert store.journal.start_run("perm", NOW) == 3


def test_end_of_a_run_is_noted(store: SqliteStore, tmp_path: Path) -> None:
    run = store.journal.start_run("perm", NOW)
    assert query(tmp_path, "SELECT finished_at, outcome FROM runs") == [(None, None)]
    store.journal.finish_run(run, RunReport("perm", "synced", '{"writes": 2}'), LATER)
    assert query(tmp_path, "SELECT * FROM runs") == [
        (1, "perm", NOW_TEXT, LATER_TEXT, "synced", '{"writes": 2}')
    ]


def test_operations_of_a_workbook_wait_oldest_first_until_settled(store: SqliteStore) -> None:
    for operation in (FIRST, ELSEWHERE, SECOND):
        store.journal.open(operation, NOW)
    assert store.journal.unsettled("perm") == (FIRST, SECOND)
    assert store.journal.waiting("perm") == (FIRST.id, SECOND.id)
    store.journal.settle("op-b", LATER)
    assert store.journal.unsettled("perm") == (SECOND,)
    assert store.journal.waiting("perm") == (SECOND.id,)
    assert store.journal.unsettled("omsk") == (ELSEWHERE,)


def test_opened_operation_is_on_disk_at_once(store: SqliteStore, tmp_path: Path) -> None:
    store.journal.open(FIRST, NOW)
    assert query(tmp_path, "SELECT id, intent, opened_at FROM operations") == [
        ("op-b", FIRST.intent, NOW_TEXT)
    ]
    with store.transaction(), pytest.raises(StoreError):
        store.journal.open(SECOND, NOW)


def test_settled_operation_keeps_its_times_and_forgets_what_stood_in_rows(
    store: SqliteStore, tmp_path: Path
) -> None:
    store.journal.open(FIRST, NOW)
    store.journal.settle("op-b", LATER)
    store.journal.settle("op-b", NOW)
    store.journal.settle("op-unknown", NOW)
    assert query(tmp_path, "SELECT id, intent, opened_at, settled_at FROM operations") == [
        ("op-b", "", NOW_TEXT, LATER_TEXT)
    ]


def test_operation_stays_unsettled_if_its_transaction_fails(store: SqliteStore) -> None:
    store.journal.open(FIRST, NOW)

    def fail() -> None:
        with store.transaction():
            store.journal.settle("op-b", LATER)
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        fail()
    assert store.journal.unsettled("perm") == (FIRST,)


def test_operation_id_is_taken_once(store: SqliteStore) -> None:
    store.journal.open(FIRST, NOW)
    with pytest.raises(StoreError):
        store.journal.open(FIRST, NOW)


def test_begun_operation_may_come_to_expect_more(store: SqliteStore) -> None:
    for operation in (FIRST, SECOND):
        store.journal.open(operation, NOW)
    more = replace(FIRST, intent='{"rows": [1, 2]}')
    store.journal.amend(more)
    assert store.journal.unsettled("perm") == (more, SECOND)
    with store.transaction(), pytest.raises(StoreError):
        store.journal.amend(FIRST)


def test_moment_without_a_time_zone_is_refused(store: SqliteStore) -> None:
    with pytest.raises(ValueError, match="time zone"):
        store.journal.start_run("perm", NOW.replace(tzinfo=None))
