"""What the company has said about conflicts, with what is known of the times."""

from __future__ import annotations

from datetime import datetime

from crm_sync.core.automatic import Automatic, Policy
from crm_sync.ports import Workbook
from crm_sync.services.application import Application


def modified_if_needed(app: Application, workbook: Workbook) -> datetime | None:
    """When the workbook was last changed by anyone, if a policy depends on it; one request then."""
    return workbook.modified() if Policy.NEWEST in app.policies.values() else None


def automatic_for(app: Application, table: str, modified: datetime | None) -> Automatic:
    """How the conflicts of one table are decided in this run."""
    policies = {name: policy for (of, name), policy in app.policies.items() if of == table}

    def store_is_newer(record_id: str, name: str) -> bool:
        changed = [
            entry.at
            for entry in app.store.records.history(record_id)
            if entry.table == table and name in entry.changes
        ]
        return modified is not None and bool(changed) and _moment(changed[-1]) > modified

    return Automatic(policies, store_is_newer)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
