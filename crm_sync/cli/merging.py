"""`crm-sync duplicates`, `merge` and `unmerge`: records that are in the store twice."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext

import click

from crm_sync.cli.entering import NearTeller, as_option, author, teller_of
from crm_sync.cli.screen import cell, listing
from crm_sync.cli.settings import Settings, common, json_option
from crm_sync.cli.told import kept_line
from crm_sync.cli.usage import OneOf, Usage, Whole
from crm_sync.core.schema import Tab
from crm_sync.core.undoing import Undoing
from crm_sync.core.values import N_
from crm_sync.services.application import Application
from crm_sync.services.around import Around, look_around, meant, table_meant
from crm_sync.services.duplicates import Suspects, look_for_duplicates
from crm_sync.services.entry import named_column, tab_of
from crm_sync.services.record_json import duplicates_json, merge_json, unmerged_json
from crm_sync.services.uniting import Choice, Merge, plan_merge
from crm_sync.services.uniting import merge as merge_records
from crm_sync.services.uniting import unmerge as unmerge_records

UNDECIDED = 3
USUAL_LIMIT = 50
MOST = 1_000_000
_FIELDS = ("phone", "email", "tax_id", "full_name")
_ALL = "all"


@click.command(short_help="Find clients that are in the store twice.")
@click.option("--by", "only", type=OneOf(_FIELDS), help="Only those that share this field.")
@click.option(
    "--limit",
    type=Whole(1, MOST),
    default=USUAL_LIMIT,
    show_default=True,
    help="At most so many groups.",
)
@json_option
@common
def duplicates(settings: Settings, only: str | None, limit: int, as_json: bool) -> None:
    """Show clients that may be one: they share a phone, an e-mail or a tax id, or live in one city
    and have names that are much alike. Nothing is changed; `crm-sync merge` makes them one.

    \b
    Example:  crm-sync duplicates --by phone
    """
    say = settings.messages.text
    with settings.application(translated=True) as app:
        with settings.err.working(say(N_("Looking for duplicates…"))) as tell:
            found = look_for_duplicates(settings.spoken(app), tell)
        groups = [group for group in found.groups if only in (None, group.field)]
        shown = Suspects(tuple(groups[:limit]), found.records)
        if as_json:
            settings.out.json({"duplicates": duplicates_json(shown, len(groups))})
            return
        if not groups:
            settings.out.line(say(N_("No client seems to be there twice.")))
            return
        _show_groups(settings, app, shown)
        if len(groups) > limit:
            hint = say(
                N_("Shown are {shown} of {count}: --limit for more."),
                shown=settings.messages.integer(limit),
                count=settings.messages.integer(len(groups)),
            )
            settings.err.line(hint, mark=("→", "bold"))


def _show_groups(settings: Settings, app: Application, found: Suspects) -> None:
    say = settings.messages.text
    teller = teller_of(settings, app, look_around(app, {"clients": found.records}))
    lines = listing(
        say(N_("Alike in")), say(N_("ID")), say(N_("Name")), say(N_("City")), say(N_("Phone"))
    )
    lines.keep_whole(1)
    for group in found.groups:
        heading = teller.reader.heading("clients", group.field)
        if group.value:
            heading = f"{heading}: {teller.value('clients', group.field, group.value)}"
        elif group.likeness < 100:
            heading = f"{heading} ({group.likeness} %)"
        for key in group.ids:
            values = found.records[key].values
            texts = [
                teller.value("clients", name, values.get(name))
                for name in ("full_name", "city", "phone")
            ]
            lines.add(cell(heading), cell(key, "cyan"), *(cell(text) for text in texts))
            heading = ""
    settings.out.table(lines)
    first = found.groups[0].ids
    hint = say(N_("To make them one: crm-sync merge {ids}"), ids=" ".join(first))
    settings.out.line(settings.typed(hint), mark=("→", "bold"), keep=True)


@click.command(short_help="Make one record of several.")
@click.argument("keep")
@click.argument("others", metavar="OTHER...", nargs=-1, required=True)
@click.option(
    "--take",
    "takes",
    multiple=True,
    metavar="FIELD=ID",
    help="Whose value stays in a field; all=ID for every field that is undecided.",
)
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do none of it.")
@as_option
@json_option
@common
def merge(
    settings: Settings,
    keep: str,
    others: tuple[str, ...],
    takes: tuple[str, ...],
    dry_run: bool,
    by: str | None,
    as_json: bool,
) -> int:
    """Make one record of KEEP and each OTHER. KEEP takes over what it lacks, all phones and
    e-mails, contacts and agreements; the others are archived. Where they differ, --take says whose
    value stays; without it nothing is done, and the command ends with 3. `crm-sync unmerge` is the
    way back.

    \b
    Example:  crm-sync merge C-000045 C-000058 --take city=C-000058 --take all=C-000045
    """
    with settings.application() as app, nullcontext() if dry_run else app.store.lease():
        world = look_around(app)
        tab = tab_of(app, table_meant(app, keep))
        kept, *gone = (meant(world, tab.table.name, each) for each in (keep, *others))
        choice = _choice(world, tab, takes, kept.id)
        plan = plan_merge(app, tab.table, kept, gone, choice)
        is_done = not plan.rivals and not dry_run
        teller = teller_of(settings, app, world)
        told = [] if as_json else list(_told(settings, teller, plan))
        if is_done:
            merge_records(app, plan, author(by))
        if as_json:
            settings.out.json({"merged": merge_json(plan, done=is_done)})
        else:
            for text in told:
                settings.out.line(text, mark=("•", ""), indent=2)
            _show_end(settings, teller, plan, takes, done=is_done)
    return UNDECIDED if plan.rivals else 0


def _choice(world: Around, tab: Tab, takes: tuple[str, ...], kept: str) -> Choice:
    chosen: dict[str, str] = {}
    usual = ""
    for typed in takes:
        name, sign, record = typed.partition("=")
        if not sign or not record.strip():
            raise Usage(
                N_("--take: “{typed}” does not say whose value stays."),
                N_("Write the field, = and the id: --take city=C-000058"),
                typed=typed,
            )
        if record.strip().casefold() == "keep":
            record_id = kept
        else:
            record_id = meant(world, tab.table.name, record).id
        if name.strip().casefold() == _ALL:
            usual = record_id
            continue
        chosen[named_column(tab, name).field.name] = record_id
    return Choice(chosen, usual)


def _told(settings: Settings, teller: NearTeller, plan: Merge) -> Iterator[str]:
    """What becomes of the record that stays, a line for each field and each kind of reference."""
    table = plan.table.name
    for name, value in plan.values.items():
        was = teller.value(table, name, plan.kept.values.get(name))
        yield f"{teller.reader.heading(table, name)}: {was} → {teller.value(table, name, value)}"
    for name, count in plan.moved.items():
        yield f"{teller.reader.tab(name)}: {settings.messages.integer(count)} → {plan.kept.id}"


def _show_end(
    settings: Settings, teller: NearTeller, plan: Merge, takes: tuple[str, ...], *, done: bool
) -> None:
    say, table = settings.messages.text, plan.table.name
    kept = teller.record(table, plan.kept.id)
    gone = ", ".join(teller.record(table, each.id) for each in plan.gone)
    ids = " ".join(each.id for each in (plan.kept, *plan.gone))
    if plan.rivals:
        settings.out.line(say(N_("They differ here; say whose value stays:")), "yellow")
        for rival in plan.rivals:
            heading = teller.reader.heading(table, rival.field)
            for record, value in rival.values.items():
                text = f"{heading}: {teller.value(table, rival.field, value)}"
                settings.out.line(text, mark=("?", "yellow"), indent=2)
                option = f"--take {rival.field}={record}"
                settings.out.line(option, "dim", indent=6, keep=True)
        hint = N_("For all of them at once: crm-sync merge {ids} --take all={keep}")
        settings.out.line(
            settings.typed(say(hint, ids=ids, keep=plan.kept.id)), mark=("→", "bold"), keep=True
        )
        return
    if not done:
        said = "".join(f' --take "{each}"' for each in takes)
        hint = say(N_("To do it: crm-sync merge {ids}"), ids=ids)
        settings.out.line(settings.typed(hint) + said, mark=("→", "bold"), keep=True)
        return
    text = say(N_("{gone} went into {kept}."), gone=gone, kept=kept)
    settings.out.line(text, mark=("✓", "green"))
    hint = say(N_("The next run carries it to the sheets: crm-sync sync"))
    settings.out.line(settings.typed(hint), mark=("→", "bold"), keep=True)


@click.command(short_help="Take a merge back.")
@click.argument("record")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do none of it.")
@as_option
@json_option
@common
def unmerge(settings: Settings, record: str, dry_run: bool, by: str | None, as_json: bool) -> None:
    """Take back the last merge of RECORD (the id of the one that stayed, or of one that went): all
    records are again what they were, with their contacts and agreements. What somebody has changed
    since stays, and is named.

    \b
    Example:  crm-sync unmerge C-000058
    """
    say = settings.messages.text
    with settings.application() as app:
        merged, found = unmerge_records(app, record.strip().upper(), author(by), dry_run=dry_run)
        if as_json:
            told = unmerged_json(merged, found, done=not dry_run)
            settings.out.json({"unmerged": told})
            return
        wanted: dict[str, set[str]] = {}
        for change in found.changes:
            wanted.setdefault(change.table, set()).add(change.record_id)
        teller = teller_of(settings, app, look_around(app, wanted))
        _showkept_line(settings, teller, found)
        names = ", ".join(teller.record(merged.table, each) for each in merged.gone)
        kept = teller.record(merged.table, merged.kept)
        if dry_run:
            text = N_("{gone} would be apart from {kept} again.")
            settings.out.line(say(text, gone=names, kept=kept))
            hint = say(N_("To do it: crm-sync unmerge {record}"), record=merged.gone[0])
        else:
            text = N_("{gone} is apart from {kept} again.")
            settings.out.line(say(text, gone=names, kept=kept), mark=("✓", "green"))
            hint = say(N_("The next run carries it to the sheets: crm-sync sync"))
        settings.out.line(settings.typed(hint), mark=("→", "bold"), keep=True)


def _showkept_line(settings: Settings, teller: NearTeller, found: Undoing) -> None:
    for kept in found.kept:
        settings.out.line(kept_line(settings, teller, kept), "yellow", mark=("•", ""), indent=2)
