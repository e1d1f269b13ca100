"""Answers of Google become values, and what is not the asked message is refused."""

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_sync.core.batch import PreImage
from crm_sync.core.grid import TabRead
from crm_sync.errors import ShapeError, WorkbookGone
from crm_sync.ports import SheetOutline
from crm_sync.workbooks import answers
from crm_sync.workbooks.answers import Malformed
from crm_sync.workbooks.journal import NOT_COPIED, layout
from crm_sync.workbooks.raw_journal import journal_rows, swapped_rows


def values(*ranges: tuple[int, str, list[list[Any]] | None]) -> bytes:
    answer = {
        "valueRanges": [
            {
                "valueRange": {"range": place, "majorDimension": "ROWS"}
                | ({} if rows is None else {"values": rows}),
                "dataFilters": [{"gridRange": {"sheetId": number} if number else {}}],
            }
            for number, place, rows in ranges
        ]
    }
    return orjson.dumps(answer)


@pytest.mark.parametrize(
    ("place", "title", "row_count", "column_count"),
    [
        ("Sheet1!A1:Z1000", "Sheet1", 1000, 26),
        ("'Клиенты 2026'!A1:AB50", "Клиенты 2026", 50, 28),
        ("'Jon''s! Data'!A1:B2", "Jon's! Data", 2, 2),
        ("Sheet1!A1", "Sheet1", 1, 1),
        ("'a!B2:C3'!A1:ZZ9", "a!B2:C3", 9, 702),
    ],
)
def test_range_of_an_answer_gives_title_and_size(
    place: str, title: str, row_count: int, column_count: int
) -> None:
    tab = answers.value_ranges(values((0, place, None)), [0])[0]
    assert tab == TabRead(0, title, row_count, column_count, ())


def test_rows_are_ragged_and_blank_cells_are_none() -> None:
    rows = [["a", "", 1], [], ["", ""], ["x", "", ""], [""]]
    tab = answers.value_ranges(values((4, "S!A1:C9", rows)), [4])[4]
    assert tab.rows == (("a", None, 1), (), (), ("x",))


def test_sheets_are_told_apart_by_their_filter_and_not_by_their_order() -> None:
    answer = values((7, "B!A1:A1", [["b"]]), (0, "A!A1:A1", [["a"]]))
    tabs = answers.value_ranges(answer, [0, 7])
    assert (tabs[0].title, tabs[7].title) == ("A", "B")


@pytest.mark.parametrize(
    "answer",
    [
        b"{}",
        b"[]",
        b'{"valueRanges": [',
        values((0, "A!A1:B2", None)),
        values((0, "A!A1:B2", None), (7, "B", None)),
        b'{"valueRanges": [{"valueRange": {"range": "A!A1"}}]}',
        b'{"valueRanges": [null]}',
        b'{"valueRanges": [{"valueRange": {}, "dataFilters": [{"gridRange": {"sheetId": 7}}]}]}',
    ],
)
def test_answer_that_lacks_a_sheet_is_never_read_as_an_empty_tab(answer: bytes) -> None:
    with pytest.raises(Malformed):
        answers.value_ranges(answer, [0, 7])


def tab(rows: list[list[Any]], title: str = "S") -> TabRead:
    return answers.value_ranges(values((0, f"{title}!A1:D9", rows)), [0])[0]


def test_formula_is_known_by_its_value_and_text_that_looks_like_one_stays_text() -> None:
    entered = tab([["=A2*2", "=not a formula", 5], ["x"]])
    shown = tab([[10, "=not a formula", 5], ["x"]])
    told = answers.told_apart(entered, shown)
    assert told is not None
    assert told.rows == ((10, "=not a formula", 5), ("x",))
    assert told.formulas == {(0, 0): "=A2*2"}


def test_formula_that_shows_nothing_is_still_known() -> None:
    told = answers.told_apart(tab([["a", '=IF(A1="b";1;"")'], ["=A9"]]), tab([["a"]]))
    assert told is not None
    assert told.rows == (("a",),)
    assert set(told.formulas) == {(0, 1), (1, 0)}


def test_cells_filled_by_a_formula_above_are_marked_as_its_own() -> None:
    entered = tab([["x", "=ARRAYFORMULA(A1:A3*2)"], ["y"], ["z"]])
    shown = tab([["x", 2], ["y", 4], ["z", 6]])
    told = answers.told_apart(entered, shown)
    assert told is not None
    assert told.formulas == {(0, 1): "=ARRAYFORMULA(A1:A3*2)", (1, 1): "", (2, 1): ""}


@pytest.mark.parametrize(
    ("entered", "shown"),
    [
        ([["=A2", "old"]], [[1, "new"]]),
        ([["", "=A2"], ["", ""]], [["", 1], ["typed"]]),
        ([["=A2", 1]], [[1, True]]),
        ([["=A2", "gone"]], [[1]]),
    ],
)
def test_readings_between_which_somebody_typed_do_not_fit(
    entered: list[list[Any]], shown: list[list[Any]]
) -> None:
    assert answers.told_apart(tab(entered), tab(shown)) is None


def test_readings_between_which_the_tab_was_renamed_do_not_fit() -> None:
    assert answers.told_apart(tab([["=A2"]], "A"), tab([[1]], "B")) is None


@given(
    st.lists(
        st.lists(st.sampled_from(["", "a", "=b", 1, 2.5, True, False]), max_size=4), max_size=4
    )
)
def test_tab_without_formulas_reads_the_same_either_way(rows: list[list[Any]]) -> None:
    assert answers.told_apart(tab(rows), tab(rows)) == tab(rows)


def test_grid_data_tells_formulas_from_text_in_one_reading() -> None:
    row = {
        "values": [
            {
                "userEnteredValue": {"formulaValue": "=A2"},
                "effectiveValue": {"errorValue": {"type": "DIVIDE_BY_ZERO"}},
            },
            {
                "userEnteredValue": {"stringValue": "=A2"},
                "effectiveValue": {"stringValue": "=A2"},
            },
            {},
            {"effectiveValue": {"numberValue": 4}},
            {"userEnteredValue": {"formulaValue": '=""'}, "effectiveValue": {"stringValue": ""}},
        ]
    }
    properties = {
        "sheetId": 3,
        "title": "S",
        "gridProperties": {"rowCount": 5, "columnCount": 6},
    }
    answer = {"sheets": [{"properties": properties, "data": [{"rowData": [{}, row]}]}]}
    assert answers.grid_tabs(answer, [3])[3] == TabRead(
        3,
        "S",
        5,
        6,
        ((), ("#DIV/0!", "=A2", None, 4)),
        {(1, 0): "=A2", (1, 3): "", (1, 4): '=""'},
    )


def test_outline_has_the_sheets_in_their_order_with_defaults_filled_in() -> None:
    answer = {
        "spreadsheetId": "id",
        "properties": {"title": "T", "locale": "ru_RU", "timeZone": "Europe/Moscow"},
        "sheets": [
            {"properties": {"sheetId": 8, "title": "Chart", "index": 1}},
            {
                "properties": {
                    "title": "Sheet1",
                    "gridProperties": {"rowCount": 10, "columnCount": 2},
                }
            },
        ],
    }
    found = answers.outline(answer)
    assert (found.locale, found.time_zone) == ("ru_RU", "Europe/Moscow")
    assert found.sheets == (SheetOutline(0, "Sheet1", 10, 2), SheetOutline(8, "Chart", 0, 0))


@pytest.mark.parametrize("answer", [{}, {"spreadsheetId": "x", "properties": None}])
def test_outline_of_something_else_is_refused(answer: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        answers.outline(answer)


SHEET = {"mimeType": "application/vnd.google-apps.spreadsheet", "version": "412"}


def test_version_is_a_number() -> None:
    assert answers.version(SHEET) == 412


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (SHEET | {"trashed": True}, WorkbookGone),
        (SHEET | {"mimeType": "application/vnd.ms-excel"}, ShapeError),
        ({}, Malformed),
        (SHEET | {"version": "new"}, Malformed),
    ],
)
def test_file_that_is_no_workbook_in_use_has_no_version(
    answer: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        answers.version(answer)


def copied(*lines: list[str]) -> list[dict[str, Any]]:
    cells = [[{"userEnteredValue": {"stringValue": text}} for text in line] for line in lines]
    return [{"values": line} for line in cells]


def test_rows_that_a_filter_kept_from_being_copied_are_not_taken_for_others() -> None:
    watched = [(0, 2), (0, 3), (0, 4), (0, 30)]
    rows = copied(["op"], ["C-2"], ["C-4"], [NOT_COPIED], ["C-30"])
    assert answers.pre_images(rows, layout(watched), watched) == (PreImage(0, 30, ("C-30",)),)


def test_journal_of_another_shape_gives_blank_rows_and_no_error() -> None:
    assert answers.pre_images([], layout([(0, 2)]), [(0, 2)]) == (PreImage(0, 2, ()),)
    with pytest.raises(Malformed):
        answers.pre_images([{}, {"values": [None]}], layout([(0, 2)]), [(0, 2)])


def test_journal_comes_as_rows_that_are_parsed_when_asked_for() -> None:
    rows = copied(["op"], ["C-2"])
    body = {"spreadsheetId": "B", "updatedSpreadsheet": {"sheets": [{"data": [{"rowData": rows}]}]}}
    found = swapped_rows(orjson.dumps(body), "B")
    assert (len(found), found[1], found[0:1]) == (2, rows[1], rows[:1])
    assert answers.operation_in(found) == "op"
    half = b'{"sheets":[{"data":[{"rowData":[{"values":[{"note":"\\ud83d"}]}]}]}]}'
    assert journal_rows(half)[0] == {"values": [{"note": "\ufffd"}]}


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"spreadsheetId":"A"}', b'{"sheets":[]}'])
def test_answer_without_a_journal_is_refused(body: bytes) -> None:
    with pytest.raises(Malformed):
        swapped_rows(body, "A")
    with pytest.raises(Malformed):
        journal_rows(body)
