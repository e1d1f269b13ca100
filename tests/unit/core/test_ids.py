"""How ids are written."""

from hypothesis import given
from hypothesis import strategies as st

from crm_sync.core.ids import check_digit, written
from crm_sync.model import TABLES
from tests.unit.store.builders import NOTES, PEOPLE

DIGITS = st.text("0123456789", min_size=1, max_size=9)


def test_check_digit_is_that_of_the_published_example() -> None:
    # Damm's thesis: 572 takes 4.
    assert check_digit("572") == 4
    assert check_digit("5724") == 0


@given(DIGITS, st.integers(0, 8), st.integers(1, 9))
def test_one_wrong_digit_is_always_found(digits: str, place: int, by: int) -> None:
    right = digits + str(check_digit(digits))
    place %= len(right)
    wrong = right[:place] + str((int(right[place]) + by) % 10) + right[place + 1 :]
    assert check_digit(wrong) != 0


@given(DIGITS, st.integers(0, 8))
def test_two_swapped_neighbours_are_always_found(digits: str, place: int) -> None:
    right = digits + str(check_digit(digits))
    place %= len(right) - 1
    swapped = right[:place] + right[place + 1] + right[place] + right[place + 2 :]
    assert (check_digit(swapped) == 0) is (swapped == right)


def test_id_is_prefix_number_and_check_digit_in_the_usual_width() -> None:
    assert [written(PEOPLE, number) for number in (1, 12, 99_999, 100_000)] == [
        "C-000013", "C-000125", "C-999999", "C-1000002",
    ]  # fmt: skip
    assert written(NOTES, 1) == "K-0000013"


@given(st.integers(1, 10**7), st.integers(1, 10**7), st.sampled_from(TABLES))
def test_ids_of_different_numbers_differ(left: int, right: int, table: object) -> None:
    assert (written(table, left) == written(table, right)) is (left == right)
