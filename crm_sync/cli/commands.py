"""All commands as one, and what is printed when one of them fails."""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from crm_sync import __version__
from crm_sync.cli.failure_json import error_json
from crm_sync.cli.help import SpokenContext
from crm_sync.cli.index import Index
from crm_sync.cli.screen import OutputLost
from crm_sync.cli.settings import Settings, config_option, language_option
from crm_sync.cli.usage import usage_error
from crm_sync.core.values import N_
from crm_sync.errors import UserError

INTERRUPTED = 130
UNEXPECTED = "E-UNEXPECTED"


@click.group(cls=Index, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="crm-sync")
@config_option
@language_option
@click.pass_context
def cli(ctx: click.Context, config: Path | None, lang: str | None) -> None:
    """Keep one store of clients in two-way sync with the spreadsheets that staff work in.

    \b
    See it on real data:    crm-sync demo
    Sync what changed:      crm-sync sync

    \b
    Exit codes:
      0  done                          4  no connection, or too many requests
      1  failed                        5  configuration, key or access
      2  wrong usage, no such thing    6  the store
      3  waits for a decision        130  ended by Ctrl-C
    """
    gc.enable()
    ctx.ensure_object(Settings).take(config, lang)


cli.context_class = SpokenContext


def run(arguments: Sequence[str]) -> int:
    """The exit code of a command, once it has run and all is printed."""
    settings = Settings.guessed(arguments)
    try:
        code = cli.main(list(arguments), "crm-sync", standalone_mode=False, obj=settings)
        if sys.stdout is not None:
            sys.stdout.flush()
    except click.exceptions.NoArgsIsHelpError as exc:
        exc.show()
        return exc.exit_code
    except click.UsageError as exc:
        usage = usage_error(exc)
        _show_error(usage, settings)
        return usage.exit_code
    except UserError as exc:
        _show_error(exc, settings)
        return exc.exit_code
    except OutputLost as exc:
        message = N_("The output cannot be written: {reason}.")
        hint = N_("See whether there is room where it goes to.")
        settings.show_error(UserError(message, hint, reason=exc.args[0]))
        return UserError.exit_code
    except (click.exceptions.Abort, KeyboardInterrupt):
        said = N_("Stopped. Nothing is lost: the next run goes on from here.")
        settings.err.line(settings.messages.text(said))
        return INTERRUPTED
    return code if isinstance(code, int) else 0


def _show_error(error: UserError, settings: Settings) -> None:
    if settings.as_json:
        settings.out.json({"error": error_json(error.code, *settings.told(error))})
    settings.show_error(error)


def show_failure(error: Exception, arguments: Sequence[str]) -> None:
    """Prints that something went wrong that should not have; its details only on demand, since they
    may hold what stands in the sheets.
    """
    settings = Settings.guessed(arguments)
    say = settings.messages.text
    message = say(
        N_("Something went wrong ({kind}). Nothing is lost: the next run goes on."),
        kind=type(error).__name__,
    )
    hint = say(
        N_("Run the same command again; with CRM_SYNC_DEBUG=1 before it, it tells all details.")
    )
    if settings.as_json:
        settings.out.json({"error": error_json(UNEXPECTED, message, hint)})
    settings.show_failure(UNEXPECTED, message, hint)
