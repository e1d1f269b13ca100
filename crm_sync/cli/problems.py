"""`crm-sync problems`: cells that could not be taken as they stand."""

from __future__ import annotations

import json

import click
from rich.markup import escape

from crm_sync.cli.findings import problem_line
from crm_sync.cli.settings import Settings, common, json_option
from crm_sync.core.values import N_
from crm_sync.services.report_json import problem_json


@click.group()
def problems() -> None:
    """Problems: cells that could not be taken as they stand.

    \b
    Example:  crm-sync problems list
    """


@problems.command("list")
@json_option
@common
def list_(settings: Settings, as_json: bool) -> None:
    """Show the open problems.

    \b
    Example:  crm-sync problems list --json
    """
    with settings.application() as app:
        found = app.store.findings.problems()
        if as_json:
            listed = [problem_json(app, item) for item in found]
            click.echo(json.dumps({"problems": listed}, ensure_ascii=False, indent=2))
        elif not found:
            settings.out.print(escape(settings.messages.text(N_("No problems."))))
        for item in () if as_json else found:
            settings.out.print(escape(problem_line(app, settings.messages, item)))
