"""Agreements: what was promised, by whom, for how much and until when."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, ClassVar

from crm_sync.core.schema import Kind
from crm_sync.model.row import CURRENCY, DATE, DATETIME, MONEY, Row, Spec, reference, required


class Agreement(Row):
    """An offer, an order, an obligation. A refund is a row of its own with a negative amount."""

    TABLE: ClassVar[str] = "agreements"
    PREFIX: ClassVar[str] = "A"
    LABEL: ClassVar[str] = "subject"
    SEARCHED: ClassVar[bool] = True
    GROUPS: ClassVar[tuple[tuple[str, ...], ...]] = (
        ("amount", "currency"),
        ("status", "fulfilled_at"),
        ("agreed_at", "due_date"),
    )

    client: Annotated[str | None, reference("clients", required=True)] = None
    subject: Annotated[str | None, Spec(required=True, max_length=500)] = None
    status: Annotated[
        str | None,
        Spec(
            Kind.REFERENCE,
            required=True,
            refers_to="statuses",
            entity="agreement",
            default="draft",
        ),
    ] = None
    obligor: Annotated[
        str | None, Spec(Kind.CHOICE, choices=("us", "client", "both"), default="us")
    ] = None
    amount: Annotated[Decimal | None, MONEY] = None
    currency: Annotated[str | None, CURRENCY] = None
    product_group: Annotated[str | None, reference("product_groups")] = None
    quantity: Annotated[Decimal | None, Spec(Kind.DECIMAL, places=3)] = None
    unit: Annotated[str | None, Spec(max_length=20)] = None
    campaign: Annotated[str | None, reference("campaigns")] = None
    agreed_at: Annotated[date | None, required(DATE)] = None
    due_date: Annotated[date | None, DATE] = None
    next_call_at: Annotated[datetime | None, DATETIME] = None
    fulfilled_at: Annotated[date | None, DATE] = None
    paid_amount: Annotated[Decimal | None, MONEY] = None
    lost_reason: Annotated[str | None, reference("statuses", entity="lost_reason")] = None
    owner: Annotated[str | None, reference("employees")] = None
    refund_of: Annotated[str | None, reference("agreements")] = None
