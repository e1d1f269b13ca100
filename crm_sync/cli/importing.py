"""`crm-sync import`: records out of a file, seen before they are taken."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any, Final

import click

from crm_sync.cli.adopt_said import said_beforehand
from crm_sync.cli.entering import NearTeller, as_option, author
from crm_sync.cli.files import write_file
from crm_sync.cli.screen import cell, listing
from crm_sync.cli.settings import Settings, common, json_option
from crm_sync.cli.usage import OneOf, Usage
from crm_sync.core.adoption import ColumnFate
from crm_sync.core.adoption import Fate as ColumnsFate
from crm_sync.core.findings import Problem
from crm_sync.core.grid import TabRead
from crm_sync.core.likeness import How
from crm_sync.core.values import N_, cell_text, is_blank
from crm_sync.exports.texts import csv_for_people
from crm_sync.model import TABLES
from crm_sync.services.application import Application
from crm_sync.services.around import look_around
from crm_sync.services.import_json import import_json
from crm_sync.services.importing import (
    Excess,
    Fate,
    ImportPlan,
    Row,
    Wanted,
    carry_in,
    plan_import,
    refused_rows,
)
from crm_sync.templates import load_synonyms
from crm_sync.wiring.imports import tables_of

WAITS: Final = 3
_SAMPLES: Final = 10
_LONGEST: Final = 40
_FATES: Final = {
    Fate.NEW: (N_("new"), "green"),
    Fate.CHANGED: (N_("change"), "yellow"),
    Fate.REFUSED: (N_("refused"), "red"),
}
_COLUMNS: Final = {
    ColumnsFate.TAKEN: N_("“{heading}”"),
    ColumnsFate.UNSURE: N_("left out; it may be “{heading}”"),
    ColumnsFate.SECOND: N_("left out; “{heading}” is taken from another column"),
    ColumnsFate.JOINED: N_("part of “{heading}”"),
    ColumnsFate.OWN: N_("left out"),
}
_HOWS: Final = {
    How.TOLD: N_("you said so"),
    How.HEADING: N_("its heading"),
    How.SYNONYM: N_("a word for it"),
    How.LIKENESS: N_("a heading much like it"),
    How.VALUES: N_("what stands in it"),
}
_DELIMITERS = {"tab": "\t"}


@click.command("import", short_help="Take records in from a CSV or XLSX file.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--apply", "apply_", is_flag=True, help="Take them in; without it nothing is done.")
@click.option("--dry-run", is_flag=True, help="Only say what would be done, as without --apply.")
@click.option("--table", help="What the file holds: clients, contacts, agreements...")
@click.option(
    "--map",
    "mapped",
    multiple=True,
    metavar="HEADING=FIELD",
    help='What a column holds: "Tel.=phone". With nothing after the = it is left out.',
)
@click.option("--key", metavar="FIELD", help="The field by which records are known again.")
@click.option("--sheet", metavar="NAME", help="The sheet of a workbook.")
@click.option("--encoding", metavar="NAME", help="Of a CSV file, if it is not found out right.")
@click.option(
    "--delimiter", type=OneOf([",", ";", "tab", "|"]), help="Of a CSV file, if not found out right."
)
@click.option(
    "--errors",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Write the refused rows there, with what is wrong, to be corrected and imported.",
)
@click.option(
    "--allow", multiple=True, metavar="TABLE:FIELD:COUNT", help="Let a large change pass, once."
)
@as_option
@json_option
@common
def import_(
    settings: Settings,
    file: Path,
    apply_: bool,
    dry_run: bool,
    errors: Path | None,
    by: str | None,
    as_json: bool,
    **how: Any,
) -> int:
    """Take the records of FILE (CSV or XLSX) into the store. At first it only shows what would be
    done: which column is which field, which rows are new, which change a record, which are refused
    and why. With --apply it is done, in one piece, after a backup.

    A row with an id, or with the phone, e-mail or tax id of a record, is that record; a blank cell
    changes nothing. To import a file twice changes nothing the second time. Exit code 3: rows were
    refused, or more would be changed than --allow permits.

    \b
    Examples: crm-sync import base.xlsx
              crm-sync import base.csv --map "Tel.=phone" --errors wrong.csv --apply
    """
    if apply_ and dry_run:
        raise Usage(
            N_("--apply and --dry-run exclude each other."),
            N_("Leave one of them out."),
        )
    read = _read(file, how)
    working = settings.err.working(settings.messages.text(N_("Reading {file}…"), file=file.name))
    with settings.application() as app, app.store.lease() if apply_ else nullcontext():
        with working:
            plan = plan_import(app, read, load_synonyms(TABLES), _wanted(app, how))
            is_done = apply_ and not plan.excess and _has_work(plan)
            run = carry_in(app, plan, file.name, author(by)) if is_done else None
        refused = list(refused_rows(plan))
        teller = NearTeller(settings.spoken(app), settings.messages, look_around(app))
        if errors is not None and refused:
            write_file(errors, _errors(settings, teller, plan))
        if as_json:
            settings.out.json({"imported": import_json(settings.spoken(app), plan, run)})
        else:
            _show(settings, teller, plan)
            _show_end(settings, app, plan, run, file, errors if refused else None)
    return WAITS if plan.excess or refused else 0


def _wanted(app: Application, how: Mapping[str, Any]) -> Wanted:
    asked = said_beforehand([tab.table for tab in app.tabs], how["mapped"], None, ())
    allowed = frozenset(how["allow"])
    return Wanted(how["table"] or "", asked.columns, how["key"] or "", allowed)


def _read(file: Path, how: Mapping[str, Any]) -> Sequence[TabRead]:
    delimiter = how["delimiter"] or ""
    return tables_of(
        file,
        sheet=how["sheet"] or "",
        encoding=how["encoding"] or "",
        delimiter=_DELIMITERS.get(delimiter, delimiter),
    )


def _has_work(plan: ImportPlan) -> bool:
    return bool(plan.count(Fate.NEW) + plan.count(Fate.CHANGED))


def _show(settings: Settings, teller: NearTeller, plan: ImportPlan) -> None:
    say, out = settings.messages.text, settings.out
    text = N_("“{name}” holds records of the tab “{tab}”; its headings stand in row {row}.")
    found = plan.found
    out.line(say(text, name=found.read.title, tab=plan.tab.title, row=found.header_row + 1))
    columns = listing(
        say(N_("Column")), say(N_("Heading")), say(N_("Taken as")), say(N_("Because of"))
    )
    for item in found.columns:
        how = say(_HOWS[item.how]) if item.how and item.field else ""
        texts = (item.letter, item.heading, _fate(settings, plan, item), how)
        columns.add(*(cell(text) for text in texts))
    out.table(columns)
    rows = [row for row in plan.rows if row.fate is not Fate.SAME]
    if rows:
        out.gap()
        _show_rows(settings, teller, plan, rows)


def _fate(settings: Settings, plan: ImportPlan, item: ColumnFate) -> str:
    heading = plan.tab.by_field[item.field].heading if item.field else ""
    return settings.messages.text(_COLUMNS[item.fate], heading=heading)


def _show_rows(settings: Settings, teller: NearTeller, plan: ImportPlan, rows: list[Row]) -> None:
    say = settings.messages.text
    lines = listing(
        say(N_("Row")), say(N_("What becomes of it")), say(N_("Record")), say(N_("How"))
    )
    lines.align_right(0)
    lines.keep_whole(1)
    most = _SAMPLES if settings.out.is_terminal else len(rows)
    # What somebody has to look at comes first.
    for row in sorted(rows, key=lambda row: row.fate is not Fate.REFUSED)[:most]:
        text, style = _FATES[row.fate]
        how = "; ".join(_how(settings, teller, plan, row))
        lines.add(cell(str(row.number)), cell(say(text), style), cell(_name(plan, row)), cell(how))
    settings.out.table(lines)
    if len(rows) > most:
        left = settings.messages.integer(len(rows) - most)
        settings.out.line(say(N_("… and {count} more rows."), count=left), "dim")


def _name(plan: ImportPlan, row: Row) -> str:
    label = plan.tab.table.label
    if row.record is not None:
        return f"{row.record.values.get(label) or ''} ({row.record.id})".strip()
    column = plan.found.taken.get(label)
    typed = plan.found.read.cell(row.number - 1, column) if column is not None else None
    return cell_text(row.values.get(label) or typed)


def _how(settings: Settings, teller: NearTeller, plan: ImportPlan, row: Row) -> Iterator[str]:
    table = plan.tab.table.name
    if row.fate is Fate.REFUSED:
        yield from (_fault(settings, teller, plan, item) for item in row.problems)
        return
    for name, value in row.values.items():
        if value is None:
            continue
        new = _short(teller.value(table, name, value))
        heading = teller.reader.heading(table, name)
        if row.record is None:
            if name != plan.tab.table.label and name in plan.found.taken:
                yield f"{heading}: {new}"
        else:
            was = _short(teller.value(table, name, row.record.values.get(name)))
            yield f"{heading}: {was} → {new}"


def _fault(settings: Settings, teller: NearTeller, plan: ImportPlan, problem: Problem) -> str:
    """What is wrong with a cell, why, and what would do."""
    what = teller.reader.sentence(problem.message, problem.params)
    remedy = teller.reader.sentence(problem.remedy, problem.params)
    if problem.typed and problem.typed not in what:
        what = settings.messages.text(N_("“{typed}”: {what}"), typed=problem.typed, what=what)
    heading = teller.reader.heading(plan.tab.table.name, problem.field) if problem.field else ""
    return f"{heading}: {what} {remedy}".strip(": ")


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


def _errors(settings: Settings, teller: NearTeller, plan: ImportPlan) -> bytes:
    """The refused rows under their own headings, and what is wrong with each."""
    say = settings.messages.text
    head = plan.found.read.rows[plan.found.header_row]
    width = plan.found.read.column_count
    headings = [cell_text(each) for each in head] + [""] * (width - len(head))
    rows = []
    for row, cells in refused_rows(plan):
        faults = "; ".join(_how(settings, teller, plan, row))
        rows.append([*_as_read(plan, row), *[""] * (width - len(cells)), str(row.number), faults])
    return csv_for_people([*headings, say(N_("Row")), say(N_("What is wrong"))], rows, ",")


def _as_read(plan: ImportPlan, row: Row) -> Iterator[str]:
    """The cells of a row as texts that can be imported again: dates as such, not as numbers."""
    by_column = {column: name for name, column in plan.found.taken.items()}
    codecs = plan.world.codecs(plan.tab)
    for column, found in enumerate(plan.found.read.rows[row.number - 1]):
        name = by_column.get(column)
        if name is not None and isinstance(found, int | float) and not is_blank(found):
            value = codecs[name].parse(found)
            yield cell_text(value) if isinstance(value, str | int) else cell_text(found)
        else:
            yield cell_text(found)


def _show_end(
    settings: Settings,
    app: Application,
    plan: ImportPlan,
    run: int | None,
    file: Path,
    errors: Path | None,
) -> None:
    say, out, integer = settings.messages.text, settings.out, settings.messages.integer
    counts = {fate.value: integer(plan.count(fate)) for fate in Fate}
    text = N_("{new} new, {changed} to be changed, {same} there already, {refused} refused.")
    out.line(say(text, **counts), "bold")
    if errors is not None:
        out.line(say(N_("The refused rows stand in {file}."), file=errors))
    for each in plan.excess:
        out.line(_excess(settings, plan, each), "red", mark=("!", "red"))
    if run is not None:
        out.line(say(N_("It is in the store, as run {run}."), run=run), mark=("✓", "green"))
        hint = say(N_("To take it back: crm-sync undo {number}"), number=run)
    elif plan.excess:
        allow = " ".join(f"--allow {each.allow}" for each in plan.excess)
        hint = say(N_("If that is meant, add to the command: {allow}"), allow=allow)
    elif _has_work(plan):
        hint = say(N_("To do it, type the command again with --apply."))
    else:
        hint = say(N_("There is nothing to take in."))
    out.line(settings.typed(hint), mark=("→", "bold"), keep=True)


def _excess(settings: Settings, plan: ImportPlan, each: Excess) -> str:
    return settings.messages.text(
        N_("“{heading}” would change in {count} of {known} records."),
        heading=plan.tab.by_field[each.field].heading,
        count=settings.messages.integer(each.count),
        known=settings.messages.integer(each.known),
    )
