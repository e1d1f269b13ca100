"""Which row is which record, and which of them nobody must touch."""

from __future__ import annotations

import pytest

from crm_sync.core.matching import Matched, match
from crm_sync.core.records import Base, Record
from crm_sync.core.values import Cell
from tests.unit.core.small_tab import ID, OTHER, TAB, TYPED, base, record, sheet, work

BORIS: tuple[Cell, ...] = (OTHER, "Boris", "+7 912 000-00-02", "Omsk")
BORIS_BASE = base(OTHER, name="Boris", phone="+7 912 000-00-02", city="Omsk")
BORIS_RECORD = record(OTHER, name="Boris", phone="+79120000002", city="Omsk")


def matched(
    *rows: tuple[Cell, ...],
    bases: tuple[Base, ...] = (base(), BORIS_BASE),
    records: tuple[Record, ...] = (record(), BORIS_RECORD),
) -> Matched:
    made = work(sheet(*rows), bases, records)
    found = match(TAB, made.rows, made.bases, made.records)
    ids = [record_id for record_id, _ in found.known]
    numbers = [row.number for _, row in found.known]
    assert len(set(ids)) == len(ids), "one record in two rows"
    assert found.held.isdisjoint(ids), "touched though it is held"
    assert numbers == sorted(numbers)
    assert found.new == tuple(sorted(found.new, key=lambda row: row.number))
    assert set(numbers).isdisjoint(row.number for row in found.new)
    return found


def known(found: Matched) -> dict[int, str]:
    return {row.number: record_id for record_id, row in found.known}


def named(text: str, row: tuple[Cell, ...]) -> tuple[Cell, ...]:
    return (text, *row[1:])


def test_rows_are_known_by_their_ids_wherever_they_stand() -> None:
    found = matched(BORIS, TYPED)
    assert known(found) == {1: OTHER, 2: ID}
    assert (found.new, found.vanished, found.held) == ((), (), frozenset())


def test_copy_of_a_row_is_new_and_the_first_that_equals_the_base_is_the_original() -> None:
    found = matched(TYPED, BORIS, TYPED)
    assert known(found) == {1: ID, 2: OTHER}
    assert [row.number for row in found.new] == [3]
    found = matched((ID, "Anya", "+7 912 000-00-01", "Perm"), BORIS, TYPED)
    assert known(found) == {2: OTHER, 3: ID}
    assert [row.number for row in found.new] == [1]


def test_row_over_whose_id_another_one_was_typed_is_what_it_was() -> None:
    found = matched(TYPED, named(ID, BORIS))
    assert known(found) == {1: ID, 2: OTHER}
    assert (found.new, found.vanished) == ((), ())
    edited = (ID, TYPED[1], TYPED[2], "Kazan")
    assert known(matched(edited, named(ID, BORIS))) == {1: ID, 2: OTHER}
    changed = (ID, BORIS[1], BORIS[2], "Kazan")
    assert known(matched(TYPED, changed)) == {1: ID, 2: OTHER}


def test_two_changed_rows_with_one_id_are_held() -> None:
    found = matched((ID, "Anya", "1"), (ID, "Annie", "2"), BORIS)
    assert (found.held, found.new, found.vanished) == ({ID}, (), ())
    assert known(found) == {3: OTHER}
    assert [problem.row for problem in found.problems] == [1, 2]


def test_row_that_lost_its_id_is_the_vanished_record_of_the_same_content() -> None:
    found = matched(named("", TYPED), BORIS)
    assert known(found) == {1: ID, 2: OTHER}
    assert [notice.code for notice in found.notices] == ["V12"]


def test_row_that_lost_its_id_is_known_by_a_key_that_it_alone_bears() -> None:
    found = matched(("", "Anya", "+7 912 000-00-01", "Kazan"), BORIS)
    assert known(found) == {1: ID, 2: OTHER}


@pytest.mark.parametrize("order", [1, -1])
def test_record_that_two_rows_claim_is_the_row_that_is_more_like_it(order: int) -> None:
    name_alone = ("", TYPED[1], "", "")
    the_row = ("", "", TYPED[2], TYPED[3])
    found = matched(*(name_alone, the_row)[::order], BORIS)
    row = 2 if order == 1 else 1
    assert known(found) == {row: ID, 3: OTHER}
    assert [row.cells["name"] for row in found.new] == [TYPED[1]]


def test_row_that_a_key_leaves_alone_after_another_is_known_by_it_then() -> None:
    annie = record(OTHER, name="Anya", phone="+79120000002", city="Omsk")
    annies = base(OTHER, name="Anya", phone="+7 912 000-00-02", city="Omsk")
    rows = (("", "Anya", TYPED[2], "Kazan"), ("", "Anya", "+7 912", "Tver"))
    found = matched(*rows, bases=(base(), annies), records=(record(), annie))
    assert known(found) == {1: ID, 2: OTHER}


def test_key_that_two_rows_bear_tells_nothing() -> None:
    found = matched(
        ("", "Anya", "+7 912 000-00-01", "Kazan"), ("", "Annie", "+7 912 000-00-01", "Tver"), BORIS
    )
    assert known(found) == {3: OTHER}


def test_key_that_two_vanished_records_bear_tells_nothing() -> None:
    twins = (base(), base(OTHER, name="Annie", city="Tver"))
    found = matched(("", "Anya", "+7 912 000-00-01", "Kazan"), bases=twins)
    assert known(found) == {}


def test_row_that_is_rather_like_a_vanished_record_is_held() -> None:
    near = base(name="Anna", phone="+7 912 000-00-01", city="Perm", currency="RUB")
    found = matched(
        ("", "Anya", "+7 912 000-00-09", "Perm", None, "RUB"), BORIS, bases=(near, BORIS_BASE)
    )
    assert (found.held, found.new) == ({ID}, ())
    assert [problem.record_id for problem in found.problems] == [ID]


def test_row_that_is_equally_like_two_vanished_records_is_held() -> None:
    twins = (base(price=5, currency="RUB"), base(OTHER, price=5, currency="RUB"))
    row: tuple[Cell, ...] = ("", "Anna", "+7 912 000-00-01", "Omsk", 5, "RUB")
    found = matched(row, bases=twins)
    assert (known(found), found.new, len(found.held)) == ({}, (), 1)
    found = matched(row, bases=(twins[0], base(OTHER, price=7, currency="USD")))
    assert known(found) == {1: ID}


def test_of_two_rows_that_are_rather_like_one_record_one_is_held() -> None:
    near = base(name="Anna", phone="+7 912 000-00-01", city="Perm", currency="RUB")
    first: tuple[Cell, ...] = ("", "Anya", "+7 912 000-00-09", "Perm", None, "RUB")
    second: tuple[Cell, ...] = ("", "Asya", "+7 912 000-00-08", "Perm", None, "RUB")
    found = matched(first, second, BORIS, bases=(near, BORIS_BASE))
    assert (found.held, [row.number for row in found.new]) == ({ID}, [2])
    assert [problem.row for problem in found.problems] == [1]


def test_row_like_a_record_whose_id_stands_in_two_changed_rows_is_no_third_of_it() -> None:
    found = matched((ID, "Anya", "1"), (ID, "Annie", "2"), named("", TYPED), BORIS)
    assert (found.held, known(found)) == ({ID}, {4: OTHER})


def test_new_rows_and_copies_come_in_the_order_of_the_sheet() -> None:
    found = matched(("", "Clara", "+7 912 000-00-03", "Tver"), TYPED, TYPED, BORIS)
    assert [row.number for row in found.new] == [1, 3]


def test_row_that_lost_its_id_stands_among_the_others_where_it_is() -> None:
    assert list(known(matched(named("", TYPED), BORIS))) == [1, 2]


def test_copy_that_is_still_like_its_own_record_is_a_copy_whoever_has_gone() -> None:
    both = {"price": 5, "currency": "RUB"}
    boris = base(OTHER, name="Boris", phone="+7 912 000-00-02", city="Omsk", **both)
    copy = (OTHER, *TYPED[1:3], "Omsk", 5, "RUB")
    found = matched(copy, (*BORIS, 5, "RUB"), bases=(base(**both), boris))
    assert (known(found), found.vanished) == ({2: OTHER}, (ID,))
    assert [row.number for row in found.new] == [1]


def test_row_like_nobody_is_new() -> None:
    found = matched(("", "Clara", "+7 912 000-00-03", "Tver"), TYPED, BORIS)
    assert [row.number for row in found.new] == [1]


@pytest.mark.parametrize("text", ["new", "Новый", "+"])
def test_row_that_says_it_is_new_is_no_vanished_record_whatever_it_looks_like(text: str) -> None:
    found = matched(named(text, TYPED), BORIS)
    assert known(found) == {2: OTHER}
    assert [row.number for row in found.new] == [1]
    assert found.vanished == (ID,)


def test_new_row_that_a_dead_run_has_made_a_record_of_is_that_record() -> None:
    found = matched(named("new", TYPED), BORIS, bases=(base(version=0), BORIS_BASE))
    assert known(found) == {1: ID, 2: OTHER}
    assert (found.new, found.notices) == ((), ())


def test_edited_row_over_whose_id_that_of_another_was_typed_is_no_copy() -> None:
    edited = (OTHER, *TYPED[1:-1], "Tver")
    assert known(matched(edited, BORIS)) == {1: ID, 2: OTHER}
    both = matched(edited, (*BORIS[:-1], "Tver"))
    assert known(both) == {1: ID, 2: OTHER}
    # A copy that was made into somebody else is a new record, whoever has gone meanwhile.
    found = matched((OTHER, "Clara", "+7 912 000-00-03", TYPED[-1]), BORIS)
    assert (known(found), [row.number for row in found.new]) == ({2: OTHER}, [1])


def test_row_of_an_archived_record_is_recognised_by_its_id_alone() -> None:
    gone = record(archived=True)
    assert known(matched(TYPED, BORIS, records=(gone, BORIS_RECORD))) == {1: ID, 2: OTHER}
    found = matched(named("", TYPED), BORIS, records=(gone, BORIS_RECORD))
    assert known(found) == {2: OTHER}
    assert [row.number for row in found.new] == [1]


def test_row_whose_record_was_undone_before_its_id_was_written_is_that_record() -> None:
    records, bases = (record(archived=True), BORIS_RECORD), (base(version=0), BORIS_BASE)
    found = matched(named("", TYPED), BORIS, records=records, bases=bases)
    assert (known(found), found.notices) == ({1: ID, 2: OTHER}, ())
    # Who is like one that is gone may have come anew.
    edited = ("", *TYPED[1:-1], "Tver")
    found = matched(edited, BORIS, records=records, bases=bases)
    assert known(found) == {2: OTHER}
    assert [row.number for row in found.new] == [1]


def test_row_of_which_only_the_id_is_left_was_emptied() -> None:
    found = matched((ID,), BORIS)
    assert (set(found.cleared), found.vanished) == ({ID}, (ID,))


def test_row_whose_cells_were_moved_away_from_its_id_is_that_record() -> None:
    found = matched((ID,), BORIS, named("", TYPED))
    assert (known(found), found.new, found.vanished) == ({2: OTHER, 3: ID}, (), ())
    assert set(found.cleared) == {ID}


def test_row_that_was_blank_all_along_was_not_emptied() -> None:
    blank = base(name=None, phone=None, city=None)
    found = matched((ID,), BORIS, bases=(blank, BORIS_BASE))
    assert (known(found), found.cleared) == ({1: ID, 2: OTHER}, {})


def test_id_of_a_record_that_is_gone_alone_in_a_row_brings_nothing_back() -> None:
    found = matched(
        (ID,), BORIS, bases=(BORIS_BASE,), records=(record(archived=True), BORIS_RECORD)
    )
    assert (known(found), set(found.cleared)) == ({2: OTHER}, {ID})


def test_id_left_alone_beside_its_row_is_a_stray() -> None:
    found = matched((ID,), TYPED, BORIS)
    assert known(found) == {2: ID, 3: OTHER}
    assert [row.number for row in found.strays] == [1]


def test_record_without_a_row_has_vanished() -> None:
    found = matched(BORIS)
    assert (found.vanished, found.new, found.held) == ((ID,), (), frozenset())
