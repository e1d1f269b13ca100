"""`crm-sync conflicts review`: through all conflicts, one key each."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field

import click

from crm_sync.cli.conflict_words import (
    decision_words,
    filtered,
    no_color_option,
    print_conflict,
    with_filter,
)
from crm_sync.cli.findings import Teller
from crm_sync.cli.screen import Screen
from crm_sync.cli.settings import Settings, common, json_option
from crm_sync.cli.told import next_step
from crm_sync.core.findings import Clash, OpenConflict
from crm_sync.core.values import N_
from crm_sync.errors import NotFound, UserError
from crm_sync.services.application import Application
from crm_sync.services.deciding import Judged, Take, Wanted, Worlds, both_of, decide_all, passing
from crm_sync.services.report_json import conflict_json
from crm_sync.services.review import find_conflict

_TAKES = {"s": Take.SHEET, "d": Take.STORE, "b": Take.BOTH}
# The same keys of a keyboard in Russian layout.
_CYRILLIC = dict(zip("ывиулйд", "sdbekq?", strict=True))
_HELP = (
    N_("s: the sheet's value stays"),
    N_("d: the store's value stays"),
    N_("b: both in one, where they are lists or texts"),
    N_("e: type another value"),
    N_("k: skip it, it stays open"),
    N_("q: quit; what you decided is kept"),
)


@dataclass
class Desk:
    """A review under way."""

    settings: Settings
    app: Application
    teller: Teller
    screen: Screen
    no_color: bool
    keys: Keyboard
    worlds: Worlds
    decided: list[Judged] = field(default_factory=list)

    def one(self, item: OpenConflict, head: str) -> bool:
        """Shows a conflict until it is decided or passed over; False to quit."""
        print_conflict(
            self.settings,
            self.screen,
            self.teller,
            item,
            head=head,
            several=len(self.app.bound) > 1,
            no_color=self.no_color,
        )
        while True:
            key = self.keys.ask(self._prompt(item))
            if key in ("", "q"):
                return False
            if key == "k":
                return True
            if key in _TAKES:
                done = self._decide(Wanted(item, _TAKES[key]))
            elif key == "e":
                typed = self.keys.value(self.settings.messages.text(N_("New value")))
                done = typed is not None and self._decide(Wanted(item, Take.VALUE, typed))
            else:
                done = self._help()
            if done:
                return True

    def is_settled(self, item: OpenConflict) -> bool:
        """True if it was decided together with one before it: their fields belong together."""
        conflict = item.conflict
        groups = self.app.tab(conflict.table).table.groups
        if not self.decided or not any(conflict.field in group for group in groups):
            return False
        return item.id not in {each.id for each in self.app.store.findings.conflicts()}

    def _decide(self, wanted: Wanted) -> bool:
        """Decides it at once, so that nothing is lost should the review end here."""
        try:
            (judged,) = decide_all(self.app, lambda: (self._still(wanted),), worlds=self.worlds)
            if judged.refused is not None:
                raise judged.refused
        except NotFound as exc:
            self._say(exc)
            return True
        except UserError as exc:
            if exc.exit_code == _STORE:
                raise
            self._say(exc)
            return False
        self.decided.append(judged)
        words = decision_words(self.settings, self.teller, judged)
        self.screen.line(words, mark=("✓", "green"))
        return True

    def _still(self, wanted: Wanted) -> Wanted:
        """The conflict as it is now. Raises NotFound if it is closed, UserError if it changed."""
        now = find_conflict(self.app, wanted.found.id)
        if now.conflict != wanted.found.conflict:
            raise NotFound(
                N_("Conflict {number} has changed meanwhile; look at it again later."),
                number=now.id,
            )
        return wanted

    def _help(self) -> bool:
        for line in _HELP:
            self.screen.line(self.settings.messages.text(line), indent=2)
        return False

    def _say(self, exc: UserError) -> None:
        message, hint = self.settings.told(exc)
        self.screen.line(f"{message} {hint}".strip(), mark=("✗", "red"))

    def _prompt(self, item: OpenConflict) -> str:
        say = self.settings.messages.text
        parts = [N_("s sheet")]
        if item.conflict.clash is not Clash.FORMULA:
            parts.append(N_("d store"))
        if both_of(self.app, item) is not None:
            parts.append(N_("b both"))
        if item.conflict.clash is Clash.EDIT_EDIT:
            parts.append(N_("e another"))
        parts += [N_("k skip"), N_("q quit"), N_("? help")]
        return " · ".join(say(part) for part in parts)


_STORE = 6


class Keyboard:
    """Where the answers come from: a terminal gives one key at a time, anything else lines."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._is_terminal = sys.stdin is not None and sys.stdin.isatty()

    def ask(self, prompt: str) -> str:
        """One key, "" at the end of the input."""
        self._screen.line(prompt, "dim", indent=2)
        if not self._is_terminal:
            key = self._line()
            return "" if key is None else _plain(key.strip()[:1] or "?")
        try:
            return _plain(click.getchar()[:1])
        except EOFError:
            return ""

    def value(self, prompt: str) -> str | None:
        """A typed line, None at the end of the input."""
        self._screen.line(f"{prompt}:", indent=2)
        return self._line()

    def _line(self) -> str | None:
        line = ""
        with contextlib.suppress(OSError):
            line = sys.stdin.readline() if sys.stdin is not None else ""
        return line.rstrip("\r\n") if line else None


def _plain(key: str) -> str:
    lower = key.lower()
    return _CYRILLIC.get(lower, lower)


@click.command("review", short_help="Go through all of them, one key each.")
@with_filter
@no_color_option
@json_option
@common
def review(
    settings: Settings,
    workbook: str | None,
    tab: str | None,
    field: str | None,
    no_color: bool,
    as_json: bool,
) -> None:
    """Go through the open conflicts: each is shown, and one key decides it. Each decision is kept
    at once, so you may stop at any time. Without a terminal, answers are read as lines.

    \b
    Example:  crm-sync conflicts review --workbook office
    """
    say = settings.messages.text
    screen = settings.err if as_json else settings.out
    with settings.application() as app:
        passes = passing(app, filtered(workbook, tab, field))
        found = [
            item
            for item in app.store.findings.conflicts()
            if passes(item.workbook, item.conflict.table, item.conflict.field)
        ]
        teller = Teller(settings.spoken(app), settings.messages)
        desk = Desk(settings, app, teller, screen, no_color, Keyboard(screen), Worlds(app))
        _through(desk, found)
        if as_json:
            left = len(app.store.findings.conflicts())
            decided = [
                {**conflict_json(each.found), "decision": each.take.value} for each in desk.decided
            ]
            settings.out.json({"reviewed": decided, "left": left})
            return
        if not found:
            screen.line(say(N_("No open conflicts.")))
        if desk.decided:
            next_step(settings, screen=screen)


def _through(desk: Desk, found: Sequence[OpenConflict]) -> None:
    say = desk.settings.messages.text
    for number, item in enumerate(found, start=1):
        if desk.is_settled(item):
            continue
        if number > 1:
            desk.screen.gap()
        head = say(N_("{number} of {count}"), number=number, count=len(found)) + " · "
        if not desk.one(item, head):
            break
    left = len(found) - len(desk.decided)
    if found:
        text = N_("Decided: {done}. Still open: {left}.")
        desk.screen.line(say(text, done=len(desk.decided), left=left), "bold")
