"""`crm-sync demo`: a working day on real data, in a folder of its own."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import click

from crm_sync.cli.findings import Teller
from crm_sync.cli.grids import View, print_report
from crm_sync.cli.result import ResultPrinter
from crm_sync.cli.screen import Screen
from crm_sync.cli.settings import Settings, spoken
from crm_sync.cli.typed import command_start
from crm_sync.core.values import N_
from crm_sync.demo_data.load import load
from crm_sync.messages import Messages
from crm_sync.services.demo import Day, Event, Scene, Shown, Waiting
from crm_sync.services.result import RunResult
from crm_sync.wiring.demo import open_demo

MOST_FOLLOWUPS = 12


@click.command(short_help="Play a working day on real data, in a folder of its own.")
@click.argument("folder", default="demo", type=click.Path(path_type=Path))
@spoken
def demo(settings: Settings, folder: Path) -> None:
    """Play a working day of a trading company in FOLDER (default: demo): 126 clients, 830
    agreements.

    Staff edit the spreadsheet, a manager edits the store, the sync brings both together. A
    FOLDER in which it was played before is made anew.

    \b
    Example:  crm-sync demo --lang ru
    """
    # A language that the environment or a configuration here names is not the demonstration's.
    settings.lang = settings.lang or "en"
    settings.config = folder / "config.toml"
    messages, out = settings.messages, settings.out
    with open_demo(folder, messages.language) as (app, staff):
        data = load(datetime.now(app.zone).date(), messages.text)
        view = View(out, messages, MOST_FOLLOWUPS, settings.typed, brief=not out.is_terminal)
        for event in _events(settings, Day(app, staff, data)):
            match event:
                case Scene():
                    _print_scene(out, messages, event)
                case RunResult():
                    # Each run has records of its own to name.
                    ResultPrinter(out, settings, Teller(app, messages)).print(event)
                case Waiting():
                    _print_waiting(out, Teller(app, messages), event)
                case Shown():
                    print_report(view, event.name, event.grid)
            if not isinstance(event, Scene):
                out.gap()
    _print_next(out, messages, settings, folder)


def _events(settings: Settings, day: Day) -> Iterator[Event]:
    """The day's events; while the next one is being made, a terminal shows that."""
    events = day.events()
    text = settings.messages.text(N_("The demonstration is playing …"))
    while True:
        with settings.err.working(text):
            event = next(events, None)
        if event is None:
            return
        yield event


def _print_scene(out: Screen, messages: Messages, scene: Scene) -> None:
    params = {key: value for _, found in scene.deeds for key, value in found.items()}
    out.rule()
    out.line(messages.text(scene.title, **params), "bold")
    for text, facts in scene.deeds:
        out.line(messages.text(text, **facts), mark=("•", "dim"), indent=2)
    out.gap()


def _print_waiting(out: Screen, teller: Teller, waiting: Waiting) -> None:
    for conflict in waiting.conflicts:
        text = teller.conflict(conflict.conflict, conflict.id)
        out.line(text, "blue", mark=("•", "blue"), indent=2)
    for problem in waiting.problems:
        out.line(teller.problem(problem.problem), "yellow", mark=("•", "yellow"), indent=2)


def _print_next(out: Screen, messages: Messages, settings: Settings, folder: Path) -> None:
    """The commands to try next, each as it can be typed here."""
    say = messages.text
    start = command_start(settings.config)
    store = shlex.quote(str(folder / "crm.db"))
    select = "select full_name, phone, city from clients limit 5"
    update = "update clients set city = 'Basel' where city = 'Bern'"
    out.rule()
    out.line(
        say(N_("Everything is in the folder {folder}. To look further:"), folder=folder), "bold"
    )
    for text, command in (
        (N_("the open conflict, with all three values"), f"{start} conflicts list"),
        (N_("decide it for the sheet"), f"{start} conflicts resolve 1 --take sheet"),
        (N_("carry that out"), f"{start} sync"),
        (N_("what could not be taken as it was typed"), f"{start} problems list"),
        (N_("whom to call, the whole list"), f"{start} report followups"),
        (N_("this month and the last"), f"{start} report comparison"),
        (N_("look into the store with any SQLite program"), f'sqlite3 {store} "{select}"'),
        (N_("or change it there …"), f'sqlite3 {store} "{update}"'),
        (N_("… and see what the next run would do"), f"{start} sync --dry-run"),
        (N_("serve the workbook to gspread and other programs"), f"{start} serve"),
    ):
        out.line(command, indent=2, keep=True)
        out.line(say(text), "dim", indent=6)
