"""`crm-sync report`: the generated tabs, from the store alone."""

from __future__ import annotations

import json

import click

from crm_sync.cli.settings import Settings, common, json_option
from crm_sync.cli.show import TERMINAL, print_grid
from crm_sync.ports import Binding
from crm_sync.services.publish import report_grids
from crm_sync.services.report_json import grid_json
from crm_sync.services.world import load_world


@click.command()
@click.argument("name", type=click.Choice(["followups", "comparison"]))
@json_option
@common
def report(settings: Settings, name: str, as_json: bool) -> None:
    """Show a report made from the store: followups or comparison. Works offline.

    \b
    Example:  crm-sync report followups
    """
    with settings.application() as app:
        grid = report_grids(app, load_world(app, Binding("", "")))[name]
        if as_json:
            click.echo(json.dumps(grid_json(grid), ensure_ascii=False))
        else:
            print_grid(settings.out, grid, settings.messages, TERMINAL[name])
