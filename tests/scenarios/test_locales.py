"""Dates and numbers that are typed as text are read as their own workbook's locale writes them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import gspread
import pytest

from crm_sync.config import load_config
from crm_sync.core.drift import Lack
from crm_sync.services.template import check
from crm_sync.sheet_server.server import SheetServer
from crm_sync.wiring import open_application
from crm_sync.wiring.local import LOCAL_ACCOUNT
from tests.scenarios.fleet import Fleet, config_of
from tests.scenarios.office import (
    TOKEN,
    Office,
    Tab,
    office_after,
    staff_client,
    with_clients,
)

LOOK = "/v4/spreadsheets/"


@pytest.fixture
def office() -> Iterator[Office]:
    """A settled office with one client and an agreement, in en_US."""

    def begin(opened: Office) -> None:
        with_clients(1)(opened)
        agree(opened.tab("Agreements"), "first")
        opened.sync()

    with office_after(begin) as opened:
        yield opened


def agree(tab: Tab, subject: str, **texts: str) -> int:
    """A new agreement; the texts are put in as with an apostrophe before them."""
    row = tab.append(Client="Client 1", What_was_agreed=subject, Agreed_on="2026-02-01")
    for heading, text in texts.items():
        tab.put(row, heading.replace("_", " "), text)
    return row


def speak(book: gspread.Spreadsheet, locale: str) -> None:
    """Somebody chooses another locale: File, Settings."""
    book.update_locale(locale)


def agreed(office: Office) -> list[tuple[object, ...]]:
    return office.sql("select subject, agreed_at, due_date, amount from agreements order by 1")


def looked(requests: list[tuple[str, str]]) -> int:
    """How often the outline was asked for."""
    return sum(
        method == "GET" and path.startswith(LOOK) and ":" not in path and "/values" not in path
        for method, path in requests
    )


def test_workbooks_bound_by_their_ids_are_read_in_their_own_locales(tmp_path: Path) -> None:
    typed = {"english": ("03/02/2026", "1,234.50"), "german": ("03.02.2026", "1.234,50")}
    with SheetServer(tmp_path / "workbook.db", token=TOKEN) as server:
        books = {name: staff_client(server.url).create(name) for name in typed}
        for name, locale in (("english", "en_GB"), ("german", "de_DE")):
            books[name].share(LOCAL_ACCOUNT, perm_type="user", role="writer")
            speak(books[name], locale)
        ids = {name: f'id = "{book.id}"' for name, book in books.items()}
        (tmp_path / "config.toml").write_text(config_of(ids))
        with open_application(load_config(tmp_path / "config.toml")) as app:
            fleet = Fleet(app, server, tmp_path)
            fleet.round()
            for name, (day, amount) in typed.items():
                fleet.tab(name).append(Name=f"Client {name}", Phone=f"+7912000000{len(name)}")
                tab = fleet.tab(name, "Agreements")
                row = tab.append(Client=f"Client {name}", What_was_agreed=name)
                tab.put(row, "Agreed on", day)
                tab.put(row, "Due", f"{day[:3]}04{day[5:]}")
                tab.put(row, "Amount", amount)
                fleet.sync(name)
            found = fleet.sql("select subject, agreed_at, due_date, amount from agreements")
            drift = [item.lack for name in typed for item in check(app, name).drift]
    assert sorted(found) == [(name, "2026-02-03", "2026-04-03", "1234.5") for name in typed]
    assert Lack.LOCALE not in drift


def test_texts_are_read_in_the_locale_that_staff_have_chosen_since(office: Office) -> None:
    agree(office.tab("Agreements"), "before", Due="03/04/2026")
    office.sync()
    speak(office.staff, "en_GB")
    row = agree(office.tab("Agreements"), "since", Due="03/04/2026", Amount="soon 5")

    result = office.sync()

    dues = {subject: due for subject, _, due, _ in agreed(office)}
    assert (dues["before"], dues["since"]) == ("2026-03-04", "2026-04-03")
    assert {item.problem.typed for item in result.problems} >= {"soon 5"}
    office.tab("Agreements").put(row, "Due", "12/31/2026")
    told = [item.problem.params.get("example") for item in office.sync().problems]
    assert "31/12/2026" in told
    assert "12/31/2026" not in told
    assert office.disagreements() == []
    assert [item.lack for item in check(office.app, "main").drift] == [Lack.LOCALE]


def test_nobody_asks_for_the_locale_while_no_text_hangs_on_it(office: Office) -> None:
    office.tab("Agreements").put(2, "What was agreed", "12 boxes")
    office.tab("Agreements").type(2, "Due", "12/31/2026")
    assert looked(office.counted_sync()[1]) == 0
    office.tab("Agreements").put(2, "Due", "12/30/2026")
    assert looked(office.counted_sync()[1]) == 1
    office.tab("Agreements").put(2, "What was agreed", "13 boxes")
    assert looked(office.counted_sync()[1]) == 0


def test_dry_run_reads_texts_as_the_run_does(office: Office) -> None:
    speak(office.staff, "en_GB")
    agree(office.tab("Agreements"), "since", Due="03/04/2026")
    plan = office.sync(dry_run=True).plan
    assert plan is not None
    (change,) = [item for tab in plan.tabs for item in tab.changes]
    assert change.values["due_date"] == "2026-04-03"


def test_value_typed_for_a_conflict_is_read_in_that_locale(office: Office) -> None:
    office.tab("Agreements").put(2, "Due", 46400)
    office.sql("update agreements set due_date = '2026-06-01'")
    office.sync()
    speak(office.staff, "en_GB")
    tab = office.tab("Conflicts")
    (line,) = [row for row in tab.rows() if row.get("No.") not in ("", None)]
    tab.put(line["#"], "Or another value", "03/04/2026")

    office.sync()

    assert agreed(office)[0][2] == "2026-04-03"


def test_next_date_in_the_follow_up_list_is_read_in_that_locale(office: Office) -> None:
    year = office.app.local_now().year + 1
    tab = office.tab("Follow-ups")
    (line,) = [row for row in tab.rows() if row["Client"] == "Client 1"]
    speak(office.staff, "en_GB")
    tab.put(line["#"], "✎ Result", "Call back")
    tab.put(line["#"], "✎ Next date", f"03/04/{year}")

    office.sync()

    assert office.sql("select next_step_at from contacts") == [(f"{year}-04-03",)]
