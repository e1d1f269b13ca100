"""Whom a text means is told alike by the store's own search and by going through all records."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from crm_sync.config import load_config
from crm_sync.core.records import Record
from crm_sync.ports import Binding
from crm_sync.services.around import look_around
from crm_sync.services.world import load_world
from crm_sync.wiring import open_application
from tests.cli.command import Crm

ODD = (
    "",
    " ",
    "?",
    "«»",
    "О'Коннор",
    'ООО "Ромашка"',
    "ооо «ромашка»",
    "Семенов  пётр",
    "Семёнов-Тян-Шанский",
    "+79123450001",
    "8 (912) 345-00-01",
    "C-",
    "C-0",
    "с-000045",
    "C - 45",
    "45",
    "Nobody (C-000045)",
    "Around the Horn (C-000021)",
    "around the horn · C-000045",
    "anna@example.org",
    "ANNA@EXAMPLE.ORG",
    "a" * 300,
    "NEAR(x y)",
    'x" OR "y',
)


def texts_of(record: Record) -> Iterator[str]:
    """What people may type to mean a client."""
    name = str(record.values.get("full_name") or "")
    yield from (
        record.id,
        record.id.lower(),
        name,
        name.upper(),
        f" {name}  ",
        f"{name} ({record.id})",
    )
    yield f"{name}, {record.values.get('city')}"
    for part in str(record.values.get("phone") or "").split("; "):
        yield from (part, part.removeprefix("+"))
    yield from str(record.values.get("email") or "").split("; ")


def test_search_of_the_store_means_whom_all_records_mean(crm: Crm, config: Path) -> None:
    names = ("ООО «Ромашка»", "Ромашка ООО", "Семёнов Пётр", "О’Коннор", "Süßwaren")
    for number, name in enumerate(names):
        phone = f"+7912345000{number}"
        assert crm("client", "add", name, "--phone", phone, "-c", config).code in (0, 1)
    crm("client", "add", "Семенов Петр", "--email", "anna@example.org", "-c", config)
    with open_application(load_config(config)) as app:
        whole = load_world(app, Binding("", "")).index("clients")
        records = app.store.records.all(app.tab("clients").table).values()
        texts = [*ODD, *(text for record in records for text in texts_of(record))]
        found = look_around(app).index("clients")
        differing = [text for text in texts if found.find(text) != whole.find(text)]
        assert differing == []
        assert [found.shown(record.id) for record in records] == [
            whole.shown(record.id) for record in records
        ]
