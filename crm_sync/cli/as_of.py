"""`crm-sync as-of`: the store as it stood on a day."""

from __future__ import annotations

import getpass
from datetime import datetime
from pathlib import Path

import click

from crm_sync.cli.export import hand_out
from crm_sync.cli.findings import Teller
from crm_sync.cli.grids import short
from crm_sync.cli.screen import cell, listing
from crm_sync.cli.settings import Settings, common, json_option
from crm_sync.cli.usage import Usage
from crm_sync.core.schema import Tab
from crm_sync.core.values import N_
from crm_sync.services.application import Application
from crm_sync.services.as_of import Past, as_of, compared, counted, fields_of, moment_of
from crm_sync.services.export import Format, Order, export, note_export
from crm_sync.services.store_json import compared_json, counted_json, listed_json

LONGEST_VALUE = 60
_FORMATS = {
    f".{item.value}": item for item in (Format.CSV, Format.XLSX, Format.JSONL, Format.VCARD)
}


class Moment(click.ParamType[datetime]):
    """A local day, or a day and a time."""

    name = "moment"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        text = str(value).strip()
        try:
            found = datetime.fromisoformat(text)
        except ValueError:
            found = None
        if found is None or found.tzinfo is not None or text[4:5] != "-":
            raise Usage(
                N_("“{typed}” is no day."),
                N_("Write it like 2026-03-10, or “2026-03-10 14:05”."),
                typed=text,
            )
        # A day alone means its end.
        return found if len(text) > len("2026-03-10") else found.replace(microsecond=1)


@click.command("as-of", short_help="Show the store as it stood on a day.")
@click.argument("day", type=Moment(), metavar="DATE")
@click.argument("what", required=False, metavar="[RECORD|TABLE]")
@click.option("--archived", is_flag=True, help="Records archived by then, too.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the TABLE to a file: .csv .xlsx .jsonl .vcf",
)
@json_option
@common
def as_of_(
    settings: Settings,
    day: datetime,
    what: str | None,
    archived: bool,
    out: Path | None,
    as_json: bool,
) -> None:
    """Show the store as it stood at the end of DATE (or at “DATE TIME”): how much there was; one
    RECORD then and now; or the records of a TABLE, on the screen or as a file. It is worked out
    from the history; whoever was erased since stays erased.

    \b
    Examples: crm-sync as-of 2026-03-01 C-000017
              crm-sync as-of 2026-03-01 clients --out clients.csv
    """
    with settings.application(translated=True) as app:
        tab = next((tab for tab in app.tabs if what in (tab.table.name, tab.title)), None)
        if out is not None and tab is None:
            raise Usage(
                N_("--out needs a table."),
                N_("For example: crm-sync as-of 2026-03-01 clients --out clients.csv"),
            )
        at = None if day.microsecond else day.time()
        moment = moment_of(app, day.date(), at)
        if what is not None and tab is None:
            _compare(settings, app, moment, what, as_json=as_json)
            return
        past = as_of(app, moment)
        if tab is not None and out is not None:
            _write(settings, app, past, tab, out, archived=archived, as_json=as_json)
        elif tab is not None:
            _list(settings, app, past, tab, archived=archived, as_json=as_json)
        else:
            _count(settings, app, past, as_json=as_json)


def _count(settings: Settings, app: Application, past: Past, *, as_json: bool) -> None:
    say, integer = settings.messages.text, settings.messages.integer
    found = counted(past)
    if as_json:
        settings.out.json(counted_json(past, found))
        return
    titles = {tab.table.name: tab.title for tab in app.tabs}
    lines = listing(say(N_("Tab")), say(N_("Then")), say(N_("Now")), say(N_("Changed since")))
    for number in (1, 2, 3):
        lines.align_right(number)
    for item in found:
        numbers = (integer(item.then), integer(item.now), integer(item.changed))
        lines.add(*(cell(text) for text in (titles[item.table], *numbers)))
    settings.out.table(lines)


def _compare(
    settings: Settings, app: Application, moment: datetime, what: str, *, as_json: bool
) -> None:
    say = settings.messages.text
    found = compared(app, moment, what)
    fields = fields_of(app.tab(found.table), found)
    if as_json:
        settings.out.json(compared_json(moment, found, fields))
        return
    teller = Teller(settings.spoken(app), settings.messages)
    settings.out.line(teller.record(found.table, found.record_id), "bold")
    if found.then is None:
        settings.out.line(say(N_("It did not exist yet.")), indent=2)
        return
    if found.then.archived:
        settings.out.line(say(N_("It was archived.")), indent=2)
    longest = LONGEST_VALUE if settings.out.is_terminal else 1_000_000
    lines = listing(say(N_("Column")), say(N_("Then")), say(N_("Now")))
    for name, pair in fields.items():
        then, now = (short(teller.value(found.table, name, each), longest) for each in pair)
        style = "" if pair[0] == pair[1] else "yellow"
        heading = teller.reader.heading(found.table, name)
        lines.add(cell(heading), cell(then, style), cell("=" if not style else now, style or "dim"))
    settings.out.table(lines)


def _list(
    settings: Settings,
    app: Application,
    past: Past,
    tab: Tab,
    *,
    archived: bool,
    as_json: bool,
) -> None:
    say = settings.messages.text
    records = [
        record
        for record in past.then.records[tab.table.name].values()
        if archived or not record.archived
    ]
    if as_json:
        settings.out.json(listed_json(past, tab.table.name, records))
        return
    if not records:
        settings.out.line(say(N_("There was none.")))
        return
    teller = Teller(settings.spoken(app), settings.messages)
    columns = [item for item in tab.columns if not item.field.derived and not item.hidden]
    lines = listing(*(item.heading for item in columns))
    lines.keep_whole(0)
    for record in records:
        texts = [record.id]
        for item in columns[1:]:
            value = record.values.get(item.field.name)
            shown = teller.value(tab.table.name, item.field.name, value)
            texts.append(short(shown, LONGEST_VALUE) if settings.out.is_terminal else shown)
        lines.add(*(cell(text) for text in texts))
    settings.out.table(lines)


def _write(
    settings: Settings,
    app: Application,
    past: Past,
    tab: Tab,
    out: Path,
    *,
    archived: bool,
    as_json: bool,
) -> None:
    kind = _FORMATS.get(out.suffix.lower())
    if kind is None:
        raise Usage(
            N_("“{file}”: its ending does not say what kind of file it is to be."),
            N_("Give it one of these endings: {endings}"),
            file=out,
            endings=" ".join(_FORMATS),
        )
    order = Order((tab.table.name,), kind, archived=archived)
    parcel = export(app, order, past.then)
    asked = f"{tab.table.name} as-of {past.at.isoformat(timespec='minutes')}"
    noted = note_export(app, parcel, asked, str(out), getpass.getuser())
    hand_out(settings, parcel, noted, out, as_json=as_json)
