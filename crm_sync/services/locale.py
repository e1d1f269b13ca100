"""Asks a workbook for its locale when what was typed into the generated tabs hangs on it: anybody
may have changed it since the last run.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from crm_sync.core.locale_texts import is_open_to_locales
from crm_sync.core.values import Cell
from crm_sync.ports import Workbook
from crm_sync.reports import answers, decisions, parameters
from crm_sync.services.application import Application
from crm_sync.services.decisions import CONFLICTS
from crm_sync.services.reading import Reading
from crm_sync.services.recover import Outstanding


def with_locale(
    app: Application, workbook: Workbook, reading: Reading, owed: Outstanding
) -> Reading:
    """The reading with the workbook's locale, in one request, if an answer hangs on it or an
    earlier write owes something; the very same if not, or if it is known.
    """
    if reading.locale:
        return reading
    if owed.repairs or owed.late or any(map(is_open_to_locales, _answers(app, reading))):
        return replace(reading, locale=workbook.outline().locale)
    return reading


def _answers(app: Application, reading: Reading) -> Iterator[Cell]:
    """The cells for days and values of the generated tabs."""
    rows = {name: read.rows for name, read in reading.reads.items()}
    for decision in decisions.typed_answers(rows.get(CONFLICTS, ()), app.say):
        yield decision.value
    for typed in answers.typed_rows(rows.get(answers.TAB, ()), app.say):
        yield typed.kept.answers.get("next_at")
    yield from parameters.days_in(rows.get(parameters.TAB, ()), app.say)
