"""The swap: one atomic write that brings back what stood there at that very moment."""

from contextlib import closing

import gspread
import pytest

from crm_sync.core.batch import (
    JOURNAL_TITLE,
    Batch,
    GeneratedTab,
    NewTab,
    PreImage,
    Put,
    SheetBatch,
)
from crm_sync.core.grid import Grid, Shown, Style
from crm_sync.errors import ShapeError
from crm_sync.ports import SheetOutline
from crm_sync.sheet_server.server import SheetServer
from tests.contract.sheet_server.local_client import Http, gspread_by_token
from tests.contract.workbooks.conftest import (
    ANNA,
    BORIS,
    JOURNAL,
    OWNER_TOKEN,
    VERA,
    Office,
    rows_moved,
    typed,
)

WRITE = [("POST", "ID:batchUpdate")]


def test_write_is_one_request_and_brings_back_the_rows_as_they_stood(office: Office) -> None:
    found: list[tuple[PreImage, ...]] = []
    puts = (Put(1, 1, "Anya"), Put(3, 3, 301))
    assert office.asked(lambda: found.append(office.swap(1, 3, puts=puts))) == WRITE
    assert found == [(PreImage(0, 1, ANNA), PreImage(0, 3, VERA))]
    assert office.rows()[1:] == (("C-1", "Anya", *ANNA[2:]), BORIS, (*VERA[:3], 301))


def test_edit_between_read_and_write_is_in_the_answer(office: Office) -> None:
    office.meanwhile(typed(1, 1, "Annushka"))
    (image,) = office.swap(1, puts=(Put(1, 1, "Anya"),))
    assert image == PreImage(0, 1, ("C-1", "Annushka", *ANNA[2:]))
    assert office.rows()[1][1] == "Anya"


def test_sort_between_read_and_write_shows_another_record_in_the_row(office: Office) -> None:
    sort = {
        "sortRange": {
            "range": {"sheetId": 0, "startRowIndex": 1, "endRowIndex": 4},
            "sortSpecs": [{"dimensionIndex": 0, "sortOrder": "DESCENDING"}],
        }
    }
    office.meanwhile(sort)
    (image,) = office.swap(1, puts=(Put(1, 1, "Anya"),))
    assert image == PreImage(0, 1, VERA)


def test_row_inserted_between_read_and_write_shows_that_ours_moved(office: Office) -> None:
    office.meanwhile(rows_moved("insertDimension", 1, 2))
    images = office.swap(1, 2, puts=(Put(1, 1, "Anya"),))
    assert images == (PreImage(0, 1, ()), PreImage(0, 2, ANNA))


def test_row_deleted_between_read_and_write_shows_that_ours_moved(office: Office) -> None:
    office.meanwhile(rows_moved("deleteDimension", 1, 2))
    (image,) = office.swap(1, deletes=(1,))
    assert image == PreImage(0, 1, BORIS)


def test_row_number_is_never_written_into_the_journal_of_another_operation(office: Office) -> None:
    office.swap(1, 2, 3, operation="long", puts=(Put(1, 3, 1),))
    office.swap(2, operation="short", puts=(Put(2, 3, 2),))
    journal = office.workbook.read([JOURNAL])[JOURNAL]
    assert (journal.row_count, journal.column_count) == (3, 4)
    assert journal.rows == (("short",), BORIS, BORIS)


def test_rows_far_apart_and_close_together_come_back_in_order(office: Office) -> None:
    office.swap(puts=(Put(18, 0, "C-9"),))
    images = office.swap(18, 3, 1, puts=(Put(1, 3, 1),))
    assert images == (PreImage(0, 1, ANNA), PreImage(0, 3, VERA), PreImage(0, 18, ("C-9",)))


def test_formula_typed_meanwhile_comes_back_with_its_value_and_its_own_text(
    office: Office,
) -> None:
    office.meanwhile(typed(3, 3, "=D2*3"))
    (image,) = office.swap(3, puts=(Put(3, 3, 1),))
    assert image == PreImage(0, 3, (*VERA[:3], 300), {3: "=D2*3"})


def test_text_that_begins_with_an_equals_sign_comes_back_as_text(office: Office) -> None:
    office.swap(puts=(Put(3, 1, "=D2*3"),))
    (image,) = office.swap(3, puts=(Put(3, 1, "Vera"),))
    assert image == PreImage(0, 3, ("C-3", "=D2*3", *VERA[2:]))


def test_put_of_nothing_clears_and_format_stays_unless_a_pattern_is_given(office: Office) -> None:
    office.swap(puts=(Put(1, 3, 0.5, "0.0%"),))
    office.swap(puts=(Put(1, 3, 0.25), Put(2, 1, None), Put(3, 1, "")))
    assert office.staff.get("A2:D4") == [
        ["C-1", "Anna", "+79160000001", "25,0%"],
        ["C-2", "", "+79160000002", "200,5"],
        ["C-3", "", "+79160000003", "300"],
    ]


@pytest.mark.parametrize("text", ["007", "+7 916", "=1+1", "31.12.2026", "1e5", "TRUE", "'x", "@a"])
def test_text_is_written_as_it_is_whatever_it_looks_like(office: Office, text: str) -> None:
    office.swap(puts=(Put(1, 1, text, "@"),))
    assert office.rows()[1][1] == text


def test_formula_is_put_back_as_a_formula(office: Office) -> None:
    office.swap(puts=(Put(1, 3, "=2*21", formula=True),))
    tab = office.workbook.read([0])[0]
    assert (tab.rows[1][3], tab.formulas) == (42, {(1, 3): "=2*21"})


def test_new_rows_push_others_down_and_deletes_count_rows_as_they_were_read(
    office: Office,
) -> None:
    office.swap(
        1,
        3,
        puts=(Put(2, 1, "Borya"),),
        insert_at=2,
        inserts=(Put(0, 0, "C-4"), Put(0, 1, "Galina"), Put(1, 0, "C-5")),
        inserted_rows=2,
        deletes=(1, 3),
    )
    assert office.rows()[1:] == (("C-4", "Galina"), ("C-5",), ("C-2", "Borya", *BORIS[2:]))


def test_rows_added_at_the_end_lie_below_those_that_staff_added_meanwhile(office: Office) -> None:
    grow = {"appendDimension": {"sheetId": 0, "dimension": "ROWS", "length": 5}}
    office.meanwhile(grow, typed(20, 0, "typed at the bottom"))
    office.swap(insert_at=20, inserts=(Put(0, 0, "C-4"),), inserted_rows=1)
    assert [row[0] for row in office.rows() if row][-2:] == ["C-4", "typed at the bottom"]


def test_batch_is_written_whole_or_not_at_all(office: Office) -> None:
    before = office.rows()
    with pytest.raises(ShapeError):
        office.swap(1, puts=(Put(1, 1, "Anya"), Put(99, 0, "beyond the grid")))
    assert office.rows() == before
    assert office.workbook.journal(JOURNAL, ())[0] == "setup"


def test_empty_batch_asks_nothing(office: Office) -> None:
    assert office.asked(lambda: office.workbook.swap(Batch("op", JOURNAL))) == []


def test_journal_tells_afterwards_what_the_swap_answered(office: Office) -> None:
    office.swap(puts=(Put(3, 3, "=D2*3", formula=True),))
    images = office.swap(1, 2, 3, operation="op-2", puts=(Put(3, 3, 7), Put(1, 1, "Anya")))
    assert images[2].formulas == {3: "=D2*3"}
    assert office.workbook.journal(JOURNAL, [(0, 1), (0, 2), (0, 3)]) == ("op-2", images)
    assert office.workbook.journal(JOURNAL, [(0, 3), (0, 1), (0, 2)]) == ("op-2", images)
    assert office.workbook.journal(JOURNAL, ()) == ("op-2", ())


def test_journal_is_read_in_one_request(office: Office) -> None:
    asked = office.asked(lambda: office.workbook.journal(JOURNAL, [(0, 1)]))
    assert asked == [("POST", "ID:getByDataFilter")]


def test_journal_tab_that_is_not_there_holds_no_operation(office: Office) -> None:
    assert office.workbook.journal(4711, [(0, 1)]) == ("", ())


def test_journal_tab_is_hidden_and_found_by_its_id_though_renamed(office: Office) -> None:
    properties = {"sheetId": JOURNAL, "title": "mine", "hidden": False}
    office.meanwhile(
        {"updateSheetProperties": {"properties": properties, "fields": "title,hidden"}}
    )
    assert office.swap(1, puts=(Put(1, 1, "Anya"),)) == (PreImage(0, 1, ANNA),)
    (journal,) = [tab for tab in office.staff.spreadsheet.worksheets() if tab.id == JOURNAL]
    assert (journal.title, journal.isSheetHidden) == (JOURNAL_TITLE, True)


def test_journal_tab_is_closed_to_other_editors(office: Office, server: SheetServer) -> None:
    with closing(Http(server.url, OWNER_TOKEN)) as owner:
        owner.share(office.workbook.spreadsheet_id, "ann@example.com", "writer")
    ann = gspread_by_token(server.url, server.token_for("ann@example.com"))
    with closing(ann.http_client.session):
        book = ann.open_by_key(office.workbook.spreadsheet_id)
        book.sheet1.update([["Anya"]], "B2")
        with pytest.raises(gspread.exceptions.APIError, match="protected"):
            book.get_worksheet_by_id(JOURNAL).update([["mine"]], "A1")


def test_row_that_cannot_be_copied_is_written_and_left_out_of_the_answer(office: Office) -> None:
    # The sheet has become shorter than it was read.
    puts = (Put(1, 1, "Anya"), Put(3, 1, "Vera P."))
    found: list[tuple[PreImage, ...]] = []
    asked = office.asked(lambda: found.append(office.swap(1, 3, 90, puts=puts)))
    assert asked == WRITE * 2
    assert found == [(PreImage(0, 1, ANNA), PreImage(0, 3, VERA))]
    assert [row[1] for row in office.rows()[1:]] == ["Anya", "Boris", "Vera P."]
    assert office.workbook.journal(JOURNAL, [(0, 1), (0, 3), (0, 90)]) == ("op", found[0])


def test_too_many_rows_that_cannot_be_copied_are_a_refusal(office: Office) -> None:
    with pytest.raises(ShapeError):
        office.swap(1, 90, 100, 110, 120, 130, 140, puts=(Put(1, 1, "Anya"),))
    assert office.rows()[1] == ANNA


def test_rows_of_several_tabs_come_back_in_order_of_sheet_and_row(office: Office) -> None:
    office.workbook.swap(Batch("new", JOURNAL, new_tabs=(NewTab(5, "Two", rows=9, columns=6),)))
    second = SheetBatch(5, 9, 6, (2, 8), (Put(2, 5, "x"), Put(8, 0, "y")))
    first = SheetBatch(0, 20, 4, (3,), (Put(3, 3, 1),))
    office.workbook.swap(Batch("a", JOURNAL, (second, first)))
    images = office.workbook.swap(Batch("b", JOURNAL, (second, first)))
    assert images == (
        PreImage(0, 3, (*VERA[:3], 1)),
        PreImage(5, 2, (None,) * 5 + ("x",)),
        PreImage(5, 8, ("y",)),
    )


def test_write_of_too_many_parts_is_refused_before_it_is_sent(office: Office) -> None:
    puts = tuple(Put(row, 0, "x") for row in range(0, 2 * 95_001, 2))
    made = office.workbook.requests_made
    with pytest.raises(ShapeError, match="95000"):
        office.swap(puts=puts)
    assert office.workbook.requests_made == made


def test_first_write_with_watched_rows_makes_the_journal_before_it_relies_on_it(
    office: Office,
) -> None:
    sheet = SheetBatch(0, 20, 4, (1,), puts=(Put(1, 1, "Anya"),))
    batch = Batch("op", 901, (sheet,), (NewTab(901, "second journal", hidden=True),))
    office.staff.spreadsheet.del_worksheet_by_id(JOURNAL)
    found: list[tuple[PreImage, ...]] = []
    assert office.asked(lambda: found.append(office.workbook.swap(batch))) == WRITE * 2
    assert found == [(PreImage(0, 1, ANNA),)]


def test_generated_tab_is_made_filled_shrunk_and_grown(office: Office) -> None:
    def shown(rows: int) -> Grid:
        lines = [(Shown("Due", Style.HEADER), Shown("Sum", Style.HEADER))]
        lines += [(Shown(46000 + row, Style.DATE), Shown(row, Style.MONEY)) for row in range(rows)]
        return Grid(tuple(lines), (90, 90), 1)

    new = NewTab(8, "Follow-ups", rows=5, columns=3)
    office.workbook.swap(
        Batch("a", JOURNAL, new_tabs=(new,), generated=(GeneratedTab(8, shown(3), 5, 3),))
    )
    assert len(office.workbook.read([8])[8].rows) == 4
    office.workbook.swap(
        Batch("b", JOURNAL, generated=(GeneratedTab(8, shown(1), 5, 3, old_rows=4, old_columns=2),))
    )
    assert office.workbook.read([8])[8].rows == (("Due", "Sum"), (46000, 0))
    office.workbook.swap(Batch("c", JOURNAL, generated=(GeneratedTab(8, shown(9), 5, 3, 2, 2),)))
    assert SheetOutline(8, "Follow-ups", 10, 3) in office.workbook.outline().sheets
    assert len(office.workbook.read([8])[8].rows) == 10
    tab = office.staff.spreadsheet.get_worksheet_by_id(8)
    assert tab.frozen_row_count == 1
    assert tab.get("A2:B2") == [["09.12.2025", "0,00"]]
