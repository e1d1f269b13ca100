"""`--help` in the reader's language."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests import catalogue
from tests.cli.command import CYRILLIC, in_this_process

COMMANDS = ((), ("sync",), ("conflicts",), ("conflicts", "resolve"), ("review", "approve"))


def test_every_text_of_help_has_a_russian_translation() -> None:
    read = catalogue.read(catalogue.catalogues()["ru"], "ru")
    known = {item.id for item in read if item.id and catalogue.is_translated(item.string)}
    missing = {text: said for text, said in catalogue.help_uses().items() if text not in known}
    assert missing == {}, "Run `python -m tests.catalogue` and translate what it lists."


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_is_russian_when_the_language_is(command: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('language = "ru"\n')
    asked = in_this_process("--lang", "ru", *command, "--help")
    by_config = in_this_process("-c", tmp_path / "config.toml", *command, "--help")
    assert asked.code == 0
    assert asked.out.startswith("Как вызвать:")
    assert by_config.out == asked.out
    without_commands = re.sub(r"(?m)^.*crm-sync.*$|--?[a-z-]+|\\[.*?\\]", "", asked.out)
    lines = [line for line in without_commands.splitlines() if re.search("[a-z]{4}", line)]
    assert [line for line in lines if not CYRILLIC & set(line.casefold())] == []


def test_help_is_english_otherwise() -> None:
    said = in_this_process("--lang", "en", "sync", "--help")
    assert said.out.startswith("Usage: crm-sync")
    assert not CYRILLIC & set(said.out.casefold())
