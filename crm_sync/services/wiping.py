"""Keeps the journal tab from holding what a workbook's people are not to see any more.

A write leaves copies of the rows that it touched in the hidden journal tab, until the next write.
Rows that left the workbook, values that are masked or hidden from now on, and people whom the law
wants forgotten must not stay there:
once all is verified, an empty write takes their place.
"""

from __future__ import annotations

import secrets
from dataclasses import replace

from crm_sync.core.batch import Batch
from crm_sync.core.masking import MASK
from crm_sync.core.plan import CellWrite, TabPlan
from crm_sync.core.values import cell_text
from crm_sync.ports import Binding
from crm_sync.services.application import Application, FieldRules
from crm_sync.services.apply import Intent, Prepared, journal
from crm_sync.services.planning import Planned


def must_wipe(app: Application, workbook: str, planned: Planned) -> bool:
    """True if the write of this plan copied something into the journal tab that has to go."""
    rules = app.bound[workbook].rules
    hides = bool(rules.masked or rules.hidden)
    erased = {
        (table, key)
        for erasure in app.store.erasing.done()
        for table, keys in erasure.records.items()
        for key in keys
    }
    return any(
        plan.left
        or (hides and any(_uncovers(rules, plan, write) for write in plan.every_write))
        or (erased and any((plan.table, item.record_id) in erased for item in plan.every_write))
        or (erased and any((plan.table, item.record_id) in erased for item in plan.deletes))
        for plan in planned.plan.tabs
    )


def _uncovers(rules: FieldRules, plan: TabPlan, write: CellWrite) -> bool:
    key, stood = (plan.table, write.field), cell_text(write.before)
    masked = key in rules.masked and MASK not in stood
    return bool(stood) and (masked or key in rules.hidden)


def blank_write(app: Application, workbook: str, run: int, last: Prepared) -> Prepared:
    """An empty write that takes the place of the last one in the journal tab, written down."""
    batch = Batch(
        secrets.token_hex(8),
        last.batch.journal_id,
        stamp=last.batch.stamp,
        renews=True,
        after=last.batch.operation,
    )
    blank = Prepared(batch, Intent(()))
    journal(app, workbook, run, blank)
    return blank


def settle_blank(app: Application, binding: Binding, blank: Prepared) -> Binding:
    """Notes that the empty write has reached the workbook."""
    settled = replace(binding, operation=blank.batch.operation)
    with app.store.transaction():
        app.store.journal.settle(blank.batch.operation, app.clock.now())
        app.store.bases.bind(settled)
    return settled
