"""Records in the store itself: added, changed, shown and found without a workbook."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.cli.command import Crm, contents, in_a_process
from tests.cli.test_bad_config import LANGUAGES, assert_refused
from tests.cli.test_export import sql

ANNA = ("client", "add", "Иванова Анна", "--phone", "8 (912) 345-00-01")


def test_client_is_added_as_people_type_it_and_reaches_the_sheet(crm: Crm, config: Path) -> None:
    said = crm(*ANNA, "--set", "e-mail=Anna@Example.ORG", "--as", "Petrova", "-c", config)
    assert (said.code, said.err) == (0, "")
    ((record, phone, email, kind, by),) = sql(
        config,
        "select id, phone, email, kind, updated_by from clients where full_name = 'Иванова Анна'",
    )
    assert (phone, email, kind) == ("+79123450001", "Anna@example.org", "customer")
    assert by == "Petrova"
    assert f"({record})" in said.out
    (run,) = crm("sync", "--json", "-c", config).json["workbooks"]
    assert run["tabs"][[tab["table"] for tab in run["tabs"]].index("clients")]["to_sheet"] == {
        "added": 1, "changed": 0, "removed": 0,
    }  # fmt: skip


def test_all_that_will_not_do_is_told_at_once_by_its_field(crm: Crm, config: Path) -> None:
    before = contents(config.parent)
    said = crm("client", "add", "--phone", "12", "--email", "x@", "--json", "-c", config)
    assert said.code == 1
    found = said.json["entered"]
    assert [(item["field"], item["code"]) for item in found["problems"]] == [
        ("phone", "V01"), ("email", "V01"), ("full_name", "V02"),
    ]  # fmt: skip
    assert (found["op"], found["done"]) == (None, False)
    assert contents(config.parent) == before


def test_what_a_closed_period_refuses_does_not_say_that_it_waits(crm: Crm, config: Path) -> None:
    text = config.read_text(encoding="utf-8")
    config.write_text(f"closed_until = 2050-01-31\n{text}", encoding="utf-8")
    ((record,),) = sql(config, "select id from agreements order by id limit 1")
    before = contents(config.parent)
    for lang, told in (
        ("en", "closed: it is not changed from here."),
        ("ru", "закрыт: отсюда в нём ничего не меняется."),
    ):
        said = crm("agreement", "edit", record, "--amount", "1", "-c", config, "--lang", lang)
        assert said.code == 1
        assert told in " ".join((said.out + said.err).split())
    assert contents(config.parent) == before


def test_dry_run_enters_nothing(crm: Crm, config: Path) -> None:
    before = contents(config.parent)
    assert crm(*ANNA, "--dry-run", "-c", config).code == 0
    assert crm("client", "edit", "C-000045", "--city", "Perm", "--dry-run", "-c", config).code == 0
    assert contents(config.parent) == before


def test_record_is_named_by_whatever_leads_to_it(crm: Crm, config: Path) -> None:
    assert crm(*ANNA, "-c", config).code == 0
    for named in ("иванова  анна", "912 345-00-01", "+7 (912) 345 00 01"):
        said = crm("client", "edit", named, "--note", named, "--json", "-c", config)
        assert said.json["entered"]["done"], named
    assert crm("client", "show", "с-45", "-c", config).out.startswith("Around the Horn (C-000045)")


def test_name_of_several_asks_for_the_id(crm: Crm, config: Path) -> None:
    for phone in ("9123450001", "9123450002"):
        assert crm("client", "add", "Иванова Анна", "--phone", phone, "-c", config).code == 0
    said = crm("client", "show", "иванова анна", "-c", config)
    assert (said.code, said.kind) == (2, "E-AMBIGUOUS")
    assert said.err.count("Иванова Анна (C-") == 2


def test_contact_and_agreement_name_their_client_as_people_do(crm: Crm, config: Path) -> None:
    added = ("Around the Horn", "Хочет прайс", "--reason", "inquiry", "--outcome", "interested")
    assert crm("contact", "add", *added, "-c", config).code == 0
    deal = ("+44 20 7555 7788", "40 boxes", "--amount", "1,234.50", "--due-date", "2050-12-31")
    assert crm("agreement", "add", *deal, "-c", config).code == 0
    assert sql(config, "select client, status from contacts where summary = 'Хочет прайс'") == [
        ("C-000045", "held")
    ]
    assert sql(config, "select client, amount from agreements where subject = '40 boxes'") == [
        ("C-000045", "1234.5")
    ]


def test_same_phone_is_told_and_entered(crm: Crm, config: Path) -> None:
    assert crm(*ANNA, "-c", config).code == 0
    said = crm("client", "add", "Анна И.", "--phone", "+79123450001", "-c", config)
    assert said.code == 0
    assert "merge C-" in said.err


def test_find_knows_words_digits_and_ids(crm: Crm, config: Path) -> None:
    assert crm(*ANNA, "--city", "Орёл", "-c", config).code == 0
    (record,) = sql(config, "select id from clients where full_name = 'Иванова Анна'")[0]
    for typed in ("анна ОРЕЛ", "345-00-01", "8 912 345-00", "ивано", str(record)):
        found = crm("client", "find", typed, "--json", "-c", config).json["found"]["records"]
        assert [item["record"] for item in found] == [record], typed
    assert crm("client", "find", "анна 3450001", "--json", "-c", config).code == 0
    both = crm("find", "around the horn", "--limit", "5", "-c", config)
    assert "Contacts" not in both.out.splitlines()[0]
    assert "--limit" in both.err


def test_nothing_found_is_told_with_the_nearest_name(crm: Crm, config: Path) -> None:
    said = crm("client", "find", "Arround the Horne", "-c", config)
    assert said.code == 1
    assert "Around the Horn (C-000045)" in said.err


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    ("typed", "code", "named"),
    [
        (["client", "add", "--set", "city"], 2, "city"),
        (["client", "add", "--set", "town=Perm"], 2, "town"),
        (["client", "add", "--set", "id=C-1"], 2, "ID"),
        (["client", "add", "--city", "A", "--set", "city=B"], 2, "city"),
        (["client", "edit"], 2, "RECORD"),
        (["client", "edit", "C-999999", "--city", "X"], 2, "C-999999"),
        (["client", "show", "Nobody of this name"], 2, "Nobody of this name"),
        (["client", "find"], 2, "WORDS"),
        (["client", "find", "x", "--limit", "0"], 2, "0"),
        (["client", "drop"], 2, "drop"),
    ],
    ids=lambda item: " ".join(item) if isinstance(item, list) else None,
)
def test_wrong_command_is_told_and_does_nothing(
    crm: Crm, config: Path, typed: list[str], code: int, named: str, lang: str
) -> None:
    before = contents(config.parent)
    said = crm(*typed, "-c", config, "--lang", lang)
    assert_refused(said, code, said.kind, lang)
    assert named in said.err
    assert contents(config.parent) == before


def test_store_that_is_not_there_is_told(crm: Crm, config: Path) -> None:
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace("crm.db", "none.db"), encoding="utf-8")
    for command in (["client", "find", "x"], ["client", "show", "x"], [*ANNA]):
        assert_refused(crm(*command, "-c", config), 6, "E-STORE")


def test_closed_pipe_ends_find_without_a_word(config: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    said = in_a_process("client", "find", "a", "-c", config, stdout=writing)
    os.close(writing)
    assert (said.code, said.err) == (141, "")
