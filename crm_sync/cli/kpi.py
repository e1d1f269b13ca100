"""`crm-sync kpi`: settling the bonuses of a month."""

from __future__ import annotations

import click

from crm_sync.cli.screen import cell, listing
from crm_sync.cli.settings import Settings, common, json_option
from crm_sync.cli.usage import Group
from crm_sync.core.values import N_
from crm_sync.reports.data import exact
from crm_sync.services.freeze import freeze, month_of


@click.group(cls=Group, short_help="Settle the bonuses of a month.")
def kpi() -> None:
    """Settle the bonuses of a month. The figures themselves: crm-sync report kpi.

    \b
    Example:  crm-sync kpi freeze 2026-03
    """


@kpi.command(name="freeze", short_help="Write down what is paid for a month.")
@click.argument("month", metavar="MONTH")
@click.option("--dry-run", is_flag=True, help="Show what would be settled, and do nothing.")
@json_option
@common
def freeze_(settings: Settings, month: str, dry_run: bool, as_json: bool) -> None:
    """Write down the bonuses of MONTH as paid. From then on its line in the KPI report stays, and
    what changes later (a refund, a corrected plan) is corrected in the month after.

    \b
    Example:  crm-sync kpi freeze 2026-03
    """
    wanted = month_of(month)
    with settings.application(translated=True) as app:
        done = freeze(app, wanted, dry_run=dry_run)
        if as_json:
            rows = [
                {
                    "employee": each.subject.id,
                    "name": each.name,
                    "kpi": exact(each.kpi),
                    "bonus": exact(each.bonus),
                    "correction": exact(each.correction),
                    "payable": exact(each.payable),
                }
                for each in done.lines
            ]
            settings.out.json({"month": month, "settled": done.done, "bonuses": rows})
            return
        words = settings.messages
        names = (N_("Employee"), N_("Bonus"), N_("Corrections"), N_("To be paid"))
        lines = listing(*(words.text(name) for name in names))
        for each in done.lines:
            sums = (each.bonus or 0, each.correction, each.payable or 0)
            lines.add(cell(each.name), *(cell(words.money(f"{value:.2f}")) for value in sums))
        settings.out.table(lines)
        told = N_("Settled: {month}.") if done.done else N_("Nothing was written: {month}.")
        settings.out.line(words.text(told, month=month))
