"""`crm-sync recover`: heal what does not belong together any more."""

from __future__ import annotations

from collections.abc import Iterator

import click

from crm_sync.cli.findings import Teller
from crm_sync.cli.result import ResultPrinter
from crm_sync.cli.rounds import STOPPED
from crm_sync.cli.settings import Settings, common, json_option
from crm_sync.cli.sync import known_workbooks
from crm_sync.cli.told import next_step
from crm_sync.cli.usage import OneOf
from crm_sync.core.findings import Side
from crm_sync.core.stamp import Standing
from crm_sync.core.values import N_
from crm_sync.services.application import Application
from crm_sync.services.recovery import Recovery
from crm_sync.services.recovery import recover as recover_workbook
from crm_sync.services.report_json import recovery_json

_FOUND = {
    Standing.COPY: N_("it is a copy of another workbook"),
    Standing.OTHER_STORE: N_("another store wrote there last ({when})"),
    Standing.BOOK_OLD: N_("the workbook went back to its state of {when}"),
    Standing.STORE_OLD: N_("the store is older than the workbook, written last on {when}"),
}
_WOULD = {
    "older_cells": N_("cells that show an older value and take the store's: {count}"),
    "missing_rows": N_("rows that are added again: {count}"),
    "left_rows": N_("rows of records that have left the store: {count}"),
    "edits": N_("cells that hold something new and are taken as edits: {count}"),
}


@click.command(short_help="Heal a workbook or store that was put back, copied or moved.")
@click.argument("workbooks", nargs=-1, metavar="[WORKBOOK]...")
@click.option("--dry-run", is_flag=True, help="Say what is amiss and what would be done.")
@click.option(
    "--take",
    type=OneOf([side.value for side in Side]),
    default=Side.STORE.value,
    help="Of a workbook that went back: bring it up to date from the store (the usual), or keep "
    "the state of the sheet.",
)
@json_option
@common
def recover(
    settings: Settings, workbooks: tuple[str, ...], dry_run: bool, take: str, as_json: bool
) -> int:
    """Find out whether each WORKBOOK (all of them by default) and the store still belong together,
    and heal them: after a backup or an older version was put back, for a copied file, or when
    another store takes over.

    \b
    Example:  crm-sync recover --dry-run
    """
    with settings.application() as app:
        names = known_workbooks(app, workbooks)
        alone = bool(workbooks) or len(names) == 1
        found = [_recovered(app, name, Side(take), dry_run=dry_run, named=alone) for name in names]
        if as_json:
            settings.out.json({"workbooks": [recovery_json(app, item) for item in found]})
        else:
            for item in found:
                _print(settings, app, item, named=alone, dry_run=dry_run, take=take)
    return STOPPED if any(item.run and item.run.stops for item in found) else 0


def _recovered(app: Application, name: str, take: Side, *, dry_run: bool, named: bool) -> Recovery:
    """A workbook changes hands only if it is named."""
    if not named:
        looked = recover_workbook(app, name, take=take, dry_run=True)
        if _needs_name(looked):
            return looked
    return recover_workbook(app, name, take=take, dry_run=dry_run)


def _needs_name(found: Recovery) -> bool:
    return bool(found.moved_from) or found.standing in (Standing.COPY, Standing.OTHER_STORE)


def _print(
    settings: Settings, app: Application, found: Recovery, *, named: bool, dry_run: bool, take: str
) -> None:
    say, out = settings.messages.text, settings.out
    if found.sound:
        text = say(N_("{workbook}: workbook and store belong together."), workbook=found.workbook)
        out.line(text, mark=("✓", "green"))
        if found.unfinished:
            text = N_("The next run looks into {count} writes whose end no run has seen.")
            out.line(say(text, count=found.unfinished), indent=2)
        return
    for line in _lines(settings, found, take):
        out.line(line, mark=("•", "yellow"))
    if _needs_name(found) and not named:
        text = N_("To go ahead with it, name it: crm-sync recover {workbook}")
        next_step(settings, text, workbook=found.workbook)
    elif dry_run:
        text = N_("Nothing was changed. To go ahead: crm-sync recover {workbook}")
        if take == Side.SHEET:
            text = N_("Nothing was changed. To go ahead: crm-sync recover {workbook} --take sheet")
        next_step(settings, text, workbook=found.workbook)
    if found.run is not None:
        teller = Teller(settings.spoken(app), settings.messages)
        ResultPrinter(out, settings, teller).print(found.run)


def _lines(settings: Settings, found: Recovery, take: str) -> Iterator[str]:
    say = settings.messages.text
    if found.moved_from:
        text = N_("{workbook}: the configuration now names another file; it was {file}.")
        yield say(text, workbook=found.workbook, file=found.moved_from)
    if found.standing in _FOUND:
        reason = say(_FOUND[found.standing], when=found.when)
        yield f"{found.workbook}: {reason}."
    if found.standing is Standing.BOOK_OLD and take == Side.SHEET:
        yield say(N_("Its older state is kept: what differs counts as edited by staff."))
    for name, text in _WOULD.items():
        if found.count(name):
            yield say(text, count=settings.messages.integer(found.count(name)))
    if found.records_adopted:
        text = N_("records that the store takes in with their ids: {count}")
        yield say(text, count=settings.messages.integer(found.records_adopted))
    if found.fresh:
        yield say(N_("The file is new to the store: it is filled from there."))
