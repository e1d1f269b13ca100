"""`crm-sync report`: the generated tabs, from the store alone."""

from __future__ import annotations

import click

from crm_sync.cli.grids import View, print_report
from crm_sync.cli.settings import Settings, common, json_option
from crm_sync.cli.usage import OneOf
from crm_sync.ports import Binding
from crm_sync.services.publish import report_grids
from crm_sync.services.report_json import grid_json
from crm_sync.services.world import load_world


@click.command(short_help="Show the follow-ups or the comparison, made from the store.")
@click.argument("name", type=OneOf(["followups", "comparison"]), metavar="{followups|comparison}")
@json_option
@common
def report(settings: Settings, name: str, as_json: bool) -> None:
    """Show a report made from the store: followups or comparison. Works offline.

    A terminal shows what fits; a file or a pipe gets all columns.

    \b
    Example:  crm-sync report followups
    """
    with settings.application(translated=True) as app:
        grid = report_grids(app, load_world(app, Binding("", "")))[name]
        if as_json:
            settings.out.json(grid_json(name, grid))
        else:
            print_report(View(settings.out, settings.messages), name, grid)
