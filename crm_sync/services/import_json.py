"""The shape of an import as `--json` prints it."""

from __future__ import annotations

from typing import Any

from crm_sync.services.application import Application
from crm_sync.services.importing import Fate, ImportPlan
from crm_sync.services.record_json import fault_json


def import_json(app: Application, plan: ImportPlan, run: int | None) -> dict[str, Any]:
    """What importing a file does, or would do (then `run` is null)."""
    return {
        "table": plan.tab.table.name,
        "sheet": plan.found.read.title,
        "header_row": plan.found.header_row + 1,
        "columns": [
            {
                "column": item.letter,
                "heading": item.heading,
                "fate": item.fate.value,
                "field": item.field,
                "how": item.how.value if item.how else "",
                "filled": item.filled,
            }
            for item in plan.found.columns
        ],
        "counts": {fate.value: plan.count(fate) for fate in Fate},
        "rows": [
            {
                "row": row.number,
                "fate": row.fate.value,
                "record": row.record.id if row.record else "",
                "values": dict(row.values),
                "problems": [fault_json(app, item) for item in row.problems],
            }
            for row in plan.rows
            if row.fate is not Fate.SAME
        ],
        "allow": [each.allow for each in plan.excess],
        "run": run,
    }
