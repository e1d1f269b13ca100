"""`crm-sync verify` as its users meet it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from tests.cli.command import Crm
from tests.cli.test_bad_config import LANGUAGES, assert_refused


def sql(config: Path, statement: str) -> None:
    with sqlite3.connect(config.with_name("crm.db")) as connection:
        connection.execute(statement)
    connection.close()


def test_store_of_the_demonstration_is_as_it_was_written(crm: Crm, config: Path) -> None:
    said = crm("verify", "-c", config)
    assert (said.code, said.err) == (0, "")
    assert "The store is as it was written" in said.out
    head = said.out.split()[-1]
    assert (
        crm("verify", "--head", head[:12], "-c", config).out.count("The head that you named") == 1
    )


@pytest.mark.parametrize("lang", LANGUAGES)
def test_changed_entry_is_named_and_the_exit_code_says_so(
    crm: Crm, config: Path, lang: str
) -> None:
    head = crm("verify", "--json", "-c", config).json["verification"]["head"]
    sql(config, "update history set source = 'cli' where seq = 100")
    said = crm("verify", "-c", config, "--lang", lang)
    assert said.code == 1
    assert said.out.startswith("✗ ")
    assert "100" in said.out.splitlines()[0]
    assert crm("verify", "--head", head, "--json", "-c", config).json["verification"]["kept_at"]


def test_head_that_the_chain_never_had_is_told(crm: Crm, config: Path) -> None:
    said = crm("verify", "--head", "0" * 64, "-c", config)
    assert said.code == 1
    assert "never had the head" in said.out


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_is_no_head_is_refused(crm: Crm, config: Path, lang: str) -> None:
    said = crm("verify", "--head", "my head", "-c", config, "--lang", lang)
    assert_refused(said, 2, "E-USAGE", lang)
