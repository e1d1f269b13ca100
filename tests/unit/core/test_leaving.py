"""Rows and the scope of their workbook: here the clients of Perm are shown, Omsk's elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from crm_sync.core.findings import Finding, Severity
from crm_sync.core.guarding import retired_cells, with_guarded_cells
from crm_sync.core.leaving import suspects
from crm_sync.core.limits import Limits
from crm_sync.core.plan import Op, TabPlan
from crm_sync.core.planner import placed_rows, plan_tab, survey
from crm_sync.core.records import Base, Record
from crm_sync.core.rows import OwnHit
from crm_sync.core.values import Cell
from crm_sync.core.view import View
from tests.unit.core.small_tab import CODECS, ID, OTHER, TABLE, TYPED, base, record, sheet, work


def view(*, holders: Sequence[str] = ("omsk",), changed: bool = False) -> View:
    return View(
        TABLE,
        shows=lambda values: values.get("city") in ("Perm", None),
        homes=lambda values: frozenset({"omsk"} if values.get("city") == "Omsk" else ()),
        claim=lambda values: {"city": "Perm"},
        entry={},
        holders={ID: frozenset(holders)},
        changed=changed,
    )


NEW = "C-000034"


def plan(
    row: tuple[Cell, ...] | None, bases: Sequence[Base], records: Sequence[Record], **more: Any
) -> TabPlan:
    rows = [row] if row else []
    made = work(sheet(*rows), bases, records, view=more.pop("view", view()), **more)
    found = survey(made)
    ids = [NEW] * len(found.newcomers)
    planned = plan_tab(made, found, ids, Limits())
    placed = placed_rows(found, planned, ids)
    assert planned.held.isdisjoint(placed)
    return planned


GONE_TO_OMSK = record(version=3, city="Omsk")


def test_row_whose_record_left_the_scope_goes_and_nothing_is_archived() -> None:
    found = plan(TYPED, [base()], [GONE_TO_OMSK])
    assert [item.record_id for item in found.deletes] == [ID]
    assert (found.left, found.dropped, found.changes) == ((ID,), (ID,), ())


def test_row_stays_until_the_record_stands_elsewhere() -> None:
    found = plan(TYPED, [base()], [GONE_TO_OMSK], view=view(holders=()))
    assert (found.deletes, found.waiting) == ((), (ID,))
    assert [(item.field, item.after) for item in found.writes] == [("city", "Omsk")]


@pytest.mark.parametrize(
    ("homes", "holders", "leaves"),
    [
        ((), (), True),
        (("omsk",), (), False),
        (("omsk",), ("omsk",), True),
        (("omsk", "tver"), ("omsk",), False),
        # The overview is waited for only where no other workbook shows the record.
        (("omsk", "all"), ("omsk",), True),
        (("omsk", "all"), ("all",), False),
        (("all",), (), False),
        (("all",), ("all",), True),
    ],
)
def test_row_leaves_when_those_have_its_record_that_show_it(
    homes: tuple[str, ...], holders: tuple[str, ...], leaves: bool
) -> None:
    seen = replace(
        view(holders=holders),
        homes=lambda values: frozenset(homes),
        overviews=frozenset({"all"}),
    )
    assert seen.may_leave(ID, {}) is leaves


@pytest.mark.parametrize(
    ("row", "stored", "asked"),
    [
        (TYPED, record(), ()),
        (TYPED, GONE_TO_OMSK, (ID,)),
        # What is typed may be what takes the record out of the scope.
        ((*TYPED[:3], "Omsk"), record(), (ID,)),
        ((*TYPED[:3], "Omsk"), record(archived=True), ()),
    ],
)
def test_records_that_may_have_to_leave_are_asked_for_elsewhere(
    row: tuple[Cell, ...], stored: Record, asked: tuple[str, ...]
) -> None:
    made = work(sheet(row), [base()], [stored], view=view())
    assert suspects(made, [(ID, made.rows[0])]) == asked


def test_edit_in_a_row_that_leaves_is_taken_with_it() -> None:
    found = plan((ID, "Anya", *TYPED[2:]), [base()], [GONE_TO_OMSK])
    assert [item.values for item in found.changes] == [{"name": "Anya"}]
    assert len(found.deletes) == 1


def test_row_in_conflict_stays_until_it_is_decided() -> None:
    found = plan((ID, "Anya", *TYPED[2:]), [base()], [record(version=3, city="Omsk", name="Ann")])
    assert [item.field for item in found.conflicts] == ["name"]
    assert (found.deletes, found.left) == ((), ())


def test_row_with_a_refused_cell_stays_until_it_is_mended() -> None:
    found = plan((ID, "Anna", "12-", "Perm"), [base()], [GONE_TO_OMSK])
    assert [item.severity for item in found.problems] == [Severity.REJECT]
    assert (found.deletes, found.left) == ((), ())


@pytest.mark.parametrize(
    "struck", [{"standing": {"name": "Zoe"}}, {"own_hits": {8: OwnHit("mine", "Zoe")}}]
)
def test_row_that_a_write_of_ours_hit_stays_until_it_is_put_right(struck: Any) -> None:
    made = work(sheet(TYPED), [base()], [GONE_TO_OMSK], view=view())
    (row,) = made.rows
    made = replace(made, rows=(replace(row, **struck),))
    found = plan_tab(made, survey(made), [], Limits())
    assert (found.deletes, found.left) == ((), ())
    assert any(item.mends for item in found.writes)


def test_warning_keeps_no_row() -> None:
    def check(after: Any, before: Any) -> Sequence[Finding]:
        return (Finding("V10", Severity.WARN, ("name",), "Look."),)

    assert len(plan(TYPED, [base()], [GONE_TO_OMSK], check=check).deletes) == 1


@pytest.mark.parametrize(
    "stored", [record(version=3, city="Omsk"), record(version=3, city="Kazan", name="Other")]
)
def test_row_with_the_id_of_a_record_that_lives_elsewhere_shows_nothing_and_takes_nothing(
    stored: Record,
) -> None:
    found = plan(TYPED, [], [stored])
    assert (found.changes, found.writes, found.bases) == ((), (), {})
    assert [(item.code, item.record_id) for item in found.problems] == [("V12", ID)]
    assert found.held == {ID}


def test_row_that_is_like_a_record_that_lives_elsewhere_does_not_claim_it() -> None:
    row: tuple[Cell, ...] = (*TYPED[:3], "Omsk", 5, "RUB")
    found = plan(row, [], [record(version=3, city="Omsk", currency="RUB")])
    assert (found.changes, found.writes, found.held) == ((), (), {ID})


def test_row_that_says_of_a_record_that_nobody_owns_whose_it_is_does_not_claim_it() -> None:
    strict = replace(view(), shows=lambda values: values.get("city") == "Perm")
    found = plan((ID, None, None, "Perm"), [], [record(version=3, city=None)], view=strict)
    assert (found.changes, found.writes, found.held) == ((), (), {ID})


def test_row_that_was_moved_here_brings_its_record_back_as_one_of_ours() -> None:
    row: tuple[Cell, ...] = (*TYPED[:3], "Omsk")
    found = plan(row, [], [record(version=3, archived=True, city="Omsk")])
    (change,) = found.changes
    assert (change.op, change.values) == (Op.RESTORE, {"city": "Perm"})
    assert [(item.field, item.before, item.after) for item in found.writes] == [
        ("city", "Omsk", "Perm")
    ]
    assert found.bases[ID].values["city"] == "Perm"


def test_row_that_is_not_like_the_archived_record_of_its_id_is_held() -> None:
    gone = record(version=3, archived=True, city="Omsk", name="Boris", phone="+79120000002")
    found = plan((*TYPED[:3], "Omsk"), [], [gone])
    assert (found.changes, found.writes, found.held) == ((), (), {ID})


def test_absence_of_a_row_that_has_left_deletes_nothing() -> None:
    found = plan(None, [base()], [GONE_TO_OMSK])
    assert (found.changes, found.dropped, found.conflicts) == ((), (ID,), ())
    assert [item.op for item in plan(None, [base()], [record()]).changes] == [Op.ARCHIVE]


def test_new_row_that_belongs_elsewhere_waits_to_leave() -> None:
    found = plan(("", "Clara", None, "Omsk"), [], [])
    assert [item.record_id for item in found.changes] == [NEW]
    assert found.waiting == (NEW,)
    assert plan(("", "Clara", None, "Perm"), [], []).waiting == ()


def test_what_a_new_row_says_where_nobody_may_change_it_is_taken_and_not_agreed_on() -> None:
    guarded = replace(view(), entry={"phone": CODECS["phone"]})
    found = plan(("", "Clara", "+7 912 000-00-03", "Perm"), [], [], view=guarded)
    (change,) = found.changes
    assert change.values["phone"] == "+79120000003"
    known = found.bases[NEW]
    assert "phone" not in known.values.keys() | known.cells.keys()
    assert known.values["city"] == "Perm"


@pytest.mark.parametrize("changed", [False, True])
def test_many_rows_come_in_unasked_unless_the_scope_was_changed(changed: bool) -> None:
    many = [record(f"C-{number}") for number in range(6)]
    found = plan(None, [], many, view=view(changed=changed))
    assert (found.stop is not None, len(found.inserts)) == ((True, 0) if changed else (False, 6))


def test_record_that_is_shown_elsewhere_gets_no_row_here() -> None:
    assert plan((), [], [GONE_TO_OMSK]).inserts == ()
    assert len(plan((), [], [record()]).inserts) == 1


@pytest.mark.parametrize("formula", [False, True])
def test_formula_in_a_guarded_cell_is_left_and_not_told_as_typed(formula: bool) -> None:
    guarded = replace(view(), entry={"phone": CODECS["phone"]})
    typed = (ID, "Anna", "+7 912 000-00-09", "Perm")
    read = sheet(typed, formulas={(1, 2): "=A1"} if formula else None)
    made = work(read, [base()], [record()], view=guarded)
    (row,) = made.rows
    shown = {ID: {"phone": "+79120000001"}}
    found = with_guarded_cells(made, TabPlan("clients"), {ID: row}, {}, shown)
    assert [item.typed for item in found.problems] == ([] if formula else ["+7 912 000-00-09"])


def test_column_that_is_hidden_from_now_on_tells_what_no_record_holds() -> None:
    new = (None, "Zoe", None, "Omsk")
    edited = (OTHER, "Boris", None, "Tver")
    bases = [base(), base(OTHER, name="Boris", phone=None)]
    made = work(sheet(TYPED, new, edited), bases, [record(), record(OTHER)])
    rows = {ID: made.rows[0], OTHER: made.rows[2]}
    writes, problems = retired_cells(made, {"city": 3}, rows)
    assert [(item.row, item.after) for item in writes] == [(row, None) for row in range(4)]
    assert [(item.row, item.typed) for item in problems] == [(2, "Omsk"), (3, "Tver")]
