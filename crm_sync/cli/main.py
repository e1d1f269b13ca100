"""The way in: `crm-sync`. Errors end here, each with its exit code and the next step."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape

from crm_sync import __version__
from crm_sync.cli.conflicts import conflicts
from crm_sync.cli.demo import demo
from crm_sync.cli.history import history
from crm_sync.cli.problems import problems
from crm_sync.cli.report import report
from crm_sync.cli.serve import serve
from crm_sync.cli.settings import Settings
from crm_sync.cli.sync import sync
from crm_sync.core.values import N_
from crm_sync.errors import UserError
from crm_sync.messages import Messages

INTERRUPTED = 130
BROKEN_PIPE = 141


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="crm-sync")
@click.option(
    "--config",
    "-c",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The configuration file. [default: config.toml here, or $CRM_SYNC_CONFIG]",
)
@click.option("--lang", type=click.Choice(["en", "ru"]), help="Language of what is printed.")
@click.pass_context
def cli(ctx: click.Context, config: Path | None, lang: str | None) -> None:
    """Keep one store of clients in two-way sync with the spreadsheets that staff work in.

    \b
    See it on real data:    crm-sync demo
    Sync what changed:      crm-sync sync

    Exit codes: 0 done, 1 failed, 2 wrong usage or no such thing, 3 a tab waits for a decision,
    4 no connection, 5 configuration or access, 6 the store.
    """
    settings = ctx.ensure_object(Settings)
    settings.config, settings.lang = config, lang


for command in (sync, demo, serve, conflicts, problems, report, history):
    cli.add_command(command)


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the command line and exits with its code."""
    settings = Settings()
    try:
        code = cli.main(arguments, "crm-sync", standalone_mode=False, obj=settings)
    except click.exceptions.Abort:
        code = INTERRUPTED
    except click.ClickException as exc:
        exc.show()
        code = exc.exit_code
    except UserError as exc:
        show_error(exc, settings)
        code = exc.exit_code
    except KeyboardInterrupt:
        code = INTERRUPTED
    except BrokenPipeError:
        # The reader of our output went away; nothing more can be said to it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = BROKEN_PIPE
    except Exception as exc:  # noqa: BLE001 - the last line of defence against a traceback
        code = show_failure(exc, settings)
    sys.exit(code if isinstance(code, int) else 0)


def show_error(error: UserError, settings: Settings) -> None:
    """Prints an error that the user can mend: what is wrong, then what to do."""
    messages = settings.messages
    message = messages.text(error.message, **error.facts)
    hint = messages.text(error.hint, **error.facts) if error.hint else ""
    if settings.as_json:
        click.echo(
            json.dumps(
                {"error": {"code": error.code, "message": message, "hint": hint}},
                ensure_ascii=False,
            )
        )
    console = Console(stderr=True, highlight=False)
    console.print(f"[bold red]{error.code}[/] {escape(message)}", soft_wrap=True)
    if hint:
        console.print(f"[bold]→[/] {escape(hint)}", soft_wrap=True)


def show_failure(error: Exception, settings: Settings) -> int:
    """Prints that something went wrong that should not have; its details only on demand, since they
    may hold what stands in the sheets.
    """
    if os.environ.get("CRM_SYNC_DEBUG"):
        raise error
    messages: Messages = settings.messages
    console = Console(stderr=True, highlight=False)
    text = messages.text(
        N_("Something went wrong ({kind}). Nothing is lost: the next run goes on."),
        kind=type(error).__name__,
    )
    hint = messages.text(
        N_("Run the same command again; with CRM_SYNC_DEBUG=1 before it, it tells all details.")
    )
    console.print(f"[bold red]E-UNEXPECTED[/] {escape(text)}", soft_wrap=True)
    console.print(f"[bold]→[/] {escape(hint)}", soft_wrap=True)
    return 1


if __name__ == "__main__":
    main()
