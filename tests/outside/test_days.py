"""Days seen from outside alone: HTTP to the server, the command line, SQL. Nothing typed is lost,
nothing stands in the row of another, and two runs bring agreement.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.outside.company import Crew, opened
from tests.outside.day import Day
from tests.outside.soak import soak

DAYS = 6
DAYS_IN_SOAK = int(os.environ.get("CRM_SYNC_DAYS", "10000"))
STEPS = 14


def lived(crew: Crew, prepared: Path, folder: Path, seed: int) -> Day:
    """A day of this seed, at its end."""
    company = opened(crew, prepared, folder / f"day-{seed}")
    try:
        day = Day(company, seed)
        day.live(STEPS)
    finally:
        company.close()
        shutil.rmtree(company.home)
    return day


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(DAYS))
def test_a_day_loses_nothing(crew: Crew, prepared: Path, folder: Path, seed: int) -> None:
    day = lived(crew, prepared, folder, seed)
    if day.wrong:
        pytest.fail("\n".join([*day.told, *day.wrong]), pytrace=False)


@pytest.mark.soak
def test_ten_thousand_days_lose_nothing(
    crew: Crew, prepared: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    soak(
        lambda seed: lived(crew, prepared, folder, seed),
        range(DAYS, DAYS + DAYS_IN_SOAK),
        capsys,
        "days seen from outside",
    )
