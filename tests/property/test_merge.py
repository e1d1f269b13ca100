"""The laws of the three-way merge, each over every case that small values can make."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_sync.core.merge import Decision, merge
from crm_sync.core.values import ABSENT, Absent, Reading, Scalar, Unreadable

UNREADABLE = Unreadable("12-", "V01", "no phone")
VALUES: tuple[Scalar, ...] = (None, "a", "b", "c", 0, 1)
Base = Scalar | Literal[Absent.ABSENT]
BASES: tuple[Base, ...] = (ABSENT, *VALUES)
SAYS_NOTHING: tuple[Reading, ...] = (ABSENT, UNREADABLE)

scalars = st.none() | st.text("ab", max_size=2) | st.integers(0, 2)
bases = st.just(ABSENT) | scalars


def cases() -> Iterator[tuple[Base, Scalar, Scalar]]:
    yield from product(BASES, VALUES, VALUES)


@given(bases, scalars)
def test_equal_sides_agree_whatever_the_base(base: Base, same: Scalar) -> None:
    assert merge(base, same, same) is Decision.AGREE


@given(scalars, scalars)
def test_the_one_side_that_changed_wins(base: Scalar, changed: Scalar) -> None:
    if changed != base:
        assert merge(base, base, changed) is Decision.TO_STORE
        assert merge(base, changed, base) is Decision.TO_SHEET


@given(scalars, scalars, scalars)
def test_two_sides_that_changed_to_different_values_are_a_conflict(
    base: Scalar, ours: Scalar, theirs: Scalar
) -> None:
    if len({base, ours, theirs}) == 3:
        assert merge(base, ours, theirs) is Decision.CONFLICT


SWAPPED = {
    Decision.AGREE: Decision.AGREE,
    Decision.CONFLICT: Decision.CONFLICT,
    Decision.TO_STORE: Decision.TO_SHEET,
    Decision.TO_SHEET: Decision.TO_STORE,
}


@given(bases, scalars, scalars)
def test_swapping_the_sides_swaps_the_decision(base: Base, ours: Scalar, theirs: Scalar) -> None:
    assert merge(base, theirs, ours) is SWAPPED[merge(base, ours, theirs)]


@given(bases, scalars, st.sampled_from(SAYS_NOTHING))
def test_a_sheet_that_says_nothing_changes_nothing(
    base: Base, ours: Scalar, theirs: Reading
) -> None:
    assert merge(base, ours, theirs) is Decision.UNREAD


@pytest.mark.parametrize("value", ["a", 0, 1])
def test_without_a_base_the_empty_side_takes_the_other_over(value: Scalar) -> None:
    assert merge(ABSENT, None, value) is Decision.TO_STORE
    assert merge(ABSENT, value, None) is Decision.TO_SHEET


def test_without_a_base_two_filled_sides_that_differ_are_a_conflict() -> None:
    assert merge(ABSENT, "a", "b") is Decision.CONFLICT
    assert merge(ABSENT, 0, 1) is Decision.CONFLICT


def test_empty_counts_as_a_value_of_its_own() -> None:
    assert merge("a", None, "a") is Decision.TO_SHEET
    assert merge("a", "a", None) is Decision.TO_STORE
    assert merge("a", None, "b") is Decision.CONFLICT


def settled(base: Base, ours: Scalar, theirs: Scalar) -> tuple[Base, Scalar, Scalar]:
    """What the three are once the decision is carried out."""
    match merge(base, ours, theirs):
        case Decision.AGREE:
            return ours, ours, theirs
        case Decision.TO_STORE:
            return theirs, theirs, theirs
        case Decision.TO_SHEET:
            return ours, ours, ours
        case _:
            return base, ours, theirs


def test_a_side_is_overwritten_only_where_it_held_the_base_or_nothing() -> None:
    for base, ours, theirs in cases():
        _, ours_then, theirs_then = settled(base, ours, theirs)
        if ours_then != ours:
            assert ours == base or (base is ABSENT and ours is None)
        if theirs_then != theirs:
            assert theirs == base or (base is ABSENT and theirs is None)


def test_merging_again_changes_nothing() -> None:
    for case in cases():
        once = settled(*case)
        assert settled(*once) == once


def test_a_run_that_died_after_either_write_ends_where_a_whole_one_does() -> None:
    """The base moves last: with one side or both written, the next merge comes to the same."""
    for base, ours, theirs in cases():
        whole = settled(base, ours, theirs)
        assert settled(base, whole[1], theirs) == whole
        assert settled(base, whole[1], whole[2]) == whole
