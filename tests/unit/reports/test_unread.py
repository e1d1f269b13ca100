"""What is said to be read by no report is read by none."""

from dataclasses import replace

import pytest

from benchmarks.__main__ import office
from crm_sync.core.records import Record
from crm_sync.model.tables import TABLES
from crm_sync.ports import Binding
from crm_sync.reports.names import REPORTS
from crm_sync.reports.unread import UNREAD
from crm_sync.services.reporting import Wish, desk_over
from crm_sync.services.sync import sync
from crm_sync.services.world import load_world

VALUES = {
    "clients": {"full_name": "Анна", "kind": "customer", "status": "cold", "phone": "+79120000001"},
    "contacts": {"client": "C-000013", "contact_at": "2026-03-10 10:00", "status": "held"},
    "agreements": {
        "client": "C-000013",
        "subject": "чай",
        "status": "fulfilled",
        "amount": "100",
        "agreed_at": "2026-03-01",
        "fulfilled_at": "2026-03-09",
    },
}


class Watched(dict):
    """The values of a record; fails when somebody reads what nobody should."""

    def __init__(self, table: str) -> None:
        super().__init__(VALUES[table])
        self.unread = UNREAD[table]

    def get(self, key, default=None):
        assert key not in self.unread, key
        return super().get(key, default)

    def __getitem__(self, key):
        assert key not in self.unread, key
        return super().__getitem__(key)


def test_no_report_reads_a_field_that_is_said_to_be_unread() -> None:
    with office() as (app, _, _):
        sync(app, "office")
        world = load_world(app, Binding("office", ""))
        ids = {"clients": "C-000013", "contacts": "K-0000013", "agreements": "A-000013"}
        found = {
            table: {key: Record(key, Watched(table), updated_at="2026-03-10T10:00:00.000Z")}
            for table, key in ids.items()
        }
        world = replace(world, records={**world.records, **found})
        desk = desk_over(app, world, Wish())
        for name in REPORTS:
            assert desk.report(name).grid.rows


@pytest.mark.parametrize("table", UNREAD)
def test_unread_fields_are_fields_of_their_table(table: str) -> None:
    model = next(item for item in TABLES if item.name == table)
    assert UNREAD[table] <= {item.name for item in model.fields}
