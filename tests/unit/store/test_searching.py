"""What people remember of a record finds it, whoever wrote it and however."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from crm_sync.model import TABLES, table
from crm_sync.store import SqliteStore, open_store
from tests.unit.store.builders import NOW, apply, create, query, sql, update

CLIENTS = table("clients")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    with closing(open_store(tmp_path / "crm.db", TABLES)) as store:
        with store.transaction():
            store.records.apply(
                [
                    create(CLIENTS, "C-1", full_name="Семёнов Пётр", phone="+79123456789"),
                    create(CLIENTS, "C-2", full_name="ООО «Ромашка»", email="anna@romashka.ru"),
                    create(CLIENTS, "C-3", full_name="Орлов", note="просил Ромашку не звать"),
                    create(CLIENTS, "C-4", full_name="Йод", tax_id="7707083893"),
                ],
                source="cli",
                by="",
                at=NOW,
            )
        yield store


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("семенов", ["C-1"]),
        ("ПЁТР сем", ["C-1"]),
        ("ромашк", ["C-2", "C-3"]),
        ("anna@romashka", ["C-2"]),
        ("romashka.ru", ["C-2"]),
        ("звать орлов", ["C-3"]),
        ("иод", []),
        ("йод", ["C-4"]),
        ("орлова", []),
        ('"', []),
        ("' OR 1 --", []),
        ("NEAR(", []),
        ("", []),
    ],
)
def test_words_find_what_they_begin(store: SqliteStore, typed: str, found: list[str]) -> None:
    assert list(store.search.words(CLIENTS, typed, 10, archived=False)) == found


def test_digits_find_phones_and_numbers_in_any_place(store: SqliteStore) -> None:
    assert store.search.digits(CLIENTS, "456789", 10, archived=False) == ("C-1",)
    assert store.search.digits(CLIENTS, "0838", 10, archived=False) == ("C-4",)


def test_index_follows_every_program(store: SqliteStore, tmp_path: Path) -> None:
    with store.transaction():
        change = update(CLIENTS, "C-1", 1, full_name="Волков")
        store.records.apply([change], source="cli", by="", at=NOW)
    with sql(tmp_path) as other:
        other.execute("INSERT INTO clients (full_name) VALUES ('Соколова')")
        other.execute("UPDATE clients SET full_name = 'Гусев' WHERE id = 'C-2'")
        other.execute("DELETE FROM clients WHERE id = 'C-3'")
        other.execute("INSERT OR REPLACE INTO clients (id, full_name) VALUES ('C-4', x'D0AFD0B4')")
    store.records.all(CLIENTS)

    def found(typed: str) -> tuple[str, ...]:
        return store.search.words(CLIENTS, typed, 10, archived=False)

    assert found("семенов") == found("ромашк") == found("орлов") == found("йод") == ()
    assert [len(found(name)) for name in ("волков", "соколова", "гусев", "яд")] == [1, 1, 1, 1]
    query(tmp_path, "INSERT INTO search (search) VALUES ('integrity-check')")


def test_hundreds_of_edits_at_once_leave_each_record_its_place_in_the_index(
    store: SqliteStore, tmp_path: Path
) -> None:
    apply(store, *(create(CLIENTS, f"C-{n}", full_name=f"Клиент {n}") for n in range(1000, 1700)))
    places = "SELECT record_id, number FROM search_texts ORDER BY record_id"
    before = query(tmp_path, places)
    edits = [update(CLIENTS, f"C-{n}", 1, note=f"заметка {n}") for n in range(1699, 999, -1)]
    apply(store, *edits, update(CLIENTS, "C-1", 1, full_name="Волков", city="Омск"))
    assert query(tmp_path, places) == before
    query(tmp_path, "INSERT INTO search (search) VALUES ('integrity-check')")

    def found(typed: str) -> tuple[str, ...]:
        return store.search.words(CLIENTS, typed, 10, archived=False)

    assert found("заметка 1234") == ("C-1234",)
    assert found("волков омск") == ("C-1",)
    assert found("семенов") == ()


def test_archived_ones_are_found_only_if_asked_for(store: SqliteStore, tmp_path: Path) -> None:
    query(tmp_path, "UPDATE clients SET archived_at = 'now' WHERE id IN ('C-1', 'C-4')")
    for archived, count in ((False, 0), (True, 1)):
        assert len(store.search.words(CLIENTS, "семенов", 10, archived=archived)) == count
        assert len(store.search.digits(CLIENTS, "0838", 10, archived=archived)) == count


def test_vacuum_leaves_every_record_findable(store: SqliteStore, tmp_path: Path) -> None:
    query(tmp_path, "DELETE FROM clients WHERE id = 'C-1'")
    query(tmp_path, "VACUUM")
    assert store.search.words(CLIENTS, "орлов", 10, archived=False) == ("C-3",)


def test_store_made_before_is_indexed_at_its_next_opening(
    store: SqliteStore, tmp_path: Path
) -> None:
    with sql(tmp_path) as other:
        for name in ("inserted", "updated", "deleted"):
            other.execute(f"DROP TRIGGER clients_words_{name}")
        other.execute("UPDATE clients SET full_name = 'Фёдоров' WHERE id = 'C-3'")
    with closing(open_store(tmp_path / "crm.db", TABLES)) as opened:
        assert opened.search.words(CLIENTS, "федоров", 10, archived=False) == ("C-3",)


def test_nothing_is_left_of_words_that_are_to_be_forgotten(
    store: SqliteStore, tmp_path: Path
) -> None:
    query(tmp_path, "DELETE FROM clients WHERE id = 'C-1'")
    store.search.forget()
    blocks = query(tmp_path, "SELECT block FROM search_data")
    assert not any("семенов".encode() in block for (block,) in blocks)
