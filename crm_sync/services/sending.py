"""Sends a write and sees to it that it landed, or says that nobody knows."""

from __future__ import annotations

from crm_sync.core.batch import PreImage
from crm_sync.errors import UnknownOutcome
from crm_sync.ports import Workbook
from crm_sync.services.apply import Prepared, answer_lost, apply_to_sheet, has_landed


def send(workbook: Workbook, name: str, prepared: Prepared) -> tuple[PreImage, ...]:
    """What stood in the watched rows. Raises Unreachable if nobody knows what became of it."""
    try:
        return apply_to_sheet(workbook, prepared)
    except UnknownOutcome as exc:
        raise answer_lost(name) from exc


def version_after(workbook: Workbook, name: str, before: int, prepared: Prepared) -> int:
    """The workbook's version after a write, `before` it at the least. An answer that all went well
    is not believed unless the version has risen or the journal tab bears the write's id.
    """
    if prepared.batch.empty:
        return before
    version = workbook.probe()
    if version <= before and not has_landed(workbook, prepared):
        raise answer_lost(name)
    return version
