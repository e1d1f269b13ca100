"""The dictionary of statuses that a new company begins with."""

from __future__ import annotations

from crm_sync.core.plan import Op, StoreChange
from crm_sync.services.application import Application
from crm_sync.services.planning import Mint
from crm_sync.services.reading import Reading
from crm_sync.services.world import World


def first_statuses(
    app: Application, world: World, reading: Reading, mint: Mint
) -> tuple[StoreChange, ...]:
    """The usual statuses, if neither the store nor the workbook has any yet."""
    if world.records["statuses"] or not reading.attached.is_new("statuses"):
        return ()
    table = app.tab("statuses").table
    ids = mint(table, len(app.statuses))
    return tuple(
        StoreChange(Op.CREATE, table.name, record_id, dict(values))
        for record_id, values in zip(ids, app.statuses, strict=True)
    )


def adopt_statuses(app: Application, world: World, reading: Reading) -> None:
    """Puts the usual statuses into a store that has none."""
    changes = first_statuses(app, world, reading, app.store.records.mint)
    if changes:
        with app.store.transaction():
            app.store.records.apply(changes, source="defaults", by="", at=app.clock.now())
