"""Conflicts that are decided without asking anybody."""

from __future__ import annotations

import pytest

from crm_sync.core.automatic import ASK_ALL, decide
from crm_sync.core.schema import Field

BASE, OURS, THEIRS = "Rang. Pays. Tea.", "Rang twice. Pays. Tea.", "Rang. Pays. Cakes."
MERGED = "Rang twice. Pays. Cakes."


@pytest.mark.parametrize("most", [None, len(MERGED)])
def test_text_that_was_changed_in_different_places_is_merged(most: int | None) -> None:
    note = Field("note", prose=True, max_length=most)
    found = decide(ASK_ALL, note, "C-1", BASE, OURS, THEIRS)
    assert found is not None
    assert found.value == MERGED


def test_merged_text_that_its_field_cannot_hold_is_for_a_person_to_decide() -> None:
    note = Field("note", prose=True, max_length=len(MERGED) - 1)
    assert decide(ASK_ALL, note, "C-1", BASE, OURS, THEIRS) is None


def test_text_that_nobody_agreed_on_is_for_a_person_to_decide() -> None:
    assert decide(ASK_ALL, Field("note", prose=True), "C-1", None, OURS, THEIRS) is None
