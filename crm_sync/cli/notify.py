"""`crm-sync notify`: tell people what needs them."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from crm_sync.cli.failure_json import error_json
from crm_sync.cli.settings import Settings, common, json_option
from crm_sync.core.values import N_
from crm_sync.errors import ConfigError, HostError
from crm_sync.wiring import open_application
from crm_sync.wiring.aftermath import tell_due, tell_test


@click.command("notify", short_help="Tell people what needs them, by e-mail or webhook.")
@click.option("--test", "is_test", is_flag=True, help="Send a message that says it is a test.")
@json_option
@common
def notify(settings: Settings, is_test: bool, as_json: bool) -> int:
    """Tell those whom `[notify]` of config.toml names what needs them: a run that failed, a tab
    that waits for a decision, conflicts that have been open for a day. Every run does so by itself;
    the same matter is told once a day.

    \b
    Example:  crm-sync notify --test
    """
    config = settings.load()
    say = settings.messages.text
    if not config.notify.is_on:
        raise ConfigError(
            N_("{file} names nobody to be told."),
            N_("Write webhook or [notify.email] into it; docs/schedule.md has an example."),
            file=config.file,
        )
    if is_test:
        with settings.err.working(say(N_("Sending …"))):
            ways = tell_test(config)
        failed = tuple(error for _, error in ways if error is not None)
        told = [way for way, error in ways if error is None]
        lines = [say(N_("A test went out by {way}."), way=way) for way in told]
    else:
        with open_application(config) as app:
            due, failed = tell_due(config, app, datetime.now(UTC))
        told = [item.key for item in due]
        lines = [f"{item.workbook}: {settings.messages.say(item.what)}" for item in due]
        lines = lines or [say(N_("There is nothing to tell that was not told within a day."))]
    _show(settings, lines, failed, told if as_json else None)
    return HostError.exit_code if failed else 0


def _show(
    settings: Settings,
    lines: list[str],
    failed: tuple[HostError, ...],
    told: list[str] | None,
) -> None:
    if told is not None:
        errors = [error_json(error.code, *settings.told(error)) for error in failed]
        settings.out.json({"told": told, "errors": errors})
    else:
        for line in lines:
            settings.out.line(line)
    for error in failed:
        settings.show_error(error)
