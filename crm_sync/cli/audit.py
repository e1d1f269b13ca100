"""`crm-sync audit`: what ought to be looked at from time to time."""

from __future__ import annotations

import click

from crm_sync.cli.screen import cell, listing
from crm_sync.cli.settings import Settings, common, json_option
from crm_sync.cli.surroundings_json import access_json
from crm_sync.cli.sync import known_workbooks
from crm_sync.cli.usage import Group
from crm_sync.core.access import Share
from crm_sync.core.values import N_
from crm_sync.services.access import Audited
from crm_sync.services.access import audit as audit_access

STRANGERS = 3


@click.group(cls=Group)
def audit() -> None:
    """Look over what should stay as it is: who may open the workbooks.

    \b
    Example:  crm-sync audit access
    """


@audit.command("access", short_help="Show who may open the workbooks.")
@click.argument("workbooks", nargs=-1, metavar="[WORKBOOK]...")
@json_option
@common
def access(settings: Settings, workbooks: tuple[str, ...], as_json: bool) -> int:
    """Show who may open each WORKBOOK (all of them by default), and who of them is not in `allow`
    of config.toml. Writes nothing. The exit code is 3 if there is such a stranger.

    \b
    Example:  crm-sync audit access
    """
    with settings.application() as app:
        names = known_workbooks(app, workbooks)
        with settings.err.working(settings.messages.text(N_("Asking who may open them …"))):
            found = audit_access(app, names)
        rules = [app.bound[name].access for name in names]
        has_list = any(rule is not None and rule.allow is not None for rule in rules)
        if as_json:
            errors = {item.workbook: settings.told(item.error) for item in found if item.error}
            settings.out.json({"workbooks": [access_json(item, errors) for item in found]})
        else:
            _print(settings, found, has_list=has_list)
    for item in found:
        if item.error is not None:
            settings.show_error(item.error, item.workbook if len(names) > 1 else "")
    failed = next((item.error.exit_code for item in found if item.error), 0)
    return failed or (STRANGERS if any(item.strangers for item in found) else 0)


def _print(settings: Settings, found: tuple[Audited, ...], *, has_list: bool) -> None:
    say = settings.messages.text
    lines = listing(
        say(N_("Workbook")), say(N_("Who may open it")), say(N_("May")), say(N_("On the list"))
    )
    rows = [(item, share) for item in found for share in item.shares]
    for item, share in rows:
        strange = share in item.strangers
        verdict = say(N_("no")) if strange else say(N_("yes")) if has_list else "—"
        style = "bold red" if strange else ""
        lines.add(
            cell(item.workbook),
            cell(_who(settings, share), style),
            cell(_role(settings, share)),
            cell(verdict, style),
        )
    if rows:
        settings.out.table(lines)
    for item in found:
        if not item.made:
            text = say(N_("{workbook}: there is no such workbook yet."), workbook=item.workbook)
            settings.out.line(text)
        elif not item.shares and item.error is None:
            text = say(N_("{workbook}: nobody but crm-sync may open it."), workbook=item.workbook)
            settings.out.line(text)
    _print_advice(settings, found, has_list=has_list)


def _print_advice(settings: Settings, found: tuple[Audited, ...], *, has_list: bool) -> None:
    say = settings.messages.text
    strange = sorted({share.who for item in found for share in item.strangers})
    if strange:
        text = say(N_("Runs stop at these workbooks before they write anything."))
        settings.out.line(text, "yellow", mark=("•", "yellow"))
        hint = N_("Take it from them in the workbook (Share), or add them to allow in [access].")
        settings.out.line(say(hint), mark=("→", "bold"), indent=2, keep=True)
    everyone = sorted({share.who for item in found for share in item.shares})
    if not has_list and everyone and not strange:
        text = say(N_("There is no list of those who may. To begin with those of today:"))
        settings.out.line(text)
        names = ", ".join(f'"{who}"' for who in everyone)
        section = f"[access]\nallow = [{names}]"
        settings.out.line(section, keep=True)


def _who(settings: Settings, share: Share) -> str:
    say = settings.messages.text
    match share.kind:
        case "anyone":
            return say(N_("everyone who has the link"))
        case "domain":
            return say(N_("everyone at {domain}"), domain=share.who)
        case "group":
            return say(N_("{address} (a group)"), address=share.who)
    return share.who


def _role(settings: Settings, share: Share) -> str:
    say = settings.messages.text
    words = {
        "reader": say(N_("read")),
        "commenter": say(N_("comment")),
        "writer": say(N_("edit")),
        "fileOrganizer": say(N_("edit")),
        "organizer": say(N_("own")),
        "owner": say(N_("own")),
    }
    return words.get(share.role, share.role)
