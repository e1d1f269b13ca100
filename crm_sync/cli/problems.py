"""`crm-sync problems`: cells that could not be taken as they stand."""

from __future__ import annotations

import click

from crm_sync.cli.findings import Teller
from crm_sync.cli.settings import Settings, common, json_option
from crm_sync.cli.usage import Group
from crm_sync.core.findings import Severity
from crm_sync.core.values import N_
from crm_sync.services.report_json import problem_json

_STYLES = {Severity.REJECT: "red", Severity.WARN: "yellow", Severity.DRAFT: "cyan"}


@click.group(cls=Group)
def problems() -> None:
    """Problems: cells that could not be taken as they stand.

    \b
    Example:  crm-sync problems list
    """


@problems.command("list")
@json_option
@common
def list_(settings: Settings, as_json: bool) -> None:
    """Show the open problems: which cell, what is wrong, what would be right.

    They close by themselves when the cell is mended and synced.

    \b
    Example:  crm-sync problems list --json
    """
    with settings.application() as app:
        spoken = settings.spoken(app)
        found = [item for item in app.store.findings.problems() if not item.accepted]
        if as_json:
            settings.out.json({"problems": [problem_json(spoken, item) for item in found]})
            return
        if not found:
            settings.out.line(settings.messages.text(N_("No problems.")))
            return
        teller = Teller(spoken, settings.messages)
        several = len(app.bound) > 1
        for item in found:
            text = teller.problem(item.problem)
            line = f"[{item.workbook}] {text}" if several else text
            settings.out.line(line, mark=("•", _STYLES[item.problem.severity]))
