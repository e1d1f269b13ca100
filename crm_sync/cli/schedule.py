"""`crm-sync schedule`: runs by themselves."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

import click

from crm_sync.cli.settings import Settings, common, json_option
from crm_sync.cli.typed import NAME
from crm_sync.cli.usage import Group, OneOf, Whole
from crm_sync.core.values import N_
from crm_sync.errors import HostError
from crm_sync.wiring.schedule import (
    METHODS,
    Found,
    found_jobs,
    install_job,
    job_files,
    make_job,
    remove_jobs,
)

USUAL_MINUTES = 5
USUAL_SPREAD = 30
DAY_IN_MINUTES = 1440


@click.group(cls=Group)
def schedule() -> None:
    """Let runs go by themselves, with timers of systemd or with cron.

    \b
    Example:  crm-sync schedule install --every 5
    """


@schedule.command("install", short_help="Let a run go every few minutes.")
@click.option(
    "--every",
    default=USUAL_MINUTES,
    metavar="MINUTES",
    type=Whole(1, DAY_IN_MINUTES),
    help=f"How often. [default: {USUAL_MINUTES}]",
)
@click.option(
    "--spread",
    metavar="SECONDS",
    type=Whole(0, 3600),
    help=f"Put each run off by up to so much, at random. [default: {USUAL_SPREAD}]",
)
@click.option(
    "--with",
    "method",
    type=OneOf(METHODS),
    help="systemd (for this user), systemd-system (for the computer; root), cron. "
    "[default: systemd, else cron]",
)
@click.option(
    "--log",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where cron writes what a run says. [default: sync.log beside the store]",
)
@click.option("--print", "only_print", is_flag=True, help="Print the files and write none.")
@json_option
@common
def install(
    settings: Settings,
    every: int,
    spread: int | None,
    method: str | None,
    log: Path | None,
    only_print: bool,
    as_json: bool,
) -> None:
    """Let `crm-sync sync` of this configuration run every few minutes. Once more with other options
    changes them. Two runs never meet: one that finds another at work ends.

    \b
    Example:  crm-sync schedule install --with cron --print
    """
    config = settings.load()
    put_off = min(USUAL_SPREAD, every * 30) if spread is None else spread
    job = make_job(_program(), config, every, put_off, log.absolute() if log else None)
    if only_print:
        files = job_files(job, method)
        if as_json:
            told = {str(path): text for path, text in files.items()}
            settings.out.json({"files": told, "jobs": []})
            return
        for path, text in files.items():
            settings.out.line(f"# {path}", "dim", keep=True)
            settings.out.line(text.rstrip("\n"), keep=True)
        return
    found = install_job(job, method)
    if as_json:
        settings.out.json({"files": {}, "jobs": [job_json(found)]})
        return
    _print(settings, found)
    if found.method == "systemd":
        text = N_("It runs while you are logged in. So that it runs always, type:")
        settings.out.line(settings.messages.text(text))
        command = "loginctl enable-linger"
        settings.out.line(command, mark=("→", "bold"), indent=2, keep=True)


@schedule.command("status", short_help="Show whether runs go by themselves.")
@json_option
@common
def status(settings: Settings, as_json: bool) -> int:
    """Show whether runs of this configuration go by themselves, how often, and when the next one
    does. The exit code is 1 if none does.

    \b
    Example:  crm-sync schedule status
    """
    found = found_jobs(settings.load().file)
    if as_json:
        settings.out.json({"files": {}, "jobs": [job_json(item) for item in found]})
    else:
        for item in found:
            _print(settings, item)
        if not found:
            text = N_("Nothing runs by itself for this configuration.")
            settings.out.line(settings.messages.text(text))
            command = settings.typed("crm-sync schedule install")
            settings.out.line(command, mark=("→", "bold"), keep=True)
    return 0 if any(item.active for item in found) else HostError.exit_code


@schedule.command("remove", short_help="Let no more runs go by themselves.")
@json_option
@common
def remove(settings: Settings, as_json: bool) -> None:
    """Take the timers and lines of this configuration away; those of others stay.

    \b
    Example:  crm-sync schedule remove
    """
    methods = remove_jobs(settings.load().file)
    if as_json:
        settings.out.json({"removed": list(methods)})
        return
    say = settings.messages.text
    if methods:
        text = say(N_("Taken away: {methods}."), methods=", ".join(methods))
        settings.out.line(text, mark=("✓", "green"))
    else:
        settings.out.line(say(N_("There was nothing to take away.")))


def _program() -> tuple[str, ...]:
    """The words that start this program from any folder."""
    started = Path(sys.argv[0])
    if started.name == NAME and started.exists():
        return (str(started.absolute()),)
    return (sys.executable, "-m", "crm_sync.cli.main")


def _print(settings: Settings, found: Found) -> None:
    say, messages = settings.messages.text, settings.messages
    if found.minutes is None:
        every = say(N_("at times of your own"))
    else:
        every = messages.plural(N_("every {n} minute"), N_("every {n} minutes"), found.minutes)
    text = N_("{method}: {every} ({place}).")
    told = say(text, method=found.method, every=every, place=found.place)
    mark = ("✓", "green") if found.active else ("!", "yellow")
    settings.out.line(told, mark=mark)
    if not found.active:
        settings.out.line(say(N_("It is written down, but does not run.")), "yellow", indent=2)
        command = settings.typed("crm-sync schedule install")
        settings.out.line(command, mark=("→", "bold"), indent=2, keep=True)
    elif found.next_run:
        moment = datetime.fromisoformat(found.next_run).astimezone(settings.load().zone)
        when = settings.messages.datetime(moment)
        settings.out.line(say(N_("The next run: {when}."), when=when), indent=2)


def job_json(found: Found) -> dict[str, object]:
    """A job as `--json` prints it."""
    return {
        "method": found.method,
        "place": found.place,
        "minutes": found.minutes,
        "active": found.active,
        "next_run": found.next_run,
    }
