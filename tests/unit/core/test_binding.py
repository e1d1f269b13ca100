"""Headings are found wherever they stand, and a tab without them is left alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_sync.core.binding import Binding, bind
from crm_sync.core.findings import Stop
from crm_sync.core.grid import TabRead
from crm_sync.core.headings import heading_key
from crm_sync.core.schema import Column, Field, Kind, Tab, Table
from crm_sync.core.values import Cell

FIELDS = (Field("name", required=True), Field("phone"), Field("city"))
TAB = Tab(
    Table("clients", "C", 6, "name", FIELDS),
    "Clients",
    (
        Column(Field("id", Kind.ID), "ID", ("№",)),
        Column(FIELDS[0], "Name", ("Имя",)),
        Column(FIELDS[1], "Phone", ("Телефон", "Mobile")),
        Column(FIELDS[2], "City", ("Город",)),
    ),
)


def read(*rows: tuple[Cell, ...]) -> TabRead:
    return TabRead(1, "Clients", 1000, 26, rows)


def bound(*headings: Cell) -> Binding:
    found = bind(TAB, read(headings))
    assert isinstance(found, Binding)
    return found


def stop(*rows: tuple[Cell, ...]) -> Stop:
    found = bind(TAB, read(*rows))
    assert isinstance(found, Stop)
    return found


@given(st.permutations(["ID", "Name", "Phone", "City", "Birthday"]))
def test_columns_are_found_in_any_order(headings: list[str]) -> None:
    found = bound(*headings)

    assert {name: headings[place] for name, place in found.columns.items()} == {
        "id": "ID",
        "name": "Name",
        "phone": "Phone",
        "city": "City",
    }
    assert found.own == {headings.index("Birthday"): "Birthday"}


@pytest.mark.parametrize(
    "written",
    ["phone", "PHONE", " Phone ", "Phone\u00a0", "Pho\u200bne", "Phone:", "Телефон", "mobile *"],
)
def test_heading_is_known_however_it_is_written(written: str) -> None:
    assert bound("ID", "Name", written).columns["phone"] == 2


def test_headings_may_stand_below_a_title() -> None:
    found = bind(TAB, read(("Our clients",), (), ("ID", "Name", "Phone")))

    assert isinstance(found, Binding)
    assert found.header_row == 2


def test_optional_column_may_be_missing() -> None:
    assert bound("ID", "Name").missing == ("phone", "city")


@pytest.mark.parametrize(
    ("headings", "lost"), [(("Name", "Phone"), "ID"), (("ID", "City"), "Name")]
)
def test_missing_required_heading_stops_the_tab(headings: tuple[str, ...], lost: str) -> None:
    found = stop(headings)

    assert (found.code, found.params["heading"]) == ("E-HEADER", lost)


def test_doubled_required_heading_stops_the_tab_and_names_both_columns() -> None:
    found = stop(("ID", "Name", "Phone", "Name"))

    assert (found.code, found.params["letters"]) == ("E-HEADER-DUP", "B, D")


def test_doubled_optional_heading_is_not_read_at_all() -> None:
    found = bound("ID", "Name", "Phone", "Phone")

    assert "phone" not in found.columns
    assert found.doubled == {"phone": (2, 3)}


def test_own_column_with_another_name_for_a_field_stays_the_staffs() -> None:
    found = bound("ID", "Name", "Mobile", "Phone")

    assert found.columns["phone"] == 3
    assert found.own == {2: "Mobile"}


@pytest.mark.parametrize("rows", [(), ((),), (("Anna", "+7912"), ("Boris", "+7913"))])
def test_tab_without_headings_is_left_alone(rows: tuple[tuple[Cell, ...], ...]) -> None:
    assert stop(*rows).code == "E-HEADER"


@given(st.text())
def test_form_of_a_heading_is_its_own_form(text: str) -> None:
    assert heading_key(heading_key(text)) == heading_key(text)
