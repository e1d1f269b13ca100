"""Clients: customers, suppliers and partners, each one record whatever roles it has."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, ClassVar

from crm_sync.core.schema import Kind
from crm_sync.model.row import (
    BOOLEAN,
    DATE,
    DATETIME,
    NOTE,
    TEXT,
    Row,
    Spec,
    derived,
    reference,
)


class Client(Row):
    """Who we deal with. At least one of phone, e-mail and messenger is filled."""

    TABLE: ClassVar[str] = "clients"
    PREFIX: ClassVar[str] = "C"
    LABEL: ClassVar[str] = "full_name"
    SEARCHED: ClassVar[bool] = True

    kind: Annotated[
        str | None,
        Spec(
            Kind.CHOICE,
            required=True,
            many=True,
            choices=("customer", "supplier", "partner"),
            default="customer",
        ),
    ] = None
    is_company: Annotated[
        str | None, Spec(Kind.CHOICE, choices=("person", "company"), default="person")
    ] = None
    full_name: Annotated[str | None, Spec(required=True, max_length=200, key=True)] = None
    contact_person: Annotated[str | None, Spec(max_length=200)] = None
    phone: Annotated[str | None, Spec(Kind.PHONE, many=True, key=True)] = None
    email: Annotated[str | None, Spec(Kind.EMAIL, many=True, key=True)] = None
    messenger: Annotated[str | None, TEXT] = None
    tax_id: Annotated[str | None, Spec(Kind.DIGITS, key=True, max_length=12)] = None
    address: Annotated[str | None, Spec(max_length=300)] = None
    city: Annotated[str | None, Spec(max_length=300)] = None
    status: Annotated[
        str | None,
        Spec(Kind.REFERENCE, required=True, refers_to="statuses", entity="client", default="cold"),
    ] = None
    owner: Annotated[str | None, reference("employees")] = None
    branch: Annotated[str | None, reference("branches")] = None
    source: Annotated[str | None, Spec(max_length=200)] = None
    first_campaign: Annotated[str | None, reference("campaigns")] = None
    touch_every_days: Annotated[
        int | None, Spec(Kind.INTEGER, minimum=Decimal(1), maximum=Decimal(730))
    ] = None
    do_not_contact: Annotated[bool | None, BOOLEAN] = None
    consent_at: Annotated[date | None, DATE] = None
    note: Annotated[str | None, NOTE] = None
    last_contact_at: Annotated[datetime | None, derived(DATETIME)] = None
    next_action_at: Annotated[datetime | None, derived(DATETIME)] = None
    current_agreement: Annotated[str | None, derived(TEXT)] = None
    updated_at: Annotated[datetime | None, derived(DATETIME)] = None
