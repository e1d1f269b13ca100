"""Conflicts decided one by one, all at once, and by a file; problems likewise."""

from __future__ import annotations

import csv
import io
import sqlite3
from pathlib import Path

import pytest

from tests.cli.command import Crm, Said
from tests.cli.terminal import as_seen, in_a_terminal
from tests.cli.test_bad_config import LANGUAGES, assert_refused
from tests.docs.test_json_output import assert_described

CITIES = ["Liverpool", "Leeds", "York"]


def sql(config: Path, statement: str, *values: object) -> list[tuple[object, ...]]:
    with sqlite3.connect(config.with_name("crm.db")) as connection:
        rows = connection.execute(statement, values).fetchall()
    connection.close()
    return rows


@pytest.fixture
def three(config: Path) -> Path:
    """Three open conflicts about cities, made of the demonstration's one."""
    for number in (2, 3):
        sql(
            config,
            "insert into conflicts (id, workbook, table_name, record_id, field, clash, base, ours,"
            " theirs, opened_at) select ?, workbook, table_name, (select id from clients where id"
            " not in (select record_id from conflicts) order by id limit 1), field, clash, base,"
            " ?, theirs, opened_at from conflicts where id = 1",
            number,
            f'"{CITIES[number - 1]}"',
        )
    return config


def typed(crm: Crm, monkeypatch: pytest.MonkeyPatch, text: str, *arguments: str | Path) -> Said:
    """A command that reads its answers from a pipe."""
    monkeypatch.setattr("sys.stdin", io.StringIO(text))
    return crm(*arguments)


def left(crm: Crm, config: Path) -> list[int]:
    listed = crm("conflicts", "list", "--json", "-c", config).json["conflicts"]
    return [item["id"] for item in listed]


def test_group_alone_lists_what_is_open(crm: Crm, config: Path) -> None:
    for name in ("conflicts", "problems"):
        assert crm(name, "-c", config).out == crm(name, "list", "-c", config).out
        assert (
            crm(name, "--json", "-c", config).json == crm(name, "list", "--json", "-c", config).json
        )
        assert crm(name, "--help").out.startswith(f"Usage: crm-sync {name} [OPTIONS] COMMAND")


def test_conflict_is_shown_sign_by_sign(crm: Crm, config: Path) -> None:
    sql(config, "update conflicts set base = '\"Liverpole\"'")
    said = crm("conflicts", "show", "1", "-c", config)
    assert "Liverpo{+o+}l[-e-]" in said.out
    assert "[-Liverpole-]{+Manchester+}" in said.out
    written = in_a_terminal("conflicts", "show", "1", "-c", config).out
    assert "[-" not in as_seen(written)
    assert "Liverpoole" in as_seen(written)
    assert "\x1b[9;" in written or ";9;" in written
    plain = in_a_terminal("conflicts", "show", "1", "--no-color", "-c", config).out
    assert "Liverpo{+o+}l[-e-]" in as_seen(plain)


def test_all_are_decided_at_once_or_none_by_a_dry_run(crm: Crm, three: Path) -> None:
    tried = crm("conflicts", "resolve", "--all", "--take", "store", "--dry-run", "-c", three)
    assert tried.out.splitlines()[-1] == "→ 3 conflicts would be decided; nothing was changed."
    assert left(crm, three) == [1, 2, 3]
    none = crm("conflicts", "resolve", "--all", "--take", "sheet", "--field", "Phone", "-c", three)
    assert none.out == "There is nothing to decide.\n"
    for column in ("City", "city"):
        listed = crm("conflicts", "list", "--tab", "clients", "--field", column, "-c", three)
        assert listed.out.count("Conflict ") == 3
    done = crm("conflicts", "resolve", "--all", "--take", "store", "--tab", "Clients", "-c", three)
    assert (done.code, done.out.count("✓ Conflict")) == (0, 3)
    assert left(crm, three) == []


def filled(file: Path, decisions: dict[str, tuple[str, str]]) -> None:
    rows = list(csv.reader(io.StringIO(file.read_text(encoding="utf-8-sig"), newline="")))
    at = rows[0].index("Decision")
    for row in rows[1:]:
        row[at : at + 2] = decisions.get(row[0], ("", ""))
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=";").writerows(rows)
    file.write_text("\ufeff" + out.getvalue(), encoding="utf-8", newline="")


def test_conflicts_are_decided_by_a_file(crm: Crm, three: Path, here: Path) -> None:
    file = here / "conflicts.csv"
    assert crm("conflicts", "export", file, "-c", three).out.startswith("✓ 3 conflicts are in ")
    assert file.stat().st_mode & 0o777 == 0o600
    filled(file, {"1": ("Take the store's", ""), "2": ("", " Hull ")})
    done = crm("conflicts", "resolve", "--file", file, "-c", three)
    assert done.code == 0, done
    assert "“Liverpool” stays" in done.out
    assert "“Hull” stays" in done.out
    assert left(crm, three) == [3]
    again = crm("conflicts", "resolve", "--file", file, "--json", "-c", three)
    assert again.code == 1
    assert_described(again.json, "Decisions")
    assert [each["line"] for each in again.json["refused_lines"]] == [2, 3]


def test_line_about_a_conflict_that_changed_since_is_refused(
    crm: Crm, three: Path, here: Path
) -> None:
    file = here / "conflicts.csv"
    crm("conflicts", "export", file, "-c", three)
    filled(file, {"1": ("sheet", ""), "2": ("nonsense", ""), "3": ("both", "x")})
    sql(three, "update conflicts set theirs = '\"Bath\"' where id = 1")
    said = crm("conflicts", "resolve", "--file", file, "-c", three)
    assert said.code == 1
    assert "Line 2: Conflict 1 has changed since the file was written." in said.out
    assert "Line 3: “nonsense” is no decision" in said.out
    assert "Line 4: Choose from the list or type a value, not both." in said.out
    assert left(crm, three) == [1, 2, 3]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(("content", "code"), [(b"", 1), (b"a,b\r\n1,2\r\n", 1), (b"\xff\xfe", 1)])
def test_file_that_is_none_is_refused(
    crm: Crm, config: Path, here: Path, content: bytes, code: int, lang: str
) -> None:
    (here / "bad.csv").write_bytes(content)
    said = crm("conflicts", "resolve", "--file", "bad.csv", "-c", config, "--lang", lang)
    assert_refused(said, code, "E-ERROR", lang)
    said = crm("conflicts", "resolve", "--file", "none.csv", "-c", config, "--lang", lang)
    assert_refused(said, 1, "E-ERROR", lang)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    "words",
    [
        ("--take", "store"),
        ("1", "--all", "--take", "store"),
        ("--all", "--value", "x"),
        ("--file", "x.csv", "--take", "store"),
        ("1", "--take", "store", "--tab", "Clients"),
    ],
    ids=" ".join,
)
def test_command_that_does_not_say_one_thing_is_refused(
    crm: Crm, config: Path, words: tuple[str, ...], lang: str
) -> None:
    said = crm("conflicts", "resolve", *words, "-c", config, "--lang", lang)
    assert_refused(said, 2, "E-USAGE", lang)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    "words", [("--tab", "Nowhere"), ("--field", "Nothing"), ("--workbook", "none")], ids=" ".join
)
def test_filter_by_what_there_is_not_is_refused(
    crm: Crm, config: Path, words: tuple[str, ...], lang: str
) -> None:
    for name in ("conflicts", "problems"):
        said = crm(name, "list", *words, "-c", config, "--lang", lang)
        assert_refused(said, 2, "E-NOT-FOUND", lang)


def test_one_key_decides_each_conflict(crm: Crm, three: Path) -> None:
    asked = "? help"
    keys = [(asked, "?"), (asked, "s"), (asked, "e"), ("New value:", "Hull\n"), (asked, "k")]
    said = in_a_terminal("conflicts", "review", "-c", three, keys=keys)
    assert said.code == 0, said
    seen = as_seen(said.out)
    assert "the store's value stays" in seen
    assert "3 of 3 · Conflict 3" in seen
    assert "Decided: 2. Still open: 1." in seen
    assert left(crm, three) == [3]
    assert sql(three, "select resolution from conflicts order by id") == [
        ("sheet",), ("value",), (None,),
    ]  # fmt: skip


def test_keys_of_a_russian_keyboard_mean_the_same(crm: Crm, three: Path) -> None:
    keys = [("? help", "в"), ("? help", "Ы"), ("? help", "й")]
    assert in_a_terminal("conflicts", "review", "-c", three, keys=keys).code == 0
    assert left(crm, three) == [3]


@pytest.mark.parametrize(("key", "code"), [("\x03", 130), ("\x04", 0)], ids=["Ctrl-C", "Ctrl-D"])
def test_what_was_decided_before_a_review_ends_is_kept(
    crm: Crm, three: Path, key: str, code: int
) -> None:
    keys = [("? help", "d"), ("? help", key)]
    said = in_a_terminal("conflicts", "review", "-c", three, keys=keys)
    assert said.code == code, said
    assert "Traceback" not in said.out
    assert left(crm, three) == [2, 3]


def test_without_a_terminal_answers_are_read_as_lines(
    crm: Crm, three: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = typed(crm, monkeypatch, "s\n\nb\ne\nHull\n", "conflicts", "review", "-c", three)
    assert said.code == 0, said
    assert "Decided: 3. Still open: 0." in said.out
    assert sql(three, "select resolution from conflicts order by id") == [
        ("sheet",), ("value",), ("value",),
    ]  # fmt: skip


def test_review_as_json_asks_on_stderr(
    crm: Crm, three: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = typed(crm, monkeypatch, "s\nq\n", "conflicts", "review", "--json", "-c", three)
    assert_described(said.json, "Review")
    assert (len(said.json["reviewed"]), said.json["left"]) == (1, 2)
    assert "k skip" in said.err


def test_conflict_that_changed_while_it_was_looked_at_is_not_decided(
    crm: Crm, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Slow(io.StringIO):
        def readline(self, *_: object) -> str:
            sql(config, "update conflicts set theirs = '\"Bath\"'")
            return "s\n"

    monkeypatch.setattr("sys.stdin", Slow())
    said = crm("conflicts", "review", "-c", config)
    assert "has changed meanwhile" in said.out
    assert left(crm, config) == [1]


def test_problem_is_shown_with_what_can_be_done(crm: Crm, config: Path) -> None:
    (date,) = [
        item
        for item in crm("problems", "--json", "-c", config).json["problems"]
        if item["typed"] == "tomorrow"
    ]
    said = crm("problems", "show", str(date["id"]), "-c", config)
    assert "In the sheet: tomorrow" in said.out
    assert f"problems resolve {date['id']} --take store" in said.out


def test_stores_value_goes_into_a_cell_that_was_not_taken(crm: Crm, config: Path) -> None:
    (date,) = [
        item
        for item in crm("problems", "--json", "-c", config).json["problems"]
        if item["typed"] == "tomorrow"
    ]
    number = str(date["id"])
    assert crm("problems", "resolve", number, "--take", "store", "-c", config).code == 0
    assert crm("sync", "-c", config).code == 0
    assert "tomorrow" not in crm("problems", "list", "-c", config).out
    assert "nothing has changed" in crm("sync", "-c", config).out


def test_warnings_are_accepted_at_once_and_stay_so(crm: Crm, config: Path) -> None:
    tried = crm("problems", "resolve", "--all", "--take", "accept", "--dry-run", "-c", config)
    assert tried.out.count("Accept as it is: ") == 2
    said = crm("problems", "resolve", "--all", "--take", "accept", "-c", config)
    assert said.out.count("✓ Accept as it is: ") == 2
    assert crm("sync", "-c", config).code == 0
    assert len(crm("problems", "--json", "-c", config).json["problems"]) == 1
    assert len(crm("problems", "list", "--accepted", "--json", "-c", config).json["problems"]) == 3
    again = crm("problems", "resolve", "--all", "--take", "accept", "-c", config)
    assert again.out == "There is nothing to decide.\n"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_problem_that_cannot_be_decided_so_is_refused(crm: Crm, config: Path, lang: str) -> None:
    (warned, *_) = [
        item
        for item in crm("problems", "--json", "-c", config).json["problems"]
        if item["severity"] == "warn"
    ]
    number = str(warned["id"])
    for command in (("resolve", number, "--take", "sheet"), ("show", "999")):
        said = crm("problems", *command, "-c", config, "--lang", lang)
        code = (1, "E-ERROR") if command[0] == "resolve" else (2, "E-NOT-FOUND")
        assert_refused(said, *code, lang)
