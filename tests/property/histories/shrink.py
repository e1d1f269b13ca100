"""Makes a history that breaks something as short as it can be."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from tests.property.histories import steps as s


def shrunk(history: s.History, breaks: Callable[[s.History], bool]) -> s.History:
    """The shortest history found that still breaks something."""
    found = True
    while found:
        found = False
        for candidate in _smaller(history):
            if breaks(candidate):
                history, found = candidate, True
                break
    return history


def _smaller(history: s.History) -> Iterator[s.History]:
    size = len(history) // 2
    while size:
        for start in range(0, len(history) - size, size):
            yield history[:start] + history[start + size :]
        size //= 2
    for number, step in enumerate(history):
        if isinstance(step, s.Run):
            for simpler in _simpler(step):
                yield (*history[:number], simpler, *history[number + 1 :])


def _simpler(run: s.Run) -> Iterator[s.Run]:
    if run.races:
        yield replace(run, races=run.races[1:])
        yield replace(run, races=run.races[:-1])
        for number, race in enumerate(run.races):
            for act in range(len(race.acts)) if len(race.acts) > 1 else ():
                fewer = replace(race, acts=race.acts[:act] + race.acts[act + 1 :])
                yield replace(run, races=(*run.races[:number], fewer, *run.races[number + 1 :]))
    if run.troubles:
        yield replace(run, troubles=())
    if run.kill:
        yield replace(run, kill=0)
