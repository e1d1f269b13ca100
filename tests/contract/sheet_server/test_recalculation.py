"""Formulas show what they depend on: after every change, after loading, on another day."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm_sync.sheet_server.sheets_api import SheetsApi
from crm_sync.sheet_server.storage import Library
from tests.contract.sheet_server.book import Book, area, lines

ENTERED = {"valueInputOption": "USER_ENTERED"}


def test_a_day_formula_shows_the_day_on_which_it_is_read(tmp_path: Path) -> None:
    now = datetime(2026, 11, 23, 20, tzinfo=UTC)
    library = Library(tmp_path / "days.sheets", lambda: now)
    api = SheetsApi(library)
    body = {"properties": {"timeZone": "Europe/Moscow"}}
    file_id = api.create(body)[0]["spreadsheetId"]
    api.values_update(file_id, "A1", ENTERED, {"values": [["=TODAY()"]]})

    def shown() -> str:
        return str(api.values_get(file_id, "A1", {})["values"][0][0])

    assert shown() == "11/23/2026"
    now += timedelta(hours=2)
    assert shown() == "11/24/2026"
    library.close()
    now += timedelta(days=1)
    library = Library(tmp_path / "days.sheets", lambda: now)
    api = SheetsApi(library)
    assert shown() == "11/25/2026"
    library.close()


def test_formulas_follow_values_through_every_kind_of_write(tmp_path: Path) -> None:
    book = Book(tmp_path / "chain.sheets")
    book.write("A1", [[1], [2], [3]])
    book.write("B1", [["=SUM(A1:A3)", "=B1*2", "=ARRAYFORMULA(A1:A3*10)"]])
    assert book.read("B1:D3") == [[6, 12, 10], ["", "", 20], ["", "", 30]]
    book.write("A1", [[5]])
    assert book.read("B1:D1") == [[10, 20, 50]]
    cell = {"userEnteredValue": {"numberValue": 100}}
    book.batch(
        {"repeatCell": {"range": area("1:2", "0:1"), "cell": cell, "fields": "userEnteredValue"}},
        {"insertDimension": {"range": lines("ROWS", 0, 1)}},
    )
    assert book.read("B2:D2") == [[108, 216, 50]]
    book.api.values_clear(book.id, "A2:A4")
    assert book.read("B2:C2") == [[0, 0]]
    shown = book.read()
    assert book.reopened().read() == shown
    book.library.close()


def test_pasted_values_are_those_of_the_moment_within_the_batch(tmp_path: Path) -> None:
    book = Book(tmp_path / "moment.sheets")
    book.write("A1", [[1, "=A1+1"]])
    cell = {"userEnteredValue": {"numberValue": 41}}
    span = area("0:1", "1:2")
    book.batch(
        {"repeatCell": {"range": area("0:1", "0:1"), "cell": cell, "fields": "userEnteredValue"}},
        {"copyPaste": {"source": span, "destination": area("2:3", "1:2"),
                       "pasteType": "PASTE_VALUES"}},
    )  # fmt: skip
    assert book.formulas("B1:B3") == [["=A1+1"], [], [42]]
    book.library.close()


WRITTEN = (7, "word", "=A1+1", "=Other!A1*2", "=ARRAYFORMULA(A1:A2*10)", "=Other!B2", "")


def _typed(sheet: int, row: int, column: int, value: object) -> dict[str, Any]:
    kind = {int: "numberValue"}.get(type(value), "stringValue")
    if str(value).startswith("="):
        kind = "formulaValue"
    cell = {"userEnteredValue": {kind: value}} if value != "" else {}
    start = {"sheetId": sheet, "rowIndex": row, "columnIndex": column}
    return {
        "updateCells": {"start": start, "rows": [{"values": [cell]}], "fields": "userEnteredValue"}
    }


def _pasted(kind: str, sheet: int, row: int, to: int, below: int) -> dict[str, Any]:
    """Two rows of two cells over others."""
    source = {**area(f"{row}:{row + 2}", "0:2"), "sheetId": sheet}
    target = {**area(f"{below}:{below + 2}", "0:2"), "sheetId": to}
    return {"copyPaste": {"source": source, "destination": target, "pasteType": kind}}


PLACE = st.integers(0, 3)
SHEET = st.sampled_from((0, 1))
REQUEST = st.one_of(
    st.builds(_typed, SHEET, PLACE, st.integers(0, 1), st.sampled_from(WRITTEN)),
    st.builds(
        _pasted,
        st.sampled_from(("PASTE_VALUES", "PASTE_VALUES", "PASTE_FORMULA", "PASTE_NORMAL")),
        SHEET,
        PLACE,
        SHEET,
        PLACE,
    ),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(requests=st.lists(REQUEST, min_size=2, max_size=9))
def test_pastes_of_one_batch_give_what_they_give_one_by_one(
    tmp_path: Path, requests: list[dict[str, Any]]
) -> None:
    shown = []
    for parts in ([requests], [[each] for each in requests]):
        book = Book(tmp_path / "pastes.sheets")
        other = {"sheetId": 1, "title": "Other", "gridProperties": {"rowCount": 9}}
        book.batch({"addSheet": {"properties": other}})
        for part in parts:
            book.batch(*part)
        shown.append([book.read(name) + book.formulas(name) for name in ("Sheet1", "Other")])
        book.library.close()
        book.path.unlink()
    assert shown[0] == shown[1]
