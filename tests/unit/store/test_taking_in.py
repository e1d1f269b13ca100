"""Edits made while a table had no triggers are written into history at the next opening."""

from pathlib import Path

import pytest
import sqlite_utils
from hypothesis import given
from hypothesis import strategies as st

from crm_sync.core.records import Record
from crm_sync.core.values import Scalar
from crm_sync.store import SqliteStore
from crm_sync.store.triggers import quoted
from tests.unit.store.builders import (
    NOBODY,
    PEOPLE,
    apply,
    archive,
    create,
    folder_in_memory,
    opened,
    query,
    sql,
    update,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a store of two people, one of them archived."""
    with opened(tmp_path) as store:
        apply(store, create(PEOPLE, "C-1", name="Анна", age=30), create(PEOPLE, "C-2", name="Пётр"))
        apply(store, update(PEOPLE, "C-1", 1, age=31), archive(PEOPLE, "C-2", 1))
    return tmp_path


def without_triggers(folder: Path, *statements: str) -> None:
    with sql(folder) as connection:
        for (name,) in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'people'"
        ).fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            connection.execute(statement)


def seen(folder: Path) -> dict[str, list[tuple[str, dict[str, object]]]]:
    """What history says of each record after an opening, beyond what it said before."""
    with opened(folder) as store:
        records = store.records.all(PEOPLE)
        told = {}
        for record_id, before in (("C-1", 2), ("C-2", 2), ("C-3", 0)):
            history = store.records.history(record_id)
            if record_id in records:
                assert records[record_id].version == len(history)
            told[record_id] = [(entry.op, dict(entry.changes)) for entry in history[before:]]
            assert {entry.source for entry in history[before:]} <= {"sql"}
        return {key: entries for key, entries in told.items() if entries}


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("UPDATE people SET name = 'Аня' WHERE id = 'C-1'",
         {"C-1": [("update", {"name": ("Анна", "Аня")})]}),
        ("UPDATE people SET age = NULL, phone = 7 WHERE id = 'C-1'",
         {"C-1": [("update", {"phone": (None, "7"), "age": (31, None)})]}),
        ("UPDATE people SET archived_at = '2026' WHERE id = 'C-1'", {"C-1": [("archive", {})]}),
        ("UPDATE people SET archived_at = NULL WHERE id = 'C-2'", {"C-2": [("restore", {})]}),
        ("UPDATE people SET archived_at = '2026' WHERE id = 'C-2'", {"C-2": [("update", {})]}),
        ("INSERT INTO people (id, name) VALUES ('C-3', 'Ольга')",
         {"C-3": [("create", {"name": (None, "Ольга")})]}),
        ("DELETE FROM people WHERE id = 'C-1'",
         {"C-1": [("delete", {"name": ("Анна", None), "age": (31, None)})]}),
        ("UPDATE people SET version = 1", {}),
        ("UPDATE people SET name = name", {}),
    ],
)  # fmt: skip
def test_edit_without_triggers_is_told_afterwards(
    folder: Path, statement: str, expected: dict[str, object]
) -> None:
    without_triggers(folder, statement)
    assert seen(folder) == expected
    assert seen(folder) == expected


def test_record_deleted_and_put_back_without_triggers_goes_on_counting(folder: Path) -> None:
    query(folder, "DELETE FROM people WHERE id = 'C-1'")
    without_triggers(folder, "INSERT INTO people (id, name) VALUES ('C-1', 'Аня')")
    with opened(folder) as store:
        assert [entry.op for entry in store.records.history("C-1")][2:] == ["delete", "create"]
        record = store.records.all(PEOPLE)["C-1"]
        assert record == Record("C-1", NOBODY | {"name": "Аня"}, 4, False, record.updated_at)


def test_table_rebuilt_by_sqlite_utils_loses_no_edit(folder: Path) -> None:
    database = sqlite_utils.Database(folder / "crm.db")
    people = database["people"]
    assert isinstance(people, sqlite_utils.db.Table)
    people.transform(rename={"phone": "telephone"})
    people.update("C-1", {"telephone": "+7"})
    database.close()
    assert seen(folder) == {"C-1": [("update", {"telephone": (None, "+7")})]}
    query(folder, "UPDATE people SET name = 'Аня', phone = '+8' WHERE id = 'C-1'")
    assert seen(folder)["C-1"][1:] == [("update", {"name": ("Анна", "Аня"), "phone": (None, "+8")})]


def test_edit_of_a_column_that_somebody_added_is_told_afterwards(folder: Path) -> None:
    column = quoted(name := 'день "рождения"')
    query(folder, f"ALTER TABLE people ADD COLUMN {column} TEXT")
    query(folder, f"UPDATE people SET {column} = '1990' WHERE id = 'C-1'")
    assert seen(folder) == {"C-1": [("update", {name: (None, "1990")})]}
    query(folder, f"UPDATE people SET {column} = '1991' WHERE id = 'C-1'")
    assert seen(folder)["C-1"][1:] == [("update", {name: ("1990", "1991")})]


def test_opening_with_all_triggers_in_place_tells_nothing(folder: Path) -> None:
    assert seen(folder) == {}


def test_record_whose_history_was_erased_keeps_its_version(folder: Path) -> None:
    query(folder, "DELETE FROM history WHERE record_id = 'C-1'")
    without_triggers(folder)
    with opened(folder) as store:
        assert store.records.all(PEOPLE)["C-1"].version == 2
        assert [entry.op for entry in store.records.history("C-1")] == ["create"]


SETTINGS = st.sampled_from(
    """name = 'a'; name = NULL; name = X'FF'; age = 1; age = 1.5; version = 9
    archived_at = '1'; archived_at = NULL; external_id = 'x'""".replace("\n", ";").split(";")
)
STATEMENTS = st.one_of(
    st.builds("UPDATE people SET {} WHERE id <> '{}'".format, SETTINGS, st.sampled_from("123")),
    st.builds("DELETE FROM people WHERE id = '{}'".format, st.sampled_from("123")),
    st.builds("REPLACE INTO people (id, name) VALUES ('{}', 'b')".format, st.sampled_from("123")),
)


@given(st.lists(STATEMENTS, max_size=4), st.lists(STATEMENTS, max_size=4))
def test_history_tells_the_truth_after_any_edits_without_triggers(
    watched: list[str], unwatched: list[str]
) -> None:
    with folder_in_memory() as folder:
        with opened(folder), sql(folder) as connection:
            for statement in watched:
                connection.execute(statement)
        without_triggers(folder, *unwatched)
        with opened(folder) as store:
            told = {key: told_by_history(store, key) for key in "123"}
            assert {key: values for key, values in told.items() if values is not None} == {
                key: record.values for key, record in store.records.all(PEOPLE).items()
            }


def told_by_history(store: SqliteStore, record_id: str) -> dict[str, Scalar] | None:
    """The fields of a record as its history leaves them, None if it is deleted or never was."""
    history = store.records.history(record_id)
    values: dict[str, Scalar] = dict(NOBODY)
    for entry in history:
        values |= {name: new for name, (_, new) in entry.changes.items()}
    return None if not history or history[-1].op == "delete" else values
