"""gspread-dataframe, unmodified: tables of pandas written to the server and read back."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import gspread
import pytest

from tests.contract.sheet_server.local_client import gspread_by_token

pandas = pytest.importorskip("pandas", reason="pandas is not installed")
frames = pytest.importorskip("gspread_dataframe", reason="gspread-dataframe is not installed")


@pytest.fixture
def sheet(server: Any) -> Iterator[gspread.Worksheet]:
    client = gspread_by_token(server.url, server.token)
    with closing(client.http_client.session):
        yield client.create("Frames").sheet1


def test_a_table_is_read_as_it_was_written(sheet: gspread.Worksheet) -> None:
    table = pandas.DataFrame(
        {
            "name": ["Anna", "Борис", "=1+1"],
            "sum": [1.5, 2, -3],
            "day": pandas.to_datetime(["2026-11-23", "2026-12-31", "2027-01-01"]),
            "done": [True, False, True],
        }
    )

    frames.set_with_dataframe(sheet, table, resize=True)
    read = frames.get_as_dataframe(sheet, evaluate_formulas=True, parse_dates=["day"])

    assert (sheet.row_count, sheet.col_count) == (4, 4)
    assert list(read["name"].astype(str)) == ["Anna", "Борис", "2"]
    assert list(read["sum"]) == [1.5, 2, -3]
    assert list(read["day"]) == list(table["day"])
    assert list(read["done"]) == [True, False, True]


def test_text_columns_stay_text_and_formulas_can_be_read(sheet: gspread.Worksheet) -> None:
    table = pandas.DataFrame({"code": ["007", "+79161234567"], "sum": ["=B3", "2"]})

    frames.set_with_dataframe(sheet, table, include_index=True, string_escaping="full")
    held = sheet.get("B1:C3", value_render_option="FORMULA")
    frames.set_with_dataframe(sheet, table, row=10, col=4, string_escaping="off")
    typed = sheet.get("D11:E12", value_render_option="UNFORMATTED_VALUE")

    assert held == [["code", "sum"], ["007", "=B3"], ["+79161234567", "2"]]
    assert typed == [[7, "+79161234567"], [79161234567, 2]]
