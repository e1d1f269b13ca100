"""`crm-sync report`: every report from the store alone, on the screen or as a file."""

from __future__ import annotations

from pathlib import Path

import click

from crm_sync.cli.grids import View, print_report, text_of
from crm_sync.cli.report_files import FileKind, Sheaf, write_chart, write_report
from crm_sync.cli.report_options import ReportOptions, report_options
from crm_sync.cli.settings import Settings, common, json_option
from crm_sync.cli.usage import OneOf, Usage
from crm_sync.core.values import N_
from crm_sync.messages import Messages
from crm_sync.reports import cells
from crm_sync.reports.catalogue import TITLES
from crm_sync.reports.data import report_data
from crm_sync.reports.digest import morning_text
from crm_sync.reports.names import REPORTS
from crm_sync.services.collector import collector_at_rest
from crm_sync.services.report_json import grid_json
from crm_sync.services.reporting import Desk, open_desk

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command(short_help="Show a report made from the store, or write it to a file.")
@click.argument("name", type=OneOf(REPORTS), metavar="NAME")
@report_options
@click.option("--xlsx", type=_FILE, metavar="FILE", help="Write an Excel workbook, with charts.")
@click.option("--html", type=_FILE, metavar="FILE", help="Write a web page, with charts.")
@click.option(
    "--chart", type=_FILE, metavar="FILE", help="Write its charts alone: .png, .svg or .html."
)
@click.option(
    "--digest", is_flag=True, help="Follow-ups: a short text for the morning, by employee."
)
@json_option
@common
def report(
    settings: Settings,
    name: str,
    options: ReportOptions,
    xlsx: Path | None,
    html: Path | None,
    chart: Path | None,
    digest: bool,
    as_json: bool,
) -> None:
    """Show a report made from the store. Works offline.

    NAME is followups, summary, comparison, seasonality, plans, kpi, customers or campaigns. A
    terminal shows what fits; a file or a pipe gets all columns.

    \b
    Examples:  crm-sync report followups
               crm-sync report comparison --period quarter --by owner
               crm-sync report followups --digest --employee "Anna Ivanova"
               crm-sync report summary --xlsx summary.xlsx --html summary.html
    """
    if digest:
        _check_list(name)
    with settings.application(translated=True) as app, collector_at_rest():
        desk = open_desk(app, options.wish(name, app))
        made = desk.report(name)
        words = settings.messages
        sheaf = Sheaf(
            title=words.text(TITLES[name]),
            report=made,
            text=lambda shown: text_of(shown, words),
            language=app.language,
            day=desk.found.request.today,
        )
        written = [
            *write_report(sheaf, {FileKind.XLSX: xlsx, FileKind.HTML: html}),
            *(write_chart(sheaf, chart) if chart else ()),
        ]
        if as_json:
            found = grid_json(name, made.grid)
            settings.out.json(found | {"data": report_data(name, desk.found)})
        elif digest:
            settings.out.line(_morning(desk, words))
        elif not written:
            print_report(View(settings.out, words), name, made.grid)
        for file in written:
            settings.err.line(words.text(N_("Written: {file}"), file=file), keep=True)


def _check_list(name: str) -> None:
    if name != "followups":
        raise Usage(
            N_("{option} belongs to the report {report}."), option="--digest", report="followups"
        )


def _morning(desk: Desk, words: Messages) -> str:
    def when(at: str) -> str:
        return text_of(cells.moment(at), words)

    return morning_text(desk.found.followups, desk.app.say, desk.world.show, when)
