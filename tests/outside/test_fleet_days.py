"""Days of a company with three workbooks, seen from outside alone: rows go from one to another,
runs die between two of them, files go back; nothing typed is lost, and two runs bring agreement.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.outside.company import Crew
from tests.outside.fleet import founded_fleet, opened_fleet
from tests.outside.fleet_day import FleetDay
from tests.outside.fleet_decisions import Decisions
from tests.outside.soak import soak

DAYS_IN_SOAK = int(os.environ.get("CRM_SYNC_DAYS", "10000"))
STEPS = 14
ONCE_BROKEN = (0, 106)
"""Days by their seeds; the even ones are lived in English, the odd ones in Russian."""


def language_of(seed: int) -> str:
    return ("en", "ru")[seed % 2]


@pytest.fixture(scope="module")
def fleets(crew: Crew, folder: Path) -> dict[str, Path]:
    """A prepared company in each language."""
    return {name: founded_fleet(crew, folder / f"fleet-{name}", name) for name in ("en", "ru")}


def lived(crew: Crew, fleets: dict[str, Path], folder: Path, seed: int) -> FleetDay:
    """A day of this seed, at its end."""
    language = language_of(seed)
    fleet = opened_fleet(crew, fleets[language], folder / f"fleet-day-{seed}", language)
    try:
        day = FleetDay(fleet, seed)
        if seed not in ONCE_BROKEN:
            day.decisions = Decisions(fleet, day.ledger, day.chance)
        day.live(STEPS)
    finally:
        fleet.close()
        shutil.rmtree(fleet.home)
    return day


@pytest.mark.slow
@pytest.mark.parametrize("seed", ONCE_BROKEN)
def test_a_day_of_a_fleet_loses_nothing(
    crew: Crew, fleets: dict[str, Path], folder: Path, seed: int
) -> None:
    day = lived(crew, fleets, folder, seed)
    if day.wrong:
        pytest.fail("\n".join([*day.told, *day.wrong]), pytrace=False)


@pytest.mark.soak
def test_ten_thousand_days_of_a_fleet_lose_nothing(
    crew: Crew, fleets: dict[str, Path], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    soak(
        lambda seed: lived(crew, fleets, folder, seed),
        range(DAYS_IN_SOAK),
        capsys,
        "days of a fleet",
    )
