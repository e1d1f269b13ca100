"""The shapes that commands about single records print with `--json`."""

from __future__ import annotations

from typing import Any

from crm_sync.core.findings import Problem
from crm_sync.core.records import Record
from crm_sync.core.undoing import Undoing
from crm_sync.core.values import Scalar, cell_text
from crm_sync.ports import Merged
from crm_sync.services.application import Application
from crm_sync.services.duplicates import Suspects
from crm_sync.services.entry import Entered
from crm_sync.services.finding import Hits
from crm_sync.services.uniting import Merge
from crm_sync.services.world import World


def record_json(world: World, table: str, record: Record) -> dict[str, Any]:
    """A record as the store holds it, and its filled fields as people read them."""
    tab = next(tab for tab in world.tabs if tab.table.name == table)
    values = {item.name: record.values.get(item.name) for item in tab.table.stored_fields}
    return {
        "table": table,
        "record": record.id,
        "name": str(record.values.get(tab.table.label) or ""),
        "archived": record.archived,
        "version": record.version,
        "updated_at": record.updated_at,
        "values": values,
        "shown": {
            name: cell_text(world.show(table, name, value))
            for name, value in values.items()
            if value is not None
        },
    }


def found_json(found: Hits) -> dict[str, Any]:
    """What was found, the best first."""
    return {
        "records": [record_json(found.world, hit.table, hit.record) for hit in found.hits],
        "more": found.more,
    }


def entered_json(app: Application, found: Entered) -> dict[str, Any]:
    """What became of an entry."""
    change, before = found.change, found.before
    values: dict[str, Scalar] = dict(change.values) if change else {}
    return {
        "table": found.table,
        "record": before.id if before else (change.record_id if change else ""),
        "op": change.op.value if change else None,
        "done": found.is_done,
        "changes": {
            name: [before.values.get(name) if before else None, value]
            for name, value in values.items()
            if before is not None or value is not None
        },
        "problems": [fault_json(app, item) for item in found.problems],
    }


def fault_json(app: Application, problem: Problem) -> dict[str, Any]:
    """Something wrong with what was typed: in which field, what, and what would be right."""
    return {
        "field": problem.field,
        "code": problem.code,
        "severity": problem.severity.value,
        "typed": problem.typed,
        "message": app.say(problem.message, **problem.params),
        "remedy": app.say(problem.remedy, **problem.params) if problem.remedy else "",
    }


def duplicates_json(found: Suspects, count: int) -> dict[str, Any]:
    """Groups of records that may be one, the surest first; `count` is that of all there are."""
    return {
        "count": count,
        "groups": [
            {
                "field": group.field,
                "value": group.value,
                "likeness": group.likeness,
                "records": {
                    key: str(found.records[key].values.get("full_name") or "") for key in group.ids
                },
            }
            for group in found.groups
        ],
    }


def merge_json(plan: Merge, *, done: bool) -> dict[str, Any]:
    """What merging does, or would do."""
    return {
        "table": plan.table.name,
        "kept": plan.kept.id,
        "gone": [each.id for each in plan.gone],
        "changes": {
            name: [plan.kept.values.get(name), value] for name, value in plan.values.items()
        },
        "undecided": [
            {"field": rival.field, "values": dict(rival.values)} for rival in plan.rivals
        ],
        "moved": dict(plan.moved),
        "done": done,
    }


def unmerged_json(merged: Merged, found: Undoing, *, done: bool) -> dict[str, Any]:
    """What taking a merge back does, or would do."""
    return {
        "table": merged.table,
        "kept": merged.kept,
        "gone": list(merged.gone),
        "changes": undoing_json(found),
        "done": done,
    }


def undoing_json(found: Undoing) -> dict[str, Any]:
    """What an undo takes back and what it leaves."""
    return {
        "changes": [
            {
                "table": change.table,
                "record": change.record_id,
                "op": change.op.value,
                "values": dict(change.values),
            }
            for change in found.changes
        ],
        "kept": [
            {
                "table": kept.table,
                "record": kept.record_id,
                "field": kept.field,
                "was": kept.wanted,
                "stands": kept.stands,
            }
            for kept in found.kept
        ],
    }
