"""Tabs of reports are made anew when what they go by has changed, and only then."""

import sqlite3
from pathlib import Path

import pytest

from benchmarks.__main__ import office
from benchmarks.payload import PayloadWorkbook
from crm_sync.core.values import Cell
from crm_sync.services.application import Application
from crm_sync.services.sync import sync

LISTED, SERVED = "C-000013", "C-000021"
OLD, NEW = "+79120000001", "+79990000001"
AS_SHOWN = {OLD: "+7 912 000-00-01", NEW: "+7 999 000-00-01"}


def settled(app: Application, workbook: PayloadWorkbook, store: Path) -> None:
    """A workbook with one client to be called and one who is served."""
    sync(app, "office")
    told(
        store,
        "INSERT INTO clients (id, kind, is_company, full_name, phone, email, status) VALUES"
        f" ('{LISTED}', 'customer', 'person', 'Анна', '{OLD}', NULL, 'cold'),"
        f" ('{SERVED}', 'customer', 'person', 'Борис', NULL, 'b@example.org', 'served')",
    )
    for _ in range(2):
        workbook.touch()
        sync(app, "office")


def told(store: Path, sql: str) -> None:
    """What some SQLite client does."""
    connection = sqlite3.connect(store)
    with connection:
        connection.execute(sql)
    connection.close()


def shown(app: Application, workbook: PayloadWorkbook, tab: str) -> list[list[Cell]]:
    binding = app.store.bases.binding("office")
    assert binding is not None
    return workbook.tabs[binding.sheets[tab]]


def published(app: Application, workbook: PayloadWorkbook) -> tuple[str, ...]:
    workbook.touch()
    return sync(app, "office").published


def test_new_phone_of_one_who_is_to_be_called_stands_on_the_list() -> None:
    with office() as (app, workbook, store):
        settled(app, workbook, store)
        assert AS_SHOWN[OLD] in shown(app, workbook, "followups")[1]
        told(store, f"UPDATE clients SET phone = '{NEW}' WHERE id = '{LISTED}'")
        assert published(app, workbook) == (app.titles["followups"],)
        assert AS_SHOWN[NEW] in shown(app, workbook, "followups")[1]


def test_new_phone_of_one_whom_no_report_names_makes_none_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with office() as (app, workbook, store):
        settled(app, workbook, store)
        told(store, f"UPDATE clients SET phone = '{NEW}' WHERE id = '{SERVED}'")
        monkeypatch.delattr("crm_sync.services.publish.desk_over")
        assert published(app, workbook) == ()


def test_charts_of_reports_that_stand_are_remembered() -> None:
    with office() as (app, workbook, store):
        settled(app, workbook, store)
        before = app.store.bases.all("office", "charts")
        assert len(before) > 1
        told(store, f"UPDATE clients SET status = 'served' WHERE id = '{LISTED}'")
        assert set(published(app, workbook)) == {app.titles["followups"], app.titles["summary"]}
        assert app.store.bases.all("office", "charts").keys() == before.keys()


def test_client_who_comes_to_be_called_is_listed() -> None:
    with office() as (app, workbook, store):
        settled(app, workbook, store)
        told(store, f"UPDATE clients SET status = 'cold' WHERE id = '{SERVED}'")
        assert app.titles["followups"] in published(app, workbook)
        assert len(shown(app, workbook, "followups")) == 3


def test_tab_that_somebody_edited_is_put_right() -> None:
    with office() as (app, workbook, store):
        settled(app, workbook, store)
        binding = app.store.bases.binding("office")
        assert binding is not None
        workbook.edit(binding.sheets["summary"], 0, 0, "моё")
        told(store, f"UPDATE clients SET note = 'чай' WHERE id = '{SERVED}'")
        assert published(app, workbook) == (app.titles["summary"],)
        assert shown(app, workbook, "summary")[0][0] != "моё"
