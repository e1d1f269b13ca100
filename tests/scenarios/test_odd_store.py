"""What some other SQLite client writes into the store is told, and stops no run."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import suppress

import pytest

from tests.scenarios.office import Office, office_after


def begin(office: Office) -> None:
    """A record in each table that clients, agreements and contacts refer to, and of these."""
    office.sync()
    for table in ("branches", "employees", "product_groups"):
        office.sql(f"insert into {table} (name) values ('Known')")
    office.tab("Clients").append(Name="Client 1", Phone="+79120000001", City="Perm")
    office.tab("Agreements").append(
        Client="Client 1", What_was_agreed="tea", Amount=100, Currency="RUB", Agreed_on="2026-03-01"
    )
    office.tab("Contacts").append(
        Client="Client 1", When="2026-03-10", Reason="Cold call", Summary="first"
    )
    office.sync()


@pytest.fixture
def office() -> Iterator[Office]:
    """The office after that."""
    with office_after(begin) as opened:
        yield opened


@pytest.mark.parametrize("junk", ["abc", -1, 1e308, b"\x00\xff"])
def test_junk_in_any_column_of_any_table_stops_no_run(office: Office, junk: object) -> None:
    for tab in office.app.tabs:
        name = tab.table.name
        kept = office.sql(f"select * from {name}")
        for field in tab.table.stored_fields:
            # Some columns are guarded by the store itself.
            with suppress(sqlite3.IntegrityError):
                office.sql(f'update {name} set "{field.name}" = ?', junk)
        office.tab("Clients").put(2, "City", f"{name} as well")
        office.sync()
        assert len(office.sql(f"select * from {name}")) == len(kept)
