"""Opening a store: what is made, what is refused, and in which words."""

import os
import sqlite3
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from crm_sync.core.schema import Field, Kind, Table
from crm_sync.errors import StoreError, StoreNewer
from crm_sync.store import open_store
from crm_sync.store.connection import journal_mode
from crm_sync.store.copying import copy_to
from tests.unit.store.builders import (
    NOTES,
    NOW,
    PEOPLE,
    TABLES,
    apply,
    create,
    opened,
    query,
    update,
)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_new_store_and_its_folders_are_for_their_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "crm.db"
    with closing(open_store(path, TABLES)) as store, store.transaction():
        store.records.apply([create(PEOPLE, "C-1")], source="", by="", at=NOW)
        modes = {item.name: mode(item) for item in path.parent.iterdir()}
    assert modes.pop("crm.db") == 0o600
    assert modes, "the journal of the open transaction lies beside the store"
    assert set(modes.values()) == {0o600}
    assert (mode(tmp_path / "a"), mode(tmp_path / "a" / "b")) == (0o700, 0o700)


def test_store_that_others_may_read_keeps_its_mode(tmp_path: Path) -> None:
    with opened(tmp_path):
        (tmp_path / "crm.db").chmod(0o640)
    with opened(tmp_path):
        assert mode(tmp_path / "crm.db") == 0o640


def test_opening_what_is_up_to_date_writes_nothing(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        apply(store, create(PEOPLE, "C-1"))
    before = (tmp_path / "crm.db").read_bytes()
    with opened(tmp_path):
        pass
    assert (tmp_path / "crm.db").read_bytes() == before


def test_connection_is_set_up_for_power_cuts_references_and_erasing(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        pragma = {
            name: store._connection.value(f"PRAGMA {name}")
            for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
        }
    assert pragma == {
        "journal_mode": journal_mode(sqlite3.sqlite_version_info[:3]),
        "synchronous": 3,
        "foreign_keys": 1,
        "secure_delete": 1,
    }


@pytest.mark.parametrize(
    ("version", "expected"),
    [((3, 40, 1), "delete"), ((3, 51, 2), "delete"), ((3, 51, 3), "wal"), ((4, 0, 0), "wal")],
)
def test_write_ahead_log_is_used_only_where_its_reset_is_safe(
    version: tuple[int, int, int], expected: str
) -> None:
    assert journal_mode(version) == expected


@pytest.mark.skipif(
    journal_mode(sqlite3.sqlite_version_info[:3]) == "wal", reason="this SQLite may use the log"
)
def test_store_left_in_wal_mode_by_a_newer_sqlite_is_taken_out_of_it_or_refused(
    tmp_path: Path,
) -> None:
    with opened(tmp_path) as store:
        apply(store, create(PEOPLE, "C-1"))
    other = sqlite3.connect(tmp_path / "crm.db", isolation_level=None)
    with closing(other):
        other.execute("PRAGMA journal_mode = wal")
        other.execute("UPDATE people SET name = 'Анна'")
        with pytest.raises(StoreError, match="Another program is using"):
            open_store(tmp_path / "crm.db", TABLES, busy_seconds=0.05)
    with opened(tmp_path) as store:
        assert store.records.all(PEOPLE)["C-1"].values["name"] == "Анна"
    assert query(tmp_path, "PRAGMA journal_mode") == [("delete",)]


def test_field_that_is_new_in_the_model_becomes_a_column_with_history(tmp_path: Path) -> None:
    with opened(tmp_path, (PEOPLE,)) as store:
        apply(store, create(PEOPLE, "C-1", name="Анна"))
    grown = Table(
        "people",
        "C",
        6,
        "name",
        (*PEOPLE.fields, Field("city"), Field("chief", Kind.REFERENCE, refers_to="people")),
    )
    with opened(tmp_path, (grown,)) as store:
        apply(store, update(grown, "C-1", 1, city="Пермь", chief="C-1"))
        assert store.records.all(grown)["C-1"].values["city"] == "Пермь"
        query(tmp_path, "UPDATE people SET city = 'Омск'")
        assert [entry.changes for entry in store.records.history("C-1")][1:] == [
            {"city": (None, "Пермь"), "chief": (None, "C-1")},
            {"city": ("Пермь", "Омск")},
        ]
        with pytest.raises(StoreError, match="would refer"):
            apply(store, update(grown, "C-1", 3, chief="C-2"))


def test_field_that_left_the_model_keeps_its_column_and_its_history(tmp_path: Path) -> None:
    with opened(tmp_path, (PEOPLE,)) as store:
        apply(store, create(PEOPLE, "C-1", name="Анна", phone="+7"))
    shrunk = Table("people", "C", 6, "name", PEOPLE.fields[:1])
    with opened(tmp_path, (shrunk,)) as store:
        assert store.records.all(shrunk)["C-1"].values == {"name": "Анна"}
        apply(store, update(shrunk, "C-1", 1, name="Аня"))
        query(tmp_path, "UPDATE people SET phone = '+8'")
        assert store.records.history("C-1")[-1].changes == {"phone": ("+7", "+8")}
    assert query(tmp_path, "SELECT name, phone FROM people") == [("Аня", "+8")]


def test_table_that_is_new_in_the_model_is_made(tmp_path: Path) -> None:
    with opened(tmp_path, (PEOPLE,)):
        pass
    with opened(tmp_path, (PEOPLE, NOTES)) as store:
        apply(store, create(NOTES, "K-1", text="звонок"))
        assert list(store.records.all(NOTES)) == ["K-1"]


def test_references_are_indexed(tmp_path: Path) -> None:
    with opened(tmp_path):
        plan = query(tmp_path, "EXPLAIN QUERY PLAN SELECT * FROM notes WHERE person = 'C-1'")
    assert "notes_person" in plan[0][-1]


@pytest.mark.parametrize("name", ["version", "Updated_At", "id"])
def test_model_may_not_name_a_field_like_a_column_of_the_store(tmp_path: Path, name: str) -> None:
    table = Table("people", "C", 6, "name", (Field(name),))
    with pytest.raises(ValueError, match=f"people.{name}"):
        open_store(tmp_path / "crm.db", (table,))


def test_file_that_is_no_database_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "crm.db"
    path.write_bytes(b"name;phone\n" * 100)
    with pytest.raises(StoreError, match="is not a SQLite database"):
        open_store(path, TABLES)
    assert path.read_bytes() == b"name;phone\n" * 100


@pytest.mark.parametrize("journal", ["delete", "wal"])
def test_database_of_another_program_is_left_as_it_is(tmp_path: Path, journal: str) -> None:
    path = tmp_path / "crm.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA journal_mode = {journal}")
        connection.execute("CREATE TABLE orders (id)")
    before = path.read_bytes()
    with pytest.raises(StoreError, match="database of another program"):
        open_store(path, TABLES)
    assert path.read_bytes() == before


def test_empty_file_becomes_a_store(tmp_path: Path) -> None:
    (tmp_path / "crm.db").touch()
    with opened(tmp_path) as store:
        assert store.records.all(PEOPLE) == {}


@pytest.mark.parametrize("journal", ["delete", "wal"])
def test_store_of_a_newer_version_is_left_as_it_is(tmp_path: Path, journal: str) -> None:
    with opened(tmp_path):
        pass
    query(tmp_path, f"PRAGMA journal_mode = {journal}")
    query(tmp_path, "PRAGMA user_version = 99")
    before = (tmp_path / "crm.db").read_bytes()
    with pytest.raises(StoreNewer, match="form 99") as caught:
        open_store(tmp_path / "crm.db", TABLES)
    assert "upgrade" in caught.value.hint
    assert (tmp_path / "crm.db").read_bytes() == before


def test_folder_in_place_of_the_store_is_named_as_such(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="is a folder"):
        open_store(tmp_path, TABLES)


def test_file_in_place_of_the_folder_is_told_with_a_hint(tmp_path: Path) -> None:
    (tmp_path / "data").touch()
    with pytest.raises(StoreError, match="cannot be used") as caught:
        open_store(tmp_path / "data" / "crm.db", TABLES)
    assert "folder exists" in caught.value.hint


def damage(folder: Path, table: str) -> None:
    """Spoils the first page of a table."""
    (root,) = query(folder, f"SELECT rootpage - 1 FROM sqlite_master WHERE name = '{table}'")[0]
    (page,) = query(folder, "PRAGMA page_size")[0]
    with (folder / "crm.db").open("r+b") as file:
        file.seek(root * page)
        file.write(b"\x99" * page)


def test_damaged_store_is_told_when_the_damage_is_met(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        apply(store, *(create(PEOPLE, f"C-{n}", name="Анна" * 50) for n in range(200)))
    damage(tmp_path, "people")
    with opened(tmp_path) as store, pytest.raises(StoreError, match="is damaged") as caught:
        store.records.all(PEOPLE)
    assert "backup" in caught.value.hint


def test_damage_that_is_met_while_the_chain_is_sealed_is_told_as_such(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        apply(store, *(create(PEOPLE, f"C-{n}", name="Анна" * 50) for n in range(200)))
    damage(tmp_path, "history")
    with (
        opened(tmp_path) as store,
        pytest.raises(StoreError, match="is damaged"),
        store.transaction(),
    ):
        pass


def test_full_disk_leaves_the_store_as_it_was_and_usable(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        apply(store, create(PEOPLE, "C-1", name="Анна"))
        pages = store._connection.value("PRAGMA page_count")
        store._connection.run(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(StoreError, match="disk is full"):
            apply(store, *(create(PEOPLE, f"K-{n}", name="я" * 500) for n in range(100)))
        store._connection.run("PRAGMA max_page_count = 1000000")
        assert list(store.records.all(PEOPLE)) == ["C-1"]
        apply(store, create(PEOPLE, "C-2"))
        assert list(store.records.all(PEOPLE)) == ["C-1", "C-2"]


def test_misuse_of_a_closed_store_is_not_taken_for_a_fault_of_the_file(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        pass
    with pytest.raises(sqlite3.ProgrammingError):
        store.records.all(PEOPLE)


# The rights go only after the imports: the interpreter may lie where nobody else may look.
READER = """
import os
import sys
from pathlib import Path
from crm_sync.errors import StoreError
from crm_sync.store import open_store
from tests.unit.store.builders import PEOPLE, TABLES, apply, create
if os.getuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
try:
    store = open_store(Path(sys.argv[1]), TABLES)
    print(list(store.records.all(PEOPLE)))
    apply(store, create(PEOPLE, "C-2"))
except StoreError as error:
    print(error)
"""


def as_somebody_else(folder: Path) -> list[str]:
    """What a user without rights to the files sees."""
    done = subprocess.run(
        [sys.executable, "-c", READER, str(folder / "crm.db")],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        env=os.environ | {"PYTHONPATH": str(Path.cwd())},
    )
    return done.stdout.splitlines()


@pytest.fixture
def shared() -> Iterator[Path]:
    """A folder that every user can reach, with a store in it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        with opened(folder) as store:
            apply(store, create(PEOPLE, "C-1"))
        yield folder
        folder.chmod(0o755)


def test_store_that_may_not_be_read_is_told_with_a_hint(shared: Path) -> None:
    (shared / "crm.db").chmod(0o000)
    assert as_somebody_else(shared) == [f"The store {shared}/crm.db cannot be opened."]


def test_read_only_store_can_be_read_and_refuses_writes_in_words(shared: Path) -> None:
    (shared / "crm.db").chmod(0o444)
    shared.chmod(0o555)
    refusal = f"The store {shared}/crm.db cannot be written: the file or its folder is read-only."
    # A reader of a write-ahead log has to write beside the file.
    is_log = journal_mode(sqlite3.sqlite_version_info[:3]) == "wal"
    assert as_somebody_else(shared) == ([refusal] if is_log else ["['C-1']", refusal])


def test_store_cannot_be_made_in_a_folder_that_is_read_only(shared: Path) -> None:
    (shared / "crm.db").unlink()
    shared.chmod(0o555)
    assert as_somebody_else(shared) == [
        f"The store {shared}/crm.db cannot be used: Permission denied"
    ]


def test_store_in_a_folder_that_may_not_be_entered_is_told_with_a_hint(shared: Path) -> None:
    shared.chmod(0o600)
    assert as_somebody_else(shared) == [
        f"The store {shared}/crm.db cannot be used: Permission denied"
    ]


def test_copy_is_whole_private_and_replaces_the_one_before(tmp_path: Path) -> None:
    target = tmp_path / "copy.db"
    target.write_text("old")
    with opened(tmp_path) as store:
        apply(store, create(PEOPLE, "C-1"))
        copy_to(store._connection, target)
    assert mode(target) == 0o600
    with closing(open_store(target, TABLES)) as copy:
        assert list(copy.records.all(PEOPLE)) == ["C-1"]
    assert sorted(item.name for item in tmp_path.iterdir()) == ["copy.db", "crm.db"]


def test_copy_that_fails_leaves_the_one_before_and_no_rest(tmp_path: Path) -> None:
    target = tmp_path / "copy.db"
    target.mkdir()
    with opened(tmp_path) as store, pytest.raises(StoreError, match="cannot be used"):
        copy_to(store._connection, target)
    assert sorted(item.name for item in tmp_path.iterdir()) == ["copy.db", "crm.db"]
