"""`crm-sync verify`: whether the store is whole, and its history is what was written."""

from __future__ import annotations

import re

import click

from crm_sync.cli.findings import Teller
from crm_sync.cli.settings import Settings, common, json_option
from crm_sync.cli.told import next_step
from crm_sync.cli.usage import Usage
from crm_sync.core.values import N_
from crm_sync.services.store_json import verified_json
from crm_sync.services.verify import Verified, chain_lines, verify_store

FAULTY = 1
MOST_FAULTS = 20
_HEAD = re.compile("[0-9a-f]{8,64}")


@click.command("verify", short_help="Prove that store and history are as they were written.")
@click.option("--head", metavar="HASH", help="The head that an earlier verify printed.")
@json_option
@common
def verify(settings: Settings, head: str | None, as_json: bool) -> int:
    """Look the whole store over: the file, references, the history against the records, what the
    workbooks agreed on, and the chain of hashes over the history. Nothing is changed.

    Each entry of the history is sealed with all those before it, so whoever changes an old one
    breaks the chain. The head stands for all of it: keep it elsewhere, on paper or in a mail, and
    name it later with --head.

    \b
    Example:  crm-sync verify --head 4f0c1d1e9a
    """
    if head is not None and not _HEAD.fullmatch(head.strip().lower()):
        raise Usage(
            N_("--head: “{typed}” is no head of a chain."),
            N_("It has 8 to 64 of the signs 0-9 and a-f; crm-sync verify prints it."),
            typed=head,
        )
    with settings.application() as app:
        with settings.err.working(settings.messages.text(N_("Looking the store over"))):
            found = verify_store(app, (head or "").strip().lower())
        if as_json:
            settings.out.json({"verification": verified_json(settings.spoken(app), found)})
            return FAULTY if found.faults else 0
        _print(settings, Teller(settings.spoken(app), settings.messages), found)
    return FAULTY if found.faults else 0


def _print(settings: Settings, teller: Teller, found: Verified) -> None:
    say, out, integer = settings.messages.text, settings.out, settings.messages.integer
    for template, facts in found.faults[:MOST_FAULTS]:
        out.line(say(template, **_readable(teller, facts)), mark=("✗", "red"))
    if len(found.faults) > MOST_FAULTS:
        text = say(N_("… and {count} more."), count=integer(len(found.faults) - MOST_FAULTS))
        out.line(text, "dim", indent=2)
    if found.faults:
        next_step(settings, N_("Compare it with a backup from before: crm-sync backup verify"))
    else:
        text = say(
            N_("The store is as it was written: {records}; entries of history in the chain: {n}."),
            records=settings.messages.plural(N_("{n} record"), N_("{n} records"), found.records),
            n=integer(found.chain.entries),
        )
        out.line(text, mark=("✓", "green"))
    for template, facts in chain_lines(found.chain):
        out.line(say(template, **facts), "dim", indent=2)
    if found.kept_at:
        text = say(N_("The head that you named is of {time}."), time=teller.time(found.kept_at))
        out.line(text, indent=2)
    out.line(say(N_("Head of the chain: {head}"), head=found.chain.head), indent=2, keep=True)


def _readable(teller: Teller, facts: dict[str, object]) -> dict[str, object]:
    """The facts with times as people read them."""
    time = facts.get("time")
    return {**facts, "time": teller.time(time)} if isinstance(time, str) and time else facts
