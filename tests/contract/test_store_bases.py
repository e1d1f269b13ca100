"""What `ports.Bases` promises."""

from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_sync.core.records import AWAITED, FORGOTTEN, Base
from crm_sync.core.seeing import Seen
from crm_sync.ports import Binding
from crm_sync.store import SqliteStore
from crm_sync.store.typed_json import from_json, to_json
from tests.unit.store.builders import NOW, PEOPLE, apply, create, opened, query

ANNA = Base(
    "C-000013", {"name": "Анна", "age": 30, "phone": None}, {"name": "Анна ", "age": 30.0}, 4
)
PETER = Base("C-000021", {"name": "Пётр"}, {}, 0, unsettled=True)

FULL = Binding(
    "perm",
    "1AbC",
    {"clients": 17, "_crm_journal": 99},
    128,
    4,
    "2026-03-10",
    "f00d",
    "ru_RU",
    "a1b2c3",
    fields={"clients": ("id", "full_name")},
    scope="branch",
    headings={"clients": {"phone": "Tel."}},
)

SCALARS = st.none() | st.text() | st.integers()
CELLS = SCALARS | st.booleans() | st.floats(allow_nan=False, allow_infinity=False)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    with opened(tmp_path) as opened_store:
        yield opened_store


def test_bases_are_read_as_they_were_put_each_for_its_workbook_and_table(
    store: SqliteStore,
) -> None:
    store.bases.put("perm", "people", {"C-000021": PETER, "C-000013": ANNA})
    store.bases.put("omsk", "people", {"C-000013": PETER})
    store.bases.put("perm", "notes", {})
    assert store.bases.all("perm", "people") == {"C-000013": ANNA, "C-000021": PETER}
    assert list(store.bases.all("perm", "people")) == ["C-000013", "C-000021"]
    assert list(store.bases.all("omsk", "people")) == ["C-000013"]
    assert store.bases.all("perm", "notes") == {}


def test_put_replaces_the_whole_base(store: SqliteStore) -> None:
    store.bases.put("perm", "people", {"C-000013": ANNA})
    newer = Base("C-000013", {"name": "Анна"}, {"name": "Анна"}, 5, unsettled=True)
    store.bases.put("perm", "people", {"C-000013": newer})
    assert store.bases.all("perm", "people") == {"C-000013": newer}


def test_dropped_bases_are_forgotten_and_unknown_ones_are_no_error(store: SqliteStore) -> None:
    store.bases.put("perm", "people", {"C-000013": ANNA, "C-000021": PETER})
    store.bases.put("omsk", "people", {"C-000013": ANNA})
    store.bases.drop("perm", "people", ["C-000013", "C-999999"])
    assert list(store.bases.all("perm", "people")) == ["C-000021"]
    assert list(store.bases.all("omsk", "people")) == ["C-000013"]


BEGUN = Base("C-000013", {"name": "Анна", "age": 30, "phone": "+7"}, {"name": "Анна", "age": 30}, 1)


def test_begun_base_is_what_stood_in_its_row_until_it_is_settled(store: SqliteStore) -> None:
    store.bases.put("perm", "people", {"C-000013": PETER, "C-000021": PETER})
    store.bases.begin("perm", "people", {"C-000013": BEGUN}, {"C-000013": {"age": "", "note": 5}})
    begun = Base("C-000013", {"name": "Анна"}, {"name": "Анна", "age": "", "note": 5}, 0, True)
    assert store.bases.all("perm", "people") == {"C-000013": begun, "C-000021": PETER}
    assert store.bases.some("perm", "people", ["C-000013"]) == {"C-000013": begun}
    assert store.bases.open("perm", "people") == {"C-000013", "C-000021"}
    assert store.bases.holding("people", ["C-000013"]) == frozenset()
    store.bases.settle("perm", "people", ["C-999999"])
    store.bases.settle("omsk", "people", ["C-000013"])
    assert store.bases.all("perm", "people")["C-000013"] == begun
    store.bases.settle("perm", "people", ["C-000013"])
    assert store.bases.all("perm", "people") == {"C-000013": BEGUN, "C-000021": PETER}
    assert store.bases.open("perm", "people") == {"C-000021"}


def test_begun_base_of_which_nothing_is_yet_to_be_written_is_open_all_the_same(
    store: SqliteStore,
) -> None:
    store.bases.begin("perm", "people", {"C-000013": ANNA}, {"C-000013": {}})
    assert store.bases.all("perm", "people")["C-000013"].version == 0
    assert store.bases.open("perm", "people") == {"C-000013"}


def test_to_settle_nothing_leaves_what_a_tab_showed_known(store: SqliteStore) -> None:
    seen = {"people": Seen(b"", "", 0, 1)}
    store.sightings.note("perm", seen)
    store.bases.settle("perm", "people", [])
    store.bases.begin("perm", "people", {}, {})
    assert store.sightings.last("perm") == seen


def test_many_begun_bases_are_settled_in_any_parts(store: SqliteStore) -> None:
    ids = [f"C-{number}" for number in range(8_500, 11_500)]
    bases = {key: replace(BEGUN, record_id=key) for key in ids}
    store.bases.begin(
        "perm", "people", bases, {key: {"age": number} for number, key in enumerate(ids)}
    )
    left = dict(enumerate(ids))
    for part in (ids[700:1_900], ids[:5], ids[2_999:], ids[5:]):
        store.bases.settle("perm", "people", part)
        left = {number: key for number, key in left.items() if key not in set(part)}
        found = store.bases.all("perm", "people")
        assert {key: base.cells["age"] for key, base in found.items() if not base.version} == {
            key: number for number, key in left.items()
        }
    assert found == bases


@pytest.mark.parametrize("how", ["put", "drop"])
def test_base_that_is_put_or_dropped_is_begun_no_more(store: SqliteStore, how: str) -> None:
    store.bases.begin("perm", "people", {"C-000013": BEGUN}, {"C-000013": {"age": ""}})
    if how == "drop":
        store.bases.drop("perm", "people", ["C-000013"])
        assert store.bases.all("perm", "people") == {}
    store.bases.put("perm", "people", {"C-000013": ANNA})
    assert store.bases.all("perm", "people") == {"C-000013": ANNA}


def test_what_stood_in_a_begun_row_is_erased_with_its_person(
    store: SqliteStore, tmp_path: Path
) -> None:
    apply(
        store,
        create(PEOPLE, "C-000013", name="Анна Жукова"),
        create(PEOPLE, "C-000021", name="Пётр"),
    )
    stood = {"C-000013": {"name": "Анна Жукова"}, "C-000021": {"age": "?"}}
    bases = {key: replace(BEGUN, record_id=key, cells={}) for key in stood}
    store.bases.begin("perm", "people", bases, stood)
    before = store.bases.all("perm", "people")
    named = store.erasing.find("people", "C-000013")
    assert "begun" in store.erasing.remains(named.traces)
    with store.transaction():
        store.erasing.erase(named, by="", at=NOW, instead="erased")
    assert query(tmp_path, "SELECT count(*) FROM begun") == [(0,)]
    assert store.bases.all("perm", "people") == {
        "C-000013": Base("C-000013", {}, {}, FORGOTTEN, True),
        "C-000021": before["C-000021"],
    }


def test_one_true_1_point_0_and_text_1_are_still_four_values_when_read(store: SqliteStore) -> None:
    cells = {"a": 1, "b": True, "c": 1.0, "d": "1", "e": None, "f": "", "g": 0, "h": False}
    store.bases.put("perm", "people", {"C-000013": Base("C-000013", {}, cells)})
    read = store.bases.all("perm", "people")["C-000013"].cells
    assert [(name, type(cell), cell) for name, cell in read.items()] == [
        (name, type(cell), cell) for name, cell in cells.items()
    ]


@given(st.dictionaries(st.text(), CELLS))
def test_cells_keep_value_and_type_in_json(cells: dict[str, object]) -> None:
    read = from_json(to_json(cells))
    assert read == cells
    assert {name: type(cell) for name, cell in read.items()} == {
        name: type(cell) for name, cell in cells.items()
    }


@pytest.mark.parametrize("cell", ["half \ud83d character", 2**70, -(2**63), "\x00", "\u2028"])
def test_odd_cells_of_real_sheets_are_kept_in_json(cell: object) -> None:
    assert from_json(to_json({"a": cell, "b": "я"})) == {"a": cell, "b": "я"}


def test_workbook_is_unknown_before_it_is_bound(store: SqliteStore) -> None:
    assert store.bases.binding("perm") is None


@pytest.mark.parametrize(
    "binding",
    [
        Binding("perm", "1AbC"),
        FULL,
    ],
)
def test_binding_is_read_as_it_was_put_last(store: SqliteStore, binding: Binding) -> None:
    store.bases.bind(Binding("perm", "other", {"notes": 1}, 5, 6, "2026-01-01", "old"))
    store.bases.bind(Binding("omsk", "other"))
    store.bases.bind(binding)
    assert store.bases.binding("perm") == binding
    assert store.bases.binding("omsk") == Binding("omsk", "other")


def test_every_field_of_a_binding_is_tested() -> None:
    plain = Binding("perm", "1AbC")
    same = [
        item.name
        for item in fields(Binding)
        if getattr(FULL, item.name) == getattr(plain, item.name)
    ]
    assert same == ["workbook", "spreadsheet_id"]


def test_bases_of_a_cancelled_transaction_are_not_kept(store: SqliteStore, tmp_path: Path) -> None:
    def fail() -> None:
        with store.transaction():
            store.bases.put("perm", "people", {"C-000013": ANNA})
            store.bases.bind(Binding("perm", "1AbC"))
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        fail()
    assert store.bases.all("perm", "people") == {}
    assert query(tmp_path, "SELECT * FROM workbooks") == []


def test_bindings_are_those_of_every_workbook(store: SqliteStore) -> None:
    assert store.bases.bindings() == {}
    other = Binding("ufa", "1Ufa")
    store.bases.bind(FULL)
    store.bases.bind(other)
    assert store.bases.bindings() == {"perm": FULL, "ufa": other}


def test_catching_up_moves_the_sequence_of_those_workbooks_alone(store: SqliteStore) -> None:
    for name in ("perm", "ufa"):
        store.bases.bind(replace(FULL, workbook=name))
    store.bases.catch_up(["ufa", "nowhere"], 77)
    found = {name: known.sequence for name, known in store.bases.bindings().items()}
    assert found == {"perm": 4, "ufa": 77}


def test_workbooks_that_hold_one_of_some_records(store: SqliteStore) -> None:
    for name in ("perm", "ufa", "omsk", "tver"):
        store.bases.bind(replace(FULL, workbook=name))
    store.bases.put("perm", "people", {"C-000013": ANNA})
    store.bases.put("ufa", "people", {"C-000021": PETER})
    store.bases.put("omsk", "others", {"C-000013": ANNA})
    store.bases.put("tver", "people", {"C-000013": replace(ANNA, version=AWAITED)})
    assert store.bases.holding("people", ["C-000013", "C-1"]) == {"perm"}
    assert store.bases.holding("people", ["C-000013", "C-000021"]) == {"perm", "ufa"}
    assert store.bases.holding("people", []) == frozenset()


def test_record_is_held_by_the_workbooks_in_which_its_row_was_seen(store: SqliteStore) -> None:
    store.bases.put("perm", "people", {"C-000013": ANNA})
    store.bases.put("omsk", "people", {"C-000013": replace(ANNA, version=AWAITED)})
    store.bases.put("tver", "people", {"C-000021": PETER})
    held = store.bases.holders("people", ("C-000013", "C-000021"), ("perm", "omsk", "tver"))
    assert held == {"C-000013": frozenset({"perm"}), "C-000021": frozenset({"tver"})}
    assert store.bases.holders("people", ("C-000013",), ("omsk",)) == {"C-000013": frozenset()}


def test_open_bases_are_those_that_each_run_looks_at(store: SqliteStore) -> None:
    bases = {
        "C-1": replace(ANNA, version=0),
        "C-2": replace(ANNA, version=AWAITED),
        "C-3": replace(ANNA, unsettled=True),
        "C-4": ANNA,
    }
    store.bases.put("perm", "people", bases)
    assert store.bases.open("perm", "people") == {"C-1", "C-2", "C-3"}


@pytest.mark.parametrize("how", ["put", "drop", "settle"])
def test_what_a_tab_showed_tells_nothing_any_more_once_a_base_moved(
    store: SqliteStore, how: str
) -> None:
    seen = {"people": Seen(b"", "", 0, 1), "notes": Seen(b"", "", 0, 0)}
    store.sightings.note("perm", seen)
    assert store.sightings.last("perm") == seen
    if how == "put":
        store.bases.put("perm", "people", {"C-000013": ANNA})
    elif how == "settle":
        store.bases.settle("perm", "people", ["C-000013"])
    else:
        store.bases.drop("perm", "people", ["C-000013"])
    assert store.sightings.last("perm").keys() == {"notes"}
