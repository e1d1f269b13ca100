"""A column is known by its heading, and by a label out of sight when somebody renames that."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.scenarios.office import Office, office_after

READ = "values:batchGetByDataFilter"


def begin(opened: Office) -> None:
    """Three clients in agreement."""
    opened.sync()
    for n in range(3):
        opened.tab("Clients").append(Name=f"Client {n}", Phone=f"+7912000000{n}", City="Perm")
    opened.sync()
    opened.sync()


@pytest.fixture
def office() -> Iterator[Office]:
    """The office after that."""
    with office_after(begin) as opened:
        yield opened


def cities(office: Office) -> list[object]:
    return [row[0] for row in office.sql("select city from clients order by id")]


@pytest.mark.parametrize("heading", ["Where they live", ""])
@pytest.mark.parametrize("field", ["City", "Name"])
def test_renamed_heading_is_followed_and_told(office: Office, field: str, heading: str) -> None:
    tab = office.tab("Clients")
    place = tab.column(field)
    tab.put(1, field, heading)
    tab.sheet.update_cell(3, place, "Omsk")

    result = office.sync()

    assert result.stops == ()
    (told,) = [item for item in result.notices if "heading" in item.params]
    assert (told.params["heading"], told.params["now"]) == (field, heading)
    name = {"City": "city", "Name": "full_name"}[field]
    assert [row[0] for row in office.sql(f"select {name} from clients order by id")][1] == "Omsk"
    office.sql(f"update clients set {name} = 'Ufa' where id = (select min(id) from clients)")
    result = office.sync()
    assert result.notices == ()
    assert office.staff.worksheet("Clients").cell(2, place).value == "Ufa"
    assert office.staff.worksheet("Clients").cell(1, place).value == (heading or None)
    assert office.sync().outcome == "unchanged"


def test_renamed_column_is_followed_where_it_is_moved_to(office: Office) -> None:
    tab = office.tab("Clients")
    tab.put(1, "City", "Town")
    span = {"sheetId": tab.sheet.id, "dimension": "COLUMNS"}
    start = tab.column("City") - 1
    move = {"source": {**span, "startIndex": start, "endIndex": start + 1}, "destinationIndex": 1}
    new = {"range": {**span, "startIndex": 0, "endIndex": 2}}
    office.staff.batch_update({"requests": [{"moveDimension": move}, {"insertDimension": new}]})
    office.tab("Clients").put(2, "Town", "Omsk")
    office.sync()
    assert cities(office) == ["Omsk", "Perm", "Perm"]


def test_column_that_is_gone_for_good_keeps_the_values_of_the_store(office: Office) -> None:
    tab = office.tab("Clients")
    tab.sheet.delete_columns(tab.column("City"))
    office.sync()
    assert cities(office) == ["Perm"] * 3
    assert office.sync().outcome == "unchanged"


def test_known_headings_ask_for_no_labels(office: Office) -> None:
    office.tab("Clients").put(2, "City", "Omsk")
    _, requests = office.counted_sync()
    assert not [path for _, path in requests if "developerMetadata" in path]


def test_headings_that_change_places_are_read_as_they_stand_though_no_row_changed(
    office: Office,
) -> None:
    tab = office.tab("Clients")
    city, address = tab.column("City"), tab.column("Address")
    tab.sheet.update_cell(1, city, "Address")
    tab.sheet.update_cell(1, address, "City")

    office.sync()

    assert office.sql("select city, address from clients") == [(None, "Perm")] * 3
    assert office.disagreements() == []
    assert office.sync().outcome == "unchanged"
