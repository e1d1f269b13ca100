"""`crm-sync conflicts`: see what both sides changed, and decide."""

from __future__ import annotations

import click
from rich.table import Table

from crm_sync.cli.findings import Teller
from crm_sync.cli.screen import cell
from crm_sync.cli.settings import Settings, common, json_option
from crm_sync.cli.usage import Group, OneOf, Usage, Whole
from crm_sync.core.findings import Clash, Side
from crm_sync.core.values import N_
from crm_sync.ports import OpenConflict
from crm_sync.services.report_json import conflict_json
from crm_sync.services.review import resolve, resolve_with

LARGEST_NUMBER = 2**63 - 1


@click.group(cls=Group)
def conflicts() -> None:
    """Conflicts: cells that both sides changed, differently.

    \b
    Example:  crm-sync conflicts resolve 1 --take sheet
    """


@conflicts.command("list", short_help="Show the open conflicts.")
@json_option
@common
def list_(settings: Settings, as_json: bool) -> None:
    """Show the open conflicts, each with what was before and what both sides say now.

    \b
    Example:  crm-sync conflicts list
    """
    say = settings.messages.text
    with settings.application() as app:
        found = app.store.findings.conflicts()
        if as_json:
            settings.out.json({"conflicts": [conflict_json(item) for item in found]})
            return
        if not found:
            settings.out.line(say(N_("No open conflicts.")))
            return
        teller = Teller(settings.spoken(app), settings.messages)
        several = len(app.bound) > 1
        for number, item in enumerate(found):
            if number:
                settings.out.gap()
            _print(settings, teller, item, several=several)


def _print(settings: Settings, teller: Teller, item: OpenConflict, *, several: bool) -> None:
    say, out = settings.messages.text, settings.out
    head = say(N_("Conflict {number}"), number=item.id)
    place = f"{head}: {teller.place(item.conflict)}"
    out.line(f"{place}  [{item.workbook}]" if several else place, "bold")
    since = teller.source(item.ours_by) if item.ours_by else ""
    when = ", ".join(part for part in (teller.time(item.ours_at), since) if part)
    sides = Table.grid(padding=(0, 2, 0, 0))
    for (name, value), style in zip(
        teller.sides(item.conflict), ("", "green", "blue"), strict=True
    ):
        remark = cell(f"({when})" if style == "green" and when else "", "dim")
        sides.add_row(cell(f"  {name}", "dim"), cell(value, style), remark)
    out.block(sides)
    takes = ["store", "sheet"] if item.conflict.clash is not Clash.FORMULA else ["sheet"]
    commands = " | ".join(f"--take {side}" for side in takes)
    command = settings.typed(f"crm-sync conflicts resolve {item.id} {commands}")
    out.line(command, "dim", mark=("→", "dim"), indent=2, keep=True)


@conflicts.command("resolve", short_help="Decide one of them.")
@click.argument("number", type=Whole(1, LARGEST_NUMBER))
@click.option("--take", type=OneOf([side.value for side in Side]), help="Whose value stays.")
@click.option("--value", help="A third value, typed as in the sheet.")
@json_option
@common
def resolve_(
    settings: Settings, number: int, take: str | None, value: str | None, as_json: bool
) -> None:
    """Decide conflict NUMBER; the next sync carries it out.

    \b
    Example:  crm-sync conflicts resolve 1 --take store
    """
    if (take is None) == (value is None):
        raise Usage(
            N_("Say either --take or --value."),
            N_("For example: crm-sync conflicts resolve {number} --take store"),
            number=number,
        )
    with settings.application() as app:
        if take is not None:
            found = resolve(app, number, Side(take))
        else:
            found = resolve_with(app, number, str(value))
        if as_json:
            settings.out.json({"resolved": {**conflict_json(found), "decision": take or "value"}})
            return
        teller = Teller(settings.spoken(app), settings.messages)
        settings.out.line(_decision(settings, teller, found, take, value), mark=("✓", "green"))
        hint = settings.messages.text(N_("The next run carries it out: crm-sync sync"))
        settings.out.line(settings.typed(hint), mark=("→", "bold"), keep=True)


def _decision(
    settings: Settings, teller: Teller, found: OpenConflict, take: str | None, value: str | None
) -> str:
    """What was decided, in a line."""
    if take is not None:
        (_, _), (_, ours), (_, theirs) = teller.sides(found.conflict)
        value = ours if take == Side.STORE else theirs
    return settings.messages.text(
        N_("Conflict {number} is decided: {place}: “{value}” stays."),
        number=found.id,
        place=teller.place(found.conflict),
        value=value,
    )
