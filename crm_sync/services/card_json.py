"""The shapes of a client's card and of an answer to a follow-up, as `--json` prints them."""

from __future__ import annotations

from typing import Any

from crm_sync.reports.followup_groups import FollowUp
from crm_sync.reports.followups_grid import what_to_do
from crm_sync.services.application import Application
from crm_sync.services.card import Card
from crm_sync.services.deeds import Done
from crm_sync.services.record_json import fault_json, record_json
from crm_sync.services.report_json import conflict_json, history_json, problem_json
from crm_sync.services.world import World


def card_json(app: Application, found: Card) -> dict[str, Any]:
    """A client with its whole history."""
    world = found.world
    return {
        "client": record_json(world, "clients", found.client),
        "derived": dict(found.derived),
        "tasks": [_task(app, world, line) for line in found.tasks],
        "agreements": [record_json(world, "agreements", each) for each in found.agreements],
        "contacts": [record_json(world, "contacts", each) for each in found.contacts],
        "conflicts": [conflict_json(each) for each in found.conflicts],
        "problems": [problem_json(app, each) for each in found.problems],
        "changes": [history_json(each) for each in found.changes],
    }


def done_json(app: Application, found: Done) -> dict[str, Any]:
    """What became of an answer."""
    return {
        "task": _task(app, found.world, found.line),
        "changes": [
            {
                "table": change.table,
                "record": change.record_id,
                "op": change.op.value,
                "values": dict(change.values),
            }
            for change in found.changes
        ],
        "problems": [fault_json(app, each) for each in found.problems],
        "done": found.is_done,
    }


def _task(app: Application, world: World, line: FollowUp) -> dict[str, Any]:
    return {
        "group": line.group.value,
        "client": line.client,
        "record": line.record,
        "agreement": line.agreement,
        "at": line.at,
        "overdue_days": line.overdue_days,
        "what": what_to_do(line, app.say, world.show),
        "owner": line.owner_id,
    }
