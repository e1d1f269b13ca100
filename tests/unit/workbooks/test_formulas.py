"""A formula read in the journal is turned back into what stood in its own row."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crm_sync.sheet_server.formula import shift
from crm_sync.workbooks.formulas import may_spill, moved_back

REFERENCES = st.sampled_from(
    [
        "A200",
        "$B200",
        "C$7",
        "$D$9",
        "Clients!E150:F160",
        "'Иванов''s A9'!AB120",
        "200:210",
        "$3:$4",
        "G:H",
    ]
)
PLAIN = st.sampled_from(['"A12 ""B3"""', "12", "1.5", "3E2", "TRUE", "LOG10(100)"])


@given(st.lists(REFERENCES | PLAIN, min_size=1, max_size=4), st.integers(-90, 90))
@example(["A200", "LOG10(100)"], 12)
def test_formula_that_was_copied_reads_again_as_in_its_own_row(parts: list[str], rows: int) -> None:
    formula = "=" + "+".join(parts)
    assert moved_back(shift(formula, rows, 0, "en_US"), rows) == formula


@pytest.mark.parametrize(
    ("copied", "rows", "own"),
    [
        ("=A7*$B$2", 5, "=A2*$B$2"),
        ("=SUM(D1:D9)", -10, "=SUM(D11:D19)"),
        ('=HYPERLINK("http://x/A9";A9)', 4, '=HYPERLINK("http://x/A9";A5)'),
        ("=#REF!+A3", 1, "=#REF!+A2"),
        ("=TAX_2024+Sheet2!A3", 1, "=TAX_2024+Sheet2!A2"),
        ("=Sales[Q1]+A3", 1, "=Sales[Q1]+A2"),
        ("=A3", 0, "=A3"),
        ("=A2", 9, "=A1"),
    ],
)
def test_only_references_without_anchor_move(copied: str, rows: int, own: str) -> None:
    assert moved_back(copied, rows) == own


@pytest.mark.parametrize(
    "formula",
    ["=ARRAYFORMULA(A2:A*2)", "=iferror(filter(A:A;B:B>1))", "={1;2}", "=IMPORTRANGE(A1;B1)"],
)
def test_formula_that_may_fill_other_cells_is_known(formula: str) -> None:
    assert may_spill(formula)


@pytest.mark.parametrize("formula", ["=A2*2", "=SUM(A2:A9)", "=IF(A1=1;2;3)", "=MYSORT(A1)"])
def test_formula_of_one_value_is_known(formula: str) -> None:
    assert not may_spill(formula)
