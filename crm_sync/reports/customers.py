"""The client base: rhythm, RFM and sleep of each customer; of suppliers and partners, how long
nobody has spoken with them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property

from crm_sync.reports.book import Book
from crm_sync.reports.entries import Client, Touch
from crm_sync.reports.history import History
from crm_sync.reports.purchases import Purchases, purchases_of
from crm_sync.reports.rfm import USUAL_RFM, RfmTerms, Scores, Segment, scores, segment
from crm_sync.reports.sleep import USUAL_SLEEP, Limits, Sleep, SleepTerms, State, limits
from crm_sync.reports.steps import last_held


@dataclass(frozen=True)
class BaseTerms:
    """The company's settings for sleep and RFM."""

    sleep: SleepTerms = USUAL_SLEEP
    rfm: RfmTerms = USUAL_RFM


USUAL_TERMS = BaseTerms()
"""What holds where the company has settled nothing else."""


@dataclass(frozen=True)
class Customer:
    """One client of the base.

    `last` is the day of the last purchase, of those who are no customers that of the last contact;
    `days` of silence since. `rhythm` is None where there is none, `purchases` where nothing was
    bought, `scores` where nothing was bought in a year. `state` is the reason of one who is exempt
    or out of season; `silent` would be the state without it. A `segment` without scores is the
    state.
    """

    client: Client
    last: date
    days: int
    rhythm: Decimal | None
    limits: Limits
    state: State
    silent: State
    seasonal: bool
    last_contact_at: str
    purchases: Purchases | None = None
    scores: Scores | None = None
    segment: Segment | State = State.ACTIVE

    @property
    def to_call(self) -> bool:
        """True for one whom it is time to wake."""
        return self.state in (State.COOLING, State.SLEEPING)


@dataclass(frozen=True)
class ClientBase:
    """All customers who have bought, and all others who were spoken with, in order of id; "a year"
    are the last `recent_days`. `strangers` are the customers who have not.
    """

    as_of: date
    currency: str
    recent_days: int
    customers: tuple[Customer, ...]
    strangers: tuple[str, ...]
    history: History = field(repr=False, compare=False)

    @property
    def never_bought(self) -> int:
        """How many customers have not bought anything."""
        return len(self.strangers)

    def by_client(self) -> Mapping[str, Customer]:
        """The same by id."""
        return {each.client.id: each for each in self.customers}


def client_base(book: Book, history: History, terms: BaseTerms = USUAL_TERMS) -> ClientBase:
    """The base on the history's day. Archived clients are not in it, nor do they take part in the
    ranking.
    """
    bought = {
        client: each
        for client, each in purchases_of(history, terms.rfm.recent_days).items()
        if client in book.clients and _listed(book.clients[client])
    }
    made = _Made(book, history.as_of, terms, last_held(book, history.as_of))
    customers = [*made.customers(bought), *made.others()]
    never = (key for key, each in book.clients.items() if _listed(each) and key not in bought)
    return ClientBase(
        as_of=history.as_of,
        currency=book.base_currency,
        recent_days=terms.rfm.recent_days,
        customers=tuple(sorted(customers, key=lambda each: each.client.id)),
        strangers=tuple(never),
        history=history,
    )


def _listed(client: Client) -> bool:
    return client.is_customer and not client.archived


@dataclass(frozen=True)
class _Made:
    """Makes the customers of one base."""

    book: Book
    as_of: date
    terms: BaseTerms
    last: Mapping[str, Touch]

    def customers(self, bought: Mapping[str, Purchases]) -> Iterator[Customer]:
        sleep, today = self.sleep, self.as_of.toordinal()
        scored = scores(bought, today, self.terms.rfm)
        for client, each in bought.items():
            days = today - each.dates[-1]
            rhythm = sleep.rhythm(client, each.gaps, len(each.dates))
            found = sleep.limits_by(rhythm, each)
            silent = found.state(days)
            state = self.exempt.get(client, sleep.in_season(silent, each))
            own = scored.get(client)
            since_first = today - each.dates[0]
            yield Customer(
                client=self.book.clients[client],
                last=date.fromordinal(each.dates[-1]),
                days=days,
                rhythm=rhythm,
                limits=found,
                state=state,
                silent=silent,
                seasonal=sleep.is_seasonal(each),
                last_contact_at=self._last_contact(client),
                purchases=each,
                scores=own,
                segment=segment(own, since_first, self.terms.rfm) if own else state,
            )

    def others(self) -> Iterator[Customer]:
        """Suppliers and partners who do not buy, by their last contact."""
        for key, touch in self.last.items():
            client = self.book.clients.get(key)
            if client is None or client.is_customer or client.archived:
                continue
            every = client.touch_every_days
            rhythm = Decimal(every) if every else None
            last = date.fromisoformat(touch.at[:10])
            days = (self.as_of - last).days
            found = limits(rhythm, self.terms.sleep.default_days, self.terms.sleep)
            state = self.exempt.get(key, found.state(days))
            yield Customer(
                client=client,
                last=last,
                days=days,
                rhythm=rhythm,
                limits=found,
                state=state,
                silent=found.state(days),
                seasonal=False,
                last_contact_at=touch.at,
                segment=state,
            )

    @cached_property
    def sleep(self) -> Sleep:
        return Sleep(self.book, self.terms.sleep)

    @cached_property
    def exempt(self) -> Mapping[str, State]:
        return self.sleep.exemptions(self.as_of)

    def _last_contact(self, client: str) -> str:
        return self.last[client].at if client in self.last else ""
