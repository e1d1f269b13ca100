"""`crm-sync history`: every change of one record."""

from __future__ import annotations

from collections.abc import Iterator

import click

from crm_sync.cli.findings import Teller
from crm_sync.cli.grids import short
from crm_sync.cli.screen import cell, listing
from crm_sync.cli.settings import Settings, common, json_option
from crm_sync.core.plan import Op
from crm_sync.core.values import N_
from crm_sync.errors import NotFound
from crm_sync.ports import HistoryEntry
from crm_sync.services.report_json import history_json

LONGEST_VALUE = 60
_WHOLE = {
    Op.ARCHIVE.value: N_("archived"),
    Op.RESTORE.value: N_("restored"),
    "delete": N_("deleted"),
}


@click.command(short_help="Show every change of a record.")
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
        entries = app.store.records.history(record) or app.store.records.history(record.upper())
        if not entries:
            raise NotFound(
                N_("There is no record “{record}”."),
                N_("Ids stand in the first column of each tab, for example C-000017."),
                record=record,
            )
        if as_json:
            settings.out.json({"history": [history_json(entry) for entry in entries]})
            return
        teller = Teller(settings.spoken(app), settings.messages)
        settings.out.line(teller.record(entries[0].table, entries[0].record_id), "bold")
        lines = listing(
            say(N_("When")), say(N_("Where")), say(N_("Column")), say(N_("Was")), say(N_("Became"))
        )
        for entry in entries:
            for row in rows_of(settings, teller, entry):
                lines.add(*(cell(text) for text in row))
        settings.out.table(lines)


def rows_of(settings: Settings, teller: Teller, entry: HistoryEntry) -> Iterator[tuple[str, ...]]:
    """The lines of one change; only the first one says when and where."""
    longest = LONGEST_VALUE if settings.out.is_terminal else 1_000_000
    source = teller.source(entry.source)
    head = (teller.time(entry.at), f"{source}, {entry.by}" if entry.by else source)
    if entry.op in _WHOLE:
        yield (*head, "", "", settings.messages.text(_WHOLE[entry.op]))
        head = ("", "")
    for name, (old, new) in entry.changes.items():
        was = short(teller.value(entry.table, name, old), longest)
        became = short(teller.value(entry.table, name, new), longest)
        yield (*head, teller.reader.heading(entry.table, name), was, became)
        head = ("", "")
