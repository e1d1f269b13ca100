"""The chain of hashes: what was written down cannot be changed without breaking it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from crm_sync.core.chain import ALTERED, BROKEN, INSERTED, MISSING
from crm_sync.store import SqliteStore
from tests.unit.store.builders import PEOPLE, apply, create, opened, query, sql, update


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    with opened(tmp_path) as store:
        apply(store, create(PEOPLE, "C-000013", name="Anna"), create(PEOPLE, "C-000021", name="Jo"))
        apply(store, update(PEOPLE, "C-000013", 1, phone="+79120000000"))
        yield store


def test_all_that_was_written_is_sealed_and_agrees(store: SqliteStore) -> None:
    found = store.chain.check()
    assert (found.entries, found.erased, found.unsealed, found.fault) == (3, 0, 0, None)
    assert list(store.faults()) == []


def test_head_moves_with_each_entry_and_only_then(store: SqliteStore, tmp_path: Path) -> None:
    head = store.chain.check().head
    with store.transaction():
        pass
    assert store.chain.check().head == head
    query(tmp_path, "UPDATE people SET age = 30 WHERE id = 'C-000013'")
    found = store.chain.check()
    assert (found.head, found.unsealed) == (head, 1)
    with store.transaction():
        pass
    found = store.chain.check()
    assert found.head != head
    assert (found.entries, found.unsealed) == (4, 0)
    assert len(store.chain.links(head)) == len(store.chain.links(head[:8].upper())) == 1
    assert store.chain.links("00" * 32) == ()


TAMPERED = {
    "UPDATE history SET changes = replace(changes, 'Anna', 'Inna') WHERE seq = 1": (ALTERED, 1),
    "UPDATE history SET \"by\" = 'mallory' WHERE seq = 2": (ALTERED, 2),
    "UPDATE history SET at = '2020-01-01T00:00:00.000Z' WHERE seq = 3": (ALTERED, 3),
    "DELETE FROM history WHERE seq = 2": (MISSING, 2),
    "UPDATE history SET seq = 9 WHERE seq = 3": (MISSING, 3),
    "DELETE FROM seals WHERE key = 2": (BROKEN, 1),
    "UPDATE seals SET salt = NULL WHERE key = 2": (MISSING, 2),
    "DELETE FROM chain WHERE number = 1": (BROKEN, 2),
    "UPDATE chain SET hash = zeroblob(32) WHERE number = 1": (BROKEN, 1),
}


@pytest.mark.parametrize("statement", TAMPERED)
def test_first_place_where_it_breaks_is_named(
    store: SqliteStore, tmp_path: Path, statement: str
) -> None:
    with sql(tmp_path) as connection:
        connection.execute(statement)
    fault = store.chain.check().fault
    assert fault is not None
    assert (fault[0], fault[1]["number"]) == TAMPERED[statement]


def test_entry_put_in_later_is_found(store: SqliteStore, tmp_path: Path) -> None:
    query(
        tmp_path,
        "INSERT INTO history SELECT 0, table_name, 'C-000039', 1, op, changes, at, source, \"by\","
        " run FROM history WHERE seq = 2",
    )
    fault = store.chain.check().fault
    assert fault is not None
    assert (fault[0], fault[1]["number"]) == (INSERTED, 0)


def test_digest_made_anew_for_a_changed_entry_breaks_its_link(
    store: SqliteStore, tmp_path: Path
) -> None:
    query(tmp_path, "UPDATE history SET source = 'cli' WHERE seq = 1")
    ((salt, *columns),) = query(
        tmp_path,
        'SELECT s.salt, seq, table_name, record_id, version, op, changes, at, source, "by", run'
        " FROM history JOIN seals AS s ON s.key = seq WHERE seq = 1",
    )
    digest = hashlib.sha256(salt)
    for value in columns:
        raw = b"" if value is None else str(value).encode()
        digest.update(b"-," if value is None else b"%d:%b," % (len(raw), raw))
    query(tmp_path, "UPDATE seals SET digest = ? WHERE key = 1", digest.digest())
    fault = store.chain.check().fault
    assert fault is not None
    assert (fault[0], fault[1]["number"]) == (BROKEN, 1)


def test_record_that_its_history_does_not_explain_is_found(
    store: SqliteStore, tmp_path: Path
) -> None:
    with sql(tmp_path) as connection:
        (trigger,) = connection.execute(
            "SELECT sql FROM sqlite_master WHERE name = 'people_updated'"
        ).fetchone()
        connection.execute("DROP TRIGGER people_updated")
        connection.execute("UPDATE people SET phone = '+79129999999' WHERE id = 'C-000013'")
        connection.execute(trigger)
    assert store.chain.check().fault is None
    ((_, facts),) = store.faults()
    assert (facts["record"], facts["fields"]) == ("C-000013", "phone")


def test_reference_to_nobody_and_impossible_base_are_found(
    store: SqliteStore, tmp_path: Path
) -> None:
    query(tmp_path, "UPDATE people SET friend = 'C-999999' WHERE id = 'C-000013'")
    query(
        tmp_path,
        "INSERT INTO bases VALUES ('main', 'people', 'C-000013', '{}', '{}', 9, 0),"
        " ('main', 'people', 'C-000021', '{', '{}', 1, 0)",
    )
    assert [facts["record"] for _, facts in store.faults()] == ["C-000013", "C-000021", "C-000013"]


def test_history_of_an_older_store_is_sealed_by_its_next_transaction(
    store: SqliteStore, tmp_path: Path
) -> None:
    query(tmp_path, "DELETE FROM seals")
    query(tmp_path, "DELETE FROM chain")
    assert store.chain.check().unsealed == 3
    with store.transaction():
        pass
    found = store.chain.check()
    assert (found.entries, found.unsealed, found.fault) == (3, 0, None)
