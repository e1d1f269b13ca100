"""The page that tells people how to connect: in both languages, safe, and true."""

import html
import re
from collections.abc import Iterator
from contextlib import closing
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import gspread
import pytest

from tests.contract.sheet_server.local_client import Http


@pytest.fixture
def browser(server: Any) -> Iterator[Http]:
    with closing(Http(server.url, None)) as client:
        yield client


class Page(HTMLParser):
    """The tags and code blocks of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.feed(text)
        blocks = re.findall(r"<pre><code>(.*?)</code></pre>", text, re.DOTALL)
        self.code = [html.unescape(block) for block in blocks]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)


@pytest.mark.parametrize(
    ("query", "accepted", "language"),
    [
        ("", "", "en"),
        ("", "ru-RU,ru;q=0.9,en;q=0.8", "ru"),
        ("", "fr,en-GB", "en"),
        ("?lang=ru", "en", "ru"),
        ("?lang=en", "ru", "en"),
        ("?lang=xx", "ru", "ru"),
    ],
)
def test_page_speaks_the_reader_s_language(
    browser: Http, query: str, accepted: str, language: str
) -> None:
    answer = browser.ask("GET", f"/{query}", headers={"Accept-Language": accepted})
    assert answer.status_code == 200
    assert f'<html lang="{language}">' in answer.text
    assert ("таблиц" in answer.text) is (language == "ru")


def test_page_may_run_and_load_nothing(browser: Http) -> None:
    answer = browser.ask("GET", "/")
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert answer.headers["x-frame-options"] == "DENY"
    assert {"script", "img", "form", "iframe", "link"}.isdisjoint(Page(answer.text).tags)


def test_page_tells_no_secret(server: Any, browser: Http) -> None:
    text = browser.ask("GET", "/").text
    assert server.admin_token not in text
    assert server.token not in text


def test_code_of_the_page_runs_as_it_stands(
    server: Any, browser: Http, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_token, by_key = Page(browser.ask("GET", "/").text).code
    names: dict[str, Any] = {}
    exec(by_token.replace("TOKEN", server.token), names)
    assert names["sheet"].acell("A1").value == "Name"
    names["client"].http_client.session.close()
    monkeypatch.chdir(tmp_path)
    exec(by_key.replace('"workbooks.db"', repr(str(server.data))), names)
    client: gspread.Client = names["client"]
    assert client.list_spreadsheet_files() == []
    client.http_client.session.close()
