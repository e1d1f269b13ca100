"""The looks of workbooks: checked by a monitor, mended by a manager."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.cli.command import Crm
from tests.cli.test_bad_config import LANGUAGES, assert_refused


def test_check_of_a_workbook_in_order_is_one_line_and_exit_code_0(crm: Crm, config: Path) -> None:
    said = crm("template", "check", "-c", config)
    assert (said.code, said.out) == (0, "office: as its template has it.\n")


def test_workbook_that_is_not_made_yet_names_the_command_that_makes_it(
    crm: Crm, config: Path
) -> None:
    crm("sync", "--dry-run", "-c", config)
    config.with_name("workbook.db").unlink()
    config.with_name("crm.db").unlink()
    shutil.rmtree(config.with_name("backups"))
    made = crm("template", "apply", "--dry-run", "-c", config)
    assert made.code == 0
    assert not config.with_name("workbook.db").exists()
    assert crm("template", "apply", "-c", config).code == 0
    assert crm("template", "check", "-c", config).code == 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_unknown_workbook_is_refused(crm: Crm, config: Path, language: str) -> None:
    said = crm("template", "check", "nobody", "-c", config, "--lang", language)
    assert_refused(said, 2, "E-NOT-FOUND", language)


def test_protection_that_the_configuration_changes_is_drift_until_it_is_mended(
    crm: Crm, config: Path
) -> None:
    text = config.read_text("utf-8")
    config.write_text(text.replace('protection = "warn"', 'protection = "none"'), "utf-8")
    said = crm("template", "check", "--json", "-c", config)
    assert said.code == 3
    (workbook,) = json.loads(said.out)["workbooks"]
    assert {item["lack"] for item in workbook["drift"]} == {"protection"}
    plain = crm("template", "check", "-c", config, "--lang", "ru")
    assert "отличий от шаблона" in plain.out or "отличия от шаблона" in plain.out
    assert "template repair" in plain.out
    assert "столбцы :" not in plain.out
    dry = crm("template", "repair", "--dry-run", "-c", config)
    assert (dry.code, "would be mended" in dry.out) == (0, True)
    assert crm("template", "repair", "-c", config).code == 0
    assert crm("template", "check", "-c", config).code == 0
