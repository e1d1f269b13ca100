"""Records as the store holds them and bases as the last agreement left them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import field, replace
from typing import TYPE_CHECKING

from crm_sync.core.values import Cell, Scalar, is_blank

if TYPE_CHECKING:
    from dataclasses import dataclass as value_class
else:
    from crm_sync.core.value_class import value_class


@value_class(frozen=True)
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


BEING = "id"
"""Stands among the fields that changed for the record itself: it is new, or was deleted."""


LET_GO = -1
"""The version of a base whose record left the store for good: someone decided that its row goes,
edited or not. What was edited is kept with the archived record.
"""


ROW = ""
"""Stands among the values of such a base for all that the row said when that was decided: what is
typed after it is not meant.
"""


AWAITED = -2
"""The version of a base whose row is to be added by a write that no run has seen to its end: if the
row is there, the base holds; if not, it is added.
"""


FORGOTTEN = -3
"""The version of a base whose record was erased as the law asks: its row goes whatever it holds,
and nothing of it is kept.
"""


RETURNED = -4
"""The version of what stands for a base where a row bears the id of a record that was erased and
has no row any more: somebody put it back. It goes like the first one.
"""


CLEARED = -5
"""The version of a base whose record is about somebody alone who was erased: what its texts say in
the sheet gives way to the store, whatever it is.
"""


FOR_GOOD = frozenset({FORGOTTEN, RETURNED})
"""The versions of bases of records that were erased."""


@value_class(frozen=True)
class Base:
    """What one workbook and the store last agreed on about one record.

    `values` are the agreed canonical values and `cells` the raw cells as last seen, by field name;
    a field whose cell could not be taken has no entry in `cells`. `version` is the record's version
    at that moment, 0 for a record whose id has not been seen in the sheet yet. The row of an
    `unsettled` base (open conflict or problem) is looked at anew in each run.
    """

    record_id: str
    values: Mapping[str, Scalar]
    cells: Mapping[str, Cell] = field(default_factory=dict)
    version: int = 0
    unsettled: bool = False

    def without(self, names: Collection[str]) -> Base:
        """The same but for these fields, on which nothing is agreed any more."""
        return replace(
            self,
            values={name: value for name, value in self.values.items() if name not in names},
            cells={name: cell for name, cell in self.cells.items() if name not in names},
        )


def begun(base: Base, stood: Mapping[str, Cell]) -> Base:
    """The base of a new record as it is while its id is not in the sheet yet: its row is known
    again by its content, with the cells that `stood` in it where the base says what is yet to be
    written. What was taken from the cells is agreed; blank ones still wait for their defaults.
    """
    cells = {**base.cells, **stood}
    values = {
        name: value
        for name, value in base.values.items()
        if name in base.cells and not is_blank(cells[name])
    }
    return Base(base.record_id, values, cells, unsettled=True)
