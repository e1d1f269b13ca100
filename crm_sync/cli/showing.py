"""One record, well laid out: its fields as people read them, and what waits for somebody."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from rich.table import Table as Layout

from crm_sync.cli.entering import NearTeller, teller_of
from crm_sync.cli.screen import cell
from crm_sync.cli.settings import Settings
from crm_sync.core.records import Record
from crm_sync.core.schema import Table
from crm_sync.core.values import N_, Scalar
from crm_sync.services.application import Application
from crm_sync.services.around import Around
from crm_sync.services.record_json import record_json
from crm_sync.services.uniting import merged_into
from crm_sync.services.waiting import waiting_for


def show_record(
    settings: Settings, app: Application, world: Around, table: Table, record: Record, as_json: bool
) -> None:
    """Prints a record."""
    if as_json:
        into = merged_into(app, record)
        settings.out.json(
            {"record": {**record_json(world, table.name, record), "merged_into": into}}
        )
        return
    teller = teller_of(settings, app, world)
    show_head(settings, teller, table, record)
    into = merged_into(app, record)
    if into:
        text = settings.messages.text(
            N_("It went into {record}."), record=teller.record(table.name, into)
        )
        settings.out.line(text, "yellow", indent=2)
    show_fields(settings, teller, table, record)
    show_waiting(settings, teller, app, table.name, record.id)


def show_head(settings: Settings, teller: NearTeller, table: Table, record: Record) -> None:
    """Prints what the record is called."""
    say = settings.messages.text
    head = teller.record(table.name, record.id)
    if record.archived:
        head = say(N_("{record}, archived"), record=head)
    settings.out.line(head, "bold")


def show_fields(
    settings: Settings,
    teller: NearTeller,
    table: Table,
    record: Record,
    derived: Mapping[str, Scalar] = MappingProxyType({}),
) -> None:
    """Prints the filled fields under their headings, those that are worked out each day at the
    end.
    """
    say = settings.messages.text
    layout = Layout.grid(padding=(0, 2, 0, 0))
    values = {**record.values, **derived}
    for item in table.fields:
        value = values.get(item.name)
        if value is None or item.name == "updated_at":
            continue
        heading = teller.reader.heading(table.name, item.name)
        layout.add_row(
            cell(f"  {heading}", "dim"), cell(teller.value(table.name, item.name, value))
        )
    if record.updated_at:
        layout.add_row(
            cell(f"  {say(N_('Changed'))}", "dim"), cell(teller.time(record.updated_at), "dim")
        )
    settings.out.block(layout)


def show_waiting(
    settings: Settings, teller: NearTeller, app: Application, table: str, record_id: str
) -> None:
    """Prints the conflicts and problems of a record."""
    conflicts, problems = waiting_for(app, {(table, record_id)})
    for conflict in conflicts:
        text = teller.conflict(conflict.conflict, conflict.id)
        settings.out.line(text, mark=("!", "red"), indent=2)
    for problem in problems:
        settings.out.line(teller.problem(problem.problem), mark=("!", "yellow"), indent=2)
