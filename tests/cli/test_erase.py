"""`crm-sync erase`: a person is forgotten, and all else stays as it was."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from tests.cli.command import Crm
from tests.cli.terminal import as_seen, in_a_terminal
from tests.cli.test_bad_config import LANGUAGES, assert_refused
from tests.docs.test_json_output import assert_described

PERSON = "C-000045"
WORDS = ("Around the Horn", "Thomas Hardy", "+442075557788", "Hanover Sq")


def sql(config: Path, statement: str, *values: object) -> list[tuple[object, ...]]:
    with sqlite3.connect(config.with_name("crm.db")) as connection:
        rows = connection.execute(statement, values).fetchall()
    connection.close()
    return rows


def bytes_with(config: Path) -> set[str]:
    content = config.with_name("crm.db").read_bytes().lower()
    return {word for word in WORDS if word.lower().encode() in content}


@pytest.fixture
def named(crm: Crm, config: Path) -> Path:
    """The demonstration, with texts of others that name the person, synced."""
    sql(
        config,
        "update contacts set summary = 'Tell Thomas Hardy (020 7555 7788), not Ann' where id in"
        " (select id from contacts where client <> ? order by id limit 2)",
        PERSON,
    )
    sql(config, "update clients set note = 'Around the Horn sent her' where id = 'C-001078'")
    assert crm("sync", "-c", config).code == 0
    return config


def test_nothing_of_a_person_is_left_in_the_bytes_of_the_store(crm: Crm, named: Path) -> None:
    before = sql(named, "select count(*), sum(amount) from agreements")
    assert bytes_with(named) == set(WORDS)
    said = crm("erase", PERSON, "--now", "--confirm", PERSON, "-c", named)
    assert (said.code, said.err) == (0, ""), said
    assert said.out.startswith(f"✓ {PERSON} is erased.\n")
    assert "texts in these tables" not in said.out
    assert bytes_with(named) == set()
    assert sql(named, "select distinct summary from contacts where summary like 'Tell %'") == [
        ("Tell Erased (Erased), not Ann",)
    ]
    assert sql(named, "select count(*), sum(amount) from agreements") == before
    kept = sql(named, "select full_name, phone, archived_at from clients where id = ?", PERSON)
    assert kept[0][:2] == (f"Erased {PERSON}", None)
    assert kept[0][2]


def test_store_still_proves_its_history_and_rests(crm: Crm, named: Path) -> None:
    head = crm("verify", "--json", "-c", named).json["verification"]["head"]
    assert crm("erase", PERSON, "--now", "--confirm", PERSON, "-c", named).code == 0
    proof = crm("verify", "--head", head, "--json", "-c", named).json["verification"]
    assert proof["faults"] == []
    assert proof["erased"] > 10
    assert proof["kept_at"]
    assert "nothing has changed" in crm("sync", "-c", named).out
    assert crm("backup", "verify", "-c", named).code == 0
    assert not [
        item
        for item in crm("problems", "--json", "-c", named).json["problems"]
        if PERSON in item["message"]
    ]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_who_was_erased_stands_in_the_log_and_cannot_come_back(
    crm: Crm, config: Path, lang: str
) -> None:
    assert crm("log", "--erasures", "-c", config).out == "Nobody has been erased.\n"
    crm("erase", PERSON, "--confirm", PERSON, "-c", config)
    (line,) = [x for x in crm("log", "--erasures", "-c", config).out.splitlines() if PERSON in x]
    assert "Horn" not in line
    assert_described(crm("log", "--erasures", "--json", "-c", config).json, "Erasures")
    assert_refused(crm("restore", PERSON, "-c", config, "--lang", lang), 1, "E-ERROR", lang)


def test_erasure_that_nobody_wrote_down_breaks_the_chain(crm: Crm, named: Path) -> None:
    crm("erase", PERSON, "--now", "--confirm", PERSON, "-c", named)
    sql(named, "update erasures set entries = '[]'")
    assert crm("verify", "-c", named).code == 1


def test_without_now_the_next_run_takes_the_row_out_without_a_backup(crm: Crm, named: Path) -> None:
    said = crm("erase", "around the horn", "--confirm", PERSON, "-c", named)
    assert "rows in office, until the next run" in said.out
    backups = crm("backup", "list", "--json", "-c", named).json
    assert crm("sync", "-c", named).code == 0
    assert crm("backup", "list", "--json", "-c", named).json == backups
    assert sql(named, "select count(*) from bases where record_id = ?", PERSON) == [(0,)]
    sql(named, "update clients set city = 'Bergen' where id = 'C-001078'")
    assert crm("sync", "-c", named).code == 0
    assert crm("backup", "list", "--json", "-c", named).json != backups


def test_dry_run_lists_all_and_changes_nothing(crm: Crm, named: Path, here: Path) -> None:
    assert crm("export", "clients", "--out", "taken.csv", "-c", named).code == 0
    before = named.with_name("crm.db").read_bytes()
    said = crm("erase", PERSON, "--dry-run", "-c", named)
    assert said.out.startswith(f"Around the Horn ({PERSON})\n")
    assert "other records whose texts name them: C-001078, K-" in said.out
    assert "the export taken.csv" in said.out
    assert "backup crm-" in said.out
    assert named.with_name("crm.db").read_bytes() == before


def test_namesake_is_left_alone_and_told(crm: Crm, named: Path) -> None:
    sql(named, "update clients set phone = '+442075557788' where id = 'C-001078'")
    found = crm("erase", PERSON, "--dry-run", "--json", "-c", named).json
    assert_described(found, "Erasing")
    assert found["erased"]["alike"] == {"clients": ["C-001078"]}
    crm("erase", PERSON, "--confirm", PERSON, "-c", named)
    assert sql(named, "select phone from clients where id = 'C-001078'") == [("+442075557788",)]


def test_who_shares_an_address_with_the_person_keeps_it(crm: Crm, named: Path) -> None:
    other = "C-001078"
    sql(named, "update clients set messenger = 'tg:@horn' where id = ?", PERSON)
    shared = "update clients set address = (select address from clients where id = ?),"
    sql(named, f"{shared} messenger = 'tg:@horn', note = 'tg:@horn' where id = ?", PERSON, other)
    assert crm("sync", "-c", named).code == 0
    known = "select address, messenger, note from clients where id = ?"
    before = sql(named, known, other)
    told = "select changes from history where record_id = ? and changes not like '%Around%'"
    entries = sql(named, told, other)
    assert crm("erase", PERSON, "--now", "--confirm", PERSON, "-c", named).code == 0
    assert sql(named, known, other) == before
    assert sql(named, "select address, messenger from clients where id = ?", PERSON) == [
        (None, None)
    ]
    assert set(entries) <= set(sql(named, "select changes from history where record_id = ?", other))


def test_records_that_were_made_one_with_the_persons_go_too(crm: Crm, named: Path) -> None:
    others = ("C-001078", "C-000037")
    words = [
        row[0] for row in sql(named, "select full_name from clients where id in (?, ?)", *others)
    ]
    assert crm("merge", others[0], others[1], "--take", "all=keep", "-c", named).code == 0
    assert crm("merge", PERSON, others[0], "--take", "all=keep", "-c", named).code == 0
    assert crm("sync", "-c", named).code == 0
    assert_refused(crm("erase", others[0], "--dry-run", "-c", named), 1, "E-ERROR", "en")
    found = crm("erase", PERSON, "--dry-run", "--json", "-c", named).json
    assert_described(found, "Erasing")
    assert found["erased"]["merged"] == [*others]
    assert f"go too: {others[0]}, {others[1]}" in crm("erase", PERSON, "--dry-run", "-c", named).out

    assert crm("erase", PERSON, "--now", "--confirm", PERSON, "-c", named).code == 0

    content = named.with_name("crm.db").read_bytes().decode(errors="ignore")
    assert [word for word in words if str(word) in content] == []
    assert_refused(crm("unmerge", PERSON, "-c", named), 1, "E-ERROR", "en")
    for person in others:
        assert_refused(crm("restore", person, "-c", named), 1, "E-ERROR", "en")
    assert crm("verify", "-c", named).code == 0


def test_record_that_was_merged_and_brought_back_is_somebody_else(crm: Crm, named: Path) -> None:
    other = "C-001078"
    known = sql(named, "select full_name, phone from clients where id = ?", other)
    assert crm("merge", PERSON, other, "--take", "all=keep", "-c", named).code == 0
    assert crm("restore", other, "-c", named).code == 0
    found = crm("erase", PERSON, "--dry-run", "--json", "-c", named).json
    assert found["erased"]["merged"] == []
    assert crm("erase", PERSON, "--confirm", PERSON, "-c", named).code == 0
    assert sql(named, "select full_name, phone from clients where id = ?", other) == known


def test_id_is_to_be_typed_on_a_terminal(named: Path) -> None:
    asked = "to erase them"
    for typed, code in (("no\n", 1), ("\x03", 130), (f"{PERSON}\n", 0)):
        said = in_a_terminal("erase", PERSON, "-c", named, keys=[(asked, typed)])
        assert said.code == code, said
        assert "Traceback" not in said.out
        assert ("is erased" in as_seen(said.out)) == (code == 0)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_where_nobody_can_be_asked_nothing_is_erased(crm: Crm, named: Path, lang: str) -> None:
    said = crm("erase", PERSON, "-c", named, "--lang", lang)
    assert_refused(said, 2, "E-USAGE", lang)
    assert crm("erase", PERSON, "--confirm", "C-001078", "-c", named).code == 1
    assert bytes_with(named) == set(WORDS)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    ("who", "code", "kind"),
    [
        ("nobody", 2, "E-NOT-FOUND"),
        ("A-007613", 1, "E-ERROR"),
        ("+1 503-555-9931", 2, "E-AMBIGUOUS"),
    ],
)
def test_who_is_not_one_client_is_refused(
    crm: Crm, config: Path, who: str, code: int, kind: str, lang: str
) -> None:
    said = crm("erase", who, "--dry-run", "-c", config, "--lang", lang)
    assert_refused(said, code, kind, lang)


def test_workbook_that_the_configuration_names_no_longer_is_told(crm: Crm, named: Path) -> None:
    sql(
        named,
        "insert into bases select 'sold', table_name, record_id, \"values\", cells, version,"
        " unsettled from bases where table_name = 'clients' and record_id = ?",
        PERSON,
    )
    said = crm("erase", PERSON, "--dry-run", "-c", named)
    assert "rows in sold, which config.toml names no longer" in said.out
    said = crm("erase", PERSON, "--now", "--confirm", PERSON, "-c", named)
    assert "rows in sold, which config.toml names no longer" in said.out
    assert "until the next run" not in said.out
