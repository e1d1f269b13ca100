"""Work from the follow-up list: what staff type into it becomes contacts and dates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import gspread
import pytest

from crm_sync.errors import Unreachable
from crm_sync.sheet_server.faults import FaultKind, StaffAction
from tests.cli.command import in_this_process
from tests.scenarios.office import Office, office_after

WRITE = {"method": "POST", "path": r"spreadsheets/[^/:]+:batchUpdate$"}


class Noon:
    """A clock that stands at one noon in Moscow."""

    def now(self) -> datetime:
        return datetime(2026, 3, 16, 9, 0, tzinfo=UTC)


def begin(opened: Office) -> None:
    """Three clients without a next step, and an agreement of the first that is due on the 18th."""
    opened.app = replace(opened.app, clock=Noon())
    opened.sync()
    tab = opened.tab("Clients")
    for number in (1, 2, 3):
        tab.append(Name=f"Client {number}", Phone=f"+7912000000{number}")
    opened.sync()
    opened.tab("Agreements").append(
        Client="Client 1",
        What_was_agreed="Forty boxes",
        State="In progress",
        Agreed_on="2026-03-10",
        Due="2026-03-18",
        Amount="100",
        Product_group="",
    )
    opened.sync()


@pytest.fixture
def office() -> Iterator[Office]:
    """The office after that."""
    with office_after(begin) as opened:
        opened.app = replace(opened.app, clock=Noon())
        yield opened


def lines(office: Office) -> dict[str, dict[str, Any]]:
    """The list by client; rows as they show."""
    return {str(row["Client"]): row for row in office.tab("Follow-ups").rows()}


def contacts(office: Office) -> list[tuple[Any, ...]]:
    return office.sql(
        "select c.full_name, t.status, t.outcome, t.summary, t.contact_at, t.next_step_at"
        " from contacts t join clients c on c.id = t.client order by t.id"
    )


def test_result_and_next_date_become_a_contact_and_the_line_goes(office: Office) -> None:
    tab = office.tab("Follow-ups")
    row = lines(office)["Client 2"]["#"]
    tab.put(row, "✎ Result", "Call back")
    tab.put(row, "✎ Comment", "Wants samples")
    tab.type(row, "✎ Next date", "2026-04-02")

    office.sync()

    assert contacts(office) == [
        ("Client 2", "held", "callback", "Wants samples", "2026-03-16 12:00", "2026-04-02")
    ]
    assert "Client 2" not in lines(office)
    assert [row["Summary"] for row in office.tab("Contacts").rows()] == ["Wants samples"]
    office.sync()
    assert len(contacts(office)) == 1
    assert office.counted_sync()[0].outcome == "unchanged"


def test_tick_alone_is_a_contact_and_date_alone_only_puts_off(office: Office) -> None:
    tab, found = office.tab("Follow-ups"), lines(office)
    tab.type(found["Client 3"]["#"], "✎ Done", "TRUE")
    tab.type(found["Client 1"]["#"], "✎ Next date", "2026-03-25")

    office.sync()

    assert [(name, status) for name, status, *_ in contacts(office)] == [("Client 3", "held")]
    assert office.sql("select due_date from agreements") == [("2026-03-25",)]
    assert lines(office).keys() == {"Client 2"} | ({"Client 3"} & lines(office).keys())
    assert "Client 1" not in lines(office)


def test_bad_date_stays_in_its_cell_and_is_told(office: Office) -> None:
    tab = office.tab("Follow-ups")
    row = lines(office)["Client 2"]["#"]
    tab.put(row, "✎ Result", "Call back")
    tab.put(row, "✎ Next date", "on Tuesday")

    result = office.sync()

    assert contacts(office) == []
    (problem,) = [item.problem for item in result.problems]
    assert (problem.table, problem.field, problem.typed) == ("followups", "next_at", "on Tuesday")
    assert lines(office)["Client 2"]["✎ Next date"] == "on Tuesday"
    assert lines(office)["Client 2"]["✎ Result"] == "Call back"
    tab = office.tab("Follow-ups")
    tab.type(lines(office)["Client 2"]["#"], "✎ Next date", "2026-04-02")
    assert office.sync().problems == ()
    assert [outcome for _, _, outcome, *_ in contacts(office)] == ["callback"]


def test_answer_to_a_line_that_is_gone_waits_below_the_list(office: Office) -> None:
    tab = office.tab("Follow-ups")
    tab.put(lines(office)["Client 2"]["#"], "✎ Result", "Call back")
    office.sql("update clients set do_not_contact = 1 where full_name = 'Client 2'")

    result = office.sync()

    assert contacts(office) == []
    assert [item.problem.typed for item in result.problems] == ["Call back"]
    assert lines(office)["Client 2"]["✎ Result"] == "Call back"


def cell_of_problem(office: Office) -> tuple[str, Any]:
    """The cell that the only problem names, and what stands there."""
    (problem,) = [item.problem for item in office.app.store.findings.problems("main")]
    assert problem.row is not None
    assert problem.column is not None
    (line,) = [row for row in office.tab("Problems").rows() if row["Tab"] == "Follow-ups"]
    name = gspread.utils.rowcol_to_a1(problem.row + 1, problem.column + 1)
    assert line["Cell"] == name
    return name, office.tab("Follow-ups").grid[problem.row][problem.column]


def test_problem_names_the_cell_where_its_answer_stands_after_the_list_was_written(
    office: Office,
) -> None:
    tab = office.tab("Follow-ups")
    tab.put(lines(office)["Client 3"]["#"], "✎ Next date", "on Tuesday")
    office.sql("update clients set do_not_contact = 1 where full_name = 'Client 2'")
    office.sync()
    first, text = cell_of_problem(office)
    assert text == "on Tuesday"

    office.sql("update clients set do_not_contact = 1 where full_name = 'Client 3'")
    tab = office.tab("Follow-ups")
    tab.put(lines(office)["Client 1"]["#"], "✎ Next date", "2026-04-02")
    office.sync()
    second, text = cell_of_problem(office)
    assert text == "on Tuesday"
    assert second != first

    said = in_this_process("problems", "list", "-c", office.folder / "config.toml")
    assert f"Follow-ups!{second} " in said.out
    assert "followups" not in said.out
    office.sync()
    assert office.sync().outcome == "unchanged"


def test_run_that_dies_after_the_store_took_an_answer_takes_it_once(office: Office) -> None:
    tab = office.tab("Follow-ups")
    tab.put(lines(office)["Client 2"]["#"], "✎ Result", "Call back")
    office.server.fault(FaultKind.CUT, **WRITE)
    with pytest.raises(Unreachable):
        office.sync()

    office.sync()
    office.sync()

    assert len(contacts(office)) == 1
    assert lines(office)["Client 2"]["✎ Result"] == ""


def test_answer_typed_between_our_read_and_our_write_is_taken_over(office: Office) -> None:
    sheet = office.tab("Follow-ups")
    row = lines(office)["Client 3"]["#"]
    name = gspread.utils.rowcol_to_a1(row, sheet.column("✎ Comment"))
    cells = [["Call back", "Asked for a price"]]
    typed = {
        "range": f"'Follow-ups'!{gspread.utils.rowcol_to_a1(row, sheet.column('✎ Result'))}:{name}",
        "values": cells,
    }
    body = {"valueInputOption": "RAW", "data": [typed]}
    path = f"/v4/spreadsheets/{office.staff.id}/values:batchUpdate"
    office.server.before(StaffAction("POST", path, body), **WRITE)
    # Something of another client, so that the list is written anew and that line stays.
    office.sql("update clients set do_not_contact = 1 where full_name = 'Client 2'")

    office.sync()

    assert [(name, said) for name, _, _, said, *_ in contacts(office)] == [
        ("Client 3", "Asked for a price")
    ]


def test_answer_in_the_last_line_that_went_a_row_lower_just_then_is_taken_over(
    office: Office,
) -> None:
    sheet = office.tab("Follow-ups")
    last = max(row["#"] for row in lines(office).values())
    (name,) = [key for key, row in lines(office).items() if row["#"] == last]
    above = {"sheetId": sheet.sheet.id, "dimension": "ROWS", "startIndex": 1, "endIndex": 2}
    place = {
        "sheetId": sheet.sheet.id,
        "rowIndex": last,
        "columnIndex": sheet.column("✎ Result") - 1,
    }
    text = {"values": [{"userEnteredValue": {"stringValue": "Call back"}}]}
    requests = [
        {"insertDimension": {"range": above}},
        {"updateCells": {"start": place, "rows": [text], "fields": "userEnteredValue"}},
    ]
    path = f"/v4/spreadsheets/{office.staff.id}:batchUpdate"
    office.server.before(StaffAction("POST", path, {"requests": requests}), **WRITE)
    # Something of another client, so that the list is written anew.
    other = next(key for key in lines(office) if key != name)
    office.sql("update clients set do_not_contact = 1 where full_name = ?", other)

    office.sync()

    assert [who for who, *_ in contacts(office)] == [name]


def typing(office: Office, *cells: tuple[str, str]) -> StaffAction:
    """Somebody types into cells of the comparison."""
    data = [{"range": f"'Comparison'!{name}", "values": [[text]]} for name, text in cells]
    body = {"valueInputOption": "USER_ENTERED", "data": data}
    return StaffAction("POST", f"/v4/spreadsheets/{office.staff.id}/values:batchUpdate", body)


def parameter(office: Office, name: str) -> tuple[int, str]:
    """The one-based row of a parameter of the comparison, and what stands beside it."""
    rows = office.staff.worksheet("Comparison").get_all_values()
    (found,) = [(n, row[1]) for n, row in enumerate(rows, 1) if row[0] == name]
    return found


def test_parameters_typed_on_top_of_the_comparison_hold_from_the_next_run_on(
    office: Office,
) -> None:
    sheet = office.staff.worksheet("Comparison")
    row, shown = parameter(office, "Compare by")
    assert shown == "month"
    sheet.update([["quarter"]], f"B{row}", value_input_option="USER_ENTERED")
    row, _ = parameter(office, "Split by")
    sheet.update([["Responsible; Branch"]], f"B{row}", value_input_option="USER_ENTERED")

    office.sync()

    cells = [row[0] for row in office.staff.worksheet("Comparison").get_all_values()]
    assert "Comparison of periods: quarter" in cells
    assert {"Responsible", "Branch"} <= set(cells)
    assert parameter(office, "Compare by")[1] == "quarter"
    assert office.counted_sync()[0].outcome == "unchanged"


@pytest.mark.parametrize("later", [None, "week"])
def test_parameters_typed_while_the_run_writes_the_comparison_anew_hold(
    office: Office, later: str | None
) -> None:
    row, _ = parameter(office, "Compare by")
    office.staff.worksheet("Comparison").update([["Month "]], f"B{row}")
    split, _ = parameter(office, "Split by")
    # Sales of this month, so that the tab is to be written anew.
    office.sql("update agreements set status = 'fulfilled', fulfilled_at = '2026-03-12'")
    typed = [(f"B{row}", "Quarter"), (f"B{split}", "Branch; fortnight")]
    office.server.before(typing(office, *typed), **WRITE)
    if later is not None:
        # Whoever types once more, after that write, means this.
        office.server.after(typing(office, (f"B{row}", later)), **WRITE)

    result = office.sync()
    office.server.check_staff()

    assert parameter(office, "Compare by")[1] == (later or "quarter")
    cells = [row[0] for row in office.staff.worksheet("Comparison").get_all_values()]
    assert f"Comparison of periods: {later or 'quarter'}" in cells
    assert [item.problem.typed for item in result.problems] == ["Branch; fortnight"]
    assert parameter(office, "Split by")[1] == "Branch; fortnight"
    assert office.counted_sync()[0].outcome == "unchanged"


def test_choice_of_days_waits_in_its_cell_for_the_first_of_them(office: Office) -> None:
    sheet = office.staff.worksheet("Comparison")
    row, _ = parameter(office, "Compare by")
    sheet.update([["chosen days"]], f"B{row}", value_input_option="USER_ENTERED")
    # Sales of this month, so that the tab is to be written anew.
    office.sql("update agreements set status = 'fulfilled', fulfilled_at = '2026-03-12'")

    (problem,) = [item.problem for item in office.sync().problems]

    assert (problem.table, problem.field) == ("comparison", "since")
    assert parameter(office, "Compare by")[1] == "chosen days"
    row, _ = parameter(office, "Chosen days from")
    sheet.update([["2026-03-02"]], f"B{row}", value_input_option="USER_ENTERED")
    assert office.sync().problems == ()
    cells = [row[0] for row in sheet.get_all_values()]
    assert "Comparison of periods: chosen days" in cells


def test_parameter_that_will_not_do_is_told_where_it_stands(office: Office) -> None:
    sheet = office.staff.worksheet("Comparison")
    row, _ = parameter(office, "Compare by")
    sheet.update([["fortnight"]], f"B{row}", value_input_option="USER_ENTERED")
    # Rows above, which the tab does not keep when it is written anew.
    sheet.insert_rows([["mine"], ["too"]], 1)

    (problem,) = [item.problem for item in office.sync().problems]

    row, _ = parameter(office, "Compare by")
    assert (problem.row, problem.column) == (row - 1, 1)
    assert (problem.table, problem.field, problem.typed) == ("comparison", "period", "fortnight")
    assert parameter(office, "Compare by")[1] == "fortnight"
    told = office.staff.worksheet("Problems").get_all_values()[1]
    assert {"Comparison", "Compare by", "fortnight"} <= set(told)
    sheet.update([["week"]], f"B{row}", value_input_option="USER_ENTERED")
    assert office.sync().problems == ()
