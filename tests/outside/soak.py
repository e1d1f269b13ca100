"""Days one after another, for hours, with what was met and what broke."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

import pytest


class Lived(Protocol):
    """A day at its end."""

    met: Counter[str]
    told: list[str]
    wrong: list[str]


@dataclass
class Ended:
    """What is known of a day that has ended."""

    met: Counter[str]
    told: list[str]
    wrong: list[str]


def soak(
    live: Callable[[int], Lived],
    seeds: Iterable[int],
    capsys: pytest.CaptureFixture[str],
    name: str,
) -> None:
    """Lives the days of these seeds; at the end none may have broken. Says so as it goes on."""

    def say(*lines: str) -> None:
        with capsys.disabled():
            sys.stdout.write("\n".join(["", *lines, ""]))
            sys.stdout.flush()

    met: Counter[str] = Counter()
    broken: list[int] = []
    for seed in seeds:
        day = live(seed)
        met += day.met
        met["days"] += 1
        if day.wrong:
            broken.append(seed)
            say(f"day {seed}:", *day.told, *day.wrong)
        if met["days"] % 100 == 0:
            say(f"{met['days']} {name}, {len(broken)} broken: {broken}")
    say(f"{name}:", *(f"  {met[key]:7} {key}" for key in sorted(met)))
    assert not broken
