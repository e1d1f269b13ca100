"""Passphrases of backups: from a file, the environment, or typed where nobody sees it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from crm_sync.cli.files import read_file
from crm_sync.cli.settings import Settings
from crm_sync.cli.usage import Usage
from crm_sync.core.keeping import NO_OPENER, Opener
from crm_sync.core.values import N_
from crm_sync.services.application import Application
from crm_sync.services.backup import newest_backup

VARIABLE = "CRM_SYNC_PASSPHRASE"


def new_passphrase(settings: Settings, file: Path | None) -> str:
    """A passphrase for a new backup; typed twice, if it is typed. Raises Usage."""
    return _given(file) or _typed(settings, twice=True)


def opener(
    settings: Settings, app: Application, name: str | None, key: Path | None, file: Path | None
) -> Opener:
    """What opens a backup, the newest one without a name. Asks only for what is needed."""
    wanted = name or newest_backup(app).name
    asks = any(item.name == wanted and item.passphrase for item in app.store.backups.all())
    if not asks:
        return Opener(key=str(key)) if key is not None else NO_OPENER
    return Opener(passphrase=_given(file) or _typed(settings, twice=False))


def _given(file: Path | None) -> str:
    if file is None:
        return os.environ.get(VARIABLE, "")
    lines = read_file(file).decode("utf-8", "replace").splitlines()
    if not lines or not lines[0].strip():
        raise Usage(
            N_("The file {file} holds no passphrase."),
            N_("Its first line is the passphrase."),
            file=file,
        )
    return lines[0].strip()


def _typed(settings: Settings, *, twice: bool) -> str:
    if sys.stdin is None or not sys.stdin.isatty():
        raise Usage(
            N_("A passphrase is needed, and nobody to ask here."),
            N_("Say --passphrase-file FILE, or put it into {variable}."),
            variable=VARIABLE,
        )
    say = settings.messages.text
    again = say(N_("Once more")) if twice else False
    return str(
        click.prompt(say(N_("Passphrase")), hide_input=True, err=True, confirmation_prompt=again)
    )
