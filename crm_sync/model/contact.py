"""Contacts: every touch between staff and a client, past or planned."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, ClassVar

from crm_sync.core.schema import Kind
from crm_sync.model.row import DATETIME, NOTE, Row, Spec, engine, reference, required


class Contact(Row):
    """One touch: when, through what, on what occasion, with what result, and what comes next."""

    TABLE: ClassVar[str] = "contacts"
    PREFIX: ClassVar[str] = "K"
    DIGITS: ClassVar[int] = 7
    LABEL: ClassVar[str] = "summary"
    SEARCHED: ClassVar[bool] = True

    client: Annotated[str | None, reference("clients", required=True)] = None
    contact_at: Annotated[datetime | None, required(DATETIME)] = None
    channel: Annotated[
        str | None,
        Spec(
            Kind.CHOICE,
            required=True,
            choices=("call", "email", "messenger", "meeting", "site", "shop", "post", "other"),
            default="call",
        ),
    ] = None
    direction: Annotated[str | None, Spec(Kind.CHOICE, choices=("in", "out"), default="out")] = None
    reason: Annotated[str | None, reference("statuses", required=True, entity="reason")] = None
    status: Annotated[
        str | None,
        Spec(Kind.REFERENCE, required=True, refers_to="statuses", entity="contact", default="held"),
    ] = None
    outcome: Annotated[
        str | None,
        Spec(
            Kind.CHOICE,
            choices=(
                "interested",
                "ordered",
                "not_now",
                "refused",
                "callback",
                "wrong_number",
                "info_given",
            ),
        ),
    ] = None
    summary: Annotated[str | None, NOTE] = None
    agreement: Annotated[str | None, reference("agreements")] = None
    next_step: Annotated[str | None, Spec(max_length=500)] = None
    next_step_at: Annotated[datetime | None, DATETIME] = None
    employee: Annotated[str | None, reference("employees")] = None
    campaign: Annotated[str | None, reference("campaigns")] = None
    duration_s: Annotated[int | None, engine(Spec(Kind.INTEGER))] = None
    record_url: Annotated[str | None, engine(Spec())] = None
