"""Whether the store is whole, agrees with itself, and was never changed behind its own back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from crm_sync.core.chain import ChainCheck, Fault
from crm_sync.core.values import N_
from crm_sync.services.application import Application


@dataclass(frozen=True)
class Verified:
    """What was found: `faults`, first those of file, history, records and bases, then that of the
    chain; `kept_at` is the time of the link that the given head names, "" without one.
    """

    chain: ChainCheck
    records: int
    faults: tuple[Fault, ...]
    kept_at: str = ""


def verify_store(app: Application, head: str = "") -> Verified:
    """Looks all of the store over; `head` is the chain's from some time ago, kept elsewhere."""
    faults = list(app.store.faults())
    chain = app.store.chain.check()
    if chain.fault is not None:
        faults.append(chain.fault)
    found = app.store.chain.links(head) if head else ()
    if head and not found:
        faults.append((_UNKNOWN_HEAD, {"head": head}))
    tables = {tab.table.name: tab.table for tab in app.tabs}
    counts = [app.store.records.count(table) for table in tables.values()]
    return Verified(chain, sum(sum(each) for each in counts), tuple(faults), next(iter(found), ""))


def chain_lines(chain: ChainCheck) -> Iterator[Fault]:
    """What is to be said of a chain that holds, as templates with facts."""
    if chain.erased:
        yield (
            N_("Erased as the law asks, and told in the table erasures: entries {count}."),
            {"count": chain.erased},
        )
    if chain.unsealed:
        yield (
            N_("Not sealed yet; the next run seals them: entries {count}."),
            {"count": chain.unsealed},
        )


_UNKNOWN_HEAD = N_(
    "The chain never had the head {head}: the history was made anew, or the store went back to a"
    " backup from before it."
)
