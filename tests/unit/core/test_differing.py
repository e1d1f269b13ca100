"""What differs between two texts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_sync.core.both import both
from crm_sync.core.differing import LONGEST, Piece, marked, pieces
from crm_sync.core.findings import Clash, Conflict
from crm_sync.core.schema import Field, Kind

TEXTS = st.text(alphabet="ab \n", max_size=30)


@given(TEXTS, TEXTS)
def test_pieces_put_together_are_both_texts(old: str, new: str) -> None:
    found = list(pieces(old, new))
    assert "".join(text for kind, text in found if kind is not Piece.NEW) == old
    assert "".join(text for kind, text in found if kind is not Piece.GONE) == new
    assert all(text for _, text in found)


@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        ("+79161234567", "+79161234576", "+791612345{+7+}6[-7-]"),
        ("London", "Manchester", "[-London-]{+Manchester+}"),
        ("same", "same", "same"),
        ("", "new", "{+new+}"),
        ("gone", "", "[-gone-]"),
    ],
)
def test_signs_say_what_went_and_what_came(old: str, new: str, shown: str) -> None:
    assert marked(old, new) == shown


def test_long_texts_are_compared_line_by_line() -> None:
    lines = [f"line {number}\n" for number in range(LONGEST)]
    changed = [*lines[:5], "another\n", *lines[6:]]
    found = [item for item in pieces("".join(lines), "".join(changed)) if item[0] != Piece.SAME]
    assert found == [(Piece.GONE, "line 5\n"), (Piece.NEW, "another\n")]


def clash(base: str | None, ours: str | None, theirs: str | None) -> Conflict:
    return Conflict("clients", "C-1", "note", Clash.EDIT_EDIT, base, ours, theirs)


@pytest.mark.parametrize(
    ("field", "sides", "one"),
    [
        (Field("p", Kind.PHONE, many=True), ("1", "1; 2", "3; 1"), "3; 1; 2"),
        (Field("n", prose=True), ("", "called", "wrote"), "wrote\ncalled"),
        (
            Field("n", prose=True),
            ("1.\n2.\n3.\n", "1.\n2.\n3.\n4.\n", "0.\n2.\n3.\n"),
            "0.\n2.\n3.\n4.\n",
        ),
        (Field("n"), (None, "Perm", "Perm, Lenin street"), "Perm, Lenin street"),
        (Field("n", max_length=8), (None, "Perm", "Moscow"), None),
        (Field("n", max_length=12), (None, "Perm", "Moscow"), "Moscow; Perm"),
        (Field("d", Kind.DATE), (None, "2026-01-01", "2026-01-02"), None),
    ],
)
def test_both_sides_in_one_value(
    field: Field, sides: tuple[str | None, str, str], one: str | None
) -> None:
    assert both(field, clash(*sides)) == one


def test_row_that_is_gone_has_nothing_to_join() -> None:
    gone = Conflict("clients", "C-1", "", Clash.EDIT_DELETE)
    assert both(Field("n"), gone) is None
