"""`crm-sync template`: the looks of workbooks: given, checked, mended."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import click

from crm_sync.cli.failure_json import error_json
from crm_sync.cli.settings import Settings, common, json_option
from crm_sync.cli.sync import known_workbooks
from crm_sync.cli.usage import Group
from crm_sync.core.drift import Drift, Lack
from crm_sync.core.values import N_
from crm_sync.errors import UserError
from crm_sync.services.template import Checkup, Repaired
from crm_sync.services.template import apply as apply_template
from crm_sync.services.template import check as check_workbook
from crm_sync.services.template import repair as repair_workbook
from crm_sync.wiring import StoreUse

DRIFTED: Final = 3

_WORDS: Final = {
    Lack.LOCALE: N_("the workbook's locale is {found}; it should be {wanted}."),
    Lack.TAB: N_("the tab is missing."),
    Lack.COLUMN: N_("the column “{heading}” is missing."),
    Lack.DOUBLED: N_("columns {cells}: the heading “{heading}” stands twice, none is read."),
    Lack.HEADING: N_("{cells}: the heading “{heading}” is called “{found}”."),
    Lack.FROZEN: N_("the heading row does not stay in sight."),
    Lack.NOTE: N_("{cells}: the heading “{heading}” has lost its help note."),
    Lack.FORMAT: N_("{cells}: “{heading}” is formatted as {found}; the format should be {wanted}."),
    Lack.LIST: N_("{cells}: “{heading}” has no drop-down, or an old one."),
    Lack.CHECKBOX: N_("{cells}: “{heading}” has no checkboxes."),
    Lack.PROTECTION: N_("columns {cells}: the protection is not as it should be."),
    Lack.HIGHLIGHT: N_("“{heading}”: the colour for “{wanted}” is missing, or was changed."),
    Lack.LISTS: N_("the lists that drop-downs offer are missing, or were changed."),
}


@click.group(cls=Group)
def template() -> None:
    """Templates: give workbooks their looks, and see what they have lost of them.

    \b
    Example:  crm-sync template check
    """


@template.command("apply")
@click.argument("workbooks", nargs=-1, metavar="[WORKBOOK]...")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do none of it.")
@json_option
@common
def apply_(settings: Settings, workbooks: tuple[str, ...], dry_run: bool, as_json: bool) -> int:
    """Make each WORKBOOK (all of them by default), or fit out one that exists.

    It gets the tabs, drop-downs, formats, protection and colours of its template. What staff
    typed, their own columns, colours and filters stay as they are.

    \b
    Example:  crm-sync template apply office
    """
    use = StoreUse.TRIAL if dry_run else StoreUse.MAKE
    stopped: list[str] = []
    with settings.application(use) as app:

        def one(name: str) -> Repaired:
            run, repaired = apply_template(app, name, dry_run=dry_run)
            stopped.extend(tab.title for tab in run.tabs if tab.stop is not None)
            return repaired

        names = known_workbooks(app, workbooks)
        code = _repairs(settings, names, one, dry_run=dry_run, as_json=as_json)
    if stopped and not as_json:
        text = N_("Left alone: {tabs}. crm-sync sync says why.")
        told = settings.messages.text(text, tabs=", ".join(stopped))
        settings.out.line(settings.typed(told), mark=("!", "yellow"))
    return code or (DRIFTED if stopped else 0)


@template.command()
@click.argument("workbooks", nargs=-1, metavar="[WORKBOOK]...")
@json_option
@common
def check(settings: Settings, workbooks: tuple[str, ...], as_json: bool) -> int:
    """Say what each WORKBOOK (all of them by default) lacks of its template.

    Nothing is written. The exit code is 0 if nothing is lacking, else 3: for a monitor.

    \b
    Example:  crm-sync template check --json
    """
    told: list[dict[str, object]] = []
    codes: list[int] = []
    with settings.application() as app:
        for name in known_workbooks(app, workbooks):
            try:
                found = check_workbook(app, name)
            except UserError as error:
                codes.append(error.exit_code)
                _show_error(settings, name, error, told)
                continue
            codes.append(0 if found.clean else DRIFTED)
            drift = [_json(settings, item) for item in found.drift]
            told.append(_told(name, made=found.made, drift=drift))
            if not as_json:
                _print_checkup(settings, found)
    if as_json:
        settings.out.json({"workbooks": told})
    return next((code for code in codes if code), 0)


@template.command()
@click.argument("workbooks", nargs=-1, metavar="[WORKBOOK]...")
@click.option("--dry-run", is_flag=True, help="Say what would be mended, and mend none of it.")
@json_option
@common
def repair(settings: Settings, workbooks: tuple[str, ...], dry_run: bool, as_json: bool) -> int:
    """Give each WORKBOOK (all of them by default) what it lacks of its template.

    What staff typed, their own columns, colours, filters and order stay as they are. A tab or a
    column that is gone comes back, filled from the store.

    \b
    Example:  crm-sync template repair --dry-run
    """
    with settings.application() as app:
        names = known_workbooks(app, workbooks)
        return _repairs(
            settings,
            names,
            lambda name: repair_workbook(app, name, dry_run=dry_run),
            dry_run=dry_run,
            as_json=as_json,
        )


def _repairs(
    settings: Settings,
    names: Sequence[str],
    one: Callable[[str], Repaired],
    *,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Carries out and prints a repair of each workbook; the exit code of all."""
    told: list[dict[str, object]] = []
    codes: list[int] = []
    say = settings.messages.text
    for name in names:
        try:
            with settings.err.working(say(N_("Looking at {workbook} …"), workbook=name)):
                found = one(name)
        except UserError as error:
            codes.append(error.exit_code)
            _show_error(settings, name, error, told)
            continue
        codes.append(DRIFTED if found.left else 0)
        mended = [_json(settings, item) for item in found.mended]
        left = [_json(settings, item) for item in found.left]
        if dry_run:
            told.append(_told(name, drift=[*mended, *left]))
        else:
            told.append(_told(name, drift=left, mended=mended))
        if not as_json:
            _print_repair(settings, found, dry_run=dry_run)
    if as_json:
        settings.out.json({"workbooks": told})
    return next((code for code in codes if code), 0)


def _print_checkup(settings: Settings, found: Checkup) -> None:
    say, out = settings.messages.text, settings.out
    if not found.made:
        text = say(N_("{workbook}: not made yet."), workbook=found.workbook)
        out.line(text, mark=("!", "yellow"))
        out.line(settings.typed(say(N_("Make it: crm-sync template apply"))), mark=("→", "bold"))
        return
    if found.clean:
        out.line(say(N_("{workbook}: as its template has it."), workbook=found.workbook))
        return
    head = settings.messages.plural(
        "{workbook}: {n} thing is not as the template has it:",
        "{workbook}: {n} things are not as the template has them:",
        len(found.drift),
        workbook=found.workbook,
    )
    out.line(head)
    _print_lines(settings, found.drift, "yellow")
    hint = say(N_("Mend it: crm-sync template repair --dry-run, then without --dry-run."))
    out.line(settings.typed(hint), mark=("→", "bold"))


def _print_repair(settings: Settings, found: Repaired, *, dry_run: bool) -> None:
    say, out = settings.messages.text, settings.out
    if not found.mended and not found.left:
        out.line(say(N_("{workbook}: as its template has it."), workbook=found.workbook))
        return
    if found.mended:
        text = N_("{workbook}: would be mended:") if dry_run else N_("{workbook}: mended:")
        out.line(say(text, workbook=found.workbook))
        _print_lines(settings, found.mended, "green")
    if found.left:
        out.line(say(N_("{workbook}: left for you to mend:"), workbook=found.workbook))
        _print_lines(settings, found.left, "yellow")


def _print_lines(settings: Settings, drift: Sequence[Drift], style: str) -> None:
    for item in drift:
        settings.out.line(_line(settings, item), mark=("•", style))


def _line(settings: Settings, item: Drift) -> str:
    text = _text(settings, item)
    return f"{item.tab}: {text}" if item.tab and item.lack is not Lack.HEADINGS else text


def _text(settings: Settings, item: Drift) -> str:
    if item.stop is not None:
        say, stop = settings.messages.text, item.stop
        return f"{say(stop.message, **stop.params)} {say(stop.hint, **stop.params)}"
    return settings.messages.text(
        _WORDS[item.lack],
        heading=item.heading,
        cells=_short(item.cells),
        found=item.found,
        wanted=item.wanted,
    )


def _short(cells: str) -> str:
    """Some of many places: a column may be spoilt here and there."""
    places = cells.split(", ")
    return cells if len(places) <= 4 else ", ".join([*places[:3], "…"])


def _told(
    name: str,
    *,
    made: bool = True,
    drift: Sequence[dict[str, object]] = (),
    mended: Sequence[dict[str, object]] = (),
    error: Mapping[str, object] | None = None,
) -> dict[str, object]:
    return {
        "workbook": name,
        "made": made,
        "drift": list(drift),
        "mended": list(mended),
        "error": error,
    }


def _json(settings: Settings, item: Drift) -> dict[str, object]:
    return {
        "lack": item.lack.value,
        "table": item.table,
        "tab": item.tab,
        "field": item.field,
        "heading": item.heading,
        "cells": item.cells,
        "found": item.found,
        "wanted": item.wanted,
        "message": _text(settings, item),
    }


def _show_error(
    settings: Settings, name: str, error: UserError, told: list[dict[str, object]]
) -> None:
    told.append(_told(name, error=error_json(error.code, *settings.told(error))))
    settings.show_error(error, name)
