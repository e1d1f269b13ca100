"""`crm-sync export`: records as files for other programs, each written down."""

from __future__ import annotations

import getpass
import shlex
from pathlib import Path

import click

from crm_sync.cli.files import write_file
from crm_sync.cli.settings import Settings, common, json_option
from crm_sync.cli.usage import OneOf, Usage
from crm_sync.core.values import N_
from crm_sync.ports import Exported
from crm_sync.services.application import Application
from crm_sync.services.export import (
    USUAL,
    Format,
    Order,
    Parcel,
    export,
    export_calendar,
    note_export,
)
from crm_sync.services.report_json import exported_json

FOLLOWUPS = "followups"
_SUFFIXES = {f".{item.value}": item for item in Format} | {
    ".ical": Format.CALENDAR,
    ".sqlite": Format.SQLITE,
}


@click.command("export", short_help="Hand records out as a file.")
@click.argument("what", nargs=-1, metavar="[TABLE]...")
@click.option(
    "--out",
    metavar="FILE",
    type=click.Path(path_type=Path),
    required=True,
    help="The file; its ending says what it is: .csv .xlsx .jsonl .db .vcf .ics",
)
@click.option(
    "--format",
    "format_",
    type=OneOf([item.value for item in Format]),
    help="What kind of file, if its ending does not say so.",
)
@click.option("--workbook", metavar="NAME", help="Only what this workbook shows.")
@click.option(
    "--only",
    multiple=True,
    metavar="COLUMN=VALUE",
    help="Only records with this value, typed as in the sheet.",
)
@click.option("--columns", metavar="A,B", help="Only these columns, in this order.")
@click.option("--archived", is_flag=True, help="Archived records, too.")
@click.option("--raw", is_flag=True, help="CSV for programs: names of fields, values as stored.")
@click.option(
    "--delimiter", type=OneOf([",", ";", "tab"]), default=",", help="What parts the cells of CSV."
)
@json_option
@common
def export_(
    settings: Settings,
    what: tuple[str, ...],
    out: Path,
    format_: str | None,
    workbook: str | None,
    only: tuple[str, ...],
    columns: str | None,
    archived: bool,
    raw: bool,
    delimiter: str,
    as_json: bool,
) -> None:
    """Hand out the records of each TABLE (clients, contacts and agreements by default) as a file
    that only you can read. Who took what is written down in the store for good.

    \b
    Examples: crm-sync export clients --only "City=Perm" --out perm.xlsx
              crm-sync export clients --out clients.vcf
              crm-sync export followups --out calls.ics
    """
    kind = Format(format_) if format_ else _kind(out)
    order = Order(
        tables=what or USUAL,
        format=kind,
        workbook=workbook or "",
        only=tuple(_condition(each) for each in only),
        columns=tuple(each.strip() for each in columns.split(",")) if columns else (),
        archived=archived,
        raw=raw,
        delimiter="\t" if delimiter == "tab" else delimiter,
    )
    with settings.application(translated=True) as app:
        parcel = _made(app, order)
        asked = shlex.join((*what, *_limits(workbook, only, columns, archived=archived)))
        noted = note_export(app, parcel, asked or "all", str(out), getpass.getuser())
    hand_out(settings, parcel, noted, out, as_json=as_json)


def hand_out(
    settings: Settings, parcel: Parcel, noted: Exported, out: Path, *, as_json: bool
) -> None:
    """Writes the file of what was noted as handed out, and tells of it."""
    write_file(out, parcel.content)
    if as_json:
        settings.out.json({"exported": exported_json(noted)})
        return
    count = sum(parcel.records.values())
    text = settings.messages.plural(
        N_("{n} record is in {file}."), N_("{n} records are in {file}."), count, file=out
    )
    settings.out.line(text, mark=("✓", "green"))


def _made(app: Application, order: Order) -> Parcel:
    if order.tables == (FOLLOWUPS,) and order.format is Format.CALENDAR:
        return export_calendar(app, "")
    return export(app, order)


def _kind(out: Path) -> Format:
    found = _SUFFIXES.get(out.suffix.lower())
    if found is None:
        raise Usage(
            N_("“{file}”: its ending does not say what kind of file it is to be."),
            N_("Give it one of these endings, or say --format: {endings}"),
            file=out,
            endings=" ".join(sorted(_SUFFIXES)),
        )
    return found


def _condition(typed: str) -> tuple[str, str]:
    name, sign, value = typed.partition("=")
    if not sign or not name.strip():
        raise Usage(
            N_("--only: “{typed}” is no condition."),
            N_('Write the column, = and the value: --only "City=Perm"'),
            typed=typed,
        )
    return name.strip(), value.strip()


def _limits(
    workbook: str | None, only: tuple[str, ...], columns: str | None, *, archived: bool
) -> tuple[str, ...]:
    """The limits of an export as they were typed, for its note."""
    return (
        *(("--workbook", workbook) if workbook else ()),
        *(part for each in only for part in ("--only", each)),
        *(("--columns", columns) if columns else ()),
        *(("--archived",) if archived else ()),
    )
