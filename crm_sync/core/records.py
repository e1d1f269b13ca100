"""Records as the store holds them and bases as the last agreement left them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from crm_sync.core.values import Cell, Scalar


@dataclass(frozen=True)
class Record:
    """One client, contact, agreement or row of a reference table. `version` grows by one with
    each change; `updated_at` is UTC, ISO 8601. `values` holds every field of the table but the
    id, engine fields included.
    """

    id: str
    values: Mapping[str, Scalar]
    version: int = 1
    archived: bool = False
    updated_at: str = ""


@dataclass(frozen=True)
class Base:
    """What one workbook and the store last agreed on about one record.

    `values` are the agreed canonical values, `cells` the raw cells as last seen (both by field
    name), `version` the record's version at that moment. `unsettled` marks a record with an open
    conflict or problem: its row is always looked at anew. A base without `cells` belongs to a
    record that has not reached the sheet.
    """

    record_id: str
    values: Mapping[str, Scalar]
    cells: Mapping[str, Cell] = field(default_factory=dict)
    version: int = 0
    unsettled: bool = False
