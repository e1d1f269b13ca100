"""Finds records and lists them: the command `find` of clients, contacts, agreements, and of all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import click

from crm_sync.cli.entering import NearTeller, teller_of
from crm_sync.cli.listing import Listing
from crm_sync.cli.screen import cell, listing
from crm_sync.cli.settings import Settings, common, json_option
from crm_sync.cli.usage import Whole
from crm_sync.core.schema import Kind, Tab
from crm_sync.core.values import N_
from crm_sync.services.finding import Hit, Hits
from crm_sync.services.finding import find as find_records
from crm_sync.services.record_json import found_json

NOTHING_FOUND = 1
USUAL_LIMIT = 20
MOST = 10_000
SHOWN = {
    "clients": ("phone", "email", "city", "status", "owner"),
    "contacts": ("client", "contact_at", "status", "outcome"),
    "agreements": ("client", "status", "amount", "due_date"),
}
"""The fields of a list beside id and name."""

_LONGEST = 60


def find_command(noun: str, tables: tuple[str, ...]) -> click.Command:
    """The command that looks among these tables."""

    @click.command("find", short_help="Find by words, part of a name or phone.")
    @click.argument("words", nargs=-1, required=True)
    @click.option(
        "--limit",
        type=Whole(1, MOST),
        default=USUAL_LIMIT,
        show_default=True,
        help="At most so many.",
    )
    @click.option("--archived", is_flag=True, help="Archived ones, too.")
    @json_option
    @common
    def command(
        settings: Settings, words: tuple[str, ...], limit: int, archived: bool, as_json: bool
    ) -> int:
        with settings.application(translated=True) as app:
            found = find_records(app, " ".join(words), tables, limit, archived=archived)
            if as_json:
                settings.out.json({"found": found_json(found)})
            elif found.hits:
                _show(settings, teller_of(settings, app, found.world), found, tables)
            else:
                _say_nothing_found(settings, " ".join(words), found)
            return 0 if found.hits else NOTHING_FOUND

    start = f"crm-sync {noun} find".replace("crm-sync  ", "crm-sync ")
    command.help = (
        "Find by WORDS: each begins a word of the record, in any order and case; or by digits in a"
        " row of a phone, however they are typed. Exit code 1: nothing was found.\n\n"
        f"\b\nExamples: {start} anna perm\n          {start} 345-67-89\n"
    )
    return command


find = find_command("", ("clients", "contacts", "agreements"))
"""The command that looks everywhere."""


def _show(settings: Settings, teller: NearTeller, found: Hits, tables: Iterable[str]) -> None:
    several = False
    for table in tables:
        hits = [hit for hit in found.hits if hit.table == table]
        if not hits:
            continue
        if several:
            settings.out.gap()
        if len({hit.table for hit in found.hits}) > 1:
            settings.out.line(teller.reader.tab(table), "bold")
        _list(settings, teller, table, hits)
        several = True
    if found.more:
        hint = N_("There are more: type more of it, or --limit for a longer list.")
        settings.err.line(settings.messages.text(hint), mark=("→", "bold"))


def _list(settings: Settings, teller: NearTeller, table: str, hits: list[Hit]) -> None:
    label = teller.app.tab(table).table.label
    names = (label, *SHOWN[table])
    lines = listing(
        settings.messages.text(N_("ID")), *(teller.reader.heading(table, name) for name in names)
    )
    lines.keep_whole(0)
    align_numbers(lines, teller.app.tab(table), names)
    longest = _LONGEST if settings.out.is_terminal else 1_000_000
    for hit in hits:
        values = hit.record.values
        texts = [teller.value(table, name, values.get(name)) for name in names]
        style = "dim" if hit.record.archived else ""
        shown = (cell(_short(text, longest), style) for text in texts)
        lines.add(cell(hit.record.id, style or "cyan"), *shown)
    settings.out.table(lines)


def align_numbers(lines: Listing, tab: Tab, names: Sequence[str]) -> None:
    """Sets the columns of sums to the right, in a table that begins with the id."""
    for place, name in enumerate(names, 1):
        if tab.table.by_name[name].kind is Kind.DECIMAL:
            lines.align_right(place)


def _short(text: str, longest: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= longest else line[: longest - 1] + "…"


def _say_nothing_found(settings: Settings, typed: str, found: Hits) -> None:
    say = settings.messages.text
    settings.err.line(say(N_("Nothing is found for “{typed}”."), typed=typed))
    if found.near:
        hint = say(N_("Did you mean {records}?"), records=", ".join(found.near))
        settings.err.line(hint, mark=("→", "bold"))
