"""Keeps Python's cycle collector away from the cells of workbooks.

A workbook is millions of objects without cycles. The collector would walk them all again and
again while they are made, which takes two thirds of the time in which a large one is loaded.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_MANY = 200_000


@contextmanager
def without_cycle_search() -> Iterator[None]:
    """Inside, no cycles are looked for; what was made by the hundred thousand is never walked.

    Objects are still freed when nothing refers to them: only cycles among them would stay.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if gc.get_count()[0] > _MANY:
            gc.freeze()
        if was_enabled:
            gc.enable()
