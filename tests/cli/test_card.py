"""A client's card, and follow-ups that are answered by a command."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.cli.command import Crm, contents
from tests.cli.test_bad_config import LANGUAGES, assert_refused
from tests.cli.test_export import sql

HORN = "C-000045"


def waiting(crm: Crm, config: Path) -> str:
    """A client with one line in the follow-up list, which has a date."""
    lines = crm("report", "followups", "--json", "-c", config).json["data"]["lines"]
    clients = [line["client"] for line in lines]
    return next(
        line["client"] for line in lines if line["at"] and clients.count(line["client"]) == 1
    )


def test_card_counts_what_sql_counts(crm: Crm, config: Path) -> None:
    found = crm("card", "Around the Horn", "--json", "-c", config).json["card"]
    for table in ("contacts", "agreements"):
        ((count,),) = sql(config, f"select count(*) from {table} where client = '{HORN}'")
        assert len(found[table]) == count
    ids = f"select id from contacts where client = '{HORN}' union"
    ids += f" select id from agreements where client = '{HORN}' union select '{HORN}'"
    ((count,),) = sql(config, f"select count(*) from history where record_id in ({ids})")
    assert len(found["changes"]) == count
    assert [each["record"] for each in found["conflicts"]] == [HORN]


def test_card_shows_sums_tasks_and_what_is_left_out(crm: Crm, config: Path) -> None:
    today = datetime.now(UTC).date().isoformat()
    deal = ("--amount", "100", "--next-call-at", today, "--agreed-at", "2020-01-01")
    assert crm("agreement", "add", HORN, "tea", *deal, "-c", config).code == 0
    shown = crm("card", "horn", "--last", "2", "-c", config).out
    assert "Call about: tea" in shown
    assert "… and 12 more: --last" in shown
    ((total,),) = sql(
        config,
        f"select round(sum(amount) * 100) from agreements where client = '{HORN}'"
        " and archived_at is null and currency = 'USD'",
    )
    assert f"Together ${float(str(total)) / 100:,.2f}" in shown


def test_what_is_done_is_a_contact_and_leaves_the_list(crm: Crm, config: Path) -> None:
    client = waiting(crm, config)
    said = crm("done", client, "--outcome", "ordered", "--comment", "took it all", "--next",
               "2050-12-31", "--as", "Petrova", "-c", config)  # fmt: skip
    assert (said.code, said.err) == (0, "")
    assert sql(
        config,
        "select client, status, outcome, next_step_at, created_by from contacts"
        " where summary = 'took it all'",
    ) == [(client, "held", "ordered", "2050-12-31", "Petrova")]
    assert_refused(crm("done", client, "-c", config), 2, "E-NOT-FOUND")


def test_put_off_only_moves_the_date(crm: Crm, config: Path) -> None:
    client = waiting(crm, config)
    before = sql(config, "select count(*) from contacts")
    assert crm("done", client, "--put-off", "2050-12-31", "-c", config).code == 0
    assert sql(config, "select count(*) from contacts") == before
    (change,) = sql(config, "select new_value from changes order by seq desc limit 1")
    assert change == ("2050-12-31",)


def test_dry_run_answers_nothing(crm: Crm, config: Path) -> None:
    client = waiting(crm, config)
    before = contents(config.parent)
    assert crm("done", client, "--comment", "x", "--dry-run", "-c", config).code == 0
    assert contents(config.parent) == before


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    ("typed", "code"),
    [
        (("card",), 2),
        (("card", "Nobody of this name"), 2),
        (("card", HORN, "--last", "0"), 2),
        (("done",), 2),
        (("done", HORN), 2),
        (("done", HORN, "--group", "never"), 2),
        (("done", HORN, "--put-off", "2050-12-31", "--comment", "x"), 2),
    ],
    ids=lambda item: " ".join(item) if isinstance(item, tuple) else None,
)
def test_wrong_command_is_told_and_does_nothing(
    crm: Crm, config: Path, typed: tuple[str, ...], code: int, lang: str
) -> None:
    before = contents(config.parent)
    said = crm(*typed, "-c", config, "--lang", lang)
    assert_refused(said, code, said.kind, lang)
    assert contents(config.parent) == before


def test_answer_that_will_not_do_is_told_and_changes_nothing(crm: Crm, config: Path) -> None:
    client = waiting(crm, config)
    before = contents(config.parent)
    for answers in (["--outcome", "perhaps"], ["--next", "2020-01-01"], ["--next", "tomorrowish"]):
        said = crm("done", client, *answers, "--json", "-c", config)
        assert said.code == 1
        (problem,) = said.json["done"]["problems"]
        assert problem["message"]
    assert contents(config.parent) == before
