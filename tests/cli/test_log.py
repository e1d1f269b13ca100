"""The runs, what each changed, and the way back."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from tests.cli.command import Crm
from tests.cli.test_bad_config import LANGUAGES, assert_refused


def rows(config: Path, sql: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(config.with_name("crm.db"))
    with connection:
        found = connection.execute(sql).fetchall()
    connection.close()
    return found


TOUCHED = (
    "select id, full_name, phone, contact_person, archived_at is null from clients"
    " where id in ('C-000013', 'C-000059', 'C-001086', 'C-001275')"
)


def test_log_lists_the_runs_and_what_one_of_them_changed(crm: Crm, config: Path) -> None:
    listed = crm("log", "-c", config)
    assert (listed.code, listed.err) == (0, "")
    assert [line.split()[0] for line in listed.out.splitlines()[2:]] == ["2", "1"]
    assert "2 new, 2 changed, 1 archived" in listed.out
    changed = crm("log", "2", "-c", config).out
    assert "Alfreds Futterkiste (C-000013)" in changed
    assert "+49 30 0074321" in changed
    assert "+49 30 0074399" in changed
    assert changed.splitlines()[-1].endswith("undo 2")


def test_undo_takes_a_run_back_and_the_sheet_follows(crm: Crm, config: Path) -> None:
    before = rows(config, TOUCHED)
    dry = crm("undo", "2", "--dry-run", "-c", config)
    assert rows(config, TOUCHED) == before
    done = crm("undo", "2", "-c", config)
    assert done.code == 0
    assert dry.out.splitlines()[:5] == done.out.splitlines()[:5]
    after = {row[0]: row for row in rows(config, TOUCHED)}
    assert after["C-000013"][2] == "+49300074321"
    assert after["C-000059"][3] == "Christina Berglund"
    assert (after["C-001086"][4], after["C-001275"][4]) == (1, 0)
    synced = crm("sync", "--json", "-c", config).json["workbooks"][0]
    clients = next(tab for tab in synced["tabs"] if tab["table"] == "clients")
    assert (clients["to_sheet"]["added"], clients["to_sheet"]["removed"]) == (1, 1)
    assert crm("sync", "-c", config).out.count("nothing has changed") == 1
    again = crm("undo", "2", "-c", config)
    assert "Nothing of run 2 is to be taken back." in again.out


def test_undo_keeps_what_was_changed_since_and_says_so(crm: Crm, config: Path) -> None:
    rows(config, "update clients set phone = '+49300070000' where id = 'C-000013'")
    for lang in LANGUAGES:
        said = crm("undo", "2", "--dry-run", "--lang", lang, "-c", config).out
        assert "+49 30 0070000" in said
    crm("undo", "2", "-c", config)
    assert rows(config, "select phone from clients where id = 'C-000013'") == [("+49300070000",)]


def test_archived_record_is_restored_with_its_row(crm: Crm, config: Path) -> None:
    said = crm("restore", "c-001086", "-c", config)
    assert (said.code, said.err) == (0, "")
    assert "Svensk Sjöföda AB (C-001086) is back." in said.out
    added = crm("sync", "--json", "-c", config).json["workbooks"][0]["tabs"]
    assert sum(tab["to_sheet"]["added"] for tab in added) == 1


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_is_not_there_is_refused(crm: Crm, config: Path, lang: str) -> None:
    before = rows(config, TOUCHED)
    for command in (["log", "99"], ["undo", "99"], ["restore", "C-999999"]):
        assert_refused(crm(*command, "-c", config, "--lang", lang), 2, "E-NOT-FOUND", lang)
    said = crm("restore", "C-000013", "-c", config, "--lang", lang)
    assert_refused(said, 1, "E-ERROR", lang)
    assert rows(config, TOUCHED) == before
