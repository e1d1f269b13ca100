"""Two texts that grew from one: what both sides wrote stands in the merge, or there is none."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from crm_sync.core.prose import merge_prose

LINES = st.lists(st.sampled_from(["rang", "asked.", "Paid", "will call! ", "", "в отпуске; "]))
TEXTS = LINES.map("\n".join) | st.text("ab. \n", max_size=12)


@given(TEXTS, TEXTS)
def test_side_that_changed_nothing_takes_over_the_other(base: str, other: str) -> None:
    assert merge_prose(base, base, other) == other
    assert merge_prose(base, other, base) == other
    assert merge_prose(base, other, other) == other


@given(TEXTS, TEXTS, TEXTS)
def test_merge_does_not_depend_on_who_is_who(base: str, ours: str, theirs: str) -> None:
    assert merge_prose(base, ours, theirs) == merge_prose(base, theirs, ours)


@given(st.lists(st.integers(), unique=True, min_size=3, max_size=9), st.data())
def test_lines_changed_apart_all_stand_in_the_merge(
    numbers: list[int], data: st.DataObject
) -> None:
    lines = [f"line {number}" for number in numbers]
    places = st.integers(0, len(lines) - 1)
    mine, others = data.draw(places), data.draw(places)
    ours = [*lines[:mine], "ours", *lines[mine + 1 :]]
    theirs = [*lines[:others], "theirs", *lines[others + 1 :]]
    merged = merge_prose("\n".join(lines), "\n".join(ours), "\n".join(theirs))
    if abs(mine - others) < 2:
        assert merged is None
    else:
        expected = list(lines)
        expected[mine], expected[others] = "ours", "theirs"
        assert merged == "\n".join(expected)


def test_line_that_both_changed_alike_stands_once_beside_what_each_changed_alone() -> None:
    base = "one\ntwo\nthree\nfour\nfive"
    ours, theirs = "both\ntwo\nours\nfour\nfive", "both\ntwo\nthree\nfour\ntheirs"
    assert merge_prose(base, ours, theirs) == "both\ntwo\nours\nfour\ntheirs"


@given(TEXTS, TEXTS, TEXTS)
def test_nothing_that_either_side_wrote_is_missing(base: str, ours: str, theirs: str) -> None:
    merged = merge_prose(base, ours, theirs)
    if merged is not None:
        was = set(base.split())
        for side in (ours, theirs):
            assert {word for word in side.split() if word not in was} <= set(merged.split()) | {
                part for word in merged.split() for part in (word,)
            }


def test_words_of_one_sentence_are_never_mixed() -> None:
    assert merge_prose("Call Monday at 5.", "Call Tuesday at 5.", "Call Monday at 6.") is None
    assert (
        merge_prose(
            "Rang. Will pay. Likes tea.",
            "Rang twice. Will pay. Likes tea.",
            "Rang. Will pay. Likes tea. VIP.",
        )
        == "Rang twice. Will pay. Likes tea. VIP."
    )
