"""Records that share a phone, an e-mail or a tax id."""

from __future__ import annotations

from crm_sync.core.duplicates import Shared, duplicates
from crm_sync.core.records import Record
from crm_sync.core.values import Scalar
from crm_sync.model import table


def shared(**clients: dict[str, Scalar]) -> Shared:
    records = {key: Record(key, values) for key, values in clients.items()}
    return duplicates(table("clients"), records)


def test_records_that_share_nothing_are_not_named() -> None:
    assert not shared(a={"phone": "+79120000001"}, b={"phone": "+79120000002"}, c={})


def test_one_phone_of_several_is_enough() -> None:
    found = shared(a={"phone": "+79120000001; +79120000002"}, b={"phone": "+79120000002"}, c={})
    assert found == {
        "a": ("phone", "+79120000002", frozenset("b")),
        "b": ("phone", "+79120000002", frozenset("a")),
    }


def test_a_value_that_a_record_holds_twice_is_not_shared() -> None:
    assert not shared(a={"phone": "+79120000001; +79120000001"})


def test_a_phone_that_is_also_an_address_is_not_shared() -> None:
    assert not shared(a={"phone": "1"}, b={"tax_id": "1"})


def test_of_several_shared_values_the_first_one_is_told() -> None:
    found = shared(
        a={"phone": "+79120000001; +79120000002", "email": "a@b.org"},
        b={"email": "a@b.org"},
        c={"phone": "+79120000002; +79120000001"},
    )
    assert found["a"] == ("phone", "+79120000001", frozenset("c"))
    assert found["b"] == ("email", "a@b.org", frozenset("a"))
    assert found["c"] == ("phone", "+79120000001", frozenset("a"))


def test_archived_records_share_nothing() -> None:
    phone: dict[str, Scalar] = {"phone": "+79120000001"}
    records = {"a": Record("a", phone), "b": Record("b", phone, archived=True)}
    assert not duplicates(table("clients"), records)
