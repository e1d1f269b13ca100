"""Which command is where: a command's module is loaded when that command is typed, and no other."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, overload

import click

from crm_sync.cli.usage import Group

if TYPE_CHECKING:
    from _collections_abc import dict_items, dict_values

PLACES: Final[Mapping[str, tuple[str, str, str]]] = {
    "agreement": (
        "records",
        "agreement",
        "Agreements: the same for offers, orders, obligations.",
    ),
    "client": ("records", "client", "Clients: add, change, show and find them in the store."),
    "contact": ("records", "contact", "Contacts: the same for calls, letters, meetings."),
    "find": ("finding", "find", "Find by words, part of a name or phone."),
    "adopt": ("adopt", "adopt", "Take over a spreadsheet that staff have already."),
    "as-of": ("as_of", "as_of_", "Show the store as it stood on a day."),
    "audit": ("audit", "audit", "Look over what should stay as it is: who may open the workbooks."),
    "backup": ("backup", "backup", "Backups: copies of the store."),
    "card": ("card", "card", "Show a client with its whole history."),
    "done": ("card", "done", "Say that a follow-up is done."),
    "completion": (
        "completion",
        "completion",
        "Print what makes a shell complete commands.",
    ),
    "conflicts": (
        "conflicts",
        "conflicts",
        "Conflicts: cells that both sides changed, differently.",
    ),
    "demo": ("demo", "demo", "Play a working day on real data, in a folder of its own."),
    "doctor": ("doctor", "doctor", "Look over all that can be wrong, and say the remedy."),
    "erase": ("erase", "erase_", "Forget a person for good, as the law asks."),
    "explain": ("explain", "explain", "Show the records behind a number of a report."),
    "export": ("export", "export_", "Hand records out as a file."),
    "history": ("history", "history", "Show every change of a record."),
    "init": ("init", "init", "Set crm-sync up: ask, write config.toml, try it."),
    "kpi": ("kpi", "kpi", "Settle the bonuses of a month."),
    "duplicates": ("merging", "duplicates", "Find clients that are in the store twice."),
    "merge": ("merging", "merge", "Make one record of several."),
    "unmerge": ("merging", "unmerge", "Take a merge back."),
    "import": ("importing", "import_", "Take records in from a CSV or XLSX file."),
    "log": ("log", "log", "Show the runs, or what one of them changed."),
    "notify": ("notify", "notify", "Tell people what needs them, by e-mail or webhook."),
    "problems": ("problems", "problems", "Problems: cells that could not be taken as they stand."),
    "recover": (
        "recover",
        "recover",
        "Heal a workbook or store that was put back, copied or moved.",
    ),
    "report": ("report", "report", "Show a report made from the store, or write it to a file."),
    "restore": ("log", "restore_", "Bring an archived record back."),
    "review": (
        "approvals",
        "review",
        "Changes in a closed period, which wait for the owner's word.",
    ),
    "schedule": (
        "schedule",
        "schedule",
        "Let runs go by themselves, with timers of systemd or with cron.",
    ),
    "serve": ("serve", "serve", "Serve local workbooks to other programs."),
    "status": ("status", "status_", "Show how things stand."),
    "sync": ("sync", "sync", "Bring workbooks and store to agreement."),
    "branch": ("branch", "branch", "Branches: open one with a workbook of its own."),
    "template": (
        "template",
        "template",
        "Templates: give workbooks their looks, and see what they have lost of them.",
    ),
    "watch": ("watch", "watch", "Sync every few minutes until Ctrl-C."),
    "undo": ("log", "undo", "Take back what a run brought into the store."),
    "verify": ("verify", "verify", "Prove that store and history are as they were written."),
}
"""Of each command its module in this package, its name there, and its line in the list of all."""


class Commands(dict[str, click.Command]):
    """The commands by name, each loaded when it is asked for."""

    def __init__(self) -> None:
        super().__init__(
            (name, click.Command(name, short_help=line)) for name, (_, _, line) in PLACES.items()
        )
        self._loaded: set[str] = set()

    def __getitem__(self, name: str) -> click.Command:
        if name in PLACES and name not in self._loaded:
            module, attribute, _ = PLACES[name]
            super().__setitem__(name, getattr(import_module(f"crm_sync.cli.{module}"), attribute))
            self._loaded.add(name)
        return super().__getitem__(name)

    @overload
    def get(self, name: str, default: None = None, /) -> click.Command | None: ...
    @overload
    def get(self, name: str, default: click.Command, /) -> click.Command: ...
    @overload
    def get(self, name: str, default: Any, /) -> Any: ...
    def get(self, name: str, default: Any = None, /) -> Any:
        """The command of this name, loaded."""
        if name not in self:
            return default
        return self[name]

    # Without these two, who goes through all of them would get those that are not loaded yet.

    def items(self) -> dict_items[str, click.Command]:
        """All commands by name, loaded."""
        return {name: self[name] for name in self}.items()

    def values(self) -> dict_values[str, click.Command]:
        """All commands, loaded."""
        return {name: self[name] for name in self}.values()

    def lines(self) -> list[tuple[str, str]]:
        """Each command and its line in the list, none of them loaded for it."""
        return sorted((name, PLACES[name][2]) for name in self)


class Index(Group):
    """The group of all commands. To list them loads none."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.listed = Commands()
        self.commands = self.listed

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes the list of commands."""
        with formatter.section("Commands"):
            formatter.write_dl(self.listed.lines())
