"""`crm-sync card` and `done`: a client with its whole history, and what was done for it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

import click

from crm_sync.cli.entering import NearTeller, as_option, author, teller_of
from crm_sync.cli.finding import align_numbers
from crm_sync.cli.history import rows_of
from crm_sync.cli.screen import cell, listing
from crm_sync.cli.settings import Settings, common, json_option
from crm_sync.cli.showing import show_fields, show_head
from crm_sync.cli.usage import OneOf, Usage, Whole
from crm_sync.core.plan import Op
from crm_sync.core.records import Record
from crm_sync.core.values import N_, Cell
from crm_sync.reports.followup_groups import FollowUp, Group, title_of
from crm_sync.reports.followups_grid import what_to_do
from crm_sync.services.application import Application
from crm_sync.services.card import Card
from crm_sync.services.card import card as card_of
from crm_sync.services.card_json import card_json, done_json
from crm_sync.services.deeds import Done, answer
from crm_sync.services.entry import tab_of

USUAL = 20
MOST = 1_000_000
_AGREEMENT = ("subject", "status", "amount", "currency", "paid_amount", "due_date")
_CONTACT = ("contact_at", "channel", "status", "outcome", "summary", "next_step", "next_step_at")


@click.command(short_help="Show a client with its whole history.")
@click.argument("client")
@click.option(
    "--last",
    type=Whole(1, MOST),
    default=USUAL,
    show_default=True,
    help="At most so many agreements, contacts and changes.",
)
@json_option
@common
def card(settings: Settings, client: str, last: int, as_json: bool) -> None:
    """Show CLIENT (an id, a name, a phone, an e-mail or a tax id) with all that the store knows:
    what is to be done, agreements with their sums, contacts, conflicts and problems, and who
    changed what.

    \b
    Example:  crm-sync card "Around the Horn"
    """
    with settings.application(translated=True) as app:
        found = card_of(app, client)
        if as_json:
            settings.out.json({"card": card_json(settings.spoken(app), found)})
            return
        _show(settings, app, found, last)


def _show(settings: Settings, app: Application, found: Card, last: int) -> None:
    say = settings.messages.text
    teller = teller_of(settings, app, found.world)
    table = tab_of(app, "clients").table
    show_head(settings, teller, table, found.client)
    show_fields(settings, teller, table, found.client, found.derived)
    _show_tasks(settings, teller, found.tasks)
    part = _Part(settings, teller, last)
    part.records(say(N_("Agreements")), "agreements", found.agreements, _AGREEMENT)
    for line in _sums(settings, found.agreements):
        settings.out.line(line, indent=2)
    part.records(say(N_("Contacts")), "contacts", found.contacts, _CONTACT)
    if found.conflicts or found.problems:
        _head(settings, say(N_("Waiting for a decision")))
        for conflict in found.conflicts:
            text = teller.conflict(conflict.conflict, conflict.id)
            settings.out.line(text, mark=("!", "red"), indent=2)
        for problem in found.problems:
            settings.out.line(teller.problem(problem.problem), mark=("!", "yellow"), indent=2)
    part.changes(found)


class _Part:
    """Prints the parts of a card that are lists."""

    def __init__(self, settings: Settings, teller: NearTeller, last: int) -> None:
        self.settings, self.teller, self.last = settings, teller, last

    def records(
        self, title: str, table: str, records: Sequence[Record], names: Iterable[str]
    ) -> None:
        """The records of a table, the newest first."""
        if not records:
            return
        shown = records[: self.last]
        filled = [
            name for name in names if any(each.values.get(name) is not None for each in shown)
        ]
        say, teller = self.settings.messages.text, self.teller
        _head(self.settings, f"{title}: {self.settings.messages.integer(len(records))}")
        lines = listing(say(N_("ID")), *(teller.reader.heading(table, name) for name in filled))
        lines.keep_whole(0)
        align_numbers(lines, teller.app.tab(table), filled)
        for each in shown:
            texts = (teller.value(table, name, each.values.get(name)) for name in filled)
            style = "dim" if each.archived else ""
            lines.add(cell(each.id, style or "cyan"), *(cell(text, style) for text in texts))
        self.settings.out.table(lines)
        self._more(len(records))

    def changes(self, found: Card) -> None:
        """Who changed what, the newest first."""
        settings, say = self.settings, self.settings.messages.text
        _head(settings, say(N_("Changes")))
        lines = listing(
            say(N_("When")),
            say(N_("Where")),
            say(N_("Record")),
            say(N_("Column")),
            say(N_("Was")),
            say(N_("Became")),
        )
        for entry in found.changes[: self.last]:
            record = entry.record_id
            if entry.op == Op.CREATE:
                at, where, *_ = next(iter(rows_of(settings, self.teller, entry)))
                lines.add(*map(cell, (at, where, record, "", "", say(N_("new")))))
                continue
            for at, where, *texts in rows_of(settings, self.teller, entry):
                lines.add(*map(cell, (at, where, record, *texts)))
                record = ""
        settings.out.table(lines)
        self._more(len(found.changes))

    def _more(self, count: int) -> None:
        if count > self.last:
            left = self.settings.messages.integer(count - self.last)
            text = self.settings.messages.text(N_("… and {count} more: --last"), count=left)
            self.settings.out.line(text, "dim", indent=2)


def _head(settings: Settings, title: str) -> None:
    settings.out.gap()
    settings.out.line(title, "bold")


def _show_tasks(settings: Settings, teller: NearTeller, tasks: Sequence[FollowUp]) -> None:
    if not tasks:
        return
    say = settings.messages.text
    _head(settings, say(N_("To be done")))
    for line in tasks:
        what = what_to_do(line, say, teller.world.show)
        when = teller.reader.day(line.at) if line.at else ""
        parts = (say(title_of(line.group)), when, what, line.owner)
        settings.out.line(", ".join(part for part in parts if part), mark=("•", ""), indent=2)


def _sums(settings: Settings, agreements: Iterable[Record]) -> list[str]:
    """What live agreements come to, and what of it is paid, by currency."""
    sums: dict[str, list[Decimal]] = {}
    for each in agreements:
        if not each.archived and each.values.get("amount") is not None:
            found = sums.setdefault(str(each.values.get("currency") or ""), [Decimal(0)] * 2)
            found[0] += Decimal(str(each.values["amount"]))
            found[1] += Decimal(str(each.values.get("paid_amount") or 0))
    messages = settings.messages
    return [
        messages.text(
            N_("Together {amount}, paid {paid}"),
            amount=messages.money(amount, currency or None),
            paid=messages.money(paid, currency or None),
        )
        for currency, (amount, paid) in sorted(sums.items())
    ]


@click.command(short_help="Say that a follow-up is done.")
@click.argument("record")
@click.option("--outcome", help="Its result, as in the tab: interested, ordered, refused...")
@click.option("--comment", help="What was said.")
@click.option("--next", "next_at", metavar="DATE", help="When to call again.")
@click.option("--put-off", metavar="DATE", help="Nothing was done: move it to this day.")
@click.option(
    "--group",
    type=OneOf([each.value for each in Group]),
    help="Which line of the follow-up list, if there are several.",
)
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do none of it.")
@as_option
@json_option
@common
def done(
    settings: Settings,
    record: str,
    outcome: str | None,
    comment: str | None,
    next_at: str | None,
    put_off: str | None,
    group: str | None,
    dry_run: bool,
    by: str | None,
    as_json: bool,
) -> int:
    """Say that what the follow-up list asks for RECORD is done: a client (an id, a name, a phone),
    a planned contact or an agreement. It is the same as an answer typed beside its line: a contact
    is noted, and the next date.

    \b
    Example:  crm-sync done "Around the Horn" --outcome ordered --next 2050-12-31
    """
    if put_off and (outcome or comment or next_at):
        raise Usage(
            N_("--put-off says that nothing was done: it stands alone."),
            N_("With a result use --next."),
        )
    answers: dict[str, Cell] = {"next_at": put_off}
    if put_off is None:
        answers = {"outcome": outcome, "comment": comment, "next_at": next_at, "done": True}
    with settings.application() as app:
        found = answer(app, record, group or "", answers, author(by), dry_run=dry_run)
        if as_json:
            settings.out.json({"done": done_json(settings.spoken(app), found)})
        else:
            _show_done(settings, teller_of(settings, app, found.world), found)
    return 1 if found.problems else 0


def _show_done(settings: Settings, teller: NearTeller, found: Done) -> None:
    say = settings.messages.text
    for problem in found.problems:
        what = teller.reader.sentence(problem.message, problem.params)
        remedy = teller.reader.sentence(problem.remedy, problem.params)
        settings.err.line(f"{what} {remedy}".strip(), mark=("•", "red"))
    if found.problems:
        return
    line = found.line
    what = what_to_do(line, say, teller.world.show)
    head = N_("{client}: {group}: {what}")
    if found.is_done:
        head = N_("{client}: “{group}” is answered: {what}")
    group = say(title_of(line.group))
    text = say(head, client=teller.record("clients", line.client), group=group, what=what)
    settings.out.line(text, mark=("✓", "green") if found.is_done else ("•", ""))
    for change in found.changes:
        place = f"{teller.reader.tab(change.table)} {change.record_id}".strip()
        for name, value in change.values.items():
            if value is not None or change.op is Op.UPDATE:
                heading = teller.reader.heading(change.table, name)
                shown = teller.value(change.table, name, value)
                settings.out.line(f"{place}, {heading}: {shown}", indent=2)
    if found.is_done:
        hint = say(N_("The next run carries it to the sheets: crm-sync sync"))
        settings.out.line(settings.typed(hint), mark=("→", "bold"), keep=True)
