"""`crm-sync backup`: copies of the store, tried and put back."""

from __future__ import annotations

from pathlib import Path

import click

from crm_sync.cli.findings import Teller
from crm_sync.cli.passphrase import new_passphrase, opener
from crm_sync.cli.screen import cell, listing
from crm_sync.cli.settings import Settings, common, json_option
from crm_sync.cli.told import is_to_be_shown, next_step
from crm_sync.cli.usage import Group
from crm_sync.core.keeping import Backup
from crm_sync.core.values import N_
from crm_sync.services.backup import (
    BEFORE_RESTORE,
    BY_HAND,
    back_up,
    check_backup,
    newest_backup,
    put_back,
)
from crm_sync.services.report_json import backup_json
from crm_sync.wiring import StoreUse

FAULTY = 1
key_option = click.option(
    "--key",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="The private key that opens an encrypted backup.",
)
passphrase_option = click.option(
    "--passphrase-file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="The passphrase is its first line. [default: $CRM_SYNC_PASSPHRASE, or asked]",
)


@click.group(cls=Group)
def backup() -> None:
    """Backups: copies of the store. A run that changes anything makes one first.

    \b
    Example:  crm-sync backup verify
    """


@backup.command("make", short_help="Make a backup now.")
@click.option("--encrypt", is_flag=True, help="With a passphrase, to be carried elsewhere.")
@passphrase_option
@json_option
@common
def make(settings: Settings, encrypt: bool, passphrase_file: Path | None, as_json: bool) -> None:
    """Make a backup of the store now. It stays until you remove it.

    \b
    Example:  crm-sync backup make --encrypt
    """
    asks = encrypt or passphrase_file is not None
    passphrase = new_passphrase(settings, passphrase_file) if asks else ""
    with settings.application() as app:
        made = back_up(app, passphrase)
    if as_json:
        settings.out.json({"backup": backup_json(made)})
        return
    text = settings.messages.text(
        N_("{name} is made: {records}, {size}."),
        name=made.name,
        records=_records(settings, sum(made.records.values())),
        size=_size(settings, made.size),
    )
    settings.out.line(text, mark=("✓", "green"))


@backup.command("list", short_help="Show the backups.")
@json_option
@common
def list_(settings: Settings, as_json: bool) -> None:
    """Show the backups that are there, the newest first.

    \b
    Example:  crm-sync backup list
    """
    say = settings.messages.text
    with settings.application(StoreUse.STAND_IN) as app:
        found = app.store.backups.all()
        backups = [backup_json(item) for item in found]
        nothing = N_("There is no backup yet.")
        if not is_to_be_shown(settings, "backups", backups, nothing, as_json=as_json):
            return
        teller = Teller(settings.spoken(app), settings.messages)
        lines = listing(
            say(N_("Backup")), say(N_("When")), say(N_("Made")), say(N_("Records")), say(N_("Size"))
        )
        lines.keep_whole(0)
        lines.align_right(3)
        lines.align_right(4)
        for item in found:
            count = settings.messages.integer(sum(item.records.values())) if item.records else "?"
            texts = (item.name, teller.time(item.made_at), _reason(settings, item), count)
            lines.add(*(cell(text) for text in (*texts, _size(settings, item.size))))
        settings.out.table(lines)


@backup.command("verify", short_help="Try whether a backup can be restored.")
@click.argument("name", required=False)
@key_option
@passphrase_option
@json_option
@common
def verify(
    settings: Settings,
    name: str | None,
    key: Path | None,
    passphrase_file: Path | None,
    as_json: bool,
) -> int:
    """Restore the backup NAME (the newest by default) into a temporary store, read all of it, and
    compare it with the store. Nothing is changed.

    \b
    Example:  crm-sync backup verify
    """
    say = settings.messages.text
    with settings.application(StoreUse.STAND_IN) as app:
        found = check_backup(app, name, opener(settings, app, name, key, passphrase_file))
    faults = [say(template, **facts) for template, facts in found.faults]
    if as_json:
        checked = {"backup": backup_json(found.backup), "faults": faults, "shared": found.shared}
        settings.out.json({"verified": {**checked, "records": dict(found.records)}})
        return FAULTY if faults else 0
    for fault in faults:
        settings.out.line(f"{found.backup.name}: {fault}", mark=("✗", "red"))
    if faults:
        next_step(settings, N_("Take another one: crm-sync backup list"))
        return FAULTY
    text = say(
        N_("{name} can be restored: {records}; {entries} entries of history as in the store."),
        name=found.backup.name,
        records=_records(settings, sum(found.records.values())),
        entries=settings.messages.integer(found.shared),
    )
    settings.out.line(text, mark=("✓", "green"))
    return 0


@backup.command("restore", short_help="Put a backup in the place of the store.")
@click.argument("name", required=False)
@click.option("--yes", is_flag=True, help="Do not ask.")
@key_option
@passphrase_option
@json_option
@common
def restore(
    settings: Settings,
    name: str | None,
    yes: bool,
    key: Path | None,
    passphrase_file: Path | None,
    as_json: bool,
) -> int:
    """Make the store what the backup NAME (the newest by default) holds. The store as it is now is
    backed up first, so that this, too, can be taken back; one that is damaged is kept beside it.

    \b
    Example:  crm-sync backup restore crm-20260310T110500120Z.db
    """
    say = settings.messages.text
    with settings.application(StoreUse.STAND_IN) as app:
        chosen = name or newest_backup(app).name
        if not yes and not as_json:
            question = say(N_("Put {name} in the place of the store?"), name=chosen)
            if not click.confirm(question, err=True):
                settings.err.line(say(N_("Nothing was changed.")))
                return FAULTY
        opens = opener(settings, app, chosen, key, passphrase_file)
        found, again = put_back(app, chosen, opens)
        if as_json:
            settings.out.json({"backup": backup_json(found)})
            return 0
        text = say(
            N_("The store is as it was on {time}."),
            time=Teller(settings.spoken(app), settings.messages).time(found.made_at),
        )
        settings.out.line(text, mark=("✓", "green"))
        if again:
            text = say(N_("Erased again, as the law asks: {ids}."), ids=", ".join(again))
            settings.out.line(text, mark=("•", ""), indent=2)
        next_step(settings, N_("See what the next run would do: crm-sync sync --dry-run"))
        return 0


def _reason(settings: Settings, item: Backup) -> str:
    say = settings.messages.text
    kind, _, number = item.reason.partition(" ")
    if kind == "run":
        return say(N_("before run {number}"), number=number)
    words = {BY_HAND: N_("by hand"), BEFORE_RESTORE: N_("before a restore")}
    return say(words[item.reason]) if item.reason in words else item.reason or "?"


def _records(settings: Settings, count: int) -> str:
    return settings.messages.plural(N_("{n} record"), N_("{n} records"), count)


def _size(settings: Settings, size: int) -> str:
    say, integer = settings.messages.text, settings.messages.integer
    if size < 1_000_000:
        return say(N_("{size} kB"), size=integer(max(1, round(size / 1000))))
    return say(N_("{size} MB"), size=integer(round(size / 1_000_000)))
