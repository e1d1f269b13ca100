"""The Follow-ups tab: lines of `followups` as a grid, and the cells beside them that staff fill."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from crm_sync.core.findings import Problem
from crm_sync.core.grid import Grid, Shown, Style
from crm_sync.core.schema import Kind
from crm_sync.core.values import N_, Cell, cell_text
from crm_sync.reports import cells, typed
from crm_sync.reports.cells import Say, Show
from crm_sync.reports.followup_groups import FollowUp, Group, fair_share, title_of
from crm_sync.reports.report import Report
from crm_sync.reports.steps import Source

_ABOUT: Final = (
    (N_("Group"), 160),
    (N_("Days overdue"), 90),
    (N_("When"), 130),
    (N_("Client"), 220),
    (N_("Phone"), 150),
    (N_("What to do"), 300),
    (N_("Agreement"), 125),
    (N_("Amount"), 100),
    (N_("Last contact"), 130),
    (N_("Its result"), 120),
    (N_("Responsible"), 140),
)
CLIENT: Final = (N_("Client no."), 90)
_PRIORITY: Final = (N_("Priority"), 85)
ANSWERS: Final = {
    "outcome": (N_("✎ Result"), 130),
    "comment": (N_("✎ Comment"), 260),
    "next_at": (N_("✎ Next date"), 130),
    "done": (N_("✎ Done"), 90),
}
"""The cells that staff fill: heading and width by name."""

LINK: Final = (N_("Link"), 160)
KEY: Final = (N_("Line"), 160)
FILLABLE: Final = (*_ABOUT, _PRIORITY, *ANSWERS.values(), LINK, CLIENT, KEY)
"""Heading and width of the columns of a list that staff fill."""

_WHAT = {
    Source.NEXT_CALL: N_("Call about: {what}"),
    Source.DUE: N_("Due: {what}"),
    Source.PLANNED: N_("Planned contact: {what}"),
}
_STYLES: Final = {"next_at": Style.ANSWER_DATE, "done": Style.TICK}
NOBODY = N_("Nobody waits for a call or for a promise this week.")


def _no_link(client: str) -> str:
    return ""


@dataclass(frozen=True)
class Kept:
    """What somebody typed beside a line and the program has not taken over: the four answers by
    name, and what the line was called (`key` may fit no line any more). `problems` tell why not.
    """

    key: str
    client: str
    group: str
    answers: Mapping[str, Cell]
    problems: tuple[Problem, ...] = field(default=(), compare=False)

    @property
    def token(self) -> str:
        """The line and what was typed, as one text."""
        return "|".join((self.key, *(cell_text(self.answers.get(name)) for name in ANSWERS)))


@dataclass(frozen=True)
class ListView:
    """How the list is shown: values as people read them, the base currency (amounts of others are
    texts that name theirs), the address of a client's row, what is typed and not taken over, the
    words that the result is chosen from, and how many lines at the most (beside those in which
    somebody has typed).
    """

    show: Show = cells.as_kept
    currency: str = ""
    link: Callable[[str], str] = _no_link
    kept: Sequence[Kept] = ()
    outcomes: tuple[str, ...] = ()
    most: int | None = None


def followups_grid(
    items: tuple[FollowUp, ...], say: Say, show: Show = cells.as_kept, currency: str = ""
) -> Grid:
    """The list to be read only: under one heading row; a single remark when nobody waits."""
    columns = (*_ABOUT, CLIENT)
    rows = [tuple(cells.header(say(name)) for name, _ in columns)]
    rows += [(*_about(item, say, show, currency), cells.text(item.client)) for item in items]
    if not items:
        rows.append((cells.note(say(NOBODY)),))
    return Grid(tuple(rows), tuple(width for _, width in columns))


def fillable_list(items: Sequence[FollowUp], say: Say, view: ListView) -> Report:
    """The list with cells for staff to fill. What was typed and not taken over stands where it was
    typed or, if its line has gone, below the list. Of a list that is too long the largest groups
    are cut, the rest is a number.
    """
    waiting: dict[str, list[Kept]] = {}
    for kept in view.kept:
        waiting.setdefault(kept.key, []).append(kept)
    rows = [tuple(cells.header(say(name)) for name, _ in FILLABLE)]
    rest: list[Kept] = []
    clients: dict[int, str] = {}
    listed = _shortened(items, view.most, waiting.keys())
    for item in listed:
        mine = waiting.pop(item.key, [])
        clients[len(rows)] = item.client
        rows.append(_fillable(item, mine[0] if mine else None, say, view))
        rest += mine[1:]
    if len(rows) == 1:
        rows.append((cells.note(say(NOBODY)),))
    if len(listed) < len(items):
        more = N_("… and {count} more; all of them: crm-sync report followups")
        rows.append((cells.note(say(more, count=len(items) - len(listed))),))
    rest += [kept for each in waiting.values() for kept in each]
    if rest:
        rows.append(())
        rows.append((cells.note(say(N_("Typed beside lines that are no longer on the list:"))),))
    rows += [_left_behind(kept) for kept in rest]
    grid = Grid(tuple(rows), tuple(width for _, width in FILLABLE))
    return Report(grid, clients=clients)


def _shortened(
    items: Sequence[FollowUp], most: int | None, typed_in: Collection[str]
) -> list[FollowUp]:
    """The lines that are shown: of each group the first ones, and those in which somebody typed."""
    if most is None or len(items) <= most:
        return list(items)
    share = fair_share(Counter(item.group for item in items).values(), most)
    seen, found = Counter[Group](), []
    for item in items:
        if seen[item.group] < share or (typed_in and item.key in typed_in):
            found.append(item)
        seen[item.group] += 1
    return found


def _fillable(item: FollowUp, kept: Kept | None, say: Say, view: ListView) -> tuple[Shown, ...]:
    return (
        *_about(item, say, view.show, view.currency),
        cells.integer(item.priority),
        *_answers(kept, view.outcomes),
        cells.text(view.link(item.client)),
        cells.text(item.client),
        cells.text(item.key),
    )


def _left_behind(kept: Kept) -> tuple[Shown, ...]:
    client = kept.key.partition("|")[0]
    about = [cells.BLANK] * (len(_ABOUT) + 1)
    about[0], about[3] = cells.text(kept.group), cells.text(kept.client)
    return (*about, *_answers(kept), cells.BLANK, cells.text(client), cells.text(kept.key))


def _answers(kept: Kept | None, outcomes: tuple[str, ...] = ()) -> tuple[Shown, ...]:
    """The cells to fill, each as one sees that it wants to be filled."""
    return tuple(
        replace(
            typed.as_typed(kept.answers.get(name) if kept else None),
            style=_STYLES.get(name, Style.ANSWER),
            choices=outcomes if name == "outcome" else (),
        )
        for name in ANSWERS
    )


def _about(item: FollowUp, say: Say, show: Show, currency: str) -> tuple[Shown, ...]:
    return (
        cells.text(say(title_of(item.group))),
        cells.integer(item.overdue_days or None),
        cells.moment(item.at),
        cells.text(item.client_name),
        cells.shown(show("clients", "phone", item.phone or None), Kind.PHONE),
        cells.text(what_to_do(item, say, show)),
        cells.text(item.agreement),
        _amount(item, currency, say),
        cells.moment(item.last_contact_at),
        cells.shown(show("contacts", "outcome", item.last_outcome or None), Kind.CHOICE),
        cells.text(item.owner),
    )


def what_to_do(item: FollowUp, say: Say, show: Show) -> str:
    """What the line asks for, in words."""
    reason = show("contacts", "reason", item.reason) if item.reason else ""
    what = item.what or str(reason or "")
    if item.group is Group.STUCK:
        entity, key = item.status
        status = show(f"{entity}s", "status", key)
        if not what:
            return say(N_("{days} days in “{status}”"), days=item.days, status=status)
        about = N_("{days} days in “{status}”: {what}")
        return say(about, days=item.days, status=status, what=what)
    if item.group is Group.SLEEPING and item.usual is not None:
        usual = cells.spoken(cells.number(item.usual).value, say)
        return say(N_("Silent for {days} days, usually {usual}"), days=item.days, usual=usual)
    if item.group is Group.SLEEPING:
        return say(N_("Silent for {days} days"), days=item.days)
    if item.group is Group.MISSED_CALL:
        return say(N_("Call back: {what}"), what=what) if what else say(N_("Call back"))
    template = _WHAT.get(item.source) if item.source else None
    return say(template, what=what) if template and what else what


def _amount(item: FollowUp, currency: str, say: Say) -> Shown:
    if item.amount is not None and currency and item.currency != currency:
        return cells.text(f"{cells.spoken(cells.rounded(item.amount, 2), say)} {item.currency}")
    return cells.money(item.amount)
