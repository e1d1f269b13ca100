"""Files taken in: seen first, taken whole, taken once, and taken back."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
import xlsxwriter

from tests.cli.command import Crm, Said, contents
from tests.cli.test_bad_config import LANGUAGES, assert_refused
from tests.cli.test_export import sql
from tests.docs.test_json_output import assert_described

ROWS = (
    "Наименование;Тел.;Город;Комментарий\n"
    "Иванова Анна;8 912 345-00-01;Пермь;=2+2\n"
    "Петров;12;Пермь;\n"
    "Around the Horn;+44 20 7555 7788;Leeds;\n"
    ";;;\n"
    "Иванова Анна;8 912 345-00-01;Пермь;=2+2\n"
    "Волков;+79123450001;Омск;тот же телефон\n"
)
LIVE = "select full_name, phone, city, note from clients where archived_at is null order by id"


def fates(said: Said) -> list[tuple[int, str]]:
    rows = said.json["imported"]["rows"]
    return [(row["row"], row["fate"]) for row in rows]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1251"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_file_of_any_encoding_and_delimiter_is_read_alike(
    crm: Crm, config: Path, here: Path, encoding: str, delimiter: str
) -> None:
    before = contents(config.parent)
    (here / "base.csv").write_text(ROWS.replace(";", delimiter), encoding=encoding)
    said = crm("import", "base.csv", "--json", "-c", config)
    assert (said.code, said.err) == (3, "")
    assert_described(said.json, "Importing")
    assert fates(said) == [(2, "new"), (3, "refused"), (4, "changed"), (7, "refused")]
    assert said.json["imported"]["counts"]["same"] == 1
    assert contents(config.parent) == before


def test_applied_file_is_taken_once_and_undo_takes_it_back(
    crm: Crm, config: Path, here: Path
) -> None:
    before = sql(config, LIVE)
    (here / "base.csv").write_text(ROWS, encoding="utf-8")
    said = crm("import", "base.csv", "--apply", "--as", "Petrova", "--json", "-c", config)
    run = said.json["imported"]["run"]
    after = sql(config, LIVE)
    assert ("Иванова Анна", "+79123450001", "Пермь", "=2+2") in after
    assert len(after) == len(before) + 1
    assert sql(config, f'select distinct source, "by" from history where run = {run}') == [
        ("import:base.csv", "Petrova")
    ]
    backups = crm("backup", "list", "--json", "-c", config).json["backups"]
    assert backups[0]["reason"] == f"run {run}"
    again = crm("import", "base.csv", "--apply", "--json", "-c", config).json["imported"]
    assert (again["counts"]["new"], again["counts"]["changed"], again["run"]) == (0, 0, None)
    assert sql(config, LIVE) == after
    assert "import base.csv" in crm("log", "-c", config).out
    assert crm("undo", str(run), "-c", config).code == 0
    assert sql(config, LIVE) == before


def test_refused_rows_are_written_to_be_corrected_and_imported(
    crm: Crm, config: Path, here: Path
) -> None:
    (here / "base.csv").write_text(ROWS, encoding="utf-8")
    crm("import", "base.csv", "--errors", "wrong.csv", "--apply", "-c", config)
    text = (here / "wrong.csv").read_text(encoding="utf-8-sig")
    first, petrov, _ = csv.reader(io.StringIO(text))
    assert first == ["Наименование", "Тел.", "Город", "Комментарий", "Row", "What is wrong"]
    assert petrov[:5] == ["Петров", "12", "Пермь", "", "3"]
    assert "Phone" in petrov[5]
    (here / "wrong.csv").write_text(text.replace("Петров,12", "Петров,89123450009"), "utf-8")
    said = crm("import", "wrong.csv", "--json", "-c", config)
    assert fates(said)[0] == (2, "new")


def test_workbook_with_dates_numbers_and_names_in_parts_is_read(
    crm: Crm, config: Path, here: Path
) -> None:
    with xlsxwriter.Workbook(here / "base.xlsx") as book:
        book.add_worksheet("Пусто")
        sheet = book.add_worksheet("База")
        day = book.add_format({"num_format": "dd.mm.yyyy"})
        sheet.write_row(2, 0, ["Фамилия", "Имя", "Телефон", "ИНН", "PD consent date"])
        sheet.write_row(3, 0, ["Иванова", "Анна", 89123450001, "007707083893"[2:]])
        sheet.write_number(3, 4, 46000, day)
    said = crm("import", "base.xlsx", "--json", "-c", config)
    (row,) = said.json["imported"]["rows"]
    assert (row["row"], row["fate"]) == (4, "new")
    assert row["values"]["full_name"] == "Иванова Анна"
    assert row["values"]["phone"] == "+79123450001"
    assert row["values"]["consent_at"] == "2025-12-09"


def test_contacts_without_a_key_are_known_by_all_that_they_say(
    crm: Crm, config: Path, here: Path
) -> None:
    text = "Client,When,Purpose,Summary\nAround the Horn,2026-01-10 10:00,inquiry,wants tea\n"
    (here / "calls.csv").write_text(text, encoding="utf-8")
    command = ("import", "calls.csv", "--map", "Purpose=reason", "--json", "-c", config)
    assert fates(crm(*command, "--apply")) == [(2, "new")]
    again = crm(*command, "--apply").json["imported"]
    assert again["counts"] == {"new": 0, "changed": 0, "same": 1, "refused": 0}


def test_large_change_stops_until_it_is_allowed(crm: Crm, config: Path, here: Path) -> None:
    before = contents(config.parent)
    ids = [record for (record,) in sql(config, "select id from clients where city is not null")]
    lines = ["ID,City", *(f"{record},Bergen" for record in ids[:60])]
    (here / "moved.csv").write_text("\n".join(lines), encoding="utf-8")
    command = ("import", "moved.csv", "--table", "clients", "--apply", "-c", config)
    said = crm(*command, "--json")
    assert said.code == 3
    (allow,) = said.json["imported"]["allow"]
    assert allow.startswith("clients:city:")
    assert contents(config.parent) == before
    assert f"--allow {allow}" in crm(*command).out
    assert crm(*command, "--allow", allow).code == 0


def test_row_whose_keys_are_of_two_records_is_refused_and_overwrites_nothing(
    crm: Crm, config: Path, here: Path
) -> None:
    """Two of the store, then one of the store and one of a row before."""
    for name, phone, email in (("Ann", "1", "ann@a.ru"), ("Bob", "2", "bob@a.ru")):
        crm(
            "client",
            "add",
            name,
            "--phone",
            f"8 912 345-00-0{phone}",
            "--email",
            email,
            "-c",
            config,
        )
    before = sql(config, LIVE)
    ann, bob = (
        sql(config, f"select id from clients where full_name = '{name}'")[0][0]
        for name in ("Ann", "Bob")
    )
    text = (
        "Name,Phone,E-mail\n"
        "Ann,89123450001,bob@a.ru\n"
        "Ann,89123450001,ann@a.ru; bob@a.ru\n"
        "New,89123450003,\n"
        "Bob,89123450003,bob@a.ru\n"
    )
    (here / "torn.csv").write_text(text, encoding="utf-8")
    command = ("import", "torn.csv", "--apply", "-c", config)
    said = crm(*command, "--json")
    assert said.code == 3
    assert fates(said) == [(2, "refused"), (3, "refused"), (4, "new"), (5, "refused")]
    first, second, _, fourth = (row["problems"] for row in said.json["imported"]["rows"])
    assert first[0]["field"] == "email"
    assert first[0]["message"] == (
        f"Ann ({ann}) has “+79123450001”, but “bob@a.ru” is what Bob ({bob}) has."
    )
    assert f"crm-sync merge {ann} {bob}" in first[0]["remedy"]
    assert second == first
    assert fourth[0]["message"] == "Row 4 is of another record, and has “+79123450003”, too."
    assert set(before) < set(sql(config, LIVE))
    (here / "by_id.csv").write_text(
        f"ID,Name,Phone,E-mail\n{ann},Ann,89123450001,bob@a.ru\n", encoding="utf-8"
    )
    assert fates(crm("import", "by_id.csv", "--json", "-c", config)) == [(2, "changed")]
    # The new row is a record by now: the last one is refused for the same reason as the first.
    assert (
        f"Bob ({bob})"
        in crm(*command, "--json").json["imported"]["rows"][-1]["problems"][0]["message"]
    )


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    ("typed", "code"),
    [
        (("nowhere.csv",), 1),
        (("base.csv", "--apply", "--dry-run"), 2),
        (("base.csv", "--table", "friends"), 2),
        (("base.csv", "--map", "Tel."), 2),
        (("base.csv", "--map", "Tel.=telefax"), 2),
        (("base.csv", "--key", "shoe"), 2),
        (("base.csv", "--key", "tax_id"), 3),
        (("base.csv", "--encoding", "klingon"), 1),
        (("base.csv", "--encoding", "ascii"), 1),
        (("nothing.csv",), 3),
        (("broken.xlsx",), 1),
        (("whole.xlsx", "--sheet", "Second"), 2),
    ],
    ids=lambda item: " ".join(item) if isinstance(item, tuple) else None,
)
def test_what_cannot_be_read_is_told_and_changes_nothing(
    crm: Crm, config: Path, here: Path, typed: tuple[str, ...], code: int, lang: str
) -> None:
    (here / "base.csv").write_text(ROWS, encoding="utf-8")
    (here / "nothing.csv").write_text("", encoding="utf-8")
    (here / "broken.xlsx").write_bytes(b"PK\x03\x04 and no more")
    with xlsxwriter.Workbook(here / "whole.xlsx") as book:
        book.add_worksheet("First").write_row(0, 0, ["Name", "Phone"])
    before = contents(config.parent)
    said = crm("import", *typed, "-c", config, "--lang", lang)
    assert_refused(said, code, said.kind, lang)
    if typed == ("nothing.csv",) and lang == "en":
        assert "There is nothing in the file." in said.err
    assert contents(config.parent) == before
