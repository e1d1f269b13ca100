"""`crm-sync adopt`: take over a spreadsheet that staff have already."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import click
from rich.text import Text

from crm_sync.cli.adopt_said import said_beforehand
from crm_sync.cli.findings import Teller
from crm_sync.cli.listing import Listing
from crm_sync.cli.settings import Settings, common, json_option
from crm_sync.core.adoption import ColumnFate, Fate, Fit
from crm_sync.core.findings import Severity
from crm_sync.core.grid import cell_name
from crm_sync.core.headings import heading_key
from crm_sync.core.likeness import How
from crm_sync.core.values import N_, cell_text
from crm_sync.errors import NotFound
from crm_sync.model import TABLES
from crm_sync.services.adopt import Adoption, Rehearsal, look_over, rehearse, take_over
from crm_sync.services.application import Application
from crm_sync.templates import load_synonyms
from crm_sync.wiring import StoreUse

WAITS: Final = 3
_SAMPLES: Final = 5
_ID: Final = re.compile(r"/d/([\w-]{20,})|^([\w-]{20,})$")

_FATES: Final = {
    Fate.TAKEN: N_("taken as “{heading}”"),
    Fate.UNSURE: N_("stays yours; it may be “{heading}”"),
    Fate.SECOND: N_("stays yours; “{heading}” is taken from another column"),
    Fate.JOINED: N_("stays yours; part of “{heading}”"),
    Fate.OWN: N_("stays yours"),
}
_HOWS: Final = {
    How.TOLD: N_("you said so"),
    How.HEADING: N_("its heading"),
    How.SYNONYM: N_("a word for it"),
    How.LIKENESS: N_("a heading much like it"),
    How.VALUES: N_("what stands in it"),
}


@click.command(short_help="Take over a spreadsheet that staff have already.")
@click.argument("target", metavar="WORKBOOK|ID|ADDRESS")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do none of it.")
@click.option(
    "--map",
    "mapped",
    multiple=True,
    metavar="HEADING=FIELD",
    help='What a column holds: "Tel.=phone". With nothing after the = it stays as it is.',
)
@click.option(
    "--map-file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A file with one HEADING=FIELD on each line.",
)
@click.option(
    "--tab",
    "tabs",
    multiple=True,
    metavar="SHEET=TABLE",
    help="Which table a sheet is: “Base=clients”. With nothing after the = it is left alone.",
)
@click.option("--yes", is_flag=True, help="Ask nothing, go ahead.")
@json_option
@common
def adopt(
    settings: Settings,
    target: str,
    dry_run: bool,
    mapped: tuple[str, ...],
    map_file: Path | None,
    tabs: tuple[str, ...],
    yes: bool,
    as_json: bool,
) -> int:
    """Take over a spreadsheet that staff have already: by its name in config.toml, or for a local
    workbook by its id or address.

    Its sheets and columns are told by their headings and by what stands in them; what is not sure
    is asked. Rows stay as they are and get an id in a new column. Columns that crm-sync does not
    know stay as they are. See first what would come of it:

    \b
    Example:  crm-sync adopt office --dry-run --map "Tel.=phone"
    """
    with settings.application(StoreUse.MAKE) as app:
        asked = said_beforehand([tab.table for tab in app.tabs], mapped, map_file, tabs)
        name, spreadsheet_id = _named(app, target)
        synonyms = load_synonyms(TABLES)
        found = look_over(app, name, spreadsheet_id, synonyms, asked)
        talks = sys.stdin.isatty() and not (yes or dry_run or as_json)
        if talks and (said := dict(_questions(settings, app, found))):
            asked = replace(asked, columns={**asked.columns, **said})
            found = look_over(app, name, spreadsheet_id, synonyms, asked)
        tried = rehearse(app, found)
        if not as_json:
            _show(settings, app, found, tried)
        go = yes or (talks and click.confirm(settings.messages.text(N_("Take it over?"))))
        if not dry_run and go:
            result = take_over(app, found)
            if not as_json:
                text = N_("Taken over. From now on crm-sync sync keeps it in step.")
                settings.out.line(settings.typed(settings.messages.text(text)), mark=("✓", "green"))
            code = WAITS if result.stops else 0
        else:
            code = 0 if dry_run else WAITS
            if not as_json:
                text = N_("Nothing was changed. To take it over, add --yes.")
                settings.out.line(settings.messages.text(text), mark=("→", "bold"))
        if as_json:
            settings.out.json(_json(settings, app, found, tried, done=not dry_run and go))
    return code


def _named(app: Application, target: str) -> tuple[str, str]:
    """The workbook's name in the configuration, and the spreadsheet's id if it was given."""
    if target in app.bound:
        return target, ""
    found = _ID.search(target)
    identity = (found[1] or found[2]) if found else ""
    for name, bound in app.bound.items():
        if identity and bound.spreadsheet_id == identity:
            return name, ""
    free = [
        name
        for name, bound in app.bound.items()
        if not bound.spreadsheet_id and app.store.bases.binding(name) is None
    ]
    if identity and len(free) == 1:
        return free[0], identity
    raise NotFound(
        N_("The configuration has no workbook “{target}”."),
        N_(
            "Add it to config.toml, as its comments show: a section [[workbooks]] with a name, "
            'kind = "google" and id = "{target}". Then: crm-sync adopt NAME --dry-run'
        ),
        target=target,
    )


def _questions(settings: Settings, app: Application, found: Adoption) -> Iterator[tuple[str, str]]:
    """What somebody answers to each column that is not sure, as heading key and field."""
    say = settings.messages.text
    for item in found.fits:
        for column in item.columns:
            if column.fate is not Fate.UNSURE or not column.heading:
                continue
            text = N_("“{sheet}”, column {letter} “{heading}”: is that “{field}”?")
            question = say(
                text,
                sheet=item.read.title,
                letter=column.letter,
                heading=column.heading,
                field=_heading(app, item, column.field),
            )
            if click.confirm(question, err=True):
                yield heading_key(column.heading), column.field


def _show(
    settings: Settings, app: Application, found: Adoption, tried: Sequence[Rehearsal]
) -> None:
    for item, rehearsal in zip(found.fits, tried, strict=True):
        _show_fit(settings, app, item)
        _show_rehearsal(settings, app, item, rehearsal)
    say = settings.messages.text
    for left in found.left:
        text = N_("The sheet “{sheet}” is left alone.")
        if left.rival:
            text = N_("The sheet “{sheet}” is left alone: “{rival}” is the tab “{tab}” already.")
        tab = app.tab(left.table).title if left.table else ""
        settings.out.line(say(text, sheet=left.title, rival=left.rival, tab=tab))


def _show_fit(settings: Settings, app: Application, item: Fit) -> None:
    say, out = settings.messages.text, settings.out
    out.line(
        say(
            N_("The sheet “{sheet}” becomes the tab “{tab}”; its headings stand in row {row}."),
            sheet=item.read.title,
            tab=app.tab(item.table).title,
            row=item.header_row + 1,
        )
    )
    headings = (N_("Column"), N_("Heading"), N_("What becomes of it"), N_("Because of"))
    listing = Listing(*(Text(say(text)) for text in headings))
    for column in item.columns:
        listing.add(
            Text(column.letter),
            Text(column.heading),
            Text(_fate_text(settings, app, item, column)),
            Text(say(_HOWS[column.how]) if column.how and column.field else ""),
        )
    out.table(listing)
    added = ", ".join(_heading(app, item, name) for name in item.added)
    if added:
        text = N_("Added at the right end: {headings}.")
        out.line(say(text, headings=added))
    if item.joined:
        text = N_("“{heading}” is put together by a formula from: {parts}.")
        parts = ", ".join(column.heading for column in item.columns if column.fate is Fate.JOINED)
        out.line(say(text, heading=_heading(app, item, "full_name"), parts=parts))
    if any(column.fate is Fate.SECOND for column in item.columns):
        text = N_(
            "To have a second phone or e-mail taken too, write it into the same cell as the first, "
            "with ; between them."
        )
        out.line(say(text), mark=("→", "bold"))


def _show_rehearsal(settings: Settings, app: Application, item: Fit, rehearsal: Rehearsal) -> None:
    say, out = settings.messages.text, settings.out
    stop = rehearsal.plan.stop
    if stop is not None:
        out.line(say(stop.message, **stop.params), mark=("!", "red"))
        return
    text = N_("Rows that come in: {records} of {rows}.")
    out.line(say(text, records=rehearsal.records, rows=item.rows))
    teller = Teller(settings.spoken(app), settings.messages)
    problems = [item for item in rehearsal.plan.problems if item.severity is not Severity.DRAFT]
    drafts = len(rehearsal.plan.problems) - len(problems)
    if drafts:
        waiting = settings.messages.plural(
            "{n} row waits: it lacks what a record needs.",
            "{n} rows wait: they lack what a record needs.",
            drafts,
        )
        out.line(waiting)
    if problems:
        unread = settings.messages.plural(
            "{n} cell cannot be read as it stands:",
            "{n} cells cannot be read as they stand:",
            len(problems),
        )
        out.line(unread)
        for problem in problems[:_SAMPLES]:
            out.line(teller.problem(problem), mark=("•", "yellow"))
        if len(problems) > _SAMPLES:
            out.line("…")
    rewritten = rehearsal.rewritten
    if rewritten:
        anew = settings.messages.plural(
            "{n} cell would be written anew:",
            "{n} cells would be written anew:",
            len(rewritten),
        )
        out.line(anew)
        for write in rewritten[:_SAMPLES]:
            place = cell_name(write.row, write.column)
            was, new = cell_text(write.before), cell_text(write.after)
            out.line(f"{place}: {was} → {new}", mark=("•", "cyan"))


def _fate_text(settings: Settings, app: Application, item: Fit, column: ColumnFate) -> str:
    heading = _heading(app, item, column.field) if column.field else ""
    return settings.messages.text(_FATES[column.fate], heading=heading)


def _heading(app: Application, item: Fit, name: str) -> str:
    return app.tab(item.table).by_field[name].heading


def _json(
    settings: Settings,
    app: Application,
    found: Adoption,
    tried: Sequence[Rehearsal],
    *,
    done: bool,
) -> dict[str, object]:
    teller = Teller(settings.spoken(app), settings.messages)
    return {
        "workbook": found.workbook,
        "adopted": done,
        "sheets": [
            {
                "title": item.read.title,
                "table": item.table,
                "header_row": item.header_row + 1,
                "rows": item.rows,
                "records": rehearsal.records,
                "added": list(item.added),
                "columns": [
                    {
                        "column": column.letter,
                        "heading": column.heading,
                        "fate": column.fate.value,
                        "field": column.field,
                        "how": column.how.value if column.how else "",
                        "filled": column.filled,
                    }
                    for column in item.columns
                ],
                "problems": [teller.problem(problem) for problem in rehearsal.plan.problems],
                "rewritten": [cell_name(write.row, write.column) for write in rehearsal.rewritten],
            }
            for item, rehearsal in zip(found.fits, tried, strict=True)
        ],
        "left": [left.title for left in found.left],
    }
