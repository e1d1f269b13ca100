"""Ctrl-C and SIGTERM: what must not be cut in two is finished first.

A request that is cut off may or may not have been carried out, and the next run has to find out. To
wait for its answer, a second as a rule, is better for all. Who asks twice is not kept waiting.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class _State:
    held = False
    asked = False


def listen() -> None:
    """From now on Ctrl-C and SIGTERM raise KeyboardInterrupt, but not before what is `unbroken` has
    ended. To be called in the main thread.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)


@contextmanager
def unbroken() -> Iterator[None]:
    """What is done inside comes to its end, unless somebody asks for the end a second time."""
    if _State.held or threading.current_thread() is not threading.main_thread():
        yield
        return
    _State.held, _State.asked = True, False
    try:
        yield
    finally:
        _State.held = False
        if _State.asked:
            _State.asked = False
            raise KeyboardInterrupt


def _interrupt(number: int, frame: FrameType | None) -> None:
    if _State.held and not _State.asked:
        _State.asked = True
        return
    raise KeyboardInterrupt
