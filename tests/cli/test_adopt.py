"""A spreadsheet of the staff's own is taken over from the command line."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from crm_sync.sheet_server.server import SheetServer
from crm_sync.wiring.local import LOCAL_ACCOUNT
from tests.cli.command import Crm
from tests.cli.terminal import in_a_terminal
from tests.cli.test_bad_config import LANGUAGES, assert_refused
from tests.docs.test_json_output import assert_described
from tests.scenarios.office import CONFIG, TOKEN, staff_client

ROWS = [
    ["ФИО", "Тел.", "Тел. 2", "Связь", "Почта", "Любит"],
    ["Анна", "8 912 345-67-89", "8 912 345-67-80", "a@ya.ru", "anna@", "чай"],
    ["Пётр", "8 912 345-67-88", "", "p@ya.ru", "", ""],
    ["Иван", "8 912 345-67-87", "", "i@ya.ru", "", ""],
]


@pytest.fixture
def config(here: Path) -> Path:
    """An office without a workbook of ours, and a spreadsheet of the staff's in its file."""
    path = here / "config.toml"
    path.write_text(CONFIG.format(language="ru"), "utf-8")
    with SheetServer(here / "workbook.db", token=TOKEN) as server:
        book = staff_client(server.url).create("База")
        book.share(LOCAL_ACCOUNT, perm_type="user", role="writer")
        book.update_locale("ru_RU")
        book.sheet1.update(ROWS, "A1", value_input_option="USER_ENTERED")
        path.with_name("id").write_text(book.id)
    return path


def test_dry_run_says_what_becomes_of_each_column_and_changes_nothing(
    crm: Crm, config: Path
) -> None:
    book = config.with_name("id").read_text()
    said = crm("adopt", f"https://docs.google.com/spreadsheets/d/{book}/edit", "--dry-run")
    assert (said.code, said.err) == (0, "")
    for words in ("берём как «Телефон»", "остаётся вашим", "Строк возьмём: 3 из 3", "anna@"):
        assert words in said.out
    again = crm("adopt", book, "--dry-run", "--json").json
    assert_described(again, "Adoption")
    assert again["adopted"] is False
    fates = {item["heading"]: item["fate"] for item in again["sheets"][0]["columns"]}
    assert fates == {
        "ФИО": "taken",
        "Тел.": "taken",
        "Тел. 2": "second",
        "Связь": "second",
        "Почта": "taken",
        "Любит": "own",
    }


def test_nothing_is_taken_over_unasked_and_with_yes_it_is(crm: Crm, config: Path) -> None:
    book = config.with_name("id").read_text()
    waiting = crm("adopt", book)
    assert waiting.code == 3
    assert "--yes" in waiting.out
    words = config.with_name("words.txt")
    words.write_text("Связь=email\nПочта=\n", "utf-8")
    done = crm("adopt", book, "--map-file", words, "--yes", "--json").json
    assert_described(done, "Adoption")
    assert done["adopted"] is True
    assert crm("sync").code == 0
    assert "anna@" not in crm("problems", "list").out
    with sqlite3.connect(config.with_name("crm.db")) as connection:
        found = connection.execute("select email from clients order by email").fetchall()
    connection.close()
    assert found == [("a@ya.ru",), ("i@ya.ru",), ("p@ya.ru",)]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("arguments", "code", "kind"),
    [
        (["main", "--map", "Тел.=fone"], 2, "E-USAGE"),
        (["main", "--map", "Tel."], 2, "E-USAGE"),
        (["main", "--tab", "База=x"], 2, "E-USAGE"),
        (["nobody"], 2, "E-NOT-FOUND"),
        (["main"], 2, "E-NOT-FOUND"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_words(
    crm: Crm, config: Path, language: str, arguments: list[str], code: int, kind: str
) -> None:
    said = crm("adopt", *arguments, "--dry-run", "--lang", language)
    assert_refused(said, code, kind, language)


@pytest.mark.parametrize("how", ["--dry-run", "--yes"])
def test_copy_of_a_workbook_is_refused_by_the_dry_run_too(crm: Crm, config: Path, how: str) -> None:
    assert crm("adopt", config.with_name("id").read_text(), "--yes").code == 0
    with SheetServer(config.with_name("workbook.db"), token=TOKEN) as server:
        client = staff_client(server.url)
        copy = client.copy(config.with_name("id").read_text(), "Копия")
        copy.share(LOCAL_ACCOUNT, perm_type="user", role="writer")
    second = (
        f'[[workbooks]]\nname = "second"\nkind = "local"\ndata = "workbook.db"\nid = "{copy.id}"\n'
    )
    config.write_text(
        config.read_text("utf-8").replace("[[workbooks]]", f"{second}[[workbooks]]", 1), "utf-8"
    )
    said = crm("adopt", "second", how)
    assert (said.code, said.kind) == (5, "E-WRONG-BOOK")
    assert "recover second" in said.err
    assert said.out == ""


def test_sheet_of_a_workbook_that_was_synced_before_is_taken_over_as_the_refusal_says(
    crm: Crm, config: Path
) -> None:
    book = config.with_name("id").read_text()
    text = config.read_text("utf-8") + f'id = "{book}"\n'
    config.write_text(text, "utf-8")
    assert crm("sync").code == 0
    said = crm("adopt", "main", "--dry-run")
    assert (said.code, said.kind) == (3, "E-SHAPE")
    assert 'adopt NAME --dry-run --tab "SHEET=clients" --tab "Клиенты="' in said.err
    config.write_text(text.replace('"main"', '"base"'), "utf-8")
    with SheetServer(config.with_name("workbook.db"), token=TOKEN) as server:
        sheet = staff_client(server.url).open_by_key(book).sheet1.title
    tabs = ("--tab", f"{sheet}=clients", "--tab", "Клиенты=")
    assert crm("adopt", "base", *tabs, "--yes").code == 0
    assert crm("sync").code == 0
    with sqlite3.connect(config.with_name("crm.db")) as connection:
        found = connection.execute("select full_name from clients order by 1").fetchall()
    connection.close()
    assert found == [("Анна",), ("Иван",), ("Пётр",)]


OWN_COLUMN = """
[[columns]]
table = "clients"
field = "likes"
headings = { ru = "Что любит", en = "Likes" }
kind = "text"
"""


def test_column_of_the_company_can_be_named_too(crm: Crm, config: Path) -> None:
    config.write_text(config.read_text("utf-8") + OWN_COLUMN, "utf-8")
    book = config.with_name("id").read_text()
    done = crm("adopt", book, "--map", "Любит=likes", "--yes", "--json").json
    fates = {item["heading"]: item["field"] for item in done["sheets"][0]["columns"]}
    assert fates["Любит"] == "likes"
    with sqlite3.connect(config.with_name("crm.db")) as connection:
        found = connection.execute("select likes from clients order by likes").fetchall()
    connection.close()
    assert ("чай",) in found


def test_headings_that_are_not_sure_are_asked_about_on_a_terminal(config: Path) -> None:
    book = config.with_name("id").read_text()
    with SheetServer(config.with_name("workbook.db"), token=TOKEN) as server:
        sheet = staff_client(server.url).open_by_key(book).sheet1
        sheet.update([["Телефон для связи", "Заметка"]], "B1")
        sheet.update([["Город доставки"], ["Пермь"], ["Омск"]], "F1")
    keys = [
        ("это «Телефон»?", "y\n"),
        ("это «Город»?", "n\n"),
        ("Подключить таблицу?", "y\n"),
    ]
    said = in_a_terminal("adopt", book, "-c", config, keys=keys, width=200)
    assert said.code == 0, said.out
    with sqlite3.connect(config.with_name("crm.db")) as connection:
        found = connection.execute("select phone, city from clients order by phone").fetchall()
    connection.close()
    assert found == [(f"+7912345678{last}", None) for last in (7, 8, 9)]
