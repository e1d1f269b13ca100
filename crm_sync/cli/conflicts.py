"""`crm-sync conflicts`: see what both sides changed, and decide."""

from __future__ import annotations

import json

import click
from rich.markup import escape

from crm_sync.cli.findings import conflict_line, record_name, shown
from crm_sync.cli.settings import Settings, common, json_option
from crm_sync.cli.show import table
from crm_sync.core.values import N_
from crm_sync.services.report_json import conflict_json
from crm_sync.services.review import Side, resolve, resolve_with


@click.group()
def conflicts() -> None:
    """Conflicts: cells that both sides changed, differently.

    \b
    Example:  crm-sync conflicts resolve 1 --take sheet
    """


@conflicts.command("list")
@json_option
@common
def list_(settings: Settings, as_json: bool) -> None:
    """Show the open conflicts.

    \b
    Example:  crm-sync conflicts list
    """
    say = settings.messages.text
    with settings.application() as app:
        found = app.store.findings.conflicts()
        if as_json:
            listed = [conflict_json(app, item) for item in found]
            click.echo(json.dumps({"conflicts": listed}, ensure_ascii=False, indent=2))
            return
        if not found:
            settings.out.print(escape(say(N_("No open conflicts."))))
            return
        lines = table(
            say(N_("No.")),
            say(N_("Tab")),
            say(N_("Record")),
            say(N_("Column")),
            say(N_("Was")),
            say(N_("In the store")),
            say(N_("In the sheet")),
        )
        for item in found:
            conflict = item.conflict
            tab = app.tab(conflict.table)
            column = tab.by_field.get(conflict.field)
            lines.add_row(
                str(item.id),
                escape(tab.title),
                escape(record_name(app, conflict.table, conflict.record_id)),
                escape(column.heading if column else conflict.clash.value),
                escape(shown(conflict.base)),
                f"[green]{escape(shown(conflict.ours))}[/]",
                f"[blue]{escape(shown(conflict.theirs))}[/]",
            )
        settings.out.print(lines)


@conflicts.command("resolve")
@click.argument("number", type=int)
@click.option("--take", type=click.Choice([side.value for side in Side]), help="Whose value stays.")
@click.option("--value", help="A third value, typed as in the sheet.")
@json_option
@common
def resolve_(
    settings: Settings, number: int, take: str | None, value: str | None, as_json: bool
) -> None:
    """Decide conflict NUMBER; the next sync carries it out.

    \b
    Example:  crm-sync conflicts resolve 1 --take store
    """
    if (take is None) == (value is None):
        raise click.UsageError(settings.messages.text(N_("Say either --take or --value.")))
    with settings.application() as app:
        if take is not None:
            found = resolve(app, number, Side(take))
        else:
            found = resolve_with(app, number, str(value))
        if as_json:
            click.echo(json.dumps({"resolved": conflict_json(app, found)}, ensure_ascii=False))
            return
        settings.out.print(escape(conflict_line(app, settings.messages, found)))
        settings.out.print(
            escape(settings.messages.text(N_("Decided. The next crm-sync sync carries it out.")))
        )
