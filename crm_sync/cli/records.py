"""`crm-sync client`, `contact` and `agreement`: records added, changed, shown and found in the
store itself, offline.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import click

from crm_sync.cli.entering import (
    as_option,
    author,
    dry_run_option,
    field_options,
    show_entered,
    teller_of,
    typed_values,
)
from crm_sync.cli.finding import find_command
from crm_sync.cli.settings import Settings, common, json_option
from crm_sync.cli.showing import show_record
from crm_sync.cli.usage import Group
from crm_sync.core.schema import Table
from crm_sync.core.values import Cell
from crm_sync.model import table as table_of
from crm_sync.services.around import look_around, meant
from crm_sync.services.entry import add, edit

Defaults = Callable[[datetime], dict[str, Cell]]
"""What a new record holds that nobody typed: by the present moment in the company's time."""


def _no_defaults(now: datetime) -> dict[str, Cell]:
    return {}


@click.group(cls=Group, short_help="Clients: add, change, show and find them in the store.")
def client() -> None:
    """Clients, in the store itself: no workbook and no connection is needed. What is added or
    changed here is carried to the sheets by the next run.

    \b
    Example:  crm-sync client find anna
    """


@click.group(cls=Group, short_help="Contacts: the same for calls, letters, meetings.")
def contact() -> None:
    """Contacts, in the store itself: calls, letters and meetings, held or planned.

    \b
    Example:  crm-sync contact add C-000045 "Asked for prices" --reason inquiry
    """


@click.group(cls=Group, short_help="Agreements: the same for offers, orders, obligations.")
def agreement() -> None:
    """Agreements, in the store itself: offers, orders, what is owed.

    \b
    Example:  crm-sync agreement add C-000045 "40 boxes" --amount 48500
    """


def _now(now: datetime) -> dict[str, Cell]:
    return {"contact_at": now.strftime("%Y-%m-%d %H:%M")}


def _today(now: datetime) -> dict[str, Cell]:
    return {"agreed_at": now.strftime("%Y-%m-%d")}


def _give_add(
    group: click.Group, table: Table, first: tuple[str, ...], usual: Defaults, text: str
) -> None:
    """Gives a group the command `add`; `first` are the fields that are typed without an option."""

    @json_option
    @common
    def command(
        settings: Settings,
        by: str | None,
        dry_run: bool,
        as_json: bool,
        sets: tuple[str, ...],
        **options: Any,
    ) -> int:
        given = {f"field_{name}": options.pop(f"first_{name}", None) for name in first}
        typed = typed_values(sets, {**given, **options})
        with settings.application() as app:
            values: dict[str, Cell] = {**usual(app.local_now()), **typed}
            found = add(app, table.name, values, author(by), dry_run=dry_run)
            teller = teller_of(settings, app, look_around(app))
            return show_entered(settings, app, found, teller, as_json=as_json)

    command.__doc__ = text
    for name in reversed(first):
        metavar = name.upper() if name != "full_name" else "NAME"
        command = click.argument(f"first_{name}", metavar=f"[{metavar}]", required=False)(command)
    command = field_options(table, first)(as_option(dry_run_option(command)))
    group.command("add", short_help="Add one.")(command)


def _give_edit(group: click.Group, table: Table, text: str) -> None:
    @json_option
    @common
    def command(
        settings: Settings,
        record: str,
        by: str | None,
        dry_run: bool,
        as_json: bool,
        sets: tuple[str, ...],
        **options: Any,
    ) -> int:
        typed: dict[str, Cell] = {**typed_values(sets, options)}
        with settings.application() as app:
            found = edit(app, table.name, record, typed, author(by), dry_run=dry_run)
            teller = teller_of(settings, app, look_around(app))
            return show_entered(settings, app, found, teller, as_json=as_json)

    command.__doc__ = text
    command = field_options(table)(as_option(dry_run_option(command)))
    command = click.argument("record")(command)
    group.command("edit", short_help="Change one.")(command)


def _give_show(group: click.Group, table: Table, text: str) -> None:
    @json_option
    @common
    def command(settings: Settings, record: str, as_json: bool) -> None:
        with settings.application(translated=True) as app:
            world = look_around(app)
            found = meant(world, table.name, record, loosely=True)
            show_record(settings, app, world, table, found, as_json)

    command.__doc__ = text
    group.command("show", short_help="Show one.")(click.argument("record")(command))


_NAMED = "RECORD is an id, a name, a phone, an e-mail or a tax id: whatever leads to one record."

_give_add(
    client,
    table_of("clients"),
    ("full_name",),
    _no_defaults,
    """Add a client. Values are typed as in the sheet, in the country's way of the configuration;
    what will not do is told all at once, and nothing is entered then.

    \b
    Example:  crm-sync client add "Ivanova Anna" --phone "8 912 345-67-89" --city Perm
    """,
)
_give_add(
    contact,
    table_of("contacts"),
    ("client", "summary"),
    _now,
    """Add a contact with CLIENT (an id, a name, a phone, an e-mail): held now, if nothing else is
    said.

    \b
    Example:  crm-sync contact add "Ivanova Anna" "Wants a price list" --reason inquiry
    """,
)
_give_add(
    agreement,
    table_of("agreements"),
    ("client", "subject"),
    _today,
    """Add an agreement with CLIENT (an id, a name, a phone, an e-mail): made today, if nothing else
    is said.

    \b
    Example:  crm-sync agreement add C-000045 "40 boxes" --amount 48500
    """,
)
for _group, _table, _record, _values in (
    (client, "clients", '"Ivanova Anna"', "--city Perm --set note="),
    (contact, "contacts", "K-0000013", "--outcome ordered"),
    (agreement, "agreements", "A-000013", "--paid-amount 48500"),
):
    _example = f"\n\n\b\nExample:  crm-sync {_group.name}"
    _give_edit(
        _group,
        table_of(_table),
        f"Change RECORD. {_NAMED}{_example} edit {_record} {_values}\n",
    )
    _give_show(
        _group,
        table_of(_table),
        f"Show RECORD. {_NAMED}{_example} show {_record}\n",
    )
    _group.add_command(find_command(str(_group.name), (_table,)))
