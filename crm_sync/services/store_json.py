"""The shapes that `--json` prints of looks at the whole store; docs/json-output.md is their
contract.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from crm_sync.core.records import Record
from crm_sync.core.values import Scalar
from crm_sync.ports.erasing import Erasure
from crm_sync.services.application import Application
from crm_sync.services.as_of import Compared, Counted, Past
from crm_sync.services.erase import Erased
from crm_sync.services.report_json import exported_json
from crm_sync.services.verify import Verified


def verified_json(app: Application, found: Verified) -> dict[str, Any]:
    """What a look over the whole store has shown."""
    return {
        "head": found.chain.head,
        "entries": found.chain.entries,
        "erased": found.chain.erased,
        "unsealed": found.chain.unsealed,
        "records": found.records,
        "kept_at": found.kept_at,
        "faults": [app.say(template, **facts) for template, facts in found.faults],
    }


def erased_json(app: Application, found: Erased) -> dict[str, Any]:
    """A person erased, or to be erased."""
    named, left = found.named, found.remains
    return {
        "record": named.person,
        "merged": list(named.merged),
        "cleared": {table: list(keys) for table, keys in named.cleared.items()},
        "named": {table: list(keys) for table, keys in named.named.items()},
        "alike": {table: list(keys) for table, keys in named.alike.items()},
        "entries": named.entries,
        "findings": named.findings,
        "own_cells": named.own,
        "failed": [
            {
                "workbook": workbook,
                "error": {
                    "code": error.code,
                    "message": app.say(error.message, **error.facts),
                    "hint": app.say(error.hint, **error.facts) if error.hint else "",
                },
            }
            for workbook, error in found.failed
        ],
        "remains": {
            "tables": list(left.tables),
            "workbooks": list(left.workbooks),
            "unreached": list(left.unreached),
            "backups": [{"name": item.name, "until": item.until} for item in left.backups],
            "copies": list(left.copies),
            "exports": [exported_json(item) for item in left.exports],
        },
    }


def erasure_json(found: Erasure) -> dict[str, Any]:
    """One erasure as it is written down."""
    return {
        "at": found.at,
        "by": found.by,
        "record": found.person[1],
        "records": {table: list(ids) for table, ids in found.records.items()},
        "counts": dict(found.counts),
    }


def counted_json(past: Past, found: Sequence[Counted]) -> dict[str, Any]:
    """How much there was at a moment, and is now."""
    return {
        "at": _moment(past.at),
        "tables": {
            item.table: {"then": item.then, "now": item.now, "changed": item.changed}
            for item in found
        },
    }


def compared_json(
    moment: datetime, found: Compared, fields: Mapping[str, tuple[Scalar, Scalar]]
) -> dict[str, Any]:
    """One record then and now."""
    return {
        "at": _moment(moment),
        "table": found.table,
        "record": found.record_id,
        "existed": found.then is not None,
        "archived": found.then is not None and found.then.archived,
        "fields": {name: list(pair) for name, pair in fields.items()},
    }


def listed_json(past: Past, table: str, records: Sequence[Record]) -> dict[str, Any]:
    """The records of a table at a moment."""
    return {
        "at": _moment(past.at),
        "table": table,
        "records": {record.id: dict(record.values) for record in records},
    }


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds")
