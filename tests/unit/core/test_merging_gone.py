"""The merge of a row whose record left the store: it goes, comes back, or waits for a person."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crm_sync.core.findings import Clash
from crm_sync.core.merging import merge_row
from crm_sync.core.plan import Op
from crm_sync.core.records import FORGOTTEN, LET_GO, ROW, Base
from tests.unit.core.small_tab import ID, TYPED, base, record, sheet, work
from tests.unit.core.test_merging import cells, merged

GONE = record(version=3, archived=True)


def test_row_of_an_archived_record_goes_if_nobody_worked_on_it() -> None:
    found = merged(work(sheet(TYPED), [base()], [GONE]))
    assert found.delete is not None
    assert (found.delete.row, found.delete.cells, found.forget) == (1, TYPED, True)


def test_row_of_an_archived_record_that_was_edited_is_a_conflict_until_it_is_decided() -> None:
    made = work(sheet(cells(city="Omsk")), [base()], [GONE])
    found = merged(made)
    assert [(item.clash, item.theirs) for item in found.conflicts] == [(Clash.DELETE_EDIT, "Omsk")]
    assert (found.delete, found.forget) == (None, False)
    assert found.base == replace(base(), unsettled=True)


def test_what_was_edited_in_a_row_that_was_let_go_is_kept_with_the_record() -> None:
    found = merged(work(sheet(cells(city="Omsk")), [base(version=LET_GO)], [GONE]))
    assert found.change is not None
    assert (found.change.op, found.change.values) == (Op.UPDATE, {"city": "Omsk"})
    assert found.delete is not None


def test_what_is_typed_into_a_row_after_it_was_let_go_is_a_conflict_again() -> None:
    let_go = replace(base(version=LET_GO), values={**base().values, ROW: "Omsk"})
    found = merged(work(sheet(cells(city="Omsk")), [let_go], [GONE]))
    assert found.delete is not None
    found = merged(work(sheet(cells(city="Tver")), [let_go], [GONE]))
    assert [(item.clash, item.theirs) for item in found.conflicts] == [(Clash.DELETE_EDIT, "Tver")]
    assert (found.change, found.delete) == (None, None)
    assert found.base == base(version=0, unsettled=True)


def test_row_that_came_back_brings_its_record_back_with_its_edit() -> None:
    found = merged(work(sheet(cells(city="Omsk")), [], [GONE]))
    assert found.change is not None
    assert found.change.op is Op.RESTORE
    assert (found.change.values, found.change.version) == ({"city": "Omsk"}, 3)
    assert found.base is not None
    assert found.base.version == 4


def test_row_that_came_back_with_a_cell_that_will_not_do_is_looked_at_again() -> None:
    found = merged(work(sheet(cells(phone="12-")), [], [GONE]))
    assert found.change is not None
    assert found.base is not None
    assert (found.change.op, found.base.unsettled) == (Op.RESTORE, True)


def test_text_that_was_never_read_is_told_of_the_row_of_a_record_that_is_gone() -> None:
    agreed = base()
    unread = replace(agreed, cells={k: v for k, v in agreed.cells.items() if k != "phone"})
    found = merged(work(sheet(cells(phone="12-")), [unread], [GONE]))
    assert [(item.clash, item.theirs) for item in found.conflicts] == [(Clash.DELETE_EDIT, "12-")]


@pytest.mark.parametrize("known", [base(), base(version=LET_GO)])
def test_row_of_a_record_that_stands_in_no_store_any_more_goes(known: Base) -> None:
    found = merged(work(sheet(TYPED), [known], []))
    assert found.delete is not None
    assert (found.change, found.conflicts, found.forget) == (None, [], True)


def test_row_of_a_person_who_was_erased_goes_whatever_was_typed_and_nothing_is_kept() -> None:
    for records in ([], [GONE]):
        made = work(sheet(cells(city="Omsk")), [base(version=FORGOTTEN)], records)
        found = merged(made)
        assert found.delete is not None
        assert (found.change, found.conflicts, found.problems) == (None, [], [])


def test_row_of_a_record_that_was_never_here_is_nobodys() -> None:
    made = work(sheet(TYPED), [], [])
    assert merge_row(made, ID, made.rows[0]) is None
