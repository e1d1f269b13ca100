"""The shapes that `--json` prints of what surrounds a run; docs/json-output.md describes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crm_sync.cli.failure_json import error_json
from crm_sync.core.access import Share
from crm_sync.services.access import Audited


def access_json(item: Audited, errors: Mapping[str, tuple[str, str]]) -> dict[str, Any]:
    """Who may open one workbook; `errors` gives message and hint by workbook."""
    error = None
    if item.error is not None:
        error = error_json(item.error.code, *errors[item.workbook])
    return {
        "workbook": item.workbook,
        "made": item.made,
        "shares": [_share(share, strange=share in item.strangers) for share in item.shares],
        "error": error,
    }


def _share(share: Share, *, strange: bool) -> dict[str, Any]:
    return {"kind": share.kind, "who": share.who, "role": share.role, "stranger": strange}
