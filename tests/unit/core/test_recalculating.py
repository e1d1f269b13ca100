"""Which columns a formula reads: none too few."""

from __future__ import annotations

import pytest

from crm_sync.core.recalculating import columns_read


@pytest.mark.parametrize(
    ("formula", "columns"),
    [
        ("=1+2.5", set()),
        ('="a!b" & TRUE', set()),
        ("=F3*2", {5}),
        ("=$f$3 + SUM(A1:C9; AA2)", {0, 1, 2, 5, 26}),
        ("=SUM(B:C)", {1, 2}),
        ("=IF(ISBLANK(A2), B2, round(C2 , 1))", {0, 1, 2}),
    ],
)
def test_columns_of_cells_and_ranges_are_found(formula: str, columns: set[int]) -> None:
    assert columns_read(formula) == columns


@pytest.mark.parametrize(
    "formula",
    [
        "",
        "=Other!A1",
        "='Other tab'!A1",
        '=INDIRECT("A" & 1)',
        "=offset (A1, 0, 2)",
        "=SUM(A1:INDEX(C:C, 2))",
        "=SUM(2:5)",
        "=Total * 2",
        "=tax",
        "=1e5",
    ],
)
def test_what_nobody_can_say_may_be_any_cell(formula: str) -> None:
    assert columns_read(formula) is None
