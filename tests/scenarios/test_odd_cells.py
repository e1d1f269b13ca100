"""Cells whose values alone mislead: merged ones, percents and dates among amounts, grey ones that
somebody typed into, rows that a filter hides.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.scenarios.office import Office, open_office
from tests.scenarios.test_marks import batch, cell, is_quiet, looks
from tests.unit.store.builders import folder_in_memory


@pytest.fixture(scope="module")
def office() -> Iterator[Office]:
    """Three clients and three agreements, in agreement on both sides."""
    with folder_in_memory() as folder, open_office(folder) as opened:
        opened.sync()
        clients, agreements = opened.tab("Clients"), opened.tab("Agreements")
        for number in range(1, 4):
            clients.append(Name=f"Client {number}", Phone=f"+7912000000{number}", City="Perm")
            agreements.append(
                Client=f"Client {number}",
                What_was_agreed="tea",
                Agreed_on="3/10/2026",
                Next_call="3/10/2090",
                Amount="1000",
            )
        opened.sync()
        yield opened


def told(office: Office, code: str) -> list[str]:
    """What the cells of a code say, in order."""
    found = office.app.store.findings.problems("main")
    say = office.app.say
    return [
        say(item.problem.message, **item.problem.params)
        for item in found
        if item.problem.code == code
    ]


def test_merged_cells_are_unknown_not_emptied(office: Office) -> None:
    tab = office.tab("Clients")
    span = {**cell(tab, 2, "City"), "endRowIndex": 4}
    batch(office, {"mergeCells": {"range": span, "mergeType": "MERGE_ALL"}})

    office.sync()

    assert office.sql("select distinct city from clients") == [("Perm",)]
    heading = f"{chr(ord('A') + tab.column('City') - 1)}2"
    assert (
        told(office, "V01")
        == [f"This cell is merged with {heading}, so nothing can be read from it."] * 2
    )
    assert is_quiet(office)

    batch(office, {"unmergeCells": {"range": span}})
    tab.type(3, "City", "Perm")
    tab.type(4, "City", "Omsk")
    office.sync()
    assert told(office, "V01") == []
    assert looks(office) == {}
    assert office.disagreements() == []


@pytest.mark.parametrize(
    ("typed", "said"),
    [("15%", "is a percent"), ("$5", ""), ("1/2", "is not a number")],
)
def test_number_that_means_something_else_is_not_taken(
    office: Office, typed: str, said: str
) -> None:
    tab = office.tab("Agreements")
    heading = "Amount"
    dress = {"range": cell(tab, 2, heading), "cell": {}, "fields": "userEnteredFormat.numberFormat"}
    batch(office, {"repeatCell": dress})
    tab.type(2, heading, typed)
    office.sync()

    ((amount,),) = office.sql("select amount from agreements order by id limit 1")
    if said:
        assert amount == "1000"
        assert [text for text in told(office, "V09") if said in text]
    tab.type(2, heading, "1000")
    batch(
        office,
        {
            "repeatCell": {
                **dress,
                "cell": {
                    "userEnteredFormat": {"numberFormat": {"type": "NUMBER", "pattern": "#,##0.00"}}
                },
            }
        },
    )
    office.sync()
    assert told(office, "V09") == []
    assert office.disagreements() == []


def test_number_shown_as_a_power_of_ten_is_taken_unless_words_stand_beside_it(
    office: Office,
) -> None:
    tab = office.tab("Agreements")

    def quantity() -> str | None:
        office.sync()
        ((found,),) = office.sql("select quantity from agreements order by id limit 1")
        return found

    tab.type(2, "Qty", "1e3")
    assert quantity() == "1000"
    tab.type(2, "Qty", "1234.5")
    assert quantity() == "1234.5"

    form = {"type": "SCIENTIFIC", "pattern": '0.00E+00" kg"'}
    dress = {"userEnteredFormat": {"numberFormat": form}}
    place = cell(tab, 2, "Qty")
    fields = "userEnteredFormat.numberFormat"
    batch(office, {"repeatCell": {"range": place, "cell": dress, "fields": fields}})
    tab.type(2, "Qty", "20")
    assert quantity() == "1234.5"
    assert told(office, "V09") == ['"2.00E+01 kg" has words beside the number.']

    batch(office, {"repeatCell": {"range": place, "cell": {}, "fields": fields}})
    tab.type(2, "Qty", "21")
    assert quantity() == "21"
    assert told(office, "V09") == []


def test_grey_cell_is_put_back_with_a_note_that_goes_by_itself(office: Office) -> None:
    tab = office.tab("Clients")
    (before, *_) = [row["Updated"] for row in tab.rows()]
    tab.type(2, "Updated", "3/13/2020 10:00")
    tab.type(2, "Last contact", "never")
    office.sync()

    row = office.tab("Clients").rows()[0]
    assert row["Updated"] == before
    note, _ = looks(office)[2, "Updated"]
    assert "filled by the program" in note
    assert "2020-03-13 10:00" in note
    assert is_quiet(office)

    tab.type(3, "City", "Tver")
    office.sync()
    assert looks(office) == {}


def test_rows_that_a_filter_hides_are_read_and_kept(office: Office) -> None:
    tab = office.tab("Clients")
    hide = {"sheetId": tab.sheet.id, "dimension": "ROWS", "startIndex": 2, "endIndex": 4}
    batch(
        office,
        {
            "updateDimensionProperties": {
                "range": hide,
                "properties": {"hiddenByUser": True},
                "fields": "hiddenByUser",
            }
        },
    )
    office.sql("update clients set city = 'Ufa' where full_name = 'Client 3'")
    office.sync()

    assert len(office.tab("Clients").rows()) == 3
    assert office.disagreements() == []


def test_rows_below_a_gap_and_half_typed_rows_lose_nothing(office: Office) -> None:
    tab = office.tab("Clients")
    cells = [""] * len(tab.headings)
    cells[tab.column("Name") - 1] = "Below a gap"
    cells[tab.column("Phone") - 1] = "8 912 000-00-77"
    tab.sheet.update([cells], "A12", value_input_option="USER_ENTERED")
    half = [""] * len(tab.headings)
    half[tab.column("City") - 1] = "Kazan"
    tab.sheet.update([half], "A9", value_input_option="USER_ENTERED")
    office.sync()
    office.tab("Clients").type(2, "City", "Perm")
    office.sync()

    rows = {row["#"]: row for row in office.tab("Clients").rows()}
    assert rows[12]["ID"].startswith("C-")
    assert (rows[9]["ID"], rows[9]["City"]) == ("", "Kazan")
    assert (9, "Name") in looks(office)
    tab.sheet.batch_clear(["A9:Z9"])
    office.sync()
    assert (9, "Name") not in looks(office)
