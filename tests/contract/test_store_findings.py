"""What `ports.Findings` promises."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from crm_sync.core.findings import Clash, Conflict, Problem, Severity
from crm_sync.errors import NotFound
from crm_sync.ports import OpenConflict, OpenProblem
from crm_sync.store import SqliteStore
from tests.unit.store.builders import (
    LATER,
    LATER_TEXT,
    NOW,
    NOW_TEXT,
    PEOPLE,
    apply,
    create,
    opened,
    query,
    update,
)

PHONE = Problem(
    table="people",
    code="V03",
    severity=Severity.REJECT,
    message="{typed} is no phone number.",
    remedy="Write it as {example}.",
    record_id="C-000013",
    field="phone",
    row=7,
    column=3,
    typed="12-",
    stored="+79123456789",
    params={"typed": "12-", "example": "+7 912 345-67-89"},
)
DRAFT = Problem("people", "V02", Severity.DRAFT, "No name.", row=2, typed="12-", stored=None)
NO_ROW = Problem("people", "V09", Severity.WARN, "Odd age.", record_id="C-000021", stored=1)
NAMES = Conflict("people", "C-000013", "name", Clash.EDIT_EDIT, "Аня", "Анна", "Анюта")
GONE = Conflict("people", "C-000013", "", Clash.DELETE_EDIT, None, None, None)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    with opened(tmp_path) as opened_store:
        yield opened_store


def test_problems_come_in_order_of_table_row_and_column(store: SqliteStore) -> None:
    other = replace(PHONE, column=1, field="name")
    store.findings.put_problems("perm", "people", [PHONE, NO_ROW, other, DRAFT], NOW)
    store.findings.put_problems("perm", "notes", [replace(DRAFT, table="notes", row=99)], NOW)
    found = store.findings.problems()
    assert [item.problem for item in found] == [
        replace(DRAFT, table="notes", row=99), NO_ROW, DRAFT, other, PHONE,
    ]  # fmt: skip
    assert {(item.workbook, item.first_seen, item.last_seen, item.times) for item in found} == {
        ("perm", NOW_TEXT, NOW_TEXT, 1)
    }


def test_known_problem_is_counted_and_shown_where_it_stands_now(store: SqliteStore) -> None:
    store.findings.put_problems("perm", "people", [PHONE], NOW)
    moved = replace(PHONE, row=12, typed="12-3", params={"typed": "12-3", "example": "x"})
    store.findings.put_problems("perm", "people", [moved], LATER)
    assert store.findings.problems() == (OpenProblem(1, "perm", moved, NOW_TEXT, LATER_TEXT, 2),)


def test_problem_that_is_told_again_in_one_run_is_not_counted_again(store: SqliteStore) -> None:
    store.findings.put_problems("perm", "people", [PHONE], NOW)
    moved = replace(PHONE, row=12)
    store.findings.put_problems("perm", "people", [moved], LATER, again=True)
    assert store.findings.problems() == (OpenProblem(1, "perm", moved, NOW_TEXT, LATER_TEXT, 1),)


def test_problem_that_is_not_seen_any_more_is_closed_and_kept(
    store: SqliteStore, tmp_path: Path
) -> None:
    store.findings.put_problems("perm", "people", [PHONE, DRAFT], NOW)
    store.findings.put_problems("perm", "people", [DRAFT], LATER)
    assert [item.problem for item in store.findings.problems()] == [DRAFT]
    assert query(tmp_path, "SELECT code, closed_at FROM problems WHERE closed_at <> ''") == [
        ("V03", LATER_TEXT)
    ]
    store.findings.put_problems("perm", "people", [PHONE, DRAFT], LATER)
    assert [(item.id, item.times) for item in store.findings.problems()] == [(1, 3), (3, 1)]


def test_problems_of_other_tabs_and_workbooks_stay(store: SqliteStore) -> None:
    store.findings.put_problems("perm", "people", [PHONE], NOW)
    store.findings.put_problems("omsk", "people", [DRAFT], NOW)
    store.findings.put_problems("perm", "notes", [], LATER)
    store.findings.put_problems("omsk", "people", [], LATER)
    assert [item.problem for item in store.findings.problems("perm")] == [PHONE]
    assert store.findings.problems("omsk") == ()


def test_rows_with_the_same_text_and_fault_are_several_problems(store: SqliteStore) -> None:
    rows = [replace(DRAFT, row=row) for row in (2, 5, 9)]
    store.findings.put_problems("perm", "people", rows, NOW)
    store.findings.put_problems("perm", "people", rows[1:], LATER)
    found = store.findings.problems()
    assert [(item.id, item.problem.row, item.times) for item in found] == [(1, 5, 2), (2, 9, 2)]


def test_half_a_character_that_was_typed_is_replaced_and_still_known(store: SqliteStore) -> None:
    typed = replace(DRAFT, typed="a\ud83d", params={"typed": "a\ud83d"})
    for moment in (NOW, LATER):
        store.findings.put_problems("perm", "people", [typed], moment)
    (found,) = store.findings.problems()
    assert (found.problem.typed, found.problem.params, found.times) == (
        "a\ufffd", {"typed": "a\ud83d"}, 2,
    )  # fmt: skip


def test_conflicts_come_in_order_of_their_number(store: SqliteStore) -> None:
    store.findings.put_conflicts("perm", "people", [NAMES, GONE], NOW)
    assert store.findings.conflicts() == (
        OpenConflict(1, "perm", NAMES, NOW_TEXT),
        OpenConflict(2, "perm", GONE, NOW_TEXT),
    )
    assert store.findings.conflicts("omsk") == ()


def test_conflict_that_is_told_twice_in_one_run_is_one(store: SqliteStore) -> None:
    last = replace(NAMES, theirs="Ася")
    store.findings.put_conflicts("perm", "people", [NAMES, GONE, last], NOW)
    assert [item.conflict for item in store.findings.conflicts()] == [last, GONE]


def test_known_conflict_keeps_number_and_age_and_takes_the_values_of_now(
    store: SqliteStore,
) -> None:
    store.findings.put_conflicts("perm", "people", [NAMES], NOW)
    typed_on = replace(NAMES, theirs="Аннушка")
    store.findings.put_conflicts("perm", "people", [GONE, typed_on], LATER)
    assert store.findings.conflicts("perm") == (
        OpenConflict(1, "perm", typed_on, NOW_TEXT),
        OpenConflict(2, "perm", GONE, LATER_TEXT),
    )


def test_conflict_that_is_over_is_closed_and_a_new_one_gets_a_new_number(
    store: SqliteStore, tmp_path: Path
) -> None:
    store.findings.put_conflicts("perm", "people", [NAMES], NOW)
    store.findings.put_conflicts("omsk", "people", [NAMES], NOW)
    store.findings.put_conflicts("perm", "people", [], LATER)
    assert [item.id for item in store.findings.conflicts()] == [2]
    store.findings.put_conflicts("perm", "people", [NAMES], LATER)
    assert [item.id for item in store.findings.conflicts()] == [2, 3]
    assert query(tmp_path, "SELECT closed_at FROM conflicts WHERE id = 1") == [(LATER_TEXT,)]


def test_conflict_says_who_changed_the_field_in_the_store_and_when(store: SqliteStore) -> None:
    apply(store, create(PEOPLE, "C-000013", name="Аня"), by="anna", at=NOW)
    apply(store, update(PEOPLE, "C-000013", 1, name="Анна"), source="cli", by="", at=LATER)
    apply(store, update(PEOPLE, "C-000013", 2, age=31), by="peter", at=LATER)
    ages = replace(NAMES, field="age", base=30, ours=31, theirs=None)
    store.findings.put_conflicts("perm", "people", [NAMES, ages, GONE], NOW)
    assert [(item.ours_by, item.ours_at) for item in store.findings.conflicts()] == [
        ("cli", LATER_TEXT), ("peter", LATER_TEXT), ("peter", LATER_TEXT),
    ]  # fmt: skip


def test_decided_conflict_is_closed_with_its_resolution(store: SqliteStore, tmp_path: Path) -> None:
    store.findings.put_conflicts("perm", "people", [NAMES, GONE], NOW)
    store.findings.close_conflict(1, "keep ours", LATER)
    assert [item.id for item in store.findings.conflicts()] == [2]
    assert query(tmp_path, "SELECT closed_at, resolution FROM conflicts WHERE id = 1") == [
        (LATER_TEXT, "keep ours")
    ]


@pytest.mark.parametrize("number", [1, 2])
def test_conflict_that_is_not_open_cannot_be_decided(store: SqliteStore, number: int) -> None:
    store.findings.put_conflicts("perm", "people", [NAMES], NOW)
    store.findings.close_conflict(1, "keep ours", NOW)
    with pytest.raises(NotFound, match=f"number {number}"):
        store.findings.close_conflict(number, "keep theirs", LATER)
    assert store.findings.conflicts() == ()
