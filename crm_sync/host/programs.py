"""Other programs of this computer, asked shortly."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from typing import Final

from crm_sync.core.values import N_
from crm_sync.errors import HostError

_PATIENCE: Final = 20


def ask(command: Sequence[str], given: str | None = None) -> tuple[int, str, str]:
    """The exit code of a program and what it said on both ways; 127 if there is none such."""
    try:
        done = subprocess.run(
            list(command),
            input=given,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=_PATIENCE,
            check=False,
            stdin=subprocess.DEVNULL if given is None else None,
        )
    except FileNotFoundError:
        return 127, "", ""
    except (OSError, subprocess.TimeoutExpired) as exc:
        return 126, "", type(exc).__name__
    return done.returncode, done.stdout, done.stderr


def demand(command: Sequence[str], given: str | None = None) -> str:
    """What a program said. Raises HostError if it failed."""
    code, out, err = ask(command, given)
    if code:
        raise HostError(
            N_("“{command}” failed: {reason}"),
            N_("Type it yourself to see more; crm-sync schedule install --print shows the files."),
            command=" ".join(command),
            reason=err.strip().splitlines()[-1] if err.strip() else f"{code}",
        )
    return out
