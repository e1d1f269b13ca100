"""A branch is opened in one command, like all others."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from crm_sync.config import load_config
from tests.cli.command import Crm
from tests.cli.test_bad_config import LANGUAGES, assert_refused
from tests.docs.test_json_output import assert_described
from tests.scenarios.office import CONFIG

GOOGLE = """
language = "en"
timezone = "Europe/Moscow"
currency = "RUB"
phone_region = "RU"
[[workbooks]]
name = "main"
kind = "google"
id = "1AbCdEfGhIjKlMnOpQrStUvWxYz0123456789abcd"
"""


@pytest.fixture
def config(here: Path) -> Path:
    """An office with a comment of its own in its configuration."""
    path = here / "config.toml"
    path.write_text("# Ours, by hand.\n" + CONFIG.format(language="en").rstrip(), "utf-8")
    return path


def test_branch_gets_a_workbook_that_shows_its_clients_alone(crm: Crm, config: Path) -> None:
    assert crm("sync").code == 0
    before = config.read_text("utf-8")

    made = crm("branch", "create", "Omsk", "--json").json

    assert_described(made, "Branch")
    assert (made["is_new"], made["created"], made["workbook"]) == (True, True, "Omsk")
    after = config.read_text("utf-8")
    assert after.startswith(before + "\n")
    assert made["section"] in after
    assert load_config(config).workbook("Omsk").scope is not None
    assert crm("template", "check").code == 0
    with sqlite3.connect(config.with_name("crm.db")) as connection:
        statement = "insert into clients (full_name, phone, branch) values (?, ?, ?)"
        connection.execute(statement, ("Olga", "+79120000002", made["branch"]))
    connection.close()
    assert crm("sync").code == 0
    with sqlite3.connect(config.with_name("crm.db")) as connection:
        shown = connection.execute(
            "select full_name from clients join bases on record_id = clients.id"
            " where workbook = 'Omsk' and table_name = 'clients'"
        ).fetchall()
    connection.close()
    assert shown == [("Olga",)]


def test_dry_run_shows_the_section_and_changes_nothing(crm: Crm, config: Path) -> None:
    assert crm("sync").code == 0
    before = config.read_bytes()
    said = crm("branch", "create", "Omsk", "--dry-run")
    assert said.code == 0
    assert 'scope = { branch = "Omsk" }' in said.out
    assert config.read_bytes() == before
    assert sorted(item.name for item in config.parent.glob(".config*")) == []
    with sqlite3.connect(config.with_name("crm.db")) as connection:
        assert connection.execute("select count(*) from branches").fetchone() == (0,)
    connection.close()


def test_with_workbooks_at_google_the_steps_are_told(crm: Crm, config: Path) -> None:
    config.write_text(GOOGLE, "utf-8")
    said = crm("branch", "create", "Omsk")
    assert said.code == 3
    assert "https://sheets.new" in said.out
    assert 'branch create "Omsk" --google ADDRESS' in said.out
    assert config.read_text("utf-8") == GOOGLE


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("arguments", "code", "kind"),
    [
        (["main"], 2, "E-USAGE"),
        ([" "], 2, "E-USAGE"),
        (["Omsk", "--google", "nonsense"], 5, "E-CONFIG"),
    ],
)
def test_what_cannot_be_opened_is_refused_before_anything_is_done(
    crm: Crm, config: Path, arguments: list[str], code: int, kind: str, language: str
) -> None:
    crm("sync")
    before = config.read_bytes()
    said = crm("branch", "create", *arguments, "--lang", language)
    assert_refused(said, code, kind, language)
    if arguments == [" "] and language == "en":
        assert "The branch has no name." in said.err
    assert config.read_bytes() == before
