"""`crm-sync history`: every change of one record."""

from __future__ import annotations

import json

import click
from rich.markup import escape

from crm_sync.cli.findings import shown
from crm_sync.cli.settings import Settings, common, json_option
from crm_sync.cli.show import short, table
from crm_sync.core.values import N_
from crm_sync.errors import NotFound
from crm_sync.services.report_json import history_json


@click.command()
@click.argument("record")
@json_option
@common
def history(settings: Settings, record: str, as_json: bool) -> None:
    """Show every change of RECORD, a client's, contact's or agreement's id.

    \b
    Example:  crm-sync history C-000017
    """
    say = settings.messages.text
    with settings.application() as app:
        entries = app.store.records.history(record)
        if not entries:
            raise NotFound(
                N_("There is no record “{record}”."),
                N_("Ids stand in the first column of each tab, for example C-000017."),
                record=record,
            )
        if as_json:
            listed = [history_json(entry) for entry in entries]
            click.echo(json.dumps({"history": listed}, ensure_ascii=False, indent=2))
            return
        lines = table(
            say(N_("When")), say(N_("Where")), say(N_("Column")), say(N_("Was")), say(N_("Became"))
        )
        tab = app.tab(entries[0].table)
        for entry in entries:
            for name, (old, new) in entry.changes.items():
                column = tab.by_field.get(name)
                lines.add_row(
                    escape(entry.at[:16].replace("T", " ")),
                    escape(entry.source),
                    escape(column.heading if column else name),
                    escape(short(shown(old))),
                    escape(short(shown(new))),
                )
        settings.out.print(lines)
