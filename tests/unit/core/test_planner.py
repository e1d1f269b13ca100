"""The plan of a small tab: what goes, what comes, what stays as it is, and in which order."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from crm_sync.core.automatic import Automatic, Policy
from crm_sync.core.engine_cells import with_engine_cells
from crm_sync.core.findings import HELD, Clash, Finding, Severity, Side
from crm_sync.core.limits import Limits
from crm_sync.core.plan import Op, TabPlan
from crm_sync.core.planner import placed_rows, plan_tab, survey
from crm_sync.core.records import AWAITED, begun
from crm_sync.core.values import Cell
from crm_sync.core.work import TabWork
from tests.unit.core.small_tab import ANNA, ID, OTHER, TYPED, base, record, sheet, work

NEW = "C-000034"
FEW = Limits(delete_rows=0, delete_share=0.0, column_rows=100, column_share=1.0)


def plan(made: TabWork, limits: Limits | None = None) -> TabPlan:
    found = survey(made)
    return plan_tab(made, found, [NEW][: len(found.newcomers)], limits or Limits())


def test_value_that_gave_way_comes_before_the_one_that_stays() -> None:
    row = (*TYPED[:3], "Omsk")
    policy = Automatic({"city": Policy.STORE})
    made = work(sheet(row), [base()], [record(version=3, city="Kazan")], automatic=policy)
    assert [(item.values, item.version) for item in plan(made).changes] == [
        ({"city": "Omsk"}, 3),
        ({"city": "Kazan"}, 4),
    ]


def test_draft_that_was_copied_does_not_keep_the_id_of_another_row() -> None:
    copy: tuple[Cell, ...] = (ID, None, "+7 912 000-00-05")
    found = plan(work(sheet(TYPED, copy), [base()], [record()]))
    assert [(item.row, item.field, item.after) for item in found.writes] == [(2, "id", "")]
    assert found.changes == ()


@pytest.mark.parametrize("typed", [17, "17", "C-999999"])
def test_id_that_was_typed_is_said_to_be_replaced_by_the_run_that_replaces_it(typed: Cell) -> None:
    draft: tuple[Cell, ...] = (typed, None, "+7 912 000-00-05")
    waits = plan(work(sheet(TYPED, draft), [base()], [record()]))
    assert (waits.writes, waits.block, waits.notices) == ((), None, ())
    found = plan(work(sheet(TYPED, (typed, "Vera", *draft[2:])), [base()], [record()]))
    assert found.block is not None
    assert found.block.record_ids == [NEW]
    assert [notice.params["typed"] for notice in found.notices] == [str(typed)]


def test_record_whose_row_is_gone_is_archived() -> None:
    found = plan(work(sheet(), [base()], [record()]))
    assert [item.op for item in found.changes] == [Op.ARCHIVE]
    assert found.dropped == (ID,)


def test_record_of_which_only_the_version_rose_is_archived_as_it_is_now() -> None:
    (change,) = plan(work(sheet(), [base()], [record(version=5)])).changes
    assert (change.op, change.version) == (Op.ARCHIVE, 5)


def test_record_whose_row_is_gone_and_which_was_edited_is_a_conflict() -> None:
    found = plan(work(sheet(), [base()], [record(version=3, city="Omsk")]))
    assert [(item.clash, item.ours) for item in found.conflicts] == [(Clash.EDIT_DELETE, "Omsk")]
    assert (found.changes, found.dropped, found.bases[ID].unsettled) == ((), (), True)


HELD_UP = Finding(HELD, Severity.REJECT, (), "closed")


def test_record_whose_archiving_is_held_up_stays_and_is_told() -> None:
    made = work(sheet(), [base()], [record()], archiving=lambda values: HELD_UP)
    found = plan(made, FEW)
    (problem,) = found.problems
    assert (problem.code, problem.record_id, problem.field, problem.row) == (HELD, ID, "", None)
    assert (found.changes, found.dropped, found.bases[ID].unsettled) == ((), (), True)
    assert not found.writes_sheet


def test_record_that_was_edited_is_a_conflict_whatever_else_holds_it_up() -> None:
    edited = record(version=3, city="Omsk")
    found = plan(work(sheet(), [base()], [edited], archiving=lambda values: HELD_UP))
    assert [item.clash for item in found.conflicts] == [Clash.EDIT_DELETE]
    assert found.problems == ()


def test_word_on_a_row_that_is_gone_archives_its_record_or_adds_it_again() -> None:
    made = work(sheet(), [base()], [record()], archiving=lambda values: HELD_UP)
    gone = plan(replace(made, decided={(ID, ""): Side.SHEET}))
    assert [item.op for item in gone.changes] == [Op.ARCHIVE]
    back = plan(replace(made, decided={(ID, ""): Side.STORE}))
    assert [item.record_id for item in back.inserts] == [ID]
    assert (back.changes, back.problems, back.dropped) == ((), (), ())


def test_emptied_row_whose_end_is_refused_is_filled_where_it_stands() -> None:
    made = work(sheet((ID,)), [base()], [record()], archiving=lambda values: HELD_UP)
    assert plan(made).writes == ()
    back = plan(replace(made, decided={(ID, ""): Side.STORE}))
    assert back.inserts == ()
    assert {item.field: item.after for item in back.writes} == {
        "name": "Anna",
        "phone": "+7 912 000-00-01",
        "city": "Perm",
    }


def test_emptied_row_of_a_record_that_was_edited_keeps_its_id_until_it_is_decided() -> None:
    found = plan(work(sheet((ID,)), [base()], [record(version=3, city="Omsk")]))
    assert len(found.conflicts) == 1
    assert found.writes == ()


def test_emptied_row_loses_its_id_and_what_the_program_had_filled() -> None:
    row: tuple[Cell, ...] = (ID, None, None, None, None, None, "yesterday")
    found = plan(work(sheet(row), [base()], [record()]))
    assert [(item.field, item.after) for item in found.writes] == [("id", ""), ("seen", None)]


def test_id_goes_to_the_row_into_which_its_cells_were_moved() -> None:
    found = plan(work(sheet((ID,), ("", *TYPED[1:])), [base()], [record()]))
    assert found.changes == ()
    assert [(item.row, item.field, item.after) for item in found.writes] == [
        (2, "id", ID),
        (1, "id", ""),
    ]


def test_emptied_row_keeps_its_id_while_another_may_be_that_record() -> None:
    known = base(price=5, currency="RUB")
    row: tuple[Cell, ...] = ("", "Anya", "+7 912 000-00-09", "Perm", 5, "RUB")
    made = work(sheet((ID,), row), [known], [record(price="5", currency="RUB")])
    found = plan(made)
    assert [(item.record_id, item.row) for item in found.problems] == [(ID, 2)]
    assert (found.changes, found.writes) == ((), ())


def test_record_whose_row_was_to_be_added_and_is_not_there_is_added() -> None:
    found = plan(work(sheet(), [base(version=AWAITED)], [record()]))
    assert [item.record_id for item in found.inserts] == [ID]
    assert (found.changes, found.dropped) == ((), ())


def test_record_whose_row_was_added_and_then_emptied_is_archived() -> None:
    found = plan(work(sheet((ID,)), [base(version=AWAITED)], [record()]))
    assert ([item.op for item in found.changes], found.inserts) == ([Op.ARCHIVE], ())


def test_record_that_stands_in_two_rows_and_was_never_agreed_on_gets_no_third() -> None:
    found = plan(work(sheet(TYPED, TYPED), [], [record()]))
    assert (found.inserts, len(found.problems)) == ((), 2)


def test_filling_a_column_that_the_run_makes_is_no_change_of_anybodys() -> None:
    few = Limits(column_rows=0, column_share=0.0)
    made = work(sheet((*TYPED[:3], None)), [base(city=None)], [record(version=3)])
    assert plan(made, few).stop is not None
    added = replace(made.binding, added=frozenset({"city"}))
    assert plan(replace(made, binding=added), few).stop is None


def test_finishing_new_rows_that_a_run_which_died_had_begun_is_no_change_of_anybodys() -> None:
    few = Limits(column_rows=0, column_share=0.0)
    phone = 79120000001
    typed = sheet((None, "Anna", phone, "Perm"))
    known = begun(base(version=1, currency="RUB"), {"currency": None, "phone": phone})
    made = work(typed, [known], [record(version=1, currency="RUB")])
    found = plan(made, few)
    assert found.stop is None
    assert {item.field for item in found.writes} == {"id", "currency", "phone"}
    # What a program has changed since is a change like any other.
    assert plan(replace(made, records={ID: record(version=2, city="Omsk")}), few).stop is not None


def test_record_with_a_value_that_no_cell_can_show_is_looked_at_again() -> None:
    found = plan(work(sheet(), [], [record(phone="junk")]))
    assert [item.record_id for item in found.inserts] == [ID]
    assert [item.field for item in found.problems] == ["phone"]
    assert found.bases[ID].unsettled
    assert "phone" not in found.bases[ID].values


def test_archived_record_gets_no_row() -> None:
    assert plan(work(sheet(), [], [record(archived=True)])) == TabPlan("clients")


def test_new_row_gets_an_id_and_becomes_a_record() -> None:
    found = plan(work(sheet(("", "Clara"))))
    assert [(item.op, item.record_id) for item in found.changes] == [(Op.CREATE, NEW)]
    assert [(item.field, item.before, item.after) for item in found.every_write] == [
        ("id", "", NEW)
    ]
    assert found.bases[NEW].version == 1


def test_new_row_with_a_cell_that_will_not_do_is_looked_at_again() -> None:
    found = plan(work(sheet(("", "Clara", "12-"))))
    assert [(item.record_id, item.field) for item in found.problems] == [(NEW, "phone")]
    assert found.bases[NEW].unsettled
    assert "phone" not in found.bases[NEW].cells


def test_share_of_a_limit_is_of_all_rows_though_the_run_looks_at_a_few() -> None:
    many = [f"C-{number}" for number in range(6)]
    vanished = work(sheet(), [base(each) for each in many], [record(each) for each in many])
    assert plan(vanished).stop is not None
    assert plan(replace(vanished, others=200)).stop is None


@pytest.mark.parametrize("agreed", [False, True])
def test_series_in_cells_that_were_never_agreed_on_was_dragged_over_nothing(agreed: bool) -> None:
    ids = [f"C-{number:06}" for number in range(1, 7)]
    rows = [(each, f"Shop {number}", None, "Perm") for number, each in enumerate(ids)]
    known = [base(each, name=None, phone=None) for each in ids]
    bases = [item if agreed else item.without({"name"}) for item in known]
    records = [record(each, name=None, phone=None) for each in ids]
    found = plan(work(sheet(*rows), bases, records))
    assert (found.stop is not None) is agreed
    assert len(found.changes) == (0 if agreed else 6)


def hit(made: TabWork, **changed: Any) -> TabWork:
    """The tab with its only row hit by an earlier write."""
    (row,) = made.rows
    return replace(made, rows=(replace(row, **changed),))


def test_tab_over_a_limit_changes_nothing_but_puts_right_what_was_hit() -> None:
    made = work(sheet(TYPED), [base(), base(OTHER)], [record(), record(OTHER)])
    found = plan(hit(made, standing={"city": "ours"}), FEW)
    assert found.stop is not None
    assert (found.changes, found.dropped, found.bases) == ((), (), {})
    assert [(item.field, item.before, item.after) for item in found.writes] == [
        ("city", "ours", "Perm")
    ]


def test_id_that_was_hit_in_a_tab_that_stops_becomes_that_of_its_record() -> None:
    boris = base(OTHER, name="Boris"), record(OTHER, name="Boris")
    made = work(sheet(("", *TYPED[1:])), [base(), boris[0]], [record(), boris[1]])
    found = plan(hit(made, standing={"id": "C-9"}), FEW)
    assert found.stop is not None
    assert [(item.before, item.after, item.mends) for item in found.writes] == [("C-9", ID, True)]


def test_new_row_into_which_an_id_was_written_by_mistake_is_expected_as_it_stands() -> None:
    found = plan(hit(work(sheet(("", "Clara"))), standing={"id": "C-9"}))
    assert [(item.before, item.row_id, item.after) for item in found.every_write] == [
        ("C-9", "C-9", NEW)
    ]


def test_what_was_decided_since_a_cell_was_hit_is_written_and_nothing_after_it() -> None:
    made = work(
        sheet(TYPED),
        [base()],
        [record(version=3, city="Kazan")],
        decided={(ID, "city"): Side.STORE},
    )
    typed = {**made.rows[0].cells, "city": "Omsk"}
    found = plan(hit(made, cells=typed, standing={"city": "ours"}))
    assert [(item.before, item.after) for item in found.writes] == [("ours", "Kazan")]


SEEN = {ID: {"seen": "today"}}


def filled(made: TabWork) -> TabPlan:
    found = survey(made)
    planned = plan_tab(made, found, (), Limits())
    return with_engine_cells(made, planned, placed_rows(found, planned, ()), SEEN)


def test_column_of_the_program_is_filled_in_old_rows_and_new_ones() -> None:
    assert [
        (item.field, item.after) for item in filled(work(sheet(TYPED), [base()], [record()])).writes
    ] == [("seen", "today")]
    (insert,) = filled(work(sheet(), [], [record()])).inserts
    assert insert.cells[6] == "today"


def test_column_of_the_program_is_not_written_where_it_is_right_or_a_formula() -> None:
    row: tuple[Cell, ...] = (*TYPED, None, None, "today")
    assert filled(work(sheet(row), [base()], [record()])).writes == ()
    spelled: tuple[Cell, ...] = (*TYPED, None, None, "today ")
    assert filled(work(sheet(spelled), [base()], [record()])).writes == ()
    other: tuple[Cell, ...] = (*TYPED, None, None, "mine")
    read = sheet(other, formulas={(1, 6): '="mi" & "ne"'})
    assert filled(work(read, [base()], [record()])).writes == ()


@pytest.mark.parametrize("name", ["name", "city"])
def test_store_and_sheet_meet_in_one_row(name: str) -> None:
    row = tuple("Typed" if cell == ANNA[name] else cell for cell in TYPED)
    found = plan(work(sheet(row), [base()], [record(version=3, phone="+79120000007")]))
    assert [item.values for item in found.changes] == [{name: "Typed"}]
    assert [(item.field, item.after) for item in found.writes] == [("phone", "+7 912 000-00-07")]
