"""`crm-sync review`: changes in a closed period, which wait for the owner's word."""

from __future__ import annotations

import click

from crm_sync.cli.conflicts import LARGEST_NUMBER
from crm_sync.cli.findings import NOTHING, Teller
from crm_sync.cli.settings import Settings, common, json_option
from crm_sync.cli.usage import Group, Whole
from crm_sync.core.findings import Side
from crm_sync.core.values import N_
from crm_sync.ports import OpenProblem
from crm_sync.services.approvals import held, judge
from crm_sync.services.report_json import problem_json


@click.group(cls=Group)
def review() -> None:
    """Changes in a closed period, which wait for the owner's word.

    \b
    Example:  crm-sync review list
    """


@review.command("list", short_help="Show the changes that wait.")
@json_option
@common
def list_(settings: Settings, as_json: bool) -> None:
    """Show the changes that wait, each with what the store holds and what the sheet says.

    \b
    Example:  crm-sync review list
    """
    with settings.application() as app:
        spoken, say = settings.spoken(app), settings.messages.text
        found = held(app)
        if as_json:
            settings.out.json({"held": [problem_json(spoken, item) for item in found]})
            return
        if not found:
            settings.out.line(say(N_("No change waits for a word.")))
            return
        teller = Teller(spoken, settings.messages)
        for item in found:
            settings.out.line(_line(settings, teller, item), mark=("•", "yellow"))
            command = settings.typed(f"crm-sync review approve {item.id}")
            settings.out.line(command, "dim", mark=("→", "dim"), indent=2, keep=True)


@review.command("approve", short_help="Let one of them through.")
@click.argument("number", type=Whole(1, LARGEST_NUMBER))
@json_option
@common
def approve(settings: Settings, number: int, as_json: bool) -> None:
    """Let change NUMBER through; the next sync brings it into the store.

    \b
    Example:  crm-sync review approve 1
    """
    _judge(settings, number, Side.SHEET, as_json)


@review.command("reject", short_help="Take one of them back.")
@click.argument("number", type=Whole(1, LARGEST_NUMBER))
@json_option
@common
def reject(settings: Settings, number: int, as_json: bool) -> None:
    """Take change NUMBER back; the next sync puts the store's value into the cell, or the row that
    was deleted back into the sheet.

    \b
    Example:  crm-sync review reject 1
    """
    _judge(settings, number, Side.STORE, as_json)


def _judge(settings: Settings, number: int, side: Side, as_json: bool) -> None:
    say = settings.messages.text
    with settings.application() as app:
        found = judge(app, number, side)
        spoken = settings.spoken(app)
        if as_json:
            verdict = "approved" if side is Side.SHEET else "rejected"
            settings.out.json({verdict: problem_json(spoken, found)})
            return
        line = _line(settings, Teller(spoken, settings.messages), found)
        template = N_("Approved: {change}") if side is Side.SHEET else N_("Rejected: {change}")
        settings.out.line(say(template, change=line), mark=("✓", "green"))
        hint = say(N_("The next run carries it out: crm-sync sync"))
        settings.out.line(settings.typed(hint), mark=("→", "bold"), keep=True)


def _line(settings: Settings, teller: Teller, item: OpenProblem) -> str:
    """A change in a line: its number and place, what the store holds and what is typed."""
    problem, say = item.problem, settings.messages.text
    reader = teller.reader
    parts = (
        item.workbook,
        reader.tab(problem.table),
        teller.record(problem.table, problem.record_id) if problem.record_id else "",
        reader.heading(problem.table, problem.field) if problem.field else "",
    )
    place = ", ".join(part for part in parts if part)
    if not problem.record_id:
        return say(
            N_("Change {number} ({place}): new row “{typed}”"),
            number=item.id,
            place=place,
            typed=problem.typed,
        )
    if not problem.field:
        return say(
            N_("Change {number} ({place}): the row was deleted"), number=item.id, place=place
        )
    return say(
        N_("Change {number} ({place}): store “{stored}”, sheet “{typed}”"),
        number=item.id,
        place=place,
        stored=teller.value(problem.table, problem.field, problem.stored),
        typed=problem.typed or NOTHING,
    )
