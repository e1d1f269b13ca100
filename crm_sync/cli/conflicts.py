"""`crm-sync conflicts`: see what both sides changed, and decide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from crm_sync.cli.conflict_words import (
    filtered,
    no_color_option,
    print_conflict,
    print_judged,
    with_filter,
)
from crm_sync.cli.failure_json import error_json
from crm_sync.cli.files import read_file, write_file
from crm_sync.cli.findings import Teller
from crm_sync.cli.review import review
from crm_sync.cli.settings import Settings, common, json_option
from crm_sync.cli.told import is_to_be_shown, next_step
from crm_sync.cli.usage import ListingGroup, OneOf, Usage, Whole
from crm_sync.core.findings import Clash, OpenConflict
from crm_sync.core.values import N_
from crm_sync.exports.texts import csv_for_people
from crm_sync.reports.decisions import DECISION, NUMBER, VALUE
from crm_sync.services.application import Application
from crm_sync.services.deciding import Filter, Judged, Take, Wanted, decide_all, passing
from crm_sync.services.decision_file import STATE, Refused, read_decisions, state_of
from crm_sync.services.report_json import conflict_json
from crm_sync.services.review import find_conflict

FAULTY = 1
LARGEST_NUMBER = 2**63 - 1

_HEADINGS = (
    *(NUMBER, N_("Workbook"), N_("Tab"), N_("Record"), N_("Column")),
    *(N_("Was"), N_("In the store"), N_("In the sheet"), DECISION, VALUE, STATE),
)


@click.group(cls=ListingGroup)
def conflicts() -> None:
    """Conflicts: cells that both sides changed, differently. Without a command they are listed.

    \b
    Examples: crm-sync conflicts review
              crm-sync conflicts resolve 1 --take sheet
    """


@conflicts.command("list", short_help="Show the open conflicts.")
@with_filter
@no_color_option
@json_option
@common
def list_(
    settings: Settings,
    workbook: str | None,
    tab: str | None,
    field: str | None,
    no_color: bool,
    as_json: bool,
) -> None:
    """Show the open conflicts, each with what was before and what both sides say now.

    \b
    Example:  crm-sync conflicts list --tab Clients
    """
    with settings.application() as app:
        wanted = filtered(workbook, tab, field)
        found = _passing(app, wanted)
        conflicts = [conflict_json(item) for item in found]
        nothing = N_("No open conflict passes this filter.") if wanted else N_("No open conflicts.")
        if not is_to_be_shown(settings, "conflicts", conflicts, nothing, as_json=as_json):
            return
        teller = Teller(settings.spoken(app), settings.messages)
        several = len(app.bound) > 1
        for number, item in enumerate(found):
            if number:
                settings.out.gap()
            print_conflict(
                settings,
                settings.out,
                teller,
                item,
                several=several,
                no_color=no_color,
                marks=False,
            )
            _print_commands(settings, item)


@conflicts.command("show", short_help="Show one of them, sign by sign.")
@click.argument("number", type=Whole(1, LARGEST_NUMBER))
@no_color_option
@json_option
@common
def show(settings: Settings, number: int, no_color: bool, as_json: bool) -> None:
    """Show conflict NUMBER: what was, and what each side made of it, sign by sign; who and when.

    \b
    Example:  crm-sync conflicts show 1
    """
    with settings.application() as app:
        found = find_conflict(app, number)
        if as_json:
            settings.out.json({"conflict": conflict_json(found)})
            return
        teller = Teller(settings.spoken(app), settings.messages)
        print_conflict(settings, settings.out, teller, found, no_color=no_color)
        since = N_("Open since {time}; in the sheet it is as {workbook} has it.")
        text = settings.messages.text(
            since, time=teller.time(found.opened_at), workbook=found.workbook
        )
        settings.out.line(text, "dim", indent=2)
        _print_commands(settings, found)


@conflicts.command("resolve", short_help="Decide one, or many at once.")
@click.argument("number", type=Whole(1, LARGEST_NUMBER), required=False)
@click.option("--take", type=OneOf(["store", "sheet", "both"]), help="Whose value stays.")
@click.option("--value", help="Another value, typed as in the sheet.")
@click.option("--all", "every", is_flag=True, help="All that are open, or that pass the filter.")
@click.option(
    "--file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="As the file says that `conflicts export` wrote and you filled.",
)
@with_filter
@click.option("--dry-run", is_flag=True, help="Say what would be decided, and decide nothing.")
@json_option
@common
def resolve_(
    settings: Settings,
    number: int | None,
    take: str | None,
    value: str | None,
    every: bool,
    file: Path | None,
    workbook: str | None,
    tab: str | None,
    field: str | None,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Decide conflict NUMBER, or --all of them, or what a --file says; the next sync carries it
    out. `both` makes one value of both sides, where they are lists or texts.

    \b
    Examples: crm-sync conflicts resolve 1 --take store
              crm-sync conflicts resolve --all --take sheet --field Phone
              crm-sync conflicts resolve --file conflicts.csv
    """
    wanted = filtered(workbook, tab, field)
    _check(number, take, value, wanted, every=every, by_file=file is not None)
    content = read_file(file) if file is not None else None
    refused: list[Refused] = []
    with settings.application(translated=True) as app:

        def choose() -> Sequence[Wanted]:
            if number is not None:
                how = Take(take) if take else Take.VALUE
                return (Wanted(find_conflict(app, number), how, value or ""),)
            found = _passing(app, wanted)
            if content is not None:
                return _of_file(app, content, found, refused)
            return tuple(Wanted(item, Take(str(take))) for item in found)

        judged = decide_all(app, choose, dry_run=dry_run)
        if number is not None and judged[0].refused is not None:
            raise judged[0].refused
        if as_json:
            settings.out.json(_judged_json(settings, number, judged, refused, dry_run=dry_run))
        else:
            _print_refused(settings, refused)
            if not judged and not refused:
                settings.out.line(settings.messages.text(N_("There is nothing to decide.")))
            teller = Teller(settings.spoken(app), settings.messages)
            print_judged(settings, settings.out, teller, judged, dry_run=dry_run)
    return FAULTY if refused or any(each.refused for each in judged) else 0


@conflicts.command("export", short_help="Write them to a file, to be decided there.")
@click.argument("file", type=click.Path(path_type=Path))
@with_filter
@click.option("--delimiter", type=OneOf([",", ";", "tab"]), default=",", help="What parts cells.")
@json_option
@common
def export_(
    settings: Settings,
    file: Path,
    workbook: str | None,
    tab: str | None,
    field: str | None,
    delimiter: str,
    as_json: bool,
) -> None:
    """Write the open conflicts to FILE, a CSV for a spreadsheet program. Fill its column Decision
    (sheet, store or both) or type another value beside it, and hand the file back.

    \b
    Example:  crm-sync conflicts export conflicts.csv
              crm-sync conflicts resolve --file conflicts.csv
    """
    say = settings.messages.text
    with settings.application(translated=True) as app:
        wanted = filtered(workbook, tab, field)
        found = _passing(app, wanted)
        teller = Teller(settings.spoken(app), settings.messages)
        rows = [_line(teller, item) for item in found]
    sign = "\t" if delimiter == "tab" else delimiter
    write_file(file, csv_for_people([say(each) for each in _HEADINGS], rows, sign))
    if as_json:
        settings.out.json({"file": str(file), "conflicts": [conflict_json(each) for each in found]})
        return
    text = settings.messages.plural(
        N_("{n} conflict is in {file}."), N_("{n} conflicts are in {file}."), len(found), file=file
    )
    settings.out.line(text, mark=("✓", "green"))
    if found:
        text = N_("Fill it, then: crm-sync conflicts resolve --file {file}")
        next_step(settings, text, file=file)


conflicts.add_command(review)


def _line(teller: Teller, item: OpenConflict) -> list[str]:
    conflict = item.conflict
    heading = teller.reader.heading(conflict.table, conflict.field) if conflict.field else ""
    values = [value for _, value in teller.sides(conflict)]
    record = teller.record(conflict.table, conflict.record_id)
    place = [str(item.id), item.workbook, teller.reader.tab(conflict.table), record, heading]
    return [*place, *values, "", "", state_of(conflict)]


def _check(
    number: int | None,
    take: str | None,
    value: str | None,
    wanted: Filter,
    *,
    every: bool,
    by_file: bool,
) -> None:
    """Raises Usage for a command that does not say one thing."""
    if (number is not None) + every + by_file != 1:
        raise Usage(
            N_("Say which: one NUMBER, --all, or --file FILE."),
            N_("For example: crm-sync conflicts resolve --all --take store"),
        )
    if by_file and (take is not None or value is not None):
        raise Usage(
            N_("With --file the file itself says what stays."),
            N_("For example: crm-sync conflicts resolve --file conflicts.csv"),
        )
    if not by_file and (take is None) == (value is None):
        raise Usage(
            N_("Say either --take or --value."),
            N_("For example: crm-sync conflicts resolve {number} --take store"),
            number=number or "--all",
        )
    if every and value is not None:
        raise Usage(
            N_("--value is for one conflict."),
            N_("For example: crm-sync conflicts resolve --all --take store"),
        )
    if number is not None and wanted:
        raise Usage(
            N_("--workbook, --tab and --field go with --all or --file."),
            N_("For example: crm-sync conflicts resolve --all --take store"),
        )


def _of_file(
    app: Application, content: bytes, found: Sequence[OpenConflict], refused: list[Refused]
) -> Sequence[Wanted]:
    """What a filled file asks for; the lines that cannot be followed are added to `refused`."""
    filled = read_decisions(content, {item.id: item for item in found}, app.say)
    refused.extend(filled.refused)
    return filled.wanted


def _passing(app: Application, wanted: Filter) -> tuple[OpenConflict, ...]:
    passes = passing(app, wanted)
    return tuple(
        item
        for item in app.store.findings.conflicts()
        if passes(item.workbook, item.conflict.table, item.conflict.field)
    )


def _print_commands(settings: Settings, item: OpenConflict) -> None:
    takes = ["store", "sheet"] if item.conflict.clash is not Clash.FORMULA else ["sheet"]
    commands = " | ".join(f"--take {side}" for side in takes)
    command = settings.typed(f"crm-sync conflicts resolve {item.id} {commands}")
    settings.out.line(command, "dim", mark=("→", "dim"), indent=2, keep=True)


def _print_refused(settings: Settings, refused: Sequence[Refused]) -> None:
    for each in refused:
        message, hint = settings.told(each.error)
        text = settings.messages.text(
            N_("Line {line}: {message}"), line=each.line, message=f"{message} {hint}".strip()
        )
        settings.out.line(text, mark=("✗", "red"))


def _judged_json(
    settings: Settings,
    number: int | None,
    judged: Sequence[Judged],
    refused: Sequence[Refused],
    *,
    dry_run: bool,
) -> Mapping[str, object]:
    if number is not None:
        (one,) = judged
        return {"resolved": {**conflict_json(one.found), "decision": one.take.value}}
    told = [settings.told(each.error) for each in refused]
    return {
        "decided": [_decision_json(settings, each) for each in judged],
        "refused_lines": [
            {"line": each.line, "error": error_json(each.error.code, *words)}
            for each, words in zip(refused, told, strict=True)
        ],
        "dry_run": dry_run,
    }


def _decision_json(settings: Settings, each: Judged) -> dict[str, object]:
    error = each.refused
    return {
        **conflict_json(each.found),
        "decision": each.take.value,
        "value": each.stands,
        "refused": None if error is None else error_json(error.code, *settings.told(error)),
    }
