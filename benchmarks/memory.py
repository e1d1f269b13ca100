"""The highest memory of a piece of work, where the system tells it (Linux)."""

from __future__ import annotations

import contextlib
import ctypes
import gc
from pathlib import Path

_STATUS = Path("/proc/self/status")


def reset_peak() -> int | None:
    """Forgets the peak so far; the bytes in use now, None where nobody can tell."""
    gc.collect()
    with contextlib.suppress(OSError, AttributeError):
        # What the work before has freed must not hide what this one takes.
        ctypes.CDLL("libc.so.6").malloc_trim(0)
    try:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
        return _field("VmRSS")
    except OSError:
        return None


def peak_since(before: int | None) -> int | None:
    """How many bytes more than `before` were in use at the most."""
    return None if before is None else max(_field("VmHWM") - before, 0)


def _field(name: str) -> int:
    for line in _STATUS.read_text(encoding="ascii").splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * 1024
    raise OSError(name)
