"""Laws of version and history, whoever edits a record and with whatever program."""

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import sqlite_utils
from hypothesis import given
from hypothesis import strategies as st

from crm_sync.core.records import Record
from crm_sync.core.values import Scalar
from crm_sync.ports import HistoryEntry
from crm_sync.store import SqliteStore
from tests.unit.store.builders import (
    NOBODY,
    PEOPLE,
    apply,
    archive,
    create,
    folder_in_memory,
    opened,
    query,
    restore,
    sql,
    update,
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    with opened(tmp_path) as opened_store:
        yield opened_store


def versions(history: tuple[HistoryEntry, ...]) -> list[dict[str, Scalar] | None]:
    """The fields of a record after each of its history's entries, None where it was deleted."""
    told: list[dict[str, Scalar] | None] = []
    values: dict[str, Scalar] = dict(NOBODY)
    for entry in history:
        assert {name: values[name] for name in entry.changes} == {
            name: old for name, (old, _) in entry.changes.items()
        }
        values |= {name: new for name, (_, new) in entry.changes.items()}
        told.append(None if entry.op == "delete" else dict(values))
    return told


@dataclass
class Seen:
    """What each step showed: the fields of each record by id and version."""

    values: dict[tuple[str, int], dict[str, Scalar]] = field(default_factory=dict)

    def look(self, store: SqliteStore) -> dict[str, Record]:
        """The records, after checking that their history tells the same."""
        records = store.records.all(PEOPLE)
        for record_id, record in records.items():
            told = versions(store.records.history(record_id))
            assert record.version == len(told)
            assert told[-1] == record.values
            self.values[record_id, record.version] = dict(record.values)
        return records


@dataclass(frozen=True)
class Edit:
    """Statements of somebody's program."""

    statement: str
    parameters: tuple[Any, ...] = ()
    recursive_triggers: bool = False

    def make(self, folder: Path, store: SqliteStore) -> None:
        with sql(folder, recursive_triggers=self.recursive_triggers) as connection:
            try:
                connection.execute(self.statement, self.parameters)
            except sqlite3.IntegrityError as refusal:
                assert "UNIQUE" in str(refusal) or "never changes" in str(refusal)  # noqa: PT017


@dataclass(frozen=True)
class Run:
    """A change by the engine: of the record with this number among those that there are."""

    op: str
    number: int
    name: str | None

    def make(self, folder: Path, store: SqliteStore) -> None:
        records = list(store.records.all(PEOPLE).values())
        if self.op == "create":
            (new,) = store.records.mint(PEOPLE, 1)
            apply(store, create(PEOPLE, new, name=self.name))
        elif records:
            record = records[self.number % len(records)]
            known = (PEOPLE, record.id, record.version)
            match self.op:
                case "update":
                    apply(store, update(*known, name=self.name))
                case "archive":
                    apply(store, archive(*known))
                case "restore":
                    apply(store, restore(*known, name=self.name))


IDS = st.sampled_from(["C-1", "C-2", None, ""])
VALUES = {
    "name": st.sampled_from([None, "a", "b", 5, b"\xff"]),
    "age": st.sampled_from([None, 1, 1.5, "x", 2]),
    "archived_at": st.sampled_from([None, "2026-03-10", "2026-03-11"]),
    "external_id": st.sampled_from([None, "shop:1"]),
    "version": st.sampled_from([0, 1, 2, 7, "x"]),
}
ROWS = st.fixed_dictionaries({}, optional=VALUES)
FLAGS = st.booleans()


def insert(how: str, record_id: str | None, row: dict[str, Any], recursive: bool) -> Edit:
    columns = ["id", *row]
    marks = ", ".join("?" * len(columns))
    statement = f"{how} INTO people ({', '.join(columns)}) VALUES ({marks})"
    return Edit(statement, (record_id, *row.values()), recursive)


def upsert(record_id: str | None, row: dict[str, Any], recursive: bool) -> Edit:
    plain = insert("INSERT", record_id, row, recursive)
    settings_of_row = ", ".join(f"{name} = excluded.{name}" for name in ["id", *row])
    statement = f"{plain.statement} ON CONFLICT (id) DO UPDATE SET {settings_of_row}"
    return Edit(statement, plain.parameters, recursive)


def change(where: str, row: dict[str, Any], recursive: bool) -> Edit:
    pairs = ", ".join(f"{name} = ?" for name in row) or "name = name"
    return Edit(f"UPDATE people SET {pairs} {where}", tuple(row.values()), recursive)


WHERE = st.sampled_from(["", "WHERE id = 'C-1'", "WHERE id = 'C-2'", "WHERE id LIKE 'C-0%'"])
HOW = st.sampled_from(["INSERT", "INSERT OR REPLACE", "INSERT OR IGNORE", "REPLACE"])
CHANGES = st.builds(change, WHERE, ROWS, FLAGS)
EDITS = st.one_of(
    st.builds(insert, HOW, IDS, ROWS, FLAGS),
    st.builds(upsert, IDS, ROWS, FLAGS),
    CHANGES,
    st.builds(lambda where: Edit(f"DELETE FROM people {where}"), WHERE),
    st.builds(lambda name: Edit("UPDATE OR REPLACE people SET id = ?", (name,)), IDS),
    st.builds(
        Run,
        st.sampled_from(["create", "update", "archive", "restore"]),
        st.integers(0, 3),
        st.sampled_from([None, "a", "c"]),
    ),
)


@cache
def empty_store() -> bytes:
    with folder_in_memory() as folder:
        with opened(folder):
            pass
        return (folder / "crm.db").read_bytes()


def after(edits: list[Edit | Run], check: Callable[[SqliteStore, Seen], None]) -> None:
    with folder_in_memory() as folder:
        (folder / "crm.db").write_bytes(empty_store())
        with opened(folder) as store:
            seen = Seen()
            for edit in edits:
                edit.make(folder, store)
                seen.look(store)
            check(store, seen)


def every_version_can_be_rebuilt(store: SqliteStore, seen: Seen) -> None:
    for (record_id, version), values in seen.values.items():
        assert versions(store.records.history(record_id))[version - 1] == values


@given(st.lists(EDITS, max_size=12))
def test_each_earlier_version_of_a_record_can_be_rebuilt_from_history(
    edits: list[Edit | Run],
) -> None:
    after(edits, every_version_can_be_rebuilt)


@given(st.lists(EDITS, max_size=5), CHANGES)
def test_update_that_changes_nothing_leaves_no_trace(edits: list[Edit | Run], edit: Edit) -> None:
    def check(store: SqliteStore, seen: Seen) -> None:
        columns = "id, name, age, archived_at, external_id"
        before = store._connection.rows(f"SELECT {columns} FROM people ORDER BY id")
        sequence = store.records.sequence()
        edit.make(store._connection.path.parent, store)
        seen.look(store)
        same = store._connection.rows(f"SELECT {columns} FROM people ORDER BY id") == before
        assert (store.records.sequence() == sequence) is same

    after(edits, check)


@pytest.mark.parametrize("recursive_triggers", [False, True])
def test_replaced_record_is_told_as_deleted_and_created_anew(
    store: SqliteStore, tmp_path: Path, recursive_triggers: bool
) -> None:
    with sql(tmp_path, recursive_triggers=recursive_triggers) as connection:
        connection.execute("INSERT INTO people (id, name, age) VALUES ('C-1', 'Аня', 30)")
        connection.execute("UPDATE people SET name = 'Анна'")
        connection.execute("INSERT OR REPLACE INTO people (id, name) VALUES ('C-1', 'Ольга')")
    assert [(entry.op, dict(entry.changes)) for entry in store.records.history("C-1")][2:] == [
        ("delete", {"name": ("Анна", None), "age": (30, None)}),
        ("create", {"name": (None, "Ольга")}),
    ]
    assert store.records.all(PEOPLE)["C-1"].version == 4


def test_id_of_a_record_never_changes(store: SqliteStore, tmp_path: Path) -> None:
    query(tmp_path, "INSERT INTO people (id) VALUES ('C-1')")
    for value in ("C-2", "", None):
        with pytest.raises(sqlite3.IntegrityError, match="id of a record never changes"):
            query(tmp_path, "UPDATE people SET id = ?", value)
    with pytest.raises(sqlite3.IntegrityError, match="CHECK"):
        query(tmp_path, "INSERT INTO people (id) VALUES (X'43')")
    assert list(store.records.all(PEOPLE)) == ["C-1"]


def test_creation_told_by_the_inserting_program_is_kept(tmp_path: Path, store: SqliteStore) -> None:
    query(
        tmp_path,
        "INSERT INTO people (id, created_at, created_by, updated_at)"
        " VALUES ('C-1', '2019', 'x', '2020')",
    )
    ((created, by, updated, source),) = query(
        tmp_path, "SELECT created_at, created_by, updated_at, updated_source FROM people"
    )
    assert (created, by, source) == ("2019", "x", "sql")
    assert updated == store.records.history("C-1")[0].at


def test_archiving_and_restoring_by_sql_are_told_as_such(
    store: SqliteStore, tmp_path: Path
) -> None:
    query(tmp_path, "INSERT INTO people (id, name) VALUES ('C-1', 'Анна')")
    query(tmp_path, "UPDATE people SET archived_at = '2026-03-10', name = 'Аня'")
    query(tmp_path, "UPDATE people SET archived_at = NULL")
    assert [(entry.op, dict(entry.changes)) for entry in store.records.history("C-1")][1:] == [
        ("archive", {"name": ("Анна", "Аня")}),
        ("restore", {}),
    ]
    assert query(tmp_path, "SELECT changes FROM history WHERE op = 'restore'") == [
        ('{"archived_at":["2026-03-10",null]}',)
    ]


def test_program_may_sign_its_edits_by_the_context(store: SqliteStore, tmp_path: Path) -> None:
    with sql(tmp_path) as connection:
        connection.execute("BEGIN")
        connection.execute(
            "INSERT INTO context (one, at, source, \"by\") VALUES (1, '2026', 'shop', 'robot')"
        )
        connection.execute("INSERT INTO people (id) VALUES ('C-1')")
        connection.execute("DELETE FROM context")
        connection.execute("COMMIT")
    (entry,) = store.records.history("C-1")
    assert (entry.at, entry.source, entry.by) == ("2026", "shop", "robot")


def test_context_that_somebody_left_behind_does_not_stop_a_run(
    store: SqliteStore, tmp_path: Path
) -> None:
    query(tmp_path, "INSERT INTO context (one, at, source, \"by\") VALUES (1, '2026', 'shop', '')")
    apply(store, create(PEOPLE, "C-1"))
    assert store.records.history("C-1")[0].source == "sheet:main"
    assert query(tmp_path, "SELECT * FROM context") == []


def test_delete_of_all_rows_is_told_record_by_record(store: SqliteStore, tmp_path: Path) -> None:
    query(tmp_path, "INSERT INTO people (id, name) VALUES ('C-1', 'Анна'), ('C-2', 'Пётр')")
    query(tmp_path, "DELETE FROM people")
    assert [store.records.history(key)[-1].op for key in ("C-1", "C-2")] == ["delete", "delete"]


def test_sequence_never_falls_back_when_history_is_erased(
    store: SqliteStore, tmp_path: Path
) -> None:
    query(tmp_path, "INSERT INTO people (id, name) VALUES ('C-1', 'Анна')")
    query(tmp_path, "UPDATE people SET name = 'Аня'")
    before = store.records.sequence()
    query(tmp_path, "DELETE FROM history")
    assert store.records.sequence() == before
    query(tmp_path, "UPDATE people SET name = 'Ольга'")
    assert store.records.sequence() > before
    assert store.records.all(PEOPLE)["C-1"].version == 3


def test_sqlite_command_line_keeps_version_and_history(store: SqliteStore, tmp_path: Path) -> None:
    program = shutil.which("sqlite3")
    if program is None:
        pytest.skip("the command line of SQLite is not installed")
    script = """
        INSERT INTO people (id, name) VALUES ('C-1', 'Анна');
        UPDATE people SET phone = '+79123456789' WHERE id = 'C-1';
        REPLACE INTO people (id, name) VALUES ('C-1', 'Ольга');
        DELETE FROM people WHERE id = 'C-1';
    """
    command = [program, "-bail", str(tmp_path / "crm.db"), script]
    subprocess.run(command, check=True, capture_output=True, text=True)
    assert [entry.op for entry in store.records.history("C-1")] == [
        "create", "update", "delete", "create", "delete",
    ]  # fmt: skip


def test_sqlite_utils_keeps_version_and_history(store: SqliteStore, tmp_path: Path) -> None:
    database = sqlite_utils.Database(tmp_path / "crm.db")
    people = database["people"]
    assert isinstance(people, sqlite_utils.db.Table)
    people.insert({"id": "C-1", "name": "Анна", "age": 30})
    people.upsert({"id": "C-1", "age": 31}, pk="id")
    people.insert({"id": "C-1", "name": "Никто"}, pk="id", ignore=True)
    people.insert({"id": "C-1", "name": "Ольга"}, pk="id", replace=True)
    people.update("C-1", {"phone": "+7"})
    people.delete("C-1")
    database.close()
    assert [(entry.op, dict(entry.changes)) for entry in store.records.history("C-1")] == [
        ("create", {"name": (None, "Анна"), "age": (None, 30)}),
        ("update", {"age": (30, 31)}),
        ("delete", {"name": ("Анна", None), "age": (31, None)}),
        ("create", {"name": (None, "Ольга")}),
        ("update", {"phone": (None, "+7")}),
        ("delete", {"name": ("Ольга", None), "phone": ("+7", None)}),
    ]


def test_rows_imported_by_the_command_of_sqlite_utils_become_records(
    store: SqliteStore, tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "sqlite_utils", "insert", str(tmp_path / "crm.db"), "people"]
    subprocess.run(
        [*command, "-", "--csv"], input="name,age\nАнна,30\nПётр,\n", check=True, text=True
    )
    assert [(key, record.values["name"]) for key, record in store.records.all(PEOPLE).items()] == [
        ("C-000013", "Анна"), ("C-000021", "Пётр"),
    ]  # fmt: skip


def test_view_of_changes_shows_one_line_a_field(store: SqliteStore, tmp_path: Path) -> None:
    apply(store, create(PEOPLE, "C-1", name="Анна", age=30), run=4)
    query(tmp_path, "UPDATE people SET age = NULL")
    shown = query(
        tmp_path,
        "SELECT record_id, version, op, field, old_value, new_value, source, changed_by, run"
        " FROM changes ORDER BY seq, field",
    )
    assert shown == [
        ("C-1", 1, "create", "age", None, 30, "sheet:main", "anna", 4),
        ("C-1", 1, "create", "name", None, "Анна", "sheet:main", "anna", 4),
        ("C-1", 2, "update", "age", 30, None, "sql", "", None),
    ]
