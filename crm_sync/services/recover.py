"""Finds out what became of writes whose end no run has seen."""

from __future__ import annotations

from crm_sync.core.verifying import Repair, verify
from crm_sync.errors import ShapeError
from crm_sync.ports import Binding, Workbook
from crm_sync.services.application import JOURNAL, Application
from crm_sync.services.apply import INTENT, watched_rows


def outstanding_repairs(
    app: Application, workbook: Workbook, binding: Binding
) -> tuple[Repair, ...]:
    """What an earlier write hit by mistake and nobody has put back.

    Only the newest operation that reached the sheet can still owe something: the journal tab
    bears its id, and each write carries the repairs of the one before. Whatever else was left
    undone is simply merged again.
    """
    waiting = app.store.journal.unsettled(binding.workbook)
    if not waiting or JOURNAL not in binding.sheets:
        return ()
    journal_id = binding.sheets[JOURNAL]
    try:
        standing, _ = workbook.journal(journal_id, ())
        for operation in waiting:
            if operation.id == standing:
                intent = INTENT.validate_json(operation.intent)
                _, images = workbook.journal(journal_id, watched_rows(intent.expected))
                return (*verify(intent.expected, images).repairs, *intent.owed)
    except ShapeError:
        return ()
    return ()
