"""`crm-sync serve`: the local Sheets server as a service for other programs."""

from __future__ import annotations

import logging
from pathlib import Path

import click

from crm_sync.cli.settings import Settings, common
from crm_sync.cli.usage import Whole
from crm_sync.core.values import N_
from crm_sync.wiring.local import local_data, serve_data

USUAL_PORT = 8765
LARGEST_PORT = 65535


@click.command(short_help="Serve local workbooks to other programs.")
@click.option(
    "--port",
    default=USUAL_PORT,
    metavar="PORT",
    type=Whole(0, LARGEST_PORT),
    help=f"The port; 0 picks a free one. [default: {USUAL_PORT}]",
)
@click.option(
    "--data",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="The file with the workbooks. [default: that of the first local workbook in the config]",
)
@click.option("--token", help="A bearer token that is let in as the owner, for scripts.")
@common
def serve(settings: Settings, port: int, data: Path | None, token: str | None) -> None:
    """Serve local workbooks in Google's own protocol, on this computer only, until Ctrl-C.

    \b
    Example:  crm-sync serve --port 8765 --data data/workbook.db
    """
    say = settings.messages.text
    file = data or local_data(settings.load())

    logging.getLogger("crm_sync").addHandler(_Failures(settings))

    def ready(url: str) -> None:
        settings.out.line(say(N_("Serving {file} at {url}"), file=file, url=url), keep=True)
        hint = say(N_("Open {url} in a browser to see how to connect. Ctrl-C ends it."), url=url)
        settings.err.line(hint)

    serve_data(file, port, token, ready)


class _Failures(logging.Handler):
    """Says on stderr that a request failed, without what stood in it."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(logging.ERROR)
        self._settings = settings

    def emit(self, record: logging.LogRecord) -> None:
        """Prints one failure in a line."""
        kind = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else "?"
        text = N_("A request failed inside the server ({kind}); the client was told so.")
        self._settings.err.line(self._settings.messages.text(text, kind=kind))
