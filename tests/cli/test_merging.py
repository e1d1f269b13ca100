"""Records that are there twice are found, made one, and made several again."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.command import Crm, contents
from tests.cli.test_bad_config import LANGUAGES, assert_refused
from tests.cli.test_export import sql
from tests.docs.test_json_output import assert_described

HORN, ANA = "C-000045", "C-000021"
STATE = (
    "select id, full_name, phone, city, note, archived_at is null from clients order by id",
    "select id, client from contacts order by id",
    "select id, client, amount from agreements order by id",
)


def state(config: Path) -> list[object]:
    return [sql(config, statement) for statement in STATE]


def test_duplicates_are_found_by_what_they_share(crm: Crm, config: Path) -> None:
    assert crm("client", "edit", ANA, "--phone", "+44 20 7555 7788", "-c", config).code == 0
    groups = crm("duplicates", "--by", "phone", "--json", "-c", config).json["duplicates"]["groups"]
    (found,) = [group for group in groups if HORN in group["records"]]
    assert found["value"] == "+442075557788"
    assert list(found["records"]) == [ANA, HORN]
    said = crm("duplicates", "-c", config).out
    assert ANA in said
    assert "merge C-" in said


def test_what_differs_is_asked_before_anything_is_done(crm: Crm, config: Path) -> None:
    before = state(config)
    said = crm("merge", HORN, ANA, "-c", config)
    assert said.code == 3
    assert f"--take city={ANA}" in said.out
    assert state(config) == before


def test_merge_moves_everything_and_unmerge_brings_all_of_it_back(crm: Crm, config: Path) -> None:
    before = state(config)
    takes = ("--take", f"city={ANA}", "--take", "all=keep")
    crm("client", "edit", ANA, "--note", "likes tea", "-c", config)
    before = state(config)
    merged = crm("merge", HORN, ANA, *takes, "--as", "Petrova", "-c", config)
    assert (merged.code, merged.err) == (0, "")
    ((phone, city, note, name, by),) = sql(
        config,
        f"select phone, city, note, full_name, updated_by from clients where id = '{HORN}'",
    )
    assert (city, note, name, by) == ("México D.F.", "likes tea", "Around the Horn", "Petrova")
    assert phone == "+442075557788; +525555554729"
    assert sql(config, f"select count(*) from contacts where client = '{ANA}'") == [(0,)]
    assert "Around the Horn" in crm("client", "show", ANA, "-c", config).out
    taken_back = crm("unmerge", ANA, "--json", "-c", config)
    assert_described(taken_back.json, "Unmerging")
    assert taken_back.json["unmerged"]["changes"]["kept"] == []
    assert state(config) == before
    assert_refused(crm("unmerge", ANA, "-c", config), 2, "E-NOT-FOUND")


def test_what_was_changed_since_a_merge_stays_and_is_named(crm: Crm, config: Path) -> None:
    assert crm("merge", HORN, ANA, "--take", "all=keep", "-c", config).code == 0
    crm("client", "edit", HORN, "--phone", "+44 20 7555 0000", "-c", config)
    said = crm("unmerge", HORN, "--dry-run", "-c", config)
    assert "+44 20 7555 0000" in said.out
    assert crm("unmerge", HORN, "-c", config).code == 0
    assert sql(config, f"select phone from clients where id = '{HORN}'") == [("+442075550000",)]
    assert sql(config, f"select archived_at from clients where id = '{ANA}'") == [(None,)]


def test_merge_reaches_the_sheet(crm: Crm, config: Path) -> None:
    crm("sync", "-c", config)
    assert crm("merge", HORN, ANA, "--take", "all=keep", "-c", config).code == 0
    (run,) = crm("sync", "--json", "-c", config).json["workbooks"]
    told = {tab["table"]: tab["to_sheet"] for tab in run["tabs"]}
    assert told["clients"]["removed"] == 1
    assert told["agreements"]["changed"] > 0


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    ("typed", "code"),
    [
        (("merge", HORN), 2),
        (("merge", HORN, HORN), 1),
        (("merge", HORN, "C-001086"), 1),
        (("merge", HORN, "C-999999"), 2),
        (("merge", HORN, ANA, "--take", "city"), 2),
        (("merge", HORN, ANA, "--take", "town=keep"), 2),
        (("merge", HORN, ANA, "--take", "city=C-000058"), 2),
        (("unmerge", HORN), 2),
        (("duplicates", "--by", "shoe"), 2),
    ],
    ids=lambda item: " ".join(item) if isinstance(item, tuple) else None,
)
def test_what_cannot_be_is_refused_and_changes_nothing(
    crm: Crm, config: Path, typed: tuple[str, ...], code: int, lang: str
) -> None:
    before = contents(config.parent)
    said = crm(*typed, "-c", config, "--lang", lang)
    assert_refused(said, code, said.kind, lang)
    assert contents(config.parent) == before


def test_agreement_of_a_closed_period_is_not_archived_by_a_merge(crm: Crm, config: Path) -> None:
    ((gone, agreed),) = sql(
        config,
        "select id, agreed_at from agreements where agreed_at is not null order by 2 limit 1",
    )
    ((kept,),) = sql(config, f"select id from agreements where id <> '{gone}' order by id limit 1")
    text = config.read_text(encoding="utf-8")
    config.write_text(f"closed_until = {agreed[:10]}\n{text}", encoding="utf-8")
    before = state(config)
    for lang in LANGUAGES:
        said = crm("merge", kept, gone, "--take", "all=keep", "-c", config, "--lang", lang)
        assert_refused(said, 1, "E-ERROR", lang)
        assert gone in said.err
    assert state(config) == before
