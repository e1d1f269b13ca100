"""A write whose answer is lost: never sent twice, and the journal tells whether it was done."""

from typing import Any

import pytest

from crm_sync.core.batch import JOURNAL_TITLE, Batch, NewTab, PreImage, Put, SheetBatch
from crm_sync.errors import QuotaExhausted, UnknownOutcome
from crm_sync.sheet_server.faults import FaultKind, When
from tests.contract.workbooks.conftest import ANNA, JOURNAL, Office, typed

BEFORE = PreImage(0, 1, ANNA)
LOST: list[dict[str, Any]] = [
    {"kind": FaultKind.CUT},
    {"kind": FaultKind.TRUNCATE},
    {"kind": FaultKind.TRUNCATE, "keep": 0},
    {"kind": FaultKind.HTML, "status": 502},
    {"kind": FaultKind.HTML, "status": 200},
    {"kind": FaultKind.EMPTY},
    {"kind": FaultKind.REDIRECT, "location": "http://127.0.0.1:9/"},
    {"kind": FaultKind.STATUS, "status": 500},
    {"kind": FaultKind.STATUS, "status": 503},
    {"kind": FaultKind.STATUS, "status": 408},
]


@pytest.mark.parametrize("fault", LOST, ids=str)
@pytest.mark.parametrize("when", list(When))
def test_lost_answer_is_an_unknown_outcome_and_the_journal_tells(
    office: Office, fault: dict[str, Any], when: When
) -> None:
    if fault["kind"] is FaultKind.TRUNCATE:
        # An answer that is cut short had begun: the write was done.
        when = When.AFTER
    office.server.fault(path=":batchUpdate$", when=when, **fault)
    asked = []

    def swap() -> None:
        with pytest.raises(UnknownOutcome) as caught:
            office.swap(1, operation="op-7", puts=(Put(1, 1, "Anya"),))
        assert caught.value.operation == "op-7"
        assert caught.value.__cause__ is not None

    asked += office.asked(swap)
    assert asked == [("POST", "ID:batchUpdate")]
    done = when is When.AFTER
    assert office.workbook.journal(JOURNAL, [(0, 1)])[0] == ("op-7" if done else "setup")
    assert office.rows()[1][1] == ("Anya" if done else "Anna")
    if done:
        assert office.workbook.journal(JOURNAL, [(0, 1)])[1] == (BEFORE,)


def test_pre_image_of_a_lost_answer_shows_the_edit_that_was_hit(office: Office) -> None:
    office.meanwhile(typed(1, 1, "Annushka"))
    office.server.fault(FaultKind.CUT, path=":batchUpdate$", when=When.AFTER)
    with pytest.raises(UnknownOutcome):
        office.swap(1, puts=(Put(1, 1, "Anya"),))
    _, (image,) = office.workbook.journal(JOURNAL, [(0, 1)])
    assert image.cells[1] == "Annushka"


def test_lost_answer_while_the_journal_is_made_is_an_unknown_outcome(office: Office) -> None:
    sheet = SheetBatch(0, 20, 4, (1,), puts=(Put(1, 1, "Anya"),))
    office.staff.spreadsheet.del_worksheet_by_id(JOURNAL)
    office.server.fault(FaultKind.CUT, path=":batchUpdate$", when=When.AFTER)
    with pytest.raises(UnknownOutcome):
        office.workbook.swap(Batch("op", 901, (sheet,), (NewTab(901, JOURNAL_TITLE),)))
    assert office.workbook.journal(901, [(0, 1)]) == ("", (PreImage(0, 1, ()),))
    assert office.rows()[1][1] == "Anna"


def test_write_that_the_quota_put_off_is_sent_again(office: Office) -> None:
    office.server.fault(FaultKind.STATUS, path=":batchUpdate$", status=429, times=2)
    assert office.swap(1, puts=(Put(1, 1, "Anya"),)) == (BEFORE,)


def test_write_that_the_quota_puts_off_for_ever_ends_and_was_not_done(office: Office) -> None:
    office.server.fault(FaultKind.STATUS, path=":batchUpdate$", status=429, times=None)

    def swap() -> None:
        with pytest.raises(QuotaExhausted):
            office.swap(1, puts=(Put(1, 1, "Anya"),))

    assert office.asked(swap) == [("POST", "ID:batchUpdate")] * 5
    assert office.rows()[1][1] == "Anna"


def test_sign_in_that_expired_is_renewed_and_the_write_done_once(office: Office) -> None:
    office.server.fault(FaultKind.STATUS, path=":batchUpdate$", status=401)
    asked = office.asked(lambda: office.swap(1, puts=(Put(1, 1, "Anya"),)))
    assert asked == [("POST", "ID:batchUpdate"), ("POST", "token"), ("POST", "ID:batchUpdate")]
    assert office.rows()[1][1] == "Anya"
