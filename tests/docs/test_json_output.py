"""docs/json-output.md against what the commands print: every key, every type, both ways."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from crm_sync.cli.commands import cli
from crm_sync.core.findings import Clash, Severity
from crm_sync.core.grid import Style
from crm_sync.errors import UserError
from crm_sync.reports.comparison import Flag
from crm_sync.reports.names import REPORTS
from tests.cli.command import Crm

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "json-output.md").read_text(encoding="utf-8")
MOMENT = r"^$|^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$"
PLAIN = {
    "text": {"type": "string"},
    "whole number": {"type": "integer"},
    "number": {"type": "number"},
    "null": {"type": "null"},
    "yes or no": {"type": "boolean"},
    "value": {"type": ["string", "integer", "null"]},
    "cell": {"type": ["string", "number", "boolean", "null"]},
    "decimal": {"type": "string", "pattern": r"^-?\d+(\.\d+)?$"},
    "date": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d$"},
    "month": {"type": "string", "pattern": r"^\d{4}-\d\d$"},
    "moment": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d( \d\d:\d\d(:\d\d)?)?$"},
    "true": {"const": True},
    "false": {"const": False},
    "time": {
        "type": "string",
        "pattern": r"^$|^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$",
    },
}


def sections() -> dict[str, list[tuple[str, str]]]:
    """Each described object: its keys and their types, in order."""
    found: dict[str, list[tuple[str, str]]] = {}
    for part in TEXT.split("\n## ")[1:]:
        title = part.splitlines()[0]
        rows = re.findall(r"^\| `(\w+)` \| (.+?) \| .+ \|$", part, re.MULTILINE)
        found[title] = rows
    found["Rhythm"] = found["Metric"] + found["Rhythm"]
    found["Shown record"] = found["Record"] + found["Shown record"]
    for added in ("Resolved conflict", "Decision", "Reviewed conflict"):
        found[added] = found["Conflict"] + found[added]
    found["Problem decision"] = found["Problem"] + found["Problem decision"]
    return found


SECTIONS = sections()


def schema_of(described: str) -> dict[str, Any]:
    """The JSON schema of a type as the document writes it."""
    if described in PLAIN:
        return PLAIN[described]
    if described.startswith("list of "):
        return {"type": "array", "items": schema_of(described.removeprefix("list of "))}
    if described.startswith("map of pair of "):
        inner = schema_of(described.removeprefix("map of pair of "))
        pair = {"type": "array", "items": inner, "minItems": 2, "maxItems": 2}
        return {"type": "object", "additionalProperties": pair}
    if described.startswith("map of "):
        inner = schema_of(described.removeprefix("map of "))
        return {"type": "object", "additionalProperties": inner}
    if re.fullmatch(r"(`[^`]+`(, | or )?)+", described):
        return {"enum": re.findall(r"`([^`]+)`", described)}
    if " or " in described:
        return {"anyOf": [schema_of(part) for part in described.split(" or ")]}
    if link := re.fullmatch(r"\[(.+)\]\(#(.+)\)", described):
        assert link[2] == link[1].lower().replace(" ", "-")
        return {"$ref": f"#/$defs/{link[2]}"}
    raise AssertionError(f"no type: {described}")


def schema() -> dict[str, Any]:
    definitions: dict[str, Any] = {}
    for title, rows in SECTIONS.items():
        definitions[title.lower().replace(" ", "-")] = {
            "type": "object",
            "properties": {key: schema_of(described) for key, described in rows},
            "required": [key for key, _ in rows],
            "additionalProperties": False,
        }
    definitions["flag"] = {"enum": [each.value for each in Flag]}
    return {"$defs": definitions}


SCHEMA = schema()
jsonschema.Draft202012Validator.check_schema(SCHEMA)


def assert_described(value: object, title: str) -> None:
    wanted = {**SCHEMA, "$ref": f"#/$defs/{title.lower().replace(' ', '-')}"}
    # That the schema is one is looked into once: it takes longer than all the rest.
    jsonschema.Draft202012Validator(wanted).validate(value)


PLACES = {
    "MONTH": "2025-01",
    "NUMBER": "1",
    "RECORD": "C-000045",
    "RUN": "2",
    "ARCHIVED": "C-001086",
    "NEW": "Omsk",
    "FILE": "out.csv",
    "OTHER": "C-000021",
    "WAITING": "C-000475",
    "WORDS": "horn",
    "CONTACT": "K-0000013",
    "AGREEMENT": "A-000013",
    "PHONE": "+79123450000",
    "DAY": "2050-01-31",
    "DATE": "2026-01-01",
}


def as_typed(command: str) -> list[str]:
    """A listed command with something of the demonstration in each of its places."""
    return [PLACES.get(word, word) for word in command.split()]


# These need something else than the demonstration; tests of their own hold them to their
# descriptions.
ELSEWHERE = {"adopt", "conflicts review", "import", "init", "notify", "unmerge"} | {
    "review approve",
    "review reject",
}


def listed_commands() -> list[tuple[str, str]]:
    """(command, section) as the document's first table lists them."""
    found = re.findall(r"^\| `crm-sync (.+?)` \| \[(.+)\]", TEXT, re.MULTILINE)
    return [item for item in found if not item[0].startswith(tuple(ELSEWHERE))]


@pytest.mark.parametrize(("command", "section"), listed_commands(), ids=lambda item: item)
def test_each_listed_command_prints_one_object_as_described(
    crm: Crm, config: Path, command: str, section: str
) -> None:
    with sqlite3.connect(config.with_name("crm.db")) as connection:
        connection.execute("update clients set phone = 'none' where id = 'C-000045'")
        connection.execute("update clients set city = 'Bergen' where city = 'Stavern'")
        connection.execute(
            "insert or ignore into bonus_terms (id, employee, kind, rate)"
            " select 'N-900', id, 'sales', '1' from employees limit 1"
        )
    connection.close()
    assert crm("backup", "make", "-c", config).code == 0
    words = as_typed(command)
    said = crm(*words, "-c", config)
    assert said.err == ""
    value, end = json.JSONDecoder().raw_decode(said.out)
    assert isinstance(value, dict)
    assert said.out[end:] == "\n"
    assert_described(value, section)


def test_every_command_that_takes_json_is_listed() -> None:
    takers = {
        name
        for name, command in commands(cli, "")
        if any("--json" in item.opts for item in command.params)
    }
    assert takers - ELSEWHERE == {
        re.sub(rf" (--|{'|'.join((*PLACES, 'clients', *REPORTS))}).*", "", name)
        for name, _ in listed_commands()
    }


def commands(group: Any, before: str) -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, f"{before}{name} ")
        else:
            yield f"{before}{name}", command


def test_runs_in_each_state_are_as_described(crm: Crm, config: Path) -> None:
    outcomes = []
    store = config.with_name("crm.db")

    def run(*arguments: str) -> dict[str, Any]:
        said = crm("sync", *arguments, "--json", "-c", config)
        assert_described(said.json, "Runs")
        (found,) = said.json["workbooks"]
        outcomes.append(found["outcome"])
        return dict(found)

    run()
    with sqlite3.connect(store) as connection:
        connection.execute("update clients set city = 'Bergen' where city = 'Stavern'")
    planned = run("--dry-run")
    assert any(change["side"] == "sheet" for change in planned["changes"])
    assert planned["conflicts"][0]["id"] is None
    assert "tomorrow" in [problem["typed"] for problem in planned["problems"]]
    run()
    with sqlite3.connect(store) as connection:
        connection.execute("update clients set city = 'Bergen'")
    connection.close()
    stopped = run()
    (stop,) = [tab["stop"] for tab in stopped["tabs"] if tab["stop"]]
    assert [text.rpartition(":")[0] for text in stop["allow"]] == ["clients:city"]
    assert run("--allow", *stop["allow"])["outcome"] == "synced"
    config.with_name("workbook.db").unlink()
    assert run()["error"]["code"] == "E-BOOK-GONE"
    assert outcomes == ["unchanged", "planned", "synced", "stopped", "synced", "failed"]


def test_failure_is_as_described(crm: Crm, config: Path) -> None:
    for command in (
        ["history", "X"],
        ["sync", "nobody"],
        ["report", "x"],
        ["conflicts", "resolve"],
    ):
        said = crm(*command, "--json", "-c", config)
        assert said.code == 2
        assert_described(said.json, "Failure")
        assert said.err.startswith(said.json["error"]["code"])


def test_report_tells_dates_shares_and_sums_apart(crm: Crm, config: Path) -> None:
    rows = crm("report", "comparison", "--json", "-c", config).json["rows"]
    assert re.fullmatch(r"20\d\d-\d\d-01", rows[2][1]["value"])
    assert rows[2][1]["style"] == "date"
    shares = [cell["value"] for row in rows for cell in row if cell["style"] == "percent"]
    assert shares
    assert all(isinstance(share, int | float) for share in shares)


def test_lists_of_words_in_the_document_are_complete() -> None:
    def enum(section: str, key: str) -> set[str]:
        described = dict(SECTIONS[section])[key]
        return set(re.findall(r"`([^`]+)`", described))

    assert enum("Conflict", "kind") == {item.value for item in Clash}
    assert enum("Problem", "severity") == {item.value for item in Severity}
    assert enum("Shown cell", "style") == {item.value for item in Style}
    codes = {"E-USAGE", "E-UNEXPECTED", *(error.code for error in subclasses(UserError))}
    error_row = next(line for line in TEXT.split("## Error\n")[1].splitlines() if "`code`" in line)
    assert set(re.findall(r"E-[A-Z-]+", error_row)) == codes


def subclasses(kind: type[UserError]) -> Iterator[type[UserError]]:
    yield kind
    for child in kind.__subclasses__():
        yield from subclasses(child)
