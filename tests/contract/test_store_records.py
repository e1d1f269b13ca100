"""What `ports.Records` promises, on a real file and with other programs at it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from crm_sync.core.records import Record
from crm_sync.errors import StoreError, StoreMoved
from crm_sync.ports import HistoryEntry
from crm_sync.store import SqliteStore
from tests.unit.store.builders import (
    LATER,
    LATER_TEXT,
    NOTES,
    NOW_TEXT,
    PEOPLE,
    apply,
    archive,
    create,
    opened,
    person,
    query,
    restore,
    sql,
    update,
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    with opened(tmp_path) as opened_store:
        yield opened_store


def test_created_record_has_every_stored_field_and_version_one(store: SqliteStore) -> None:
    apply(store, create(PEOPLE, "C-000013", name="Анна", age=30))
    assert store.records.all(PEOPLE) == {"C-000013": person("C-000013", name="Анна", age=30)}


def test_engine_field_with_a_column_is_kept_and_a_derived_one_is_not(store: SqliteStore) -> None:
    apply(store, create(NOTES, "K-0000013", text="звонок", duration_s=185))
    values = {"person": None, "text": "звонок", "read": None, "duration_s": 185}
    assert store.records.all(NOTES) == {
        "K-0000013": Record("K-0000013", values, 1, False, NOW_TEXT)
    }
    with pytest.raises(ValueError, match="last_call"):
        apply(store, create(PEOPLE, "C-000013", last_call="2026-03-10 14:05"))


def test_records_come_in_order_of_id_with_longer_ids_last(store: SqliteStore) -> None:
    apply(store, *(create(PEOPLE, i) for i in ("C-1000002", "C-999991", "C-000013")))
    assert list(store.records.all(PEOPLE)) == ["C-000013", "C-999991", "C-1000002"]


def test_columns_are_some_fields_of_the_same_records_in_the_same_order(
    store: SqliteStore, tmp_path: Path
) -> None:
    apply(
        store,
        *(create(PEOPLE, each, name=f"Анна {each}") for each in ("C-1000002", "C-999991")),
        create(PEOPLE, "C-000013", name="Анна"),
    )
    apply(store, archive(PEOPLE, "C-999991", 1))
    with sql(tmp_path) as connection:
        connection.execute("UPDATE people SET name = x'ff', phone = 7.5 WHERE id = 'C-000013'")
        connection.execute("INSERT INTO people (id, name) VALUES ('C-2', cast(x'd0ff' AS TEXT))")
        connection.execute("INSERT INTO people (name) VALUES ('nameless')")
    found = store.records.columns(PEOPLE, ["phone", "name", "no such field"])
    records = store.records.all(PEOPLE)
    assert list(found) == list(records)
    assert found.fields.keys() == {"phone", "name"}
    for key, record in records.items():
        assert found[key].archived == record.archived
        assert dict(found[key].values) == {each: record.values[each] for each in found.fields}


def test_update_sets_the_named_fields_alone(store: SqliteStore) -> None:
    apply(store, create(PEOPLE, "C-000013", name="Анна", phone="+79123456789"))
    apply(store, update(PEOPLE, "C-000013", 1, phone=None))
    assert store.records.all(PEOPLE) == {"C-000013": person("C-000013", version=2, name="Анна")}


def test_update_to_the_same_values_is_no_change(store: SqliteStore) -> None:
    apply(store, create(PEOPLE, "C-000013", name="Анна"))
    before = store.records.sequence()
    apply(store, update(PEOPLE, "C-000013", 1, name="Анна", phone=None), at=LATER)
    assert store.records.all(PEOPLE) == {"C-000013": person("C-000013", name="Анна")}
    assert store.records.sequence() == before


def test_archived_record_is_still_read_and_restore_brings_it_back(store: SqliteStore) -> None:
    apply(store, create(PEOPLE, "C-000013", name="Анна"))
    apply(store, archive(PEOPLE, "C-000013", 1))
    assert store.records.all(PEOPLE) == {
        "C-000013": person("C-000013", version=2, archived=True, name="Анна")
    }
    apply(store, restore(PEOPLE, "C-000013", 2, name="Анна П."))
    assert store.records.all(PEOPLE) == {"C-000013": person("C-000013", version=3, name="Анна П.")}


def test_archiving_twice_keeps_the_first_moment(store: SqliteStore, tmp_path: Path) -> None:
    apply(store, create(PEOPLE, "C-000013"))
    apply(store, archive(PEOPLE, "C-000013", 1))
    apply(store, archive(PEOPLE, "C-000013", 2), at=LATER)
    assert query(tmp_path, "SELECT version, archived_at FROM people") == [(2, NOW_TEXT)]


@pytest.mark.parametrize(
    "change", [update(PEOPLE, "C-000013", 1, age=31), archive(PEOPLE, "C-000013", 1)]
)
def test_change_of_a_record_that_moved_on_is_refused(store: SqliteStore, change: object) -> None:
    apply(store, create(PEOPLE, "C-000013", age=30))
    apply(store, update(PEOPLE, "C-000013", 1, age=40))
    with pytest.raises(StoreMoved):
        apply(store, change)
    assert store.records.all(PEOPLE)["C-000013"].values["age"] == 40


def test_one_record_that_moved_on_refuses_what_is_to_change_with_it(store: SqliteStore) -> None:
    apply(store, *(create(PEOPLE, f"C-{n}", age=30) for n in range(100, 103)))
    apply(store, update(PEOPLE, "C-101", 1, age=40))
    with pytest.raises(StoreMoved):
        apply(store, *(update(PEOPLE, f"C-{n}", 1, age=50) for n in range(100, 103)))
    assert [item.values["age"] for item in store.records.all(PEOPLE).values()] == [30, 40, 30]


def test_record_may_change_twice_among_others_in_one_go(store: SqliteStore) -> None:
    apply(store, *(create(PEOPLE, f"C-{n}", name="Anna") for n in range(100, 105)))
    changes = [update(PEOPLE, f"C-{n}", 1, phone="1") for n in range(104, 99, -1)]
    apply(store, *changes, update(PEOPLE, "C-102", 2, phone="2"))
    found = store.records.all(PEOPLE)
    assert {key: found[key].values["phone"] for key in found} == {
        f"C-{n}": "2" if n == 102 else "1" for n in range(100, 105)
    }
    assert [entry.changes["phone"] for entry in store.records.history("C-102")[1:]] == [
        (None, "1"),
        ("1", "2"),
    ]


def test_change_without_values_still_finds_out_that_the_record_moved_on(store: SqliteStore) -> None:
    apply(store, create(PEOPLE, "C-000013"))
    apply(store, update(PEOPLE, "C-000013", 1))
    assert store.records.all(PEOPLE) == {"C-000013": person("C-000013")}
    with pytest.raises(StoreMoved):
        apply(store, update(PEOPLE, "C-000013", 2))


def test_change_of_a_record_that_is_gone_is_refused(store: SqliteStore, tmp_path: Path) -> None:
    apply(store, create(PEOPLE, "C-000013"))
    query(tmp_path, "DELETE FROM people")
    with pytest.raises(StoreMoved):
        apply(store, update(PEOPLE, "C-000013", 1, age=31))


def test_new_record_with_an_id_that_is_taken_is_refused(store: SqliteStore) -> None:
    apply(store, create(PEOPLE, "C-000013", name="Анна"))
    with pytest.raises(StoreMoved):
        apply(store, create(PEOPLE, "C-000013", name="Пётр"))
    assert store.records.all(PEOPLE) == {"C-000013": person("C-000013", name="Анна")}


def test_refused_change_takes_back_all_of_its_apply_but_not_the_transaction(
    store: SqliteStore,
) -> None:
    with store.transaction():
        store.records.apply([create(PEOPLE, "C-000013")], source="cli", by="", at=LATER)
        with pytest.raises(StoreMoved):
            store.records.apply(
                [create(PEOPLE, "C-000024"), update(PEOPLE, "C-000035", 1, age=1)],
                source="cli",
                by="",
                at=LATER,
            )
    assert list(store.records.all(PEOPLE)) == ["C-000013"]


def test_reference_may_be_written_before_what_it_refers_to(store: SqliteStore) -> None:
    apply(store, create(NOTES, "K-0000013", person="C-000013"), create(PEOPLE, "C-000013"))
    assert store.records.all(NOTES)["K-0000013"].values["person"] == "C-000013"


def test_reference_to_a_record_that_is_not_there_is_refused_as_a_whole(store: SqliteStore) -> None:
    with pytest.raises(StoreError, match="would refer to one"):
        apply(store, create(PEOPLE, "C-000013"), create(NOTES, "K-0000013", person="C-999999"))
    assert store.records.all(PEOPLE) == {}


def test_reference_to_a_status_holds_a_key_and_needs_no_record(store: SqliteStore) -> None:
    apply(store, create(PEOPLE, "C-000013", status="cold"))
    assert store.records.all(PEOPLE)["C-000013"].values["status"] == "cold"


def test_history_tells_each_change_with_who_when_and_through_what(store: SqliteStore) -> None:
    apply(store, create(PEOPLE, "C-000013", name="Анна", age=30), run=7)
    apply(store, create(PEOPLE, "C-000024", name="Пётр"), run=7)
    apply(store, update(PEOPLE, "C-000013", 1, age=31, phone="+7"), source="cli", by="", at=LATER)
    apply(store, archive(PEOPLE, "C-000013", 2), at=LATER)
    apply(store, restore(PEOPLE, "C-000013", 3, age=None), at=LATER)
    seen = ("people", "C-000013")
    assert store.records.history("C-000013") == (
        HistoryEntry(
            1, *seen, "create", {"name": (None, "Анна"), "age": (None, 30)},
            NOW_TEXT, "sheet:main", "anna", 7,
        ),
        HistoryEntry(
            3, *seen, "update", {"phone": (None, "+7"), "age": (30, 31)},
            LATER_TEXT, "cli", "", None,
        ),
        HistoryEntry(4, *seen, "archive", {}, LATER_TEXT, "sheet:main", "anna", None),
        HistoryEntry(
            5, *seen, "restore", {"age": (31, None)}, LATER_TEXT, "sheet:main", "anna", None
        ),
    )  # fmt: skip
    assert store.records.history("C-999999") == ()


def test_bookkeeping_columns_follow_each_change(store: SqliteStore, tmp_path: Path) -> None:
    apply(store, create(PEOPLE, "C-000013", name="Анна", external_id="shop:17"))
    apply(store, update(PEOPLE, "C-000013", 1, age=31), source="cli", by="boss", at=LATER)
    assert query(
        tmp_path,
        "SELECT created_at, created_by, updated_at, updated_by, updated_source, external_id,"
        " version, archived_at FROM people",
    ) == [(NOW_TEXT, "anna", LATER_TEXT, "boss", "cli", "shop:17", 2, None)]


def test_direct_edit_is_seen_with_a_new_version_and_the_source_sql(
    store: SqliteStore, tmp_path: Path
) -> None:
    apply(store, create(PEOPLE, "C-000013", name="Анна"))
    before = store.records.sequence()
    query(tmp_path, "UPDATE people SET phone = '+79123456789'")
    record = store.records.all(PEOPLE)["C-000013"]
    assert (record.version, record.values["phone"]) == (2, "+79123456789")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", record.updated_at)
    assert store.records.sequence() > before
    last = store.records.history("C-000013")[-1]
    assert (last.op, last.changes, last.source, last.by, last.run) == (
        "update", {"phone": (None, "+79123456789")}, "sql", "", None,
    )  # fmt: skip
    assert last.at == record.updated_at


def test_change_after_an_apply_in_one_transaction_is_not_signed_by_it(store: SqliteStore) -> None:
    apply(store, create(PEOPLE, "C-000013"))
    with store.transaction():
        store.records.apply([update(PEOPLE, "C-000013", 1, age=1)], source="cli", by="x", at=LATER)
        store._connection.run("UPDATE people SET age = 2")
    assert [entry.source for entry in store.records.history("C-000013")] == [
        "sheet:main", "cli", "sql",
    ]  # fmt: skip


def test_rows_inserted_without_an_id_are_given_one_and_then_are_records(
    store: SqliteStore, tmp_path: Path
) -> None:
    query(tmp_path, "INSERT INTO people (name) VALUES ('Анна'), ('Пётр')")
    query(tmp_path, "INSERT INTO people (id, name) VALUES ('', 'Ольга')")
    found = store.records.all(PEOPLE)
    assert {key: record.values["name"] for key, record in found.items()} == {
        "C-000013": "Анна", "C-000021": "Пётр", "C-000037": "Ольга",
    }  # fmt: skip
    assert [record.version for record in found.values()] == [1, 1, 1]
    assert [entry.op for entry in store.records.history("C-000013")] == ["create"]
    assert store.records.all(PEOPLE) == found


def test_row_inserted_without_an_id_counts_as_a_change(store: SqliteStore, tmp_path: Path) -> None:
    before = store.records.sequence()
    query(tmp_path, "INSERT INTO people (name) VALUES ('Анна')")
    assert store.records.sequence() > before


def test_values_that_no_codec_wrote_come_out_as_text_or_whole_numbers(
    store: SqliteStore, tmp_path: Path
) -> None:
    with sql(tmp_path) as connection:
        connection.execute(
            "INSERT INTO people (id, name, phone, age, status) VALUES ('C-1', ?, ?, ?, ?)",
            (b"\xff\xd0\x90", 79123456789, 30.5, 1.0),
        )
        connection.execute(
            "INSERT INTO people (id, name, age) VALUES ('C-2', CAST(X'FF' AS TEXT), '7')"
        )
        connection.execute("INSERT INTO people (id, age) VALUES ('C-3', 'seven'), ('C-4', 9e999)")
    values = {key: dict(record.values) for key, record in store.records.all(PEOPLE).items()}
    assert {key: (v["name"], v["phone"], v["age"], v["status"]) for key, v in values.items()} == {
        "C-1": ("\ufffdА", "79123456789", "30.5", "1.0"),
        "C-2": ("\ufffd", None, 7, None),
        "C-3": (None, None, "seven", None),
        "C-4": (None, None, "inf", None),
    }
    assert store.records.history("C-1")[0].changes["name"] == (None, "\ufffdА")
    assert store.records.history("C-4")[0].changes["age"] == (None, "Inf")


def test_rows_are_given_ids_within_an_open_transaction_too(
    store: SqliteStore, tmp_path: Path
) -> None:
    query(tmp_path, "INSERT INTO people (name) VALUES ('Анна')")
    with store.transaction():
        assert list(store.records.all(PEOPLE)) == ["C-000013"]
        assert query(tmp_path, "SELECT id FROM people") == [(None,)]
    assert query(tmp_path, "SELECT id FROM people") == [("C-000013",)]


@pytest.mark.parametrize(
    "name", ["a\x00b", "\n\t", 'quote " and \\', "👩‍👩‍👧", "\u2028", "'; DROP TABLE people"]
)
def test_any_text_is_kept_in_record_and_history(store: SqliteStore, name: str) -> None:
    apply(store, create(PEOPLE, "C-000013", name=name))
    apply(store, update(PEOPLE, "C-000013", 1, name="other"))
    first, second = store.records.history("C-000013")
    assert first.changes == {"name": (None, name)}
    assert second.changes == {"name": (name, "other")}


def test_minted_ids_ascend_and_end_with_a_check_digit(store: SqliteStore) -> None:
    assert store.records.mint(PEOPLE, 3) == ("C-000013", "C-000021", "C-000037")
    assert store.records.mint(PEOPLE, 1) == ("C-000045",)
    assert store.records.mint(NOTES, 1) == ("K-0000013",)
    assert store.records.mint(PEOPLE, 0) == ()


def test_minted_ids_outlive_a_crash_before_their_use(store: SqliteStore, tmp_path: Path) -> None:
    first = store.records.mint(PEOPLE, 2)
    with pytest.raises(StoreMoved):
        apply(store, create(PEOPLE, first[0]), update(PEOPLE, first[1], 1, age=1))
    with opened(tmp_path) as again:
        assert not set(again.records.mint(PEOPLE, 2)) & set(first)


def test_ids_are_minted_at_once_and_so_not_within_a_transaction(store: SqliteStore) -> None:
    with store.transaction(), pytest.raises(StoreError):
        store.records.mint(PEOPLE, 1)


def test_minted_ids_skip_those_that_somebody_typed_even_if_the_record_is_gone(
    store: SqliteStore, tmp_path: Path
) -> None:
    query(tmp_path, "INSERT INTO people (id) VALUES ('C-000013'), ('C-000037'), ('C-000045')")
    query(tmp_path, "DELETE FROM people WHERE id = 'C-000037'")
    assert store.records.mint(PEOPLE, 2) == ("C-000021", "C-000059")


def test_ids_grow_beyond_their_usual_digits(store: SqliteStore, tmp_path: Path) -> None:
    query(tmp_path, "INSERT INTO ids (table_name, last) VALUES ('people', 99998)")
    query(tmp_path, "INSERT INTO people (id) VALUES ('C-1000002')")
    assert store.records.mint(PEOPLE, 3) == ("C-999999", "C-1000015", "C-1000028")


def test_text_that_is_half_a_character_is_refused_without_showing_it(store: SqliteStore) -> None:
    with pytest.raises(StoreError) as caught:
        apply(store, create(PEOPLE, "C-000013", name="тайна\ud800"))
    assert "тайна" not in str(caught.value)
    assert store.records.all(PEOPLE) == {}
