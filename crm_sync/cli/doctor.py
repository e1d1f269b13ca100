"""`crm-sync doctor`: all that can be wrong, with its remedy."""

from __future__ import annotations

import click

from crm_sync.cli.settings import Settings, common, json_option
from crm_sync.core.values import N_
from crm_sync.errors import ConfigError
from crm_sync.services.checkup import Check, State, failed
from crm_sync.wiring.checkup import look_over

SICK = 1
_MARKS = {
    State.OK: ("✓", "green"),
    State.WARNING: ("!", "yellow"),
    State.ERROR: ("✗", "bold red"),
}


@click.command("doctor", short_help="Look over all that can be wrong, and say the remedy.")
@click.option("--offline", is_flag=True, help="Ask nothing of the network.")
@json_option
@common
def doctor(settings: Settings, offline: bool, as_json: bool) -> int:
    """Look over all that can be wrong: configuration, store, files, disk, key, clock, network, who
    may open the workbooks, their looks, backups, timers, what waits. It changes nothing. The exit
    code is 1 if something must be mended, else 0.

    \b
    Example:  crm-sync doctor --offline
    """
    found: list[Check] = []
    try:
        config = settings.load()
    except ConfigError as exc:
        found = [failed("config", exc)]
    else:
        with settings.err.working(settings.messages.text(N_("Looking …"))):
            found = list(look_over(config, online=not offline))
    if as_json:
        checks = [_json(settings, item) for item in found]
        settings.out.json({"healthy": not _is_sick(found), "checks": checks})
    else:
        for item in found:
            _print(settings, item)
        _print_sum(settings, found)
    return SICK if _is_sick(found) else 0


def _print(settings: Settings, item: Check) -> None:
    what = settings.messages.say(item.what)
    text = f"{item.workbook}: {what}" if item.workbook else what
    settings.out.line(text, mark=_MARKS[item.state])
    if item.remedy is not None:
        remedy = settings.typed(settings.messages.say(item.remedy))
        settings.out.line(remedy, mark=("→", "bold"), indent=2, keep=True)


def _print_sum(settings: Settings, found: list[Check]) -> None:
    messages = settings.messages
    sick = sum(item.state is State.ERROR for item in found)
    if sick:
        text = messages.plural(
            N_("{n} thing must be mended."), N_("{n} things must be mended."), sick
        )
        settings.out.line(text, "bold")
    else:
        settings.out.line(messages.text(N_("Nothing must be mended.")), "bold")


def _is_sick(found: list[Check]) -> bool:
    return any(item.state is State.ERROR for item in found)


def _json(settings: Settings, item: Check) -> dict[str, str]:
    say = settings.messages.say
    return {
        "area": item.area,
        "workbook": item.workbook,
        "state": item.state.value,
        "message": say(item.what),
        "remedy": settings.typed(say(item.remedy)) if item.remedy else "",
    }
