"""docs/store.md: every table and column is in it, and every example works as it stands there."""

import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

import crm_sync
from crm_sync.model import TABLES, table
from crm_sync.store import SqliteStore, open_store
from crm_sync.store.migrations import APPLICATION_ID, MIGRATIONS
from tests.unit.store.builders import NOW, create, query, update

TEXT = (Path(crm_sync.__file__).parents[1] / "docs" / "store.md").read_text(encoding="utf-8")
SQL = re.findall(r"```sql\n(.*?)```", TEXT, re.DOTALL)
SHELL = re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    """A store with a few records, in the place that the examples name."""
    clients, agreements, people = table("clients"), table("agreements"), table("employees")
    with closing(open_store(tmp_path / "data" / "crm.db", TABLES)) as store:
        with store.transaction():
            store.records.apply(
                [
                    create(people, "E-013", name="Петров П."),
                    create(clients, "C-000013", full_name="Анна", phone="+79120000000"),
                    create(clients, "C-000021", full_name="Пётр", owner="E-013"),
                    create(
                        agreements, "A-000013", client="C-000013", amount="48500.5", owner="E-013"
                    ),
                ],
                source="sheet:office",
                by="",
                at=NOW,
            )
            store.records.apply(
                [update(clients, "C-000013", 1, phone="+79121111111")], source="cli", by="", at=NOW
            )
        yield store


def test_every_table_and_column_is_described(store: SqliteStore, tmp_path: Path) -> None:
    missing = []
    described = {
        match[1]: match[0] for match in re.finditer(r"^\| `(\w+)` \|.*$", TEXT, re.MULTILINE)
    }
    bookkeeping = TEXT[TEXT.index("## Tables of records") :]
    bookkeeping = bookkeeping[: bookkeeping.index("| Table | Fields |")]
    for (name,) in query(
        tmp_path / "data",
        "SELECT name FROM sqlite_master"
        " WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite%'",
    ):
        words = described.get(name, "")
        if name in {item.name for item in TABLES}:
            words += bookkeeping
        columns = query(tmp_path / "data", "SELECT name FROM pragma_table_info(?)", name)
        missing += [f"{name}.{column}" for (column,) in columns if f"`{column}`" not in words]
    assert missing == []


def test_no_column_is_described_that_is_not_there() -> None:
    for item in TABLES:
        (line,) = re.findall(rf"^\| `{item.name}` \|(.*)\|$", TEXT, re.MULTILINE)
        named = set(re.findall(r"`(\w+)`", re.sub(r"\(.*?\)", "", line)))
        assert named == {field.name for field in item.stored_fields}


@pytest.mark.parametrize("example", SQL)
def test_example_of_sql_runs(store: SqliteStore, tmp_path: Path, example: str) -> None:
    with closing(sqlite3.connect(tmp_path / "data" / "crm.db")) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.executescript(example)


def test_examples_of_edits_do_what_is_said_of_them(store: SqliteStore, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "data" / "crm.db")) as connection:
        for example in SQL:
            connection.executescript(example)
    client = store.records.all(table("clients"))["C-000013"].values
    assert (client["phone"], client["city"]) == ("+79121111111", "Пермь")
    assert [entry.op for entry in store.records.history("C-000021")] == [
        "create", "archive", "restore",
    ]  # fmt: skip
    assert [
        record.values["summary"] for record in store.records.all(table("contacts")).values()
    ] == ["wants a price list"]
    assert {entry.source for entry in store.records.history("C-000013")} == {
        "sheet:office", "cli", "sql", "import:shop",
    }  # fmt: skip


@pytest.mark.skipif(
    shutil.which("sqlite3") is None, reason="SQLite's command line is not installed"
)
def test_examples_of_commands_run(store: SqliteStore, tmp_path: Path) -> None:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    for example in SHELL:
        subprocess.run(
            ["sh", "-e", "-c", example],
            check=True,
            cwd=tmp_path,
            env=os.environ | {"PATH": path},
            stdout=subprocess.DEVNULL,
        )
    assert "48500.5" in (tmp_path / "agreements.csv").read_text(encoding="utf-8")
    for name in ("crm-copy.db", "crm-again.db"):
        with closing(open_store(tmp_path / "data" / name, TABLES)) as copy:
            for item in TABLES:
                assert copy.records.all(item) == store.records.all(item)
            assert copy.records.history("C-000013") == store.records.history("C-000013")
            assert copy.records.sequence() == store.records.sequence()


def test_numbers_of_the_header_are_those_of_the_program() -> None:
    assert f"application_id = {APPLICATION_ID}" in TEXT
    assert f"user_version = {len(MIGRATIONS)}" in TEXT
