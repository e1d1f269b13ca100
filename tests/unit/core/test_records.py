"""What both sides agree on while a write is under way, or waits."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crm_sync.core.locked import so_far
from crm_sync.core.records import begun
from tests.unit.core.small_tab import base


def test_new_record_is_known_by_what_stood_in_its_row_and_waits_for_its_defaults() -> None:
    found = begun(base(version=1, currency="RUB"), {"currency": None})
    assert (found.version, found.unsettled) == (0, True)
    assert found.cells["currency"] is None
    assert "currency" not in found.values
    assert found.values["city"] == "Perm"


NEW = base(version=3, city="Omsk", name="Anya")


def test_field_that_is_yet_to_be_written_keeps_its_old_base() -> None:
    found = so_far(NEW, base(), {"city"})
    assert (found.values["city"], found.cells["city"]) == ("Perm", "Perm")
    assert (found.values["name"], found.cells["name"]) == ("Anya", "Anya")
    # Each run looks at it until it is written.
    assert (found.version, found.unsettled) == (3, True)


def test_field_that_nobody_had_agreed_on_is_not_agreed_on_before_it_is_written() -> None:
    bare = replace(base(), values={"name": "Anna"}, cells={"name": "Anna"})
    for old in (None, bare):
        found = so_far(NEW, old, {"city"})
        assert "city" not in found.values.keys() | found.cells.keys()


@pytest.mark.parametrize(
    ("version", "pending", "expected"), [(0, "id", 0), (0, "city", 3), (2, "id", 3)]
)
def test_record_whose_id_is_yet_to_be_written_has_not_been_seen(
    version: int, pending: str, expected: int
) -> None:
    assert so_far(NEW, base(version=version), {pending}).version == expected
