"""What became of a write whose end no run has seen."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from crm_sync.core.stamp import Stamp
from crm_sync.errors import Overtaken, ShapeError
from crm_sync.ports import Binding, Operation
from crm_sync.services.application import JOURNAL
from crm_sync.services.apply import INTENT, Intent
from crm_sync.services.reading import Reading
from crm_sync.services.recover import Outstanding, outstanding
from crm_sync.services.setup import Attached

UNSETTLED = Operation("first", "main", 1, INTENT.dump_json(Intent(())).decode())


def found(stamp: str, journal: Any) -> Outstanding:
    """What is found out where the tabs bear one stamp and the journal tab, read next, says this."""
    store = SimpleNamespace(journal=SimpleNamespace(unsettled=lambda name: (UNSETTLED,)))
    reading = Reading(Attached({JOURNAL: 9}), {}, stamp=Stamp(stamp))
    app, workbook = SimpleNamespace(store=store), SimpleNamespace(journal=journal)
    return outstanding(cast(Any, app), cast(Any, workbook), Binding("main", "file"), reading)


def test_write_that_lands_while_the_last_one_is_looked_into_is_not_taken_for_it() -> None:
    with pytest.raises(Overtaken):
        found("first", lambda sheet_id, rows: ("second", ()))


def test_write_that_did_not_land_is_not_looked_for() -> None:
    def never(sheet_id: int, rows: object) -> Any:
        raise AssertionError

    assert found("another", never) == Outstanding()


def test_journal_tab_that_is_gone_says_nothing() -> None:
    def gone(sheet_id: int, rows: object) -> Any:
        raise ShapeError("gone")

    assert found("first", gone) == Outstanding()
