"""Prints tell unchanged rows from others without parsing them."""

import orjson
import pytest

from crm_sync.core.prints import BLANK, SIZE, UNKNOWN, at, foreseen, prints_of, split


@pytest.mark.parametrize(
    ("cells", "read_as"),
    [
        (("C-000013", "Анна", None, 5), ["C-000013", "Анна", "", 5]),
        (("C-000013", 48500.0, 0.5, True), ["C-000013", 48500, 0.5, True]),
        (("C-000013", None, "", None), ["C-000013"]),
        ((), []),
    ],
)
def test_row_that_was_written_is_known_when_it_is_read(cells: tuple, read_as: list) -> None:
    assert foreseen(cells) == prints_of([orjson.dumps(read_as)])


def test_one_other_character_is_another_print() -> None:
    rows = [orjson.dumps(row) for row in (["a", "b"], ["a", "c"], ["ab"], ["a", "", "b"], [])]
    prints = prints_of(rows)
    assert len(set(split(prints))) == len(rows)
    assert at(prints, 4) == BLANK
    assert len(at(prints, 0)) == SIZE


def test_text_is_not_the_number_that_it_looks_like() -> None:
    assert foreseen(("5",)) != foreseen((5,))


def test_half_a_character_is_never_foreseen() -> None:
    assert foreseen(("\ud800",)) == UNKNOWN
