"""`crm-sync problems`: cells that could not be taken as they stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import click

from crm_sync.cli.conflict_words import filtered, with_filter
from crm_sync.cli.failure_json import error_json
from crm_sync.cli.findings import NOTHING, Teller
from crm_sync.cli.settings import Settings, common, json_option
from crm_sync.cli.told import is_to_be_shown, next_step
from crm_sync.cli.usage import ListingGroup, OneOf, Usage, Whole
from crm_sync.core.findings import OpenProblem, Severity
from crm_sync.core.values import N_
from crm_sync.reports.decisions import LABELS, Decision, choices_for
from crm_sync.services.application import Application
from crm_sync.services.deciding import Filter, passing
from crm_sync.services.problems import Settled, find_problem, settle_problems
from crm_sync.services.report_json import problem_json

FAULTY = 1
LARGEST_NUMBER = 2**63 - 1
_STYLES = {Severity.REJECT: "red", Severity.WARN: "yellow", Severity.DRAFT: "cyan"}


@click.group(cls=ListingGroup)
def problems() -> None:
    """Problems: cells that could not be taken as they stand. Without a command they are listed.

    \b
    Examples: crm-sync problems list
              crm-sync problems resolve 3 --take store
    """


@problems.command("list", short_help="Show the open problems.")
@with_filter
@click.option("--accepted", is_flag=True, help="Those that somebody accepted as they are, too.")
@json_option
@common
def list_(
    settings: Settings,
    workbook: str | None,
    tab: str | None,
    field: str | None,
    accepted: bool,
    as_json: bool,
) -> None:
    """Show the open problems: which cell, what is wrong, what would be right.

    They close by themselves when the cell is mended and synced. The number before each is for
    problems show and problems resolve.

    \b
    Example:  crm-sync problems list --json
    """
    with settings.application() as app:
        spoken = settings.spoken(app)
        wanted = filtered(workbook, tab, field)
        found = [item for item in _passing(app, wanted) if accepted or not item.accepted]
        told = [problem_json(spoken, item) for item in found]
        nothing = N_("No open problem passes this filter.") if wanted else N_("No problems.")
        if not is_to_be_shown(settings, "problems", told, nothing, as_json=as_json):
            return
        teller = Teller(spoken, settings.messages)
        several = len(app.bound) > 1
        for item in found:
            text = f"{item.id}: {teller.problem(item.problem)}"
            line = f"[{item.workbook}] {text}" if several else text
            settings.out.line(line, mark=("•", _STYLES[item.problem.severity]))


@problems.command("show", short_help="Show one of them.")
@click.argument("number", type=Whole(1, LARGEST_NUMBER))
@json_option
@common
def show(settings: Settings, number: int, as_json: bool) -> None:
    """Show problem NUMBER: which cell, what was typed, what the store keeps, what can be done. The
    list has the numbers, and so has the tab Problems.

    \b
    Example:  crm-sync problems show 3
    """
    say, out = settings.messages.text, settings.out
    with settings.application() as app:
        found = find_problem(app, number)
        if as_json:
            out.json({"problem": problem_json(settings.spoken(app), found)})
            return
        teller = Teller(settings.spoken(app), settings.messages)
        problem = found.problem
        out.line(teller.problem(problem), "bold", mark=("•", _STYLES[problem.severity]))
        if problem.record_id:
            out.line(teller.record(problem.table, problem.record_id), indent=2)
        if problem.typed:
            out.line(f"{say(N_('In the sheet'))}: {problem.typed}", indent=2)
        if problem.record_id and problem.field:
            stands = teller.value(problem.table, problem.field, problem.stored)
            if stands != NOTHING:
                out.line(f"{say(N_('In the store'))}: {stands}", indent=2)
        seen = N_("In workbook {workbook}, since {time}; runs that saw it: {times}.")
        facts = {"workbook": found.workbook, "time": teller.time(found.first_seen)}
        out.line(say(seen, **facts, times=found.times), "dim", indent=2)
        for choice in choices_for(problem):
            command = settings.typed(f"crm-sync problems resolve {found.id} --take {choice.value}")
            label = say(LABELS[choice])
            out.line(f"{label}: {command}", "dim", mark=("→", "dim"), indent=2, keep=True)


@problems.command("resolve", short_help="Decide one, or many at once.")
@click.argument("number", type=Whole(1, LARGEST_NUMBER), required=False)
@click.option(
    "--take",
    type=OneOf([item.value for item in Decision]),
    required=True,
    help="accept it, merge duplicates, or let the store's or the sheet's value stand.",
)
@click.option("--all", "every", is_flag=True, help="All that are open, or that pass the filter.")
@with_filter
@click.option("--dry-run", is_flag=True, help="Say what would be decided, and decide nothing.")
@json_option
@common
def resolve(
    settings: Settings,
    number: int | None,
    take: str,
    every: bool,
    workbook: str | None,
    tab: str | None,
    field: str | None,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Decide problem NUMBER, or --all that may be decided so. `accept`: a warning is not told again
    while the cell stays as it is. `store`: the next sync puts the store's value into the cell.
    `sheet`: the sheet's value replaces one of the store's that will not do. `merge`: two records
    become one, the older stays.

    \b
    Examples: crm-sync problems resolve 3 --take store
              crm-sync problems resolve --all --take accept --tab Clients
    """
    wanted = filtered(workbook, tab, field)
    if (number is None) != every or (number is not None and wanted):
        raise Usage(
            N_("Say which: one NUMBER, or --all with or without a filter."),
            N_("For example: crm-sync problems resolve --all --take accept"),
        )
    decision = Decision(take)
    with settings.application() as app:

        def choose() -> Sequence[tuple[OpenProblem, Decision]]:
            if number is not None:
                return ((find_problem(app, number), decision),)
            return [
                (item, decision)
                for item in _passing(app, wanted)
                if decision in choices_for(item.problem) and not item.accepted
            ]

        settled = settle_problems(app, choose, dry_run=dry_run)
        if number is not None and settled[0].refused is not None:
            raise settled[0].refused
        if as_json:
            decided = [_settled_json(settings, app, each) for each in settled]
            settings.out.json({"decided": decided, "dry_run": dry_run})
        else:
            _print(settings, Teller(settings.spoken(app), settings.messages), settled, dry_run)
    return FAULTY if any(each.refused for each in settled) else 0


def _passing(app: Application, wanted: Filter) -> tuple[OpenProblem, ...]:
    passes = passing(app, wanted)
    return tuple(
        item
        for item in app.store.findings.problems()
        if passes(item.workbook, item.problem.table, item.problem.field)
    )


def _print(settings: Settings, teller: Teller, settled: Sequence[Settled], dry_run: bool) -> None:
    say, out = settings.messages.text, settings.out
    if not settled:
        out.line(say(N_("There is nothing to decide.")))
        return
    for each in settled:
        place = teller.problem(each.found.problem)
        if each.refused is not None:
            message, hint = settings.told(each.refused)
            out.line(f"{place} {message} {hint}".strip(), mark=("✗", "red"))
            continue
        out.line(f"{say(LABELS[each.decision])}: {place}", mark=("•" if dry_run else "✓", "green"))
        if each.notice is not None:
            out.line(say(each.notice.message, **each.notice.params), indent=2)
    if dry_run:
        out.line(say(N_("Nothing was changed.")), mark=("→", "bold"))
    else:
        next_step(settings)


def _settled_json(settings: Settings, app: Application, each: Settled) -> Mapping[str, object]:
    error = each.refused
    return {
        **problem_json(settings.spoken(app), each.found),
        "decision": each.decision.value,
        "refused": None if error is None else error_json(error.code, *settings.told(error)),
    }
