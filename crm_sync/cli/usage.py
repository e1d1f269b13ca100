"""Commands typed wrongly: what is wrong and what would be right, in the reader's language."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from typing import Any

import click

from crm_sync.core.values import N_
from crm_sync.errors import UserError

_HELP = N_("{command} --help shows how it is used.")
_EXTRA = re.compile(r"unexpected extra arguments? \((.*)\)")


class Usage(UserError):
    """The command cannot be understood as it was typed."""

    exit_code = 2
    code = "E-USAGE"


class Group(click.Group):
    """A group of commands that says in our words what it does not know."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if not name.startswith("-") and self.get_command(ctx, name) is None:
            known = self.list_commands(ctx)
            raise _unknown(N_("There is no command {typed}."), name, known, ctx.command_path)
        found, command, rest = super().resolve_command(ctx, args)
        if command is not None:
            # Its help speaks the language of this one.
            command.context_class = type(ctx)
        return found, command, rest


class ListingGroup(Group):
    """A group whose command `list` is meant when none is named."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or (args[0].startswith("-") and args[0] not in ctx.help_option_names):
            args = ["list", *args]
        return super().parse_args(ctx, args)


class OneOf(click.Choice[str]):
    """One of a few words."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if value not in self.choices:
            raise Usage(
                N_("{parameter}: “{typed}” is none of: {choices}."),
                _HELP,
                parameter=_name(param),
                typed=value,
                choices=", ".join(self.choices),
                command=_command(ctx),
            )
        return str(value)


class Whole(click.IntRange):
    """A whole number in a range."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        try:
            return int(super().convert(value, param, ctx))
        except click.BadParameter as exc:
            limit = "" if self.max is None else str(self.max)
            raise Usage(
                N_("{parameter}: “{typed}” is no whole number from {least} to {most}.")
                if limit
                else N_("{parameter}: “{typed}” is no whole number from {least} on."),
                _HELP,
                parameter=_name(param),
                typed=value,
                least=self.min or 0,
                most=limit,
                command=_command(ctx),
            ) from exc


def usage_error(exc: click.UsageError) -> Usage:
    """What click found wrong, in our words."""
    command = _command(exc.ctx)
    extra = _EXTRA.search(exc.message)
    match exc:
        case click.NoSuchOption():
            options = [name for item in _options(exc.ctx) for name in item.opts]
            return _unknown(N_("There is no option {typed}."), exc.option_name, options, command)
        case click.MissingParameter():
            return Usage(
                N_("{parameter} is missing."), _HELP, parameter=_name(exc.param), command=command
            )
        case click.BadOptionUsage():
            return Usage(
                N_("{parameter} needs a value after it, or takes none."),
                _HELP,
                parameter=exc.option_name,
                command=command,
            )
        case _ if extra:
            return Usage(N_("“{typed}” is too much here."), _HELP, typed=extra[1], command=command)
        case _:
            return Usage(
                N_("This command cannot be understood: {reason}"),
                _HELP,
                reason=exc.format_message(),
                command=command,
            )


def _unknown(message: str, typed: str, known: Iterable[str], command: str) -> Usage:
    meant = difflib.get_close_matches(typed, list(known), n=1)
    hint = N_("Did you mean {meant}? {command} --help lists what there is.")
    return Usage(
        message,
        hint if meant else N_("{command} --help lists what there is."),
        typed=typed,
        meant=meant[0] if meant else "",
        command=command,
    )


def _options(ctx: click.Context | None) -> list[click.Option]:
    parameters = ctx.command.params if ctx is not None else []
    return [item for item in parameters if isinstance(item, click.Option)]


def _command(ctx: click.Context | None) -> str:
    return ctx.command_path if ctx is not None else "crm-sync"


def _name(param: click.Parameter | None) -> str:
    """A parameter as people type it: --take, NUMBER."""
    if param is None:
        return "?"
    if isinstance(param, click.Option):
        return param.opts[0]
    return str(param.name).upper()
