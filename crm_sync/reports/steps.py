"""What is to be done next with each client, and when: the ground of Follow-ups and of the
"Next step" column.

A step falls due at a canonical moment: "2026-03-10 14:05", or "2026-03-10" for a day without a
time. Such texts sort as the moments do, a day before all its hours.

A step is satisfied by a contact held with that client (through any channel) on the day it falls
due or later, provided that the contact came after the one that set the step. A call made in the
morning thus satisfies a step of the same afternoon; one made the day before does not, for it may
have been about something else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from crm_sync.reports.book import Book
from crm_sync.reports.entries import Agreement, Touch


class Source(StrEnum):
    """Where a step comes from: an agreement's next call or due date, the next step of a contact,
    or a contact that is planned itself.
    """

    NEXT_CALL = "next_call"
    DUE = "due"
    NEXT_STEP = "next_step"
    PLANNED = "planned"


class Step(NamedTuple):
    """One thing to do. Steps sort by moment, then by where they come from. `record` is the id of
    the agreement or contact that asks for it.
    """

    at: str
    source: Source
    record: str


class Held(NamedTuple):
    """When a contact was held, so that later ones sort higher. Its hour may be unknown: such a
    contact counts as the last of its day.
    """

    at: str
    id: str


_NEVER = Held("", "")
_END_OF_DAY = " 24:00"


def last_held(book: Book, today: date) -> Mapping[str, Touch]:
    """The last contact held with each client, by client id. Those of days to come do not count:
    nobody has held them yet.
    """
    if today in book.last_held:
        return book.last_held[today]
    tomorrow = f"{today.isoformat()} 99"
    latest: dict[str, tuple[Held, Touch]] = {}
    for touch in book.touches:
        if touch.held and touch.at and touch.at < tomorrow:
            held = _held(touch)
            known = latest.get(touch.client)
            if known is None or held > known[0]:
                latest[touch.client] = (held, touch)
    book.last_held[today] = {client: touch for client, (_, touch) in latest.items()}
    return book.last_held[today]


def open_steps(book: Book, last: Mapping[str, Touch]) -> dict[str, Step]:
    """The earliest unsatisfied step of each client, by client id. `last` is of `last_held`."""
    return earliest_steps(unsatisfied_steps(book, last))


def earliest_steps(steps: Iterable[tuple[str, Step]]) -> dict[str, Step]:
    """The earliest of each client's steps, by client id."""
    earliest: dict[str, Step] = {}
    for client, step in steps:
        known = earliest.get(client)
        if known is None or step < known:
            earliest[client] = step
    return earliest


def unsatisfied_steps(book: Book, last: Mapping[str, Touch]) -> Iterator[tuple[str, Step]]:
    """Every step that no contact has satisfied, with its client. `last` is of `last_held`."""
    latest = {client: _held(touch) for client, touch in last.items()}
    for client, step, since in _steps(book):
        held = latest.get(client, _NEVER)
        if held.at[:10] >= step.at[:10] and (held > since or _is_past(step, held)):
            continue
        yield client, step


def _is_past(step: Step, held: Held) -> bool:
    """True for a contact held at the very hour of the step or after it, which hence came after
    whatever set the step, though nobody noted the hour of that.
    """
    exact = len(step.at) > len("2026-03-10") and not held.at.endswith(_END_OF_DAY)
    return exact and held.at >= step.at and held.id != step.record


def answers(at: str, asked: str) -> bool:
    """True if what is of the moment `at` is an answer to what was asked at another one. On a day
    without hours nobody knows which came first: it was the answer.
    """
    exact = len(at) > len("2026-03-10") and len(asked) > len("2026-03-10")
    return at > asked if exact else at[:10] >= asked[:10]


def _steps(book: Book) -> Iterator[tuple[str, Step, Held]]:
    """Each step with its client and the moment since when it has been asked for."""
    for agreement in book.open_agreements:
        since = _agreed(agreement)
        if agreement.next_call_at:
            step = Step(agreement.next_call_at, Source.NEXT_CALL, agreement.id)
            yield agreement.client, step, since
        if agreement.due_date:
            yield agreement.client, Step(agreement.due_date, Source.DUE, agreement.id), since
    for touch in book.touches:
        if touch.next_step_at:
            step = Step(touch.next_step_at, Source.NEXT_STEP, touch.id)
            yield touch.client, step, _held(touch)
        if touch.planned and touch.at:
            yield touch.client, Step(touch.at, Source.PLANNED, touch.id), _NEVER


def _held(touch: Touch) -> Held:
    return Held(touch.at if len(touch.at) > 10 else touch.at + _END_OF_DAY, touch.id)


def _agreed(agreement: Agreement) -> Held:
    """The contacts of the day when it was agreed are how it was agreed: they satisfy nothing."""
    if agreement.agreed_at is None:
        return _NEVER
    return Held(agreement.agreed_at.isoformat() + _END_OF_DAY, "\uffff")
