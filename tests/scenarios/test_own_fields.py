"""A column that the configuration adds is a column like all others: shown, checked, stored."""

from __future__ import annotations

from pathlib import Path

import pytest

from crm_sync.config import load_config
from crm_sync.errors import ConfigError
from crm_sync.services.sync import sync
from crm_sync.services.template import check
from crm_sync.wiring import open_application
from tests.scenarios.office import Office, open_office

COLUMN = """
[[columns]]
table = "clients"
field = "discount"
kind = "decimal"
minimum = 0
maximum = 100
headings = { en = "Discount, %", ru = "Скидка, %" }
"""


def test_column_of_the_configuration_is_shown_checked_and_stored(tmp_path: Path) -> None:
    with open_office(tmp_path) as before:
        before.sync()
        before.tab("Clients").append(Name="Anna", Phone="+79120000001")
        before.tab("Clients").append(Name="Zoe", Phone="+79120000002")
        before.sync()
        config = tmp_path / "config.toml"
        config.write_text(config.read_text("utf-8") + COLUMN, "utf-8")
        with open_application(load_config(config)) as app:
            office = Office(app, before.server, tmp_path)
            office.sync()
            tab = office.tab("Clients")
            assert tab.headings[-1] == "Discount, %"
            assert check(app, "main").drift == ()
            tab.type(2, "Discount, %", "12.5")
            tab.type(3, "Discount, %", "120")
            (problem,) = sync(app, "main").problems
            assert (problem.problem.field, problem.problem.typed) == ("discount", "120")
            found = office.sql("select full_name, discount from clients order by id")
            assert found == [("Anna", "12.5"), ("Zoe", None)]


def test_column_of_the_configuration_is_followed_when_its_heading_is_renamed(
    tmp_path: Path,
) -> None:
    with open_office(tmp_path) as before:
        before.sync()
        before.tab("Clients").append(Name="Anna", Phone="+79120000001")
        before.sync()
        config = tmp_path / "config.toml"
        config.write_text(config.read_text("utf-8") + COLUMN, "utf-8")
        with open_application(load_config(config)) as app:
            office = Office(app, before.server, tmp_path)
            office.sync()
            tab = office.tab("Clients")
            tab.put(1, "Discount, %", "Rebate")
            tab.sheet.update_cell(2, tab.column("Discount, %"), "12.5")
            (told,) = office.sync().notices
            assert told.params["now"] == "Rebate"
            assert office.sql("select discount from clients") == [("12.5",)]


@pytest.mark.parametrize(
    "changed",
    [
        'field = "phone"',
        'field = "Скидка"',
        'field = "version"',
        'field = "x"\nchoices = ["a"]',
        'kind = "text"',
        'table = "nothing"',
        "minimum = 200",
    ],
)
def test_column_that_cannot_be_is_refused_before_anything_is_done(
    tmp_path: Path, changed: str
) -> None:
    key = changed.split(" ")[0]
    lines = [line for line in COLUMN.splitlines() if not line.startswith(f"{key} =")]
    config = tmp_path / "config.toml"
    office = (
        'language = "en"\ntimezone = "Europe/Moscow"\ncurrency = "RUB"\nphone_region = "RU"\n'
        '[[workbooks]]\nname = "main"\nkind = "local"\n'
    )
    config.write_text("\n".join([office, *lines, changed, ""]), "utf-8")
    with pytest.raises(ConfigError):
        load_config(config)
    assert not (tmp_path / "crm.db").exists()
