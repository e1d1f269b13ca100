"""Opening and making workbooks by their name in the configuration."""

from typing import Any

import pytest

from crm_sync.errors import AccessError, QuotaExhausted, Unreachable
from crm_sync.ports import SheetOutline
from crm_sync.sheet_server.faults import FaultKind, When
from crm_sync.sheet_server.server import SheetServer
from crm_sync.workbooks import Connection, GoogleWorkbook, GoogleWorkbooks
from tests.contract.workbooks.conftest import OWNER_TOKEN, Office


def create(workbooks: GoogleWorkbooks) -> GoogleWorkbook:
    return workbooks.create(
        "office", "Клиенты", locale="ru_RU", time_zone="Asia/Almaty", first_tab="Клиенты"
    )


def test_new_workbook_has_one_blank_tab_and_the_conventions_asked_for(
    workbooks: GoogleWorkbooks,
) -> None:
    workbook = create(workbooks)
    outline = workbook.outline()
    assert (outline.title, outline.locale, outline.time_zone) == (
        "Клиенты",
        "ru_RU",
        "Asia/Almaty",
    )
    assert outline.sheets == (SheetOutline(0, "Клиенты", 1000, 26),)
    assert workbook.read([0])[0].rows == ()
    assert workbooks.open("office", workbook.spreadsheet_id).outline() == outline


def test_account_that_may_own_no_files_asks_a_person_to_make_the_workbook(
    server: SheetServer, workbooks: GoogleWorkbooks
) -> None:
    server.fault(FaultKind.STATUS, path="/v4/spreadsheets$", status=403,
                 reason="storageQuotaExceeded", times=None)  # fmt: skip
    with pytest.raises(AccessError, match="own no files") as caught:
        create(workbooks)
    assert "Share" in caught.value.hint


@pytest.mark.parametrize("fault", [{"kind": FaultKind.CUT}, {"kind": FaultKind.EMPTY}], ids=str)
def test_workbook_whose_making_was_not_answered_is_not_made_twice(
    server: SheetServer, workbooks: GoogleWorkbooks, fault: dict[str, Any]
) -> None:
    server.fault(path="/v4/spreadsheets$", when=When.AFTER, **fault)
    server.forget_requests()
    with pytest.raises(Unreachable, match="is not known") as caught:
        create(workbooks)
    assert "Клиенты" in str(caught.value)
    assert [seen.path for seen in server.requests].count("/v4/spreadsheets") == 1


def test_workbooks_behind_one_connection_share_their_sign_in(
    office: Office, server: SheetServer, key: dict[str, str]
) -> None:
    workbooks = GoogleWorkbooks(
        {"a": Connection(key, server.url), "b": Connection(dict(key), server.url)}
    )
    server.forget_requests()
    for name in ("a", "b"):
        workbooks.open(name, office.workbook.spreadsheet_id).probe()
    assert [seen.path for seen in server.requests].count("/token") == 1
    assert workbooks.requests_made == 2


def test_each_opening_begins_with_a_full_budget_of_waiting(office: Office) -> None:
    connection = Connection(OWNER_TOKEN, office.server.url, budget_seconds=6)
    workbooks = GoogleWorkbooks({"office": connection})
    office.server.fault(FaultKind.STATUS, path="/spreadsheets/", status=429, times=None)
    for made in (2, 4):
        workbook = workbooks.open("office", office.workbook.spreadsheet_id)
        with pytest.raises(QuotaExhausted):
            workbook.outline()
        assert workbooks.requests_made == made
