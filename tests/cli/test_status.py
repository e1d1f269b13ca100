"""How things stand, on one screen."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from crm_sync.cli.commands import cli
from crm_sync.cli.typed import COMMANDS
from tests.cli.command import Crm
from tests.cli.test_bad_config import LANGUAGES


def sql(config: Path, statement: str) -> None:
    connection = sqlite3.connect(config.with_name("crm.db"))
    with connection:
        connection.execute(statement)
    connection.close()


def test_status_counts_what_there_is_and_what_waits(crm: Crm, config: Path) -> None:
    found = crm("status", "--json", "-c", config).json["status"]
    (office,) = found["workbooks"]
    waiting = crm("problems", "list", "--json", "-c", config).json["problems"]
    assert (office["conflicts"], office["problems"]) == (1, len(waiting))
    assert (office["pending"], office["unsettled"]) == (False, 0)
    assert office["last_run"]["run"] == 2
    assert (found["records"]["clients"], found["archived"]) == (126, 1)


def test_edit_of_the_store_is_pending_until_the_next_run(crm: Crm, config: Path) -> None:
    def pending() -> bool:
        (office,) = crm("status", "--json", "-c", config).json["status"]["workbooks"]
        return bool(office["pending"])

    sql(config, "update clients set city = 'Basel' where city = 'Bern'")
    assert pending()
    assert "the store has changed since" in crm("status", "-c", config).out
    crm("sync", "-c", config)
    assert not pending()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_screen_names_the_command_for_each_thing_that_waits(
    crm: Crm, config: Path, lang: str
) -> None:
    said = crm("status", "-c", config, "--lang", lang)
    assert (said.code, said.err) == (0, "")
    commands = [line.split("config.toml ")[1] for line in said.out.splitlines() if "→" in line]
    assert commands == ["conflicts list", "problems list"]
    assert len(said.out.splitlines()) <= 24


def test_workbook_that_was_never_synced_is_said_so(crm: Crm, config: Path) -> None:
    text = config.read_text(encoding="utf-8")
    more = '\n[[workbooks]]\nname = "branch"\nkind = "local"\ndata = "branch.db"\n'
    config.write_text(text + more, encoding="utf-8")
    assert "not synced yet" in crm("status", "-c", config).out


def test_every_command_is_known_to_the_texts_that_name_it() -> None:
    assert {*COMMANDS, "demo"} == set(cli.commands)
