"""Partial responses by the `fields` parameter."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_sync.sheet_server.field_mask import MaskError, apply_mask, parse_mask, reaches

BOOK: dict[str, Any] = {
    "properties": {"title": "T", "locale": "en_US"},
    "sheets": [
        {"properties": {"sheetId": 0, "title": "A"}, "data": [{"rowData": []}]},
        {"properties": {"sheetId": 1, "title": "B"}, "merges": []},
    ],
}


@pytest.mark.parametrize(
    ("text", "chosen"),
    [
        ("*", BOOK),
        ("properties", {"properties": BOOK["properties"]}),
        ("properties.title", {"properties": {"title": "T"}}),
        ("properties/title", {"properties": {"title": "T"}}),
        ("properties(title)", {"properties": {"title": "T"}}),
        (
            "sheets(properties(sheetId))",
            {"sheets": [{"properties": {"sheetId": 0}}, {"properties": {"sheetId": 1}}]},
        ),
        ("sheets/merges", {"sheets": [{}, {"merges": []}]}),
        ("namedRanges", {}),
        ("*/title", {"properties": {"title": "T"}, "sheets": [{}, {}]}),
        (
            "sheets.properties.title,properties.locale",
            {
                "properties": {"locale": "en_US"},
                "sheets": [{"properties": {"title": "A"}}, {"properties": {"title": "B"}}],
            },
        ),
        (
            "sheets(properties.sheetId,merges)",
            {
                "sheets": [
                    {"properties": {"sheetId": 0}},
                    {"properties": {"sheetId": 1}, "merges": []},
                ]
            },
        ),
        ("properties.title,properties", {"properties": BOOK["properties"]}),
        ("properties,properties.title", {"properties": BOOK["properties"]}),
    ],
)
def test_mask_picks_its_members_in_the_message_s_order(text: str, chosen: dict[str, Any]) -> None:
    assert apply_mask(BOOK, parse_mask(text)) == chosen
    assert list(apply_mask(BOOK, parse_mask(text))) == [name for name in BOOK if name in chosen]


@pytest.mark.parametrize("text", ["", " ", "a(", "a(b", "a)", "a,,b", ",", "a//b", "a b", "a(b))"])
def test_text_that_is_no_mask_is_refused(text: str) -> None:
    with pytest.raises(MaskError):
        parse_mask(text)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("sheets.data.rowData.values.note", True),
        ("sheets(data)", True),
        ("sheets", True),
        ("*", True),
        ("sheets.properties", False),
        ("properties,namedRanges", False),
        ("sheets(properties,merges)", False),
    ],
)
def test_grid_data_is_wanted_when_the_mask_reaches_into_it(text: str, wanted: bool) -> None:
    assert reaches(parse_mask(text), "sheets/data") is wanted


names = st.sampled_from(["a", "b", "c"])
messages = st.recursive(
    st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=12,
)
paths = st.lists(st.lists(names, min_size=1, max_size=3), min_size=1, max_size=4)


@given(st.dictionaries(names, messages), paths)
def test_masking_twice_is_masking_once(message: dict[str, Any], wanted: list[list[str]]) -> None:
    mask = parse_mask(",".join("/".join(path) for path in wanted))
    once = apply_mask(message, mask)
    assert apply_mask(once, mask) == once


@given(st.dictionaries(names, messages), paths)
def test_slash_dot_and_brackets_mean_the_same(
    message: dict[str, Any], wanted: list[list[str]]
) -> None:
    slashed = parse_mask(",".join("/".join(path) for path in wanted))
    dotted = parse_mask(",".join(".".join(path) for path in wanted))
    bracketed = parse_mask(",".join("(".join(path) + ")" * (len(path) - 1) for path in wanted))
    chosen = apply_mask(message, slashed)
    assert chosen == apply_mask(message, dotted) == apply_mask(message, bracketed)
