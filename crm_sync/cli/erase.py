"""`crm-sync erase`: forget a person, as the law asks."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Mapping, Sequence

import click

from crm_sync.cli.findings import Teller
from crm_sync.cli.settings import Settings, common, json_option
from crm_sync.cli.usage import Usage
from crm_sync.core.values import N_
from crm_sync.services.application import Application
from crm_sync.services.erase import Erased, Remains, erase, look
from crm_sync.services.store_json import erased_json

NOT_DONE = 1
_MOST = 20


@click.command("erase", short_help="Forget a person for good, as the law asks.")
@click.argument("person")
@click.option("--dry-run", is_flag=True, help="List all that would go, and change nothing.")
@click.option("--now", is_flag=True, help="Take their rows out of the workbooks at once.")
@click.option("--confirm", metavar="ID", help="Their id, instead of typing it when asked.")
@json_option
@common
def erase_(
    settings: Settings, person: str, dry_run: bool, now: bool, confirm: str | None, as_json: bool
) -> int:
    """Erase PERSON, a client named by id, or by whole name, phone or e-mail: their values in the
    record, in the history, in conflicts and problems; the texts of their contacts; their name and
    numbers in the texts of others. Sums, dates and statuses stay, without anybody's name. There is
    no way back. What still holds them is listed: backups, exports, old versions at Google.

    \b
    Examples: crm-sync erase C-000017 --dry-run
              crm-sync erase C-000017 --now
    """
    with settings.application() as app:
        found = look(app, person)
        if dry_run:
            _tell(settings, app, found, as_json=as_json, done=False)
            return 0
        if not _is_meant(settings, found, confirm, as_json=as_json):
            settings.err.line(settings.messages.text(N_("Nothing was changed.")))
            return NOT_DONE
        with settings.err.working(settings.messages.text(N_("Erasing"))):
            erased = erase(app, found, by=getpass.getuser(), now=now)
        _tell(settings, app, erased, as_json=as_json, done=True)
        return NOT_DONE if erased.failed else 0


def _is_meant(settings: Settings, found: Erased, confirm: str | None, *, as_json: bool) -> bool:
    """True if the id was typed. Raises Usage where nobody can be asked."""
    person = found.named.person
    if confirm is None and (as_json or sys.stdin is None or not sys.stdin.isatty()):
        raise Usage(
            N_("There is no way back from erasing, and nobody to ask here."),
            N_("Look at it with --dry-run, then say: --confirm {person}"),
            person=person,
        )
    if confirm is None:
        _tell_where(settings, found)
        question = settings.messages.text(
            N_("There is no way back. Type {person} to erase them"), person=person
        )
        confirm = str(click.prompt(question, err=True, default="", show_default=False))
    return confirm.strip().upper() == person


def _tell(
    settings: Settings, app: Application, found: Erased, *, as_json: bool, done: bool
) -> None:
    if as_json:
        told = erased_json(settings.spoken(app), found)
        settings.out.json({"erased": told, "dry_run": not done})
        return
    out, say = settings.out, settings.messages.text
    if done:
        text = say(N_("{person} is erased."), person=found.named.person)
        out.line(text, mark=("✓", "green"))
    else:
        _tell_where(settings, found)
    for workbook, error in found.failed:
        message, hint = settings.told(error)
        out.line(f"{workbook}: {message} {hint}".strip(), mark=("✗", "red"))
    _tell_remains(settings, Teller(settings.spoken(app), settings.messages), found, done=done)


def _tell_where(settings: Settings, found: Erased) -> None:
    """Who is meant, and all that would go."""
    say, out, named = settings.messages.text, settings.out, found.named
    out.line(f"{found.label} ({named.person})", "bold")
    lines = [
        (N_("records merged into theirs, which go too: {ids}"), ", ".join(named.merged)),
        (N_("records of theirs whose texts go: {ids}"), _listed(named.cleared)),
        (N_("other records whose texts name them: {ids}"), _listed(named.named)),
    ]
    for template, ids in lines:
        if ids:
            out.line(say(template, ids=ids), mark=("•", ""), indent=2)
    counts = (
        (N_("entries of the history: {count}"), named.entries),
        (N_("conflicts and problems: {count}"), named.findings),
        (N_("cells of the staff's own columns: {count}"), named.own),
    )
    for template, count in counts:
        if count:
            text = say(template, count=settings.messages.integer(count))
            out.line(text, mark=("•", ""), indent=2)


def _tell_remains(settings: Settings, teller: Teller, found: Erased, *, done: bool) -> None:
    say, out, left = settings.messages.text, settings.out, found.remains
    head = N_("What still holds them:") if done else N_("What would still hold them:")
    out.line(say(head), "bold")
    for text in _remaining(settings, teller, found, left, done=done):
        out.line(text, mark=("•", "yellow"), indent=2)
    text = N_(
        "what was printed, exported or copied by hand, and old versions of workbooks at Google"
    )
    out.line(say(text), mark=("•", "yellow"), indent=2)


def _remaining(
    settings: Settings, teller: Teller, found: Erased, left: Remains, *, done: bool
) -> list[str]:
    say = settings.messages.text
    lines = []
    if found.named.alike:
        text = N_("others with the same name or number, left as they are: {ids}")
        lines.append(say(text, ids=_listed(found.named.alike)))
    if done and left.workbooks:
        text = N_("rows in {workbooks}, until the next run: crm-sync sync")
        lines.append(settings.typed(say(text, workbooks=", ".join(left.workbooks))))
    if left.unreached:
        text = N_(
            "rows in {workbooks}, which config.toml names no longer: take them out there by hand, "
            "or name it again and run crm-sync sync"
        )
        lines.append(settings.typed(say(text, workbooks=", ".join(left.unreached))))
    tables = [name for name in left.tables if name not in found.named.alike]
    if done and tables and not left.workbooks:
        lines.append(say(N_("texts in these tables: {tables}"), tables=", ".join(tables)))
    for item in left.backups:
        text = N_("the backup {name}, until {day} at the latest")
        if not item.until:
            text = N_("the backup {name}, until you remove it")
        lines.append(say(text, name=item.name, day=item.until))
    lines += [say(N_("the copy {file}: remove it"), file=item) for item in left.copies]
    for export in left.exports:
        text = N_("perhaps the export {file} of {time}, made by {who}")
        when = teller.time(export.at.isoformat())
        lines.append(say(text, file=export.target, time=when, who=export.by))
    return lines


def _listed(records: Mapping[str, Sequence[str]]) -> str:
    """Ids in a line, a long list cut short."""
    ids = [key for keys in records.values() for key in keys]
    return ", ".join(ids[:_MOST]) + (" …" if len(ids) > _MOST else "")
