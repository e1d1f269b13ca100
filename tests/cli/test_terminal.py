"""What is printed where: widths, colours and progress on a terminal; plain lines elsewhere."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.cells import cell_len

from tests.cli.command import Crm, in_a_process, is_russian
from tests.cli.terminal import as_seen, in_a_terminal

COLOUR = re.compile(r"\x1b\[[0-9;]*m")
REPORTS = [["report", "followups"], ["report", "comparison"]]


Look = Callable[..., str]


@pytest.fixture
def shown(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> Look:
    """Return what a command shows on a terminal of some width. (That it is one, is only said:
    tests of real terminals are further down.)
    """

    def look(*arguments: str | Path, width: int = 80) -> str:
        with monkeypatch.context() as terminal:
            terminal.setenv("FORCE_COLOR", "1")
            terminal.setenv("COLUMNS", str(width))
            said = crm(*arguments)
        assert said.code == 0, said
        return as_seen(said.out)

    return look


def words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text))


@pytest.mark.parametrize("lang", ["en", "ru"])
@pytest.mark.parametrize("width", [80, 130])
@pytest.mark.parametrize("command", REPORTS, ids=" ".join)
def test_report_fits_the_terminal_and_breaks_no_word(
    crm: Crm, shown: Look, config: Path, command: list[str], width: int, lang: str
) -> None:
    common = (*command, "-c", config, "--lang", lang)
    text = shown(*common, width=width)
    assert max(cell_len(line) for line in text.splitlines()) <= width
    # Numbers without cents stand in no wider place.
    whole = {re.sub(r"\W", "", word) for word in crm(*common).out.split()}
    broken = {
        word
        for word in words(text)
        if word.isalpha() and len(word) > 2 and not any(word in other for other in whole)
    }
    allowed = words("The tab in the workbook has averages shares and remarks too")
    assert {word for word in broken if not is_russian(word)} <= allowed


def test_followups_on_a_terminal_stand_under_their_groups(shown: Look, config: Path) -> None:
    lines = shown("report", "followups", "-c", config).splitlines()
    assert lines[0].split() == ["When", "Client", "What", "to", "do", "Amount"]
    groups = [line.rstrip() for line in lines]
    groups = [line for line in groups if line in ("Overdue", "Today", "Tomorrow", "This week")]
    assert groups == list(dict.fromkeys(groups))
    assert groups[0] == "Overdue"


def test_wide_terminal_shows_phones_and_days(shown: Look, config: Path) -> None:
    head = shown("report", "followups", "-c", config, width=140).splitlines()[0]
    assert "Days overdue" in head
    assert "Phone" in head


def test_comparison_on_a_terminal_has_sums_and_counts_only(
    crm: Crm, shown: Look, config: Path
) -> None:
    text = shown("report", "comparison", "-c", config)
    assert "Sum of sales, USD" in text
    assert "Number of sales" in text
    assert "Average sale" not in text
    assert "averages" in text.splitlines()[-1]
    assert "Average sale, USD" in crm("report", "comparison", "-c", config).out


def test_pipe_gets_each_thing_on_one_line_with_all_columns(crm: Crm, config: Path) -> None:
    rows = crm("report", "followups", "-c", config).out.splitlines()
    assert {"Phone", "Responsible", "Agreement"} <= set(rows[0].split())
    (anna,) = [row for row in rows if "LINO-Delicateses" in row]
    assert re.search(r"\+58 295-2345612 .* A-\d+ .* C-\d+$", anna)
    problems = crm("problems", "list", "-c", config).out.splitlines()
    assert len(problems) == 3
    assert all(row == row.rstrip() for row in [*rows, *problems])


@pytest.mark.parametrize(
    ("surroundings", "coloured"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)],
    ids=["terminal", "NO_COLOR", "dumb"],
)
def test_colours_are_for_terminals_that_want_them(
    config: Path, surroundings: dict[str, str], coloured: bool
) -> None:
    written = in_a_terminal("conflicts", "list", "-c", config, **surroundings).out
    colours = [code for code in COLOUR.findall(written) if re.search(r"\[(3[0-7]|9[0-7])", code)]
    assert bool(colours) == coloured
    assert "Manchester" in written


def test_nothing_but_text_goes_into_a_pipe(config: Path) -> None:
    said = in_a_process("sync", "-c", config)
    assert "\x1b" not in said.out + said.err
    assert said.err == ""


def test_progress_is_shown_on_a_terminal_and_leaves_nothing_behind(config: Path) -> None:
    written = in_a_terminal("sync", "-c", config).out
    assert "Syncing office" in written
    assert as_seen(written).splitlines() == [
        "✓ office: nothing has changed on either side; nothing was written.",
        "  Still waiting: conflicts 1, problems 3.",
    ]
    assert written.count("\x1b[?25l") == written.count("\x1b[?25h")


def test_dumb_terminal_gets_no_progress(config: Path) -> None:
    written = in_a_terminal("sync", "-c", config, TERM="dumb").out
    assert "Syncing" not in written
    assert "\x1b" not in written


def test_what_stands_in_a_cell_cannot_steer_the_terminal(crm: Crm, config: Path) -> None:
    with sqlite3.connect(config.with_name("crm.db")) as connection:
        connection.execute("update clients set city = ? where id = 'C-000045'", [EVIL])
        connection.execute("update conflicts set ours = ?", ['"' + "\\u001b[2J\\u202e" + 'x"'])
    connection.close()
    for command in (["conflicts", "list"], ["history", "C-000045"]):
        written = crm(*command, "-c", config).out
        assert not set("\x1b\x07\u202e") & set(written)
        assert "\ufffd" in written


EVIL = "\x1b[2J\x1b]0;owned\x07[bold]Paris[/bold]\u202e"


def test_brackets_in_a_cell_are_shown_as_they_stand(config: Path, crm: Crm) -> None:
    with sqlite3.connect(config.with_name("crm.db")) as connection:
        connection.execute("update clients set city = '[red]Paris[/]\\' where id = 'C-000045'")
    connection.close()
    assert "[red]Paris[/]\\" in crm("history", "C-000045", "-c", config).out
