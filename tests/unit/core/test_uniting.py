"""Records made one: nothing that either of them says is lost without a word."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from crm_sync.core.records import Record
from crm_sync.core.uniting import Rival, united
from crm_sync.model import table

CLIENTS = table("clients")
FIELDS = ("full_name", "phone", "city", "note", "touch_every_days")
VALUES = st.one_of(st.none(), st.sampled_from(["a", "b", "a; b"]))
RECORDS = st.dictionaries(st.sampled_from(FIELDS), VALUES)


def record(number: int, values: dict[str, str | None]) -> Record:
    return Record(f"C-{number}", values)


@given(st.lists(RECORDS, min_size=2, max_size=4))
def test_every_value_is_taken_over_or_asked_about(found: list[dict[str, str | None]]) -> None:
    kept, *gone = (record(number, values) for number, values in enumerate(found))
    union = united(CLIENTS, kept, gone, {})
    after = {**kept.values, **union.values}
    asked = {rival.field for rival in union.rivals}
    for each in (kept, *gone):
        for name, value in each.values.items():
            if value is None or name in asked:
                continue
            held = str(after[name])
            sign = "\n" if name == "note" else "; "
            assert value == held or set(str(value).split(sign)) <= set(held.split(sign))


def test_what_differs_is_asked_about_unless_somebody_said_whose_stays() -> None:
    kept, gone = record(1, {"city": "Perm"}), record(2, {"city": "Omsk"})
    rival = Rival("city", {"C-1": "Perm", "C-2": "Omsk"})
    assert united(CLIENTS, kept, [gone], {}).rivals == (rival,)
    assert united(CLIENTS, kept, [gone], {"city": "C-2"}).values == {"city": "Omsk"}
    assert united(CLIENTS, kept, [gone], {}, "C-1").values == {}
    assert united(CLIENTS, kept, [gone], {}, "C-2").values == {"city": "Omsk"}
