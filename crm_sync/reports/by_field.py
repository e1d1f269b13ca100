"""Clients and contacts made of columns, many at once: what is done for each of them in turn is what
takes the time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import tzinfo
from typing import TypeVar

from crm_sync.core.columns import Columns
from crm_sync.core.values import Scalar
from crm_sync.reports import fields
from crm_sync.reports.entries import Client, Touch

_Made = TypeVar("_Made")


def clients_of(records: Columns) -> dict[str, Client]:
    """The clients by id, archived ones too."""

    def texts(name: str) -> list[str]:
        return _texts(records.column(name))

    made = map(
        Client._make,
        zip(
            records.ids,
            texts("full_name"),
            _each(records.column("kind"), kinds),
            texts("phone"),
            texts("status"),
            texts("owner"),
            texts("branch"),
            texts("source"),
            _each(records.column("touch_every_days"), fields.whole),
            [value == 1 for value in records.column("do_not_contact")],
            map(bool, records.archived),
            strict=True,
        ),
    )
    return dict(zip(records.ids, made, strict=True))


def kinds(value: Scalar) -> tuple[str, ...]:
    """The kinds of a client, in the order of the model."""
    return tuple(filter(None, str(value or "").split("; ")))


def touches_of(
    records: Columns, types: Mapping[str, str], zone: tzinfo | None
) -> tuple[Touch, ...]:
    """The contacts that are not archived, in their order. `types` are those of their statuses."""
    records = records.live()

    def texts(name: str) -> list[str]:
        return _texts(records.column(name))

    def moments(name: str) -> list[str]:
        return _each(records.column(name), lambda value: fields.wall_of(value, zone))

    statuses = [status or "held" for status in texts("status")]
    # "held" is the model's own word; a company's further words for it have the type won.
    held = _each(statuses, lambda status: status == "held" or types.get(str(status)) == "won")
    # Not "on_hold": the hour of a rescheduled contact is past, its next step has the new one.
    planned = _each(statuses, lambda status: status != "held" and types.get(str(status)) == "open")
    unheld = _each(
        statuses, lambda status: types.get(str(status)) == "lost" and status != "cancelled"
    )
    directions = texts("direction")
    return tuple(
        map(
            Touch._make,
            zip(
                records.ids,
                texts("client"),
                moments("contact_at"),
                held,
                planned,
                [lost and way == "in" for lost, way in zip(unheld, directions, strict=True)],
                texts("channel"),
                directions,
                texts("reason"),
                texts("outcome"),
                texts("summary"),
                texts("agreement"),
                texts("next_step"),
                moments("next_step_at"),
                texts("employee"),
                texts("campaign"),
                strict=True,
            ),
        )
    )


def _texts(column: Sequence[Scalar]) -> list[str]:
    """The values as text, "" where there is none."""
    return [
        value if type(value) is str else "" if value is None else str(value) for value in column
    ]


def _each(column: Sequence[Scalar], make: Callable[[Scalar], _Made]) -> list[_Made]:
    """What is made of each value; of equal values it is made once."""
    made = {value: make(value) for value in set(column)}
    return [made[value] for value in column]
