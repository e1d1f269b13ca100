"""A batch becomes one body for Google, in which nothing is written before it is kept."""

from typing import Any

import orjson
import pytest

from crm_sync.core.batch import JOURNAL_TITLE, Batch, GeneratedTab, NewTab, Put, SheetBatch
from crm_sync.core.blocks import Block, Filling
from crm_sync.core.grid import Grid, Shown, Style
from crm_sync.workbooks.cells import number_format
from crm_sync.workbooks.requests import refused_run, swap_body, swap_fields

JOURNAL = 900


def requests(*sheets: SheetBatch, **more: Any) -> list[dict[str, Any]]:
    """The requests of a batch after those that clear the journal and name the operation."""
    body = swap_body(Batch("op", JOURNAL, sheets, **more))
    named = {"values": [{"userEnteredValue": {"stringValue": "op"}}]}
    first = next(
        number
        for number, request in enumerate(body["requests"])
        if request.get("updateCells", {}).get("rows") == [named]
    )
    found: list[dict[str, Any]] = body["requests"][first + 1 :]
    return found


def start(sheet_id: int, row: int, column: int) -> dict[str, int]:
    return {"sheetId": sheet_id, "rowIndex": row, "columnIndex": column}


def cells(sheet_id: int, top: int, bottom: int, left: int, right: int) -> dict[str, int]:
    return {
        "sheetId": sheet_id,
        "startRowIndex": top,
        "endRowIndex": bottom,
        "startColumnIndex": left,
        "endColumnIndex": right,
    }


def rows_range(start: int, end: int) -> dict[str, Any]:
    return {"sheetId": 5, "dimension": "ROWS", "startIndex": start, "endIndex": end}


def test_journal_is_cut_to_one_cell_before_it_grows_and_takes_the_operation() -> None:
    body = swap_body(Batch("op", JOURNAL, (SheetBatch(5, 100, 4, watched=(3, 4)),)))
    cut, grow, mark, name = body["requests"][:4]
    assert cut["updateSheetProperties"] == {
        "properties": {
            "sheetId": JOURNAL,
            "gridProperties": {"rowCount": 1, "columnCount": 1},
            "title": JOURNAL_TITLE,
            "hidden": True,
        },
        "fields": "title,hidden,gridProperties(rowCount,columnCount)",
    }
    assert grow["updateSheetProperties"]["properties"]["gridProperties"] == {
        "rowCount": 5,
        "columnCount": 4,
    }
    assert mark["repeatCell"]["range"] == cells(JOURNAL, 1, 3, 0, 1)
    assert name["updateCells"]["start"] == start(JOURNAL, 0, 0)


def test_watched_rows_are_kept_before_anything_is_written() -> None:
    sheet = SheetBatch(5, 100, 4, watched=(3, 20), puts=(Put(3, 1, "new"),), deletes=(20,))
    kinds = [next(iter(request)) for request in requests(sheet)]
    assert kinds == ["copyPaste"] * 4 + ["updateCells", "deleteDimension"]


def test_values_and_formulas_of_a_row_are_both_kept() -> None:
    found = requests(SheetBatch(5, 100, 4, watched=(3, 4)))
    assert found == [
        {
            "copyPaste": {
                "source": cells(5, 3, 5, 0, 4),
                "destination": cells(JOURNAL, 1, 2, 0, 1),
                "pasteType": "PASTE_VALUES",
            }
        },
        {
            "copyPaste": {
                "source": cells(5, 3, 5, 0, 4),
                "destination": cells(JOURNAL, 3, 4, 0, 1),
                "pasteType": "PASTE_FORMULA",
            }
        },
    ]


def test_copy_that_was_refused_is_told_by_the_number_of_its_request() -> None:
    batch = Batch("op", JOURNAL, (SheetBatch(5, 100, 4, watched=(3, 20), deletes=(20,)),))
    body = swap_body(batch)
    first = next(n for n, request in enumerate(body["requests"]) if "copyPaste" in request)
    for number, run in enumerate([3, 3, 20, 20], start=first):
        refused = refused_run(batch, body, f"Invalid requests[{number}].copyPaste: merged cells")
        assert refused is not None
        assert refused.start == run
        assert len(swap_body(batch, {refused})["requests"]) == len(body["requests"]) - 2
    assert refused_run(batch, body, f"Invalid requests[{first}].updateCells: x") is None


def test_answer_shows_the_journal_and_only_if_rows_are_watched() -> None:
    watching = swap_body(Batch("op", JOURNAL, (SheetBatch(5, 100, 4, watched=(3,)),)))
    assert watching["responseRanges"] == ["'_crm_journal'"]
    assert watching["includeSpreadsheetInResponse"] is True
    assert watching["responseIncludeGridData"] is True
    assert (
        swap_fields(watching)
        == "spreadsheetId,updatedSpreadsheet.sheets.data.rowData.values.userEnteredValue"
    )
    blind = swap_body(Batch("op", JOURNAL, (SheetBatch(5, 100, 4, puts=(Put(0, 0, "ID"),)),)))
    assert "responseRanges" not in blind
    assert swap_fields(blind) == "spreadsheetId"


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("=1+1", {"stringValue": "=1+1"}),
        ("+79161234567", {"stringValue": "+79161234567"}),
        ("007", {"stringValue": "007"}),
        (True, {"boolValue": True}),
        (0, {"numberValue": 0}),
        (46000.5, {"numberValue": 46000.5}),
    ],
)
def test_cell_is_written_with_the_type_that_it_has(cell: Any, value: dict[str, Any]) -> None:
    (request,) = requests(SheetBatch(5, 100, 4, puts=(Put(3, 1, cell),)))
    assert request == {
        "updateCells": {
            "start": start(5, 3, 1),
            "rows": [{"values": [{"userEnteredValue": value}]}],
            "fields": "userEnteredValue",
        }
    }


@pytest.mark.parametrize("cell", [None, ""])
def test_blank_put_clears_the_cell(cell: str | None) -> None:
    (request,) = requests(SheetBatch(5, 100, 4, puts=(Put(3, 1, cell),)))
    assert request["updateCells"]["rows"] == [{"values": [{}]}]


def test_formula_is_written_as_one_only_when_the_put_says_so() -> None:
    (request,) = requests(SheetBatch(5, 100, 4, puts=(Put(3, 1, "=B2*2", formula=True),)))
    assert request["updateCells"]["rows"] == [
        {"values": [{"userEnteredValue": {"formulaValue": "=B2*2"}}]}
    ]


def test_put_with_a_pattern_formats_its_cell_and_one_without_leaves_the_format() -> None:
    first, second = requests(SheetBatch(5, 100, 4, puts=(Put(3, 1, 5, "0.00"), Put(3, 2, 6))))
    assert first["updateCells"]["fields"] == "userEnteredValue,userEnteredFormat.numberFormat"
    assert first["updateCells"]["rows"][0]["values"][0]["userEnteredFormat"] == {
        "numberFormat": {"type": "NUMBER", "pattern": "0.00"}
    }
    assert second["updateCells"]["fields"] == "userEnteredValue"


def test_long_column_is_one_write_and_one_format() -> None:
    puts = tuple(Put(row, 0, f"C-{row:06}", "@") for row in range(1, 50_001))
    shape, write = requests(SheetBatch(5, 50_001, 4, puts=puts))
    assert shape["repeatCell"] == {
        "range": cells(5, 1, 50_001, 0, 1),
        "cell": {"userEnteredFormat": {"numberFormat": {"type": "TEXT", "pattern": "@"}}},
        "fields": "userEnteredFormat.numberFormat",
    }
    assert write["updateCells"]["fields"] == "userEnteredValue"
    assert len(write["updateCells"]["rows"]) == 50_000
    assert len(orjson.dumps(write)) < 70 * 50_000


def test_new_rows_are_inserted_and_then_filled() -> None:
    sheet = SheetBatch(5, 100, 4, insert_at=7, inserts=(Put(0, 0, "a"), Put(1, 0, "b")))
    insert, write = requests(
        SheetBatch(5, 100, 4, insert_at=7, inserts=sheet.inserts, inserted_rows=2)
    )
    assert insert == {"insertDimension": {"range": rows_range(7, 9), "inheritFromBefore": True}}
    assert write["updateCells"]["start"] == start(5, 7, 0)
    assert len(write["updateCells"]["rows"]) == 2


def test_first_row_below_the_headings_does_not_inherit_from_them() -> None:
    insert, _ = requests(
        SheetBatch(5, 100, 4, insert_at=1, inserts=(Put(0, 0, "a"),), inserted_rows=1)
    )
    assert insert["insertDimension"]["inheritFromBefore"] is False


def test_rows_at_the_end_of_a_full_tab_are_inserted_too_and_never_laid_over_others() -> None:
    grow, insert, _ = requests(
        SheetBatch(5, 100, 4, insert_at=100, inserts=(Put(0, 0, "a"),), inserted_rows=1)
    )
    assert grow == {"appendDimension": {"sheetId": 5, "dimension": "ROWS", "length": 1}}
    assert insert["insertDimension"]["range"] == rows_range(100, 101)


def test_rows_are_deleted_from_the_bottom_up_in_runs() -> None:
    found = requests(SheetBatch(5, 100, 4, watched=(), deletes=(2, 3, 4, 9)))
    assert [request["deleteDimension"]["range"] for request in found] == [
        rows_range(9, 10),
        rows_range(2, 5),
    ]


def test_rows_below_inserted_ones_are_deleted_where_they_stand_then() -> None:
    sheet = SheetBatch(
        5, 100, 4, insert_at=5, inserts=(Put(0, 0, "a"),), inserted_rows=2, deletes=(3, 5, 8)
    )
    deletes = [request for request in requests(sheet) if "deleteDimension" in request]
    assert [request["deleteDimension"]["range"] for request in deletes] == [
        rows_range(10, 11),
        rows_range(7, 8),
        rows_range(3, 4),
    ]


def test_generated_tab_is_rewritten_over_all_that_it_held() -> None:
    grid = Grid(((Shown("Due", Style.HEADER),), (Shown(45000, Style.DATE), Shown(None))))
    (request,) = requests(generated=(GeneratedTab(6, grid, 100, 26, old_rows=9, old_columns=4),))
    write = request["updateCells"]
    assert write["range"] == cells(6, 0, 9, 0, 4)
    assert write["rows"][1]["values"] == [
        {
            "userEnteredValue": {"numberValue": 45000},
            "userEnteredFormat": {"numberFormat": {"type": "DATE"}, "verticalAlignment": "TOP"},
        },
        {},
    ]
    assert write["fields"].startswith("userEnteredValue,userEnteredFormat(")


def test_generated_tab_grows_and_never_shrinks() -> None:
    grid = Grid(tuple((Shown(1),) * 3 for _ in range(12)))
    grow, write = requests(generated=(GeneratedTab(6, grid, 10, 26),))
    assert grow["updateSheetProperties"]["properties"]["gridProperties"] == {
        "rowCount": 12,
        "columnCount": 26,
    }
    assert write["updateCells"]["range"] == cells(6, 0, 12, 0, 3)


def test_new_generated_tab_has_widths_and_frozen_rows_of_its_grid() -> None:
    grid = Grid(((Shown("a"), Shown("b")),), widths=(80, 80, 200), frozen=2)
    tab = GeneratedTab(6, grid, 50, 26)
    body = swap_body(
        Batch("op", JOURNAL, new_tabs=(NewTab(6, "Follow-ups", rows=50),), generated=(tab,))
    )
    add, narrow, wide = body["requests"][:3]
    assert add["addSheet"]["properties"] == {
        "sheetId": 6,
        "title": "Follow-ups",
        "hidden": False,
        "gridProperties": {"rowCount": 50, "columnCount": 26, "frozenRowCount": 2},
    }
    sizes = [item["updateDimensionProperties"] for item in (narrow, wide)]
    assert [
        (item["range"]["startIndex"], item["range"]["endIndex"], item["properties"])
        for item in sizes
    ] == [(0, 2, {"pixelSize": 80}), (2, 3, {"pixelSize": 200})]


@pytest.mark.parametrize(
    ("pattern", "kind"),
    [
        ("@", "TEXT"),
        ("0", "NUMBER"),
        ("#,##0.00", "NUMBER"),
        ('#,##0.00 "руб. (days)"', "NUMBER"),
        ("#,##0.00 [$₽-419]", "NUMBER"),
        ("[Red]0", "NUMBER"),
        ("0.0%", "PERCENT"),
        ("yyyy-mm-dd", "DATE"),
        ("dd.mm.yyyy", "DATE"),
        ("mmmm", "DATE"),
        ("yyyy-mm-dd hh:mm", "DATE_TIME"),
        ("hh:mm:ss", "TIME"),
        ("[h]:mm", "TIME"),
    ],
)
def test_pattern_tells_the_type_of_a_format(pattern: str, kind: str) -> None:
    assert number_format(pattern) == {"type": kind, "pattern": pattern}


def test_block_is_one_request_for_neighbouring_rows_and_columns_of_one_kind() -> None:
    fillings = (
        Filling(0, "id", ["C-1", "C-2", "C-3", "C-4"]),
        Filling(1, "kind", ["a", "a", None, "a"]),
        Filling(4, "since", [1, 2, 3, 4]),
    )
    rows = [2, 3, 4, 9]
    block = Block(rows, ["", "", "", ""], ["", "", "", ""], [()] * 4, fillings)
    found = requests(SheetBatch(5, 100, 6, blocks=(block,), patterns={0: "@", 4: "0.00"}))
    assert [next(iter(request)) for request in found] == [
        *("repeatCell", "updateCells", "updateCells", "repeatCell", "updateCells"),
        *("updateCells", "updateCells", "updateCells"),
    ]
    assert found[0]["repeatCell"]["range"] == cells(5, 2, 5, 0, 1)
    ids, kinds = found[1]["updateCells"], found[2]["updateCells"]
    assert (ids["start"], kinds["start"]) == (start(5, 2, 0), start(5, 2, 1))
    assert [row["values"] for row in kinds["rows"]] == [
        ({"userEnteredValue": {"stringValue": "a"}},),
        ({"userEnteredValue": {"stringValue": "a"}},),
        ({},),
    ]
    assert found[3]["repeatCell"]["range"] == cells(5, 2, 5, 4, 5)
    alone = found[7]["updateCells"]
    assert alone["start"] == start(5, 9, 4)
    assert alone["rows"] == [
        {
            "values": (
                {
                    "userEnteredValue": {"numberValue": 4},
                    "userEnteredFormat": {"numberFormat": number_format("0.00")},
                },
            )
        }
    ]
