"""Files handed out: what is in them, who may read them, what is written down."""

from __future__ import annotations

import csv
import json
import sqlite3
from pathlib import Path

import icalendar
import pytest
import python_calamine
import vobject

from tests.cli.command import Crm
from tests.cli.test_bad_config import LANGUAGES, assert_refused


def sql(config: Path, statement: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(config.with_name("crm.db"))
    with connection:
        found = connection.execute(statement).fetchall()
    connection.close()
    return found


def test_each_kind_of_file_holds_the_clients(crm: Crm, config: Path, here: Path) -> None:
    live = sql(config, "select full_name from clients where archived_at is null")
    names = {name for (name,) in live}
    for ending in ("csv", "xlsx", "jsonl", "db", "vcf"):
        said = crm("export", "clients", "--out", f"out.{ending}", "-c", config)
        assert (said.code, said.err) == (0, "")
        assert (here / f"out.{ending}").stat().st_mode & 0o777 == 0o600
    with (here / "out.csv").open(encoding="utf-8-sig", newline="") as file:
        assert {row["Name"] for row in csv.DictReader(file)} == names
    lines = (here / "out.jsonl").read_text(encoding="utf-8").splitlines()
    assert {json.loads(line)["full_name"] for line in lines} == names
    cards = vobject.readComponents((here / "out.vcf").read_text(encoding="utf-8"))
    assert {card.fn.value for card in cards} == names
    book = python_calamine.CalamineWorkbook.from_path(str(here / "out.xlsx"))
    headings, *rows = book.get_sheet_by_index(0).to_python()
    assert {row[headings.index("Name")] for row in rows} == names
    with sqlite3.connect(here / "out.db") as copy:
        assert set(copy.execute("select full_name from clients")) == set(live)
    copy.close()


def test_limits_choose_records_and_columns(crm: Crm, config: Path, here: Path) -> None:
    command = ["export", "clients", "--only", "City=London", "--columns", "phone,Name", "--raw"]
    assert crm(*command, "--out", "out.csv", "-c", config).code == 0
    with (here / "out.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    wanted = sql(config, "select phone, full_name from clients where city = 'London' order by id")
    assert rows == [["phone", "full_name"], *([str(cell) for cell in row] for row in wanted)]


def test_export_is_written_down_before_the_file_is_there_and_stays(
    crm: Crm, config: Path, here: Path
) -> None:
    (here / "out.csv").mkdir()
    said = crm("export", "clients", "--only", "City=London", "--out", "out.csv", "-c", config)
    assert (said.code, said.kind) == (1, "E-ERROR")
    (noted,) = crm("log", "--exports", "--json", "-c", config).json["exports"]
    assert noted["what"] == "clients --only City=London"
    assert noted["records"] == {"clients": 6}
    for statement in ("delete from exports", "update exports set records = '{}'"):
        with pytest.raises(sqlite3.IntegrityError):
            sql(config, statement)


def test_followups_with_a_date_go_into_a_calendar(crm: Crm, config: Path, here: Path) -> None:
    assert crm("export", "followups", "--out", "calls.ics", "-c", config).code == 0
    found = icalendar.Calendar.from_ical((here / "calls.ics").read_bytes())
    assert found.errors == []
    events = found.walk("VEVENT")
    assert len({event["UID"] for event in events}) == len(events) > 3
    assert all(event["SUMMARY"] and event.decoded("DTSTART") for event in events)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_columns_are_known_by_the_headings_of_every_language(
    crm: Crm, config: Path, here: Path, lang: str
) -> None:
    command = ("export", "clients", "--out", "out.csv", "-c", config, "--lang", lang)
    assert crm(*command, "--columns", "Name,Телефон", "--only", "City=London").code == 0
    refused = crm(*command, "--columns", "Town,Land")
    assert refused.err.count("Town") == 1
    assert "Land" not in refused.err


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("clients", "--out", "out"), 2),
        (("clients", "--out", "out.pdf"), 2),
        (("nothing", "--out", "out.csv"), 2),
        (("clients", "contacts", "--out", "out.csv"), 1),
        (("contacts", "--out", "out.vcf"), 1),
        (("clients", "--out", "out.ics"), 1),
        (("clients", "--only", "City", "--out", "out.csv"), 2),
        (("clients", "--only", "Town=Perm", "--out", "out.csv"), 2),
        (("clients", "--only", "Status=Nobody", "--out", "out.csv"), 1),
        (("clients", "--columns", "Name,Town", "--out", "out.csv"), 2),
        (("clients", "--workbook", "nobody", "--out", "out.csv"), 2),
        (("clients", "--out", "nowhere/out.csv"), 1),
    ],
)
def test_what_cannot_be_is_refused_and_leaves_no_file(
    crm: Crm, config: Path, here: Path, arguments: tuple[str, ...], code: int, lang: str
) -> None:
    said = crm("export", *arguments, "-c", config, "--lang", lang)
    assert said.code == code
    assert_refused(said, code, said.kind, lang)
    assert list(here.iterdir()) == []
