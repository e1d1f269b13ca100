"""Checks that need more than the record itself: a closed period, the rates, the plans of others."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crm_sync.config import load_config
from crm_sync.sheet_server.server import SheetServer
from crm_sync.wiring import open_application
from tests.cli.command import in_this_process
from tests.docs.test_json_output import assert_described
from tests.scenarios.office import CONFIG, TOKEN, Office
from tests.scenarios.test_marks import RED, YELLOW, looks
from tests.scenarios.test_odd_cells import told

SETTINGS = """
[reports]
tabs = ["campaigns"]
lists = ["rates", "sales_plan"]
"""
CLOSED = "The period up to 2026-03-31 is closed: this change waits for the owner's word."

GONE = (
    "The row was deleted, but it lies in the period up to 2026-03-31, which is closed: the record "
    "stays until the owner's word."
)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Two agreements of April, one of March that another program wrote, and a closed March."""
    folder = tmp_path_factory.mktemp("office")
    (folder / "config.toml").write_text(settings(CONFIG.format(language="en")))
    config = load_config(folder / "config.toml")
    with (
        SheetServer(folder / "workbook.db", token=TOKEN) as server,
        open_application(config) as app,
    ):
        opened = Office(app, server, folder)
        opened.sync()
        opened.tab("Clients").append(Name="Anna", Phone="+79120000001")
        deals = opened.tab("Agreements")
        for amount in ("1000", "2000", "3000"):
            deals.append(Client="Anna", What_was_agreed="tea", Agreed_on="4/10/2026", Amount=amount)
        opened.sync()
        opened.sql("update agreements set agreed_at = '2026-03-10' where amount = '1000'")
        opened.sync()
        yield opened


def settings(text: str) -> str:
    """The settings of the office with those of this module."""
    return f"closed_until = 2026-03-31\n{text}{SETTINGS}"


def row_of(office: Office, amount: float, title: str = "Agreements") -> int:
    return next(row["#"] for row in office.tab(title).rows() if row.get("Amount") == amount)


def amounts(office: Office) -> list[str]:
    return [str(value) for (value,) in office.sql("select amount from agreements order by id")]


def review(folder: Path, *arguments: str) -> dict[str, list[dict[str, object]]]:
    said = in_this_process("review", *arguments, "--json", "-c", folder / "config.toml")
    assert said.code == 0, said
    return said.json  # type: ignore[no-any-return]


def test_change_in_a_closed_period_waits_until_the_owner_lets_it_through(office: Office) -> None:
    tab = office.tab("Agreements")
    row = row_of(office, 1000)
    tab.type(row, "Amount", "9999")
    tab.type(row, "What was agreed", "black tea")
    office.sync()
    assert office.sql("select amount, subject from agreements order by id limit 1") == [
        ("1000", "black tea")
    ]
    assert told(office, "V15") == [CLOSED]
    note, colour = looks(office, "Agreements")[row, "Amount"]
    assert colour == RED
    assert "as soon as the owner approves it" in note

    (waiting,) = review(office.folder, "list")["held"]
    assert_described({"held": [waiting]}, "Held")
    assert (waiting["typed"], waiting["stored"]) == ("9999", "1000")
    number = str(waiting["id"])
    tab.type(row, "Amount", "8888")
    office.sync()
    assert_described(review(office.folder, "approve", number), "Approved")
    assert review(office.folder, "list") == {"held": []}
    office.sync()

    assert amounts(office)[0] == "8888"
    assert told(office, "V15") == []
    assert (row, "Amount") not in looks(office, "Agreements")
    tab.type(row, "Amount", "1000")
    office.sync()
    assert told(office, "V15") == [CLOSED]
    tab.type(row, "Amount", "8888")
    office.sync()
    assert told(office, "V15") == []


def test_approval_is_of_what_was_typed_and_of_nothing_else(office: Office) -> None:
    tab = office.tab("Agreements")
    row = row_of(office, 8888)
    tab.type(row, "Amount", "9000")
    office.sync()
    (waiting,) = review(office.folder, "list")["held"]
    review(office.folder, "approve", str(waiting["id"]))
    tab.type(row, "Amount", "90000")
    office.sync()

    assert amounts(office)[0] == "8888"
    (again,) = review(office.folder, "list")["held"]
    assert again["typed"] == "90000"
    assert_described(review(office.folder, "reject", str(again["id"])), "Rejected")
    office.sync()
    assert row_of(office, 8888) == row
    assert told(office, "V15") == []
    assert office.disagreements() == []


def test_new_row_in_a_closed_period_waits_whole(office: Office) -> None:
    row = office.tab("Agreements").append(
        Client="Anna",
        What_was_agreed="late",
        Agreed_on="3/20/2026",
        Next_call="4/10/2090",
        Amount="5",
    )
    office.sync()
    assert office.sql("select count(*) from agreements where subject = 'late'") == [(0,)]
    (waiting,) = review(office.folder, "list")["held"]
    number = str(waiting["id"])
    refused = in_this_process("review", "reject", number, "-c", office.folder / "config.toml")
    assert refused.code != 0
    assert "Delete the row in the sheet" in refused.err
    said = in_this_process("review", "approve", number, "-c", office.folder / "config.toml")
    assert f"Approved: Change {number} (main, Agreements, Agreed on): new row" in said.out
    office.sync()

    assert office.sql("select agreed_at from agreements where subject = 'late'") == [
        ("2026-03-20",)
    ]
    assert office.tab("Agreements").rows()[row - 2]["ID"].startswith("A-")
    again = in_this_process("review", "approve", number, "-c", office.folder / "config.toml")
    assert again.code == 2
    assert "crm-sync review list" in again.err.replace("-c", "") or "review list" in again.err


def test_change_is_listed_once_though_both_days_lie_in_the_closed_period(office: Office) -> None:
    tab = office.tab("Agreements")
    row = tab.append(
        Client="Anna",
        What_was_agreed="done",
        Agreed_on="3/20/2026",
        Fulfilled="3/25/2026",
        State="Fulfilled",
        Amount="70",
    )
    office.sync()
    (waiting,) = review(office.folder, "list")["held"]
    review(office.folder, "approve", str(waiting["id"]))
    office.sync()
    assert office.sql("select amount, fulfilled_at from agreements where subject = 'done'") == [
        ("70", "2026-03-25")
    ]

    tab.type(row, "Amount", "71")
    office.sync()
    (waiting,) = review(office.folder, "list")["held"]
    assert told(office, "V15") == [CLOSED]
    review(office.folder, "reject", str(waiting["id"]))
    assert review(office.folder, "list") == {"held": []}
    office.sync()
    assert row_of(office, 70) == row
    assert told(office, "V15") == []


def test_row_deleted_in_a_closed_period_waits_and_is_added_again_or_archived(
    office: Office,
) -> None:
    cells = {"Client": "Anna", "Agreed_on": "3/20/2026", "Amount": "5"}
    office.tab("Agreements").append(What_was_agreed="old", **cells)
    office.sync()
    (waiting,) = review(office.folder, "list")["held"]
    review(office.folder, "approve", str(waiting["id"]))
    office.sync()
    ((deal,),) = office.sql("select id from agreements where subject = 'old'")

    def rows() -> list[dict[str, Any]]:
        return [row for row in office.tab("Agreements").rows() if row["ID"] == deal]

    def delete() -> None:
        office.tab("Agreements").sheet.delete_rows(rows()[0]["#"])

    def empty() -> None:
        """Leaves the id, as a person does who marks the cells beside it and presses Delete."""
        number = rows()[0]["#"]
        office.tab("Agreements").sheet.batch_clear([f"B{number}:Z{number}"])

    for remove in (delete, empty):
        remove()
        office.sync()
        assert told(office, "V15") == [GONE]
        (waiting,) = review(office.folder, "list")["held"]
        assert_described({"held": [waiting]}, "Held")
        assert (waiting["record"], waiting["field"]) == (deal, "")
        said = in_this_process("review", "list", "-c", office.folder / "config.toml")
        assert f"(main, Agreements, old ({deal})): the row was deleted" in said.out
        assert office.sync().outcome == "unchanged"
        review(office.folder, "reject", str(waiting["id"]))
        office.sync()
        office.sync()
        assert [row["Amount"] for row in rows()] == [5]
        assert told(office, "V15") == []
        assert office.sync().outcome == "unchanged"
        assert office.disagreements() == []

    delete()
    office.sync()
    (waiting,) = review(office.folder, "list")["held"]
    review(office.folder, "approve", str(waiting["id"]))
    assert office.sql(f"select archived_at from agreements where id = '{deal}'") == [(None,)]
    office.sync()
    assert office.sql(f"select archived_at is null from agreements where id = '{deal}'") == [(0,)]
    assert told(office, "V15") == []
    assert review(office.folder, "list") == {"held": []}
    assert office.sync().outcome == "unchanged"


def test_row_deleted_in_a_closed_period_and_put_back_is_the_same_record(office: Office) -> None:
    tab = office.tab("Agreements")
    row = row_of(office, 8888)
    (cells,) = tab.sheet.get(f"A{row}:Z{row}", value_render_option="FORMULA")
    tab.sheet.delete_rows(row)
    office.sync()
    (waiting,) = review(office.folder, "list")["held"]
    review(office.folder, "approve", str(waiting["id"]))
    tab.sheet.insert_row(cells, row, value_input_option="RAW")
    office.sync()
    assert review(office.folder, "list") == {"held": []}
    assert office.sql("select archived_at from agreements where amount = '8888'") == [(None,)]
    assert row_of(office, 8888) == row
    # The word was on that one deletion.
    tab.sheet.delete_rows(row)
    office.sync()
    (again,) = review(office.folder, "list")["held"]
    assert again["id"] != waiting["id"]
    review(office.folder, "reject", str(again["id"]))
    office.sync()
    assert office.disagreements() == []


def test_tab_of_which_every_row_lay_in_a_closed_period_is_asked_about_once(
    office: Office,
) -> None:
    touches = office.tab("Contacts")
    touches.append(Client="Anna", When="3/20/2026 10:00", Reason="Cold call", Summary="tea")
    office.sync()
    (waiting,) = review(office.folder, "list")["held"]
    review(office.folder, "approve", str(waiting["id"]))
    office.sync()
    office.tab("Contacts").sheet.delete_rows(2)
    (stop,) = office.sync().stops
    assert stop.code == "E-EMPTY"
    assert office.sync(allow=(stop.allow,)).stops == ()
    assert told(office, "V15") == [GONE]
    assert office.sync().outcome == "unchanged"
    (waiting,) = review(office.folder, "list")["held"]
    review(office.folder, "approve", str(waiting["id"]))
    office.sync()
    assert office.sql("select archived_at is null from contacts") == [(0,)]
    assert review(office.folder, "list") == {"held": []}


def test_currency_without_a_rate_is_stored_and_told_of_until_there_is_one(office: Office) -> None:
    tab = office.tab("Agreements")
    row = row_of(office, 2000)
    tab.type(row, "Currency", "usd")
    office.sync()
    assert office.sql("select currency from agreements where amount = '2000'") == [("USD",)]
    assert told(office, "V13") == [
        "No rate of USD is known for 2026-04-10: until there is one, no total counts it."
    ]
    note, colour = looks(office, "Agreements")[row, "Currency"]
    assert colour == YELLOW
    assert "4/10/2026" in note or "2026-04-10" in note

    office.tab("Rates").append(Date="4/9/2026", Currency="USD", Rate="90")
    office.sync()
    assert told(office, "V13") == []
    assert (row, "Currency") not in looks(office, "Agreements")


def test_plans_that_do_not_add_up_are_told_at_the_plan_of_the_whole(office: Office) -> None:
    branches, staff = office.tab("Branches"), office.tab("Employees")
    branches.append(Name="Perm")
    office.sync()
    staff.append(Name="Oleg", Branch="Perm")
    staff.append(Name="Lena", Branch="Perm")
    plans = office.tab(office.app.tab("sales_plan").title)
    headings = {c.field.name: c.heading for c in office.app.tab("sales_plan").columns}

    def plan(scope: str, name: str, value: str) -> int:
        cells = {headings["period"]: "2026-05", headings["scope"]: scope}
        cells |= {headings["scope_id"]: name, headings["value"]: value}
        return plans.append(**{key.replace(" ", "_"): cell for key, cell in cells.items()})

    whole = plan("Branch", "Perm", "1000")
    plan("Employee", "Oleg", "400")
    last = plan("Employee", "Lena", "500")
    office.sync()
    office.sync()
    assert told(office, "V14") == ["The plan is 1000, yet the plans of its employees make 900."]
    assert looks(office, plans.sheet.title)[whole, headings["value"]][1] == YELLOW

    office.tab(plans.sheet.title).type(last, headings["value"], "600")
    office.sync()
    assert told(office, "V14") == []
    assert looks(office, plans.sheet.title) == {}


def test_results_of_campaigns_leave_the_campaigns_alone(office: Office) -> None:
    campaigns = office.tab("Campaigns")
    assert campaigns.headings[:2] == ["ID", "Name"]
    row = campaigns.append(Name="Spring")
    office.sync()
    assert office.tab("Campaigns").rows()[row - 2]["Name"] == "Spring"
    assert office.tab("Campaign results").headings[0] == "Offer or campaign"
