"""Rows of people who were erased, wherever they come from: from a paste, or from an older state of
the workbook.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from crm_sync.core.records import FORGOTTEN, RETURNED, Base
from crm_sync.core.rows import SheetRow
from crm_sync.core.values import N_
from crm_sync.errors import UserError
from crm_sync.services.application import Application


def erased_people(app: Application, table: str) -> frozenset[str]:
    """The ids of a table's people who were erased."""
    people = (item.person for item in app.store.erasing.done())
    return frozenset(record_id for name, record_id in people if name == table)


def gone_for_good(app: Application, table: str, *records: str) -> None:
    """Raises UserError if one of these records is that of somebody who was erased."""
    erased = erased_people(app, table)
    for record_id in records:
        if record_id in erased:
            raise UserError(
                N_("{record} was erased, as the law asks, and cannot come back."),
                N_("If the client is with you again, enter them anew."),
                record=record_id,
            )


def with_erased(
    app: Application, table: str, bases: Mapping[str, Base], rows: Iterable[SheetRow]
) -> Mapping[str, Base]:
    """The bases, with what has those rows go that bear the id of somebody erased."""
    erased = erased_people(app, table)
    standing = {row.id for row in rows if row.id in erased} if erased else set()
    back = {
        record_id: Base(record_id, {}, version=RETURNED, unsettled=True)
        for record_id in sorted(standing)
        if (base := bases.get(record_id)) is None or base.version != FORGOTTEN
    }
    return {**bases, **back} if back else bases
