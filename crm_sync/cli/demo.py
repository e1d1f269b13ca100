"""`crm-sync demo`: a working day on real data, in a folder of its own."""

from __future__ import annotations

import shlex
import shutil
from datetime import datetime
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape

from crm_sync.cli.settings import Settings, common
from crm_sync.cli.show import TERMINAL, print_grid
from crm_sync.cli.sync import print_result
from crm_sync.config import SampleValues, load_config, sample_config
from crm_sync.core.values import N_
from crm_sync.demo_data.load import CURRENCY, load
from crm_sync.errors import ConfigError
from crm_sync.messages import Messages
from crm_sync.services.demo import WORKBOOK, Day, Scene, Shown
from crm_sync.services.result import RunResult
from crm_sync.wiring import open_demo

MARK = ".crm-sync-demo"
"""A file that says: this folder is a demonstration and may be made anew."""


@click.command()
@click.argument("folder", default="demo", type=click.Path(path_type=Path, file_okay=False))
@common
def demo(settings: Settings, folder: Path) -> None:
    """Play a working day of a trading company in FOLDER (default: demo): 126 clients, 830
    agreements.

    Staff edit the spreadsheet, a manager edits the store, the sync brings both together.

    \b
    Example:  crm-sync demo --lang ru
    """
    messages = Messages(settings.lang or "en")
    out = settings.out
    _prepare(folder, messages)
    config = load_config(folder / "config.toml")
    with open_demo(config) as (app, staff):
        data = load(datetime.now(app.zone).date(), messages.text)
        for event in Day(app, staff, data).events():
            match event:
                case Scene():
                    _print_scene(out, messages, event)
                case RunResult():
                    print_result(out, messages, app, event)
                    out.print()
                case Shown():
                    print_grid(out, event.grid, messages, TERMINAL[event.name])
                    out.print()
    _print_next(out, messages, folder)


def _prepare(folder: Path, messages: Messages) -> None:
    """An empty folder with a configuration. Raises ConfigError rather than touch anything that is
    not an earlier demonstration.
    """
    if folder.exists() and any(folder.iterdir()):
        if not (folder / MARK).exists():
            raise ConfigError(
                N_("The folder {folder} is not empty, and it is no demonstration."),
                N_("Choose another: crm-sync demo my-demo"),
                folder=folder,
            )
        shutil.rmtree(folder)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    (folder / MARK).touch()
    values = SampleValues(
        currency=CURRENCY,
        store="crm.db",
        data="workbook.db",
        workbook=WORKBOOK,
        title=messages.text(N_("CRM of the demo company")),
    )
    (folder / "config.toml").write_text(sample_config(messages.language, values), encoding="utf-8")


def _print_scene(out: Console, messages: Messages, scene: Scene) -> None:
    params = {key: value for _, found in scene.deeds for key, value in found.items()}
    out.rule(style="dim")
    out.print(f"[bold]{escape(messages.text(scene.title, **params))}[/]")
    for text, facts in scene.deeds:
        out.print("  " + escape(messages.text(text, **facts)))
    out.print()


def _print_next(out: Console, messages: Messages, folder: Path) -> None:
    """The commands to try next, each as it can be typed."""
    say = messages.text
    config = shlex.quote(str(folder / "config.toml"))
    store = shlex.quote(str(folder / "crm.db"))
    out.rule(style="dim")
    out.print(
        f"[bold]{escape(say(N_('Everything is in {folder}. To look further:'), folder=folder))}[/]"
    )
    for text, command in (
        (N_("the open conflict"), f"crm-sync conflicts list -c {config}"),
        (N_("decide it for the sheet"), f"crm-sync conflicts resolve 1 --take sheet -c {config}"),
        (N_("carry that out"), f"crm-sync sync -c {config}"),
        (N_("what could not be taken"), f"crm-sync problems list -c {config}"),
        (N_("whom to call today"), f"crm-sync report followups -c {config}"),
        (N_("this month and the last"), f"crm-sync report comparison -c {config}"),
        (
            N_("the store, with any SQLite program"),
            f'sqlite3 {store} "select full_name, phone from clients limit 5"',
        ),
        (
            N_("the workbook, for gspread and a browser"),
            f"crm-sync serve -c {config}",
        ),
    ):
        out.print(f"  {escape(command)}", soft_wrap=True)
        out.print(f"      [dim]{escape(say(text))}[/]")
