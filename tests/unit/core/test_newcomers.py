"""What a new row brings into the store, and what keeps it waiting."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from crm_sync.core.findings import Finding, Severity
from crm_sync.core.newcomers import Newcomer, read_newcomers
from crm_sync.core.values import Cell
from tests.unit.core.small_tab import sheet, work


def read(*cells: Cell, check: Any = None, formulas: Any = None) -> Newcomer:
    more = {"check": check} if check else {}
    made = work(sheet(cells, formulas=formulas), **more)
    (found,) = read_newcomers(made, made.rows)
    return found


def breaking(code: str, *names: str, severity: Severity = Severity.REJECT) -> Any:
    def check(after: Any, before: Any) -> Sequence[Finding]:
        return (Finding(code, severity, names, "No."),)

    return check


def test_complete_row_brings_what_was_understood_and_remembers_its_cells() -> None:
    found = read("", "Anna", "8 912 000-00-01")
    assert found.complete
    assert (found.values["name"], found.values["phone"]) == ("Anna", "+79120000001")
    assert found.cells["phone"] == "8 912 000-00-01"
    assert (found.rewrites, found.problems) == ({}, ())


def test_row_without_its_required_cell_waits_as_a_draft() -> None:
    found = read("", None, "8 912 000-00-01")
    assert not found.complete
    assert [(item.severity, item.field) for item in found.problems] == [(Severity.DRAFT, "name")]


def test_cell_that_cannot_be_read_is_left_out_and_told_and_the_record_comes() -> None:
    found = read("", "Anna", "12-")
    assert found.complete
    assert found.values["phone"] is None
    assert "phone" not in found.cells
    assert [(item.severity, item.field) for item in found.problems] == [(Severity.REJECT, "phone")]


def test_cell_that_a_rule_refuses_is_left_out_and_told() -> None:
    found = read("", "Anna", None, "Nowhere", check=breaking("V09", "city"))
    assert found.complete
    assert found.values["city"] is None
    assert "city" not in found.cells
    assert [item.typed for item in found.problems] == ["Nowhere"]


def test_warning_takes_nothing_from_the_row() -> None:
    found = read("", "Anna", None, "Nowhere", check=breaking("V09", "city", severity=Severity.WARN))
    assert found.values["city"] == "Nowhere"
    assert found.cells["city"] == "Nowhere"


@pytest.mark.parametrize(
    ("code", "names", "waits"),
    [
        ("V03", ("phone",), True),
        ("V09", ("name",), True),
        ("V09", ("city",), False),
        # What clashes with a required cell is left out: the record comes without it.
        ("V09", ("name", "city"), False),
    ],
)
def test_row_waits_for_what_it_cannot_do_without(
    code: str, names: tuple[str, ...], waits: bool
) -> None:
    found = read("", "Anna", None, "Perm", check=breaking(code, *names))
    assert found.complete is not waits


def test_number_in_a_column_of_text_is_rewritten_as_text() -> None:
    assert read("", 7).rewrites == {"name": "7"}
    assert read("", "Anna", 79120000001).rewrites == {"phone": "+7 912 000-00-01"}


def test_formula_in_a_new_row_is_not_rewritten() -> None:
    assert read("", 7, None, "Perm", formulas={(1, 1): "=3+4"}).rewrites == {}
