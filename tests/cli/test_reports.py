"""Reports from the command line: figures in by SQL, figures out as JSON and files."""

from __future__ import annotations

import importlib.util
import sqlite3
import zipfile
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from crm_sync.config import load_config
from crm_sync.wiring import open_application
from tests.cli.command import Crm
from tests.unit.reports.build import GOLDEN

CONFIG = """
language = "en"
timezone = "Europe/Moscow"
currency = "RUB"
phone_region = "RU"
[store]
path = "crm.db"
[[workbooks]]
name = "main"
kind = "local"
data = "workbook.db"
"""
STATUSES = (("fulfilled", "won"), ("refund", "won"), ("declined", "lost"), ("agreed", "open"))
AS_OF = ("--as-of", "2026-03-15")
PARAMETERS = 9
"""The rows above a comparison in its tab."""

Report = Callable[..., dict[str, Any]]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A store with the golden sales, written by SQL alone."""
    file = tmp_path / "config.toml"
    file.write_text(CONFIG)
    with open_application(load_config(file)):
        pass
    sql(file, "insert into employees (id, name) values ('E-001', 'Petrov')")
    for key, type_ in STATUSES:
        row = (f"S-{key}", "agreement", key, type_)
        sql(file, "insert into statuses (id, entity, key, type) values (?, ?, ?, ?)", *row)
    for number in range(1, 5):
        values = (f"C{number}", f"Client {number}")
        sql(file, "insert into clients (id, full_name) values (?, ?)", *values)
    for key, sold in GOLDEN.items():
        sell(file, key, str(sold["client"]), str(sold["fulfilled_at"]), str(sold["amount"]))
    return file


@pytest.fixture
def report(crm: Crm, config: Path) -> Report:
    """The data of a report on the golden day."""

    def made(name: str, *options: str) -> dict[str, Any]:
        said = crm("report", name, *AS_OF, *options, "--json", "-c", config)
        assert said.code == 0, said.err
        return dict(said.json["data"])

    return made


def sql(config: Path, statement: str, *values: object) -> None:
    with sqlite3.connect(config.with_name("crm.db")) as connection:
        connection.execute(statement, values)
    connection.close()


def sell(config: Path, key: str, client: str, day: str, amount: str, **more: str) -> None:
    row = {
        "id": key,
        "client": client,
        "subject": "Tea",
        "status": "fulfilled",
        "amount": amount,
        "agreed_at": day,
        "fulfilled_at": day,
        "owner": "E-001",
        **more,
    }
    marks = ", ".join("?" * len(row))
    sql(config, f"insert into agreements ({', '.join(row)}) values ({marks})", *row.values())


def total(data: dict[str, Any], metric: str) -> dict[str, Any]:
    return dict(data["dimensions"][0]["total"]["metrics"][metric])


def test_golden_month_has_the_golden_figures(report: Report) -> None:
    data = report("comparison")

    assert data["windows"]["previous"] == {"from": "2026-02-01", "to": "2026-02-15", "days": 15}
    assert data["windows"]["last_year"] == {"from": "2025-03-01", "to": "2025-03-15", "days": 15}
    sums = total(data, "sum")
    assert (sums["now"], sums["previous"], sums["last_year"]) == ("2700", "1500", "1200")
    assert (sums["change_share"], sums["change_in_year_share"]) == ("0.8", "1.25")
    assert (total(data, "count")["now"], total(data, "average")["now"]) == ("2", "1350")
    assert (total(data, "rhythm")["now"], total(data, "new")["now"]) == ("30", "1")
    assert total(data, "rhythm")["last_year"] == "28"


def test_golden_year_to_date_has_the_golden_figures(report: Report) -> None:
    data = report("comparison", "--period", "year")

    sums = total(data, "sum")
    assert (sums["now"], sums["last_year"]) == ("5700", "3400")
    assert round(Decimal(sums["change_in_year_share"]), 3) == Decimal("0.676")
    rhythm = total(data, "rhythm")
    assert (rhythm["now"], rhythm["gaps_now"]) == ("30", 3)
    assert round(Decimal(rhythm["mean_now"]), 1) == Decimal("122.7")
    quarter = report("comparison", "--period", "quarter")["windows"]
    assert quarter["now"]["days"] == 74
    assert quarter["previous"] == {"from": "2025-10-01", "to": "2025-12-13", "days": 74}


def test_golden_customers_sleep_as_they_should(report: Report) -> None:
    states = {each["client"]: each["state"] for each in report("customers")["customers"]}

    assert states == {"C1": "active", "C2": "cooling", "C3": "active", "C4": "lost"}


def test_foreign_currency_counts_by_its_dated_rate_or_is_left_out(
    config: Path, report: Report
) -> None:
    sell(config, "U1", "C3", "2026-03-07", "10.10", currency="USD")
    sell(config, "U2", "C3", "2026-03-07", "5", currency="EUR")
    sql(
        config,
        "insert into rates (id, date, currency, rate) values ('R-1', '2026-03-06', 'USD', '90.05')",
    )

    data = report("comparison")

    assert total(data, "sum")["now"] == "3609.505"
    assert data["left_out"]["no_rate"] == 1


def test_reassigning_an_employee_never_rewrites_what_was_sold(config: Path, report: Report) -> None:
    sql(config, "insert into employees (id, name) values ('E-002', 'Ivanova')")
    sql(config, "update agreements set owner = 'E-002' where id in ('A6', 'A9')")

    data = report("comparison", "--by", "owner")

    assert [line["value"] for line in data["dimensions"][0]["lines"]] == ["E-001"]


def test_report_by_the_store_as_it_stood_knows_nothing_of_later_days(
    crm: Crm, config: Path
) -> None:
    said = crm("report", "comparison", *AS_OF, "--known-on", "2020-01-01", "--json", "-c", config)

    assert total(said.json["data"], "sum")["now"] == "0"


def test_records_behind_a_number_make_it(crm: Crm, config: Path) -> None:
    rows = crm("report", "comparison", *AS_OF, "--json", "-c", config).json["rows"]
    (row,) = [
        number
        for number, cells in enumerate(rows, 1)
        if cells and str(cells[0]["value"]).startswith("Sum of sales")
    ]
    said = crm("explain", "comparison", f"B{row + 2}", *AS_OF, "--json", "-c", config)

    explained = said.json["explained"]
    assert explained["value"] == "2700"
    assert {each["id"]: each["amount"] for each in explained["records"]} == {
        "A6": "2000",
        "A9": "700",
    }
    place = f"B{row + 2 + PARAMETERS}"
    in_tab = crm("explain", "comparison", place, "--tab", *AS_OF, "--json", "-c", config)
    assert in_tab.json["explained"] == explained
    wrong = crm("explain", "comparison", "A1", *AS_OF, "-c", config)
    assert (wrong.code, "no number" in wrong.err) == (2, True)


def test_plan_is_held_against_what_was_sold(config: Path, report: Report) -> None:
    sql(
        config,
        "insert into sales_plan (id, period, scope, scope_id, metric, value)"
        " values ('L-1', '2026-03', 'employee', 'Petrov', 'sum', '5400'),"
        " ('L-2', 'March', 'company', '', 'sum', '1')",
    )

    data = report("plans")

    (line,) = data["lines"]
    assert (line["id"], line["fact"], line["share"]) == ("E-001", "2700", "0.5")
    assert data["unusable_rows"] == ["L-2"]


def test_settled_month_stays_and_a_later_refund_is_corrected_in_the_next(
    crm: Crm, config: Path
) -> None:
    sql(
        config,
        "insert into bonus_terms (id, employee, kind, rate) values ('N-1', 'E-001', 'sales', '10')",
    )
    assert crm("kpi", "freeze", "2025-02", "-c", config).code == 0
    refund = {"status": "refund", "refund_of": "A2"}
    sell(config, "B1", "C1", "2025-02-20", "-1200", **refund)

    options = ("--as-of", "2025-03-31", "--months", "2", "--json", "-c", config)
    said = crm("report", "kpi", *options)

    lines = {each["month"]: each for each in said.json["data"]["lines"] if each["id"] == "E-001"}
    assert (lines["2025-02"]["bonus"], lines["2025-02"]["frozen"]) == ("120", True)
    assert (lines["2025-03"]["bonus"], lines["2025-03"]["correction"]) == ("620", "-120")
    again = crm("kpi", "freeze", "2025-02", "-c", config)
    assert (again.code, "settled already" in again.err) == (1, True)


@pytest.mark.parametrize("name", ["summary", "comparison", "seasonality", "kpi", "customers"])
def test_files_of_a_report_are_whole_and_private(
    crm: Crm, config: Path, tmp_path: Path, name: str
) -> None:
    xlsx, html, svg = (tmp_path / f"r.{kind}" for kind in ("xlsx", "html", "svg"))
    options = ("--xlsx", xlsx, "--html", html, "--chart", svg)
    assert crm("report", name, *AS_OF, *options, "-c", config).code == 0

    with zipfile.ZipFile(xlsx) as book:
        assert book.testzip() is None
        assert any("charts/chart" in part for part in book.namelist()) or name == "kpi"
    page = html.read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "")
    assert svg.read_text(encoding="utf-8").startswith("<svg ")
    assert {file.stat().st_mode & 0o777 for file in (xlsx, html, svg)} == {0o600}


@pytest.mark.skipif(
    importlib.util.find_spec("resvg_py") is None, reason="pip install 'crm-sync[charts]'"
)
def test_picture_of_charts_is_a_png(crm: Crm, config: Path, tmp_path: Path) -> None:
    png = tmp_path / "summary.png"

    assert crm("report", "summary", *AS_OF, "--chart", png, "-c", config).code == 0

    assert png.read_bytes().startswith(b"\x89PNG\r\n")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["comparison", "--as-of", "soon"], "is no date"),
        (["followups", "--period", "year"], "belongs to the report comparison"),
        (["comparison", "--period", "custom"], "--from"),
        (["summary", "--chart", "x.pdf"], ".png, .svg or .html"),
        (["followups", "--employee", "Nobody"], "no employee"),
    ],
)
def test_options_that_will_not_do_are_explained(
    crm: Crm, config: Path, options: list[str], told: str
) -> None:
    said = crm("report", *options, "-c", config)

    assert said.code in (1, 2)
    assert told in said.err
    assert "Traceback" not in said.err


def empty(folder: Path) -> Iterator[Path]:
    file = folder / "config.toml"
    file.write_text(CONFIG)
    with open_application(load_config(file)):
        pass
    yield file


def test_every_report_of_an_empty_store_is_made(crm: Crm, tmp_path: Path) -> None:
    (file,) = empty(tmp_path)
    for name in ("followups", "summary", "comparison", "seasonality", "plans", "kpi"):
        said = crm("report", name, "--json", "-c", file)
        assert (said.code, said.err) == (0, "")


def test_morning_of_each_employee_is_told_as_text(crm: Crm, config: Path) -> None:
    sql(config, "update clients set owner = 'E-001', phone = '+79123456789' where id = 'C4'")
    sql(config, "update clients set touch_every_days = 30 where id = 'C4'")
    sell(config, "A11", "C4", "2025-12-05", "10")

    said = crm("report", "followups", "--digest", *AS_OF, "-c", config)
    told = said.out.rstrip().split("\n")

    assert told[:3] == ["Petrov", "", "Sleeping: 1"]
    assert told[3:] == ["- Client 4 · +7 912 345-67-89 · Silent for 100 days, usually 30"]
    wrong = crm("report", "kpi", "--digest", "-c", config)
    assert (wrong.code, "belongs to the report followups" in wrong.err) == (2, True)


def changed(config: Path, at: str, statement: str, *values: object) -> None:
    """A change that history dates to that moment."""
    with sqlite3.connect(config.with_name("crm.db")) as connection:
        connection.execute(
            'insert into context (one, at, source, "by") values (1, ?, ?, ?)', (at, "sql", "")
        )
        connection.execute(statement, values)
        connection.execute("delete from context")
    connection.close()


@pytest.fixture
def later(config: Path) -> Path:
    """The golden store, made at the beginning of 2026; A6 was corrected on the evening of 20 March
    in Moscow (in UTC still the day before), A9 archived on 2 April.
    """
    sql(config, "update history set at = '2026-01-01T00:00:00.000Z'")
    changed(
        config, "2026-03-19T21:30:00.000Z", "update agreements set amount = '2500' where id = 'A6'"
    )
    gone = "update agreements set archived_at = '2026-04-02T10:00:00.000Z' where id = 'A9'"
    changed(config, "2026-04-02T10:00:00.000Z", gone)
    return config


@pytest.mark.parametrize(
    ("day", "sum_", "count"),
    [("2026-03-19", "2700", "2"), ("2026-03-20", "3200", "2"), ("2026-04-02", "2500", "1")],
)
def test_report_knows_what_the_store_knew_at_the_end_of_the_day(
    later: Path, report: Report, day: str, sum_: str, count: str
) -> None:
    data = report("comparison", "--known-on", day)

    assert (total(data, "sum")["now"], total(data, "count")["now"]) == (sum_, count)


def test_closed_figures_that_changed_since_a_day_are_told(crm: Crm, later: Path) -> None:
    def restated(since: str) -> set[tuple[object, ...]]:
        options = ("--as-of", "2026-03-31", "--changed-since", since, "--json", "-c", later)
        data = crm("report", "comparison", *options).json["data"]
        return {
            (each["metric"], each["was"], each["now"])
            for each in data["restated"]
            if each["window"]["from"] == "2026-03-01" and each["value"] is None
        }

    # March was not over then.
    assert restated("2026-03-19") == set()
    assert restated("2026-03-31") == {("sum", "3200", "2500"), ("count", "2", "1")}
    assert restated("2026-04-02") == set()
