"""The options by which values of a record are typed, and what is said of them afterwards."""

from __future__ import annotations

import getpass
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import click

from crm_sync.cli.findings import Teller
from crm_sync.cli.settings import Settings
from crm_sync.cli.usage import Usage
from crm_sync.core.findings import Problem, Severity
from crm_sync.core.plan import Op
from crm_sync.core.schema import Field, Kind, Table
from crm_sync.core.values import N_
from crm_sync.reports.findings import Reader
from crm_sync.services.application import Application
from crm_sync.services.around import Around
from crm_sync.services.entry import Author, Entered
from crm_sync.services.record_json import entered_json

_FIELD = "field_"
_METAVARS = {
    Kind.DATE: "DATE",
    Kind.DATETIME: "TIME",
    Kind.INTEGER: "NUMBER",
    Kind.DECIMAL: "NUMBER",
    Kind.BOOLEAN: "yes|no",
    Kind.REFERENCE: "NAME",
}


@dataclass(frozen=True)
class NearTeller(Teller):
    """A teller of a few records, who does not load all others."""

    world: Around

    @cached_property
    def reader(self) -> Reader:
        """How values are read."""
        tabs = {tab.table.name: tab for tab in self.app.whole}
        return Reader(tabs, self.app.say, self.world.show, self.app.zone, self.world.name)


def teller_of(settings: Settings, app: Application, world: Around) -> NearTeller:
    """A teller in the language of the reader."""
    return NearTeller(settings.spoken(app), settings.messages, world)


def field_options(table: Table, without: Iterable[str] = ()) -> Callable[[Any], Any]:
    """Gives a command an option for each field that people fill, and `--set` for any."""

    def decorate(command: Any) -> Any:
        for item in reversed(table.staff_fields):
            if item.name not in without:
                command = _option(item)(command)
        return click.option(
            "--set",
            "sets",
            multiple=True,
            metavar="FIELD=VALUE",
            help="Any field, also one of your own, by its name or heading; FIELD= empties it.",
        )(command)

    return decorate


def _option(item: Field) -> Callable[[Any], Any]:
    described = f"One of: {', '.join(item.choices)}." if item.choices else None
    if item.many and not item.choices:
        described = "Several with ; between them."
    return click.option(
        f"--{item.name.replace('_', '-')}",
        f"{_FIELD}{item.name}",
        metavar=_METAVARS.get(item.kind, "TEXT"),
        help=described,
    )


as_option = click.option("--as", "by", metavar="NAME", help="Who enters it. [default: you]")
dry_run_option = click.option(
    "--dry-run", is_flag=True, help="Say what would be entered, and do none of it."
)


def typed_values(sets: Iterable[str], options: Mapping[str, object]) -> dict[str, str]:
    """What was typed, by field or heading. Raises Usage for a field that was typed twice."""
    typed: dict[str, str] = {}
    pairs = [
        (name.removeprefix(_FIELD), str(value))
        for name, value in options.items()
        if name.startswith(_FIELD) and value is not None
    ]
    for text in sets:
        name, sign, value = text.partition("=")
        if not sign or not name.strip():
            raise Usage(
                N_("--set: “{typed}” names no field."),
                N_('Write the field, = and the value: --set "city=Perm"'),
                typed=text,
            )
        pairs.append((name.strip(), value))
    for name, value in pairs:
        if name in typed:
            raise Usage(N_("“{field}” is given twice."), N_("Say it once."), field=name)
        typed[name] = value
    return typed


def author(by: str | None) -> Author:
    """Who enters something: the one who is named, else the user of the computer."""
    if by and by.strip():
        return Author(by.strip())
    # Some containers have no user of a name.
    with suppress(KeyError, OSError, ImportError):
        return Author(getpass.getuser())
    return Author("")


def show_entered(
    settings: Settings, app: Application, found: Entered, teller: NearTeller, *, as_json: bool
) -> int:
    """Prints what became of an entry, and gives the exit code."""
    code = 0 if found.is_fit else 1
    if as_json:
        settings.out.json({"entered": entered_json(settings.spoken(app), found)})
        return code
    show_faults(settings, teller, found.table, found.problems)
    say = settings.messages.text
    if not found.is_fit:
        hint = say(N_("Nothing was entered. Correct what is named and type the command again."))
        settings.err.line(hint, mark=("→", "bold"))
    elif found.change is None:
        settings.out.line(say(N_("Nothing to change: it is so already.")))
    else:
        _show_change(settings, teller, found)
    return code


def show_faults(
    settings: Settings, teller: NearTeller, table: str, problems: Iterable[Problem]
) -> None:
    """Prints all that is wrong with what was typed, field by field, on stderr."""
    for item in problems:
        heading = teller.reader.heading(table, item.field) if item.field else ""
        what = teller.reader.sentence(item.message, item.params)
        if item.typed and item.typed not in what:
            what = settings.messages.text(N_("“{typed}”: {what}"), typed=item.typed, what=what)
        remedy = teller.reader.sentence(item.remedy, item.params)
        text = f"{heading}: {what} {settings.typed(remedy)}".strip(": ")
        style = "red" if item.severity is Severity.REJECT else "yellow"
        settings.err.line(text, mark=("•", style))


def _show_change(settings: Settings, teller: NearTeller, found: Entered) -> None:
    change, before = found.change, found.before
    assert change is not None
    say, label = settings.messages.text, teller.app.tab(found.table).table.label
    name = str(change.values.get(label) or (before.values.get(label) if before else "") or "")
    named = f"{name} ({change.record_id})" if change.record_id else name
    mark = ("✓", "green") if found.is_done else ("•", "")
    if change.op is Op.CREATE:
        text = N_("{record} is in the store.") if found.is_done else N_("New: {record}")
    else:
        text = N_("{record} is changed.") if found.is_done else N_("{record} would change:")
    settings.out.line(say(text, record=named or change.record_id), mark=mark)
    for field, value in change.values.items():
        was = before.values.get(field) if before else None
        if value is None and was is None:
            continue
        heading = teller.reader.heading(found.table, field)
        new = teller.value(found.table, field, value)
        line = f"{heading}: {new}"
        if before is not None:
            line = f"{heading}: {teller.value(found.table, field, was)} → {new}"
        settings.out.line(line, indent=2)
    if found.is_done:
        hint = say(N_("The next run carries it to the sheets: crm-sync sync"))
        settings.out.line(settings.typed(hint), mark=("→", "bold"), keep=True)
