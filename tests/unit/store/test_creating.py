"""New records that crm-sync inserts by the thousand are what the triggers would make of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from crm_sync.core.plan import Op, StoreChange
from crm_sync.errors import StoreError
from crm_sync.store import SqliteStore, creating
from tests.unit.store.builders import (
    NOTES,
    NOW,
    NOW_TEXT,
    PEOPLE,
    apply,
    create,
    opened,
    query,
    sql,
)

VALUES = {"name": 'Анна "Ann" O\'Hara\n2', "phone": "+79123456789", "age": 41, "friend": None}


@pytest.fixture(autouse=True)
def many(monkeypatch: pytest.MonkeyPatch) -> None:
    """One record is many."""
    monkeypatch.setattr(creating, "MANY", 1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    with opened(tmp_path) as opened_store:
        yield opened_store


def typed_by_sql(folder: Path, record_id: str) -> None:
    """The same record as another program makes it that signs its edits."""
    with sql(folder) as connection:
        connection.execute("BEGIN")
        connection.execute(
            'INSERT INTO context (one, at, source, "by") VALUES (1, ?, ?, ?)',
            (NOW_TEXT, "sheet:x", "robot"),
        )
        names = ", ".join(VALUES)
        connection.execute(
            f"INSERT INTO people (id, {names}) VALUES (?, ?, ?, ?, ?)",
            (record_id, *VALUES.values()),
        )
        connection.execute("DELETE FROM context")
        connection.execute("COMMIT")


def made(folder: Path, record_id: str) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    """The record and its history, without its id and the numbers of entries."""
    rows = query(folder, "SELECT * FROM people WHERE id = ?", record_id)
    entries = query(
        folder,
        'SELECT table_name, version, op, changes, at, source, "by", run FROM history'
        " WHERE record_id = ?",
        record_id,
    )
    return [row[1:] for row in rows], entries


def test_new_record_is_to_the_byte_what_the_triggers_make(
    store: SqliteStore, tmp_path: Path
) -> None:
    change = StoreChange(Op.CREATE, "people", "C-000001", VALUES)
    store.records.apply([change], source="sheet:x", by="robot", at=NOW)
    typed_by_sql(tmp_path, "C-000002")
    assert made(tmp_path, "C-000001") == made(tmp_path, "C-000002")


def test_edit_after_it_counts_on(store: SqliteStore, tmp_path: Path) -> None:
    apply(store, create(PEOPLE, "C-000001", name="Anna"))
    query(tmp_path, "UPDATE people SET age = 3 WHERE id = 'C-000001'")
    history = store.records.history("C-000001")
    assert [entry.op for entry in history] == ["create", "update"]
    assert query(tmp_path, "SELECT version FROM people") == [(2,)]
    assert query(tmp_path, "SELECT * FROM context") == []


def test_id_that_was_deleted_before_goes_on_with_its_history(
    store: SqliteStore, tmp_path: Path
) -> None:
    apply(store, create(PEOPLE, "C-000001", name="Anna"))
    query(tmp_path, "DELETE FROM people WHERE id = 'C-000001'")
    apply(store, create(PEOPLE, "C-000001", name="Berta"), create(PEOPLE, "C-000002", name="Clara"))
    versions = query(tmp_path, "SELECT id, version FROM people ORDER BY id")
    assert versions == [("C-000001", 3), ("C-000002", 1)]


def test_trigger_is_there_again_even_if_a_record_is_refused(
    store: SqliteStore, tmp_path: Path
) -> None:
    apply(store, create(PEOPLE, "C-000001", name="Anna"))
    triggers = query(tmp_path, "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
    refused = [create(PEOPLE, "C-000002"), create(PEOPLE, "C-000003", friend="C-999999")]
    with pytest.raises(StoreError):
        apply(store, *refused)
    assert sorted(
        query(tmp_path, "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
    ) == sorted(triggers)
    assert query(tmp_path, "SELECT id FROM people") == [("C-000001",)]


def test_column_that_fills_itself_gets_its_history_too(tmp_path: Path) -> None:
    with opened(tmp_path):
        pass
    query(tmp_path, "ALTER TABLE people ADD COLUMN mood TEXT DEFAULT 'fine'")
    with opened(tmp_path) as store:
        apply(store, create(PEOPLE, "C-000001", name="Anna"))
        assert store.records.history("C-000001")[0].changes["mood"] == (None, "fine")


def test_value_that_its_column_turns_into_another_is_told_as_it_stands(
    store: SqliteStore, tmp_path: Path
) -> None:
    change = StoreChange(Op.CREATE, "people", "C-000001", {"name": "Anna", "age": "41"})
    store.records.apply([change], source="sheet:x", by="", at=NOW)
    assert store.records.history("C-000001")[0].changes["age"] == (None, 41)


def test_somebody_elses_trigger_finds_what_it_finds_after_any_insert(tmp_path: Path) -> None:
    with opened(tmp_path):
        pass
    query(
        tmp_path,
        "CREATE TRIGGER shout AFTER INSERT ON people BEGIN"
        " UPDATE people SET age = NEW.age + 1 WHERE id = NEW.id; END",
    )
    with opened(tmp_path) as store:
        change = StoreChange(Op.CREATE, "people", "C-000001", VALUES)
        store.records.apply([change], source="sheet:x", by="robot", at=NOW)
    typed_by_sql(tmp_path, "C-000002")
    assert query(tmp_path, "SELECT age FROM people") == [(42,), (42,)]
    assert made(tmp_path, "C-000001") == made(tmp_path, "C-000002")


def test_words_of_many_new_records_are_found_as_those_of_one(tmp_path: Path) -> None:
    people = replace(PEOPLE, searched=True)
    with opened(tmp_path, (people, NOTES)) as store:
        apply(store, *(create(PEOPLE, f"C-00000{n}", name=f"Anna {n}") for n in range(1, 4)))
        query(tmp_path, "UPDATE people SET name = 'Berta' WHERE id = 'C-000002'")
        found = store.search.words(people, "ann", 10, archived=False)
        assert sorted(found) == ["C-000001", "C-000003"]
        assert store.search.words(people, "bert", 10, archived=False) == ("C-000002",)
