"""The way in: `crm-sync`. Errors end here, each with its exit code and the next step."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Sequence

FAILED = 1
INTERRUPTED = 130
BROKEN_PIPE = 141


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the command line and exits with its code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        # What a terminal's encoding lacks shows as a question mark, not as an error.
        with contextlib.suppress(AttributeError):
            stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    sys.exit(_exit_code(given))


def _exit_code(arguments: Sequence[str]) -> int:
    try:
        # Imported here: until all is loaded, too, Ctrl-C ends the program without a traceback.
        from crm_sync.cli.commands import run

        return run(arguments)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of our output went away; nothing more can be said to it.
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError, AttributeError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        return BROKEN_PIPE
    except Exception as exc:
        # The last line of defence against a traceback.
        if os.environ.get("CRM_SYNC_DEBUG"):
            raise
        from crm_sync.cli.commands import show_failure

        show_failure(exc, arguments)
        return FAILED


if __name__ == "__main__":
    main()
