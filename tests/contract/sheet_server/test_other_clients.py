"""Other people's clients, as they are: only the transport below them is led to the server."""

import asyncio
import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import gspread
import gspread_asyncio
import httplib2
import pygsheets
import pytest
from google.oauth2 import credentials, service_account
from gspread_formatting import (
    BooleanCondition,
    BooleanRule,
    CellFormat,
    ConditionalFormatRule,
    DataValidationRule,
    GridRange,
    TextFormat,
    TextFormatRun,
    batch_updater,
    cellFormat,
    color,
    format_cell_range,
    get_conditional_format_rules,
    get_data_validation_rule,
    get_default_format,
    get_effective_format,
    get_frozen_row_count,
    get_text_format_runs,
    get_user_entered_format,
    numberFormat,
    set_column_width,
    set_data_validation_for_cell_range,
    set_frozen,
    set_row_height,
    set_text_format_runs,
    textFormat,
)
from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter

from tests.contract.sheet_server.local_client import SCOPES, gspread_by_token


@pytest.fixture
def key_file(server: Any, tmp_path: Path) -> Path:
    path = tmp_path / "key.json"
    server.create_service_account(path)
    return path


@pytest.fixture
def sheet(server: Any) -> Iterator[gspread.Worksheet]:
    client = gspread_by_token(server.url, server.token)
    with closing(client.http_client.session):
        yield client.create("Formats").sheet1


class Leading(HTTPAdapter):
    """Sends what is meant for Google to the server."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url

    def send(self, request: PreparedRequest, *args: Any, **kwargs: Any) -> Response:
        request.url = re.sub(r"^https://[^/]+", self.url, str(request.url))
        return super().send(request, *args, **kwargs)


def test_gspread_formatting_reads_the_formats_that_it_set(sheet: gspread.Worksheet) -> None:
    sheet.update([["a", 1], ["hello world", 2]], "A1")
    given = cellFormat(
        backgroundColor=color(1, 0.9, 0.9),
        textFormat=textFormat(bold=True, foregroundColor=color(1, 0, 1)),
        horizontalAlignment="CENTER",
        numberFormat=numberFormat("CURRENCY", "[$$-409]#,##0.00"),
    )
    format_cell_range(sheet, "A1:J1", given)
    held = get_user_entered_format(sheet, "B1")
    assert (held.textFormat.bold, held.horizontalAlignment) == (True, "CENTER")
    assert held.numberFormat.pattern == "[$$-409]#,##0.00"
    assert sheet.acell("B1").value == "$1.00"
    assert get_effective_format(sheet, "A1").textFormat.fontSize == 10
    assert get_default_format(sheet.spreadsheet).textFormat.fontSize == 10
    runs = [
        TextFormatRun(startIndex=0, format=TextFormat(bold=True)),
        TextFormatRun(startIndex=5, format=TextFormat(italic=True)),
    ]
    set_text_format_runs(sheet, "A2", runs)
    assert [run.startIndex for run in get_text_format_runs(sheet, "A2")] == [0, 5]
    with batch_updater(sheet.spreadsheet) as batch:
        batch.format_cell_range(sheet, "A3:B3", given)
        batch.set_frozen(sheet, rows=2)
    assert get_frozen_row_count(sheet) == 2
    set_column_width(sheet, "A:C", 222)
    set_row_height(sheet, "1:3", 42)
    set_frozen(sheet, rows=1, cols=2)


def test_gspread_formatting_keeps_rules_of_validation_and_of_format(
    sheet: gspread.Worksheet,
) -> None:
    condition = BooleanCondition("ONE_OF_LIST", ["1", "2", "3"])
    rule = DataValidationRule(condition, showCustomUi=True, inputMessage="pick")
    set_data_validation_for_cell_range(sheet, "A2:A5", rule)
    assert get_data_validation_rule(sheet, "A3") == rule
    set_data_validation_for_cell_range(sheet, "A2:A5", None)
    assert get_data_validation_rule(sheet, "A3") is None
    rules = get_conditional_format_rules(sheet)
    rules.append(
        ConditionalFormatRule(
            ranges=[GridRange.from_a1_range("A1:A200", sheet)],
            booleanRule=BooleanRule(
                condition=BooleanCondition("NUMBER_GREATER", ["100"]),
                format=CellFormat(textFormat=textFormat(bold=True)),
            ),
        )
    )
    rules.save()
    (held,) = get_conditional_format_rules(sheet)
    assert held.booleanRule.condition.values[0].userEnteredValue == "100"
    rules.clear()
    rules.save()
    assert len(get_conditional_format_rules(sheet)) == 0


def test_gspread_asyncio_does_many_things_at_once(server: Any, key_file: Path) -> None:
    def signer() -> service_account.Credentials:
        return service_account.Credentials.from_service_account_file(str(key_file), scopes=SCOPES)

    async def work() -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(gspread, "authorize", authorized)
            client = await manager.authorize()
        book = await client.create("At once")
        tab = await book.get_worksheet(0)
        await asyncio.gather(*(tab.update_cell(1, 1 + place, str(place)) for place in range(8)))
        assert await tab.row_values(1) == [str(place) for place in range(8)]
        await book.add_worksheet("Two", 10, 10)
        assert [each.title for each in await book.worksheets()] == ["Sheet1", "Two"]
        await client.insert_permission(
            book.id, "ann@example.com", perm_type="user", role="reader", notify=False
        )
        assert len(await client.list_permissions(book.id)) == 2
        await client.del_spreadsheet(book.id)

    opened: list[gspread.Client] = []

    def authorized(signed: service_account.Credentials) -> gspread.Client:
        client = gspread.Client(signed)
        client.http_client.session.mount("https://", Leading(server.url))
        opened.append(client)
        return client

    manager = gspread_asyncio.ClientManager(signer, gspread_delay=0)
    asyncio.run(work())
    opened[0].http_client.session.close()


@pytest.fixture
def pygsheets_client(server: Any) -> Iterator[Any]:
    class Led(httplib2.Http):
        def request(self, uri: str, *args: Any, **kwargs: Any) -> Any:
            return super().request(re.sub(r"^https://[^/]+", server.url, uri), *args, **kwargs)

    token = credentials.Credentials(server.token_for("pygsheets@example.com"))
    http = Led()
    yield pygsheets.authorize(custom_credentials=token, http=http)
    http.close()


def test_pygsheets_writes_cells_and_moves_rows(pygsheets_client: Any) -> None:
    book = pygsheets_client.create("Pygsheets")
    tab = book.sheet1
    tab.update_values("A1", [["a", "b"], ["1", "=A2+1"]])
    assert tab.get_values("A1", "B2") == [["a", "b"], ["1", "2"]]
    cell = tab.cell("A1")
    cell.note, cell.color = "a note", (1.0, 0.5, 0.5, 1.0)
    cell.set_text_format("bold", True)
    again = tab.cell("A1")
    again.fetch()
    assert (again.note, again.text_format["bold"]) == ("a note", True)
    tab.insert_rows(1, number=2, values=[["x", "y"], ["z", "w"]])
    assert tab.get_row(2, include_tailing_empty=False) == ["x", "y"]
    tab.delete_rows(2)
    tab.append_table(["q", "r"], start="A1")
    tab.adjust_column_width(1, 3, 150)
    tab.sort_range("A2", "C9", 0)
    tab.replace("q", "Q")
    assert tab.get_col(1, include_tailing_empty=False) == ["a", "1", "Q", "z"]
    book.title = "Renamed"
    assert pygsheets_client.open("Renamed").id == book.id


def test_pygsheets_keeps_names_charts_and_metadata(pygsheets_client: Any) -> None:
    book = pygsheets_client.create("Parts")
    tab = book.sheet1
    span = tab.get_values("A1", "B3", returnas="range")
    span.name = "named"
    span.protected = True
    book.fetch_properties()
    assert [each.name for each in book.named_ranges] == ["named"]
    tab.add_chart(("A1", "A3"), [("B1", "B3")], "Sums")
    (chart,) = tab.get_charts()
    chart.title = "Totals"
    assert [each.title for each in tab.get_charts()] == ["Totals"]
    tab.create_developer_metadata("key", "value")
    assert [each.value for each in tab.get_developer_metadata("key")] == ["value"]
    second = book.add_worksheet("Two", rows=20, cols=5, src_worksheet=None)
    second.index = 0
    book.fetch_properties()
    assert [each.title for each in book.worksheets()] == ["Two", "Sheet1"]
    book.share("ann@example.com", role="reader", type="user", sendNotificationEmail=False)
    assert len(book.permissions) == 2
    book.delete()
