"""Masks show enough to know a value again, and too little to use it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_sync.core.masking import MASK, masked
from crm_sync.core.schema import Kind


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        (Kind.PHONE, "+79123456767", "+7 912 ***-**-67"),
        (Kind.PHONE, "+79123456767; +442071838750", "+7 912 ***-**-67; +44 *** 50"),
        (Kind.PHONE, "+79123456767x15", "+7 912 ***-**-67"),
        (Kind.EMAIL, "anna@romashka.ru", "a***@romashka.ru"),
        (Kind.EMAIL, "ivanova@romashka.ru; a@b.ru", "iv***@romashka.ru; ***@b.ru"),
        (Kind.TEXT, "Petrov Pavel", "Pe***"),
        (Kind.TEXT, "Петя", "***"),
        (Kind.DIGITS, "7707083893", "77***"),
        (Kind.PHONE, None, None),
    ],
)
def test_mask_of_each_kind(kind: Kind, value: str | None, shown: str | None) -> None:
    assert masked(kind, value) == shown


@given(st.from_regex(r"\+7[0-9]{10}(x[0-9]{1,4})?", fullmatch=True))
def test_mask_of_a_phone_hides_five_digits(number: str) -> None:
    shown = masked(Kind.PHONE, number)
    assert shown is not None
    assert MASK in shown
    assert number[5:10] not in shown.replace(" ", "").replace("-", "")
    assert sum(letter.isdigit() for letter in shown) == 6


@given(st.text(min_size=1, max_size=20))
def test_mask_of_a_text_never_holds_the_whole(text: str) -> None:
    shown = masked(Kind.TEXT, text)
    assert shown is not None
    assert MASK in shown
    assert len(shown) <= 2 + len(MASK)
