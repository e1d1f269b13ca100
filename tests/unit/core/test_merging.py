"""The merge of one row with its record: what each side gets, and what is remembered of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from crm_sync.core.automatic import Automatic, Policy
from crm_sync.core.findings import Clash, Finding, Severity, Side
from crm_sync.core.merging import merge_row
from crm_sync.core.records import begun
from crm_sync.core.values import Cell, Scalar, Unreadable, cell_text
from crm_sync.core.work import Merged, TabWork
from tests.unit.core.small_tab import ANNA, ID, TYPED, base, record, sheet, work


def merged(made: TabWork) -> Merged:
    (row,) = made.rows
    found = merge_row(made, ID, row)
    assert found is not None
    return found


def cells(**changed: Cell) -> tuple[Cell, ...]:
    names = ("id", "name", "phone", "city", "price", "currency", "seen")
    known = dict(zip(names, (*TYPED, None, None, None), strict=True))
    return tuple((known | changed).values())


def row_with(formula: str, **changed: Cell) -> Any:
    at = {"name": 1, "phone": 2, "city": 3}[formula]
    return sheet(cells(**changed), formulas={(1, at): "=A1"})


def test_row_that_nobody_touched_is_not_merged() -> None:
    made = work(sheet(TYPED), [base()], [record()])
    assert merge_row(made, ID, made.rows[0]) is None


@pytest.mark.parametrize(
    "made",
    [
        work(sheet(TYPED), [base(unsettled=True)], [record()]),
        work(sheet(TYPED), [base()], [record(version=3, city="Omsk")]),
        work(sheet(cells(id="")), [base()], [record()]),
        work(sheet(cells(city="Omsk")), [base()], [record()]),
    ],
    ids=["unsettled", "store", "id", "sheet"],
)
def test_row_is_merged_if_anything_about_it_is_new(made: TabWork) -> None:
    assert merge_row(made, ID, made.rows[0]) is not None


def test_row_with_a_cell_to_be_put_right_is_merged_though_it_reads_as_agreed() -> None:
    made = work(sheet(TYPED), [base()], [record()])
    hit = replace(made.rows[0], standing={"city": "ours"})
    assert merge_row(made, ID, hit) is not None


def test_each_side_takes_over_what_the_other_changed() -> None:
    found = merged(work(sheet(cells(city="Omsk")), [base()], [record(version=3, name="Anya")]))
    assert found.change is not None
    assert (found.change.values, found.change.version) == ({"city": "Omsk"}, 3)
    assert [(item.field, item.before, item.after) for item in found.writes] == [
        ("name", "Anna", "Anya")
    ]
    assert found.base is not None
    assert (found.base.version, found.base.unsettled) == (4, False)
    assert (found.base.values["city"], found.base.cells["name"]) == ("Omsk", "Anya")


def test_base_of_a_field_in_conflict_stays_and_is_looked_at_again() -> None:
    found = merged(work(sheet(cells(city="Omsk")), [base()], [record(version=3, city="Kazan")]))
    (conflict,) = found.conflicts
    assert (conflict.base, conflict.ours, conflict.theirs) == ("Perm", "Kazan", "Omsk")
    assert (found.change, found.writes) == (None, [])
    assert found.base is not None
    assert (found.base.values["city"], found.base.unsettled) == ("Perm", True)
    assert "city" not in found.base.cells


def test_base_of_a_cell_that_cannot_be_read_stays_and_is_looked_at_again() -> None:
    found = merged(work(sheet(cells(phone="12-")), [base()], [record()]))
    (problem,) = found.problems
    assert (problem.field, problem.typed, problem.stored) == ("phone", "12-", ANNA["phone"])
    assert found.base is not None
    assert (found.base.values["phone"], found.base.unsettled) == (ANNA["phone"], True)
    assert "phone" not in found.base.cells


def refusing(*names: str) -> Any:
    def check(after: Any, before: Any) -> Sequence[Finding]:
        if after.get("city") == "Nowhere":
            return (Finding("V09", Severity.REJECT, names, "No such city."),)
        return ()

    return check


def test_value_that_a_rule_refuses_is_not_taken_and_its_base_stays() -> None:
    read = sheet(cells(city="Nowhere", name="Anya"))
    found = merged(work(read, [base()], [record()], check=refusing("city")))
    assert found.change is not None
    assert found.change.values == {"name": "Anya"}
    (problem,) = found.problems
    assert (problem.severity, problem.typed) == (Severity.REJECT, "Nowhere")
    assert found.base is not None
    assert (found.base.values["city"], found.base.unsettled) == ("Perm", True)
    assert "city" not in found.base.cells


def test_cell_that_two_rules_refuse_is_taken_by_neither() -> None:
    def check(after: Any, before: Any) -> Sequence[Finding]:
        first = refusing("city")(after, before)
        return (*first, *(replace(item, code="V10") for item in first))

    found = merged(work(sheet(cells(city="Nowhere")), [base()], [record()], check=check))
    assert found.change is None
    told = [(item.code, item.severity, item.typed) for item in found.problems]
    assert told == [("V09", Severity.REJECT, "Nowhere"), ("V10", Severity.REJECT, "Nowhere")]


def test_cell_that_a_rule_refuses_stands_as_it_was_typed() -> None:
    def check(after: Any, before: Any) -> Sequence[Finding]:
        refused = after["name"] == "7"
        return (Finding("V09", Severity.REJECT, ("name",), "No name."),) if refused else ()

    found = merged(work(sheet(cells(name=7)), [base()], [record()], check=check))
    assert (found.change, found.writes) == (None, [])


def test_rules_are_not_asked_of_what_the_store_holds_and_nobody_can_read() -> None:
    asked: list[Any] = []

    def check(after: Any, before: Any) -> Sequence[Finding]:
        asked.append((after, before))
        return ()

    merged(work(sheet(cells(city="Omsk")), [base()], [record(phone="junk")], check=check))
    ((after, before),) = asked
    assert (after["city"], before["city"]) == ("Omsk", "Perm")
    assert "phone" not in {**after, **before}


def test_value_that_a_rule_refuses_in_a_row_that_was_never_agreed_on_is_told() -> None:
    made = work(sheet(cells(city="Nowhere")), [], [record(city=None)], check=refusing("city"))
    found = merged(made)
    assert [(item.field, item.typed) for item in found.problems] == [("city", "Nowhere")]
    assert found.change is None


def test_value_that_a_rule_refuses_and_nobody_agreed_on_has_no_base() -> None:
    agreed = base()
    bare = replace(agreed, values={k: v for k, v in agreed.values.items() if k != "city"})
    found = merged(
        work(sheet(cells(city="Nowhere")), [bare], [record(city=None)], check=refusing("city"))
    )
    assert found.base is not None
    assert "city" not in found.base.values


def test_rule_that_the_store_breaks_by_itself_is_only_told() -> None:
    read = sheet(cells(name="Anya"))
    found = merged(work(read, [base()], [record(city="Nowhere")], check=refusing("city")))
    assert found.change is not None
    assert [item.severity for item in found.problems] == [Severity.WARN]


def test_formula_in_a_cell_that_the_store_changed_is_a_conflict() -> None:
    found = merged(work(row_with("city"), [base()], [record(version=3, city="Omsk")]))
    assert [item.clash for item in found.conflicts] == [Clash.FORMULA]
    assert found.writes == []


def test_formula_that_makes_a_number_of_a_text_is_not_tidied() -> None:
    found = merged(work(row_with("name", name=7), [base()], [record()]))
    assert found.change is not None
    assert found.change.values == {"name": "7"}
    assert found.writes == []


def test_number_in_a_column_of_text_is_written_as_text() -> None:
    found = merged(work(sheet(cells(name=7)), [base()], [record()]))
    assert [(item.field, item.before, item.after) for item in found.writes] == [("name", 7, "7")]
    assert found.base is not None
    assert found.base.cells["name"] == "7"


def test_text_that_staff_spell_in_their_own_way_stands_as_they_typed_it() -> None:
    found = merged(work(sheet(cells(phone="8 912 000-00-09")), [base()], [record()]))
    assert found.change is not None
    assert (found.change.values, found.writes) == ({"phone": "+79120000009"}, [])
    assert found.base is not None
    assert found.base.cells["phone"] == "8 912 000-00-09"


def test_default_of_a_new_row_is_written_by_the_run_after_one_that_died() -> None:
    known = begun(base(version=1, currency="RUB"), {"currency": None})
    found = merged(work(sheet(TYPED), [known], [record(version=1, currency="RUB")]))
    assert [(item.field, item.after) for item in found.writes] == [("currency", "RUB")]
    assert found.change is None


def test_fields_of_a_group_conflict_as_one_though_each_would_merge() -> None:
    agreed = base(price=10, currency="RUB")
    stored = record(version=3, price="20", currency="RUB")
    found = merged(work(sheet(cells(price=10, currency="USD")), [agreed], [stored]))
    assert {item.field for item in found.conflicts} == {"price", "currency"}
    assert (found.change, found.writes) == (None, [])


BOTH = [base()], [record(version=3, city="Kazan")]


def told(found: Merged) -> tuple[object, object]:
    """The value that stays and the one that gives way, as the only notice says."""
    (notice,) = found.notices
    return notice.params["kept"], notice.params["left"]


def test_value_that_gives_way_to_the_sheet_stays_in_the_history() -> None:
    policy = Automatic({"city": Policy.SHEET})
    found = merged(work(sheet(cells(city="Omsk")), *BOTH, automatic=policy))
    assert found.change is not None
    assert (found.change.values, found.passing, found.writes) == ({"city": "Omsk"}, None, [])
    assert told(found) == ("Omsk", "Kazan")


def test_value_that_gives_way_to_the_store_becomes_the_stores_for_a_moment() -> None:
    policy = Automatic({"city": Policy.STORE})
    found = merged(work(sheet(cells(city="Omsk")), *BOTH, automatic=policy))
    assert found.passing is not None
    assert found.change is not None
    assert (found.passing.values, found.passing.version) == ({"city": "Omsk"}, 3)
    assert (found.change.values, found.change.version) == ({"city": "Kazan"}, 4)
    assert [(item.before, item.after) for item in found.writes] == [("Omsk", "Kazan")]
    assert found.base is not None
    assert found.base.version == 5
    assert told(found) == ("Kazan", "Omsk")


def test_formula_is_not_overwritten_whatever_was_agreed() -> None:
    policy = Automatic({"city": Policy.STORE})
    found = merged(work(row_with("city", city="Omsk"), *BOTH, automatic=policy))
    assert [item.field for item in found.conflicts] == ["city"]
    assert (found.change, found.passing, found.writes) == (None, None, [])


def test_side_that_was_decided_for_is_taken_though_all_reads_as_agreed() -> None:
    agreed = base(unsettled=True)
    decided = {(ID, "phone"): Side.STORE}
    made = work(sheet(cells(phone="12-")), [agreed], [record()], decided=decided)
    found = merged(made)
    assert [(item.before, item.after) for item in found.writes] == [("12-", "+7 912 000-00-01")]
    assert found.problems == []


JUNK = record(version=3, phone="junk")
FOR_SHEET = {(ID, "phone"): Side.SHEET}


def test_sheets_value_takes_the_place_of_junk_in_the_store_when_it_was_chosen() -> None:
    found = merged(work(sheet(TYPED), [base()], [JUNK], decided=FOR_SHEET))
    assert found.change is not None
    assert (found.change.values, found.problems) == ({"phone": ANNA["phone"]}, [])
    assert found.base is not None
    assert found.base.values["phone"] == ANNA["phone"]


@pytest.mark.parametrize(
    ("phone", "decided"),
    [(TYPED[2], {}), ("12-", FOR_SHEET), (TYPED[2], {(ID, "phone"): Side.STORE})],
)
def test_junk_in_the_store_stays_until_something_better_was_chosen(
    phone: str, decided: dict[tuple[str, str], Side]
) -> None:
    found = merged(work(sheet(cells(phone=phone)), [base()], [JUNK], decided=decided))
    assert [(item.field, item.in_store) for item in found.problems] == [("phone", True)]
    assert (found.change, found.writes) == (None, [])


def test_field_with_junk_in_the_store_is_not_said_to_be_empty() -> None:
    def check(after: Any, before: Any) -> Sequence[Finding]:
        blank = after.get("phone") is None
        return (Finding("V02", Severity.REJECT, ("phone",), "Fill it in."),) if blank else ()

    read = sheet(cells(city="Omsk"))
    (problem,) = merged(work(read, [base()], [JUNK], check=check)).problems
    assert problem.in_store
    (problem,) = merged(work(sheet(cells(phone="")), [base()], [record()], check=check)).problems
    assert problem.code == "V02"


def test_side_that_was_decided_for_is_no_reason_to_overwrite_what_can_be_read() -> None:
    made = work(
        sheet(TYPED), [base()], [record(version=3, phone="+79120000009")], decided=FOR_SHEET
    )
    found = merged(made)
    assert found.change is None
    assert [item.after for item in found.writes] == ["+7 912 000-00-09"]


def test_side_that_was_decided_for_a_column_that_is_gone_writes_nothing() -> None:
    read = sheet(TYPED)
    headings = tuple(text if text != "City" else None for text in read.rows[0])
    gone = replace(read, rows=(headings, TYPED))
    decided = {(ID, "city"): Side.STORE}
    found = merged(work(gone, [base()], [record(version=3, city="Omsk")], decided=decided))
    assert (found.change, found.writes) == (None, [])


def test_erased_id_is_put_back() -> None:
    found = merged(work(sheet(cells(id="")), [base()], [record()]))
    assert [(item.field, item.after) for item in found.writes] == [("id", ID)]


def test_field_that_nobody_agreed_on_yet_is_merged_though_all_others_stand() -> None:
    known = base()
    lacking = replace(known, cells={k: v for k, v in known.cells.items() if k != "city"})
    made = work(sheet(TYPED), [lacking], [record()])
    assert merge_row(made, ID, made.rows[0]) is not None


def test_rule_about_two_fields_refuses_the_likelier_culprit_alone() -> None:
    read = sheet(cells(city="Nowhere", name="Anya"))
    found = merged(work(read, [base()], [record()], check=refusing("city", "name")))
    assert found.change is not None
    assert found.change.values == {"name": "Anya"}
    assert [item.field for item in found.problems] == ["city"]


def test_rule_that_is_broken_beside_a_value_that_is_refused_already_refuses_another() -> None:
    def check(after: Any, before: Any) -> Sequence[Finding]:
        first = refusing("city")(after, before)
        return (*first, *(replace(item, code="V10", fields=("city", "name")) for item in first))

    read = sheet(cells(city="Nowhere", name="Anya"))
    found = merged(work(read, [base()], [record()], check=check))
    assert found.change is None
    assert [(item.code, item.field) for item in found.problems] == [
        ("V09", "city"),
        ("V10", "name"),
    ]


class Closed:
    """A codec to which nothing that the store holds means anything any more."""

    def parse(self, cell: Cell) -> Scalar:
        return cell_text(cell)

    def format(self, value: Scalar) -> Cell:
        return value

    def normal(self, value: Scalar) -> Unreadable:
        return Unreadable(str(value), "V09", "No such thing.")


def test_value_that_was_agreed_on_and_will_not_do_any_more_is_told() -> None:
    row = cells(price=5, city="Omsk")
    made = work(sheet(row), [base(price=5)], [record(price="5")])
    found = merged(replace(made, codecs={**made.codecs, "price": Closed()}))
    assert [(item.field, item.in_store) for item in found.problems] == [("price", True)]
