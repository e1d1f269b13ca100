"""`crm-sync as-of`: the store as it stood, worked out from its history."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from tests.cli.command import Crm
from tests.cli.test_bad_config import LANGUAGES, assert_refused


@pytest.fixture
def moved(config: Path) -> Path:
    """The demonstration, all of it made in 2020, with a client who moved in 2021 and one who was
    archived then.
    """
    with sqlite3.connect(config.with_name("crm.db")) as connection:
        connection.execute("update history set at = '2020-01-01T00:00:00.000Z'")
        connection.execute(
            "insert into context values (1, '2021-06-01T12:00:00.000Z', 'cli', '', null)"
        )
        connection.execute("update clients set city = 'Bergen' where id = 'C-000045'")
        connection.execute("update clients set archived_at = '2021-06-01' where id = 'C-000013'")
        connection.execute("delete from context")
    connection.close()
    return config


def test_counts_are_those_of_the_day(crm: Crm, moved: Path) -> None:
    def clients(day: str) -> dict[str, int]:
        return dict(crm("as-of", day, "--json", "-c", moved).json["tables"]["clients"])

    now = clients("2021-06-02")
    assert clients("2019-12-31")["then"] == 0
    assert clients("2021-05-31") == {"then": now["now"] + 1, "now": now["now"], "changed": 2}
    assert now["changed"] == 0
    assert clients("2021-06-01 14:59")["changed"] == 2
    assert clients("2021-06-01 15:00")["changed"] == 0


def test_record_is_shown_then_and_now(crm: Crm, moved: Path) -> None:
    said = crm("as-of", "2021-05-31", "c-000045", "-c", moved)
    (row,) = [line.split() for line in said.out.splitlines() if line.startswith("City")]
    assert row == ["City", "Liverpool", "Bergen"]
    before = crm("as-of", "2019-01-01", "C-000045", "-c", moved)
    assert "It did not exist yet." in before.out
    after = crm("as-of", "2021-06-02", "C-000013", "-c", moved)
    assert "It was archived." in after.out


def test_table_of_the_day_is_listed_and_written(crm: Crm, moved: Path, here: Path) -> None:
    listed = crm("as-of", "2021-05-31", "clients", "--json", "-c", moved).json["records"]
    assert listed["C-000045"]["city"] == "Liverpool"
    assert "C-000013" in listed
    assert "C-000013" not in crm("as-of", "2021-06-02", "Clients", "-c", moved).out
    said = crm("as-of", "2021-05-31", "clients", "--out", "then.csv", "-c", moved)
    assert said.code == 0, said
    text = (here / "then.csv").read_text(encoding="utf-8-sig")
    assert "Liverpool" in text
    assert "Bergen" not in text
    assert "clients as-of 2021-05-31" in crm("log", "--exports", "-c", moved).out


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    ("words", "kind"),
    [
        (("yesterday",), "E-USAGE"),
        (("2021-13-01",), "E-USAGE"),
        (("2021-05-31", "X-1"), "E-NOT-FOUND"),
        (("2021-05-31", "--out", "x.csv"), "E-USAGE"),
        (("2021-05-31", "clients", "--out", "x.ods"), "E-USAGE"),
    ],
)
def test_what_makes_no_sense_is_refused(
    crm: Crm, config: Path, words: tuple[str, ...], kind: str, lang: str
) -> None:
    assert_refused(crm("as-of", *words, "-c", config, "--lang", lang), 2, kind, lang)
