"""Values that somebody put into the store with another program, past all codecs."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from tests.cli.command import Crm

READERS = [
    ["problems", "list"],
    ["conflicts", "list"],
    ["report", "followups"],
    ["report", "comparison"],
    ["history", "C-000045"],
]


def put(config: Path, statement: str) -> None:
    with sqlite3.connect(config.with_name("crm.db")) as connection:
        connection.execute(statement)
    connection.close()


BAD = {
    "date": "update agreements set due_date = '2026-13-45' where id < 'A-007650'",
    "moment": "update contacts set contact_at = '2026-01-01 25:61'",
    "sum": "update agreements set amount = 'a lot' where id < 'A-007650'",
    "choice": "update clients set kind = 'friend', status = 'sleepy'",
    "number": "update clients set touch_every_days = 'often'",
    "bytes": "update clients set city = x'ff00fe' where id = 'C-000045'",
    "nothing": "update clients set full_name = null where id = 'C-000045'",
}


@pytest.mark.parametrize("statement", BAD.values(), ids=BAD)
def test_bad_value_in_the_store_keeps_nobody_from_reading(
    crm: Crm, config: Path, statement: str
) -> None:
    put(config, statement)
    for command in READERS:
        said = crm(*command, "-c", config)
        assert (said.code, said.err) == (0, ""), command


@pytest.mark.parametrize("name", [name for name in BAD if name != "bytes"])
def test_bad_value_in_the_store_is_a_problem_and_does_not_end_the_run(
    crm: Crm, config: Path, name: str
) -> None:
    put(config, BAD[name])
    (run,) = crm("sync", "--json", "-c", config).json["workbooks"]
    assert run["outcome"] in ("synced", "stopped")
    assert len(run["problems"]) > 1 or run["outcome"] == "stopped"
