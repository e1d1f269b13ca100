"""The fence: of several writes made from one state of a workbook, just one lands."""

from dataclasses import replace

import pytest

from crm_sync.core.batch import UNMARKED, Batch, Put
from crm_sync.errors import Overtaken, UnknownOutcome
from crm_sync.sheet_server.faults import FaultKind, When
from tests.contract.workbooks.conftest import JOURNAL, Office

WRITE = ":batchUpdate$"


def fenced(office: Office, operation: str, after: str, name: str) -> Batch:
    """A write into the first row that may land only after that other one."""
    batch = office.batch(1, operation=operation, puts=(Put(1, 1, name),))
    return replace(batch, after=after)


@pytest.fixture
def begun(office: Office) -> Office:
    """An office in which the operation "one" has landed last."""
    office.workbook.swap(fenced(office, "one", UNMARKED, "Anya"))
    return office


def standing(office: Office) -> object:
    return office.workbook.read([0], [JOURNAL])[JOURNAL].rows[0][0]


def test_writes_that_know_of_each_other_follow_one_another(begun: Office) -> None:
    begun.workbook.swap(fenced(begun, "two", "one", "Anna"))
    begun.workbook.swap(fenced(begun, "three", "two", "Annie"))
    assert standing(begun) == "three"
    assert begun.rows()[1][1] == "Annie"


def test_second_write_made_from_the_same_state_is_refused_whole(begun: Office) -> None:
    begun.workbook.swap(fenced(begun, "two", "one", "Anna"))
    with pytest.raises(Overtaken):
        begun.workbook.swap(fenced(begun, "three", "one", "Annie"))
    assert standing(begun) == "two"
    assert begun.rows()[1][1] == "Anna"


def test_write_that_lands_minutes_after_it_was_given_up_finds_another_there(begun: Office) -> None:
    begun.server.fault(FaultKind.LATE, path=WRITE, lag=2)
    with pytest.raises(UnknownOutcome):
        begun.workbook.swap(fenced(begun, "two", "one", "Anna"))
    begun.workbook.swap(fenced(begun, "three", "one", "Annie"))
    assert begun.rows()[1][1] == "Annie"
    assert standing(begun) == "three"


def test_write_is_overtaken_by_one_that_lands_late(begun: Office) -> None:
    begun.server.fault(FaultKind.LATE, path=WRITE, lag=1)
    with pytest.raises(UnknownOutcome):
        begun.workbook.swap(fenced(begun, "two", "one", "Anna"))
    with pytest.raises(Overtaken):
        begun.workbook.swap(fenced(begun, "three", "one", "Annie"))
    assert standing(begun) == "two"


def test_write_that_is_asked_to_wait_though_it_was_done_is_not_done_twice(begun: Office) -> None:
    begun.server.fault(FaultKind.STATUS, path=WRITE, status=429, when=When.AFTER)
    with pytest.raises(Overtaken):
        begun.workbook.swap(fenced(begun, "two", "one", "Anna"))
    assert standing(begun) == "two"


def test_first_write_to_a_new_journal_lands_once(office: Office) -> None:
    office.workbook.swap(fenced(office, "one", "", "Anya"))
    with pytest.raises(Overtaken):
        office.workbook.swap(fenced(office, "two", "", "Anna"))
    assert standing(office) == "one"
