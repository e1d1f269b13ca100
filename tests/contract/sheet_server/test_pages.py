"""The read-only page of a spreadsheet: it shows what the cells show and runs nothing."""

import base64
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from crm_sync.sheet_server.loopback_peer import user_of
from crm_sync.sheet_server.office_suite import find_program
from tests.contract.sheet_server.local_client import Http

HOSTILE = "</td><script>alert(1)</script>\"'&"


@pytest.fixture
def browser(server: Any) -> Iterator[Http]:
    """A client without a token, of the user who runs the server."""
    with closing(Http(server.url, None)) as client:
        yield client


class Page(HTMLParser):
    """What a page shows: tags, attributes, and the texts of its table's rows."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, dict[str, str | None]]] = []
        self.rows: list[list[str]] = []
        self.links: list[str] = []
        self.style = text.partition("<style>")[2].partition("</style>")[0]
        self._cell = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes.append((tag, dict(attrs)))
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
        self._cell = self._cell or tag in ("td", "th")
        if tag == "a":
            self.links.append(dict(attrs)["href"] or "")

    def handle_endtag(self, tag: str) -> None:
        self._cell = self._cell and tag not in ("td", "th")

    def handle_data(self, data: str) -> None:
        if self._cell:
            self.rows[-1][-1] += data

    def cells(self, tag: str) -> list[dict[str, str | None]]:
        """The attributes of every element of this tag, in order."""
        return [attributes for name, attributes in self.attributes if name == tag]


def opened(client: Http, book: str, query: str = "") -> Page:
    answer = client.ask("GET", f"/spreadsheets/d/{book}/edit{query}")
    assert (answer.status_code, answer.headers["content-type"]) == (
        200,
        "text/html; charset=UTF-8",
    )
    return Page(answer.text)


def write(http: Http, book: str, rows: list[list[Any]], range_: str = "A1") -> None:
    path = f"/v4/spreadsheets/{book}/values/{quote(range_)}?valueInputOption=USER_ENTERED"
    http.json("PUT", path, {"values": rows})


def change(http: Http, book: str, *requests: dict[str, Any]) -> None:
    http.json("POST", f"/v4/spreadsheets/{book}:batchUpdate", {"requests": [*requests]})


def test_page_shows_values_as_the_sheet_shows_them(browser: Http, ann: Http) -> None:
    body = {"properties": {"title": "Клиенты", "locale": "ru_RU"}}
    book = ann.json("POST", "/v4/spreadsheets", body)["spreadsheetId"]
    write(ann, book, [["Имя", "Сумма"], ["Анна", "10,5%"], [], ["=1/0", "ИСТИНА"]])
    assert opened(browser, book).rows == [
        ["", "A", "B"],
        ["1", "Имя", "Сумма"],
        ["2", "Анна", "10,50%"],
        ["3", "", ""],
        ["4", "#DIV/0!", "ИСТИНА"],
    ]


def test_nothing_of_a_spreadsheet_is_taken_for_html(browser: Http, ann: Http) -> None:
    book = ann.create(HOSTILE)
    write(ann, book, [[HOSTILE]])
    link = {"textFormat": {"link": {"uri": "javascript:alert(1)"}}}
    cell = {"note": HOSTILE, "userEnteredFormat": link}
    fields = "note,userEnteredFormat.textFormat.link"
    change(
        ann,
        book,
        {"repeatCell": {"range": {"endRowIndex": 1}, "cell": cell, "fields": fields}},
        {"updateSheetProperties": {"properties": {"title": HOSTILE}, "fields": "title"}},
        {"addSheet": {"properties": {"title": HOSTILE + "2"}}},
    )
    page = opened(browser, book)
    assert {"script", "img", "form", "iframe", "link", "object"}.isdisjoint(page.tags)
    assert page.rows[1][1] == HOSTILE
    assert page.cells("td")[0]["title"] == HOSTILE
    assert all(link.startswith(("?gid=", "/spreadsheets/d/")) for link in page.links)


def test_page_may_run_and_load_nothing(browser: Http, ann: Http) -> None:
    answer = browser.ask("GET", f"/spreadsheets/d/{ann.create('Bare')}/edit")
    policy = answer.headers["content-security-policy"]
    assert policy == "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'"
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"


def test_looks_merges_and_hidden_lines_are_those_of_the_sheet(browser: Http, ann: Http) -> None:
    book = ann.create("Looks")
    write(ann, book, [["a", "b", "c"], [1, 2, 3], ["x", "hidden"], ["y", "z"]])
    colours = {"backgroundColor": {"red": 1}, "textFormat": {"foregroundColor": {"blue": 1}}}
    rows = {"sheetId": 0, "dimension": "ROWS", "startIndex": 2, "endIndex": 3}
    columns = {"sheetId": 0, "dimension": "COLUMNS", "startIndex": 1, "endIndex": 2}
    hide = {"properties": {"hiddenByUser": True}, "fields": "hiddenByUser"}
    wide = {"properties": {"pixelSize": 222}, "fields": "pixelSize"}
    above = {"ranges": [{"startColumnIndex": 2}], "booleanRule": {
        "condition": {"type": "NUMBER_GREATER", "values": [{"userEnteredValue": "2"}]},
        "format": {"textFormat": {"bold": True}}}}  # fmt: skip
    change(
        ann,
        book,
        {"repeatCell": {"range": {"endRowIndex": 1, "endColumnIndex": 1}, "cell": {
            "userEnteredFormat": colours}, "fields": "userEnteredFormat"}},
        {"mergeCells": {"range": {"startRowIndex": 3, "endRowIndex": 5, "endColumnIndex": 3}}},
        {"updateDimensionProperties": {"range": rows, **hide}},
        {"updateDimensionProperties": {"range": columns, **hide}},
        {"updateDimensionProperties": {"range": {**columns, "startIndex": 2, "endIndex": 3},
            **wide}},
        {"addConditionalFormatRule": {"rule": above}},
    )  # fmt: skip
    page = opened(browser, book)
    assert [row[:1] for row in page.rows] == [[""], ["1"], ["2"], ["4"], ["5"]]
    assert page.rows[1:4] == [["1", "a", "c"], ["2", "1", "3"], ["4", "y"]]
    assert page.rows[0] == ["", "A", "C"]
    head, _, _, three, merged = page.cells("td")
    assert f".{head['class']}{{background:#ff0000;color:#0000ff}}" in page.style
    assert f".{three['class']}{{font-weight:bold;text-align:right}}" in page.style
    assert (merged["rowspan"], merged["colspan"]) == ("2", "2")
    assert [one.get("style") for one in page.cells("col")] == [None, "width:100px", "width:222px"]


def test_tabs_are_chosen_by_id_and_hidden_ones_are_not_offered(browser: Http, ann: Http) -> None:
    book = ann.create("Tabs")
    properties = [{"sheetId": 5, "title": "Two"}, {"sheetId": 6, "title": "Six", "hidden": True}]
    change(ann, book, *({"addSheet": {"properties": each}} for each in properties))
    write(ann, book, [["two"]], "Two!A1")
    first = opened(browser, book)
    assert first.rows == []
    assert [link for link in first.links if link.startswith("?")] == ["?gid=5"]
    assert opened(browser, book, "?gid=5").rows[1] == ["1", "two"]
    assert opened(browser, book, "?gid=999").rows == []


def test_long_tabs_come_in_pages_with_their_frozen_rows(browser: Http, ann: Http) -> None:
    book = ann.create("Long")
    change(ann, book, {"appendDimension": {"dimension": "ROWS", "length": 1500}})
    write(ann, book, [["Head"], *([f"row {number}"] for number in range(2, 2302))])
    grid = {"properties": {"gridProperties": {"frozenRowCount": 1}}}
    fields = "gridProperties.frozenRowCount"
    change(ann, book, {"updateSheetProperties": {**grid, "fields": fields}})
    page = opened(browser, book)
    assert [page.rows[1], page.rows[2], page.rows[-1]] == [
        ["1", "Head"],
        ["2", "row 2"],
        ["1000", "row 1000"],
    ]
    assert "?gid=0&row=1001" in page.links
    page = opened(browser, book, "?row=2001")
    assert [page.rows[1], page.rows[2], page.rows[-1]] == [
        ["1", "Head"],
        ["2001", "row 2001"],
        ["2301", "row 2301"],
    ]


def test_a_token_opens_what_its_holder_may_read(
    server: Any, ann: Http, person: Callable[[str], Http]
) -> None:
    book = ann.create("Hers")

    def status(password: str) -> int:
        given = base64.b64encode(f"any name:{password}".encode()).decode()
        with closing(Http(server.url, None)) as client:
            headers = {"Authorization": f"Basic {given}"}
            return client.ask("GET", f"/spreadsheets/d/{book}/edit", headers=headers).status_code

    assert status(server.token) == 200
    assert status(server.token_for("ann@example.com")) == 200
    assert status(server.token_for("stranger@example.com")) == 404
    assert status("wrong") == 401
    assert person("ann@example.com").ask("GET", f"/spreadsheets/d/{book}/edit").status_code == 200


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can be another user"
)
def test_another_user_of_the_computer_is_asked_to_sign_in(server: Any, ann: Http) -> None:
    book = ann.create("Private")
    code = (
        "import encodings.idna, os, socket, sys\n"
        "os.setuid(65534)\n"
        "line = socket.create_connection(('127.0.0.1', int(sys.argv[1])))\n"
        "line.sendall(f'GET {sys.argv[2]} HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n'.encode())\n"
        "print(line.recv(12).decode())\n"
    )
    port = server.url.rpartition(":")[2]
    command = [sys.executable, "-I", "-c", code, port, f"/spreadsheets/d/{book}/edit"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "HTTP/1.1 401\n"


def test_kernel_s_table_tells_whose_socket_it_is() -> None:
    lines = [
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid",
        "   0: 0100007F:223D 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000 0 5",
        "   1: 0100007F:C350 0100007F:223D 01 00000000:00000000 00:00000000 00000000  1001 0 6",
        "   2: 0100007F:223D 0100007F:C350 01 00000000:00000000 00:00000000 00000000  1000 0 7",
        "   3: 0A00007F:C351 0100007F:223D 01 00000000:00000000 00:00000000 00000000  1002 0 8",
    ]
    assert user_of(lines, 0xC350, 0x223D) == 1001
    assert user_of(lines, 0xC351, 0x223D) is None
    assert user_of([], 0xC350, 0x223D) is None


def test_tabs_are_taken_away_as_files(browser: Http, ann: Http) -> None:
    book = ann.create('Résumé "1"')
    change(ann, book, {"addSheet": {"properties": {"sheetId": 5, "title": "Two"}}})
    write(ann, book, [["a", "1.5"]], "Two!A1")
    path = f"/spreadsheets/d/{book}/export"
    answer = browser.ask("GET", f"{path}?format=csv&gid=5")
    assert (answer.text, answer.headers["content-type"]) == ("a,1.5", "text/csv")
    name = "attachment; filename*=UTF-8''R%C3%A9sum%C3%A9%20%221%22.csv"
    assert answer.headers["content-disposition"] == name
    assert browser.ask("GET", f"{path}?format=xlsx").content[:2] == b"PK"
    assert browser.ask("GET", f"{path}?format=docx").status_code == 400
    assert browser.ask("GET", f"{path}?format=csv&gid=77").status_code == 400


@pytest.mark.parametrize("path", ["d/none/edit", "d/", "x", "d/none/delete"])
def test_what_is_not_there_is_not_found(browser: Http, path: str) -> None:
    assert browser.ask("GET", f"/spreadsheets/{path}").status_code == 404


def test_without_libreoffice_its_files_are_refused_in_google_s_words(
    ann: Http, browser: Http, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    book = ann.create("No office")
    answer = ann.ask(
        "GET", f"/drive/v3/files/{book}/export", params={"mimeType": "application/pdf"}
    )
    error = answer.json()["error"]
    assert (answer.status_code, error["errors"][0]["reason"]) == (400, "badRequest")
    assert "pdf needs LibreOffice" in error["message"]
    assert not any("format=pdf" in link for link in opened(browser, book).links)


@pytest.mark.skipif(find_program() is None, reason="LibreOffice is not on this computer")
def test_libreoffice_makes_pdf_and_ods(ann: Http, browser: Http) -> None:
    book = ann.create("Office")
    write(ann, book, [["Клиент", 1.5]])
    assert any("format=pdf" in link for link in opened(browser, book).links)
    for media, start in (
        ("application/pdf", b"%PDF-"),
        ("application/vnd.oasis.opendocument.spreadsheet", b"PK"),
    ):
        answer = ann.ask("GET", f"/drive/v3/files/{book}/export", params={"mimeType": media})
        assert (answer.status_code, answer.headers["content-type"]) == (200, media)
        assert answer.content.startswith(start)


SLOW_PROGRAM = """#!{python}
import pathlib, sys, time
here = pathlib.Path(__file__).parent
(here / "began").touch()
while not (here / "go").exists():
    time.sleep(0.01)
target, out = sys.argv[sys.argv.index("--convert-to") + 1], sys.argv[sys.argv.index("--outdir") + 1]
if (here / "go").read_text():
    (pathlib.Path(out) / f"workbook.{{target}}").write_text("made")
"""


@pytest.mark.parametrize(
    ("outcome", "status"), [("made", 200), ("", 500)], ids=["converted", "failed"]
)
def test_others_are_answered_while_a_file_is_converted(
    server: Any,
    ann: Http,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    outcome: str,
    status: int,
) -> None:
    program = tmp_path / "soffice"
    program.write_text(SLOW_PROGRAM.format(python=sys.executable))
    program.chmod(0o700)
    monkeypatch.setenv("PATH", str(tmp_path))
    book = ann.create("Slow")
    params = {"mimeType": "application/pdf"}
    with ThreadPoolExecutor(1) as other, closing(Http(server.url, server.token)) as http:
        export = other.submit(http.ask, "GET", f"/drive/v3/files/{book}/export", params=params)
        while not (tmp_path / "began").exists():
            time.sleep(0.01)

        write(ann, book, [["meanwhile"]])
        assert not export.done()

        (tmp_path / "go.new").write_text(outcome)
        (tmp_path / "go.new").rename(tmp_path / "go")
        answer = export.result()
    assert (answer.status_code, "made" in answer.text) == (status, status == 200)
