"""The way in: `crm-sync`. Errors end here, each with its exit code and the next step."""

from __future__ import annotations

import contextlib
import gc
import logging
import os
import sys
import threading
from collections.abc import Sequence

from crm_sync import interrupts

FAILED = 1
INTERRUPTED = 130
BROKEN_PIPE = 141


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the command line and exits with its code."""
    if not os.environ.get("CRM_SYNC_DEBUG"):
        # What libraries log are details for their makers, and may quote what stands in a sheet.
        logging.basicConfig(handlers=[logging.NullHandler()])
    given = list(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        # What a terminal's encoding lacks shows as a question mark, not as an error.
        with contextlib.suppress(AttributeError):
            stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    if threading.current_thread() is threading.main_thread():
        # SIGTERM as Ctrl-C: the request under way is finished, locks are let go, a local server is
        # stopped. A run that is cut short is healed by the next one.
        interrupts.listen()
    # What is loaded stays; to look for rubbish in it meanwhile takes a tenth of the start.
    # `commands.cli` ends this before a command does its work.
    gc.disable()
    try:
        code = _exit_code(given)
    finally:
        gc.enable()
    sys.exit(code)


def _exit_code(arguments: Sequence[str]) -> int:
    try:
        # Imported here: until all is loaded, too, Ctrl-C ends the program without a traceback.
        from crm_sync.cli import commands
        from crm_sync.cli.screen import OutputLost
    except KeyboardInterrupt:
        return INTERRUPTED
    try:
        return commands.run(arguments)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of our output went away; nothing more can be said to it.
        _drop_output()
        return BROKEN_PIPE
    except OutputLost:
        _drop_output()
        return FAILED
    except Exception as exc:
        # The last line of defence against a traceback.
        if os.environ.get("CRM_SYNC_DEBUG"):
            raise
        with contextlib.suppress(OutputLost, BrokenPipeError):
            commands.show_failure(exc, arguments)
        return FAILED


def _drop_output() -> None:
    """Sends to nowhere what is still to be written, so that the end of the program meets no error
    with it.
    """
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError, AttributeError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


if __name__ == "__main__":
    main()
