"""Who may open the workbooks, as the command says it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from crm_sync.sheet_server.server import SheetServer
from tests.cli.command import Crm, contents, is_russian
from tests.cli.test_bad_config import LANGUAGES
from tests.scenarios.office import TOKEN, staff_client


@contextmanager
def shared(config: Path, who: str) -> Iterator[None]:
    """The workbook of the demonstration, shared with one more; served meanwhile."""
    with sqlite3.connect(config.with_name("crm.db")) as store:
        ((book,),) = store.execute("select spreadsheet_id from workbooks").fetchall()
    store.close()
    with SheetServer(config.with_name("workbook.db"), token=TOKEN) as server:
        kind = "user" if who else "anyone"
        staff_client(server.url).open_by_key(book).share(who or None, kind, "reader", notify=False)
        yield


def allow(config: Path, *entries: str) -> None:
    names = ", ".join(f'"{entry}"' for entry in entries)
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace("[access]", f"[access]\nallow = [{names}]"), encoding="utf-8")


def test_audit_lists_who_may_and_the_lines_to_begin_with(crm: Crm, config: Path) -> None:
    assert "nobody but crm-sync may open it" in crm("audit", "access", "-c", config).out
    with shared(config, "anna@company.com"):
        said = crm("audit", "access", "-c", config)
    assert (said.code, said.err) == (0, "")
    assert said.out.endswith('[access]\nallow = ["anna@company.com"]\n')


@pytest.mark.parametrize("lang", LANGUAGES)
def test_stranger_is_named_with_an_exit_code_of_its_own(crm: Crm, config: Path, lang: str) -> None:
    allow(config, "@company.com")
    before = contents(config.parent)
    with shared(config, "x@evil.com"):
        said = crm("audit", "access", "-c", config, "--lang", lang)
        found = crm("audit", "access", "--json", "-c", config).json["workbooks"]
    assert (said.code, said.err) == (3, "")
    assert "x@evil.com" in said.out
    assert is_russian(said.out) == (lang == "ru")
    assert found[0]["shares"] == [
        {"kind": "user", "who": "x@evil.com", "role": "reader", "stranger": True}
    ]
    assert contents(config.parent)["crm.db"] == before["crm.db"]


def test_run_stops_at_the_open_workbook_and_goes_on_with_the_others(crm: Crm, config: Path) -> None:
    allow(config, "@company.com")
    text = config.read_text(encoding="utf-8")
    more = '\n[[workbooks]]\nname = "branch"\nkind = "local"\ndata = "branch.db"\n'
    config.write_text(text + more, encoding="utf-8")
    with shared(config, ""):
        said = crm("sync", "--json", "-c", config)
    office, branch = said.json["workbooks"]
    assert said.code == 5
    assert (office["outcome"], office["error"]["code"]) == ("failed", "E-SHARED")
    assert branch["outcome"] == "synced"
