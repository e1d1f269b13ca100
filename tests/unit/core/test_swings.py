"""What counts as a value that was put back, and as one that goes to and fro."""

from datetime import UTC, datetime, timedelta

import pytest

from crm_sync.core.swings import Step, gone_back, swinging

START = datetime(2026, 3, 10, 9, tzinfo=UTC)
BEFORE = START - timedelta(hours=1)


def steps(*changes: tuple[str, str]) -> list[Step]:
    """Changes an hour apart, from the value before to this one, through this source."""
    found, old = [], "a"
    for hour, (new, source) in enumerate(changes):
        found.append(Step(old, new, START + timedelta(hours=hour), source))
        old = new
    return found


def test_value_that_the_sheet_put_back_in_place_of_one_from_elsewhere_is_told() -> None:
    found = steps(("b", "sql"), ("a", "sheet:main"))
    assert gone_back(found, "sheet:main", BEFORE) == found[0]
    assert gone_back(found, "sheet:main", START + timedelta(hours=1)) is None


@pytest.mark.parametrize(
    "changes",
    [
        (("b", "sql"),),
        (("b", "sql"), ("c", "sheet:main")),
        (("b", "sheet:main"), ("a", "sheet:main")),
        (("b", "sql"), ("a", "sql")),
        (("b", "sql"), ("a", "sheet:branch")),
        (("b", "sql"), ("a", "sheet:main"), ("d", "sheet:main")),
    ],
)
def test_any_other_edit_is_only_an_edit(changes: tuple[tuple[str, str], ...]) -> None:
    assert gone_back(steps(*changes), "sheet:main", BEFORE) is None


def test_four_changes_between_two_values_are_a_swing() -> None:
    swing = steps(("b", "sql"), ("a", "sheet:main"), ("b", "sql"), ("a", "sheet:main"))
    assert swinging(swing, BEFORE)
    assert not swinging(swing[1:], BEFORE)
    assert not swinging(swing, START)
    assert swinging([*steps(("x", "cli")), *swing], BEFORE)


@pytest.mark.parametrize("values", ["baca", "bcba", "bbaa", "babc"])
def test_other_changes_are_none(values: str) -> None:
    assert not swinging(steps(*((value, "sql") for value in values)), BEFORE)
