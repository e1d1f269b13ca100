"""What was typed into cells that are not the staff's is told until somebody has seen it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crm_sync.core.findings import OpenProblem, Problem, Severity
from crm_sync.services.put_back import MOST, PUT_BACK, TIRELESS, told_on

CELL = Problem(
    "clients", PUT_BACK, Severity.WARN, "Put back.", "Ask.", "C-1", "owner", row=3, column=2
)


def known(number: int, typed: str, *, times: int = 1, accepted: bool = False) -> OpenProblem:
    return OpenProblem(number, "main", replace(CELL, typed=typed), "", "", times, accepted)


def test_last_texts_of_a_cell_are_told_and_the_new_one_is_among_them() -> None:
    before = [known(number, f"text {number}") for number in range(1, MOST + 1)]
    found = told_on([replace(CELL, typed="new")], before)
    assert [item.typed for item in found] == ["new", *(f"text {n}" for n in range(2, MOST + 1))]
    assert [item.row for item in found] == [3, *[None] * (MOST - 1)]


def test_text_that_somebody_has_accepted_or_that_is_typed_again_is_told_no_more() -> None:
    before = [known(1, "old"), known(2, "seen", accepted=True), known(3, "new")]
    assert [item.typed for item in told_on([replace(CELL, typed="new")], before)] == ["new", "old"]


@pytest.mark.parametrize(("times", "tireless"), [(TIRELESS - 2, False), (TIRELESS - 1, True)])
def test_cell_that_was_put_back_run_after_run_is_written_by_no_person(
    times: int, tireless: bool
) -> None:
    (found,) = told_on([replace(CELL, typed="x")], [known(1, "x", times=times)])
    assert (found.message != CELL.message) is tireless
